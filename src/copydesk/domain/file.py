"""Uploaded files."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_FILE_BYTES = 25_000_000  # contract.md, Files: 25 MB


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
