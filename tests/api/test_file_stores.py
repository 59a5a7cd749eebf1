"""Files that are kept outside of the database: uploaded, deleted, and what happens while their store is away."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError
from support.api import Api, ScriptedReader, running
from support.s3 import BUCKET, S3Server, s3_server, s3_settings
from support.service import free_port
from support.stored import stored_account

from copydesk.adapters.blobs.directory import DirectoryBlobs
from copydesk.domain.file import BlobKey
from copydesk.errors import DatabaseError
from copydesk.services import FileService
from copydesk.settings import Settings
from copydesk.store.database import Database

TEXT = b"Air on Mauna Loa."


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A running S3 server."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(params=["directory", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Settings, Path]:
    """Settings that keep files in a folder or in a bucket, and the folder where they then are."""
    if request.param == "directory":
        return Settings(_env_file=None, data_dir=tmp_path, blobs="directory"), tmp_path / "files"
    server: S3Server = request.getfixturevalue("s3")
    name = f"s3://{BUCKET}/{tmp_path.name}"
    return server.settings(tmp_path, blobs=name), server.folder / BUCKET / tmp_path.name


def serving(database: Database, settings: Settings, **changes: object) -> running:
    """The application, with files where the settings say."""
    return running(database, **{name: getattr(settings, name) for name in settings.model_fields_set} | changes)


def kept(folder: Path) -> list[bytes]:
    """What a store holds."""
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


async def test_bytes_come_and_go_when_a_file_does(database: Database, place: tuple[Settings, Path]) -> None:
    """They are in the store alone, whole, under account and id; deleting the file deletes them."""
    settings, folder = place
    async with serving(database, settings) as api:
        acme = await api.caller()
        file = (await acme.upload("note.txt", TEXT)).json()
        assert kept(folder) == [TEXT]
        assert (folder / await api.account_id(acme) / file["file_id"]).read_bytes() == TEXT
        assert (await acme.delete(f"/files/{file['file_id']}")).status_code == 204
        assert kept(folder) == []


async def test_no_bytes_are_left_when_an_upload_is_refused(database: Database, place: tuple[Settings, Path]) -> None:
    """Storage is counted by the records, as ever: what is over it leaves nothing behind, however many try at once."""
    settings, folder = place
    async with serving(database, settings, max_storage_mb=1) as api:
        acme = await api.caller()
        half = b"word " * 120_000
        answers = await asyncio.gather(*(acme.upload(f"{n}.txt", half) for n in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]
        assert kept(folder) == [half]


async def test_upload_is_unavailable_when_the_store_is_away(database: Database, tmp_path: Path) -> None:
    """503 with a time to come back, and no record of a file that has no bytes; the key is free for the next try."""
    port = free_port()
    settings = s3_settings(f"http://127.0.0.1:{port}", tmp_path)
    async with serving(database, settings) as api:
        acme = await api.caller()
        headers = {"Idempotency-Key": "one"}
        away = await acme.upload("note.txt", TEXT, headers=headers)
        assert (away.status_code, away.json()["code"]) == (503, "DATABASE_ERROR")
        assert int(away.headers["retry-after"]) > 0
        assert (await acme.get("/files")).json()["total"] == 0
        with s3_server(tmp_path / "s3", port) as server:
            again = await acme.upload("note.txt", TEXT, headers=headers)
            assert again.status_code == 201
            assert kept(server.folder / BUCKET / "some") == [TEXT]
            repeated = await acme.upload("note.txt", TEXT, headers=headers)
            assert repeated.json() == again.json()
        await _assert_deleted(api, again.json()["file_id"])


async def _assert_deleted(api: Api, file_id: str) -> None:
    """A file goes though its store is away: retention finds the bytes."""
    acme = await api.caller()
    assert (await acme.delete(f"/files/{file_id}")).status_code == 204
    assert (await acme.get("/files")).json()["total"] == 0


class Breaking(DirectoryBlobs):
    """A folder after whose writes the database fails."""

    def __init__(self, folder: Path, database: Database) -> None:
        super().__init__(folder)
        self._database = database

    async def put(self, key: BlobKey, data: bytes) -> None:
        """Keep the bytes, and lose the table of records."""
        await super().put(key, data)
        async with self._database.write() as connection:
            await connection.exec_driver_sql("ALTER TABLE files RENAME TO files_away")


async def test_bytes_stay_when_the_outcome_is_unknown(database: Database, tmp_path: Path) -> None:
    """A database that fails at the end may have stored the record: bytes without one are found, lost ones are not."""
    account_id = await stored_account(database)
    blobs = Breaking(tmp_path / "files", database)
    settings = Settings(_env_file=None, data_dir=tmp_path)
    service = FileService(database=database, blobs=blobs, reader=ScriptedReader(), settings=settings)
    try:
        with pytest.raises((DatabaseError, ProgrammingError)):
            await service.add(account_id=account_id, filename="a.txt", data=TEXT)
    finally:
        async with database.write() as connection:
            await connection.exec_driver_sql("ALTER TABLE files_away RENAME TO files")
    assert kept(blobs.folder) == [TEXT]
