"""What a sheet's XML says beside the values of its cells: which are merged, which rows and columns are hidden.

Read by a scan of the part's bytes, because the library streams cells without it and would otherwise
hold the whole sheet in memory.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_CHUNK = 2**20
_MAX_TAG = 1_024  # bytes; the tags looked for have a tenth of it
_TAG = re.compile(rb"<(?:\w+:)?(mergeCell|row|col)\s([^<>]{1,1000}?)/?>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*["']([^"']*)["']""")
_MARKS = (b"mergeCell", b"hidden")  # a chunk without them is passed over
_REFERENCE = re.compile(rb"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")
_TRUE = (b"1", b"true", b"on")
_MAX_MERGED = 20_000  # ranges of one sheet
_MAX_WIDTH = 256  # columns of a range that is filled
_MAX_COLUMN = 16_384
_MAX_NAME = 120  # characters; longer texts are notes in a box, and name nothing


@dataclass(frozen=True, kw_only=True)
class Range:
    """Merged cells; rows and columns are 1-based, the last ones included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a sheet says of its rows and columns."""

    merged: tuple[Range, ...] = ()  # from top to bottom
    hidden_rows: frozenset[int] = frozenset()  # 1-based
    hidden_columns: frozenset[int] = frozenset()


def read_layout(package: zipfile.ZipFile, part: str, check_time: Callable[[], None]) -> Layout:
    """Scan the part of a sheet.

    Args:
        package: The workbook.
        part: The name of the sheet's part in it.
        check_time: Called now and then; what it raises ends the scan.
    """
    merged: list[Range] = []
    rows: set[int] = set()
    columns: set[int] = set()
    for kind, attributes in _tags(package, part, check_time):
        if kind == b"mergeCell":
            merged.extend(_range(attributes.get(b"ref", b"")) if len(merged) < _MAX_MERGED else ())
        elif attributes.get(b"hidden") in _TRUE:
            if kind == b"row":
                rows.update(_integers(attributes, b"r"))
            elif ends := list(_integers(attributes, b"min", b"max")):
                columns.update(range(ends[0], min(ends[-1], _MAX_COLUMN) + 1))
    return Layout(
        merged=tuple(sorted(merged, key=lambda area: area.top)),
        hidden_rows=frozenset(rows),
        hidden_columns=frozenset(columns),
    )


def _tags(
    package: zipfile.ZipFile, part: str, check_time: Callable[[], None]
) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
    tail = b""
    with package.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            check_time()
            window = tail + chunk
            last = 0
            if any(mark in window for mark in _MARKS):
                for found in _TAG.finditer(window):
                    last = found.end()
                    if found[1] == b"mergeCell" or b"hidden" in found[2]:
                        yield found[1], dict(_ATTRIBUTE.findall(found[2]))
            tail = window[max(last, len(window) - _MAX_TAG) :]


def _integers(attributes: dict[bytes, bytes], *names: bytes) -> Iterator[int]:
    return (int(value) for name in names if (value := attributes.get(name, b"")).isdigit() and len(value) < 8)  # noqa: PLR2004 -- digits of the last row


def _range(reference: bytes) -> Iterator[Range]:
    found = _REFERENCE.fullmatch(reference)
    if found is not None:
        left, right = _column(found[1]), _column(found[3])
        top, bottom = int(found[2]), int(found[4])
        if left <= right < left + _MAX_WIDTH and top <= bottom:
            yield Range(top=top, bottom=bottom, left=left, right=right)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


class Merging:
    """Fills merged ranges with the text of their first cell, row by row from the top."""

    def __init__(self, merged: Sequence[Range]) -> None:
        self._waiting = list(reversed(merged))
        self._open: list[tuple[Range, str]] = []  # ranges that reach the row, and the text of each

    def fill(self, number: int, cells: list[str], is_name: Callable[[str], bool]) -> list[str]:
        """The cells of a row with those of merged ranges filled.

        Only names are repeated: a number that stands for several rows would be counted several times. A
        range that is all that its row holds is a title, and stays one cell.

        Args:
            number: Of the row, 1-based; rows come in order, and may be left out.
            cells: From the first column on.
            is_name: Whether a cell's text may be repeated.
        """
        self._open = [(area, text) for area, text in self._open if area.bottom >= number]
        while self._waiting and self._waiting[-1].top <= number:
            area = self._waiting.pop()
            text = cells[area.left - 1] if area.top == number and area.left <= len(cells) else ""
            if area.bottom >= number and text and len(text) <= _MAX_NAME and is_name(text):
                self._open.append((area, text))
        filled = sum(1 for cell in cells if cell)
        if filled == 1:
            self._open = [(area, text) for area, text in self._open if area.top != number]
        if not self._open or not filled:
            return cells
        row = list(cells)
        for area, text in self._open:
            row.extend([""] * (area.right - len(row)))
            for column in range(area.left - 1, area.right):
                row[column] = row[column] or text
        return row
