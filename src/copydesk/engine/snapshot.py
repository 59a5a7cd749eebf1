"""What a copy of the engine's SQLite file says. Blocking: for commands, not for the service."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from copydesk.errors import DatabaseError

ENGINE_FILE = "engine.sqlite"  # in DATA_DIR


def workflows_in(path: Path) -> set[str]:
    """The ids of the workflows that are kept in a file."""
    return {str(row[0]) for row in _rows(path, "SELECT workflow_uuid FROM workflow_status")}


def engine_revision(path: Path) -> int:
    """How many migrations of DBOS a file has had."""
    return max((int(row[0]) for row in _rows(path, "SELECT version FROM dbos_migrations")), default=0)


def _rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.Error as error:
        message = f"{path.name} cannot be read: {error}."
        raise DatabaseError(message) from error
