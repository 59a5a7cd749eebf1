"""Lines of text on PDF pages, with their place and size, as PDFium has them."""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
HYPHEN = "\ufffe"  # PDFium's mark for a hyphen at a line's end; often the next line is joined to it
_HYPHENS = re.compile("[\x02\xad]")  # older marks, and the soft hyphen
LEADERS = re.compile(r"(?:\.\s?){5,}\s*\w{1,5}$")  # the dots of a table of contents
_BOLD = 600  # font weight, as in CSS
_BOLD_NAME = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
_NAME_BYTES = 128  # of a font's name; PostScript names have 63 at most
_CELL_GAP = 0.9  # times the size: a wider gap parts cells, not words


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A part of a line between wide gaps."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of text on a page; lengths in points, from the page's upper left corner."""

    text: str  # without spaces around it; a hyphen at its end is "-"
    page: int  # 1-based
    left: float
    right: float
    first: float  # baseline of its first character
    last: float  # baseline of its last character; lower where a hyphenated line was joined
    size: float  # of the font
    bold: bool
    page_height: float
    cells: tuple[Cell, ...] = ()  # two or more, or none


def page_lines(text_page: Any, *, number: int, height: float) -> Iterator[Line]:
    """The lines of a page in the order of its content."""
    import pypdfium2.raw as pdfium  # noqa: PLC0415 -- heavy; only the sandbox process reads

    text = text_page.get_text_range()
    # Positions count in UTF-16, as PDFium does; beyond the basic plane Python counts less.
    wide = not text.isascii() and max(text) > "\uffff"
    measure = _Measure(pdfium, text_page, number, height)
    start = 0
    for found in _LINE.finditer(text):
        piece = found[1]
        if piece.strip():
            before = len(piece) - len(piece.lstrip())
            first = start + before
            positions = _positions(piece.strip(), first) if wide else range(first, first + len(piece.strip()))
            yield measure.line(piece.strip(), positions)
        start += (len(piece.encode("utf-16-le")) // 2 if wide else len(piece)) + len(found[2])


def _positions(text: str, first: int) -> list[int]:
    positions: list[int] = []
    for character in text:
        positions.append(first)
        first += 2 if character > "\uffff" else 1
    return positions


class _Measure:
    """Asks PDFium for the places of characters."""

    def __init__(self, pdfium: Any, text_page: Any, number: int, height: float) -> None:
        self._pdfium = pdfium
        self._text_page = text_page
        self._raw = text_page.raw
        self._number = number
        self._height = height
        self._name = ctypes.create_string_buffer(_NAME_BYTES)

    def line(self, text: str, positions: "range | list[int]") -> Line:
        """The line of `text`, whose characters stand at `positions` of the page's text."""
        index = self._pdfium.FPDFText_GetCharIndexFromTextIndex
        first, middle, last = (index(self._raw, positions[at]) for at in (0, len(text) // 2, len(text) - 1))
        marked = _HYPHENS.sub(HYPHEN, text)
        size = median(self._size(at) for at in (first, middle, last))
        return Line(
            text=f"{marked[:-1]}-" if marked.endswith(HYPHEN) else marked,
            page=self._number,
            left=self._box(first).left,
            right=self._box(last).right,
            first=self._baseline(first),
            last=self._baseline(last),
            size=round(size, 1),
            bold=self._bold(first) and self._bold(last),
            page_height=self._height,
            cells=() if LEADERS.search(text) else self._cells(text, positions, size),
        )

    def _cells(self, text: str, positions: "range | list[int]", size: float) -> tuple[Cell, ...]:
        """Cut at spaces that stand in no font but only for a wide gap."""
        pdfium, index = self._pdfium, self._pdfium.FPDFText_GetCharIndexFromTextIndex
        cells: list[Cell] = []
        begin, left = 0, self._box(index(self._raw, positions[0])).left
        for at, character in enumerate(text):
            if character != " " or pdfium.FPDFText_IsGenerated(self._raw, index(self._raw, positions[at])) != 1:
                continue
            ends = self._box(index(self._raw, positions[at - 1])).right
            begins = self._box(index(self._raw, positions[at + 1])).left
            if begins - ends > _CELL_GAP * size:
                cells.append(Cell(text=text[begin:at].strip(), left=left, right=ends))
                begin, left = at + 1, begins
        if not cells:
            return ()
        right = self._box(index(self._raw, positions[-1])).right
        return (*cells, Cell(text=text[begin:].strip(), left=left, right=right))

    def _bold(self, index: int) -> bool:
        """By the font's weight, or by its name where the font is not embedded."""
        if self._pdfium.FPDFText_GetFontWeight(self._raw, index) >= _BOLD:
            return True
        length = self._pdfium.FPDFText_GetFontInfo(self._raw, index, self._name, len(self._name), None)
        return 0 < length <= len(self._name) and _BOLD_NAME.search(self._name.value) is not None

    def _size(self, index: int) -> float:
        """The font's size as drawn: many programs set size 1 and scale by the matrix."""
        matrix = self._pdfium.FS_MATRIX()
        size = float(self._pdfium.FPDFText_GetFontSize(self._raw, index))
        if self._pdfium.FPDFText_GetMatrix(self._raw, index, ctypes.byref(matrix)):
            size *= (matrix.c**2 + matrix.d**2) ** 0.5
        return size

    def _baseline(self, index: int) -> float:
        x, y = ctypes.c_double(), ctypes.c_double()
        self._pdfium.FPDFText_GetCharOrigin(self._raw, index, ctypes.byref(x), ctypes.byref(y))
        return self._height - y.value

    def _box(self, index: int) -> Any:
        box = self._pdfium.FS_RECTF()
        self._pdfium.FPDFText_GetLooseCharBox(self._raw, index, ctypes.byref(box))
        return box
