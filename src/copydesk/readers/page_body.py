"""Turns the tree that trafilatura extracts, whose element names are those of TEI, into blocks."""

from typing import TYPE_CHECKING

from copydesk.domain.source import BlockKind
from copydesk.readers.blocks import Collector
from copydesk.readers.tables import has_header

if TYPE_CHECKING:
    from lxml.etree import _Element

_INLINE = frozenset({"hi", "ref", "del", "span"})
_LOOSE = _INLINE | {"lb"}
_MAX_COLUMNS = 100  # that one cell may span
_LAYOUT_WORDS = 60  # of one cell, from which its table is the page's layout


def add_body(collector: Collector, body: "_Element") -> None:
    """Add the blocks of an extracted body in reading order."""
    loose: list[str] = [body.text or ""]
    for element in body:
        if element.tag in _LOOSE:
            loose.append(_text(element))
        else:
            _flush(collector, loose)
            _add_element(collector, element)
        loose.append(element.tail or "")
    _flush(collector, loose)


def _add_element(collector: Collector, element: "_Element") -> None:
    match element.tag:
        case "head":
            level = (element.get("rend") or "h2")[-1]
            collector.add(BlockKind.HEADING, _text(element), level=int(level) if level.isdecimal() else 2)
        case "list":
            _add_list(collector, element)
        case "table":
            _add_table(collector, element)
        case "quote":
            collector.add(BlockKind.QUOTE, _text(element))
        case "code":
            collector.add(BlockKind.CODE, _text(element))
        case "div":
            add_body(collector, element)
        case _:
            _add_paragraph(collector, element)


def _add_paragraph(collector: Collector, element: "_Element") -> None:
    """Add a paragraph; lists and tables inside of it are blocks of their own."""
    if not any(child.tag in {"list", "table", "head"} for child in element):
        collector.add(BlockKind.PARAGRAPH, _text(element))
        return
    add_body(collector, element)


def _flush(collector: Collector, loose: list[str]) -> None:
    collector.add(BlockKind.PARAGRAPH, "".join(loose))
    loose.clear()


def _text(element: "_Element") -> str:
    """The element's text; line breaks part words, inline marks do not."""
    parts: list[str] = [element.text or ""]
    for child in element:
        inner = _text(child)
        inline = child.tag in _INLINE or (child.tag == "code" and "\n" not in inner)
        parts.append(inner if inline else f" {inner} ")
        parts.append(child.tail or "")
    return "".join(parts)


def _add_list(collector: Collector, element: "_Element") -> None:
    """Add the items, those of nested lists behind the item that holds them."""
    for item in element.iter("item"):
        if item.find(".//list") is None:
            collector.add(BlockKind.LIST_ITEM, _text(item))
        else:
            own = [item.text or ""]
            for child in item:
                own.append("" if child.tag == "list" else _text(child))
                own.append(f" {child.tail or ''}" if child.tag == "list" else child.tail or "")
            collector.add(BlockKind.LIST_ITEM, "".join(own))


def _add_table(collector: Collector, element: "_Element") -> None:
    rows: list[list[str]] = []
    for row in element.iter("row"):
        cells: list[str] = []
        for cell in row.iterchildren("cell"):
            cells.append(_text(cell))
            span = cell.get("cols") or cell.get("colspan") or "1"
            cells.extend([""] * (min(int(span), _MAX_COLUMNS) - 1 if span.isdecimal() else 0))
        rows.append(cells)
    if _is_layout(rows):
        for cells in rows:
            for text in cells:
                collector.add(BlockKind.PARAGRAPH, text)
        return
    marked = bool(rows) and all(cell.get("role") == "head" for cell in next(element.iter("row")).iterchildren("cell"))
    collector.add_table(rows, header=len(rows) > 1 and (marked or has_header(rows)))


def _is_layout(rows: list[list[str]]) -> bool:
    """Whether a table holds no data: one cell, or prose set side by side."""
    if len(rows) == 1 and len(rows[0]) == 1:
        return True
    return any(len(text.split()) > _LAYOUT_WORDS for cells in rows for text in cells)
