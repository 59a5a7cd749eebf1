"""The migrations make exactly the tables that the schema names, and a damaged file is said to be one."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text

from copydesk.errors import DatabaseError
from copydesk.store.database import Database
from copydesk.store.migrate import alembic_config, is_current, migrate


async def test_tables_are_those_of_the_schema_when_migrated(database: Database) -> None:
    """Alembic finds nothing to add, on SQLite and on Postgres."""

    def check(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.check(config)

    async with database.write() as connection:
        await connection.run_sync(check)
    assert await is_current(database)


async def test_migrating_again_changes_nothing(database: Database) -> None:
    """Every start of an embedded service migrates: nothing to do is fine."""
    await migrate(database)
    assert await is_current(database)


async def test_tables_of_a_newer_version_will_do(database: Database) -> None:
    """While an update rolls on, the version before it may start again; without tables none may."""
    async with database.write() as connection:
        before = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        assert await is_current(database)
        await connection_without_version(database)
        assert not await is_current(database)
    finally:
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO alembic_version VALUES (:before)"), {"before": before})


async def connection_without_version(database: Database) -> None:
    """As a new database has it."""
    async with database.write() as connection:
        await connection.execute(text("DELETE FROM alembic_version"))


async def test_damaged_file_is_a_database_error(tmp_path: Path) -> None:
    """A file that is no database: 503 for a caller, not a crash."""
    path = tmp_path / "copydesk.sqlite"
    path.write_bytes(b"this is no database" * 100)
    database = Database(f"sqlite+aiosqlite:///{path}")
    with pytest.raises(DatabaseError):
        await database.ping()
    await database.close()
