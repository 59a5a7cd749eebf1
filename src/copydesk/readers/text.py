"""Reads plain text and Markdown."""

import io
import re
from collections.abc import Iterator
from itertools import chain, pairwise

from copydesk.domain.source import BlockKind, Document
from copydesk.readers.blocks import MAX_HEADING, Collector, Enough, Limits
from copydesk.readers.encoding import decode
from copydesk.readers.markdown import add_markdown, looks_markdown

__all__ = ["decode", "read_text"]

_MAX_MARKDOWN = 2 * 2**20  # characters; beyond, text is read as plain
_UNWRAPPED = 150  # characters; a longer line is a paragraph of its own
_PARAGRAPH = 4_000  # characters; a longer one is parted, at the end of a sentence if one is near
_VOCABULARY = 2_000_000  # characters whose words tell how a parted one is written
_ENDING = 20  # characters, in which a sentence ends
_MAX_BLOCKS = 100_000  # a text of 20 MiB has fewer, unless it is none; each takes 100 bytes and more to hand on
_GROUP = 1_000  # lines that are looked at together

# How terminals and printers made letters bold or underlined, and set colours.
_OVERSTRIKE = re.compile("[^\n]\x08")
_TERMINAL = re.compile("\x1b\\[[\\d;]*[A-Za-z]")
_LINE_ENDS = (("\x0b", "\n"), ("\x0c", "\n\n"), ("\x85", "\n"), ("\u2028", "\n"), ("\u2029", "\n\n"))

_UNDERLINE = re.compile(r"\s*([=\-~^#*\"'`+.:_])\1{2,}\s*$")
_RULER = re.compile(r"[\s=\-~^#*\"'`+.:|_]{3,}")
_MARK = re.compile(r"\s*[-*+•‣◦▪\u2013]\s+(?=\S)")
_COUNT = re.compile(r"\s*\(?(\d{1,3}|[a-z])[.)]\s+(?=\S)")
_NUMBERED = re.compile(r"(?:\d{1,2}\.)+\d{0,2}\s+\S|(?:chapter|section|part|appendix)\s+[\divxlc]+\b", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[.!?:;,\u2026\u3002\uff01\uff1f][\"'\u201d\u2019\u00bb)\]]*$")
_SENTENCE_END = re.compile(r"[.!?\u2026\u3002\uff01\uff1f][\"'\u201d\u2019\u00bb)\]]*(?=\s)|[\u3002\uff01\uff1f]")
_WORD = re.compile(r"[^\W\d_]{4,40}")
_BROKEN = re.compile(r"([^\W\d_]+)\ufffe([^\W\d_]+)")  # the mark is no character, so no text has it
_HEADING_CHARACTERS = 80
_HEADING_WORDS = 12
_FIRST_COUNTS = {"1", "a", "i"}


def read_text(data: bytes, limits: Limits) -> Document:
    """Read plain text: paragraphs, lists and headings; Markdown where the text is Markdown.

    Wrapped lines are joined, words parted by a hyphen put together. The marks and numbers of list
    items are structure, not text, as they are in Word documents.

    Raises:
        ReadError: With `reason` `empty` or `damaged`.
    """
    text = _printable(decode(data))
    collector = Collector(limits)
    with collector.until_enough("lines"):
        if len(text) <= _MAX_MARKDOWN and looks_markdown(text):
            add_markdown(collector, text)
        else:
            _Plain(collector, text).read()
    first = next((block for block in collector.blocks if block.kind is BlockKind.HEADING), None)
    title = first.text if first is not None and first.level == 1 else None
    return collector.document(title=title, empty="The file holds no text.")


def _printable(text: str) -> str:
    """The text without the doings of terminals, its line ends alike."""
    if "\x08" in text:
        text = _OVERSTRIKE.sub("", text)
    if "\x1b" in text:
        text = _TERMINAL.sub("", text)
    for end, alike in _LINE_ENDS:
        if end in text:
            text = text.replace(end, alike)
    return text


class _Plain:
    """Finds the structure of a text without marks."""

    def __init__(self, collector: Collector, text: str) -> None:
        self._collector = collector
        self._text = text
        self._words: set[str] | None = None
        self._underlines = ["="]  # characters that underlined headings so far, by level
        self._left = _MAX_BLOCKS
        self._counted = set[str]()  # the numbers and letters of list items so far

    def read(self) -> None:
        for index, (group, after) in enumerate(pairwise(chain(self._groups(), [[]]))):
            self._collector.check_time()
            lines = self._without_headings(group)
            lines = [line for line in lines if not _RULER.fullmatch(line)]
            if len(lines) == 1 and after and _is_heading(lines[0]):
                self._collector.add(BlockKind.HEADING, lines[0], level=1 if index == 0 else 2)
            elif lines:
                self._add_lines(lines)

    def _groups(self) -> Iterator[list[str]]:
        """Runs of lines without an empty one between them."""
        run: list[str] = []
        for line in io.StringIO(self._text, newline=None):  # one by one: a list of all takes ten times the text
            if line.strip():
                run.append(line.expandtabs().rstrip())
            elif run:
                yield run
                run = []
            if len(run) == _GROUP:
                yield run
                run = []
        if run:
            yield run

    def _without_headings(self, lines: list[str]) -> list[str]:
        """Add the underlined headings that a group may begin with; the lines that are left."""
        start = 0
        while True:
            # Without a ruler or an overline.
            first = start + 1 if len(lines) > start + 1 and _UNDERLINE.match(lines[start]) else start
            found = _UNDERLINE.match(lines[first + 1]) if len(lines) > first + 1 else None
            if found is None or len(lines[first]) > 2 * _HEADING_CHARACTERS or _RULER.fullmatch(lines[first]):
                return lines[first:]
            self._collector.add(BlockKind.HEADING, lines[first], level=self._level(found[1]))
            start = first + 2

    def _level(self, character: str) -> int:
        """The first level is for "=", each other character takes the next one when it comes first."""
        if character not in self._underlines:
            self._underlines.append(character)
        return min(self._underlines.index(character) + 1, MAX_HEADING)

    def _add_lines(self, lines: list[str]) -> None:
        """Join wrapped lines; items of lists, indented openings and unwrapped lines stay apart."""
        unwrapped = any(len(line) > _UNWRAPPED for line in lines)
        margin = min(_indent(line) for line in lines[1:]) if len(lines) > 1 else 0
        kind, run, size = BlockKind.PARAGRAPH, list[str](), 0
        for above, line in pairwise(["", *lines]):
            item = self._item(line)
            if item or unwrapped or size > _PARAGRAPH or _opens(line, above, margin):
                self._add(kind, run)
                kind, run, size = (BlockKind.LIST_ITEM if item else BlockKind.PARAGRAPH), [], 0
            run.append(line[item:])
            size += len(line)
        self._add(kind, run)

    def _item(self, line: str) -> int:
        """The length of a list item's mark at the start of a line, 0 if it is none.

        A number that neither is a first one nor follows one that was there is a number of the text,
        as in "12. June".
        """
        mark = _MARK.match(line)
        if mark:
            return mark.end()
        count = _COUNT.match(line)
        if count is None or not (count[1] in _FIRST_COUNTS or _before(count[1]) in self._counted):
            return 0
        self._counted.add(count[1])
        return count.end()

    def _add(self, kind: BlockKind, run: list[str]) -> None:
        parts = list[str]()
        for line in run:
            stripped = line.strip()
            if parts and stripped[:1].isalpha() and parts[-1][-1:] == "-" and parts[-1][-2:-1].isalpha():
                parts[-1] = f"{parts[-1][:-1]}\ufffe{stripped}"
            else:
                parts.append(stripped)
        text = " ".join(parts)
        if "\ufffe" in text:
            text = _BROKEN.sub(lambda found: self._mend(found[1], found[2]), text).replace("\ufffe", "-")
        for piece in _pieces(text):
            self._left -= 1
            if self._left < 0:
                msg = f"it has more than {_MAX_BLOCKS:,} paragraphs"
                raise Enough(msg)
            self._collector.add(kind, piece)

    def _mend(self, head: str, tail: str) -> str:
        """Put a word together; the hyphen stays unless the text has the word without it.

        Typed text is seldom hyphenated: most hyphens at line ends belong there.
        """
        if self._words is None:
            self._words = set(_WORD.findall(self._text, 0, _VOCABULARY))
        whole = f"{head}{tail}"
        return whole if tail.islower() and whole in self._words else f"{head}-{tail}"


def _before(count: str) -> str:
    return str(int(count) - 1) if count.isdigit() else chr(ord(count) - 1)


def _opens(line: str, above: str, margin: int) -> bool:
    """Whether an indented line begins a paragraph: the one above is not indented and ends a sentence."""
    return _indent(line) > margin == _indent(above) and _ENDS_SENTENCE.search(above[-_ENDING:]) is not None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _pieces(text: str) -> Iterator[str]:
    """A long text in parts of whole sentences."""
    start = 0
    while len(text) - start > 2 * _PARAGRAPH:
        end = _SENTENCE_END.search(text, start + _PARAGRAPH, start + 2 * _PARAGRAPH)
        space = text.rfind(" ", start, start + 2 * _PARAGRAPH)
        stop = end.end() if end else space if space > start else start + 2 * _PARAGRAPH
        yield text[start:stop]
        start = stop
    yield text[start:]


def _is_heading(line: str) -> bool:
    line = line.strip()
    short = len(line) <= _HEADING_CHARACTERS and len(line.split()) <= _HEADING_WORDS
    if not short or _ENDS_SENTENCE.search(line) or not any(character.isalpha() for character in line):
        return False
    return line[0].isupper() or not line[0].isalpha() or _NUMBERED.match(line) is not None
