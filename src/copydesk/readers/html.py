"""Reads the main content of an HTML page by trafilatura."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from copydesk.domain.source import BlockKind, Document
from copydesk.errors import ReadError
from copydesk.readers.blocks import Collector, Limits, one_line
from copydesk.readers.hidden import drop_hidden
from copydesk.readers.licenses import open_license
from copydesk.readers.tables import has_header
from copydesk.readers.text import decode

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_HEAD = 4_096  # bytes in which a page declares its encoding (HTML standard: 1,024, often overrun)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
_MIN_WORDS = 5  # a page with fewer has no content
_WALL_WORDS = 60  # a page with fewer that asks for consent has no other content
_SHELL_SCRIPTS = 3  # scripts from which a page without text is taken for an application's shell
_CONSENT = re.compile(r"cookie|consent|gdpr|captcha|verify you are human|enable javascript", re.IGNORECASE)


def read_html(data: bytes, limits: Limits, *, url: str, charset: str | None) -> Document:
    """Read a page's main content: headings, paragraphs, lists, quotes, code and tables.

    Text that a visitor does not see is left out. Title, site, author, date, language, canonical
    address and an open licence are taken where the page states them.

    Raises:
        ReadError: With `reason` `empty` or `damaged`.
    """
    import trafilatura  # noqa: PLC0415 -- heavy; only the sandbox process reads

    tree = _parse(decode_page(data, charset))
    language, license_, canonical = _language(tree), open_license(tree), _canonical(tree, url)
    dropped = drop_hidden(tree)
    # Bookkept by trafilatura itself: what it takes from `tree` it removes.
    shell = _shell(tree)
    found = trafilatura.bare_extraction(
        tree,
        url=url,
        include_comments=False,
        include_tables=True,
        with_metadata=True,
        fast=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if not isinstance(found, trafilatura.settings.Document) or found.body is None:
        raise ReadError(shell, reason="empty")
    collector = Collector(limits)
    if dropped:
        collector.note("Text that a visitor of the page does not see was left out.")
    with collector.until_enough("parts"):
        _add_body(collector, found.body)
    texts = " ".join(_texts(collector))
    words = len(texts.split())
    if words < _MIN_WORDS or (words < _WALL_WORDS and _CONSENT.search(texts)):
        raise ReadError(shell, reason="empty")
    document = collector.document(
        title=found.title, author=found.author, language=language, published_at=_date(found.date), empty=shell
    )
    return replace(document, site=one_line(found.sitename or "") or None, license=license_, canonical_url=canonical)


def decode_page(data: bytes, charset: str | None) -> str:
    """Decode a page: byte order mark, valid UTF-8, the header's charset, the page's own, a guess.

    UTF-8 goes before the header because text that is valid as UTF-8 is hardly ever anything else,
    and headers are wrong more often.
    """
    if data.startswith(_MARKS):
        return decode(data)
    declared = _META_CHARSET.search(data[:_HEAD])
    named = [charset, declared[1].decode("ascii", "replace") if declared else None]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for name in filter(None, named):
        codec = {"iso-8859-1": "cp1252", "latin1": "cp1252"}.get(name.lower(), name)  # as browsers do
        try:
            return data.decode(codec, "replace")
        except (LookupError, ValueError):
            continue
    return decode(data)


def _parse(text: str) -> "HtmlElement":
    from lxml import etree  # noqa: PLC0415 -- heavy; only the sandbox process reads
    from lxml.html import HTMLParser, document_fromstring  # noqa: PLC0415 -- likewise

    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        msg = "The page is empty."
        raise ReadError(msg, reason="empty") from error


def _language(tree: "HtmlElement") -> str | None:
    declared = tree.get("lang") or next(iter(tree.xpath("//meta[@http-equiv='content-language']/@content")), "")
    language = declared.strip().replace("_", "-")
    return language if _LANGUAGE.match(language) else None


def _canonical(tree: "HtmlElement", url: str) -> str | None:
    links = tree.xpath("//link[@rel='canonical']/@href") + tree.xpath("//meta[@property='og:url']/@content")
    for link in links:
        try:
            address = urljoin(url, str(link).strip())
        except ValueError:
            continue
        if address.startswith(("http://", "https://")):
            return address
    return None


def _shell(tree: "HtmlElement") -> str:
    """The sentence for a page without content, by what stands there instead."""
    scripts = len(tree.xpath("//script"))
    text = " ".join(tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]"))
    if _CONSENT.search(text):
        return "The page shows a consent or access wall instead of its text."
    if scripts >= _SHELL_SCRIPTS and len(text.split()) < 50:  # noqa: PLR2004 -- menus at most
        return "The page is an empty shell: its text is loaded by scripts, which are not run."
    return "The page has no readable text."


def _date(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.strptime(text[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _texts(collector: Collector) -> Iterator[str]:
    for block in collector.blocks:
        yield block.text
        for row in block.cells:
            yield " ".join(row)


def _add_body(collector: Collector, body: "_Element") -> None:
    """Add the blocks of trafilatura's tree, whose element names are those of TEI."""
    loose: list[str] = [body.text or ""]
    for element in body:
        _flush(collector, loose) if element.tag not in {"hi", "ref", "lb", "del"} else None
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
            case "hi" | "ref" | "lb" | "del":
                loose.append(_text(element))
            case "div":
                _add_body(collector, element)
            case _:
                collector.add(BlockKind.PARAGRAPH, _text(element))
        loose.append(element.tail or "")
    _flush(collector, loose)


def _flush(collector: Collector, loose: list[str]) -> None:
    collector.add(BlockKind.PARAGRAPH, " ".join(loose))
    loose.clear()


def _text(element: "_Element") -> str:
    """The element's text; line breaks part words, inline marks do not."""
    parts: list[str] = [element.text or ""]
    for child in element:
        inline = child.tag in {"hi", "ref", "del"}
        inner = _text(child)
        parts.append(inner if inline else f" {inner} ")
        parts.append(child.tail or "")
    return "".join(parts)


def _add_list(collector: Collector, element: "_Element") -> None:
    for item in element.iter("item"):
        nested = item.find(".//list")
        if nested is None:
            collector.add(BlockKind.LIST_ITEM, _text(item))
        else:
            own = [item.text or "", *(_text(child) for child in item if child.tag != "list")]
            collector.add(BlockKind.LIST_ITEM, " ".join(own))


def _add_table(collector: Collector, element: "_Element") -> None:
    rows: list[list[str]] = []
    for row in element.iter("row"):
        cells: list[str] = []
        for cell in row.iterchildren("cell"):
            cells.append(_text(cell))
            span = cell.get("cols") or cell.get("colspan") or "1"
            cells.extend([""] * (min(int(span), 100) - 1 if span.isdecimal() else 0))
        rows.append(cells)
    if len(rows) == 1 and len(rows[0]) == 1:
        collector.add(BlockKind.PARAGRAPH, rows[0][0])
        return
    marked = bool(rows) and all(cell.get("role") == "head" for cell in next(element.iter("row")).iterchildren("cell"))
    collector.add_table(rows, header=len(rows) > 1 and (marked or has_header(rows)))
