"""Cancels told at once to the process that runs the work: in memory, and by NOTIFY on Postgres."""

import asyncio
from collections.abc import Callable

import psycopg
import sqlalchemy as sa

from copydesk.telemetry import get_logger

CHANNEL = "copydesk_cancel"  # of NOTIFY; the payload is the workflow's id
_RETRY_SECONDS = 1.0  # between two tries to reach the database

log = get_logger(__name__)


class CancelSignals:
    """Hands the ids of cancelled workflows to whoever runs workflows in this process."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[str], None]] = []

    def listen(self, heard: Callable[[str], None]) -> Callable[[], None]:
        """Have `heard` called with each id, on the event loop; answers what ends that."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    def send(self, workflow_id: str) -> None:
        """Tell every listener."""
        for heard in tuple(self._listeners):
            heard(workflow_id)


def notify_cancel(pool: sa.Engine, workflow_id: str) -> None:
    """Tell every process that listens on this Postgres. Blocking."""
    with pool.begin() as connection:
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, workflow_id)))


async def hear_cancels(address: str, signals: CancelSignals) -> None:
    """Pass on what other processes tell, until cancelled.

    What is told while the database is away is missed here; the engine's own poll of a second is the net below.
    """
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}".encode())
                async for notification in connection.notifies():
                    signals.send(notification.payload)
        except psycopg.Error as error:
            log.warning("cancels not heard", reason=str(error).strip())
        await asyncio.sleep(_RETRY_SECONDS)
