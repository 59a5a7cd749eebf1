"""Finds tables among the lines of PDF pages, by gaps that stand below one another."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from copydesk.readers.pdf_lines import Cell, Line
from copydesk.readers.tables import is_value

_ROWS = {2: 3}  # full rows that make a table of two columns; of more columns two are enough
_LINE_GAP = 3.5  # times the size, from one row to the next
_WRAP_GAP = 1.45  # times the size, from one line of a cell to the next
_SAME_GAP = 1.2  # gaps that differ less are one
_CELL_CHARACTERS = 60  # mean; longer cells are columns of text
_WRAPPED_CHARACTERS = 160  # likewise, of cells that have several lines

_Column = tuple[float, float]  # its left and right end


@dataclass(kw_only=True)
class _Grid:
    """Lines that stand in the same columns."""

    columns: list[_Column]
    lines: list[Line] = field(default_factory=list)
    cells: list[dict[int, Cell]] = field(default_factory=list)  # of each line, by the number of its column

    @property
    def full(self) -> int:
        """How many lines have a cell in each column."""
        return sum(len(cells) == len(self.columns) for cells in self.cells)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of lines, and its rows if it is a table."""

    lines: list[Line]
    rows: list[list[str]] | None = None


def split_tables(lines: list[Line]) -> Iterator[Piece]:
    """Cut lines into tables and what stands between them."""
    start, begun = 0, 0
    while start < len(lines):
        grid = _grid(lines, start) if lines[start].cells else None
        rows = _rows(grid) if grid is not None else []
        if grid is None or not _is_table(grid, rows):
            start += 1
            continue
        if begun < start:
            yield Piece(lines=lines[begun:start])
        yield Piece(lines=grid.lines, rows=rows)
        start += len(grid.lines)
        begun = start
    if begun < len(lines):
        yield Piece(lines=lines[begun:])


def _grid(lines: list[Line], start: int) -> _Grid:
    """The lines from `start` on whose cells stand in the columns of the first."""
    first = lines[start]
    grid = _Grid(columns=[(cell.left, cell.right) for cell in first.cells])
    grid.lines.append(first)
    grid.cells.append(dict(enumerate(first.cells)))
    for number in range(start + 1, len(lines)):
        above, line = lines[number - 1], lines[number]
        cells = _placed(line, grid.columns) if _is_near(above, line) else None
        if cells is None:
            break
        for column, cell in cells.items():
            left, right = grid.columns[column]
            grid.columns[column] = (min(left, cell.left), max(right, cell.right))
        grid.lines.append(line)
        grid.cells.append(cells)
    while len(grid.cells[-1]) == 1 and 0 in grid.cells[-1]:  # the text below the table, more likely
        grid.lines.pop()
        grid.cells.pop()
    return grid


def _is_near(above: Line, line: Line) -> bool:
    if (line.page, line.column) != (above.page, above.column):
        return False
    distance = line.baseline - above.baseline
    return 0 < distance < (_LINE_GAP if line.cells else _WRAP_GAP) * line.size


def _placed(line: Line, columns: list[_Column]) -> dict[int, Cell] | None:
    """The cells of a line by their columns; None where one does not fit."""
    whole = Cell(text=line.text, left=line.left, right=line.right, baseline=line.baseline, size=line.size)
    placed: dict[int, Cell] = {}
    for cell in line.cells or (whole,):
        touched = [number for number, (left, right) in enumerate(columns) if cell.left < right and left < cell.right]
        if not touched:
            distance, nearest = min((abs(cell.left - left), number) for number, (left, _) in enumerate(columns))
            touched = [nearest] if distance < cell.size else []
        if len(touched) != 1 or touched[0] in placed or not _is_apart(columns, touched[0], cell):
            return None
        placed[touched[0]] = cell
    return placed


def _is_apart(columns: list[_Column], number: int, cell: Cell) -> bool:
    """Whether a cell keeps clear of the columns beside its own."""
    before_ends = columns[number - 1][1] if number > 0 else float("-inf")
    after_begins = columns[number + 1][0] if number + 1 < len(columns) else float("inf")
    return before_ends < cell.left and cell.right < after_begins


def _rows(grid: _Grid) -> list[list[str]]:
    """The rows: lines that go on with the cells of the row above are added to it."""
    gaps = [below.baseline - above.baseline for above, below in pairwise(grid.lines)]
    wrap = min(gaps, default=0.0) * _SAME_GAP
    rows: list[list[str]] = []
    for number, cells in enumerate(grid.cells):
        row = [cells[column].text if column in cells else "" for column in range(len(grid.columns))]
        if number and gaps[number - 1] <= wrap and _goes_on(row, grid.lines[number], uneven=max(gaps) > wrap):
            rows[-1] = [f"{above} {text}".strip() for above, text in zip(rows[-1], row, strict=True)]
        else:
            rows.append(row)
    return rows


def _goes_on(row: list[str], line: Line, *, uneven: bool) -> bool:
    """Whether a line that follows closely goes on with the row above.

    Args:
        row: Its cells.
        line: The line.
        uneven: Whether other lines follow at a wider distance, so that a close one is of the same row.
    """
    if all(row):
        return False
    if uneven:
        return True
    texts = [text for text in row if text]
    return not any(map(is_value, texts)) and (not row[0] or (len(texts) == 1 and line.text[:1].islower()))


def _is_table(grid: _Grid, rows: list[list[str]]) -> bool:
    width = len(grid.columns)
    if len(rows) < _ROWS.get(width, 2) or grid.full < min(_ROWS.get(width, 2), len(rows)):
        return False
    most = _CELL_CHARACTERS if len(rows) == len(grid.lines) else _WRAPPED_CHARACTERS
    return sum(len(text) for row in rows for text in row) <= most * width * len(rows)
