"""Reads the main content of an HTML page by trafilatura."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from copydesk.domain.source import Document
from copydesk.errors import ReadError
from copydesk.readers.blocks import Collector, Limits
from copydesk.readers.carried import add_carried, carried_text
from copydesk.readers.charsets import decode_page
from copydesk.readers.hidden import drop_hidden
from copydesk.readers.licenses import open_license
from copydesk.readers.metadata import page_facts
from copydesk.readers.page_body import add_body
from copydesk.readers.page_kinds import (
    CONSENT,
    NOTHING,
    SHELL,
    Scripting,
    count,
    fault_of,
    is_for_subscribers,
    scripting_of,
)
from copydesk.readers.structured import Node, described_nodes

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

_HIDDEN_NOTE = "Hidden text was left out: visitors of the page do not see it."
_COVERT_NOTE = "Hidden text was left out: characters that no reader sees, which carry messages to machines."
_CARRIED = "The text was taken from the data that the page carries for scripts and machines: it shows hardly any."
_TEASER = "The page says that only subscribers see all of its text."
_FAST_WORDS = 250  # with fewer, the fast extraction may have missed the article
_PRECISE_WORDS = 80  # with fewer, the more generous extraction is tried as well
_GENEROUS = 2.0  # times as many words make its result the better one
_CARRIED_TIMES = 2.0  # times as many words as the page shows make its data the better text
_CARRYING = frozenset({None, SHELL, NOTHING, CONSENT})  # what a page may be and yet carry its text
# Tag characters, except behind the flag they spell out (Unicode Technical Standard 51, annex C), and overrides
# of the direction, which show text in another order than it has.
_COVERT_BYTES = (b"\xf3\xa0\x80", b"\xf3\xa0\x81", b"\xe2\x80\xad", b"\xe2\x80\xae")  # the same, as UTF-8 begins them
_COVERT_REFERENCES = re.compile(rb"&#(?:[xX]0*(?:[eE]00|202[dDeE])|0*(?:917[56]|823[78]))")
_COVERT = re.compile(
    "[\U000e0020-\U000e007f\u202d\u202e]|&#(?:x0*(?:e00|202[de])|0*(?:917[56]|823[78]))", re.IGNORECASE
)
_COVERT = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]|[\u202d\u202e]")


def read_html(data: bytes, limits: Limits, *, url: str, charset: str | None) -> Document:
    """Read a page's main content: headings, paragraphs, lists, quotes, code and tables.

    Text that a visitor does not see is left out, and noted. Title, site, author, date, language,
    canonical address and an open licence are taken where the page states them.

    Raises:
        ReadError: With `reason` `empty` or `damaged`; the message says what stands there instead
            (a consent wall, a log-in form, a "not found" and so on).
    """
    markup = decode_page(data, charset).encode("utf-8", "replace")
    tree = _parse(markup)
    nodes, scripting = described_nodes(tree), scripting_of(tree)
    facts, license_ = page_facts(tree, nodes, url), open_license(tree, nodes)
    collector = Collector(limits)
    _note_what_is_unseen(collector, tree, markup)
    body = _extract(tree, url)
    text = _text_of(body)
    fault = fault_of(tree, nodes, scripting, text)
    carried = _carried(nodes, scripting, text) if fault in _CARRYING else None
    if fault is not None and carried is None:
        raise ReadError(fault, reason="empty")
    if is_for_subscribers(nodes):
        collector.note(_TEASER)
    with collector.until_enough("parts"):
        if carried is not None:
            collector.note(_CARRIED)
            add_carried(collector, carried)
        elif body is not None:
            add_body(collector, body)
    document = collector.document(
        title=facts.title,
        author=facts.author,
        language=facts.language,
        published_at=facts.published_at,
        empty=NOTHING,
    )
    return replace(document, site=facts.site, license=license_, canonical_url=facts.canonical_url)


def _note_what_is_unseen(collector: Collector, tree: "HtmlElement", markup: bytes) -> None:
    """Take what is hidden out of `tree`, and note that; covert characters are taken out by the collector."""
    suspicious = any(mark in markup for mark in _COVERT_BYTES) or _COVERT_REFERENCES.search(markup)
    if suspicious and _COVERT.search(str(tree.xpath("string(//body)"))):
        collector.note(_COVERT_NOTE)
    if drop_hidden(tree):
        collector.note(_HIDDEN_NOTE)


def _parse(markup: bytes) -> "HtmlElement":
    from lxml import etree  # noqa: PLC0415 -- heavy; only the sandbox process reads
    from lxml.html import HtmlElement, document_fromstring  # noqa: PLC0415 -- likewise

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    # lxml.html's own parser asks a Python function for the class of each element; one class for all
    # saves a tenth of the time that reading takes.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        return document_fromstring(markup, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        msg = "The page is empty."
        raise ReadError(msg, reason="empty") from error


def _extract(tree: "HtmlElement", url: str) -> "_Element | None":
    """The main content: fast and precise, and where that finds little, what slower and more generous ways find."""
    precise = _bare(tree, url, precise=True, fast=True)
    words = count(_text_of(precise))
    if words < _FAST_WORDS:  # other extractors are asked as well
        precise = _bare(tree, url, precise=True, fast=False)
        words = count(_text_of(precise))
    if words >= _PRECISE_WORDS:
        return precise
    generous = _bare(tree, url, precise=False, fast=False)
    if count(_text_of(generous)) > _GENEROUS * words:
        return generous
    return precise


def _text_of(body: "_Element | None") -> str:
    return "" if body is None else " ".join(map(str, body.itertext()))


def _bare(tree: "HtmlElement", url: str, *, precise: bool, fast: bool) -> "_Element | None":
    import trafilatura  # noqa: PLC0415 -- heavy; only the sandbox process reads

    # It works on a copy of the tree.
    found = trafilatura.bare_extraction(tree, url=url, include_comments=False, favor_precision=precise, fast=fast)
    return found.body if isinstance(found, trafilatura.settings.Document) else None


def _carried(nodes: Sequence[Node], scripting: Scripting, text: str) -> str | None:
    """The text that the page carries as data, where it shows hardly any."""
    words = count(text)
    found = carried_text(nodes, scripting.data) if words < _PRECISE_WORDS else None
    return found if found is not None and count(found) > _CARRIED_TIMES * words else None
