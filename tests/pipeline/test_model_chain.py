"""Several models, waits that endpoints ask for, and limits on calls: over real HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from support.desk import SAMPLES, Desk, open_desk
from support.servers import LOOPBACK, Handler, answer, serve
from support.web_search import MODEL, refused, search_stream

from copydesk.adapters.llm.build import build_model
from copydesk.adapters.llm.faults import Fault
from copydesk.adapters.llm.scripted import Pace, ScriptedEndpoint, serve_endpoint
from copydesk.adapters.llm.scripted_text import Asked
from copydesk.domain.task import Task
from copydesk.ports import ModelCall
from copydesk.settings import Settings
from copydesk.store.schema import model_calls
from copydesk.wiring import check_search

CALL = ModelCall(purpose="test", instructions="Answer.", prompt="Tea", max_tokens=50)
FILES = ("carbon-cycle.docx", "reading-the-record.txt")


def never(_number: int, _asked: Asked) -> Fault | None:
    """An endpoint without faults."""
    return None


def named(model: str, fault: Fault) -> Callable[[int, Asked], Fault | None]:
    """A fault of one of the endpoint's models alone."""
    return lambda _number, asked: fault if asked.model == model else None


@asynccontextmanager
async def opened(endpoint: ScriptedEndpoint, folder: Path, **changes: Any) -> AsyncIterator[Desk]:
    """A service before the endpoint."""
    async with serve_endpoint(endpoint) as url:
        settings = Settings.model_validate(
            {
                "data_dir": folder,
                "search": ("none",),
                "model": "scripted",
                "model_base_url": url,
                "model_tries": 1,
                **changes,
            }
        )
        async with open_desk(settings) as desk:
            yield desk


async def written(desk: Desk) -> Task:
    """One article of the sample files."""
    file_ids = [await desk.upload(SAMPLES / name) for name in FILES]
    submitted = await desk.submit(
        user_prompt="The Keeling Curve and the carbon cycle, for curious readers",
        keywords=["Keeling Curve"],
        uploaded_files=[{"file_id": file_id} for file_id in file_ids],
        min_words=250,
        max_words=330,
    )
    return await desk.ended(submitted.task_id)


async def ledger(desk: Desk, task: Task) -> dict[str, set[str]]:
    """Which models answered, by purpose without section."""
    query = select(model_calls.c.purpose, model_calls.c.model).where(model_calls.c.task_id == task.task_id)
    async with desk.shared.database.read() as connection:
        rows = (await connection.execute(query)).all()
    answered: dict[str, set[str]] = {}
    for purpose, model in rows:
        answered.setdefault(purpose.partition(":")[0], set()).add(model)
    return answered


async def test_second_model_answers_when_the_first_is_away(tmp_path: Path) -> None:
    """The article is written, and the ledger names the model that wrote it."""
    endpoint = ScriptedEndpoint(choose=named("first", Fault.UNAVAILABLE))
    async with opened(endpoint, tmp_path, model="first,second") as desk:
        task = await written(desk)
        assert task.failure is None, task.failure.message
        assert set.union(*(await ledger(desk, task)).values()) == {"second"}
        asked = [served.asked.model for served in endpoint.served if served.answered and served.fault is None]
        assert task.usage.llm_calls == len(asked)
        assert set(asked) == {"second"}


async def test_second_model_is_left_alone_when_the_first_answers(tmp_path: Path) -> None:
    """A chain costs nothing while its first model is well; and a refused key is no reason to ask another."""
    endpoint = ScriptedEndpoint()
    async with opened(endpoint, tmp_path, model="first,second") as desk:
        task = await written(desk)
        assert task.failure is None, task.failure.message
        assert {served.asked.model for served in endpoint.served} == {"first"}
        endpoint.served.clear()
        endpoint.choose = named("first", Fault.BAD_KEY)
        task = await written(desk)
        assert task.failure is not None
        assert "refused the key" in task.failure.message
        assert {served.asked.model for served in endpoint.served} == {"first"}


async def test_fast_model_plans_and_the_other_writes(tmp_path: Path) -> None:
    """`MODEL_FAST` answers plan, outline and search fields; sections are the better model's."""
    endpoint = ScriptedEndpoint()
    async with opened(endpoint, tmp_path, model="good", model_fast="cheap") as desk:
        task = await written(desk)
        assert task.failure is None, task.failure.message
        answered = await ledger(desk, task)
        assert {purpose: answered[purpose] for purpose in ("outline", "seo", "section")} == {
            "outline": {"cheap"},
            "seo": {"cheap"},
            "section": {"good"},
        }


@pytest.mark.parametrize(
    ("fault", "least"), [(Fault.RATE_LIMIT_SECONDS, 1.0), (Fault.RATE_LIMIT_DATE, 1.0)], ids=["seconds", "date"]
)
async def test_call_waits_as_long_as_the_endpoint_asks(fault: Fault, least: float) -> None:
    """`Retry-After` in seconds, and as a date two seconds away that is cut to whole ones: measured between requests."""
    arrived: list[float] = []

    def choose(number: int, _asked: Asked) -> Fault | None:
        arrived.append(time.monotonic())
        return fault if number == 0 else None

    async with serve_endpoint(ScriptedEndpoint(choose=choose)) as url:
        settings = Settings(_env_file=None, model="scripted", model_base_url=url, model_tries=2)
        async with build_model(settings) as model:
            answered = await model.complete(CALL)
    assert answered.usage.retries == 1
    assert least * 0.95 <= arrived[1] - arrived[0] < least + 4


async def test_calls_wait_when_as_many_as_allowed_are_in_flight() -> None:
    """Of twelve calls at once never more than three are under way, and all are answered."""
    endpoint = ScriptedEndpoint(pace=Pace(first_token=0.05))
    async with serve_endpoint(endpoint) as url:
        settings = Settings(_env_file=None, model="scripted", model_base_url=url, model_tries=1, model_concurrency=3)
        async with build_model(settings) as model:
            await asyncio.gather(*(model.complete(CALL) for _ in range(12)))
    assert (endpoint.most, len(endpoint.served)) == (3, 12)


@asynccontextmanager
async def searching(folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> AsyncIterator[tuple[Desk, str]]:
    """A service whose model's provider finds one page of a local server; the model says nothing of use."""
    text = (SAMPLES / "sources" / "carbon-cycle.md").read_text()
    rights = '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>'
    body = "".join(f"<p>{part}</p>" for part in (*text.split("\n\n"), rights))
    page = answer(f"<html lang='en'><head><title>The carbon cycle</title></head><body>{body}</body></html>".encode())
    routes: dict[str, bytes | Handler] = {"/page": page}
    async with serve(routes) as server:
        routes["/v1/responses"] = search_stream([server.url("/page")], cited=1)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url("/v1"))
        monkeypatch.setenv("OPENAI_API_KEY", "key")
        settings = Settings.model_validate(
            {
                "data_dir": folder,
                "search": ("model",),
                "model": f"openai:{MODEL}",
                "model_price": "1,4",
                "model_tries": 1,
                "outbound_allow": LOOPBACK,
                **changes,
            }
        )
        async with open_desk(settings) as desk:
            yield desk, server.url("/page")


async def test_article_is_written_from_what_the_models_provider_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its searches are calls of the task: in the ledger, in the usage, and at their price."""
    async with searching(tmp_path, monkeypatch) as (desk, page):
        submitted = await desk.submit(user_prompt="The carbon cycle", min_words=100, max_words=160)
        task = await desk.ended(submitted.task_id)
        assert task.failure is None, task.failure.message
        article = await desk.article(task.task_id)
        assert [source.url for source in article.data_sources] == [page]
        answered = await ledger(desk, task)
        assert answered["search"] == {MODEL}
        assert task.usage.llm_calls >= 4  # plan, search, outline, fields, ...
        assert task.usage.cost_usd is not None
        assert task.usage.cost_usd >= task.usage.llm_calls * 0.008  # 8,000 tokens each, at a dollar a million


async def test_no_search_is_made_when_it_could_pass_the_ceiling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a search may cost at worst is held beforehand, and ends the task like any other call."""
    async with searching(tmp_path, monkeypatch) as (desk, _):
        submitted = await desk.submit(user_prompt="The carbon cycle", min_words=100, max_words=160, max_cost_usd=0.05)
        task = await desk.ended(submitted.task_id)
        assert task.failure is not None
        assert "max_cost_usd" in task.failure.message
        assert "search" not in await ledger(desk, task)


async def test_search_by_the_model_is_examined_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `copydesk doctor` shows: results, a refusal without the key, and a model that cannot search."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-made-up-0123456789")
    settings = Settings(_env_file=None, search=("model",), model=f"openai:{MODEL}", model_tries=1)
    routes: dict[str, bytes | Handler] = {"/v1/responses": search_stream()}
    async with serve(routes) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url("/v1"))
        well = await check_search("model", settings)
        routes["/v1/responses"] = refused(401, "invalid_api_key", "Incorrect API key: sk-made-up-0123456789")
        bad = await check_search("model", settings)
    assert (well.problem, well.results) == (None, 5)
    assert bad.problem is not None
    assert "refused the key" in bad.problem
    assert "sk-made-up" not in bad.problem
    unable = await check_search("model", settings.model_copy(update={"model": "openai-chat:gpt-4o"}))
    assert unable.reason == "missing"
    assert "openai-chat:gpt-4o cannot search the web" in (unable.problem or "")
