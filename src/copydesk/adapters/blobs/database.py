"""Bytes of files in the application's database, where every worker reaches them without further setting up."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from copydesk.domain.file import BlobKey
from copydesk.store import contents
from copydesk.store.database import Database

_BATCH = 1_000  # keys one look takes


class DatabaseBlobs:
    """Implements `ports.BlobStore` over the table `file_contents`."""

    name = "database"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, key: BlobKey, data: bytes) -> None:
        """Keep bytes, in a transaction of their own."""
        async with self._database.write() as connection:
            await contents.put_content(connection, key, data)

    async def get(self, key: BlobKey) -> bytes | None:
        """The bytes, or None."""
        async with self._database.read() as connection:
            return await contents.get_content(connection, key)

    async def size(self, key: BlobKey) -> int | None:
        """How many bytes, or None."""
        async with self._database.read() as connection:
            return await contents.content_size(connection, key)

    async def delete(self, key: BlobKey) -> None:
        """Delete the bytes."""
        async with self._database.write() as connection:
            await contents.delete_content(connection, key)

    async def list_keys(self) -> AsyncIterator[Sequence[BlobKey]]:
        """Every key, by file id."""
        after = ""
        while True:
            async with self._database.read() as connection:
                found = await contents.list_keys(connection, after=after, limit=_BATCH)
            if not found:
                return
            yield found
            after = found[-1].file_id

    async def tidy(self, *, before: datetime) -> int:
        """A transaction leaves nothing."""
        del before
        return 0
