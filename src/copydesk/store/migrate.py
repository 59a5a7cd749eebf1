"""Bring the database's tables up to this version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from copydesk.store.database import Database

_LOCK = 7_221_946_001  # Postgres advisory lock: one migration at a time


def alembic_config() -> Config:
    """Alembic's configuration, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


async def migrate(database: Database) -> None:
    """Run all outstanding migrations; one process at a time, nothing to do is fine.

    Raises:
        DatabaseError: The database cannot be reached.
    """
    async with database.write() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        await connection.run_sync(_upgrade)


async def is_current(database: Database) -> bool:
    """Whether no migration of this version is outstanding.

    Tables of a newer version are fine: migrations only add, so that both versions run while an update rolls on.
    """
    scripts = ScriptDirectory.from_config(alembic_config())
    known = {script.revision for script in scripts.walk_revisions()}
    async with database.read() as connection:
        found = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    return found is not None and (found == scripts.get_current_head() or found not in known)


def knows_revision(revision: str) -> bool:
    """Whether a migration is one of this version's."""
    return revision in {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def _upgrade(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
