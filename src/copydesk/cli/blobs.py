"""`blobs copy`: from one place of files' bytes to another."""

import asyncio
import hashlib
import sys

from copydesk.cli.exits import Exit
from copydesk.domain.file import UploadedFile
from copydesk.errors import ConfigurationError
from copydesk.ports import BlobStore
from copydesk.settings import BLOBS, Settings, load_settings
from copydesk.store.files import list_all_files
from copydesk.telemetry import configure_logging
from copydesk.wiring import open_blobs

_BATCH = 500  # records one look takes


def run_copy(target: str) -> None:
    """Copy, compare checksums, and say what is to be done next; fails where a file is missing or damaged.

    Raises:
        ConfigurationError: The target is none, or the same place.
        DatabaseError: A store cannot be reached; what was copied is found the next time.
    """
    settings = load_settings()
    configure_logging(level=settings.log_level, style=settings.log_format)
    sys.exit(asyncio.run(copy_files(settings, target)))


async def copy_files(settings: Settings, target: str) -> Exit:
    """Copy the bytes of every file that is recorded; raises as `run_copy`."""
    _refuse_target(settings, target)
    copied = there = lost = 0
    async with open_blobs(settings) as (database, build):
        source, goal = build(settings.blobs), build(target)
        after = ""
        while True:
            async with database.read() as connection:
                found = await list_all_files(connection, after=after, limit=_BATCH)
            if not found:
                break
            for file in found:
                if await goal.size(file.key) == file.size:
                    there += 1
                elif await _copy_one(file, source, goal):
                    copied += 1
                else:
                    lost += 1
                    _say(f"{file.file_id} ({file.filename!r}) is missing or damaged in {settings.blobs}.")
            after = found[-1].file_id
    _say(f"{copied} files copied, {there} were there already, {lost} are lost.")
    _say(f"Stop the service, copy once more, set COPYDESK_BLOBS={target}, and start it again.")
    return Exit.FAILED if lost else Exit.OK


def _refuse_target(settings: Settings, target: str) -> None:
    if target == settings.blobs:
        message = f"The files are kept in {target!r} already; name another place."
        raise ConfigurationError(message)
    if not BLOBS.fullmatch(target):
        message = f"{target!r} is none of database, directory, directory:PATH and s3://bucket/prefix."
        raise ConfigurationError(message)


async def _copy_one(file: UploadedFile, source: BlobStore, goal: BlobStore) -> bool:
    """Copy the bytes of a file; False where they are not those that were uploaded."""
    data = await source.get(file.key)
    if data is None or hashlib.sha256(data).hexdigest() != file.sha256:
        return False
    await goal.put(file.key, data)
    return True


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)  # noqa: T201 - a command's own words
