"""Stores of files' bytes. `database` is the default; the others are chosen by `BLOBS`."""

from pathlib import Path

from copydesk.ports import BlobStore
from copydesk.settings import Settings
from copydesk.store.database import Database

FOLDER = "files"  # of `directory` without a path, in DATA_DIR


def build_blobs(blobs: str, settings: Settings, database: Database) -> BlobStore:
    """The store that `blobs` names, a value of the setting `BLOBS`.

    Raises:
        ConfigurationError: Its library is not installed, or its settings do not do.
    """
    kind = blobs.partition(":")[0]
    if kind == "directory":
        from copydesk.adapters.blobs.directory import DirectoryBlobs  # noqa: PLC0415 - of use with a folder alone

        return DirectoryBlobs(blobs_folder(blobs, settings))
    if kind == "s3":
        from copydesk.adapters.blobs.s3 import S3Blobs  # noqa: PLC0415 - an optional library

        return S3Blobs(blobs, settings)
    from copydesk.adapters.blobs.database import DatabaseBlobs  # noqa: PLC0415 - of use with a database alone

    return DatabaseBlobs(database)


def blobs_folder(blobs: str, settings: Settings) -> Path:
    """The folder that `directory` or `directory:PATH` names."""
    path = blobs.partition(":")[2]
    return Path(path) if path else settings.data_dir / FOLDER
