"""Copies of SQLite files in use, and what a copy says of itself. Blocking: for commands, not for the service."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from copydesk.domain.file import BlobKey
from copydesk.errors import ConfigurationError, DatabaseError

_MODE = 0o600
_BUSY_SECONDS = 30.0


def snapshot(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, while others read and write it (SQLite's online backup).

    Raises:
        DatabaseError: It cannot be read, or is damaged.
    """
    target.touch(mode=_MODE)
    with _translated(source), closing(_open(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=-1)  # in one piece: begun anew with every write of others, it might never end
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            message = f"{source.name} is damaged ({found}); restore an earlier backup."
            raise DatabaseError(message)


def schema_revision(path: Path) -> str | None:
    """The migration that the application's tables in a file are at, or None where there are none."""
    with _translated(path), closing(_open(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])


def recorded_files(path: Path) -> list[BlobKey]:
    """The files that the application's tables in a file name."""
    with _translated(path), closing(_open(path)) as connection:
        rows = connection.execute("SELECT account_id, file_id FROM files ORDER BY file_id").fetchall()
    return [BlobKey(account_id=account_id, file_id=file_id) for account_id, file_id in rows]


def is_recorded(path: Path, key: BlobKey) -> bool:
    """Whether the application's tables in a file name that file."""
    with _translated(path), closing(_open(path)) as connection:
        return connection.execute("SELECT 1 FROM files WHERE file_id = ?", (key.file_id,)).fetchone() is not None


def forget_files(path: Path, keys: list[BlobKey]) -> None:
    """Delete the records of files."""
    with _translated(path), closing(_open(path)) as connection, connection:
        connection.executemany("DELETE FROM files WHERE file_id = ?", [(key.file_id,) for key in keys])


def wait_again(path: Path, known: set[str]) -> int:
    """Have tasks that are processing under a workflow not `known` wait again; answers how many.

    Waiting tasks without a workflow get one from the worker's watch.
    """
    with _translated(path), closing(_open(path)) as connection, connection:
        rows = connection.execute("SELECT workflow_id FROM tasks WHERE status = 'processing'").fetchall()
        lost = [(workflow_id,) for (workflow_id,) in rows if workflow_id not in known]
        connection.executemany("UPDATE tasks SET status = 'pending' WHERE workflow_id = ?", lost)
        return len(lost)


def unfinished(path: Path) -> int:
    """How many tasks wait or run."""
    with _translated(path), closing(_open(path)) as connection:
        query = "SELECT count(*) FROM tasks WHERE status IN ('pending', 'processing')"
        return int(connection.execute(query).fetchone()[0])


def refuse_open(path: Path) -> None:
    """Make sure that no process has a database open, and that all of it stands in its one file.

    Raises:
        ConfigurationError: One has.
    """
    try:
        with closing(sqlite3.connect(path, timeout=1)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # needs the file for itself alone
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            message = f"Another process has {str(path)!r} open: stop every Copydesk process first."
            raise ConfigurationError(message) from error
        # Damaged, or no database: just what is to be replaced.


def _open(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_BUSY_SECONDS)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        message = f"{path.name} cannot be read: {error}."
        raise DatabaseError(message) from error
