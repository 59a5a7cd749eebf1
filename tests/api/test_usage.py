"""GET /usage: what an account used by day and model, and what is left of its limits."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from support.api import Api, Caller, new_article, running

from copydesk.domain.clock import now
from copydesk.domain.task import TaskStatus
from copydesk.ports import CallUsage, ModelAnswer
from copydesk.store import articles
from copydesk.store.calls import put_call
from copydesk.store.database import Database
from copydesk.store.schema import tasks
from copydesk.store.usage import EMBED

USAGE = CallUsage(
    model="gpt-5-2025",
    input_tokens=100,
    output_tokens=20,
    cached_tokens=64,
    cost_usd=Decimal("0.1"),
    seconds=0.5,
    retries=0,
)
NOTHING = {
    "articles": 0, "words": 0, "calls": 0, "input_tokens": 0, "output_tokens": 0, "cached_tokens": 0, "cost_usd": 0.0,
}  # fmt: skip


async def call(api: Api, task_id: str, purpose: str = "outline", **changes: Any) -> None:
    """Enter a finished call, as the pipeline does."""
    answer = ModelAnswer(text="An answer.", complete=True, usage=replace(USAGE, **changes))
    async with api.database.write() as connection:
        await put_call(connection, task_id=task_id, purpose=purpose, request_sha256="0" * 64, answer=answer)


async def article(api: Api, caller: Caller, task_id: str, **changes: Any) -> str:
    """Store a task's article, as the pipeline does."""
    made = new_article(task_id, await api.account_id(caller), **changes)
    async with api.database.write() as connection:
        await articles.insert_article(connection, made)
    return made.article_id


async def shown(caller: Caller, query: str = "") -> dict[str, Any]:
    """The answer."""
    response = await caller.get(f"/usage{query}")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_thirty_empty_days_are_shown_when_nothing_was_used(api: Api) -> None:
    """Every day until today stands there, so that a chart has its axis; the limits are the settings'."""
    found = await shown(await api.caller())
    today = now().date()
    assert (found["from"], found["to"]) == (str(today - timedelta(days=29)), str(today))
    assert [day["day"] for day in found["days"]] == [str(today - timedelta(days=n)) for n in range(29, -1, -1)]
    assert all(day == {**NOTHING, "models": [], "day": day["day"]} for day in found["days"])
    assert found["totals"] == {**NOTHING, "models": []}
    assert found["limits"] == {
        "active_tasks": {"limit": 20, "used": 0, "left": 20},
        "requests_per_minute": {"limit": 600, "used": 1, "left": 599},
        "storage_bytes": {"limit": 1_024 * 2**20, "used": 0, "left": 1_024 * 2**20},
    }


async def test_calls_are_summed_by_day_and_model_when_they_end(api: Api) -> None:
    """Tokens and cost of each model, and of the day."""
    caller = await api.caller()
    task = await caller.create_task()
    for purpose in ("outline", "section:s1", "section:s2"):
        await call(api, task["task_id"], purpose)
    await call(api, task["task_id"], "plan", model="gpt-5-mini", cost_usd=Decimal("0.01"), cached_tokens=0)
    found = await shown(caller)
    large = {**NOTHING, "calls": 3, "input_tokens": 300, "output_tokens": 60, "cached_tokens": 192, "cost_usd": 0.3}
    small = {**NOTHING, "calls": 1, "input_tokens": 100, "output_tokens": 20, "cost_usd": 0.01}
    both = {**NOTHING, "calls": 4, "input_tokens": 400, "output_tokens": 80, "cached_tokens": 192, "cost_usd": 0.31}
    models = [{**large, "model": "gpt-5-2025"}, {**small, "model": "gpt-5-mini"}]
    assert found["days"][-1] == {**both, "models": models, "day": str(now().date())}
    assert found["totals"] == {**both, "models": models}


async def test_cost_is_unknown_when_one_price_is(api: Api) -> None:
    """Null for the model whose price nobody lists, and wherever it is summed in; the other model keeps its cost."""
    caller = await api.caller()
    task = await caller.create_task()
    await call(api, task["task_id"], "outline")
    await call(api, task["task_id"], "section:s1", model="mine", cost_usd=None)
    await call(api, task["task_id"], "section:s2", model="mine", cost_usd=Decimal(1))
    totals = (await shown(caller))["totals"]
    assert totals["cost_usd"] is None
    assert {model["model"]: model["cost_usd"] for model in totals["models"]} == {"gpt-5-2025": 0.1, "mine": None}


async def test_article_counts_with_the_model_that_wrote_most_of_it(api: Api) -> None:
    """By the tokens that it wrote; embedding writes nothing; without a model it is the extractive writer's."""
    caller = await api.caller()
    task = await caller.create_task()
    await call(api, task["task_id"], "plan", model="small", output_tokens=30)
    await call(api, task["task_id"], "section:s1", model="large", output_tokens=900)
    await call(api, task["task_id"], EMBED, model="vectors", output_tokens=0, input_tokens=5_000)
    await article(api, caller, task["task_id"], writer="model", word_count=934, created_at=now())
    other = await caller.create_task()
    await call(api, other["task_id"], EMBED, model="vectors", output_tokens=0, input_tokens=5_000)
    await article(api, caller, other["task_id"], word_count=300, created_at=now())
    totals = (await shown(caller))["totals"]
    assert (totals["articles"], totals["words"], totals["calls"]) == (2, 1_234, 4)
    assert {model["model"]: (model["articles"], model["words"]) for model in totals["models"]} == {
        "extractive": (1, 300),
        "large": (1, 934),
        "small": (0, 0),
        "vectors": (0, 0),
    }


async def test_usage_stays_when_the_article_is_deleted(api: Api) -> None:
    """Neither its calls nor the article itself vanish from what was used; an edit changes nothing either."""
    caller = await api.caller()
    task = await caller.create_task()
    await call(api, task["task_id"], "section:s1")
    article_id = await article(api, caller, task["task_id"], writer="model", created_at=now())
    await api.finish(task["task_id"])
    before = (await shown(caller))["totals"]
    assert (before["articles"], before["calls"]) == (1, 1)
    await caller.patch(f"/articles/{article_id}", {"content": "Much shorter."})
    assert (await shown(caller))["totals"] == before
    assert (await caller.delete(f"/articles/{article_id}")).status_code == 204
    assert (await shown(caller))["totals"] == before
    async with api.database.write() as connection:
        await connection.execute(tasks.delete().where(tasks.c.task_id == task["task_id"]))
    assert (await shown(caller))["totals"] == before


async def test_usage_is_the_accounts_own_when_others_use_more(api: Api) -> None:
    """Another account's calls, articles and files are neither shown nor counted."""
    mine, other = await api.caller(), await api.caller("umbrella")
    task = await other.create_task()
    await call(api, task["task_id"])
    await article(api, other, task["task_id"], created_at=now())
    await other.upload()
    found = await shown(mine)
    assert found["totals"] == {**NOTHING, "models": []}
    assert (found["limits"]["active_tasks"]["used"], found["limits"]["storage_bytes"]["used"]) == (0, 0)


async def test_only_days_of_the_range_count_when_one_is_asked_for(api: Api) -> None:
    """Both ends are included; what was made the day before or after is not."""
    caller = await api.caller()
    for day in (13, 14, 15, 16):
        task = await caller.create_task()
        made = datetime(2026, 3, day, 23, 59, 59, 999_000, tzinfo=UTC)
        await article(api, caller, task["task_id"], word_count=day, created_at=made)
    found = await shown(caller, "?from=2026-03-14&to=2026-03-15")
    assert [(day["day"], day["words"]) for day in found["days"]] == [("2026-03-14", 14), ("2026-03-15", 15)]
    assert (found["totals"]["articles"], found["totals"]["words"]) == (2, 29)
    assert [model["model"] for model in found["days"][0]["models"]] == ["extractive"]


@pytest.mark.parametrize(
    ("query", "first", "last", "days"),
    [
        ("?from=2024-01-01&to=2024-12-31", "2024-01-01", "2024-12-31", 366),
        ("?from=2026-03-14&to=2026-03-14", "2026-03-14", "2026-03-14", 1),
        ("?to=2026-03-14", "2026-02-13", "2026-03-14", 30),
        ("?to=0001-01-03", "0001-01-01", "0001-01-03", 3),
        ("?from=9999-12-30&to=9999-12-31", "9999-12-30", "9999-12-31", 2),
    ],
    ids=["year", "day", "until", "first-days", "last-days"],
)
async def test_range_is_shown_when_it_is_at_most_a_year(api: Api, query: str, first: str, last: str, days: int) -> None:
    """Also at both ends of the calendar."""
    found = await shown(await api.caller(), query)
    assert (found["from"], found["to"], len(found["days"])) == (first, last, days)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?from=2026-03-15&to=2026-03-14", "to"),
        ("?from=9999-01-01", "to"),
        ("?from=2024-01-01&to=2025-01-01", "from"),
        ("?from=2020-01-01", "from"),
        ("?from=2026-3-14", "from"),
        ("?to=2026-02-30", "to"),
        ("?to=20260314", "to"),
        ("?to=1773446400", "to"),
        ("?to=2026-03-14T00:00:00Z", "to"),
        ("?to=", "to"),
        ("?from=%00", "from"),
        ("?first=2026-03-14", "first"),
        ("?day=2026-03-14", "day"),
        ("?to=2026-03-14&to=2026-03-14", "to"),
    ],
)
async def test_query_is_refused_when_it_breaks_a_rule(api: Api, query: str, field: str) -> None:
    """Ranges that end before they begin or are too long, anything that is no day, unknown and repeated parameters."""
    response = await (await api.caller()).get(f"/usage{query}")
    assert (response.status_code, response.json()["code"]) == (422, "VALIDATION_ERROR")
    assert [detail["field"] for detail in response.json()["details"]] == [field]


async def test_limits_shrink_when_they_are_used(database: Database) -> None:
    """Active tasks, this key's requests as the headers count them, and bytes of files; never less than none left."""
    async with running(database, max_active_tasks=1, requests_per_minute=10, max_storage_mb=1) as api:
        caller = await api.caller()
        await caller.create_task()
        await caller.upload("note.txt", b"Air on Mauna Loa.")
        response = await caller.get("/usage")
        limits = response.json()["limits"]
    assert limits["active_tasks"] == {"limit": 1, "used": 1, "left": 0}
    assert limits["storage_bytes"] == {"limit": 2**20, "used": 17, "left": 2**20 - 17}
    assert limits["requests_per_minute"] == {"limit": 10, "used": 3, "left": 7}
    assert response.headers["X-RateLimit-Remaining"] == "7"


async def test_ended_tasks_are_not_active_when_limits_are_shown(api: Api) -> None:
    """Only pending and processing ones."""
    caller = await api.caller()
    task = await caller.create_task()
    await api.finish(task["task_id"], TaskStatus.FAILED)
    assert (await shown(caller))["limits"]["active_tasks"]["used"] == 0


async def test_a_read_only_key_may_look_when_it_asks(api: Api) -> None:
    """Usage is read; without a key it is not."""
    assert await shown(await api.caller(read_only=True))
    assert (await api.client.get("/api/v1/usage")).status_code == 401
    assert (await (await api.caller()).post("/usage")).status_code == 405


async def test_no_call_is_lost_when_many_end_at_once(api: Api) -> None:
    """Calls of several tasks that end side by side are all in the sums of their day."""
    caller = await api.caller()
    made = [await caller.create_task() for _ in range(4)]
    await asyncio.gather(*(call(api, task["task_id"], f"section:s{n}") for task in made for n in range(10)))
    totals = (await shown(caller))["totals"]
    assert (totals["calls"], totals["input_tokens"], totals["cost_usd"]) == (40, 4_000, 4.0)
