"""Finds tables among the lines of PDF pages, by gaps that stand below one another."""

from collections.abc import Iterator
from itertools import groupby

from copydesk.readers.pdf_lines import Cell, Line

_ROWS = {2: 3}  # rows that make a table of two columns; of more columns two are enough
_LINE_GAP = 3.5  # times the size, from one row to the next
_CELL_CHARACTERS = 60  # mean; longer cells are columns of text


def split_tables(lines: list[Line]) -> Iterator[tuple[bool, list[Line]]]:
    """Cut lines into runs, each with whether it is a table; a table's lines are its rows."""
    marks = [False] * len(lines)
    start = 0
    while start < len(lines):
        stop = _table_end(lines, start)
        if _is_table(lines[start:stop]):
            marks[start:stop] = [True] * (stop - start)
            start = stop
        else:
            start += 1
    position = 0
    for (marked, _), members in groupby(zip(marks, (len(line.cells) for line in lines), strict=True), _table_key):
        length = sum(1 for _ in members)
        yield marked, lines[position : position + length]
        position += length


def _table_key(mark: tuple[bool, int]) -> tuple[bool, int]:
    """Neighbouring tables of different widths are two."""
    return mark if mark[0] else (False, 0)


def _table_end(lines: list[Line], start: int) -> int:
    """Where the rows end that have as many cells as the first, in the same columns."""
    columns = [(cell.left, cell.right) for cell in lines[start].cells]
    stop = start + 1
    while len(columns) > 1 and stop < len(lines) and _continues(lines[stop - 1], lines[stop], columns):
        columns = [
            (min(left, cell.left), max(right, cell.right))
            for (left, right), cell in zip(columns, lines[stop].cells, strict=True)
        ]
        stop += 1
    return stop


def _continues(above: Line, line: Line, columns: list[tuple[float, float]]) -> bool:
    if (line.page, line.column) != (above.page, above.column) or len(line.cells) != len(columns):
        return False
    if not 0 < line.baseline - above.baseline < _LINE_GAP * line.size:
        return False
    return all(_apart(columns, number, cell) for number, cell in enumerate(line.cells))


def _apart(columns: list[tuple[float, float]], number: int, cell: Cell) -> bool:
    """Whether a cell keeps clear of the columns beside its own."""
    before_ends = columns[number - 1][1] if number > 0 else float("-inf")
    after_begins = columns[number + 1][0] if number + 1 < len(columns) else float("inf")
    return before_ends < cell.left and cell.right < after_begins


def _is_table(rows: list[Line]) -> bool:
    width = len(rows[0].cells)
    if width < 2 or len(rows) < _ROWS.get(width, 2):  # noqa: PLR2004 -- one column is text
        return False
    return sum(len(cell.text) for row in rows for cell in row.cells) <= _CELL_CHARACTERS * width * len(rows)
