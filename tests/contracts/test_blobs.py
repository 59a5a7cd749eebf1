"""What every store of files' bytes promises: the database, a folder, and a bucket on a real S3 server."""

import asyncio
import os
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import update
from support.s3 import BUCKET, S3Server, s3_server, s3_settings
from support.servers import answer, serve
from support.stored import new_file, stored_account

from copydesk.adapters.blobs import blobs_folder, build_blobs
from copydesk.adapters.blobs.database import DatabaseBlobs
from copydesk.adapters.blobs.directory import DirectoryBlobs
from copydesk.adapters.blobs.s3 import S3Blobs
from copydesk.domain.clock import new_id, now
from copydesk.domain.file import BlobKey
from copydesk.errors import ConfigurationError, DatabaseError
from copydesk.ports import BlobStore
from copydesk.settings import Settings
from copydesk.store import files
from copydesk.store.database import Database
from copydesk.store.schema import file_contents

DATA = bytes(range(256)) * 4


def new_key(account_id: str | None = None) -> BlobKey:
    """A key that nothing is kept under."""
    return BlobKey(account_id=account_id or new_id(), file_id=new_id())


async def all_keys(store: BlobStore) -> list[BlobKey]:
    """Every key of a store."""
    return [key async for batch in store.list_keys() for key in batch]


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A running S3 server."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """A database for the length of a block."""
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture(params=["database-sqlite", "database-postgres", "directory", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> "str | Path | Settings":
    """Where a store is: a database's address, a folder, or settings that name a bucket; nothing is kept there."""
    if request.param == "directory":
        return tmp_path / "deep" / "files"
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("s3")
        shutil.rmtree(server.folder / BUCKET)
        (server.folder / BUCKET).mkdir()
        return server.settings(tmp_path)
    if request.param == "database-sqlite":
        path = tmp_path / "copydesk.sqlite"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        return f"sqlite+aiosqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM file_contents")
    return f"postgresql+psycopg://{url.partition('://')[2]}"


@pytest_asyncio.fixture
async def store(place: "str | Path | Settings") -> AsyncIterator[BlobStore]:
    """Each store, empty."""
    if isinstance(place, Path):
        yield DirectoryBlobs(place)
    elif isinstance(place, Settings):
        yield S3Blobs(place.blobs, place)
    else:
        async with opened(place) as database:
            yield DatabaseBlobs(database)


class TestBlobStore:
    """The contract."""

    async def test_bytes_come_back_when_they_were_put(self, store: BlobStore) -> None:
        """As they were, under their key alone, an empty file too."""
        for data in (DATA, b"", b"\x00\xff\x00"):
            key = new_key()
            await store.put(key, data)
            assert await store.get(key) == data
            assert await store.size(key) == len(data)

    async def test_nothing_is_found_when_nothing_was_put(self, store: BlobStore) -> None:
        """Nor under the same id in another account."""
        key = new_key()
        await store.put(key, DATA)
        for other in (new_key(), BlobKey(account_id=new_id(), file_id=key.file_id)):
            assert await store.get(other) is None
            assert await store.size(other) is None
            await store.delete(other)
        assert await store.get(key) == DATA

    async def test_bytes_are_replaced_when_put_again(self, store: BlobStore) -> None:
        """The later ones stay: a request that is tried again does no harm."""
        key = new_key()
        await store.put(key, DATA)
        await store.put(key, b"later")
        assert await store.get(key) == b"later"
        assert await all_keys(store) == [key]

    async def test_bytes_go_when_they_are_deleted(self, store: BlobStore) -> None:
        """And again is no error."""
        key = new_key()
        await store.put(key, DATA)
        for _ in range(2):
            await store.delete(key)
            assert await store.get(key) is None
            assert await store.size(key) is None
        assert await all_keys(store) == []

    async def test_keys_are_listed_when_there_are_many(self, store: BlobStore) -> None:
        """Each once, whatever batches they come in; of an empty store none."""
        assert await all_keys(store) == []
        accounts = [new_id() for _ in range(3)]
        keys = [new_key(accounts[number % 3]) for number in range(20)]
        await asyncio.gather(*(store.put(key, b"x") for key in keys))
        assert sorted(await all_keys(store), key=str) == sorted(keys, key=str)

    async def test_large_file_is_whole_when_it_was_put(self, store: BlobStore) -> None:
        """The largest that an upload may be: 25 MB."""
        key, data = new_key(), os.urandom(25_000_000)
        await store.put(key, data)
        assert await store.get(key) == data

    async def test_nothing_is_left_over_when_all_writes_ended(self, store: BlobStore) -> None:
        """Tidying takes no file that is kept."""
        key = new_key()
        await store.put(key, DATA)
        assert await store.tidy(before=now() + timedelta(days=1)) == 0
        assert await store.get(key) == DATA


@pytest.mark.parametrize(
    "text", ["", "..", "../x", "a/b", "0" * 36, f"{'0' * 8}-{'0' * 4}-{'0' * 4}-{'0' * 4}-../../../../x"]
)
def test_key_is_refused_when_an_id_is_none(text: str) -> None:
    """No key leads out of its store."""
    with pytest.raises(ValueError, match="no id"):
        BlobKey(account_id=text, file_id=new_id())
    with pytest.raises(ValueError, match="no id"):
        BlobKey(account_id=new_id(), file_id=text)
    assert BlobKey.parse(f"{new_id()}/{text}") is None


def test_key_tells_its_time_when_its_id_is_new() -> None:
    """A UUIDv7 begins with its milliseconds."""
    assert abs(new_key().made_at - datetime.now(UTC)) < timedelta(seconds=5)


def test_file_and_folder_are_their_owners_when_put(tmp_path: Path) -> None:
    """Nobody else on the machine reads them."""
    store, key = DirectoryBlobs(tmp_path / "files"), new_key()
    asyncio.run(store.put(key, DATA))
    assert stat.S_IMODE(store.path(key).stat().st_mode) == 0o600
    for folder in (store.folder, store.path(key).parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_half_a_write_is_never_seen_when_its_process_died(tmp_path: Path) -> None:
    """What was being written is no file; it goes once it is old."""
    store, key = DirectoryBlobs(tmp_path), new_key()
    await store.put(key, DATA)
    half = store.path(key).with_name(f"{new_id()}.0123456789abcdef.part")
    half.write_bytes(b"half of a fi")
    (tmp_path / "README").write_text("no account")
    assert await all_keys(store) == [key]
    assert await store.tidy(before=now() - timedelta(hours=1)) == 0
    assert await store.tidy(before=now() + timedelta(hours=1)) == 1
    assert not half.exists()


async def test_no_trace_is_left_when_a_folder_has_no_room(tmp_path: Path) -> None:
    """A write that fails is told, and neither a file nor a part of one is left."""
    store, key = DirectoryBlobs(tmp_path), new_key()
    store.path(key).mkdir(parents=True)  # the rename onto a folder fails, as it does on a full disk
    with pytest.raises(DatabaseError, match="folder of uploaded files"):
        await store.put(key, DATA)
    assert [path.name for path in store.path(key).parent.iterdir()] == [key.file_id]
    with pytest.raises(DatabaseError):
        await store.get(key)


async def test_failure_is_told_when_the_folder_is_none(tmp_path: Path) -> None:
    """A file stands in its place: writing says so, and there is nothing to list."""
    (tmp_path / "files").write_text("x")
    store = DirectoryBlobs(tmp_path / "files")
    with pytest.raises(DatabaseError):
        await store.put(new_key(), DATA)
    assert await all_keys(store) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"s3_secret_access_key": SecretStr("wrong")}, "refuses its key"),
        ({"blobs": "s3://nobodys-bucket"}, "has no bucket"),
    ],
    ids=["key", "bucket"],
)
async def test_operator_is_told_when_the_bucket_is_not_to_be_had(
    s3: S3Server, tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    """A wrong key and a missing bucket are told apart from a file that is not there."""
    settings = s3.settings(tmp_path, **changes)
    store = S3Blobs(settings.blobs, settings)
    for call in (store.put(new_key(), DATA), store.get(new_key()), all_keys(store)):
        with pytest.raises(DatabaseError, match=sentence) as failed:
            await call
        assert failed.value.retry_after == 60


async def test_failure_is_told_when_no_server_listens(tmp_path: Path) -> None:
    """Within seconds, with a time to try again."""
    settings = s3_settings("http://127.0.0.1:1", tmp_path)
    store = S3Blobs(settings.blobs, settings)
    key = new_key()
    async with asyncio.timeout(20):
        for call in (store.put(key, DATA), store.get(key), store.size(key), store.delete(key), all_keys(store)):
            with pytest.raises(DatabaseError, match="cannot be reached") as failed:
                await call
            assert failed.value.retry_after == 5


async def test_failure_is_told_when_an_answer_is_cut(tmp_path: Path) -> None:
    """Half of a file is never taken for the file."""
    key = new_key()
    cut = answer(b"x" * 100, content_type="application/octet-stream")[:-50]
    async with serve({f"/{BUCKET}/some/prefix/{key}": cut}) as server:
        settings = s3_settings(server.url("").rstrip("/"), tmp_path)
        with pytest.raises(DatabaseError):
            await S3Blobs(settings.blobs, settings).get(key)


async def test_bytes_of_an_earlier_version_are_found_when_their_row_says_whose_they_are(database: Database) -> None:
    """That version wrote no account beside the bytes; another account still gets nothing."""
    account_id = await stored_account(database)
    store, file = DatabaseBlobs(database), new_file(account_id)
    await store.put(file.key, DATA)
    async with database.write() as connection:
        await files.insert_file(connection, file)
        await connection.execute(update(file_contents).values(account_id=None))
    assert await store.get(file.key) == DATA
    assert await store.size(file.key) == len(DATA)
    assert await all_keys(store) == [file.key]
    assert await store.get(BlobKey(account_id=new_id(), file_id=file.file_id)) is None
    await store.delete(file.key)
    assert await store.get(file.key) is None


async def test_database_failure_is_told_when_it_is_away() -> None:
    """As any other failure of the database."""
    async with opened("postgresql+psycopg://nobody@127.0.0.1:1/none") as database:
        with pytest.raises(DatabaseError):
            await DatabaseBlobs(database).put(new_key(), DATA)


@pytest.mark.parametrize(
    ("blobs", "kind"),
    [
        ("database", DatabaseBlobs),
        ("directory", DirectoryBlobs),
        ("directory:/srv/files", DirectoryBlobs),
        ("s3://articles", S3Blobs),
    ],
)
def test_store_is_built_when_its_setting_names_it(blobs: str, kind: type[BlobStore], tmp_path: Path) -> None:
    """The setting's first word is the store's name."""
    settings = s3_settings("http://127.0.0.1:1", tmp_path, blobs=blobs)
    store = build_blobs(settings.blobs, settings, Database(f"sqlite+aiosqlite:///{tmp_path}/copydesk.sqlite"))
    assert type(store) is kind
    assert blobs.startswith(store.name)


def test_folder_lies_in_the_data_folder_when_none_is_named(tmp_path: Path) -> None:
    """`directory` is the folder `files` there."""
    settings = Settings(_env_file=None, data_dir=tmp_path)
    assert blobs_folder("directory", settings) == tmp_path / "files"
    assert blobs_folder("directory:/srv/files", settings) == Path("/srv/files")


@pytest.mark.parametrize("prefix", ["..", "a/../b", "a//b"])
def test_start_is_refused_when_the_prefix_leads_elsewhere(prefix: str, tmp_path: Path) -> None:
    """The sentence names the setting."""
    with pytest.raises(ConfigurationError, match="COPYDESK_BLOBS"):
        S3Blobs(f"s3://articles/{prefix}", s3_settings("http://127.0.0.1:1", tmp_path))
