"""This process's lease on Postgres, kept by a thread of its own: a stalled event loop must not lose it."""

import threading
import time
from collections.abc import Callable

import psycopg

from copydesk.errors import DatabaseError
from copydesk.store.leases import BEGIN_LEASE, END_LEASE, RENEW_LEASE
from copydesk.telemetry import get_logger

RENEWALS = 3  # within one lease
_LONGEST_RETRY = 0.5  # seconds between two tries to reach a database that is away
_STOP_SECONDS = 5.0  # that ending waits for the thread

log = get_logger(__name__)


class Lease:
    """Says, until it is ended, that an executor lives.

    Args:
        address: The database, as libpq takes it.
        executor_id: Whose lease it is.
        seconds: How long it lasts without being renewed.
        on_lost: Called once, from the lease's thread, when it is found to be gone.
    """

    def __init__(self, address: str, executor_id: str, *, seconds: float, on_lost: Callable[[], object]) -> None:
        self._address = address
        self._executor_id = executor_id
        self._seconds = seconds
        self._on_lost = on_lost
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="copydesk-lease", daemon=True)
        self._connection: psycopg.Connection | None = None
        self._renewed = self._steady_since = time.monotonic()

    def steady(self) -> bool:
        """Whether this process has reached the database without a gap for one lease.

        Only then may it judge others by their leases: after an outage each gets the time to renew.
        """
        silent = time.monotonic() - self._renewed > self._seconds
        return not silent and time.monotonic() - self._steady_since >= self._seconds

    def begin(self) -> None:
        """Write the lease, then keep it. Blocking.

        Raises:
            DatabaseError: The database cannot be reached.
        """
        try:
            self._execute(BEGIN_LEASE, self._executor_id, self._seconds)
        except psycopg.Error as error:
            message = "The database cannot be reached; try again in a few seconds."
            raise DatabaseError(message) from error
        self._renewed = self._steady_since = time.monotonic()
        self._thread.start()

    def end(self) -> None:
        """Stop keeping it, and say that the executor has stopped: its work may be taken over at once. Blocking."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)
        try:
            self._execute(END_LEASE, self._executor_id)
        except psycopg.Error:
            log.warning("lease not ended", executor_id=self._executor_id, runs_out_in=self._seconds)
        self._disconnect()

    def _keep(self) -> None:
        pause = self._seconds / RENEWALS
        while not self._over.wait(pause):
            try:
                held = self._execute(RENEW_LEASE, self._seconds, self._executor_id)
            except psycopg.Error as error:
                log.warning("lease not renewed", reason=str(error).strip())
                self._disconnect()
                self._steady_since = time.monotonic()
                pause = min(_LONGEST_RETRY, self._seconds / RENEWALS)
                continue
            if not held:
                self._disconnect()
                self._on_lost()
                return
            moment = time.monotonic()
            if moment - self._renewed > self._seconds:  # frozen, or cut off without an error
                self._steady_since = moment
            self._renewed = moment
            pause = self._seconds / RENEWALS

    def _execute(self, statement: str, *values: object) -> bool:
        """Run a statement; answers whether it changed a row."""
        if self._connection is None:
            seconds = max(1, round(self._seconds))
            self._connection = psycopg.connect(
                self._address,
                autocommit=True,
                connect_timeout=seconds,
                tcp_user_timeout=seconds * 1_000,
                options=f"-c statement_timeout={seconds * 1_000}",
                application_name="copydesk lease",
            )
        return self._connection.execute(statement.encode(), values).rowcount > 0

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
