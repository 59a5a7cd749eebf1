"""Leases of workers on Postgres: who is alive, by the database's clock."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_TAKE_OVER = 7_221_946_002  # advisory lock: one process takes over at a time


async def renew_lease(connection: AsyncConnection, executor_id: str, *, seconds: float) -> None:
    """Say that the executor lives, for another `seconds`."""
    await connection.execute(
        text(
            "INSERT INTO leases (executor_id, expires_at) VALUES (:id, now() + make_interval(secs => :seconds))"
            " ON CONFLICT (executor_id) DO UPDATE SET expires_at = excluded.expires_at"
        ),
        {"id": executor_id, "seconds": seconds},
    )


async def end_lease(connection: AsyncConnection, executor_id: str) -> None:
    """Say that the executor has stopped: its work may be taken over at once."""
    await connection.execute(text("DELETE FROM leases WHERE executor_id = :id"), {"id": executor_id})


async def may_take_over(connection: AsyncConnection) -> bool:
    """Whether this transaction is the one that takes over; held until it ends."""
    return bool(
        (await connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _TAKE_OVER})).scalar_one()
    )


async def without_lease(connection: AsyncConnection, executor_ids: Iterable[str]) -> list[str]:
    """Those of the executors that hold no live lease: dead, as far as anybody can tell."""
    rows = await connection.execute(text("SELECT executor_id FROM leases WHERE expires_at > now()"))
    alive = set(rows.scalars())
    return sorted(set(executor_ids) - alive)
