"""What kind of content an answer holds: by its header, and where that says nothing, by extension and first bytes."""

import codecs
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from copydesk.domain.page import CSV, DOCX, FILE_TYPES, HTML, MARKDOWN, PDF, TEXT, XLSX
from copydesk.domain.source import Disposition
from copydesk.errors import FetchError

# The readable media types, each with its registered spelling.
_READABLE: Mapping[str, str] = {
    HTML: HTML,
    "application/xhtml+xml": HTML,
    PDF: PDF,
    "application/x-pdf": PDF,
    DOCX: DOCX,
    XLSX: XLSX,
    CSV: CSV,
    "application/csv": CSV,
    "text/x-csv": CSV,
    TEXT: TEXT,
    MARKDOWN: MARKDOWN,
    "text/x-markdown": MARKDOWN,
}
# What servers say when they do not know; DOCX and XLSX are ZIP archives to some of them.
_SAYS_NOTHING = frozenset({
    "", "application/octet-stream", "binary/octet-stream", "application/download", "application/force-download",
    "application/x-download", "application/zip", "application/x-zip-compressed",
})  # fmt: skip
_EXTENSIONS: Mapping[str, str] = {
    ".pdf": PDF, ".docx": DOCX, ".xlsx": XLSX, ".csv": CSV, ".txt": TEXT, ".md": MARKDOWN,
    ".html": HTML, ".htm": HTML, ".xhtml": HTML,
}  # fmt: skip
ACCEPT = f"{HTML}, application/xhtml+xml, {', '.join(FILE_TYPES)};q=0.9, */*;q=0.1"

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';,]+)", re.IGNORECASE)
_MAX_CHARSET = 40  # characters, IANA's registry; Python reads over any number of hyphens
_PDF_WITHIN = 1024  # bytes before which a PDF's mark may stand (ISO 32000-1, implementation note 13)


def declared_type(header: str) -> str:
    """The media type that a Content-Type header names, in lower case; empty if none."""
    return header.partition(";")[0].partition(",")[0].strip().lower()


def declared_charset(header: str) -> str | None:
    """The charset that a Content-Type header names, in lower case, if Python knows it as a text encoding."""
    match = _CHARSET.search(header)
    if match is None or len(match[1]) > _MAX_CHARSET:
        return None
    try:
        "".encode(match[1])  # refuses codecs that are no text encoding
    except (LookupError, ValueError):
        return None
    return match[1].lower()


def check_readable(media_type: str, host: str) -> None:
    """Refuse, before the body is read, a type that no reader reads.

    Raises:
        FetchError: `unsupported`, naming the type.
    """
    if media_type not in _READABLE and media_type not in _SAYS_NOTHING:
        msg = f"{host} sent content of a kind that is not read ({media_type[:100]})."
        raise FetchError(msg, reason=Disposition.UNSUPPORTED)


def decide_type(media_type: str, path: str, body: bytes, host: str) -> str:
    """The registered spelling of the declared type, or the type found by extension and first bytes.

    Raises:
        FetchError: `unsupported` if neither says anything readable.
    """
    by_extension = _EXTENSIONS.get(PurePosixPath(path).suffix.lower())
    if media_type == TEXT and by_extension in (CSV, MARKDOWN):
        return by_extension  # raw files of code hosts are all declared plain text
    if media_type in _READABLE:
        return _READABLE[media_type]
    found = _by_content(body, by_extension)
    if found is None:
        msg = f"{host} does not say what kind of content it sent, and it is none that is read."
        raise FetchError(msg, reason=Disposition.UNSUPPORTED)
    return found


def _by_content(body: bytes, by_extension: str | None) -> str | None:
    if b"%PDF-" in body[:_PDF_WITHIN]:
        return PDF
    if body.startswith(b"PK\x03\x04"):
        if by_extension in (DOCX, XLSX):
            return by_extension
        return DOCX if b"word/document.xml" in body else XLSX if b"xl/workbook.xml" in body else None
    start = body[:_PDF_WITHIN].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return HTML
    is_text = by_extension in (CSV, TEXT, MARKDOWN, HTML) and b"\0" not in body
    return by_extension if is_text else None
