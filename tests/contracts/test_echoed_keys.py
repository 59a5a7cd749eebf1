"""An endpoint that echoes the key it was called with: it is shown nowhere."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs
from support.embedding import as_json
from support.servers import Handler, LocalServer, serve

from copydesk.adapters.llm.build import build_model
from copydesk.adapters.llm.embeddings import open_embedder
from copydesk.errors import LlmError
from copydesk.ports import ModelCall
from copydesk.settings import Settings
from copydesk.wiring import check_embedder, check_models

KEYS = ("sk-proj-Abc123Def456Ghi789", "Zk9Qw3eR7tY1uI5oP2aS4dF6gH8jK0lM", "open-sesame")
CALL = ModelCall(purpose="plan", instructions="Plan.", prompt="Tea", max_tokens=50)
STATUSES = (400, 401, 403, 404, 429, 500)


@asynccontextmanager
async def echoing(status: int) -> AsyncIterator[LocalServer]:
    """Every answer quotes the Authorization header, as a careless gateway does."""
    routes: dict[str, bytes | Handler] = {}
    async with serve(routes) as server:

        async def echo(writer: asyncio.StreamWriter) -> None:
            given = server.requests[-1].headers["authorization"]
            said = f"Incorrect API key provided: {given.removeprefix('Bearer ')} (header: {given})."
            error = {"message": said, "type": "invalid_request_error", "code": "invalid_api_key"}
            writer.write(as_json({"error": error, "headers": {"authorization": given}}, status=status))

        routes["/v1/chat/completions"] = routes["/v1/embeddings"] = echo
        yield server


def settings_at(url: str, key: str) -> Settings:
    """A model and an embedding model behind one endpoint."""
    given: dict[str, Any] = {
        "model": "mine",
        "model_base_url": url,
        "model_api_key": SecretStr(key),
        "model_tries": 1,
        "embedding_model": "mine",
        "embedding_base_url": url,
        "embedding_api_key": SecretStr(key),
        "search": ("none",),
    }
    return Settings(_env_file=None, **given)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("key", KEYS)
async def test_key_is_shown_nowhere_when_a_models_endpoint_echoes_it(status: int, key: str) -> None:
    """Neither in the error, nor in its traceback, nor in the log; the rest of what was said is there."""
    with capture_logs() as logs:
        async with echoing(status) as server, build_model(settings_at(server.url("/v1"), key)) as model:
            with pytest.raises(LlmError) as failed:
                await model.complete(CALL)
    assert server.requests[-1].headers["authorization"] == f"Bearer {key}"
    shown = "".join(traceback.format_exception(failed.value)) + str(logs)
    assert key not in shown
    assert "[redacted]" in failed.value.message
    assert "Incorrect API key provided" in failed.value.message


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("key", KEYS)
async def test_key_is_shown_nowhere_when_an_embedders_endpoint_echoes_it(status: int, key: str) -> None:
    """As for models."""
    async with echoing(status) as server, open_embedder(settings_at(server.url("/v1"), key)) as embedder:
        with pytest.raises(LlmError) as failed:
            await embedder.embed(["tea"])
    assert key not in "".join(traceback.format_exception(failed.value))
    assert "Incorrect API key provided: [redacted]" in failed.value.message


@pytest.mark.parametrize("key", KEYS)
async def test_doctor_learns_no_key_when_endpoints_echo_it(key: str) -> None:
    """What it prints comes from these checks."""
    async with echoing(401) as server:
        settings = settings_at(server.url("/v1"), key)
        checks = [*(await check_models(settings)).values(), await check_embedder(settings)]
    assert len(checks) == 2
    assert key not in str(checks)
    assert all(check is not None and check.problem is not None for check in checks)
