"""Checks an Office file's zip package before any library opens it."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from copydesk.errors import ReadError
from copydesk.readers.blocks import Limits

_MAX_ENTRIES = 10_000
# Sheets of repeated numbers shrink to a fiftieth; what shrinks further only counts as a bomb where
# it is also large, because short parts of one character are harmless.
_MAX_RATIO = 200
_RATIO_FROM = 16 * 2**20
_CHUNK = 2**20
_DTD = tuple("<!DOCTYPE".encode(codec) for codec in ("ascii", "utf-16-le", "utf-16-be"))
_OVERLAP = 32  # bytes kept of the chunk before, longer than any encoded "<!DOCTYPE"
_ENCODING = re.compile(rb"""^[^>]{0,80}encoding\s*=\s*["']([\w.-]+)""")
_ENCODINGS = {b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252"}
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"
_XML = (".xml", ".rels", ".vml")


def vet_package(data: bytes, limits: Limits) -> bytes:
    """Answer the package, safe to be opened by an Office library.

    Refused are packages that unpack to too much (by their directory, which zipfile holds every part
    to), encrypted parts, and document type definitions (no Office file has one; ECMA-376 part 2
    forbids them). A strict package (ISO/IEC 29500-1) is rewritten to the namespaces the libraries
    know.

    Raises:
        ReadError: With `reason` `bomb`, `encrypted` or `damaged`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            _check_sizes(parts, limits)
            strict = [part.filename for part in parts if _check_part(package, part)]
            return _as_transitional(package) if strict else data
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        msg = f"The file is damaged: its zip package cannot be unpacked ({error})."
        raise ReadError(msg, reason="damaged") from error


def _check_sizes(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(parts) > _MAX_ENTRIES:
        msg = f"The file unpacks to {len(parts):,} parts; at most {_MAX_ENTRIES:,} are read."
        raise ReadError(msg, reason="bomb")
    if any(part.flag_bits & 1 for part in parts):
        msg = "The file is encrypted; upload it without a password."
        raise ReadError(msg, reason="encrypted")
    total = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if total > limits.unpacked_bytes or (total > _RATIO_FROM and total > _MAX_RATIO * packed):
        msg = f"The file unpacks to {total / 2**20:,.0f} MiB, which is more than a document has."
        raise ReadError(msg, reason="bomb")


def _check_part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Refuse definitions in an XML part; answer whether it is of the strict kind."""
    if not part.filename.lower().endswith(_XML):
        return False
    strict, tail, first = False, b"", True
    for chunk in _chunks(package, part):
        if first:
            _check_encoding(chunk, part.filename)
            strict, first = _STRICT.search(chunk) is not None, False
        window = tail + chunk
        if any(mark in window for mark in _DTD):
            msg = f"The file holds a document type definition in {part.filename!r}, which no Office file has."
            raise ReadError(msg, reason="bomb")
        tail = chunk[-_OVERLAP:]
    return strict


def _chunks(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with package.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _check_encoding(start: bytes, name: str) -> None:
    """Only encodings in which the search for definitions sees what a parser sees."""
    found = _ENCODING.match(start)
    if found is not None and found[1].lower() not in _ENCODINGS:
        msg = f"The file is damaged: {name!r} is encoded as {found[1].decode()!r}, which Office files are not."
        raise ReadError(msg, reason="damaged")


def _as_transitional(package: zipfile.ZipFile) -> bytes:
    rewritten = io.BytesIO()
    with zipfile.ZipFile(rewritten, "w", zipfile.ZIP_STORED) as copy:
        for part in package.infolist():
            content = package.read(part)
            if part.filename.lower().endswith(_XML):
                content = _STRICT.sub(_TRANSITIONAL, content)
            copy.writestr(part.filename, content)
    return rewritten.getvalue()
