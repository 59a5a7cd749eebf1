"""What the store promises of files, on every database."""

from dataclasses import replace
from datetime import timedelta

from support.stored import new_file, stored_account

from copydesk.domain.clock import new_id, now
from copydesk.store import files
from copydesk.store.database import Database


async def test_file_comes_back_whole_when_stored(database: Database) -> None:
    """The record is what went in; another account finds nothing."""
    account_id = await stored_account(database)
    file = new_file(account_id)
    async with database.write() as connection:
        await files.insert_file(connection, file)
    async with database.read() as connection:
        assert await files.get_file(connection, account_id=account_id, file_id=file.file_id) == file
        assert await files.get_file(connection, account_id=new_id(), file_id=file.file_id) is None
        owned = await files.owned_file_ids(connection, account_id=account_id, file_ids=[file.file_id, new_id()])
        assert owned == {file.file_id}


async def test_newest_is_found_when_name_and_content_are_the_same(database: Database) -> None:
    """Neither another name, nor other bytes, nor another account's."""
    account_id, other = await stored_account(database), await stored_account(database, "globex")
    first, second = new_file(account_id), new_file(account_id)
    async with database.write() as connection:
        for file in (
            replace(second, created_at=first.created_at + timedelta(seconds=1)),
            first,
            new_file(account_id, filename="b.csv"),
            new_file(account_id, sha256="b" * 64),
            new_file(other),
        ):
            await files.insert_file(connection, file)
        found = await files.find_file(connection, account_id=account_id, filename=first.filename, sha256=first.sha256)
        assert found is not None
        assert found.file_id == second.file_id
        for filename, digest in (("c.csv", first.sha256), (first.filename, "c" * 64)):
            assert (await files.find_file(connection, account_id=account_id, filename=filename, sha256=digest)) is None


async def test_bytes_are_summed_when_account_has_files(database: Database) -> None:
    """The sum is the account's own, above 32 bits too, and 0 without files."""
    account_id, other = await stored_account(database), await stored_account(database, "globex")
    async with database.write() as connection:
        assert await files.stored_bytes(connection, account_id) == 0
        for _ in range(3):
            await files.insert_file(connection, new_file(account_id, size=2_000_000_000))
        assert await files.stored_bytes(connection, account_id) == 6_000_000_000
        assert await files.stored_bytes(connection, other) == 0


async def test_page_is_cut_when_files_are_listed(database: Database) -> None:
    """Newest first, then by id, with the true total on every page."""
    account_id = await stored_account(database)
    at = now()
    stored = [new_file(account_id, created_at=at) for _ in range(3)]
    async with database.write() as connection:
        for file in stored:
            await files.insert_file(connection, file)
    expected = sorted(stored, key=lambda file: file.file_id, reverse=True)
    async with database.read() as connection:
        for offset in range(4):
            page = await files.list_files(connection, account_id=account_id, limit=2, offset=offset)
            assert page == (expected[offset : offset + 2], 3)


async def test_record_goes_when_file_is_deleted(database: Database) -> None:
    """And again is no error."""
    account_id = await stored_account(database)
    file = new_file(account_id)
    async with database.write() as connection:
        await files.insert_file(connection, file)
        for _ in range(2):
            await files.delete_file(connection, file.file_id)
        assert await files.get_file(connection, account_id=account_id, file_id=file.file_id) is None
