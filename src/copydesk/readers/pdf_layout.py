"""Builds blocks from the lines of PDF pages."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from copydesk.domain.source import BlockKind
from copydesk.readers.blocks import Collector

# Shares and factors found on generated pages and common word processors' output.
_MARGIN = 0.12  # of the page's height, where running heads and feet stand
_RUNNING_SHARE = 0.4  # of the pages, on which a head must repeat (heads differ on left and right pages)
_RUNNING_PAGES = 3  # at least
_HEADING_SIZE = 1.12  # times the body's size
_HEADING_CHARACTERS = 160
_BOLD_HEADING_CHARACTERS = 100
_GAP = 1.45  # times the usual distance of lines, from which a paragraph ends
_SHORT = 0.82  # of the column's width: a line that ends before it and with a full stop ends a paragraph
_INDENT = 0.9  # times the size: a first line's indentation

_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|p\.)?\s*(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|/|von)\s*\d{1,4})?\W*$", re.IGNORECASE
)
_BULLET = re.compile(r"(?:[•‣◦▪●■\u2013\uf0b7*-]|\(?(?:\d{1,2}|[a-z])[.)])\s+(?=\S)")
_SENTENCE_END = re.compile(r"[.!?:\u3002\uff01\uff1f][\"'\u201d\u2019\u00bb)\]]*$")
_HYPHENATED = re.compile(r"[^\W\d_]-$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of text on a page; lengths in points, from the page's upper left corner."""

    text: str  # without spaces around it; a hyphen at its end is "-"
    page: int  # 1-based
    left: float
    right: float
    top: float
    bottom: float
    size: float  # height of the font
    bold: bool
    page_height: float


def add_lines(collector: Collector, lines: list[Line]) -> None:
    """Add the blocks that the lines of all pages, in reading order, make up."""
    lines = without_running(lines)
    if not lines:
        return
    body = _body_size(lines)
    levels = _heading_levels(lines, body)
    words = _vocabulary(lines)
    for run in _runs(lines, body):
        collector.check_time()
        text = _join(run, words)
        first = run[0]
        level = _level(run, text, levels, body)
        bullet = _BULLET.match(text)
        if level is not None:
            collector.add(BlockKind.HEADING, text, level=level, page=first.page)
        elif bullet is not None:
            collector.add(BlockKind.LIST_ITEM, text[bullet.end() :], page=first.page)
        else:
            collector.add(BlockKind.PARAGRAPH, text, page=first.page)


def without_running(lines: list[Line]) -> list[Line]:
    """Leave out heads, feet and page numbers: what repeats, but for its digits, in the margins."""
    pages = {line.page for line in lines}
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    for line in lines:
        if (key := _margin_key(line)) is not None:
            seen[key].add(line.page)
    needed = max(_RUNNING_PAGES, _RUNNING_SHARE * len(pages))
    running = {key for key, where in seen.items() if len(where) >= needed}
    numbers = {
        key
        for key, where in seen.items()
        if len(where) >= min(2, len(pages)) and key[0] in {"#", "- # -", "page # of #"}
    }
    return [
        line
        for line in lines
        if (key := _margin_key(line)) is None
        or not (key in running or (key in numbers and _PAGE_NUMBER.match(line.text)))
    ]


def _margin_key(line: Line) -> tuple[str, int] | None:
    """What a line of a margin repeats as; None elsewhere."""
    in_head = line.bottom < _MARGIN * line.page_height
    if not in_head and line.top < (1 - _MARGIN) * line.page_height:
        return None
    return _DIGITS.sub("#", line.text.casefold()), 1 if in_head else -1


def _body_size(lines: list[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0]


def _heading_levels(lines: list[Line], body: float) -> dict[float, int]:
    """Levels by size, the largest first."""
    sizes = {line.size for line in lines if line.size >= _HEADING_SIZE * body and len(line.text) <= _HEADING_CHARACTERS}
    levels: dict[float, int] = {}
    level, last = 0, float("inf")
    for size in sorted(sizes, reverse=True):
        if size < last * 0.97:  # sizes that differ less are one
            level, last = level + 1, size
        levels[size] = level
    return levels


def _level(run: list[Line], text: str, levels: dict[float, int], body: float) -> int | None:
    if not any(character.isalpha() for character in text):
        return None
    size = run[0].size
    if size in levels and len(text) <= _HEADING_CHARACTERS:
        return levels[size]
    short = len(text) <= _BOLD_HEADING_CHARACTERS and not _SENTENCE_END.search(text)
    if short and all(line.bold for line in run) and size >= 0.95 * body:
        return max(levels.values(), default=1) + 1
    return None


def _runs(lines: list[Line], body: float) -> Iterator[list[Line]]:
    """Lines that make up one paragraph each, also over the end of a column or page."""
    pitch = _pitch(lines) or body * 1.2
    edges = _right_edges(lines)
    run: list[Line] = []
    for line in lines:
        if run and _begins(run, line, pitch, edges[run[-1].page]):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _pitch(lines: list[Line]) -> float | None:
    """The usual distance from a line to the next one."""
    distances = [
        below.top - above.top
        for above, below in pairwise(lines)
        if above.page == below.page and 0 < below.top - above.top < 4 * above.size
    ]
    return median(distances) if distances else None


def _right_edges(lines: Iterable[Line]) -> dict[int, float]:
    """Where the text of each page ends on the right, without the few lines that stand out."""
    rights: dict[int, list[float]] = defaultdict(list)
    for line in lines:
        rights[line.page].append(line.right - line.left)
    return {page: sorted(widths)[int(0.9 * (len(widths) - 1))] for page, widths in rights.items()}


def _begins(run: list[Line], line: Line, pitch: float, width: float) -> bool:
    """Whether `line` begins a new paragraph after `run`."""
    above = run[-1]
    if abs(line.size - above.size) > 0.08 * above.size or line.bold != above.bold or _BULLET.match(line.text):
        return True
    ended = _SENTENCE_END.search(above.text) is not None
    if line.page != above.page or line.top < above.top - pitch:  # a new page or column
        return ended or not (line.text[:1].islower() or _HYPHENATED.search(above.text) or len(run) > 1)
    if line.top - above.top > _GAP * pitch:
        return True
    if ended and above.right - above.left < _SHORT * width:
        return True
    left = min(member.left for member in run[1:]) if len(run) > 1 else above.left
    return ended and line.left > left + _INDENT * line.size


def _vocabulary(lines: list[Line]) -> set[str]:
    return {word.casefold() for line in lines for word in _WORD.findall(line.text)}


def _join(run: list[Line], words: set[str]) -> str:
    """Join lines; undo a hyphen at a line's end unless the text writes the word with one."""
    text = run[0].text
    for line in run[1:]:
        if _HYPHENATED.search(text) and line.text[:1].islower():
            head, tail = _WORD.findall(text)[-1], _WORD.match(line.text)
            after = tail[0] if tail else ""
            compound = f"{head}-{after}".casefold() in words and f"{head}{after}".casefold() not in words
            text = (text if compound else text[:-1]) + line.text
        else:
            text += " " + line.text
    return text
