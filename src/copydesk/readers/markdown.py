"""Reads Markdown by its tokens."""

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING

from copydesk.domain.source import BlockKind
from copydesk.readers.blocks import Collector

if TYPE_CHECKING:
    from markdown_it.token import Token

# What only Markdown has. A line of one "#" with text below it is a comment of a script as well.
_SIGNS = re.compile(
    r"(?:\A|(?<=\n)[ \t]*\n)(?:##{1,5}[ \t]+\S|#[ \t]+\S.*\n[ \t]*(?:\n|\Z))"  # heading
    r"|\A#[ \t]+\S"
    r"|(?:\A|(?<=\n)[ \t]*\n)(`{3,5}|~{3,5})[ \t]*[\w+#.-]*[ \t]*\n(?:.*\n){0,200}?\1[ \t]*(?:\n|\Z)"  # fence
    r"|^\|.+\|[ \t]*$\n^\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*$"  # table
    r"|\[[^\]\n]{1,200}\]\((?:https?://|mailto:|#|[\w.-]*[/.])[^\s)]{1,500}\)"  # link
    r"|^ {0,3}[-*+] +.*\*\*\S",  # bold words in a list
    re.MULTILINE,
)
# What only reStructuredText and AsciiDoc have, which look alike otherwise.
_OTHERS = re.compile(
    r"^\.\. (?:\S.*::|_\S.*:|\[.+\])"  # directive, target, note
    r"|^[ \t]*:[\w -]+:(?:[ \t]|$)"  # field
    r"|:\w+:`[^`\n]+`|`[^`\n]+`_|``[^`\n]+``(?!`)"  # role, link, literal
    r"|^\S.*::[ \t]*$"  # literal block, term
    r"|^={2,5} \S|^(?:-{4,}|={4,}|\.{4,})$|\b(?:link|linkgit|xref):\S+\[",  # AsciiDoc's headings, blocks, macros
    re.MULTILINE,
)
_MARKUP = re.compile(r"\s*<(?:\?xml|!doctype|html|rss|feed)\b", re.IGNORECASE)  # no Markdown begins so
_SECTION = re.compile(r"(?<=\n\n)#{1,6} ")
_FENCE = re.compile(r"^[ >]*(?:```|~~~)", re.MULTILINE)
_SECTION_LENGTH = 20_000  # characters at least
_MAX_SECTION = 50_000  # the parser takes long on what is no text, and cannot be asked the time
_SAMPLE = 200_000
_NOTE = re.compile(r"^\[\^[^\]]+\]:\s*", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?([a-zA-Z][\w-]*)(?:\s[^<>]{0,1000})?/?>")
# Of the HTML standard and older pages; a word in angle brackets that is none of these is text.
_ELEMENTS = frozenset({
    "a", "abbr", "acronym", "address", "article", "aside", "audio", "b", "big", "blockquote", "br", "button", "canvas",
    "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "dialog", "div", "dl", "dt",
    "em", "embed", "fieldset", "figcaption", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "head", "header", "hr", "html", "i", "iframe", "img", "input", "ins", "kbd", "label", "legend", "li", "link",
    "main", "map", "mark", "meta", "nav", "noscript", "object", "ol", "p", "param", "picture", "pre", "q", "s", "samp",
    "section", "select", "small", "source", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg",
    "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "video", "wbr",
})  # fmt: skip
# Elements that do not part words.
_WITHIN_WORDS = frozenset({
    "a", "abbr", "b", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "samp",
    "small", "span", "strong", "sub", "sup", "tt", "u", "var",
})  # fmt: skip


def looks_markdown(text: str) -> bool:
    """Whether the text has headings, fences, tables or links of Markdown, and few marks of its cousins."""
    if _MARKUP.match(text):
        return False
    sample = text[:_SAMPLE]
    signs = sum(1 for _ in _SIGNS.finditer(sample))
    return signs > 0 and signs > sum(1 for _ in _OTHERS.finditer(sample))


def add_markdown(collector: Collector, text: str) -> None:
    """Add the blocks of a Markdown text, its inline marks and its HTML tags left out.

    It is parsed section by section, so that what was read stays when time is up.
    """
    from markdown_it import MarkdownIt  # noqa: PLC0415 -- only the sandbox process reads
    from mdit_py_plugins.front_matter import front_matter_plugin  # noqa: PLC0415 -- likewise

    parser = MarkdownIt("commonmark", {"html": True}).enable("table").use(front_matter_plugin)
    parser.disable(["code", "reference"])  # indented text is seldom code, and definitions hide text
    walk = _Walk(collector)
    for section in _sections(text.replace("\r\n", "\n").replace("\r", "\n")):
        collector.check_time()
        walk.read(parser.parse(section))


def _sections(text: str) -> Iterator[str]:
    """Parts of some length that begin at a heading below an empty line, outside of code and comments."""
    start = 0
    for found in _SECTION.finditer(text):
        if found.start() - start < _SECTION_LENGTH:
            continue
        section = text[start : found.start()]
        if len(_FENCE.findall(section)) % 2 == 0 and section.count("<!--") <= section.count("-->"):
            yield from _parts(section)
            start = found.start()
    yield from _parts(text[start:])


def _parts(section: str) -> Iterator[str]:
    """A section, or its parts at empty lines, or at any lines, where it is too long."""
    while len(section) > _MAX_SECTION:
        stop = section.rfind("\n\n", 1, _MAX_SECTION)
        stop = stop if stop > 0 else section.rfind("\n", 1, _MAX_SECTION)
        stop = stop if stop > 0 else _MAX_SECTION
        yield section[:stop]
        section = section[stop:]
    yield section


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
                self._collector.add(BlockKind.PARAGRAPH, _seen(token.content))

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
            case "html_inline":
                parts.append(_TAG.sub(_unless_element, _COMMENT.sub("", child.content)))
    return "".join(parts)


def _seen(html: str) -> str:
    """What a reader sees of a block of HTML."""
    return unescape(_TAG.sub(_unless_element, _UNSEEN.sub(" ", _COMMENT.sub("", html))))


def _unless_element(tag: re.Match[str]) -> str:
    """Nothing for a tag of HTML (a space for a line break or an end), itself for other words in angle brackets."""
    if tag[1].lower() not in _ELEMENTS:
        return tag[0]
    return "" if tag[1].lower() in _WITHIN_WORDS else " "
