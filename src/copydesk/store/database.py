"""Connections and transactions, on SQLite (WAL) and Postgres alike."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, event, text
from sqlalchemy.exc import DatabaseError as DriverError
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from copydesk.errors import ConfigurationError, DatabaseError
from copydesk.settings import Settings
from copydesk.store.fence import check_claim
from copydesk.store.turns import Turns
from copydesk.telemetry import get_logger

T = TypeVar("T")

BUSY_TIMEOUT_MS = 30_000  # SQLite: how long a writer waits for the one before it
POOL_SIZE = 8  # connections per process; measured best for the durable engine on 2 cores
_PATIENCE_SECONDS = 0.5  # between two tries while the database is away
_TRUSTED_SECONDS = 1.0  # Postgres: how long after its last use a connection is taken to be alive
_USED = "copydesk_used"  # when a pooled connection was last given back, in seconds of the monotonic clock
_BEGIN = "copydesk_begin"  # execution option: how a SQLite transaction begins


def sqlite_path(settings: Settings) -> Path:
    """The embedded application database."""
    return settings.data_dir / "copydesk.sqlite"


def database_url(settings: Settings) -> str:
    """The SQLAlchemy address of the application database."""
    if settings.database_url is None:
        return f"sqlite+aiosqlite:///{sqlite_path(settings).resolve()}"
    _, _, rest = settings.database_url.get_secret_value().partition("://")
    return f"postgresql+psycopg://{rest}"


class Database:
    """The application database.

    `read()` and `write()` are transactions; a write commits where its block ends and is rolled
    back where the block raises. Foreign errors leave as `DatabaseError`, but for
    `sqlalchemy.exc.IntegrityError`, which the noun's module turns into its own meaning.
    """

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _create_engine(url, sqlite=self.is_sqlite)
        self._told: list[Callable[[], None]] = []
        self._writers = self.engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        # On Postgres each statement reads what is committed when it begins, whether in a transaction or alone: so
        # two of the three round trips of a lone statement are saved. On SQLite a transaction is one sight of all.
        autocommit: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._readers = self.engine.execution_options(**autocommit)
        self._turns = Turns(connections=POOL_SIZE, one_writer=self.is_sqlite, patience=BUSY_TIMEOUT_MS / 1_000)

    @classmethod
    def of(cls, settings: Settings) -> "Database":
        """Open the database that the settings name; creates the folder of an embedded one.

        Raises:
            ConfigurationError: The folder cannot be made.
        """
        if settings.embedded:
            try:
                settings.data_dir.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                message = f"COPYDESK_DATA_DIR: {str(settings.data_dir)!r} cannot be made: {error.strerror}."
                raise ConfigurationError(message) from error
        return cls(database_url(settings))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads; on Postgres its statements stand alone, and locks last no longer than one."""
        async with self._turns.taken(writes=False):
            with _translated():
                connection = await _connected(self._readers)
                try:
                    yield connection
                finally:
                    await asyncio.shield(connection.close())

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write.

        On SQLite it takes the write lock at once, so that no reader becomes a writer too late.

        Raises:
            ClaimLost: Within `fence.holding`, and the claim does not stand.
        """
        async with self._turns.taken(writes=True):
            with _translated():
                connection = await _connected(self._writers)
                try:
                    async with connection.begin():
                        await check_claim(connection)
                        yield connection
                finally:
                    await asyncio.shield(connection.close())
        for told in tuple(self._told):
            told()

    def on_write(self, told: Callable[[], None]) -> Callable[[], None]:
        """Have `told` called after each transaction that this object commits; answers what ends that."""
        self._told.append(told)
        return lambda: self._told.remove(told)

    async def ping(self) -> None:
        """Ask the database for a sign of life. Raises DatabaseError."""
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do `work`, again and again while the database is away: what is held in memory is not given up for it."""
    away = False
    while True:
        try:
            return await work()
        except DatabaseError as error:
            if not away:
                get_logger(__name__).warning("database away", error=error.message)
            away = True
        await asyncio.sleep(_PATIENCE_SECONDS)


async def _connected(engine: AsyncEngine) -> AsyncConnection:
    """A connection of the pool. A cancel while it is opened does not tear it: half open, nobody would close it."""
    opening = asyncio.ensure_future(_start(engine))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unwanted)
        raise


async def _start(engine: AsyncEngine) -> AsyncConnection:
    return await engine.connect().start()


def _close_unwanted(opening: "asyncio.Future[AsyncConnection]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        closing = asyncio.ensure_future(opening.result().close())
        _closing.add(closing)
        closing.add_done_callback(_closing.discard)


_closing: "set[asyncio.Future[None]]" = set()  # the loop keeps only weak references


class _translated:  # noqa: N801 - reads as a function at its use
    """Turn the driver's operational errors into `DatabaseError`."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        del kind, trace
        if error is None or isinstance(error, IntegrityError):
            return
        if isinstance(error, OperationalError | PoolTimeoutError | ConnectionError | sqlite3.OperationalError):
            message = "The database cannot be reached or cannot store the data right now; try again in a few seconds."
            raise DatabaseError(message) from error
        if type(error) is DriverError or isinstance(error, InternalError):  # e.g. a damaged SQLite file
            message = "The database reports an error of its own; see the log, check its files, or restore it."
            raise DatabaseError(message) from error
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            message = "The connection to the database was lost; try again in a few seconds."
            raise DatabaseError(message) from error


def _create_engine(url: str, *, sqlite: bool) -> AsyncEngine:
    if not sqlite:
        engine = create_async_engine(url, pool_size=POOL_SIZE, max_overflow=0, pool_timeout=10)
        event.listen(engine.sync_engine, "connect", _note_use)
        event.listen(engine.sync_engine, "checkin", _note_use)
        event.listen(engine.sync_engine, "checkout", partial(_prove, engine.dialect))
        return engine
    engine = create_async_engine(
        url, pool_size=POOL_SIZE, max_overflow=0, pool_timeout=60, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _note_use(connection: object, record: ConnectionPoolEntry) -> None:
    if connection is not None:
        record.info[_USED] = time.monotonic()


def _prove(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, proxy: object) -> None:
    """Ask a connection that has idled for a sign of life, and replace all where it is dead.

    One that was used a moment ago is trusted: asking each time was 4 of 10 statements of a task.
    """
    del proxy
    if time.monotonic() - record.info.get(_USED, 0.0) < _TRUSTED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        message = "the server has closed the connection"
        raise InvalidatePoolError(message) from error


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Give each new connection the settings that `docs/decisions` record."""
    del record
    connection.isolation_level = None  # transactions begin where _begin_sqlite says so
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # an accepted task survives a power cut
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "secure_delete=ON",  # deleted text leaves the file
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))
