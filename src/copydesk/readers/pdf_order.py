"""Puts the lines of a PDF page in the order they are read: columns, sidebars, tables, turned text.

The order of a page's content is mostly that of reading, so it is kept wherever it runs down the
page. Where text stands side by side, the strips of white between it are found: a strip that parts
running text parts columns, a strip between cells that stand at the same heights parts a table's.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from copydesk.readers.pdf_lines import Cell, Line

_ROW = 0.35  # times the size: baselines that differ less are one row
_UP = 0.6  # times the size: a line that stands so much higher than the one before it is out of order
_GUTTER = 0.8  # times the size: columns stand at least so far apart
_WORD_GAP = 0.9  # times the size, as in pdf_lines
_EDGE = 3.0  # points: left edges that differ less are one
_ASCENT, _DESCENT = 0.75, 0.22  # of the size: how far letters reach from the baseline
_SIDE_LINES = 2  # a column has at least
_PROSE_LINES, _PROSE_CHARACTERS, _PROSE_FILL = 3, 18, 0.6  # what running text has: lines, their mean, their width
_ALIGNED = 0.6  # of the lines of the shorter side; fewer at the same heights are no rows
_LISTED = 8  # lines of two sides, one written after the other, that are columns of a list and no table
_TABLE_CELLS = 3  # in a row, from which short cells one below the other are a table
_BY_COLUMNS = 3  # rows of short cells that are columns of a list where one column is written after the other
_PAIRED_BLOCKS = 2  # blocks side by side that begin at the same height, from which they are a table's rows
_NEAR = 12  # segments that are looked at for something at one's side
_MOST_EDGES = 12  # left edges of columns that are tried
_MAX_DEPTH = 8
_MAX_SEGMENTS = 1_500  # of a page; more are left in the content's order


class _Segment:
    """A line, or a part of one between wide gaps; there are thousands, and all are compared."""

    __slots__ = ("baseline", "bottom", "cell", "left", "line", "order", "part", "right", "size", "text", "top")

    def __init__(self, line: Line, cell: Cell, order: int, part: int) -> None:
        self.line = line
        self.cell = cell
        self.order = order  # of the line in the content
        self.part = part  # of its line
        self.text, self.left, self.right = cell.text, cell.left, cell.right
        self.baseline, self.size = cell.baseline, cell.size
        self.top = cell.baseline - _ASCENT * cell.size
        self.bottom = cell.baseline + _DESCENT * cell.size


@dataclass(frozen=True, kw_only=True)
class _Strip:
    """White between two columns."""

    x: float  # where the right column begins
    top: float
    bottom: float
    members: int  # segments on both sides


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines of one page as they are read; text that is turned the other way comes last."""
    turns = Counter[int]()
    for line in lines:
        turns[line.turn] += len(line.text)
    ordered: list[Line] = []
    for turn, _ in turns.most_common():
        group = [line for line in lines if line.turn == turn]
        first = ordered[-1].column + 1 if ordered else 0
        if not _is_plain(group):
            ordered.extend(_arranged(group, first))
        else:
            ordered.extend(replace(line, column=first) if first else line for line in group)
    return ordered


def _is_plain(lines: Sequence[Line]) -> bool:
    """Whether each line stands below the one before it, without anything at its side."""
    return not any(line.cells for line in lines) and all(
        below.baseline - above.baseline > _UP * min(above.size, below.size) for above, below in pairwise(lines)
    )


def _arranged(lines: Sequence[Line], first: int) -> list[Line]:
    segments = [segment for order, line in enumerate(lines) for segment in _segments(line, order)]
    if len(segments) > _MAX_SEGMENTS:
        return [replace(line, column=first) for line in lines]
    leaves: list[list[_Segment]] = []
    _split(segments, leaves, 0)
    return [line for column, leaf in enumerate(leaves, start=first) for line in _rows(_down(leaf), column)]


def _segments(line: Line, order: int) -> Iterable[_Segment]:
    whole = Cell(text=line.text, left=line.left, right=line.right, baseline=line.baseline, size=line.size)
    for part, cell in enumerate(line.cells or (whole,)):
        yield _Segment(line, cell, order, part)


def _split(segments: list[_Segment], leaves: list[list[_Segment]], depth: int) -> None:
    """Cut at the longest strip of white: what is above, the left, the right, what is below."""
    strip = _longest_strip(segments) if depth < _MAX_DEPTH else None
    if strip is None:
        if segments:
            leaves.append(segments)
        return
    above = [one for one in segments if one.baseline < strip.top]
    below = [one for one in segments if one.baseline > strip.bottom]
    inside = [one for one in segments if strip.top <= one.baseline <= strip.bottom]
    left = [one for one in inside if one.left < strip.x - _EDGE]
    right = [one for one in inside if one.left >= strip.x - _EDGE]
    for part in (above, left, right, below):
        _split(part, leaves, depth + 1)


def _longest_strip(segments: list[_Segment]) -> _Strip | None:
    """The strip with the most text at its sides that parts columns."""
    if len(segments) < 2 * _SIDE_LINES:
        return None
    by_height = sorted(segments, key=lambda one: one.baseline)
    size = median(one.size for one in segments)
    edges = _edges(by_height)
    rows = _table_rows(by_height) if edges else set[int]()
    found = [strip for x in edges for strip in _strips(by_height, rows, x, _GUTTER * size)]
    return max(found, key=lambda strip: (strip.members, -strip.x), default=None)


def _edges(by_height: list[_Segment]) -> list[float]:
    """Left edges of what has something on its left, the frequent ones first."""
    edges = Counter[int]()
    where: dict[int, float] = {}
    for number, one in enumerate(by_height):
        left, top, bottom = one.left, one.top, one.bottom
        for other in by_height[max(0, number - _NEAR) : number + _NEAR]:
            if other.right < left and other.top < bottom and top < other.bottom:
                key = round(left / _EDGE)
                edges[key] += 1
                where[key] = min(left, where.get(key, left))
                break
    return [where[key] for key, _ in edges.most_common(_MOST_EDGES)]


def _strips(by_height: list[_Segment], barred: set[int], x: float, gap: float) -> Iterable[_Strip]:
    """The strips left of `x` that no segment crosses and that part columns."""
    run: list[_Segment] = []
    for one in (*by_height, None):
        crosses = one is not None and (id(one) in barred or (one.left < x - _EDGE and one.right > x - gap))
        if one is not None and not crosses:
            run.append(one)
            continue
        if one is not None and run:
            # What stands at the height of a crossing line belongs to that line.
            while run and run[-1].baseline > one.baseline - _ROW * one.size:
                run.pop()
        if (strip := _strip(run, x)) is not None:
            yield strip
        run = []


def _strip(run: list[_Segment], x: float) -> _Strip | None:
    left = [one for one in run if one.left < x - _EDGE]
    right = [one for one in run if one.left >= x - _EDGE]
    if not left or not right or not _parts_columns(_nearest(left, -1), _nearest(right, 0)):
        return None
    return _Strip(
        x=x,
        top=run[0].baseline,
        bottom=run[-1].baseline,
        members=min(len(left), len(right)),
    )


def _table_rows(by_height: list[_Segment]) -> set[int]:
    """The segments (by `id`) of rows of three short cells or more, one below the other: no strip parts these."""
    found: set[int] = set()
    run: list[list[_Segment]] = []
    for row in (*_grouped(by_height), []):
        if len(row) >= _TABLE_CELLS and sum(len(one.text) for one in row) < _PROSE_CHARACTERS * len(row):
            run.append(row)
            continue
        if len(run) > 1 and not _is_by_columns(run):
            found.update(id(one) for cells in run for one in cells)
        run = []
    return found


def _is_by_columns(rows: list[list[_Segment]]) -> bool:
    """Whether the content has all of some columns before any of those on their right."""
    if len(rows) < _BY_COLUMNS:
        return False
    content = [(one.order, column) for row in rows for column, one in enumerate(row)]
    return any(
        max(order for order, column in content if column < edge)
        < min(order for order, column in content if column >= edge)
        for edge in range(1, min(map(len, rows)))
    )


def _grouped(by_height: list[_Segment]) -> list[list[_Segment]]:
    """Rows of what stands on one baseline, from left to right."""
    rows: list[list[_Segment]] = []
    for one in by_height:
        if rows and one.baseline - rows[-1][0].baseline < _ROW * one.size:
            rows[-1].append(one)
        else:
            rows.append([one])
    return [sorted(row, key=lambda one: one.left) for row in rows]


def _nearest(side: list[_Segment], place: int) -> list[_Segment]:
    """Of each row of a side, the segment next to the strip: there may be more columns beyond."""
    nearest = [row[place] for row in _grouped(side)]
    if place == 0:
        edge = min(nearest, key=lambda one: one.left).right
        return [one for one in nearest if one.left < edge]
    edge = max(nearest, key=lambda one: one.right).left
    return [one for one in nearest if one.right > edge]


def _parts_columns(left: list[_Segment], right: list[_Segment]) -> bool:
    """Whether two sides are columns of text, and not those of a table."""
    if min(len(left), len(right)) < _SIDE_LINES or _overlap(left, right) < _SIDE_LINES:
        return False
    shorter, longer = (left, right) if len(left) <= len(right) else (right, left)
    heights = [one.baseline for one in longer]
    aligned = sum(any(abs(one.baseline - height) < _ROW * one.size for height in heights) for one in shorter)
    if aligned < _ALIGNED * len(shorter):
        return True
    blocks = _blocks(left, right)
    if len(blocks) == 2:  # noqa: PLR2004 -- one side is written, then the other
        return min(len(left), len(right)) >= _LISTED or max(map(_mean_length, (left, right))) >= _PROSE_CHARACTERS
    if _are_rows(blocks):
        return False
    return _is_prose(left) and _is_prose(right)


def _overlap(left: list[_Segment], right: list[_Segment]) -> int:
    """How many lines of the shorter side stand beside lines of the other."""
    top = max(left[0].top, right[0].top)
    bottom = min(left[-1].bottom, right[-1].bottom)
    return min(sum(top <= one.baseline <= bottom for one in side) for side in (left, right))


def _blocks(left: list[_Segment], right: list[_Segment]) -> list[list[_Segment]]:
    """Runs of the content's order that stay on one side."""
    sides = {id(one): False for one in left} | {id(one): True for one in right}
    blocks: list[list[_Segment]] = []
    for one in sorted((*left, *right), key=lambda one: (one.order, one.part)):
        if blocks and sides[id(blocks[-1][-1])] == sides[id(one)]:
            blocks[-1].append(one)
        else:
            blocks.append([one])
    return blocks


def _are_rows(blocks: list[list[_Segment]]) -> bool:
    """Whether blocks stand in pairs at the same height, each pair below the one before, some of several lines."""
    if len(blocks) < 2 * _PAIRED_BLOCKS or len(blocks) % 2:
        return False
    if any(below.baseline < above.baseline for block in blocks for above, below in pairwise(block)):
        return False
    pairs = list(zip(blocks[::2], blocks[1::2], strict=True))
    level = [pair for pair in pairs if abs(pair[0][0].baseline - pair[1][0].baseline) < _ROW * pair[0][0].size]
    falling = all(
        max(one[-1].baseline, two[-1].baseline) < min(third[0].baseline, fourth[0].baseline)
        for (one, two), (third, fourth) in pairwise(pairs)
    )
    several = sum(len(one) > 1 or len(two) > 1 for one, two in level)
    return len(level) >= len(pairs) - 1 and falling and several >= len(pairs) / 2


def _is_prose(side: list[_Segment]) -> bool:
    """Whether a side's lines fill its width with words."""
    if len(side) < _PROSE_LINES or _mean_length(side) < _PROSE_CHARACTERS:
        return False
    width = max(one.right for one in side) - min(one.left for one in side)
    return median(one.right - one.left for one in side) >= _PROSE_FILL * width


def _mean_length(side: list[_Segment]) -> float:
    return sum(len(one.text) for one in side) / len(side)


def _down(segments: list[_Segment]) -> list[_Segment]:
    """Segments from the upper edge down: the content's order, its pieces put in order where it jumps up."""
    pieces: list[list[_Segment]] = []
    for one in sorted(segments, key=lambda one: (one.order, one.part)):
        if pieces and one.baseline > pieces[-1][-1].baseline - _UP * one.size:
            pieces[-1].append(one)
        else:
            pieces.append([one])
    if len(pieces) == 1:
        return pieces[0]
    pieces.sort(key=lambda piece: piece[0].baseline)
    if all(above[-1].bottom <= below[0].bottom for above, below in pairwise(pieces)):
        return [one for piece in pieces for one in piece]
    return _by_rows(segments)


def _by_rows(segments: list[_Segment]) -> list[_Segment]:
    return [one for row in _grouped(sorted(segments, key=lambda one: one.baseline)) for one in row]


def _rows(segments: list[_Segment], column: int) -> Iterable[Line]:
    """Lines of segments; those that follow one another on one baseline are one line."""
    row: list[_Segment] = []
    for one in segments:
        if row and not _continues(row[-1], one):
            yield _joined(row, column)
            row = []
        row.append(one)
    if row:
        yield _joined(row, column)


def _continues(before: _Segment, one: _Segment) -> bool:
    size = min(before.size, one.size)
    return abs(before.baseline - one.baseline) < _ROW * size and one.left > before.right - size / 2


def _joined(row: list[_Segment], column: int) -> Line:
    if len(row) == 1 and not row[0].line.cells:
        line = row[0].line
        return line if line.column == column else replace(line, column=column)
    cells: list[Cell] = []
    for one in row:
        if cells and one.left - cells[-1].right <= _WORD_GAP * one.size:
            cells[-1] = replace(cells[-1], text=f"{cells[-1].text} {one.text}", right=one.right)
        else:
            cells.append(one.cell)
    longest = max(row, key=lambda one: len(one.text))
    return replace(
        longest.line,
        column=column,
        text=" ".join(cell.text for cell in cells),
        left=row[0].left,
        right=row[-1].right,
        baseline=row[0].baseline,
        size=longest.size,
        bold=all(one.line.bold for one in row),
        cells=tuple(cells) if len(cells) > 1 else (),
    )
