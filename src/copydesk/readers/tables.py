"""Finds the tables in a grid of cells."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from copydesk.domain.source import BlockKind
from copydesk.readers.blocks import Collector

Row = tuple[str, ...]  # cell texts from the first column on, without empty ones at the end

_NUMBER = re.compile(r"[-+(]?[^\w\s]?\s?\d[\d.,'\s]*%?\)?$")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([ T]\d{1,2}:\d{2}.*)?$")
_YEAR = re.compile(r"(19|20)\d\d$")
_MAX_HEADER_CELL = 120  # characters; longer cells are text
_PROSE = 60  # mean characters of a cell from which a single column is text and no table


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A run of rows without an empty one between them."""

    first_row: int  # 1-based, in its sheet or file
    rows: list[Row]


def trim(cells: Sequence[str]) -> Row:
    """The row of `cells`: blank ones are empty, those at the end left out."""
    row = ["" if cell.isspace() else cell for cell in cells]
    while row and not row[-1]:
        row.pop()
    return tuple(row)


def is_value(text: str) -> bool:
    """Whether a cell's text is a number or a date, in any notation."""
    text = text.strip()
    return bool(_NUMBER.match(text) or _DATE.match(text))


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: filled, distinct, short texts, and rows below.

    One column may go without a name, and columns may be named by years.
    """
    if len(rows) < 2:  # noqa: PLR2004 -- a header and a row
        return False
    names = [name for cell in rows[0] if (name := cell.strip())]
    width = max(len(row) for row in rows)
    if len(names) < max(1, width - 1) or len({name.casefold() for name in names}) < len(names):
        return False
    if any(len(name) > _MAX_HEADER_CELL for name in names):
        return False
    values = [name for name in names if is_value(name)]
    return not values or (len(values) < len(names) and all(_YEAR.match(value) for value in values))


def grids(rows: Iterable[Row]) -> Iterator[Grid]:
    """Cut a sheet's rows, from its first, at empty rows."""
    first, run = 1, list[Row]()
    for number, row in enumerate(rows, start=1):
        if row:
            first = first if run else number
            run.append(row)
        elif run:
            yield Grid(first_row=first, rows=run)
            run = []
    if run:
        yield Grid(first_row=first, rows=run)


def add_grid(collector: Collector, grid: Grid, *, sheet: str | None) -> None:
    """Add the tables that stand side by side in `grid`.

    A line of one cell above a table is its caption, and a column of long texts is prose.
    """
    for columns in _column_runs(grid.rows):
        rows = [trim(row[columns.start : columns.stop]) for row in grid.rows]
        filled = [index for index, row in enumerate(rows) if row]
        _add_table(collector, rows[filled[0] : filled[-1] + 1], grid.first_row + filled[0], sheet)


def _column_runs(rows: list[Row]) -> list[range]:
    """The runs of columns that hold something, from left to right."""
    used: set[int] = set()
    for row in rows:
        if len(used) < len(row):
            used.update(column for column, text in enumerate(row) if text)
    for row in rows:
        missing = [column for column in range(len(row)) if column not in used]
        used.update(column for column in missing if row[column])
    runs: list[range] = []
    for column in sorted(used):
        if runs and runs[-1].stop == column:
            runs[-1] = range(runs[-1].start, column + 1)
        else:
            runs.append(range(column, column + 1))
    return runs


def _add_table(collector: Collector, rows: list[Row], first_row: int, sheet: str | None) -> None:
    while len(rows) > 1 and _is_caption(rows[0], rows[1]):
        collector.add(BlockKind.PARAGRAPH, rows[0][0], sheet=sheet)
        rows, first_row = rows[1:], first_row + 1
    if _is_prose(rows):
        for row in rows:
            collector.add(BlockKind.PARAGRAPH, " ".join(row), sheet=sheet)
    else:
        collector.add_table(rows, header=has_header(rows[:2]), sheet=sheet, first_row=first_row)


def _is_caption(row: Row, below: Row) -> bool:
    return len(row) == 1 and not is_value(row[0]) and len(below) > 1


def _is_prose(rows: list[Row]) -> bool:
    if any(len(row) > 1 for row in rows):
        return False
    texts = [text for row in rows for text in row]
    if len(texts) == 1:
        return not is_value(texts[0])
    return sum(len(text) for text in texts) > _PROSE * len(texts)
