"""Reads DOCX by walking its body in order."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from copydesk.domain.source import BlockKind, Document
from copydesk.readers.blocks import Collector, Limits
from copydesk.readers.docx_parts import MC, Parts, W
from copydesk.readers.docx_styles import Style, item_depth, outline_level, styles
from copydesk.readers.docx_text import BOX, TextReader, is_placeholder, style_of
from copydesk.readers.made_up import author_of, title_of
from copydesk.readers.tables import has_header

if TYPE_CHECKING:
    from lxml.etree import _Element

_SEPARATORS = {"separator", "continuationSeparator", "continuationNotice"}
_ENTERED = {f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}moveTo", f"{W}smartTag"}
_HIDDEN = "Hidden text was left out: readers of the document do not see it."
_EMBEDDED = "Documents embedded in it (altChunk) were left out."
_MAX_COLUMNS = 64  # Word has 63 at most
_PAGE_CELL = 1_500  # characters; a cell with more is a part of the page and not of a table


def read_docx(data: bytes, limits: Limits) -> Document:
    """Read a Word document: headings, paragraphs, list items with their depth, tables and notes in order.

    Tracked changes are read as accepted; comments, page headers and footers are left out. Hidden
    text is left out and noted. Foot- and endnotes stand after the block that refers to them, text
    boxes after the paragraph they are anchored in.

    Raises:
        ReadError: With `reason` `encrypted`, `damaged`, `bomb` or `empty`.
    """
    parts = Parts(data, limits)
    collector = Collector(limits)
    walk = _Walk(collector, parts)
    with collector.until_enough("paragraphs"):
        walk.read(parts.body)
        walk.finish()
    if walk.hidden and collector.blocks:
        collector.note(_HIDDEN)
    properties = parts.properties()
    return collector.document(
        title=title_of(properties.title),
        author=author_of(properties.author),
        language=properties.language,
        published_at=properties.changed_at,
        empty="The document holds no text that its readers see." if walk.hidden else "The document holds no text.",
    )


class _Walk:
    """Follows the body's elements."""

    def __init__(self, collector: Collector, parts: Parts) -> None:
        self._collector = collector
        self._styles = styles(parts.related("styles"))
        root = parts.body.getparent()
        grounded = root is not None and root.find(f"{W}background") is not None
        self._texts = TextReader(self._styles, grounded=grounded)
        self._notes = dict(self._read_notes(parts))
        self._before = ""  # text of paragraphs whose end was deleted: it goes on in the next one

    @property
    def hidden(self) -> bool:
        """Whether hidden text was left out."""
        return self._texts.hidden

    def read(self, container: "_Element") -> None:
        """Add what `container` holds."""
        for element in container:
            self._collector.check_time()
            if element.tag == f"{W}p":
                self._paragraph(element)
            elif element.tag == f"{W}tbl":
                self._table(element)
            elif element.tag == f"{W}altChunk":
                self._collector.note(_EMBEDDED)
            elif element.tag == f"{W}sdt":
                if not is_placeholder(element):
                    self.read(element)
            elif element.tag in _ENTERED:
                self.read(element)
            elif element.tag == f"{MC}AlternateContent":
                self._alternatives(element)

    def _alternatives(self, element: "_Element") -> None:
        for chosen in (*element.iterfind(f"{MC}Choice"), *element.iterfind(f"{MC}Fallback")):
            self.read(chosen)
            return

    def finish(self) -> None:
        """Add what waits for a next paragraph."""
        self._collector.add(BlockKind.PARAGRAPH, self._before)
        self._before = ""

    def _paragraph(self, paragraph: "_Element") -> None:
        text = self._before + self._texts.text(paragraph)
        self._before = ""
        if _end_is_deleted(paragraph):
            self._before = text
        elif (level := self._heading_level(paragraph)) is not None:
            self._collector.add(BlockKind.HEADING, text, level=level)
        elif (depth := self._depth(paragraph)) is not None:
            self._collector.add(BlockKind.LIST_ITEM, text, level=depth)
        else:
            self._collector.add(BlockKind.PARAGRAPH, text)
        self._add_boxes(paragraph)
        self._add_notes(paragraph)

    def _table(self, table: "_Element") -> None:
        rows = [row for row in _own(table, f"{W}tr", f"{W}tbl") if row.find(f"{W}trPr/{W}del") is None]
        cells = [[cell for cell in _own(row, f"{W}tc", f"{W}tr") if not _is_dropped(cell)] for row in rows]
        texts = [[self._cell_text(cell) for cell in row] for row in cells]
        if self._is_layout(cells, texts):
            for row in cells:
                for cell in row:
                    self.read(cell)
            return
        grid = [
            [text for cell, written in zip(row, line, strict=True) for text in _spread(cell, written)]
            for row, line in zip(cells, texts, strict=True)
        ]
        grid = [[""] * _skipped(row) + line for row, line in zip(rows, grid, strict=True)]
        marked = table.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None
        self._collector.add_table(grid, header=len(grid) > 1 and (marked or has_header(grid)))
        self._add_boxes(table)
        self._add_notes(table)

    def _is_layout(self, cells: "list[list[_Element]]", texts: list[list[str]]) -> bool:
        """Whether a table is a frame around text, or columns of a page, and no table."""
        if sum(map(len, cells)) == 1:
            return True
        if any(len(text) > _PAGE_CELL for line in texts for text in line):
            return True
        return any(
            len(cell.findall(f"{W}tbl/{W}tr")) > 1 or any(map(self._heads_more, cell)) for row in cells for cell in row
        )

    def _heads_more(self, paragraph: "_Element") -> bool:
        """Whether a paragraph of a cell is a heading with text of its cell below it."""
        if paragraph.tag != f"{W}p" or self._heading_level(paragraph) is None:
            return False
        below = paragraph.itersiblings(f"{W}p")
        return any(self._texts.text(other).strip() for other in below)

    def _cell_text(self, cell: "_Element") -> str:
        paragraphs = (paragraph for paragraph in cell.iter(f"{W}p") if not _is_boxed(paragraph, cell))
        return " ".join(text for paragraph in paragraphs if (text := self._texts.text(paragraph).strip()))

    def _add_boxes(self, element: "_Element") -> None:
        """Read text boxes, those in other boxes with these."""
        for box in element.iter(BOX):
            if not _is_boxed(box, element) and not _is_repeated(box):
                self.read(box)

    def _add_notes(self, element: "_Element") -> None:
        for kind in ("footnote", "endnote"):
            for reference in element.iter(f"{W}{kind}Reference"):
                text = self._notes.pop((kind, reference.get(f"{W}id", "")), "")
                self._collector.add(BlockKind.NOTE, text)

    def _read_notes(self, parts: Parts) -> Iterator[tuple[tuple[str, str], str]]:
        """Foot- and endnotes by their kinds and ids."""
        for kind in ("footnote", "endnote"):
            root = parts.related(f"{kind}s")
            for note in () if root is None else root.iter(f"{W}{kind}"):
                if note.get(f"{W}type") not in _SEPARATORS:
                    texts = (self._texts.text(paragraph) for paragraph in note.iter(f"{W}p"))
                    yield (kind, note.get(f"{W}id", "")), " ".join(texts)

    def _heading_level(self, paragraph: "_Element") -> int | None:
        outline = paragraph.find(f"{W}pPr/{W}outlineLvl")
        if outline is not None:
            return outline_level(outline)
        return self._styles.get(style_of(paragraph), Style()).heading

    def _depth(self, paragraph: "_Element") -> int | None:
        """The depth of a list item; None for what is none."""
        number = paragraph.find(f"{W}pPr/{W}numPr")
        inherited = self._styles.get(style_of(paragraph), Style()).item
        if number is None:
            return inherited
        return item_depth(number) if number.find(f"{W}ilvl") is not None else item_depth(number) and (inherited or 1)


def _own(element: "_Element", tag: str, owner: str) -> "Iterator[_Element]":
    """Elements inside, also in content controls, but not those of a table inside."""
    for found in element.iter(tag):
        if next(found.iterancestors(owner)) is element:
            yield found


def _end_is_deleted(paragraph: "_Element") -> bool:
    mark = paragraph.find(f"{W}pPr/{W}rPr")
    return mark is not None and (mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None)


def _is_dropped(cell: "_Element") -> bool:
    """Whether a cell was deleted, or goes on from the left in the old way of merging."""
    properties = cell.find(f"{W}tcPr")
    return properties is not None and properties.find(f"{W}cellDel") is not None


def _spread(cell: "_Element", text: str) -> list[str]:
    """The text of a cell; one over several columns is followed by empty ones."""
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    value = "" if span is None else span.get(f"{W}val", "")
    return [text] + [""] * (min(int(value), _MAX_COLUMNS) - 1 if value.isdecimal() else 0)


def _skipped(row: "_Element") -> int:
    """Columns that a row leaves free at its beginning."""
    before = row.find(f"{W}trPr/{W}gridBefore")
    value = "" if before is None else before.get(f"{W}val", "")
    return min(int(value), _MAX_COLUMNS) if value.isdecimal() else 0


def _is_boxed(element: "_Element", outer: "_Element") -> bool:
    """Whether an element stands in a text box inside of `outer`."""
    for above in element.iterancestors():
        if above is outer:
            return False
        if above.tag == BOX:
            return True
    return False


def _is_repeated(box: "_Element") -> bool:
    """Whether a box repeats the choice beside it."""
    for above in box.iterancestors(f"{MC}Fallback"):
        parent = above.getparent()
        if parent is not None and parent.find(f"{MC}Choice") is not None:
            return True
    return False
