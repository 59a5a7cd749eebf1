"""`copydesk backup` and `copydesk restore`: all comes back, and nothing is lost to a bad archive or a wrong folder."""

import asyncio
import io
import sqlite3
import stat
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import zstandard
from alembic import command
from filelock import FileLock
from pydantic import SecretStr
from sqlalchemy import Connection
from support.desk import SAMPLES, open_desk
from support.stored import new_file, stored_account, stored_task

from copydesk.adapters.blobs.database import DatabaseBlobs
from copydesk.adapters.blobs.directory import DirectoryBlobs
from copydesk.cli.archive import ArchiveWriter, extract
from copydesk.cli.backup import back_up, put_back
from copydesk.domain.article import Article
from copydesk.domain.clock import now
from copydesk.domain.file import BlobKey
from copydesk.domain.task import Task, TaskStatus
from copydesk.engine.database import migrate_engine
from copydesk.errors import ConfigurationError, DatabaseError, WorkerRunning
from copydesk.settings import Settings
from copydesk.store import files
from copydesk.store.database import Database, sqlite_path
from copydesk.store.migrate import alembic_config, is_current
from copydesk.store.snapshot import recorded_files
from copydesk.store.tasks import begin_task, load_task
from copydesk.wiring import migrate_all, open_shared, open_worker

FILE = SAMPLES / "reading-the-record.txt"


def settings_of(folder: Path, **changes: Any) -> Settings:
    """Settings of a service in a folder of its own."""
    return Settings(_env_file=None, data_dir=folder, search=("none",), **changes)


async def write_one(settings: Settings) -> tuple[Article, BlobKey, str]:
    """A service that has written one article from one file; answers both, and an API key."""
    async with open_desk(settings) as desk:
        file_id = await desk.upload(FILE)
        uploaded = [{"file_id": file_id}]
        task = await desk.submit(user_prompt="The Keeling Curve", uploaded_files=uploaded, min_words=100, max_words=160)
        await desk.ended(task.task_id)
        key = BlobKey(account_id=desk.key.account_id, file_id=file_id)
        return await desk.article(task.task_id), key, desk.secret


@pytest.fixture
def migrated(tmp_path: Path) -> Settings:
    """A service that was never used."""
    settings = settings_of(tmp_path / "data", blobs="directory")
    asyncio.run(migrate_all(settings))
    return settings


@pytest.fixture
def archive(migrated: Settings, tmp_path: Path) -> Path:
    """A backup of it."""
    path = tmp_path / "backup.tar.zst"
    back_up(path, migrated)
    return path


@pytest.mark.parametrize("blobs", ["database", "directory", "directory:elsewhere"])
def test_everything_is_there_when_a_backup_is_restored(
    tmp_path: Path, blobs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Article with evidence, key, task and the file's bytes, in another folder; the archive is its owner's alone."""
    place = blobs.replace("elsewhere", str(tmp_path / "elsewhere"))
    settings = settings_of(tmp_path / "data", blobs=place)
    article, key, secret = asyncio.run(write_one(settings))
    path = tmp_path / "backup.tar.zst"
    back_up(path, settings)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "0 tasks were unfinished" in capsys.readouterr().err
    other = settings_of(tmp_path / "other", blobs=place.replace("elsewhere", "second"))
    put_back(path, other)

    async def look() -> None:
        async with open_desk(other) as desk:
            assert (await desk.services.access.authenticate(secret)).account_id == key.account_id
            found = await desk.services.articles.get(account_id=key.account_id, article_id=article.article_id)
            assert found == article
            assert found.evidence
            assert await desk.shared.blobs.get(key) == FILE.read_bytes()

    asyncio.run(look())
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_restore_is_refused_when_the_folder_is_not_empty(archive: Path, migrated: Settings) -> None:
    """Without --force nothing is touched; with it, what was there is moved aside and stays."""
    before = sqlite_path(migrated).read_bytes()
    with pytest.raises(ConfigurationError, match=r"not empty .*--force"):
        put_back(archive, migrated)
    assert sqlite_path(migrated).read_bytes() == before
    (migrated.data_dir / "note.txt").write_text("mine")
    for _ in range(2):
        put_back(archive, migrated, force=True)
        (aside,) = (path for path in migrated.data_dir.iterdir() if path.name.startswith("replaced-"))
        assert (aside / "note.txt").read_text() == "mine"
        assert (aside / "copydesk.sqlite").exists()
        for path in sorted(aside.iterdir()):
            path.rename(migrated.data_dir / path.name)
        aside.rmdir()


def test_restore_is_refused_when_a_worker_runs(archive: Path, migrated: Settings) -> None:
    """Its lock is what tells."""
    with FileLock(migrated.data_dir / "worker.lock"), pytest.raises(WorkerRunning, match="stop it"):
        put_back(archive, migrated, force=True)
    put_back(archive, migrated, force=True)  # the lock was let go


def test_restore_is_refused_when_another_process_has_a_database_open(archive: Path, migrated: Settings) -> None:
    """An API without a worker holds no lock, but its connections do."""
    with closing(sqlite3.connect(sqlite_path(migrated))) as connection:
        connection.execute("SELECT count(*) FROM tasks").fetchone()
        with pytest.raises(ConfigurationError, match="open: stop every Copydesk process"):
            put_back(archive, migrated, force=True)
    assert not [path for path in migrated.data_dir.iterdir() if path.name.startswith(("replaced-", ".restore-"))]


def cut(data: bytes) -> Iterator[bytes]:
    """An archive that was not written to its end."""
    for share in (0, 0.1, 0.5, 0.9, 0.99):
        yield data[: int(len(data) * share)]


def flipped(data: bytes) -> Iterator[bytes]:
    """An archive with one bit that changed."""
    for place in range(4, len(data), len(data) // 12):
        yield data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def foreign(data: bytes) -> Iterator[bytes]:
    """Archives with something else in them, and what is none."""
    yield b"this is no archive"
    yield zstandard.compress(b"nor is this")
    plain = zstandard.ZstdDecompressor().stream_reader(data).read()
    for member in ("../evil", "/etc/evil", "files/../../evil", "evil.txt", "copydesk.sqlite"):
        info = tarfile.TarInfo(member)
        info.size = 1
        yield zstandard.compress(_with(plain, info, b"x"))
    link = tarfile.TarInfo("engine.sqlite")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    yield zstandard.compress(_with(b"", link, b""))
    yield zstandard.compress(_with(b"", _sized("manifest.json", 2), b"{}"))
    yield zstandard.compress(_with(b"", _sized("manifest.json", 2), b"[]"))


def _sized(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    return info


def _with(plain: bytes, info: tarfile.TarInfo, content: bytes) -> bytes:
    """A tar with one more member at its end."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        if plain:
            with tarfile.open(fileobj=io.BytesIO(plain)) as source:
                for member in source:
                    tar.addfile(member, source.extractfile(member))
        tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


@pytest.mark.parametrize("spoil", [cut, flipped, foreign])
def test_restore_is_refused_when_the_archive_is_damaged(
    archive: Path, tmp_path: Path, spoil: Callable[[bytes], Iterator[bytes]]
) -> None:
    """Whatever is wrong with it: a sentence that names it, and a data folder as it was."""
    whole = archive.read_bytes()
    target = settings_of(tmp_path / "target", blobs="directory")
    for number, data in enumerate(spoil(whole)):
        archive.write_bytes(data)
        with pytest.raises(ConfigurationError, match=r"backup\.tar\.zst' is no whole backup"):
            put_back(archive, target)
        assert [path.name for path in target.data_dir.iterdir()] in ([], ["worker.lock"]), number
    archive.write_bytes(whole)
    put_back(archive, target)


def test_restore_is_refused_when_there_is_no_archive(tmp_path: Path) -> None:
    """A typo is told as such."""
    target = settings_of(tmp_path / "target")
    with pytest.raises(ConfigurationError, match="There is no file"):
        put_back(tmp_path / "nothing.tar.zst", target)
    with pytest.raises(ConfigurationError, match="cannot be read or written"):
        put_back(tmp_path, target)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("copydesk.sqlite", "UPDATE alembic_version SET version_num = '9999'"),
        ("engine.sqlite", "UPDATE dbos_migrations SET version = version + 1000"),
    ],
)
def test_restore_is_refused_when_the_backup_is_of_a_newer_version(
    migrated: Settings, tmp_path: Path, file: str, change: str
) -> None:
    """Tables that this version does not know are left to the one that does."""
    with closing(sqlite3.connect(migrated.data_dir / file)) as connection, connection:
        connection.execute(change)
    path = tmp_path / "newer.tar.zst"
    back_up(path, migrated)
    target = settings_of(tmp_path / "target", blobs="directory")
    with pytest.raises(ConfigurationError, match="newer version"):
        put_back(path, target)
    assert not sqlite_path(target).exists()


def test_restore_is_refused_when_the_archive_is_of_a_newer_form(tmp_path: Path) -> None:
    """A later form may mean something else by the same names."""
    path = tmp_path / "newer.tar.zst"
    with ArchiveWriter(path) as writer:
        said = {"version": "9.0", "made_at": "", "revision": "", "engine_revision": 0, "blobs": "database"}
        writer.finish({**said, "format": 2})
    with pytest.raises(ConfigurationError, match=r"newer version \(9\.0\)"):
        extract(path, tmp_path / "target")


def test_restore_is_refused_when_files_are_kept_elsewhere(archive: Path, tmp_path: Path) -> None:
    """Else the files in the archive would not be found."""
    with pytest.raises(ConfigurationError, match="COPYDESK_BLOBS=directory, here by database"):
        put_back(archive, settings_of(tmp_path / "target"))


async def _make_old(settings: Settings) -> BlobKey:
    """A database as version 0007 of its tables left it, with a file whose bytes name no account."""
    settings.data_dir.mkdir()
    database = Database.of(settings)

    def upgrade(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")

    async with database.write() as connection:
        await connection.run_sync(upgrade)
    file = new_file(await stored_account(database))
    async with database.write() as connection:
        await files.insert_file(connection, file)
        await connection.exec_driver_sql(
            "INSERT INTO file_contents (file_id, data) VALUES (?, ?)", (file.file_id, b"old bytes")
        )
    await database.close()
    await asyncio.to_thread(migrate_engine, settings)
    return file.key


def test_backup_is_brought_up_to_date_when_it_is_of_an_older_version(tmp_path: Path) -> None:
    """The tables are migrated, and what they held is there."""
    old, new = settings_of(tmp_path / "old"), settings_of(tmp_path / "new")
    key = asyncio.run(_make_old(old))
    path = tmp_path / "old.tar.zst"
    back_up(path, old)
    put_back(path, new)

    async def look() -> tuple[bool, bytes | None]:
        database = Database.of(new)
        try:
            return await is_current(database), await DatabaseBlobs(database).get(key)
        finally:
            await database.close()

    assert asyncio.run(look()) == (True, b"old bytes")


def test_backup_is_refused_when_there_is_nothing_or_its_place_is_taken(migrated: Settings, tmp_path: Path) -> None:
    """An earlier backup is never overwritten, and a wrong folder is told."""
    with pytest.raises(ConfigurationError, match="no database in"):
        back_up(tmp_path / "a.tar.zst", settings_of(tmp_path / "nothing"))
    (tmp_path / "b.tar.zst").write_text("precious")
    with pytest.raises(ConfigurationError, match="there already"):
        back_up(tmp_path / "b.tar.zst", migrated)
    assert (tmp_path / "b.tar.zst").read_text() == "precious"
    with pytest.raises(ConfigurationError, match="cannot be read or written"):
        back_up(tmp_path / "no" / "such" / "folder.tar.zst", migrated)


def test_backup_is_refused_when_a_database_is_damaged(migrated: Settings, tmp_path: Path) -> None:
    """A backup that could not be restored is none; no half of one is left."""
    path = sqlite_path(migrated)
    data = bytearray(path.read_bytes())
    for place in range(8 * 4_096, len(data), 4_096):
        data[place : place + 64] = b"\xff" * 64
    path.write_bytes(data)
    with pytest.raises(DatabaseError, match=r"copydesk\.sqlite"):
        back_up(tmp_path / "a.tar.zst", migrated)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_commands_are_told_when_the_databases_are_on_postgres(tmp_path: Path) -> None:
    """pg_dump and pg_restore, as docs/backup.md says."""
    settings = settings_of(tmp_path, database_url=SecretStr("postgresql://u:secret@h/d"))
    for work in (back_up, put_back):
        with pytest.raises(ConfigurationError, match=r"pg_dump .*pg_restore") as refused:
            work(tmp_path / "a.tar.zst", settings)
        assert "secret" not in refused.value.message
        said = (Path(__file__).parents[2] / "docs/backup.md").read_text()
        assert all(command in said for command in refused.value.message.split("'")[1::2])


def test_records_and_bytes_agree_when_files_are_deleted_meanwhile(migrated: Settings, tmp_path: Path) -> None:
    """Every file that a backup names is in it, though files go while it is made; a lost one is told."""
    blobs = DirectoryBlobs(migrated.data_dir / "files")

    async def fill() -> list[BlobKey]:
        database = Database.of(migrated)
        account_id = await stored_account(database)
        keys = [new_file(account_id) for _ in range(60)]
        for file in keys:
            await blobs.put(file.key, b"bytes")
            async with database.write() as connection:
                await files.insert_file(connection, file)
        await database.close()
        return [file.key for file in keys]

    keys = asyncio.run(fill())

    def delete() -> None:
        with closing(sqlite3.connect(sqlite_path(migrated), timeout=30)) as connection:
            for key in keys[20:]:
                with connection:
                    connection.execute("DELETE FROM files WHERE file_id = ?", (key.file_id,))
                blobs.path(key).unlink()

    blobs.path(keys[0]).unlink()
    path, target = tmp_path / "a.tar.zst", settings_of(tmp_path / "target", blobs="directory")
    deleting = threading.Thread(target=delete)
    deleting.start()
    back_up(path, migrated)
    deleting.join()
    put_back(path, target)
    named = set(recorded_files(sqlite_path(target)))
    restored = DirectoryBlobs(target.data_dir / "files")
    there = {key for key in named if restored.path(key).exists()}
    assert named - there == {keys[0]}
    assert set(keys[:20]) <= named


def test_task_waits_again_when_its_workflow_began_between_the_copies(migrated: Settings, tmp_path: Path) -> None:
    """The engine's copy is the earlier one: a task that it does not know gets a workflow from the next worker."""

    async def begin() -> str:
        database = Database.of(migrated)
        try:
            task_id = await stored_task(database, await stored_account(database))
            async with database.write() as connection:
                assert await begin_task(connection, workflow_id=f"{task_id}:1", at=now()) is not None
        finally:
            await database.close()
        return task_id

    task_id = asyncio.run(begin())
    path, target = tmp_path / "a.tar.zst", settings_of(tmp_path / "target", blobs="directory")
    back_up(path, migrated)
    put_back(path, target)

    async def look() -> Task:
        async with open_shared(target) as shared, open_worker(shared), asyncio.timeout(60):
            while True:
                async with shared.database.read() as connection:
                    task = await load_task(connection, task_id)
                assert task is not None
                if task.status.terminal:
                    return task
                await asyncio.sleep(0.1)

    task = asyncio.run(look())
    assert task.status is TaskStatus.FAILED  # it ran, and found no evidence
    assert task.failure is not None
    assert task.failure.code == "WORKFLOW_ERROR"
