"""The days of usage: what the migration sums up equals what is counted as it happens."""

import importlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import text
from support.api import new_article
from support.paying import running_task

from copydesk.domain.usage import DayOfModel, Totals, summed
from copydesk.ports import CallUsage, ModelAnswer
from copydesk.store import articles
from copydesk.store.calls import put_call
from copydesk.store.database import Database
from copydesk.store.schema import model_calls, usage_days
from copydesk.store.usage import list_days

USAGE = CallUsage(
    model="large", input_tokens=9, output_tokens=90, cached_tokens=4, cost_usd=Decimal("0.5"), seconds=1, retries=0
)


async def days_of(database: Database, account_id: str) -> list[DayOfModel]:
    """All of an account's days."""
    async with database.read() as connection:
        return await list_days(connection, account_id=account_id, first=date.min, last=date.max)


async def test_days_are_as_counted_when_summed_up_by_the_migration(database: Database) -> None:
    """Calls by day and model, priced ones and others; articles under the model that wrote most of them."""
    task = await running_task(database)
    other = await running_task(database, account="umbrella")
    calls = (
        ("plan", replace(USAGE, model="small", output_tokens=20)),
        ("section:s1", USAGE),
        ("section:s2", replace(USAGE, cost_usd=None)),
    )
    async with database.write() as connection:
        for purpose, usage in calls:
            answer = ModelAnswer(text="", complete=True, usage=usage)
            await put_call(connection, task_id=task.task_id, purpose=purpose, request_sha256="0" * 64, answer=answer)
        written = new_article(
            task.task_id, task.account_id, writer="model", created_at=datetime(2026, 3, 14, 23, 59, 59, tzinfo=UTC)
        )
        await articles.insert_article(connection, written)
        await articles.insert_article(connection, new_article(other.task_id, other.account_id))
    counted = [await days_of(database, one.account_id) for one in (task, other)]
    assert [day.model for days in counted for day in days] == ["large", "large", "small", "extractive"]
    migration = importlib.import_module("copydesk.store.migrations.versions.0006_usage_days")
    async with database.write() as connection:
        await connection.execute(usage_days.delete())
        await connection.execute(text(migration._backfill(connection.dialect.name)))
    assert [await days_of(database, one.account_id) for one in (task, other)] == counted


async def test_nothing_is_counted_when_the_entry_is_not_stored(database: Database) -> None:
    """Sums and ledger change together or not at all."""
    task = await running_task(database)
    answer = ModelAnswer(text="", complete=True, usage=USAGE)
    try:
        async with database.write() as connection:
            await put_call(connection, task_id=task.task_id, purpose="plan", request_sha256="0" * 64, answer=answer)
            raise ZeroDivisionError  # noqa: TRY301 - the process dies here
    except ZeroDivisionError:
        pass
    assert await days_of(database, task.account_id) == []
    async with database.read() as connection:
        assert (await connection.execute(model_calls.select())).all() == []


def test_sum_is_of_all_when_there_are_several() -> None:
    """Every count; an unknown price stays unknown; nothing is free."""
    one = Totals(articles=1, words=900, calls=2, priced_calls=2, input_tokens=5, output_tokens=6, priced_usd=0.1)
    two = Totals(calls=1, cached_tokens=3, priced_calls=1, priced_usd=0.2)
    both = summed([one, two])
    assert (both.articles, both.words, both.calls, both.cached_tokens) == (1, 900, 3, 3)
    assert both.cost_usd == 0.3
    assert summed([both, Totals(calls=1)]).cost_usd is None
    assert (summed([]), summed([]).cost_usd) == (Totals(), 0.0)
