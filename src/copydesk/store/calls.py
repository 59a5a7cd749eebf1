"""The ledger of model calls: each finished answer once, with what it cost, summed up on its task and by day."""

from decimal import Decimal

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.clock import now
from copydesk.domain.task import Usage
from copydesk.ports import CallUsage, ModelAnswer
from copydesk.store.schema import model_calls, tasks
from copydesk.store.usage import count_call


async def find_call(
    connection: AsyncConnection, *, task_id: str, purpose: str, request_sha256: str
) -> ModelAnswer | None:
    """The answer to a call that has ended already, in whichever attempt, or None."""
    query = select(model_calls).where(
        model_calls.c.task_id == task_id,
        model_calls.c.purpose == purpose,
        model_calls.c.request_sha256 == request_sha256,
    )
    row = (await connection.execute(query)).one_or_none()
    return _answer(row) if row is not None else None


async def put_call(
    connection: AsyncConnection, *, task_id: str, purpose: str, request_sha256: str, answer: ModelAnswer
) -> None:
    """Enter a finished call and add it to its task's usage and the account's, in the caller's transaction."""
    usage, at = answer.usage, now()
    # Calls end side by side: without the lock each would sum without the others' rows.
    await connection.execute(select(tasks.c.task_id).where(tasks.c.task_id == task_id).with_for_update())
    await connection.execute(
        insert(model_calls).values(
            task_id=task_id,
            purpose=purpose,
            request_sha256=request_sha256,
            model=usage.model,
            text=answer.text,
            complete=answer.complete,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cached_tokens=usage.cached_tokens,
            cost_usd=float(usage.cost_usd) if usage.cost_usd is not None else None,
            seconds=usage.seconds,
            retries=usage.retries,
            created_at=at,
        )
    )
    await connection.execute(
        update(tasks).where(tasks.c.task_id == task_id).values(usage=await _total(connection, task_id))
    )
    await count_call(connection, task_id=task_id, usage=usage, at=at)


async def spent(connection: AsyncConnection, task_id: str) -> Decimal:
    """What the task's finished calls cost, in US dollars, as far as prices are known."""
    query = select(func.coalesce(func.sum(model_calls.c.cost_usd), 0.0)).where(model_calls.c.task_id == task_id)
    return Decimal(str((await connection.execute(query)).scalar_one()))


async def forget_answers(connection: AsyncConnection, task_id: str) -> None:
    """Empty the answers of a task's calls; what they cost stays."""
    await connection.execute(update(model_calls).where(model_calls.c.task_id == task_id).values(text=""))


async def _total(connection: AsyncConnection, task_id: str) -> Usage:
    query = select(
        func.count(),
        func.coalesce(func.sum(model_calls.c.input_tokens), 0),
        func.coalesce(func.sum(model_calls.c.output_tokens), 0),
        func.coalesce(func.sum(model_calls.c.cost_usd), 0.0),
        func.count(model_calls.c.cost_usd),
    ).where(model_calls.c.task_id == task_id)
    calls, read, written, cost, priced = (await connection.execute(query)).one()
    return Usage(llm_calls=calls, input_tokens=read, output_tokens=written, cost_usd=cost if priced == calls else None)


def _answer(row: Row[tuple[object, ...]]) -> ModelAnswer:
    cost = row.cost_usd
    return ModelAnswer(
        text=row.text,
        complete=row.complete,
        usage=CallUsage(
            model=row.model,
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            cached_tokens=row.cached_tokens,
            cost_usd=Decimal(str(cost)) if cost is not None else None,
            seconds=row.seconds,
            retries=row.retries,
        ),
    )
