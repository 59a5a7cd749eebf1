"""Bytes of files in a folder: one file each, written beside its place and moved there when it is whole."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from secrets import token_hex

from copydesk.domain.file import BlobKey
from copydesk.errors import DatabaseError

_BATCH = 1_000  # keys one look takes
_PART = ".part"  # ends the name of what is still being written
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


class DirectoryBlobs:
    """Implements `ports.BlobStore` over `FOLDER/ACCOUNT/FILE`.

    Several machines may share the folder, if their file system renames atomically (NFS does).
    """

    name = "directory"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def put(self, key: BlobKey, data: bytes) -> None:
        """Keep bytes, on the disk when this returns."""
        with _translated():
            await asyncio.to_thread(self._write, key, data)

    async def get(self, key: BlobKey) -> bytes | None:
        """The bytes, or None."""
        with _translated(), suppress(FileNotFoundError):
            return await asyncio.to_thread(self.path(key).read_bytes)
        return None

    async def size(self, key: BlobKey) -> int | None:
        """How many bytes, or None."""
        with _translated(), suppress(FileNotFoundError):
            return (await asyncio.to_thread(self.path(key).stat)).st_size
        return None

    async def delete(self, key: BlobKey) -> None:
        """Delete the bytes; its account's folder stays."""
        with _translated():
            await asyncio.to_thread(self.path(key).unlink, missing_ok=True)

    async def list_keys(self) -> AsyncIterator[Sequence[BlobKey]]:
        """Every key, account by account."""
        found = self._walk()
        while True:
            with _translated():
                batch = await asyncio.to_thread(lambda: list(islice(found, _BATCH)))
            if not batch:
                return
            yield batch

    async def tidy(self, *, before: datetime) -> int:
        """Delete what was being written when a process ended."""
        with _translated():
            return await asyncio.to_thread(self._tidy, before.timestamp())

    def path(self, key: BlobKey) -> Path:
        """Where the bytes of a key are: ids are all that a path is made of."""
        return self.folder / key.account_id / key.file_id

    def _write(self, key: BlobKey, data: bytes) -> None:
        path = self.path(key)
        _make_folder(path.parent)
        part = path.with_name(f"{path.name}.{token_hex(8)}{_PART}")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def _walk(self) -> Iterator[BlobKey]:
        for account in _entries(self.folder):
            for entry in _entries(self.folder / account):
                key = BlobKey.parse(f"{account}/{entry}")
                if key is not None:
                    yield key

    def _tidy(self, before: float) -> int:
        count = 0
        for account in _entries(self.folder):
            for entry in _entries(self.folder / account):
                part = self.folder / account / entry
                with suppress(FileNotFoundError):  # its writer has just moved it to its place
                    if entry.endswith(_PART) and part.stat().st_mtime < before:
                        part.unlink()
                        count += 1
        return count


def _entries(folder: Path) -> list[str]:
    """The names in a folder, in order; none where there is no such folder."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return sorted(entry.name for entry in folder.iterdir())
    return []


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, each lasting."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = (
            f"The folder of uploaded files cannot be read or written right now ({error.strerror or error}); "
            "try again in a few seconds."
        )
        raise DatabaseError(message) from error
