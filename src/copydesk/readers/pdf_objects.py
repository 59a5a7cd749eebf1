"""What stands on a PDF page besides its text: shapes, pictures, and which of its texts nobody can see."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

TEXT, PATH, IMAGE, SHADING, FORM = 1, 2, 3, 4, 5  # FPDF_PAGEOBJ_*, fpdf_edit.h
_INVISIBLE_MODES = {3, 7}  # neither filled nor stroked; clip only (ISO 32000-1, table 106)
_FILLED_MODES = {0, 4}
_MAX_OBJECTS = 20_000  # looked at on a page; the text of pages with more is taken as it is
_MAX_SHAPES = 2_000  # kept of a page
_MAX_DEPTH = 6  # of forms in forms
_TINY = 1.0  # points; smaller letters are for machines
_FAINT = 6  # of 255; less opacity is none
_SAME = 14  # of 255, in each channel; closer colours are one to the eye
_THIN = 3.0  # points; shapes thinner than this are lines and no ground of letters
_SCAN = 0.5  # of the page's area under pictures, from which its unseen text is what OCR read there
_OFF_PAGE = 2.0  # points beyond the page's edge
_BIG_TEXT = 0.5  # of a page's texts; where more are in their ground's colour, the ground is not understood
_RECTANGLE = 6  # segments of a path at most

Box = tuple[float, float, float, float]  # left, bottom, right, top
_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

UNSEEN, TINY, OUTSIDE, COLOUR, OPACITY = (
    "drawn invisibly",
    "set smaller than one point",
    "placed outside of the page",
    "in the colour of its background",
    "without opacity",
)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A filled shape or a picture, in the page's space."""

    box: Box
    colour: tuple[int, int, int] | None  # None: several, or unknown
    plain: bool  # a rectangle that nothing clips


@dataclass(kw_only=True)
class PageObjects:
    """What was found on a page."""

    hidden: dict[int, str] = field(default_factory=dict)  # addresses of text objects, and why they are not seen
    clipped: bool = False  # whether a text reaches over the page's edge


@dataclass(kw_only=True)
class _Texts:
    """Counts and candidates while a page's objects are looked at."""

    count: int = 0
    unseen: list[int] = field(default_factory=list)  # addresses
    coloured: list[int] = field(default_factory=list)
    pictures: float = 0.0  # square points under pictures


class ObjectReader:
    """Looks at the objects of pages, one page after another; keeps its buffers."""

    def __init__(self) -> None:
        import pypdfium2.raw as pdfium  # noqa: PLC0415 -- heavy; only the sandbox process reads

        self._pdfium = pdfium
        self._edges = [ctypes.c_float() for _ in range(4)]
        self._channels = [ctypes.c_uint() for _ in range(4)]
        self._edges_by = [ctypes.byref(edge) for edge in self._edges]
        self._channels_by = [ctypes.byref(channel) for channel in self._channels]

    def read(self, page: Any, box: Box) -> PageObjects:
        """Look at the objects of `page`, whose visible part is `box`."""
        found = PageObjects()
        texts = _Texts()
        shapes: list[Shape] = []
        for seen, (item, kind, matrix) in enumerate(self._walk(page.raw)):
            if seen >= _MAX_OBJECTS:
                break
            if kind == TEXT:
                self._look_at_text(item, matrix, box, shapes, texts, found)
            elif len(shapes) < _MAX_SHAPES:
                self._look_at_shape(item, kind, matrix, shapes)
                if kind == IMAGE:
                    texts.pictures += _area(_common(shapes[-1].box, box))
        scan = texts.pictures >= _SCAN * _area(box) and len(texts.unseen) >= _SCAN * texts.count
        if not scan:
            found.hidden.update(dict.fromkeys(texts.unseen, UNSEEN))
        if not shapes or len(texts.coloured) < _BIG_TEXT * texts.count:
            found.hidden.update(dict.fromkeys(texts.coloured, COLOUR))
        return found

    def _walk(self, page: Any) -> Iterator[tuple[Any, int, _Matrix]]:
        """The objects in the order of drawing, those of forms in place of the form."""
        pdfium = self._pdfium
        count, kind_of, get = pdfium.FPDFPage_CountObjects(page), pdfium.FPDFPageObj_GetType, pdfium.FPDFPage_GetObject
        for number in range(count):
            item = get(page, number)
            kind = kind_of(item)
            if kind == FORM:
                yield from self._walk_form(item, _IDENTITY, 1)
            else:
                yield item, kind, _IDENTITY

    def _walk_form(self, form: Any, outer: _Matrix, depth: int) -> Iterator[tuple[Any, int, _Matrix]]:
        if depth > _MAX_DEPTH:
            return
        pdfium = self._pdfium
        own = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(form, ctypes.byref(own))
        matrix = _times((own.a, own.b, own.c, own.d, own.e, own.f), outer)
        for number in range(pdfium.FPDFFormObj_CountObjects(form)):
            item = pdfium.FPDFFormObj_GetObject(form, number)
            kind = pdfium.FPDFPageObj_GetType(item)
            if kind == FORM:
                yield from self._walk_form(item, matrix, depth + 1)
            else:
                yield item, kind, matrix

    def _look_at_text(
        self, item: Any, matrix: _Matrix, page: Box, shapes: list[Shape], texts: _Texts, found: PageObjects
    ) -> None:
        texts.count += 1
        mode = self._pdfium.FPDFTextObj_GetTextRenderMode(item)
        address = ctypes.addressof(item.contents)
        if mode in _INVISIBLE_MODES:
            texts.unseen.append(address)
            return
        box = self._box(item, matrix)
        if box[0] < page[0] - _OFF_PAGE or box[1] < page[1] - _OFF_PAGE or box[2] > page[2] or box[3] > page[3]:
            found.clipped = True  # which of its letters are outside is told one by one
        if min(box[2] - box[0], box[3] - box[1]) < _TINY and self._is_tiny(item, matrix):
            found.hidden[address] = TINY
        elif (colour := self._colour(item)) is not None and mode in _FILLED_MODES:
            if colour[3] < _FAINT:
                found.hidden[address] = OPACITY
            elif _matches_ground(colour[:3], box, shapes):
                texts.coloured.append(address)

    def _look_at_shape(self, item: Any, kind: int, matrix: _Matrix, shapes: list[Shape]) -> None:
        box = self._box(item, matrix)
        if kind != PATH:
            shapes.append(Shape(box=box, colour=None, plain=False))
            return
        if min(box[2] - box[0], box[3] - box[1]) < _THIN:
            return
        pdfium = self._pdfium
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
        plain = pdfium.FPDFPath_CountSegments(item) <= _RECTANGLE
        if fill.value:
            colour = self._colour(item)
            if colour is None or colour[3] >= 255 // 2:
                clipped = pdfium.FPDFClipPath_CountPaths(pdfium.FPDFPageObj_GetClipPath(item)) > 0
                shapes.append(
                    Shape(box=box, colour=colour[:3] if colour is not None else None, plain=plain and not clipped)
                )

    def _box(self, item: Any, matrix: _Matrix) -> Box:
        self._pdfium.FPDFPageObj_GetBounds(item, *self._edges_by)
        left, bottom, right, top = (edge.value for edge in self._edges)
        return (left, bottom, right, top) if matrix is _IDENTITY else _moved((left, bottom, right, top), matrix)

    def _colour(self, item: Any) -> tuple[int, int, int, int] | None:
        """Red, green, blue and opacity, 0 to 255; None for patterns."""
        if not self._pdfium.FPDFPageObj_GetFillColor(item, *self._channels_by):
            return None
        red, green, blue, opacity = (channel.value for channel in self._channels)
        return red, green, blue, opacity

    def _is_tiny(self, item: Any, matrix: _Matrix) -> bool:
        own, size = self._pdfium.FS_MATRIX(), ctypes.c_float()
        self._pdfium.FPDFPageObj_GetMatrix(item, ctypes.byref(own))
        self._pdfium.FPDFTextObj_GetFontSize(item, ctypes.byref(size))
        drawn = _times((own.a, own.b, own.c, own.d, 0.0, 0.0), matrix)
        return abs(float(size.value)) * float((drawn[2] ** 2 + drawn[3] ** 2) ** 0.5) < _TINY


def _matches_ground(colour: tuple[int, ...], box: Box, shapes: list[Shape]) -> bool:
    """Whether letters of `colour` at `box` have the colour of what was drawn below them last.

    The page itself is white. A dark ground counts only where it is a plain rectangle: the frame of
    anything else says too little about where it is.
    """
    light = min(colour) >= 255 - _SAME
    if not light and not shapes:
        return False
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    for shape in reversed(shapes):
        left, bottom, right, top = shape.box
        if left <= x <= right and bottom <= y <= top:
            if shape.colour is None or (not light and not shape.plain):
                return False
            return all(abs(one - other) < _SAME for one, other in zip(colour, shape.colour, strict=True))
    return light


def _common(one: Box, other: Box) -> Box:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _times(first: _Matrix, then: _Matrix) -> _Matrix:
    """The matrix that does `first` and `then` (ISO 32000-1, 8.3.4)."""
    a, b, c, d, e, f = first
    return (
        a * then[0] + b * then[2],
        a * then[1] + b * then[3],
        c * then[0] + d * then[2],
        c * then[1] + d * then[3],
        e * then[0] + f * then[2] + then[4],
        e * then[1] + f * then[3] + then[5],
    )


def _moved(box: Box, matrix: _Matrix) -> Box:
    """The box around a box after a matrix."""
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x in (box[0], box[2]) for y in (box[1], box[3])]
    ys = [b * x + d * y + f for x in (box[0], box[2]) for y in (box[1], box[3])]
    return min(xs), min(ys), max(xs), max(ys)
