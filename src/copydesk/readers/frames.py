"""What goes over the pipes between the service and a reader process.

A frame is its length in eight bytes, big end first, and its content. A request is two frames: the
`Job` as JSON and the file's bytes. An answer is one frame of JSON lines: first an `Opening`, then
one line for each block, tables in pieces. Nothing that comes back is ever executed or unpickled: it
is parsed as data, line by line, into values of fixed shape.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import IO

from copydesk.domain.source import Block, BlockKind, Document
from copydesk.errors import ReadError

_LENGTH = struct.Struct(">Q")
_PIECE = 2_000  # cells of a table in one line, so that no line holds up the thread that parses it
_FACTS = (
    "title",
    "site",
    "author",
    "published_at",
    "license",
    "language",
    "canonical_url",
    "pages",
    "sheets",
    "rows",
    "notes",
)


_BLOCK = ("kind", "text", "level", "page", "sheet", "first_row", "header")


class FrameTooLong(Exception):
    """A frame says that it is longer than what is accepted."""


class FrameBroken(Exception):
    """The other side closed the pipe, or sent what is no answer."""


class ReaderSpent(ReadError):
    """A library failed in a way that nobody foresaw: the process is better replaced."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a reader process is asked to read."""

    kind: str  # a FileKind, or "html"
    url: str = ""  # of a page
    charset: str | None = None  # of a page: as its HTTP header says


@dataclass(frozen=True, kw_only=True)
class Opening:
    """The first line of an answer: the document without its blocks, or the error."""

    document: Document | None = None
    reason: str | None = None  # of the ReadError
    message: str | None = None  # of the ReadError
    spent: bool = False  # of the ReadError: whether it is a ReaderSpent


@dataclass(frozen=True, kw_only=True)
class _Line:
    """Any other line: a block, or further rows of the table before."""

    block: Block | None = None
    cells: tuple[tuple[str, ...], ...] = ()


def write_frame(stream: IO[bytes], content: bytes) -> None:
    """Write one frame and flush it."""
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def read_frame(stream: IO[bytes], *, limit: int) -> bytes:
    """Read one frame of at most `limit` bytes.

    Raises:
        FrameTooLong: It is longer; nothing of it was read.
        FrameBroken: The stream ended.
    """
    (length,) = _LENGTH.unpack(_read_exactly(stream, _LENGTH.size))
    if length > limit:
        raise FrameTooLong
    return _read_exactly(stream, length)


def _read_exactly(stream: IO[bytes], length: int) -> bytes:
    content = stream.read(length)  # of a buffered stream: all of it, or the stream has ended
    if len(content) < length:
        raise FrameBroken
    return content


def encode_document(document: Document) -> bytes:
    """The answer that carries `document`."""
    facts = {name: getattr(document, name) for name in _FACTS}
    lines = [_dump({"document": {**facts, "blocks": []}})]
    for block in document.blocks:
        lines.extend(_block_lines(block))
    return b"\n".join(lines)


def encode_error(error: ReadError) -> bytes:
    """The answer that carries `error`."""
    return _dump({"reason": error.reason, "message": error.message, "spent": isinstance(error, ReaderSpent)})


def _block_lines(block: Block) -> Iterator[bytes]:
    cells = block.cells
    step = max(1, _PIECE // max(1, len(cells[0]))) if cells else 1
    block_values = {name: value for name in _BLOCK if (value := getattr(block, name)) is not None}
    yield _dump({"block": {**block_values, "cells": cells[:step]}})
    for start in range(step, len(cells), step):
        yield _dump({"cells": cells[start : start + step]})


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain).encode("utf-8", "replace")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    msg = f"{type(value).__name__} has no form in an answer"
    raise TypeError(msg)


class AnswerParser:
    """Parses answers strictly: wrong types, unknown kinds and other shapes are refused."""

    def __init__(self) -> None:
        from pydantic import TypeAdapter  # noqa: PLC0415 -- the reader processes import this module without it

        self._opening = TypeAdapter(Opening)
        self._line = TypeAdapter(_Line)

    def parse(self, answer: bytes) -> Document:
        """The document of an answer.

        Raises:
            ReadError: The one that the answer carries.
            FrameBroken: It is not an answer.
        """
        first, *rest = answer.split(b"\n")
        try:
            opening = self._opening.validate_json(first, strict=True)
            lines = [self._line.validate_json(line, strict=True) for line in rest]
        except ValueError as error:
            raise FrameBroken from error
        if opening.document is None:
            if opening.reason is None or opening.message is None:
                raise FrameBroken
            kind = ReaderSpent if opening.spent else ReadError
            raise kind(opening.message, reason=opening.reason)
        published_at = opening.document.published_at and opening.document.published_at.astimezone(UTC)
        return replace(opening.document, blocks=tuple(_blocks(lines)), published_at=published_at)


def _blocks(lines: list[_Line]) -> Iterator[Block]:
    table: Block | None = None
    rows: list[tuple[str, ...]] = []
    for line in lines:
        if line.block is None and table is None:
            raise FrameBroken
        if line.block is not None:
            if table is not None:
                yield replace(table, cells=tuple(rows))
            table, rows = (line.block, list(line.block.cells)) if line.block.kind is BlockKind.TABLE else (None, [])
            if table is None:
                yield line.block
        else:
            rows.extend(line.cells)
    if table is not None:
        yield replace(table, cells=tuple(rows))
