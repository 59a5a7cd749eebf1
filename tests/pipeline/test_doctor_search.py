"""What `copydesk doctor` says of search engines, as a process of its own before local engines."""

import asyncio
import json
from typing import Any

from support.search_answers import searxng_answer, searxng_nothing
from support.search_engines import KEY, as_json
from support.servers import answer, serve
from support.service import run


async def examined(env: dict[str, str], **changes: str) -> dict[str, dict[str, Any]]:
    """The findings about search by name, in order."""
    done = await asyncio.to_thread(run, "doctor", "--json", env={**env, **changes})
    assert KEY not in done.stdout + done.stderr
    findings = [finding for finding in json.loads(done.stdout) if finding["name"].startswith("search")]
    assert not any(finding["needed"] for finding in findings)
    return {finding["name"]: finding for finding in findings}


async def test_doctor_says_how_long_each_engine_takes(env: dict[str, str]) -> None:
    """One that answers, and one that refuses with what helps."""
    routes = {"/search": as_json(searxng_answer()), "/en/w/api.php": answer(status=403)}
    async with serve(routes) as server:
        found = await examined(
            env,
            COPYDESK_SEARCH="wikipedia,searxng",
            COPYDESK_SEARXNG_URL=server.url(""),
            COPYDESK_WIKIPEDIA_URL=server.url("/{language}"),
        )
    assert list(found) == ["search wikipedia", "search searxng"]
    assert not found["search wikipedia"]["ok"]
    assert "set COPYDESK_CONTACT" in found["search wikipedia"]["message"]
    assert found["search searxng"]["ok"]
    assert found["search searxng"]["message"].startswith("answers in 0.")
    assert found["search searxng"]["message"].endswith("s, 5 results.")


async def test_doctor_puts_a_real_engine_first_when_there_is_none(env: dict[str, str]) -> None:
    """How to connect one stands before everything else; keys that no setting uses are named."""
    found = await examined(env, COPYDESK_SEARCH="none", EXA_API_KEY=KEY)
    assert list(found) == ["search", "search exa"]
    assert found["search"]["message"].startswith("none: only links and files are read. For better sources connect")
    assert "BRAVE_API_KEY" in found["search"]["message"]
    assert found["search exa"]["message"].startswith("EXA_API_KEY is set, but COPYDESK_SEARCH does not name exa")


async def test_doctor_says_what_helps_when_an_engine_gives_nothing(env: dict[str, str]) -> None:
    """An engine that cannot be reached, one that finds nothing."""
    async with serve({}) as gone:
        away = gone.url("")
    async with serve({"/search": as_json(searxng_nothing(silent=False))}) as server:
        found = await examined(env, COPYDESK_SEARCH="searxng", COPYDESK_SEARXNG_URL=server.url(""))
        assert not found["search searxng"]["ok"]
        assert "but finds nothing" in found["search searxng"]["message"]
    found = await examined(env, COPYDESK_SEARCH="searxng", COPYDESK_SEARXNG_URL=away)
    assert "cannot be connected to. Check this machine's network" in found["search searxng"]["message"]
