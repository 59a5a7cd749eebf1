"""A migrated, empty database for each test, on SQLite and on Postgres."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql

from copydesk.store.database import Database
from copydesk.store.migrate import migrate
from copydesk.store.schema import metadata

POSTGRES = "COPYDESK_TEST_POSTGRES"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a migrated database of this test process's own."""
    server = os.environ.get(POSTGRES)
    if not server:
        pytest.fail(f"{POSTGRES} is not set: run the tests by `make test`, which starts a Postgres for them")
    name = f"copydesk_{uuid4().hex}"
    base = server.rpartition("/")[0]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        asyncio.run(_migrate(f"{base}/{name}"))
        yield f"{base}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    asyncio.run(_migrate_sqlite(path))
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy address of an empty database with all tables, one of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "copydesk.sqlite"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        return f"sqlite+aiosqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    _empty(url)
    return f"postgresql+psycopg://{url.partition('://')[2]}"


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with all tables; the test runs once on each kind."""
    opened = Database(database_url)
    try:
        yield opened
    finally:
        await opened.close()


def _empty(url: str) -> None:
    """Delete every row; for the few rows of a test that takes a tenth of the time of TRUNCATE."""
    with psycopg.connect(url) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))


async def _migrate(url: str) -> None:
    database = Database(f"postgresql+psycopg://{url.partition('://')[2]}")
    await migrate(database)
    await database.close()


async def _migrate_sqlite(path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{path}")
    await migrate(database)
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    await database.close()
