"""How many tasks, articles, files and bytes an account has, without counting them.

The database's own triggers keep the sums (migration 0010), in the transaction of each change and whichever process or
version makes it. On Postgres each connection adds to rows of its own, its slot: no writer waits for another, and no
two in a circle. A total is the sum over the slots.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, func, literal, select, text, tuple_, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.store.schema import articles, counters, files, tasks

_FOLDED = 0  # the slot that belongs to no connection
_LOCK = 7_221_946_003  # Postgres advisory lock: one process at a time writes that slot
_BATCH = 2_000  # rows folded in one transaction


class Counted(StrEnum):
    """What is counted."""

    TASKS = "tasks"  # by status
    ARTICLES = "articles"  # by publication status
    FILES = "files"
    BYTES = "bytes"  # of the files


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A counter that is not what it counts."""

    account_id: str
    noun: Counted
    state: str  # the status; empty where there is none
    missing: int  # what has to be added to it


async def total(connection: AsyncConnection, account_id: str, noun: Counted, *states: str) -> int:
    """How many the account has, in any of the states where some are named."""
    query = select(func.coalesce(func.sum(counters.c.amount), 0)).where(
        counters.c.account_id == account_id, counters.c.noun == noun.value
    )
    if states:
        query = query.where(counters.c.state.in_(states))
    return int((await connection.execute(query)).scalar_one())


async def fold(connection: AsyncConnection) -> int:
    """Sum up what connections have counted in slots of their own; answers how many rows that took.

    It waits for nobody: rows that are being written are left for another time.
    """
    if not await _alone(connection):
        return 0
    key = (counters.c.account_id, counters.c.noun, counters.c.state, counters.c.slot)
    chosen = select(*key).where(counters.c.slot != _FOLDED).limit(_BATCH).with_for_update(skip_locked=True)
    gone = (
        delete(counters)
        .where(tuple_(*key).in_(chosen))
        .returning(counters.c.account_id, counters.c.noun, counters.c.state, counters.c.amount)
    )
    sums: dict[tuple[str, str, str], int] = {}
    rows = (await connection.execute(gone)).all()
    for account_id, noun, state, amount in rows:
        sums[account_id, noun, state] = sums.get((account_id, noun, state), 0) + amount
    await _add(connection, sums)
    return len(rows)


async def find_drift(connection: AsyncConnection) -> list[Drift]:
    """The counters that are wrong, by one look at everything: it takes a while where there is much."""
    rows = (await connection.execute(_drift())).all()
    return [
        Drift(account_id=row.account_id, noun=Counted(row.noun), state=row.state, missing=int(row.missing))
        for row in rows
    ]


async def repair(connection: AsyncConnection) -> list[Drift]:
    """Set right the counters that are wrong, while others go on; answers what was wrong with them."""
    if not await _alone(connection):
        return []
    found = await find_drift(connection)
    # What others change meanwhile adds to both sides alike, so the difference stands.
    await _add(connection, {(drift.account_id, drift.noun.value, drift.state): drift.missing for drift in found})
    return found


async def _alone(connection: AsyncConnection) -> bool:
    if connection.dialect.name == "sqlite":
        return True
    query = text("SELECT pg_try_advisory_xact_lock(:key)")
    return bool((await connection.execute(query, {"key": _LOCK})).scalar_one())


async def _add(connection: AsyncConnection, sums: dict[tuple[str, str, str], int]) -> None:
    rows = [
        {"account_id": account_id, "noun": noun, "state": state, "slot": _FOLDED, "amount": amount}
        for (account_id, noun, state), amount in sums.items()
    ]
    if not rows:
        return
    statement = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(counters)
    more = {"amount": counters.c.amount + statement.excluded.amount}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["account_id", "noun", "state", "slot"], set_=more), rows
    )


def _drift() -> Select[Any]:
    """What each counter lacks, in one statement: one sight of everything, whoever writes meanwhile."""
    sides = union_all(
        _real(Counted.TASKS, tasks, func.count(), tasks.c.status),
        _real(Counted.ARTICLES, articles, func.count(), articles.c.publication_status),
        _real(Counted.FILES, files, func.count(), literal("")),
        _real(Counted.BYTES, files, func.sum(files.c.size), literal("")),
        select(counters.c.account_id, counters.c.noun, counters.c.state, (-counters.c.amount).label("amount")),
    ).subquery()
    key = (sides.c.account_id, sides.c.noun, sides.c.state)
    missing = func.sum(sides.c.amount)
    return select(*key, missing.label("missing")).group_by(*key).having(missing != 0).order_by(*key)


def _real(noun: Counted, table: Table, amount: ColumnElement[int], state: ColumnElement[str]) -> Select[Any]:
    named = state.label("state")
    return select(table.c.account_id, literal(noun.value).label("noun"), named, amount.label("amount")).group_by(
        table.c.account_id, named
    )
