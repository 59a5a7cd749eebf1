"""Finds an article's text that a page carries as data, for scripts or for machines, instead of showing it."""

import json
import re
from collections.abc import Sequence

from copydesk.domain.source import BlockKind
from copydesk.readers.blocks import Collector
from copydesk.readers.page_kinds import is_for_subscribers
from copydesk.readers.structured import Node, is_article, strings

MIN_WORDS = 60  # shorter texts are descriptions and teasers
_MAX_DATA = 4 * 2**20  # characters
_MAX_VALUES = 100_000
_KEYS = frozenset((
    "articlebody", "body", "bodyhtml", "content", "contenthtml", "html", "text", "article", "markdown", "rendered",
    "value",
))  # fmt: skip
_MARKUP = re.compile(r"<(?:p|h[1-6]|li|br|div)\b", re.IGNORECASE)
_HEADING = re.compile(r"h([1-6])$")
_KINDS = {"li": BlockKind.LIST_ITEM, "blockquote": BlockKind.QUOTE, "pre": BlockKind.CODE}


def carried_text(nodes: Sequence[Node], data: str) -> str | None:
    """The longest `articleBody` of the page's JSON-LD, else the longest text in `data`, which is JSON for scripts.

    Text that the page describes as for subscribers only is left alone. The answer may be plain text
    or HTML; it has at least `MIN_WORDS` words.
    """
    if is_for_subscribers(nodes):
        return None
    bodies = [text for node in nodes if is_article(node) for text in strings(node.get("articleBody"))]
    best = max(bodies or _texts(data), key=len, default="")
    return best if len(best.split()) >= MIN_WORDS else None


def add_carried(collector: Collector, text: str) -> None:
    """Add the blocks of a carried text."""
    if not _MARKUP.search(text):
        for line in text.splitlines():
            collector.add(BlockKind.PARAGRAPH, line)
        return
    from lxml.html import fragment_fromstring  # noqa: PLC0415 -- heavy; only the sandbox process reads

    root = fragment_fromstring(text, create_parent="div")
    for unseen in root.xpath(".//script | .//style | .//template"):
        unseen.drop_tree()
    for element in root.xpath(".//p[not(ancestor::blockquote)] | .//li[not(.//li)] | .//blockquote | .//pre"
                              " | .//h1 | .//h2 | .//h3 | .//h4 | .//h5 | .//h6"):  # fmt: skip
        heading = _HEADING.match(element.tag)
        if heading is not None:
            collector.add(BlockKind.HEADING, element.text_content(), level=int(heading[1]))
        else:
            collector.add(_KINDS.get(element.tag, BlockKind.PARAGRAPH), element.text_content())


def _texts(script: str) -> list[str]:
    if len(script) > _MAX_DATA:
        return []
    try:
        pending: list[object] = [json.loads(script)]
    except (ValueError, RecursionError):
        return []
    found: list[str] = []
    for _ in range(_MAX_VALUES):
        if not pending:
            break
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, dict):
            found.extend(item for key, item in value.items() if isinstance(item, str) and key.lower() in _KEYS)
            pending.extend(item for item in value.values() if isinstance(item, dict | list))
    return [text for text in found if len(text.split()) >= MIN_WORDS and not text.lstrip().startswith(("{", "["))]
