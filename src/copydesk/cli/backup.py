"""`backup` and `restore` of the embedded databases."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout

from copydesk.cli.archive import ArchiveWriter, Manifest, extract
from copydesk.domain.clock import now
from copydesk.domain.file import BlobKey
from copydesk.engine.database import migrate_engine
from copydesk.engine.snapshot import ENGINE_FILE, engine_revision, workflows_in
from copydesk.errors import ConfigurationError, WorkerRunning
from copydesk.ports import BlobStore
from copydesk.settings import Settings, load_settings
from copydesk.store import snapshot as snapshots
from copydesk.store.database import sqlite_path
from copydesk.store.migrate import knows_revision
from copydesk.telemetry import configure_logging
from copydesk.wiring import folder_of_files, migrate_all

_LOCK = "worker.lock"
_STAGING = ".restore-"
_ON_POSTGRES = (
    "The databases are on Postgres, which has its own tools (docs/backup.md). Back up with"
    " 'pg_dump --format=custom --file=copydesk.dump \"$COPYDESK_DATABASE_URL\"', and restore into an empty database by"
    " 'pg_restore --no-owner --exit-on-error --dbname=\"$COPYDESK_DATABASE_URL\" copydesk.dump'."
)


def run_backup(path: Path) -> None:
    """The command `backup`; raises as `back_up`."""
    back_up(path, _started())


def run_restore(path: Path, *, force: bool) -> None:
    """The command `restore`; raises as `put_back`."""
    put_back(path, _started(), force=force)


def back_up(path: Path, settings: Settings) -> None:
    """Write a backup of both databases, and of a folder of files, while the service runs.

    Raises:
        ConfigurationError: There is nothing to back up here, or the file cannot be written.
        DatabaseError: A database cannot be read, or is damaged.
    """
    _refuse_postgres(settings)
    live = sqlite_path(settings)
    if not live.exists():
        message = f"There is no database in {str(settings.data_dir)!r} to back up."
        raise ConfigurationError(message)
    with _told(path), ArchiveWriter(path) as archive, _beside(path) as folder:
        # The engine first: the application's later state knows the end of every step that the engine knows of.
        snapshots.snapshot(settings.data_dir / ENGINE_FILE, folder / ENGINE_FILE)
        snapshots.snapshot(live, folder / live.name)
        files = _add_files(archive, settings, folder / live.name)
        archive.add_file(ENGINE_FILE, folder / ENGINE_FILE)
        archive.add_file(live.name, folder / live.name)
        archive.finish(
            {
                "version": version("copydesk"),
                "made_at": now().isoformat(),
                "revision": snapshots.schema_revision(folder / live.name) or "",
                "engine_revision": engine_revision(folder / ENGINE_FILE),
                "blobs": _kind(settings),
            }
        )
        waiting = snapshots.unfinished(folder / live.name)
    _say(f"Backed up to {path} ({path.stat().st_size:,} bytes): {files}; {waiting} tasks were unfinished.")


def put_back(path: Path, settings: Settings, *, force: bool = False) -> None:
    """Put a backup in the place of the databases; what was there is moved aside.

    Raises:
        WorkerRunning: A worker runs on the folder.
        ConfigurationError: The archive is damaged or newer, the folder is in use, or not empty without `force`.
        DatabaseError: A database in it cannot be read.
    """
    _refuse_postgres(settings)
    with _told(path), _locked(settings):
        _refuse_used(settings, force=force)
        with TemporaryDirectory(dir=settings.data_dir, prefix=_STAGING) as name:
            staging = Path(name)
            manifest = extract(path, staging)
            _refuse_unfit(manifest, settings, staging)
            asyncio.run(migrate_all(settings.model_copy(update={"data_dir": staging})))
            again = snapshots.wait_again(staging / sqlite_path(settings).name, workflows_in(staging / ENGINE_FILE))
            aside = _set_aside(settings)
            _restore_files(settings, staging)
            for file in (ENGINE_FILE, sqlite_path(settings).name):
                snapshots.refuse_open(staging / file)  # its log becomes part of it
                (staging / file).replace(settings.data_dir / file)
    waiting = snapshots.unfinished(sqlite_path(settings))
    _say(f"Restored what {path} held at {manifest.made_at}; {waiting} tasks go on with the next worker.")
    if again:
        _say(f"{again} of them begin their workflow anew; what they had read and paid for is found.")
    if aside is not None:
        _say(f"What was there before is in {aside}; delete it when it is not needed.")


def _started() -> Settings:
    settings = load_settings()
    configure_logging(level=settings.log_level, style=settings.log_format)
    return settings


def _refuse_postgres(settings: Settings) -> None:
    if not settings.embedded:
        raise ConfigurationError(_ON_POSTGRES)


def _kind(settings: Settings) -> str:
    return settings.blobs.partition(":")[0]


def _add_files(archive: ArchiveWriter, settings: Settings, copy: Path) -> str:
    """Add the files of a folder; answers what to say of them.

    A file that was deleted after the copy of the database was made is no longer part of the backup.
    """
    blobs = folder_of_files(settings)
    if blobs is None:
        place = "in the database" if _kind(settings) == "database" else f"NOT included, they stay in {settings.blobs}"
        return f"uploaded files {place}"
    count = 0
    gone: list[BlobKey] = []
    with asyncio.Runner() as runner:
        for key in snapshots.recorded_files(copy):
            data = runner.run(blobs.get(key))
            if data is not None:
                archive.add_bytes(f"files/{key}", data)
                count += 1
            elif snapshots.is_recorded(sqlite_path(settings), key):
                _say(f"The file {key.file_id} is listed, but missing from where files are kept.")
            else:
                gone.append(key)
    snapshots.forget_files(copy, gone)
    return f"{count} uploaded files"


def _restore_files(settings: Settings, staging: Path) -> None:
    blobs = folder_of_files(settings)
    if blobs is None:
        return
    with asyncio.Runner() as runner:
        for path in sorted((staging / "files").glob("*/*")):
            _restore_file(runner, blobs, path)


def _restore_file(runner: asyncio.Runner, blobs: BlobStore, path: Path) -> None:
    key = BlobKey(account_id=path.parent.name, file_id=path.name)
    runner.run(blobs.put(key, path.read_bytes()))
    path.unlink()


def _refuse_used(settings: Settings, *, force: bool) -> None:
    found = _entries(settings)
    if found and not force:
        message = (
            f"{str(settings.data_dir)!r} is not empty ({', '.join(found[:3])}): restore into another folder, or use"
            " --force, which moves what is there aside."
        )
        raise ConfigurationError(message)
    for name in (sqlite_path(settings).name, ENGINE_FILE):
        if name in found:
            snapshots.refuse_open(settings.data_dir / name)


def _refuse_unfit(manifest: Manifest, settings: Settings, staging: Path) -> None:
    with TemporaryDirectory(dir=staging) as name:  # how far this version's engine goes
        migrate_engine(settings.model_copy(update={"data_dir": Path(name)}))
        newest = engine_revision(Path(name) / ENGINE_FILE)
    if not knows_revision(manifest.revision) or manifest.engine_revision > newest:
        message = f"The backup was made by a newer version ({manifest.version}); use that one to restore it."
        raise ConfigurationError(message)
    if manifest.blobs != _kind(settings):
        message = (
            f"In the backup the bytes of files are kept by COPYDESK_BLOBS={manifest.blobs}, here by {settings.blobs}:"
            " restore with that setting, then move them with 'copydesk blobs copy'."
        )
        raise ConfigurationError(message)


def _set_aside(settings: Settings) -> Path | None:
    found = _entries(settings)
    if not found:
        return None
    aside = settings.data_dir / f"replaced-{now():%Y%m%dT%H%M%S}"
    aside.mkdir(mode=0o700)
    for name in found:
        (settings.data_dir / name).rename(aside / name)
    return aside


def _entries(settings: Settings) -> list[str]:
    """What is in the data folder, but for the lock, this restore and what earlier ones moved aside."""
    ours = (_LOCK, _STAGING, "replaced-")
    return sorted(entry.name for entry in settings.data_dir.iterdir() if not entry.name.startswith(ours))


@contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.data_dir / _LOCK)
    try:
        with lock.acquire(blocking=False):
            yield
    except Timeout as error:
        message = f"A worker runs on {str(settings.data_dir)!r}: stop it before restoring."
        raise WorkerRunning(message) from error


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A folder of one's own on the disk that the archive goes to."""
    with TemporaryDirectory(dir=path.absolute().parent, prefix=".copydesk-backup-") as name:
        yield Path(name)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the disk says into a sentence."""
    try:
        yield
    except OSError as error:
        where = error.filename or str(path)
        message = f"{where!r} cannot be read or written: {error.strerror or error}."
        raise ConfigurationError(message) from error


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)  # noqa: T201 - a command's own words
