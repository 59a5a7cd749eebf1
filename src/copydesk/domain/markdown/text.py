"""What a reader sees of a Markdown text: its blocks, headings, links and footnotes.

markdown-it-py takes linear time (0.5 to 20 us a character, measured with 30 kinds of hostile text of
1,000,000 characters) and limits nesting itself, so no text is refused or cut here.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import regex
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from copydesk.domain.source import BlockKind
from copydesk.domain.words import count_words

MAX_NUMBER_DIGITS = 6  # a footnote label of more digits is a name, not a number


@dataclass(frozen=True, kw_only=True)
class Heading:
    """One heading, in order."""

    level: int  # 1 to 6
    text: str  # as a reader sees it, on one line


@dataclass(frozen=True, kw_only=True)
class Link:
    """One link or image, in order."""

    url: str  # as it stands, percent-encoded where the renderer does so
    text: str  # what a reader sees; of an image: empty
    image: bool = False
    footnote: bool = False  # stands in a footnote's definition


@dataclass(frozen=True, kw_only=True)
class TextBlock:
    """One block of visible text outside footnote definitions."""

    kind: BlockKind  # of a table: one block a row
    text: str  # without footnote marks, alt texts and Markdown; lines end with a line feed
    level: int | None = None  # of a heading: 1 to 6
    marks: tuple[str, ...] = ()  # labels of its footnote marks, in order
    code: tuple[str, ...] = ()  # its inline code, which is part of the text
    first_line: int = 0  # 0-based line of the Markdown where it begins


@dataclass(frozen=True, kw_only=True)
class MarkdownText:
    """A Markdown text as a reader sees it."""

    blocks: tuple[TextBlock, ...]
    links: tuple[Link, ...]
    marks: tuple[str, ...]  # labels of all footnote marks, in order, repeats included, defined or not
    definitions: tuple[str, ...]  # labels of all footnote definitions, in order

    @functools.cached_property
    def headings(self) -> tuple[Heading, ...]:
        """All headings, in order."""
        return tuple(
            Heading(level=block.level or 1, text=" ".join(block.text.split()))
            for block in self.blocks
            if block.kind is BlockKind.HEADING
        )

    @functools.cached_property
    def paragraphs(self) -> tuple[str, ...]:
        """Paragraphs, those of lists and quotations included; not headings, tables and code."""
        kinds = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE)
        return tuple(block.text for block in self.blocks if block.kind in kinds and block.text)

    @functools.cached_property
    def visible(self) -> str:
        """Everything that counts as words: a block a line; footnotes, alt texts and URLs left out."""
        return _url_pattern().sub(" ", "\n".join(block.text for block in self.blocks if block.text))

    @functools.cached_property
    def word_count(self) -> int:
        """Words as contract.md counts them."""
        return count_words(self.visible)


def parse(markdown: str) -> MarkdownText:
    """Read a Markdown text once; the functions below are short cuts to parts of the result."""
    return _Reader().read(_reading_parser().parse(markdown, {}))


def visible_text(markdown: str) -> str:
    """The text as a reader sees it, a block a line: no footnote marks and definitions, alt texts and URLs."""
    return parse(markdown).visible


def count_markdown_words(markdown: str) -> int:
    """Words of a Markdown text as contract.md counts them."""
    return parse(markdown).word_count


def headings_of(markdown: str) -> list[Heading]:
    """All headings, in order."""
    return list(parse(markdown).headings)


def paragraphs_of(markdown: str) -> list[str]:
    """Visible text of every paragraph, those of lists and quotations included."""
    return list(parse(markdown).paragraphs)


def links_of(markdown: str) -> list[Link]:
    """All links and images, those in footnote definitions included."""
    return list(parse(markdown).links)


def footnote_numbers(markdown: str) -> list[int]:
    """The numbers of footnotes that are both marked and defined, by first use, each once."""
    text = parse(markdown)
    defined = set(text.definitions)
    numbers = (int(label) for label in text.marks if label in defined and is_number(label))
    return list(dict.fromkeys(numbers))


def is_number(label: str) -> bool:
    """Whether a footnote's label is a plain number."""
    return label.isascii() and label.isdecimal() and len(label) <= MAX_NUMBER_DIGITS


def new_parser(*, always_match: bool, move_to_end: bool) -> MarkdownIt:
    """The one configuration; footnotes of the form `^[text]` are not taken, so that they count as text."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("html_inline")
    return parser.use(footnote_plugin, inline=False, move_to_end=move_to_end, always_match_refs=always_match)


@functools.cache
def _reading_parser() -> MarkdownIt:
    return new_parser(always_match=True, move_to_end=False)


@functools.cache
def _url_pattern() -> "regex.Pattern[str]":
    """Bare URLs; scripts without spaces and closing punctuation end one."""
    ends = r"\s<>\"\u201c\u201d\u00ab\u00bb\u3000-\u303f\uff00-\uffef" + "".join(
        rf"\p{{{script}}}" for script in ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar")
    )
    return regex.compile(rf"(?<![A-Za-z0-9])(?:https?://|www\.)[^{ends}]*[^{ends}.,;:!?)'\]]", regex.IGNORECASE)


class _Reader:
    """Walks the tokens of one text."""

    def __init__(self) -> None:
        self._blocks: list[TextBlock] = []
        self._links: list[Link] = []
        self._marks: list[str] = []
        self._definitions: list[str] = []
        self._containers: list[str] = []  # open blocks, outermost first
        self._row: list[str] = []  # texts of the table row being read
        self._row_marks: list[str] = []

    def read(self, tokens: list[Token]) -> MarkdownText:
        self._defined = {token.meta["label"] for token in tokens if token.type == "footnote_reference_open"}
        for index, token in enumerate(tokens):
            if token.type == "inline":
                self._inline(tokens[index - 1], token)
            elif token.type in ("fence", "code_block"):
                self._add(BlockKind.CODE, token.content.rstrip("\n"), token)
            else:
                self._container(token)
        return MarkdownText(
            blocks=tuple(self._blocks),
            links=tuple(self._links),
            marks=tuple(self._marks),
            definitions=tuple(self._definitions),
        )

    @property
    def _in_footnote(self) -> bool:
        return "footnote_reference" in self._containers

    def _container(self, token: Token) -> None:
        if token.type == "footnote_reference_open":
            self._definitions.append(token.meta["label"])
        if token.nesting == 1:
            self._containers.append(token.type.removesuffix("_open"))
        elif token.nesting == -1:
            self._containers.pop()
            if token.type == "tr_close":
                self._end_row(token)

    def _end_row(self, token: Token) -> None:
        self._add(BlockKind.TABLE, " \u00b7 ".join(filter(None, self._row)), token, marks=tuple(self._row_marks))
        self._row, self._row_marks = [], []

    def _inline(self, opening: Token, token: Token) -> None:
        marks: list[str] = []
        text = "".join(self._texts(token.children or [], marks)).strip()
        if not self._in_footnote:
            self._marks.extend(marks)
        if opening.type in ("th_open", "td_open"):
            self._row.append(" ".join(text.split()))
            self._row_marks.extend(marks)
        elif opening.type == "heading_open":
            self._add(BlockKind.HEADING, text, token, level=int(opening.tag[1:]), marks=tuple(marks))
        else:
            code = tuple(child.content for child in token.children or [] if child.type == "code_inline")
            self._add(self._paragraph_kind(), text, token, marks=tuple(marks), code=code)

    def _paragraph_kind(self) -> BlockKind:
        if "list_item" in self._containers:
            return BlockKind.LIST_ITEM
        return BlockKind.QUOTE if "blockquote" in self._containers else BlockKind.PARAGRAPH

    def _add(
        self,
        kind: BlockKind,
        text: str,
        token: Token,
        *,
        level: int | None = None,
        marks: tuple[str, ...] = (),
        code: tuple[str, ...] = (),
    ) -> None:
        if not self._in_footnote:
            line = token.map[0] if token.map else 0
            self._blocks.append(TextBlock(kind=kind, text=text, level=level, marks=marks, code=code, first_line=line))

    def _texts(self, children: list[Token], marks: list[str]) -> Iterator[str]:
        """The visible pieces of one inline run; collects its links and marks on the way."""
        opened: list[tuple[str, list[str]]] = []
        after_gap = False  # after a mark or image, which end a word although nothing of them counts
        for child in children:
            piece = self._piece(child, marks, opened)
            if after_gap and piece[:1].isalnum():
                yield " "
            yield piece
            after_gap = (after_gap and not piece) or child.type in ("footnote_ref", "image")
            for _, parts in opened:
                parts.append(piece)

    def _piece(self, child: Token, marks: list[str], opened: list[tuple[str, list[str]]]) -> str:
        match child.type:
            case "text" | "text_special" | "code_inline":
                return child.content
            case "softbreak":
                return " "
            case "hardbreak":
                return "\n"
            case "footnote_ref":
                return self._mark(child.meta["label"], marks)
            case "image":
                self._links.append(Link(url=str(child.attrs["src"]), text="", image=True, footnote=self._in_footnote))
            case "link_open":
                opened.append((str(child.attrs["href"]), []))
            case "link_close":
                url, parts = opened.pop()
                self._links.append(Link(url=url, text="".join(parts), footnote=self._in_footnote))
        return ""

    def _mark(self, label: str, marks: list[str]) -> str:
        if label not in self._defined and not is_number(label):
            return f"[^{label}]"  # "[^a-z]" without a definition is text, a number a broken mark
        marks.append(label)
        return ""
