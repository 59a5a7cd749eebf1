"""Uploaded files."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

MAX_FILE_BYTES = 25_000_000  # contract.md, Files: 25 MB
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


class FileKind(StrEnum):
    """What a file is read as. Markdown is read as text."""

    PDF = "pdf"
    DOCX = "docx"
    CSV = "csv"
    XLSX = "xlsx"
    TXT = "txt"


@dataclass(frozen=True, kw_only=True)
class UploadedFile:
    """A file of an account, as the contract's Files section lists it."""

    file_id: str  # UUIDv7
    account_id: str
    filename: str  # last path component, at most 255 characters
    kind: FileKind
    content_type: str
    size: int  # bytes
    sha256: str  # hex digest of the bytes
    words: int  # words of its text
    pages: int | None  # PDF
    sheets: int | None  # XLSX
    rows: int | None  # CSV, XLSX: data rows of all sheets
    preview: str  # the first characters of its text
    created_at: datetime

    @property
    def key(self) -> "BlobKey":
        """Under which its bytes are kept."""
        return BlobKey(account_id=self.account_id, file_id=self.file_id)


@dataclass(frozen=True, kw_only=True)
class BlobKey:
    """Under which the bytes of a file are kept: nobody reaches another account's by a file's id.

    Raises:
        ValueError: An id is none: such a key could lead out of its store.
    """

    account_id: str  # UUID, lower case
    file_id: str  # UUIDv7, lower case

    def __post_init__(self) -> None:
        for value in (self.account_id, self.file_id):
            if not _ID.fullmatch(value):
                msg = f"{value!r} is no id of an account or a file"
                raise ValueError(msg)

    @classmethod
    def parse(cls, text: str) -> "BlobKey | None":
        """The key that is written so, or None."""
        account_id, _, file_id = text.partition("/")
        return (
            cls(account_id=account_id, file_id=file_id)
            if _ID.fullmatch(account_id) and _ID.fullmatch(file_id)
            else None
        )

    def __str__(self) -> str:
        return f"{self.account_id}/{self.file_id}"

    @property
    def made_at(self) -> datetime:
        """When the file's id was made, to the millisecond (RFC 9562, 5.7)."""
        return datetime.fromtimestamp(int(self.file_id[:8] + self.file_id[9:13], 16) / 1000, tz=UTC)
