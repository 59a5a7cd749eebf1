"""Reads DOCX by walking its body in order."""

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from copydesk.domain.source import BlockKind, Document
from copydesk.errors import ReadError
from copydesk.readers.blocks import Collector, Limits
from copydesk.readers.package import vet_package
from copydesk.readers.tables import has_header

if TYPE_CHECKING:
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEADING_STYLE = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop|rubrik|otsikko)\s*(\d)$", re.IGNORECASE)
_SEPARATORS = {"separator", "continuationSeparator", "continuationNotice"}
_SKIPPED = {
    f"{_W}del",  # a tracked deletion; tracked changes are read as accepted
    f"{_W}moveFrom",
    f"{_W}pPr",
    f"{_W}rPr",
    f"{_W}instrText",  # a field's formula; its result follows
    f"{_W}txbxContent",  # a text box, read after the paragraph it is anchored in
    f"{_MC}Fallback",  # repeats the choice beside it
}
_CHARACTERS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_BOX = f"{_W}txbxContent"


def read_docx(data: bytes, limits: Limits) -> Document:
    """Read a Word document: headings, paragraphs, list items, tables and notes in order.

    Tracked changes are read as accepted. Hidden text is left out. Foot- and endnotes stand after
    the block that refers to them.

    Raises:
        ReadError: With `reason` `encrypted`, `damaged`, `bomb` or `empty`.
    """
    import docx  # noqa: PLC0415 -- heavy; only the sandbox process reads

    package = vet_package(data, limits)
    try:
        opened = docx.Document(io.BytesIO(package))
    except (KeyError, ValueError) as error:
        msg = "The file is damaged: parts of the Word document are missing."
        raise ReadError(msg, reason="damaged") from error
    collector = Collector(limits)
    with collector.until_enough("paragraphs"):
        _Walk(collector, opened).read(opened.element.body)
    properties = opened.core_properties
    return collector.document(
        title=None if properties.title == "Word Document" else properties.title,  # python-docx's, where there is none
        author=None if properties.author == "python-docx" else properties.author,
        language=properties.language or None,
        empty="The document holds no text.",
    )


class _Walk:
    """Follows the body's elements."""

    def __init__(self, collector: Collector, opened: Any) -> None:
        self._collector = collector
        self._headings = dict(_heading_styles(opened))
        self._lists = dict(_list_styles(opened))
        self._notes = {**_notes(opened, "footnote"), **_notes(opened, "endnote")}

    def read(self, container: "_Element") -> None:
        for element in container:
            self._collector.check_time()
            if element.tag == f"{_W}p":
                self._paragraph(element)
            elif element.tag == f"{_W}tbl":
                self._table(element)
            elif element.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins", f"{_W}moveTo"}:
                self.read(element)

    def _paragraph(self, paragraph: "_Element") -> None:
        text = _text(paragraph)
        level = self._heading_level(paragraph)
        if level is not None:
            self._collector.add(BlockKind.HEADING, text, level=level)
        else:
            self._collector.add(BlockKind.LIST_ITEM if self._is_item(paragraph) else BlockKind.PARAGRAPH, text)
        for box in paragraph.iter(_BOX):
            if not any(above.tag == f"{_MC}Fallback" for above in box.iterancestors()):
                self.read(box)
        self._add_notes(paragraph)

    def _table(self, table: "_Element") -> None:
        own = (row for row in table.iter(f"{_W}tr") if next(row.iterancestors(f"{_W}tbl")) is table)
        rows = [list(_cells(row)) for row in own]
        if len(rows) == 1 and len(rows[0]) == 1:  # a frame around text
            self._collector.add(BlockKind.PARAGRAPH, rows[0][0])
        else:
            marked = table.find(f"{_W}tr/{_W}trPr/{_W}tblHeader") is not None
            self._collector.add_table(rows, header=len(rows) > 1 and (marked or has_header(rows)))
        self._add_notes(table)

    def _add_notes(self, element: "_Element") -> None:
        for kind in ("footnote", "endnote"):
            for reference in element.iter(f"{_W}{kind}Reference"):
                text = self._notes.pop((kind, reference.get(f"{_W}id", "")), "")
                self._collector.add(BlockKind.NOTE, text)

    def _heading_level(self, paragraph: "_Element") -> int | None:
        outline = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
        if outline is not None and (level := _level(outline)) is not None:
            return level
        return self._headings.get(_style(paragraph))

    def _is_item(self, paragraph: "_Element") -> bool:
        number = paragraph.find(f"{_W}pPr/{_W}numPr/{_W}numId")
        if number is not None:
            return number.get(f"{_W}val") != "0"
        return self._lists.get(_style(paragraph), False)


def _style(paragraph: "_Element") -> str:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return "" if style is None else style.get(f"{_W}val", "")


def _level(outline: "_Element") -> int | None:
    value = outline.get(f"{_W}val", "")
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else None  # noqa: PLR2004 -- 9 is body text


def _heading_styles(opened: Any) -> Iterator[tuple[str, int]]:
    """Style ids and levels of headings: by outline level, or by name; the title is level 1."""
    for style in opened.styles.element.iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        label = "" if name is None else name.get(f"{_W}val", "")
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        found = _HEADING_STYLE.match(label)
        level = _level(outline) if outline is not None else int(found[1]) if found else None
        if label.lower() == "title":
            level = 1
        if level is not None:
            yield style.get(f"{_W}styleId", ""), level


def _list_styles(opened: Any) -> Iterator[tuple[str, bool]]:
    for style in opened.styles.element.iter(f"{_W}style"):
        if style.find(f"{_W}pPr/{_W}numPr") is not None:
            yield style.get(f"{_W}styleId", ""), True


def _notes(opened: Any, kind: str) -> dict[tuple[str, str], str]:
    """The notes of one kind by their ids."""
    from docx.oxml.parser import parse_xml  # noqa: PLC0415 -- heavy; entities stay unresolved in it

    notes: dict[tuple[str, str], str] = {}
    for relation in opened.part.rels.values():
        if relation.is_external or relation.reltype != f"{_REL}/{kind}s":
            continue
        for note in parse_xml(relation.target_part.blob).iter(f"{_W}{kind}"):
            if note.get(f"{_W}type") not in _SEPARATORS:
                paragraphs = (_text(paragraph) for paragraph in note.iter(f"{_W}p"))
                notes[kind, note.get(f"{_W}id", "")] = " ".join(paragraphs)
    return notes


def _cells(row: "_Element") -> Iterator[str]:
    """The texts of a row's cells; a cell over several columns is followed by empty ones."""
    for cell in row.iter(f"{_W}tc"):
        if next(cell.iterancestors(f"{_W}tr")) is not row:
            continue
        yield " ".join(text for paragraph in cell.iter(f"{_W}p") if (text := _text(paragraph).strip()))
        span = cell.find(f"{_W}tcPr/{_W}gridSpan")
        value = "" if span is None else span.get(f"{_W}val", "")
        yield from [""] * (min(int(value), 64) - 1 if value.isdecimal() else 0)  # Word has 63 columns at most


def _text(paragraph: "_Element") -> str:
    """The paragraph's own text, without text boxes and tables in it."""
    parts: list[str] = []
    pending = list(reversed(paragraph))
    while pending:
        element = pending.pop()
        if element.tag in {f"{_W}t", f"{_MATH}t"}:
            parts.append(element.text or "")
        elif element.tag in _CHARACTERS:
            parts.append(_CHARACTERS[element.tag])
        elif element.tag not in _SKIPPED and not _is_hidden(element):
            pending.extend(reversed(element))
    return "".join(parts)


def _is_hidden(element: "_Element") -> bool:
    vanish = element.find(f"{_W}rPr/{_W}vanish") if element.tag == f"{_W}r" else None
    return vanish is not None and vanish.get(f"{_W}val", "1") not in {"0", "false", "off"}
