"""What goes over the pipes between the service and a reader process.

A frame is its length in eight bytes, big end first, and its content. A request is two frames: the
`Job` as JSON and the file's bytes. An answer is one frame of JSON lines: first an `Opening` with the
first blocks, then further blocks, tables in pieces. Nothing that comes back is ever executed or
unpickled: it is parsed as data, line by line, into values of fixed shape.
"""

import json
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from copydesk.domain.source import Block, BlockKind, Document
from copydesk.errors import ReadError

_LENGTH = struct.Struct(">Q")
AT_ONCE = 65_536  # bytes; what is shorter is written, and read, with one call to the system
_READ = 2**20  # bytes that one call reads at most
_PIECE = 2_000  # cells in one line, so that no line holds up for long the thread that parses it
_CELL_TEXT = 40  # characters of text that weigh as much as one cell

_Rows = Sequence[Sequence[str]]
_FIELDS = {
    Document: tuple((field.name, field.default) for field in fields(Document) if field.name != "blocks"),
    Block: tuple((field.name, field.default) for field in fields(Block) if field.name != "cells"),
}


class FrameTooLong(Exception):
    """A frame says that it is longer than what is accepted."""


class FrameBroken(Exception):
    """What came is no answer, or more than one."""


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
    """The first line of an answer: the document with its first blocks, or the error."""

    document: Document | None = None
    reason: str | None = None  # of the ReadError
    message: str | None = None  # of the ReadError
    spent: bool = False  # of the ReadError: whether it is a ReaderSpent


@dataclass(frozen=True, kw_only=True)
class _Line:
    """Any other line: further blocks, or further rows of the table before."""

    blocks: tuple[Block, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()


def write_frames(descriptor: int, *contents: bytes) -> None:
    """Write each content as a frame.

    Raises:
        OSError: The other side is gone.
    """
    parts = [part for content in contents for part in (_LENGTH.pack(len(content)), content)]
    if sum(map(len, parts)) <= AT_ONCE:
        parts = [b"".join(parts)]
    for part in parts:
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


class FrameReader:
    """Reads frames from a descriptor."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._pieces: list[bytes] = []  # read already
        self._have = 0  # bytes in them
        self._need = _LENGTH.size  # bytes of the frame begun, its length included once that is known
        self._begun = False  # whether its length is known

    @property
    def at_rest(self) -> bool:
        """Whether nothing was read beyond the last frame."""
        return not self._have

    def read(self, *, limit: int) -> bytes:
        """Read one frame of at most `limit` bytes.

        Raises:
            FrameTooLong: It is longer; nothing more is to be read.
            EOFError: The stream ended.
        """
        frame = self._frame(limit)
        while frame is None:
            frame = self.advance(limit=limit)
        return frame

    def advance(self, *, limit: int) -> bytes | None:
        """Read once; answer the frame when it is complete. Raises as `read`."""
        missing = self._need - self._have
        piece = os.read(self.descriptor, max(AT_ONCE, min(missing, _READ)))
        if not piece:
            raise EOFError
        self._pieces.append(piece)
        self._have += len(piece)
        return self._frame(limit)

    def _frame(self, limit: int) -> bytes | None:
        """The next frame if all of it is there."""
        if self._have < self._need:
            return None
        content = self._join()
        if not self._begun:
            (length,) = _LENGTH.unpack_from(content)
            if length > limit:
                raise FrameTooLong
            self._begun, self._need = True, _LENGTH.size + length
            if self._have < self._need:
                return None
        rest = content[self._need :]
        frame = content[_LENGTH.size : self._need]
        self._pieces, self._have = ([rest] if rest else []), len(rest)
        self._begun, self._need = False, _LENGTH.size
        return frame

    def _join(self) -> bytes:
        content = b"".join(self._pieces)
        self._pieces = [content]
        return content


def encode_document(document: Document) -> bytes:
    """The answer that carries `document`."""
    lines = _lines(document.blocks)
    opening = {**_stated(document), **next(lines, {"blocks": ()})}
    return b"\n".join((_dump({"document": opening}), *map(_dump, lines)))


def encode_error(error: ReadError) -> bytes:
    """The answer that carries `error`."""
    return _dump({"reason": error.reason, "message": error.message, "spent": isinstance(error, ReaderSpent)})


def _lines(blocks: Sequence[Block]) -> Iterator[dict[str, Any]]:
    """The blocks in portions of `_PIECE` cells or as much text; further rows of a table follow it."""
    portion, weight = list[dict[str, Any]](), 0
    for block in blocks:
        cells = block.cells
        width = max(map(len, cells)) + 1 if cells else 1
        step = _PIECE // width or 1
        portion.append({**_stated(block), "cells": cells[:step]} if cells else _stated(block))
        weight += 1 + len(block.text) // _CELL_TEXT + min(len(cells), step) * width
        if weight >= _PIECE or len(cells) > step:
            yield {"blocks": portion}
            portion, weight = [], 0
        for start in range(step, len(cells), step):
            yield {"cells": cells[start : start + step]}
    if portion:
        yield {"blocks": portion}


def _stated(value: Document | Block) -> dict[str, Any]:
    """The fields that are not as by default."""
    return {name: stated for name, default in _FIELDS[type(value)] if (stated := getattr(value, name)) != default}


def _dump(value: object) -> bytes:
    return _encode(value).encode("utf-8", "replace")


def _plain(value: object) -> object:
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    msg = f"{type(value).__name__} has no form in an answer"
    raise TypeError(msg)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, default=_plain).encode


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
        document = opening.document
        if document is None:
            if opening.reason is None or opening.message is None:
                raise FrameBroken
            kind = ReaderSpent if opening.spent else ReadError
            raise kind(opening.message, reason=opening.reason)
        if document.published_at is not None:
            document = replace(document, published_at=_aware(document.published_at))
        return replace(document, blocks=_joined(document.blocks, lines)) if lines else document


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise FrameBroken
    return moment.astimezone(UTC)


def _joined(blocks: tuple[Block, ...], lines: Sequence[_Line]) -> tuple[Block, ...]:
    """All blocks, and each table with all its rows."""
    joined = list(blocks)
    rows = list[tuple[str, ...]]()  # of the last block, where more than its first came
    for line in lines:
        if bool(line.blocks) == bool(line.cells):
            raise FrameBroken
        if line.blocks:
            _complete(joined, rows)
            rows = []
            joined.extend(line.blocks)
        elif joined and joined[-1].kind is BlockKind.TABLE:
            rows.extend(line.cells)
        else:
            raise FrameBroken
    _complete(joined, rows)
    return tuple(joined)


def _complete(joined: list[Block], rows: _Rows) -> None:
    if rows:
        joined[-1] = replace(joined[-1], cells=(*joined[-1].cells, *map(tuple, rows)))
