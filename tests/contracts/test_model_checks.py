"""What trying an endpoint finds out: scripted ones over real HTTP."""

import asyncio
import os
from typing import Any

import pytest
from pydantic import SecretStr
from support.servers import serve

from copydesk.adapters.llm.faults import Fault
from copydesk.adapters.llm.scripted import Pace, ScriptedEndpoint, serve_endpoint
from copydesk.domain.checkup import ModelCheck
from copydesk.settings import Settings
from copydesk.wiring import check_embedder, check_models


def settings_at(url: str, **changes: Any) -> Settings:
    """Settings that name an endpoint."""
    given = {
        "model": "mine",
        "model_base_url": url,
        "model_api_key": SecretStr("kLm29"),
        "search": ("none",),
        **changes,
    }
    return Settings(_env_file=None, **given)


async def checked(endpoint: ScriptedEndpoint, **changes: Any) -> ModelCheck:
    """What is found of the one model behind an endpoint."""
    async with serve_endpoint(endpoint) as url:
        (check,) = (await check_models(settings_at(url, **changes))).values()
    return check


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.BAD_KEY, "mine refused the key; check COPYDESK_MODEL_API_KEY, or the provider's own. It said:"),
        (Fault.NO_SUCH_MODEL, "The endpoint knows no model mine; check COPYDESK_MODEL. It said:"),
        (Fault.RATE_LIMIT, "mine answers no more calls for now:"),
        (Fault.CONTEXT_OVERFLOW, "mine takes no prompt of this length:"),
        (Fault.SERVER_ERROR, "mine failed:"),
        (Fault.RESET, "mine cannot be reached; check that it runs, COPYDESK_MODEL_BASE_URL and the network:"),
        (Fault.SILENCE, "mine did not answer within 1 seconds; if it is only slow, raise COPYDESK_MODEL_SECONDS."),
        (Fault.REFUSAL, None),
        (Fault.EMPTY, None),
    ],
)
async def test_problem_says_what_to_do_when_a_model_fails(fault: Fault, said: str | None) -> None:
    """In one call, without a retry; an answer of whatever words is one."""
    endpoint = ScriptedEndpoint(choose=lambda _number, _asked: fault)
    async with asyncio.timeout(20):
        check = await checked(endpoint, model_seconds=1)
    if said is None:
        assert check.problem is None
        assert not check.takes_schema
        return
    assert check.problem is not None
    assert check.problem.startswith(said)
    assert (check.streams, check.takes_schema, check.window) == (False, False, 0)
    assert len(endpoint.served) <= 1


@pytest.mark.parametrize("schema", [True, False])
@pytest.mark.parametrize("tools", [True, False])
async def test_structure_is_found_when_an_endpoint_obeys(*, schema: bool, tools: bool) -> None:
    """What is said to be taken was taken: the answer had the shape that was asked for."""
    check = await checked(ScriptedEndpoint(schema=schema, tools=tools))
    assert (check.problem, check.takes_schema, check.takes_functions) == (None, schema, tools)


async def test_answer_is_described_when_a_model_works() -> None:
    """Seconds as they passed, the endpoint's name of the model, streaming, the window assumed, no price."""
    check = await checked(ScriptedEndpoint(pace=Pace(first_token=0.3)))
    assert 0.3 <= check.seconds < 5
    assert (check.name, check.answered_by, check.streams, check.priced) == ("mine", "mine", True, False)
    assert (check.window, check.window_known) == (8_192, False)


async def test_window_and_price_are_known_when_stated() -> None:
    """As the settings have them."""
    check = await checked(ScriptedEndpoint(), model_window=16_000, model_price=(1, 2))
    assert (check.window, check.window_known, check.priced) == (16_000, True, True)


async def test_every_model_is_tried_when_several_are_named() -> None:
    """Those of both settings, each once."""
    endpoint = ScriptedEndpoint()
    async with serve_endpoint(endpoint) as url:
        checks = await check_models(settings_at(url, model="a,b", model_fast="c,a"))
    assert list(checks) == ["a", "b", "c"]
    assert len(endpoint.served) == 9


async def test_nothing_is_tried_when_no_model_is_set() -> None:
    """The extractive writer asks nobody."""
    settings = Settings(_env_file=None)
    assert await check_models(settings) == {}
    assert await check_embedder(settings) is None


async def test_problem_names_the_address_when_nothing_listens() -> None:
    """For models and embedding alike, each its own setting."""
    async with serve({}) as gone:
        away = gone.url("/v1")
    (check,) = (await check_models(settings_at(away))).values()
    assert check.problem is not None
    assert "cannot be reached; check that it runs, COPYDESK_MODEL_BASE_URL" in check.problem
    embedding = await check_embedder(Settings(_env_file=None, embedding_model="v", embedding_base_url=away))
    assert embedding is not None
    assert embedding.problem is not None
    assert "COPYDESK_EMBEDDING_BASE_URL" in embedding.problem


async def test_problem_names_the_variable_when_a_providers_key_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is asked; the price is known all the same."""
    for name in [name for name in os.environ if name.startswith("OPENAI_")]:
        monkeypatch.delenv(name)
    (check,) = (await check_models(Settings(_env_file=None, model="openai:gpt-5"))).values()
    assert check.problem is not None
    assert "OPENAI_API_KEY" in check.problem
    assert check.priced
