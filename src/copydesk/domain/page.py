"""A page or linked file as the web gave it, before anything has read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from copydesk.domain.file import FileKind

HTML = "text/html"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV, TEXT, MARKDOWN = "text/csv", "text/plain", "text/markdown"
FILE_TYPES: Mapping[str, FileKind] = {  # by registered media type; what is not here is read as a page
    PDF: FileKind.PDF,
    DOCX: FileKind.DOCX,
    XLSX: FileKind.XLSX,
    CSV: FileKind.CSV,
    TEXT: FileKind.TXT,
    MARKDOWN: FileKind.TXT,
}


@dataclass(frozen=True, kw_only=True)
class Page:
    """What one address answered."""

    url: str  # as asked for
    final_url: str  # after redirects, normalized, without its fragment
    status: int
    content_type: str  # one of the readable media types, lower case, without parameters
    charset: str | None  # what the header says, if it is a known encoding
    body: bytes = field(repr=False)  # decompressed, never blank
    fetched_at: datetime  # when the site last said that this is what it has
    etag: str | None = None  # validators for the next request (RFC 9110, 8.8)
    last_modified: str | None = None
    keepable: bool = True  # whether the site lets a cache that several people share keep it

    @property
    def file_kind(self) -> FileKind | None:
        """The kind it is read as; None: an HTML page."""
        return FILE_TYPES.get(self.content_type)
