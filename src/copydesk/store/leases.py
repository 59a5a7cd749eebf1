"""Leases of workers on Postgres: who is alive, by the database's clock."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_TAKE_OVER = 7_221_946_002  # advisory lock: one process takes over at a time

# In plain SQL for a thread of its own, whose connection is no SQLAlchemy one.
BEGIN_LEASE = "INSERT INTO leases (executor_id, expires_at) VALUES (%s, now() + make_interval(secs => %s))"
RENEW_LEASE = "UPDATE leases SET expires_at = now() + make_interval(secs => %s) WHERE executor_id = %s"
END_LEASE = "DELETE FROM leases WHERE executor_id = %s"


async def may_take_over(connection: AsyncConnection, *, lease: float) -> bool:
    """Whether this transaction is the one that takes over, until it ends.

    None is in a server's first `lease` seconds: everybody gets the time to renew after a restart of the database.
    """
    query = text(
        "SELECT pg_postmaster_start_time() < now() - make_interval(secs => :lease) AND pg_try_advisory_xact_lock(:key)"
    )
    return bool((await connection.execute(query, {"lease": lease, "key": _TAKE_OVER})).scalar_one())


async def end_expired(connection: AsyncConnection) -> None:
    """End the leases that have run out: whoever held one finds that it is lost, and never renews it."""
    await connection.execute(text("DELETE FROM leases WHERE expires_at <= now()"))


async def without_lease(connection: AsyncConnection, executor_ids: Iterable[str]) -> list[str]:
    """Those of the executors that hold no lease: dead, as far as anybody can tell."""
    alive = set((await connection.execute(text("SELECT executor_id FROM leases"))).scalars())
    return sorted(set(executor_ids) - alive)


async def anyone_alive(connection: AsyncConnection) -> bool:
    """Whether any worker holds a live lease."""
    query = text("SELECT EXISTS (SELECT 1 FROM leases WHERE expires_at > now())")
    return bool((await connection.execute(query)).scalar_one())
