"""The fence around a run's writes: a process that has lost its task writes nothing more.

A process may be frozen, or cut off from the database, while others take its work over. Each run therefore claims its
task under the id of its executor (`store.claims`), and within `holding` every writing transaction of a `Database`
first makes sure that the claim still stands. It is done there, for all, so that no write can be forgotten.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.clock import now
from copydesk.store.schema import tasks


class ClaimLost(Exception):
    """The task is run by another process now: this one has nothing more to write."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One run of a task in one process."""

    task_id: str
    owner: str  # id of the executor


_claim: ContextVar[Claim | None] = ContextVar("copydesk_claim", default=None)


@contextmanager
def holding(claim: Claim) -> Iterator[None]:
    """Fence every writing transaction within the block, and in asyncio tasks that are started there."""
    token = _claim.set(claim)
    try:
        yield
    finally:
        _claim.reset(token)


def is_claimed() -> bool:
    """Whether this is within `holding`: a run of a task, not a request."""
    return _claim.get() is not None


async def check_claim(connection: AsyncConnection) -> None:
    """Lock the row of the task whose run this is, and note that it has got on; nothing outside of `holding`.

    Raises:
        ClaimLost: Another process owns the task, or none does.
    """
    claim = _claim.get()
    if claim is None:
        return
    changed = await connection.execute(
        update(tasks).where(tasks.c.task_id == claim.task_id, tasks.c.owner == claim.owner).values(progress_at=now())
    )
    if changed.rowcount != 1:
        raise ClaimLost


async def look_at_claim(connection: AsyncConnection) -> None:
    """As `check_claim`, in a transaction that only reads: before something is spent."""
    claim = _claim.get()
    if claim is None:
        return
    query = select(tasks.c.owner).where(tasks.c.task_id == claim.task_id)
    if (await connection.execute(query)).scalar_one_or_none() != claim.owner:
        raise ClaimLost
