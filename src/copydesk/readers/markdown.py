"""Reads Markdown by its tokens."""

import re
from typing import TYPE_CHECKING

from copydesk.domain.source import BlockKind
from copydesk.readers.blocks import Collector

if TYPE_CHECKING:
    from markdown_it.token import Token

_SIGNS = re.compile(
    r"^#{1,6} +\S"  # heading
    r"|^(?:```|~~~)"  # fence
    r"|^\|.+\|[ \t]*$\n^\|[ :|-]+\|"  # table
    r"|\[[^\]\n]{1,200}\]\(\S{1,500}\)"  # link
    r"|^ {0,3}[-*+] +.*\*\*\S",  # bold words in a list
    re.MULTILINE,
)
_SAMPLE = 200_000
_NOTE = re.compile(r"^\[\^[^\]]+\]:\s*", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,1000}>")


def looks_markdown(text: str) -> bool:
    """Whether the text has headings, fences, tables or links of Markdown."""
    return _SIGNS.search(text[:_SAMPLE]) is not None


def add_markdown(collector: Collector, text: str) -> None:
    """Add the blocks of a Markdown text, its inline marks and its HTML tags left out."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 -- only the sandbox process reads
    from mdit_py_plugins.front_matter import front_matter_plugin  # noqa: PLC0415 -- likewise

    parser = MarkdownIt("commonmark", {"html": True}).enable("table").use(front_matter_plugin)
    parser.disable(["code", "reference"])  # indented text is seldom code, and definitions hide text
    _Walk(collector).read(parser.parse(text.replace("\r\n", "\n").replace("\r", "\n")))


class _Walk:
    """Follows the open and close tokens."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._open: list[str] = []  # kinds of the containers around the current token
        self._level = 1
        self._rows: list[list[str]] = []

    def read(self, tokens: "list[Token]") -> None:
        for token in tokens:
            self._collector.check_time()
            if token.nesting == 1:
                self._enter(token)
            elif token.nesting == -1:
                self._leave()
            else:
                self._leaf(token)

    def _enter(self, token: "Token") -> None:
        self._open.append(token.type.removesuffix("_open"))
        if self._open[-1] == "heading":
            self._level = int(token.tag[1:])
        elif self._open[-1] == "tr":
            self._rows.append([])

    def _leave(self) -> None:
        if self._open.pop() == "table":
            self._collector.add_table(self._rows, header=True)
            self._rows = []

    def _leaf(self, token: "Token") -> None:
        match token.type:
            case "inline":
                self._text(_inline(token))
            case "fence":
                self._collector.add(BlockKind.CODE, token.content)
            case "html_block":
                self._collector.add(BlockKind.PARAGRAPH, _TAG.sub(" ", _COMMENT.sub("", token.content)))

    def _text(self, text: str) -> None:
        if "table" in self._open:
            self._rows[-1].append(text)
        elif self._open[-1:] == ["heading"]:
            self._collector.add(BlockKind.HEADING, text, level=self._level)
        elif note := _NOTE.match(text):
            self._collector.add(BlockKind.NOTE, text[note.end() :])
        elif "list_item" in self._open:
            self._collector.add(BlockKind.LIST_ITEM, text)
        else:
            kind = BlockKind.QUOTE if "blockquote" in self._open else BlockKind.PARAGRAPH
            self._collector.add(kind, text)


def _inline(token: "Token") -> str:
    """The text of an inline token; of images nothing, of code its content."""
    parts: list[str] = []
    for child in token.children or ():
        match child.type:
            case "text" | "code_inline":
                parts.append(child.content)
            case "softbreak" | "hardbreak":
                parts.append("\n")
    return "".join(parts)
