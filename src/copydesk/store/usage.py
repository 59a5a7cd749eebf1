"""Sums of usage by account, day and model: kept as calls end and articles are made, so that no page adds them up.

They outlive what they sum up: whoever deletes an article, or a task's traces, has paid all the same.
"""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.article import Article
from copydesk.domain.usage import EXTRACTIVE, DayOfModel, Totals
from copydesk.ports import CallUsage
from copydesk.store.schema import model_calls, tasks, usage_days

EMBED = "embed"  # the purpose of embedding calls in the ledger
_KEY = ("account_id", "day", "model")


async def count_call(connection: AsyncConnection, *, task_id: str, usage: CallUsage, at: datetime) -> None:
    """Add a call that ended at that time, in the transaction that enters it."""
    query = select(tasks.c.account_id).where(tasks.c.task_id == task_id)
    totals = Totals(
        calls=1,
        priced_calls=0 if usage.cost_usd is None else 1,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cached_tokens,
        priced_usd=float(usage.cost_usd or 0),
    )
    await _add(connection, (await connection.execute(query)).scalar_one(), at.date(), usage.model, totals)


async def count_article(connection: AsyncConnection, article: Article) -> None:
    """Add a new article under the model that wrote most of it, in the transaction that stores it."""
    query = (
        select(model_calls.c.model)
        .where(model_calls.c.task_id == article.task_id, model_calls.c.purpose != EMBED)
        .group_by(model_calls.c.model)
        .order_by(func.sum(model_calls.c.output_tokens).desc(), model_calls.c.model)
        .limit(1)
    )
    model = (await connection.execute(query)).scalar_one_or_none() if article.writer != EXTRACTIVE else EXTRACTIVE
    totals = Totals(articles=1, words=article.word_count)
    await _add(connection, article.account_id, article.created_at.date(), model or article.writer, totals)


async def list_days(connection: AsyncConnection, *, account_id: str, first: date, last: date) -> list[DayOfModel]:
    """What the account used from `first` to `last`, both included: by day, then by model."""
    query = (
        select(usage_days)
        .where(usage_days.c.account_id == account_id, usage_days.c.day.between(first, last))
        .order_by(usage_days.c.day, usage_days.c.model)
    )
    return [
        DayOfModel(
            day=row.day,
            model=row.model,
            totals=Totals(
                articles=row.articles,
                words=row.words,
                calls=row.calls,
                priced_calls=row.priced_calls,
                input_tokens=row.input_tokens,
                output_tokens=row.output_tokens,
                cached_tokens=row.cached_tokens,
                priced_usd=row.cost_usd,
            ),
        )
        for row in (await connection.execute(query)).all()
    ]


async def _add(connection: AsyncConnection, account_id: str, day: date, model: str, totals: Totals) -> None:
    """One row a transaction: writers of one account wait for each other, never in a circle."""
    sums = {
        "articles": totals.articles,
        "words": totals.words,
        "calls": totals.calls,
        "priced_calls": totals.priced_calls,
        "input_tokens": totals.input_tokens,
        "output_tokens": totals.output_tokens,
        "cached_tokens": totals.cached_tokens,
        "cost_usd": totals.priced_usd,
    }
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(usage_days).values(account_id=account_id, day=day, model=model, **sums)
    more = {name: usage_days.c[name] + statement.excluded[name] for name in sums}
    await connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=more))
