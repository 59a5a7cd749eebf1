"""Lines of text on PDF pages, with their place and size, as PDFium has them."""

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from copydesk.readers.pdf_objects import OUTSIDE, Box, PageObjects

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
HYPHEN = "\ufffe"  # PDFium's mark for a hyphen at a line's end; often the next line is joined to it
_HYPHENS = re.compile("[\x02\xad]")  # older marks, and the soft hyphen
_LEADERS = re.compile(r"(?:\.\s?){5,}\s*\w{1,5}$")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_MARK = re.compile(r"(?<!\w)\d{1,2}(?=[^\W\d_])")  # what may be the number of a footnote, before its text
_MARK_SIZE = 0.85  # of the text's size; larger numbers belong to their word, as in "3D"
_BOLD = 600  # font weight, as in CSS
_BOLD_NAME = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
_NAME_BYTES = 128  # of a font's name; PostScript names have 63 at most
_CELL_GAP = 0.9  # times the size: a wider gap parts cells, not words
_SAME_LINE = 0.5  # times the size: characters whose baselines differ less stand on one line
_SLANTED = 0.2  # of a direction's length: text that leans more is neither level nor upright
_OFF_PAGE = 2.0  # points beyond the page's edge


def has_leaders(text: str) -> bool:
    """Whether a line ends as in a table of contents: with dots, and a page's number."""
    return (". . ." in text or "....." in text) and _LEADERS.search(text) is not None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A part of a line between wide gaps."""

    text: str
    left: float
    right: float
    baseline: float
    size: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of text on a page; lengths in points, from the upper left corner as its reader holds the page."""

    text: str  # without spaces around it; a hyphen at its end is "-"
    page: int  # 1-based
    left: float
    right: float
    baseline: float
    size: float  # of the font
    bold: bool
    page_height: float
    turn: int = 0  # quarter turns that its reader gives the page, 0 to 3
    column: int = 0  # lines of one number stand below one another
    cells: tuple[Cell, ...] = ()  # two or more, or none


class LineReader:
    """Takes the lines from one text page.

    Args:
        text_page: PDFium's.
        number: Of the page, 1-based.
        box: The visible part of the page.
        objects: What stands on it.
        brief: Whether to take less of each line and so less time: no cells, no weight.
    """

    def __init__(self, text_page: Any, *, number: int, box: Box, objects: PageObjects, brief: bool = False) -> None:
        import pypdfium2.raw as pdfium  # noqa: PLC0415 -- heavy; only the sandbox process reads

        self.unseen: set[str] = set()  # why letters were left out
        self._pdfium = pdfium
        self._box_of = pdfium.FPDFText_GetLooseCharBox
        self._text_page = text_page
        self._raw = text_page.raw
        self._number = number
        self._box = box
        self._objects = objects
        self._brief = brief
        self._name = ctypes.create_string_buffer(_NAME_BYTES)
        self._rectangle, self._matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
        self._rectangle_by, self._matrix_by = ctypes.byref(self._rectangle), ctypes.byref(self._matrix)
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._x_by, self._y_by = ctypes.byref(self._x), ctypes.byref(self._y)

    def lines(self) -> Iterator[Line]:
        """The lines in the order of the page's content."""
        text = self._text_page.get_text_range()
        # Positions count in UTF-16, as PDFium does; beyond the basic plane Python counts less.
        wide = not text.isascii() and max(text) > "\uffff"
        filtered = bool(self._objects.hidden) or self._objects.clipped
        start = 0
        for found in _LINE.finditer(text):
            piece = found[1]
            if piece.strip():
                places = self._places(piece, start, wide=wide)
                yield from self._visible(piece, places) if filtered else self._parts(piece, places)
            start += (len(piece.encode("utf-16-le")) // 2 if wide else len(piece)) + len(found[2])

    def _places(self, piece: str, start: int, *, wide: bool) -> Sequence[int]:
        """PDFium's numbers of the characters of `piece`, which begins at `start` of the page's text."""
        index = self._pdfium.FPDFText_GetCharIndexFromTextIndex
        if not wide:
            first, last = index(self._raw, start), index(self._raw, start + len(piece) - 1)
            if last - first == len(piece) - 1:
                return range(first, last + 1)
        places: list[int] = []
        for character in piece:
            places.append(index(self._raw, start))
            start += 2 if character > "\uffff" else 1
        return places

    def _visible(self, piece: str, places: Sequence[int]) -> Iterator[Line]:
        """The lines of those characters that can be seen."""
        seen = [at for at, place in enumerate(places) if self._is_visible(place)]
        text = "".join(piece[at] for at in seen)
        if text.strip():
            yield from self._parts(text, [places[at] for at in seen])

    def _is_visible(self, place: int) -> bool:
        item = self._pdfium.FPDFText_GetTextObject(self._raw, place)
        why = self._objects.hidden.get(ctypes.addressof(item.contents)) if item else None
        if why is None and item and self._objects.clipped:
            x, y = self._origin(place)
            left, bottom, right, top = self._box
            if not (left - _OFF_PAGE <= x <= right + _OFF_PAGE and bottom - 2 * _OFF_PAGE <= y <= top + _OFF_PAGE):
                why = OUTSIDE
        if why is not None:
            self.unseen.add(why)
        return why is None

    def _parts(self, text: str, places: Sequence[int]) -> Iterator[Line]:
        """The line of `text`, or the lines where PDFium joined what a hyphen had parted."""
        begin = 0
        if not text.isascii() or "\x02" in text:
            text = _HYPHENS.sub(HYPHEN, text)
        at = text.find(HYPHEN)
        while at >= 0:
            if at + 1 < len(text) and self._wraps(places[at + 1], places[at - 1] if at else places[0]):
                yield from self._line(text[begin : at + 1], places[begin : at + 1])
                begin = at + 1
            at = text.find(HYPHEN, at + 1)
        yield from self._line(text[begin:], places[begin:])

    def _wraps(self, place: int, before: int) -> bool:
        """Whether a character stands on another line than the one before it."""
        (x, y), (x_before, y_before) = self._origin(place), self._origin(before)
        size, turn = self._size(before)
        return abs(y - y_before if turn in {0, 2} else x - x_before) > _SAME_LINE * size

    def _line(self, text: str, places: Sequence[int]) -> Iterator[Line]:
        stripped = text.strip()
        if not stripped:
            return
        before = len(text) - len(text.lstrip())
        places = places[before : before + len(stripped)]
        if not self._brief and _MARK.search(stripped):
            stripped, places = self._with_marks_apart(stripped, places)
        size, turn = self._size_of(stripped, places)
        left, right = self._span(places[0], turn)[0], self._span(places[-1], turn)[1]
        x, y = self._origin(places[0])
        yield Line(
            text=f"{stripped[:-1]}-" if stripped.endswith(HYPHEN) else stripped,
            page=self._number,
            left=min(left, right),
            right=max(left, right),
            baseline=_down(x, y, self._box, turn),
            size=round(size, 1),
            bold=not self._brief and self._bold(places[0]) and self._bold(places[-1]),
            page_height=self._box[3] - self._box[1] if turn in {0, 2} else self._box[2] - self._box[0],
            turn=turn,
            cells=() if self._is_whole(stripped) else self._cells(stripped, places, size, turn),
        )

    def _with_marks_apart(self, text: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
        """Part the small number of a note from the word behind it."""
        parted, at = list(places), 0
        for found in _MARK.finditer(text):
            number, end = found.start(), found.end()
            if self._size(places[number])[0] < _MARK_SIZE * self._size(places[end])[0]:
                text = f"{text[: end + at]} {text[end + at :]}"
                parted.insert(end + at, places[end - 1])
                at += 1
        return text, parted

    def _is_whole(self, text: str) -> bool:
        """Whether a line is not to be cut into cells."""
        return self._brief or has_leaders(text) or (not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None)

    def _size_of(self, text: str, places: Sequence[int]) -> tuple[float, int]:
        """The size of most of a line, and how it is turned."""
        size, turn = self._size(places[0])
        if self._brief:
            return size, turn
        middle = len(places) // 2
        middle -= text[middle].isspace()  # PDFium's own spaces have no matrix
        other = self._size(places[middle])[0]
        return (size if size == other else sorted((size, other, self._size(places[-1])[0]))[1]), turn

    def _cells(self, text: str, places: Sequence[int], size: float, turn: int) -> tuple[Cell, ...]:
        """Cut at spaces that stand in a gap wider than words have."""
        cuts = [0]  # where cells begin
        span, widest = self._span if turn else self._level_span, _CELL_GAP * size
        at = text.find(" ")
        while at > 0:
            after = at + 1
            while text[after] == " ":
                after += 1
            gap = span(places[after], turn)[0] - span(places[at - 1], turn)[1]
            if gap > widest or gap < -size:  # PDFium joins a line and what stands lower on its left
                cuts.append(after)
            at = text.find(" ", after)
        if len(cuts) == 1:
            return ()
        return tuple(
            self._cell(text[begin:end].rstrip(), places[begin:end], turn) for begin, end in pairwise((*cuts, len(text)))
        )

    def _cell(self, text: str, places: Sequence[int], turn: int) -> Cell:
        x, y = self._origin(places[0])
        return Cell(
            text=text,
            left=self._span(places[0], turn)[0],
            right=self._span(places[len(text) - 1], turn)[1],
            baseline=_down(x, y, self._box, turn),
            size=round(self._size(places[0])[0], 1),
        )

    def _bold(self, place: int) -> bool:
        """By the font's weight, or by its name where the font is not embedded."""
        if self._pdfium.FPDFText_GetFontWeight(self._raw, place) >= _BOLD:
            return True
        length = self._pdfium.FPDFText_GetFontInfo(self._raw, place, self._name, len(self._name), None)
        return 0 < length <= len(self._name) and _BOLD_NAME.search(self._name.value) is not None

    def _size(self, place: int) -> tuple[float, int]:
        """The font's size as drawn (many programs set size 1 and scale by the matrix), and quarter turns."""
        size = float(self._pdfium.FPDFText_GetFontSize(self._raw, place))
        matrix = self._matrix
        if not self._pdfium.FPDFText_GetMatrix(self._raw, place, self._matrix_by):
            return size, 0
        size *= float((matrix.c**2 + matrix.d**2) ** 0.5)
        return (size, 0) if matrix.a > 0 and abs(matrix.b) < _SLANTED * matrix.a else (size, _turn(matrix.a, matrix.b))

    def _origin(self, place: int) -> tuple[float, float]:
        self._pdfium.FPDFText_GetCharOrigin(self._raw, place, self._x_by, self._y_by)
        return self._x.value, self._y.value

    def _level_span(self, place: int, _: int) -> tuple[float, float]:
        """What `_span` answers for level text, but for the page's left edge."""
        self._box_of(self._raw, place, self._rectangle_by)
        return self._rectangle.left, self._rectangle.right

    def _span(self, place: int, turn: int) -> tuple[float, float]:
        """Where a character begins and ends along its line."""
        self._box_of(self._raw, place, self._rectangle_by)
        edges, (left, bottom, right, top) = self._rectangle, self._box
        if turn == 0:
            return edges.left - left, edges.right - left
        if turn == 1:
            return edges.bottom - bottom, edges.top - bottom
        return (right - edges.right, right - edges.left) if turn == 2 else (top - edges.top, top - edges.bottom)  # noqa: PLR2004 -- quarter turns


def _turn(along: float, up: float) -> int:
    """Quarter turns of the page that make text of a direction level; slanted text counts as level."""
    if abs(up) < _SLANTED * abs(along):
        return 0 if along > 0 else 2
    if abs(along) < _SLANTED * abs(up):
        return 1 if up > 0 else 3
    return 0


def _down(x: float, y: float, box: Box, turn: int) -> float:
    """How far a point stands below the upper edge of the page, as its reader holds it."""
    left, bottom, right, top = box
    return (top - y, x - left, y - bottom, right - x)[turn]
