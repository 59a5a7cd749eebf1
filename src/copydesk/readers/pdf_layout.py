"""Builds blocks from the lines of PDF pages."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import median

from copydesk.domain.source import BlockKind
from copydesk.readers.blocks import Collector
from copydesk.readers.pdf_lines import HYPHEN, Line, has_leaders
from copydesk.readers.pdf_outline import Outline, title_key
from copydesk.readers.pdf_tables import split_tables
from copydesk.readers.tables import has_header

# Shares and factors found on generated pages and common word processors' output.
_MARGIN = 0.12  # of the page's height, where running heads and feet stand
_RUNNING_PAGES = 3  # on which a head must repeat, at the same height
_SAME_HEIGHT = 6.0  # points
_HEADING_SIZE = 1.12  # times the body's size
_HEADING_CHARACTERS = 160
_BOLD_HEADING_CHARACTERS = 100
_LARGE_GAP = 1.5  # likewise times the size of a line larger than the body
_OTHER_SIZE = 0.08  # of the size; sizes that differ more belong to different paragraphs
_GAP = 1.45  # times the usual distance of lines, from which a paragraph ends
_SHORT = 0.82  # of the column's width: a line that ends before it and with a full stop ends a paragraph
_INDENT = 0.9  # times the size: a first line's indentation

_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|p\.)?\s*(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|/|von)\s*\d{1,4})?\W*$", re.IGNORECASE
)
_BULLET = re.compile(r"(?:[•‣◦▪●■\u2013\uf0b7*-]|\(?(?:\d{1,2}|[a-z])[.)])\s+(?=\S)")
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,4}\.?\s+[^\W\d_a-z]")  # as in "2.3 Methods"
_SENTENCE_END = re.compile(r"[.!?:\u3002\uff01\uff1f][\"'\u201d\u2019\u00bb)\]]*$")
_HYPHENATED = re.compile(r"[^\W\d_]-$")
_BROKEN = re.compile(rf"([^\W\d_]+)[{HYPHEN}](\w+)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def add_lines(collector: Collector, lines: list[Line], outline: Outline) -> None:
    """Add the blocks that the lines of all pages, in reading order, make up.

    Headings are what is larger than the text, short bold lines, short lines with a number of
    several parts, and what the document's outline names.
    """
    lines = without_running(lines)
    if not lines:
        return
    body = _body_size(lines)
    pitch = _pitch(lines) or 1.2 * body
    levels = _heading_levels(lines, body)
    words = _vocabulary(lines)
    for piece in split_tables(lines):
        if piece.rows is not None:
            collector.add_table(piece.rows, header=has_header(piece.rows), page=piece.lines[0].page)
            continue
        for run in _runs(piece.lines, body, pitch):
            collector.check_time()
            text = _join(run, words)
            level = _level(run, levels, body)
            if level is None and outline and len(text) <= _HEADING_CHARACTERS and not has_leaders(text):
                level = outline.get((run[0].page, title_key(text)))
            _add_run(collector, run, text, level)


def _add_run(collector: Collector, run: list[Line], text: str, level: int | None) -> None:
    page = run[0].page
    bullet = _BULLET.match(text)
    if level is not None and any(character.isalpha() for character in text):
        collector.add(BlockKind.HEADING, text, level=level, page=page)
    elif bullet is not None:
        collector.add(BlockKind.LIST_ITEM, text[bullet.end() :], page=page)
    else:
        collector.add(BlockKind.LIST_ITEM if has_leaders(text) else BlockKind.PARAGRAPH, text, page=page)


def without_running(lines: list[Line]) -> list[Line]:
    """Leave out heads, feet and page numbers: what repeats, but for its digits, in the margins."""
    pages = {line.page for line in lines}
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    numbered: set[int] = set()
    for line in lines:
        if (key := _margin_key(line)) is not None:
            seen[key].add(line.page)
            if _PAGE_NUMBER.match(line.text):
                numbered.add(line.page)
    running = {key for key, where in seen.items() if len(where) >= _RUNNING_PAGES}
    has_numbers = len(numbered) > len(pages) / 2
    return [
        line
        for line in lines
        if (key := _margin_key(line)) is None or not (key in running or (has_numbers and _PAGE_NUMBER.match(line.text)))
    ]


def _margin_key(line: Line) -> tuple[str, int] | None:
    """What a line of a margin repeats as: its text without digits, its height; None elsewhere."""
    if _MARGIN * line.page_height < line.baseline < (1 - _MARGIN) * line.page_height:
        return None
    return _DIGITS.sub("#", line.text.casefold()), round(line.baseline / _SAME_HEIGHT)


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


def _level(run: list[Line], levels: dict[float, int], body: float) -> int | None:
    length = sum(len(line.text) for line in run)
    size = run[0].size
    if length > _HEADING_CHARACTERS or has_leaders(run[0].text):
        return None
    if size in levels:
        return levels[size]
    short = length <= _BOLD_HEADING_CHARACTERS and not _SENTENCE_END.search(run[-1].text)
    if (
        short
        and size >= 0.95 * body
        and (all(line.bold for line in run) or (len(run) == 1 and _NUMBERED.match(run[0].text)))
    ):
        return max(levels.values(), default=1) + 1
    return None


def _runs(lines: list[Line], body: float, pitch: float) -> Iterator[list[Line]]:
    """Lines that make up one paragraph each, also over the end of a column or page."""
    widths = _widths(lines)
    run: list[Line] = []
    for line in lines:
        distance = max(_GAP * pitch, _LARGE_GAP * line.size if line.size > body else 0.0)
        if run and _begins(run, line, distance, widths[run[-1].page, run[-1].column]):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _pitch(lines: list[Line]) -> float | None:
    """The usual distance from a line to the next one."""
    distances = [
        below.baseline - above.baseline
        for above, below in pairwise(lines)
        if above.page == below.page
        and above.column == below.column
        and 0 < below.baseline - above.baseline < 4 * above.size
    ]
    return median(distances) if distances else None


def _widths(lines: Iterable[Line]) -> dict[tuple[int, int], float]:
    """How wide the text of each column is, without the few lines that stand out."""
    rights: dict[tuple[int, int], list[float]] = defaultdict(list)
    for line in lines:
        rights[line.page, line.column].append(line.right - line.left)
    return {place: sorted(widths)[int(0.9 * (len(widths) - 1))] for place, widths in rights.items()}


def _begins(run: list[Line], line: Line, distance: float, width: float) -> bool:
    """Whether `line` begins a new paragraph after `run`; `distance` is the widest gap inside of one."""
    above = run[-1]
    if abs(line.size - above.size) > _OTHER_SIZE * above.size or line.bold != above.bold or _BULLET.match(line.text):
        return True
    ended = _SENTENCE_END.search(above.text) is not None
    if (line.page, line.column) != (
        above.page,
        above.column,
    ) or line.baseline < above.baseline - line.size:  # a new page or column
        return ended or not (line.text[:1].islower() or _HYPHENATED.search(above.text) or len(run) > 1)
    if line.baseline - above.baseline > distance or has_leaders(above.text):
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
            text = text[:-1] + HYPHEN + line.text
        else:
            text += " " + line.text
    return _BROKEN.sub(lambda found: _mend(found[1], found[2], words), text) if HYPHEN in text else text


def _mend(head: str, tail: str, words: set[str]) -> str:
    compound = f"{head}-{tail}"
    known = compound.casefold() in words and f"{head}{tail}".casefold() not in words
    return compound if known or not tail[0].islower() else head + tail
