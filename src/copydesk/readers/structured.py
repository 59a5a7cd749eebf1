"""Reads what a page says of itself in JSON-LD."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MAX_SCRIPT = 2 * 2**20  # characters; descriptions have a few thousand
_MAX_NODES = 5_000
_NESTED = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "hasPart")

Node = dict[str, Any]


def described_nodes(tree: "HtmlElement") -> list[Node]:
    """The things that the page's JSON-LD describes, in order; broken scripts are passed over."""
    nodes: list[Node] = []
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        if len(script) <= _MAX_SCRIPT:
            nodes.extend(_nodes(script))
    return nodes


def types_of(node: Node) -> list[str]:
    """A node's types, in lower case and without their vocabulary."""
    return [kind.rpartition("/")[2].lower() for kind in strings(node.get("@type"))]


def strings(value: object) -> list[str]:
    """The strings of a value that may be one, or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str)]


def is_article(node: Node) -> bool:
    """Whether a node describes an article, post, report or the like."""
    return any(kind.endswith(("article", "posting", "report", "recipe", "techarticle")) for kind in types_of(node))


def _nodes(script: str) -> Iterator[Node]:
    try:
        # Control characters inside of strings are common, and read by everybody else.
        pending: list[object] = [json.loads(script, strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MAX_NODES):
        if not pending:
            return
        node = pending.pop(0)
        if isinstance(node, list):
            pending[:0] = node[:_MAX_NODES]
        elif isinstance(node, dict):
            yield node
            pending.extend(node[key] for key in _NESTED if isinstance(node.get(key), dict | list))
