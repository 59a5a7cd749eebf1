"""What `copydesk doctor` says of models, as a process of its own before endpoints on loopback."""

import asyncio
import json
import re
from typing import Any

from support.embedding import PATH, as_json, serve_embeddings
from support.servers import serve
from support.service import run

from copydesk.adapters.llm.faults import Fault
from copydesk.adapters.llm.scripted import ScriptedEndpoint, serve_endpoint

KEY = "kLm29-made-up-for-tests"


async def examined(env: dict[str, str], **changes: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and the findings about writer, models and embedding by name, in order."""
    done = await asyncio.to_thread(run, "doctor", "--json", env={**env, **changes})
    assert KEY not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    wanted = ("writer", "model ", "embedding ")
    findings = [finding for finding in json.loads(done.stdout) if finding["name"].startswith(wanted)]
    return done.returncode, {finding["name"]: finding for finding in findings}


def model_at(url: str, **more: str) -> dict[str, str]:
    """Settings that name the scripted endpoint."""
    return {
        "COPYDESK_MODEL": "mine",
        "COPYDESK_MODEL_BASE_URL": url,
        "COPYDESK_MODEL_API_KEY": KEY,
        "COPYDESK_MODEL_SILENCE": "5",
        **more,
    }


async def test_doctor_says_what_a_model_can_when_it_answers(env: dict[str, str]) -> None:
    """Seconds, name, streaming, schema and functions, window and price, after three tiny calls."""
    endpoint = ScriptedEndpoint()
    async with serve_endpoint(endpoint) as url:
        code, found = await examined(env, **model_at(url))
    assert (code, list(found)) == (0, ["writer", "model mine"])
    assert found["writer"]["message"] == "articles are written by mine."
    message = found["model mine"]["message"]
    assert found["model mine"]["ok"]
    assert re.match(r"answers in \d+\.\d\d s; ", message)
    assert "s; streams; takes a JSON schema and functions; window 8,192 tokens assumed: set" in message
    assert message.endswith("max_cost_usd is refused, until COPYDESK_MODEL_PRICE states it.")
    assert len(endpoint.served) == 3
    assert all(served.completion_tokens < 100 for served in endpoint.served)


async def test_doctor_names_no_remedy_when_window_and_price_are_stated(env: dict[str, str]) -> None:
    """A model that takes neither schema nor functions is asked in words; each model of both settings is tried."""
    endpoint = ScriptedEndpoint(schema=False, tools=False)
    stated = {"COPYDESK_MODEL_WINDOW": "32000", "COPYDESK_MODEL_PRICE": "0,0", "COPYDESK_MODEL_FAST": "small"}
    async with serve_endpoint(endpoint) as url:
        code, found = await examined(env, **model_at(url, **stated))
    assert (code, list(found)) == (0, ["writer", "model mine", "model small"])
    assert found["writer"]["message"] == "articles are written by mine; small plans and proposes search fields."
    for name in ("model mine", "model small"):
        assert found[name]["message"].endswith(
            "takes no schema and no functions: asked in words; window 32,000 tokens; price known."
        )


async def test_doctor_fails_when_nothing_listens(env: dict[str, str]) -> None:
    """At once, with the setting to look at."""
    async with serve({}) as gone:
        away = gone.url("/v1")
    code, found = await examined(env, **model_at(away))
    assert code == 1
    assert "cannot be reached; check that it runs, COPYDESK_MODEL_BASE_URL" in found["model mine"]["message"]


async def test_doctor_passes_when_another_model_of_the_chain_answers(env: dict[str, str]) -> None:
    """One model of two fails: a note, since articles are written; and it says which."""
    seen: list[bool] = []

    def first_fails(number: int, _asked: object) -> Fault | None:
        seen.append(number == 0)
        return Fault.UNAVAILABLE if len(seen) == 1 else None

    async with serve_endpoint(ScriptedEndpoint(choose=first_fails)) as url:
        code, found = await examined(env, **model_at(url, COPYDESK_MODEL="mine,other"))
    assert code == 0
    failed = [finding for finding in found.values() if not finding["ok"]]
    assert [(finding["name"].startswith("model "), finding["needed"]) for finding in failed] == [(True, False)]


async def test_doctor_says_how_long_vectors_are_when_embedding_works(env: dict[str, str]) -> None:
    """And seconds and price; without a model the extractive writer stands there."""
    async with serve_embeddings() as (server, _):
        code, found = await examined(
            env, COPYDESK_EMBEDDING_MODEL="vectors", COPYDESK_EMBEDDING_BASE_URL=server.url("/v1")
        )
        assert len(server.requests) == 1
    assert (code, list(found)) == (0, ["writer", "embedding vectors"])
    assert found["writer"]["message"].startswith("extractive: ")
    assert found["embedding vectors"]["message"].startswith("answers in 0.")
    assert (
        "s; vectors of 64 numbers; price not known: costs are shown as unknown, until COPYDESK_EMBEDDING_PRICE"
        in (found["embedding vectors"]["message"])
    )


async def test_doctor_notes_when_embedding_fails(env: dict[str, str]) -> None:
    """Articles are written all the same: a note with what to do."""
    async with serve_embeddings() as (server, routes):
        routes[PATH] = as_json({"error": {"message": f"Incorrect API key provided: {KEY}"}}, status=401)
        code, found = await examined(
            env,
            COPYDESK_EMBEDDING_MODEL="vectors",
            COPYDESK_EMBEDDING_BASE_URL=server.url("/v1"),
            COPYDESK_EMBEDDING_API_KEY=KEY,
        )
    assert code == 0
    message = found["embedding vectors"]["message"]
    assert message.startswith("vectors refused the key; check COPYDESK_EMBEDDING_API_KEY")
    assert message.endswith("Until then evidence is ranked by its words alone.")
