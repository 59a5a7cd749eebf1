"""Recognizes the open licence that a page states for its own text."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from copydesk.readers.structured import Node, strings, types_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CC = re.compile(
    r"(?:https?:)?//(?:www\.)?creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)", re.IGNORECASE
)
_CC_NAME = re.compile(
    r"(?:creative commons|CC)[ -](attribution|by)(?:[ -](share-?alike|sa))?(?:[ -]licen[cs]e)?[ -](\d\.\d)",
    re.IGNORECASE,
)
_WIKIPEDIA = re.compile(
    r"creative[ _]commons[ _]attribution[-_ ]share-?alike(?:[ _]licen[cs]e)?[ _]?(\d\.\d)?", re.IGNORECASE
)
# Licences with the "no derivatives" or "non-commercial" condition are not open (opendefinition.org,
# 2.1), and an article quoting at length would break them.
_OPEN = {"by": "CC-BY", "by-sa": "CC-BY-SA"}
_TEXT_TYPES = re.compile(
    r"article|page|posting|creativework|dataset|book|report|thesis|learningresource|course", re.IGNORECASE
)
_META = ("dcterms.license", "dc.license", "dcterms.rights", "dc.rights", "license", "copyright", "rights", "cc:license")
# Where a licence is that of a picture, or of another page that is listed
_FOREIGN = "ancestor::figure or ancestor::figcaption or ancestor::*[contains(@itemtype, 'ImageObject')]"


def open_license(tree: "HtmlElement", nodes: Sequence[Node]) -> str | None:
    """The SPDX id (or, without one, the URL) of the page's open licence; None without a statement.

    `nodes` are what the page's JSON-LD describes.

    A statement is a `rel="license"` link, a licence in the page's metadata or in its schema.org
    description of the text, or Wikipedia's footer. A mere link to a licence is none.
    """
    for value in _statements(tree, nodes):
        if (found := spdx(value)) is not None:
            return found
    footer = tree.xpath("//*[self::li or self::div or self::p][@id='footer-info-copyright']")
    if footer:
        stated = f"{footer[0].text_content()} {' '.join(footer[0].xpath('.//a/@href'))}"
        if (named := _WIKIPEDIA.search(stated)) is not None:
            return f"CC-BY-SA-{named[1] or '4.0'}"
    return None


def spdx(statement: str) -> str | None:
    """The SPDX id of an open licence by its address or name, or None."""
    found = _CC.search(statement)
    if found is not None:
        area, name, version = found[1].lower(), found[2].lower(), found[3]
        if area == "publicdomain":
            return "CC0-1.0" if name == "zero" else "https://creativecommons.org/publicdomain/mark/1.0/"
        return f"{_OPEN[name]}-{version}" if name in _OPEN else None
    named = _CC_NAME.search(statement)
    if named is not None and not re.search(r"non-?commercial|no-?deriv|\b(nc|nd)\b", statement, re.IGNORECASE):
        return f"{_OPEN['by-sa' if named[2] else 'by']}-{named[3]}"
    return None


def _statements(tree: "HtmlElement", nodes: Sequence[Node]) -> Iterator[str]:
    marked = f"[contains(@rel, 'license') or @itemprop='license'][not({_FOREIGN})]"
    for element in tree.xpath(f"//a{marked} | //link{marked}"):
        if element.get("itemprop") == "license" or "license" in element.get("rel", "").lower().split():
            yield element.get("href") or ""
    for meta in tree.xpath("//meta[@content]"):
        name = (meta.get("name") or meta.get("property") or "").lower()
        if name in _META:
            yield meta.get("content") or ""
    for node in nodes:
        if _TEXT_TYPES.search(" ".join(types_of(node))):
            yield from strings(node.get("license"))
