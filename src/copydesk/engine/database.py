"""The engine's own database: beside the application's on SQLite, a schema of it on Postgres."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from dbos import DBOS
from filelock import FileLock
from sqlalchemy.exc import SQLAlchemyError

from copydesk.errors import DatabaseError
from copydesk.settings import Settings
from copydesk.store.database import BUSY_TIMEOUT_MS, POOL_SIZE

SCHEMA = "dbos"  # Postgres schema of the engine's tables
_TRY_SECONDS = 0.1  # between two tries to be the one that migrates
_MIGRATION = 7_221_946_005  # Postgres advisory lock: one migration of the engine's tables at a time


def engine_url(settings: Settings) -> str:
    """Where the engine keeps its tables: beside the embedded database, or a schema of the Postgres one."""
    if settings.database_url is None:
        return f"sqlite:///{(settings.data_dir / 'engine.sqlite').resolve()}"
    _, _, rest = settings.database_url.get_secret_value().partition("://")
    return f"postgresql+psycopg://{rest}"


def engine_database(settings: Settings) -> sa.Engine:
    """A connection pool on the engine's database; on SQLite with write-ahead log and full synchronisation."""
    if settings.database_url is not None:
        return sa.create_engine(engine_url(settings), pool_size=POOL_SIZE, max_overflow=0, pool_pre_ping=True)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        engine_url(settings), pool_size=POOL_SIZE, max_overflow=0, connect_args={"check_same_thread": False}
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def migrate_engine(settings: Settings) -> None:
    """Create or upgrade the engine's tables; one process at a time, which the engine itself does not see to. Blocking.

    Raises:
        DatabaseError: The database cannot be reached.
    """
    pool = engine_database(settings)
    try:
        with _alone(settings, pool):
            DBOS.migrate(engine_url(settings), schema=SCHEMA)
    except SQLAlchemyError as error:
        raise away() from error
    finally:
        pool.dispose()


@contextmanager
def _alone(settings: Settings, pool: sa.Engine) -> Iterator[None]:
    """Keep other processes out: by a lock file, or by an advisory lock of a session without a transaction."""
    with pool.connect() as connection:  # on SQLite it also sets the journal before DBOS opens the file its own way
        if settings.embedded:
            with FileLock(settings.data_dir / "migrate.lock"):
                yield
            return
        connection.execution_options(isolation_level="AUTOCOMMIT")
        # Asked again and again: a statement that waits holds up CREATE INDEX CONCURRENTLY, which would wait for it.
        while not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_MIGRATION))).scalar_one():
            time.sleep(_TRY_SECONDS)
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_MIGRATION)))


def away() -> DatabaseError:
    """The error of a call that finds no database."""
    return DatabaseError("The queue's database cannot be reached; try again in a few seconds.")


def _prepare_sqlite(connection: Any, record: object) -> None:
    del record
    connection.isolation_level = "IMMEDIATE"  # as DBOS sets it on pools of its own
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
