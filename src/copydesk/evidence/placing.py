# ruff: noqa: RUF001 -- full-width stops are meant
"""Where text stands: blocks below their headings, and sentences in the document's text as it was read."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import NamedTuple

import regex

from copydesk.domain.source import Block, BlockKind, Document
from copydesk.evidence.noise import clean_text, is_end_matter
from copydesk.language.lexicon import general

Span = tuple[int, int]  # start and end, in characters of the document's text

# A longer block is taken apart before anything else looks at it: one pattern over megabytes would hold up
# every other thread, and splitting sentences takes more than linear time.
PIECE_CHARACTERS = 20_000
_STOP = regex.compile(r"[.!?]['\"”’»)]*\s+(?=\S)|[。！？]")
_VISIBLE = regex.compile(r"[^\p{Cc}\p{Zl}\p{Zp}\s]+")


class Placed(NamedTuple):
    """A block, or a piece of a very long one, below its headings; a tuple, as there may be hundreds of thousands."""

    block: Block
    headings: tuple[str, ...]  # the path of headings above it
    text: str  # the document's text from `start` on
    start: int
    section: int  # counts the headings before it
    end_matter: bool  # whether it stands under references, links or comments

    @property
    def end(self) -> int:
        """Where it ends in the document's text."""
        return self.start + len(self.text)


def located_blocks(document: Document) -> Iterator[tuple[Block, tuple[str, ...]]]:
    """The blocks below headings, each with the path of its headings; end matter (references, links) is left out.

    A paragraph that a page end cut in two is made whole; it keeps its first page.
    """
    for placed in placed_blocks(document):
        if not placed.end_matter:
            yield placed.block, placed.headings


def placed_blocks(document: Document) -> Iterator[Placed]:
    """As `located_blocks`, with the blocks' places in the document's text, and end matter marked as such."""
    path: list[tuple[int, str]] = []
    headings: tuple[str, ...] = ()
    section = 0
    ended = False
    for block, text, start in _continued(document.blocks):
        if block.kind is not BlockKind.HEADING:
            yield Placed(block, headings, text, start, section, ended)
            continue
        level = block.level or 2
        path = [entry for entry in path if entry[0] < level]
        path.append((level, clean_text(block.text)))
        headings = tuple(heading for _, heading in path if heading)
        ended = any(is_end_matter(heading) for _, heading in path)
        section += 1


def _continued(blocks: Sequence[Block]) -> Iterator[tuple[Block, str, int]]:
    """Blocks with their texts and where these start, those put together that a page end cut in two."""
    pending: tuple[Block, str, int] | None = None
    offset = 0
    for block in blocks:
        text = block.linear
        if pending is not None and _continues(pending[0], block):
            before, so_far, start = pending
            glued = replace(before, text=f"{before.text.rstrip()} {block.text.lstrip()}")
            pending = (glued, f"{so_far}\n{text}", start)
        else:
            if pending is not None:
                yield pending
            pending = (block, text, offset)
        offset += len(text) + 1
    if pending is not None:
        yield pending


def _continues(before: Block, after: Block) -> bool:
    if before.kind is not BlockKind.PARAGRAPH or after.kind is not BlockKind.PARAGRAPH:
        return False
    if before.page is None or after.page != before.page + 1:
        return False
    start, end = after.text.lstrip()[:1], before.text.rstrip()[-1:]
    return start.islower() and end not in ".!?:;。！？"


def pieces_of(placed: Placed) -> Iterator[Placed]:
    """The block itself, or a very long one in pieces of up to `PIECE_CHARACTERS` that end after a sentence."""
    text = placed.text
    begin = 0
    while len(text) - begin > PIECE_CHARACTERS:
        window = text[begin : begin + PIECE_CHARACTERS]
        stops = [match.end() for match in _STOP.finditer(window)]
        cut = stops[-1] if stops else window.rfind(" ") + 1 or PIECE_CHARACTERS
        yield placed._replace(text=window[:cut], start=placed.start + begin)
        begin += cut
    yield placed._replace(text=text[begin:], start=placed.start + begin) if begin else placed


def sentence_spans(text: str, cleaned: str, sentences: Sequence[str]) -> list[Span | None]:
    """Where sentences stand in a text that was cleaned and then split into them, all of them and in order.

    Args:
        text: In NFC, as read.
        cleaned: What `clean_text` made of it.
        sentences: What `split_sentences` made of that.

    Returns:
        Start and end of each in `text`; None for one that `clean_text` would not make of its part of the text.
    """
    if text == cleaned:
        found = _found_in_order(text, sentences)
        if found is not None:
            return found
    return _counted(text, sentences)


def _found_in_order(text: str, sentences: Sequence[str]) -> list[Span | None] | None:
    spans: list[Span | None] = []
    cursor = 0
    for sentence in sentences:
        while text[cursor : cursor + 1].isspace():
            cursor += 1
        if not text.startswith(sentence, cursor):
            return None
        spans.append((cursor, cursor + len(sentence)))
        cursor += len(sentence)
    return spans


def _counted(text: str, sentences: Sequence[str]) -> list[Span | None]:
    """Cleaning and splitting take marks and white space away and move nothing: the other characters can be counted."""
    bare = general("marks").sub(lambda mark: " " * len(mark[0]), text)
    starts, lengths = [], []
    for match in _VISIBLE.finditer(bare):
        starts.append(match.start())
        lengths.append(match.end() - match.start())
    before = list(accumulate(lengths, initial=0))  # visible characters before each run

    def place(nth: int) -> int:
        run = bisect_right(before, nth) - 1
        return starts[run] + nth - before[run]

    spans: list[Span | None] = []
    counted = 0
    for sentence in sentences:
        visible = len(sentence) - sentence.count(" ")
        if not visible or counted + visible > before[-1]:
            spans.append(None)
            continue
        start, end = place(counted), place(counted + visible - 1) + 1
        counted += visible
        spans.append((start, end) if clean_text(text[start:end]) == sentence else None)
    return spans
