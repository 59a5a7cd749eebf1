"""`copydesk blobs copy`: files from one store to another, whole, and again what is missing."""

from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from support.s3 import BUCKET, s3_server
from support.service import environment, run
from support.stored import new_file, stored_account

from copydesk.cli.blobs import copy_files
from copydesk.cli.exits import Exit
from copydesk.domain.file import UploadedFile
from copydesk.errors import ConfigurationError, DatabaseError
from copydesk.settings import Settings
from copydesk.store import files
from copydesk.wiring import migrate_all, open_blobs


def at(settings: Settings, blobs: str) -> Settings:
    """The same installation with its files elsewhere."""
    return settings.model_copy(update={"blobs": blobs})


async def fill(settings: Settings, count: int = 3) -> list[UploadedFile]:
    """Files with their bytes, each its own."""
    await migrate_all(settings)
    async with open_blobs(settings) as (database, build):
        account_id = await stored_account(database)
        made = []
        for number in range(count):
            data = f"File {number}".encode()
            file = new_file(account_id, size=len(data), sha256=sha256(data).hexdigest())
            await build(settings.blobs).put(file.key, data)
            async with database.write() as connection:
                await files.insert_file(connection, file)
            made.append(file)
        return made


async def kept(settings: Settings, made: list[UploadedFile]) -> list[bytes | None]:
    """What the store of the settings has of files."""
    async with open_blobs(settings) as (_, build):
        store = build(settings.blobs)
        return [await store.get(file.key) for file in made]


async def test_files_arrive_when_they_are_copied_from_store_to_store(tmp_path: Path) -> None:
    """From the database to a folder, on to a bucket, and back; what was copied stays where it was."""
    with s3_server(tmp_path / "s3") as server:
        settings = server.settings(tmp_path / "data", blobs="database")
        made = await fill(settings)
        expected = [f"File {number}".encode() for number in range(3)]
        places = ("database", "directory", f"s3://{BUCKET}/moved", f"directory:{tmp_path / 'end'}", "database")
        for source, target in pairwise(places):
            assert await copy_files(at(settings, source), target) is Exit.OK
            assert await kept(at(settings, source), made) == expected
            assert await kept(at(settings, target), made) == expected


async def test_only_what_is_missing_is_copied_when_it_is_done_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy that was cut, and files that came since, need no second copy of the others."""
    settings = Settings(_env_file=None, data_dir=tmp_path, blobs="database")
    made = await fill(settings)
    assert await copy_files(settings, "directory") is Exit.OK
    assert "3 files copied, 0 were there already, 0 are lost." in capsys.readouterr().err
    (tmp_path / "files" / made[1].account_id / made[1].file_id).unlink()
    assert await copy_files(settings, "directory") is Exit.OK
    assert "1 files copied, 2 were there already, 0 are lost." in capsys.readouterr().err


async def test_lost_files_are_told_when_others_are_copied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing and a damaged file are named, the others arrive, and the command fails."""
    settings = Settings(_env_file=None, data_dir=tmp_path, blobs="directory")
    made = await fill(settings)
    async with open_blobs(settings) as (_, build):
        await build("directory").delete(made[0].key)
        await build("directory").put(made[1].key, b"File X")
    assert await copy_files(settings, "database") is Exit.FAILED
    said = capsys.readouterr().err
    assert all(file.file_id in said for file in made[:2])
    assert "1 files copied, 0 were there already, 2 are lost." in said
    assert await kept(at(settings, "database"), made) == [None, None, b"File 2"]


async def test_copy_is_refused_when_its_target_is_none(tmp_path: Path) -> None:
    """The same place, an unknown one, and a bucket that nobody serves."""
    settings = Settings(_env_file=None, data_dir=tmp_path, blobs="database", s3_endpoint="http://127.0.0.1:1")
    await fill(settings, 1)
    for target, sentence in (("database", "already"), ("folder", "none of")):
        with pytest.raises(ConfigurationError, match=sentence):
            await copy_files(settings, target)
    with pytest.raises(DatabaseError):
        await copy_files(settings, "s3://nothing-there")


def test_command_ends_with_its_code_when_it_is_run(tmp_path: Path) -> None:
    """Nothing to copy is fine, a bad target ends with 2."""
    env = environment(tmp_path / "data")
    done = run("blobs", "copy", "directory", env=env)
    assert (done.returncode, "0 files copied" in done.stderr) == (0, True)
    refused = run("blobs", "copy", "nowhere", env=env)
    assert (refused.returncode, "none of database" in refused.stderr) == (2, True)
