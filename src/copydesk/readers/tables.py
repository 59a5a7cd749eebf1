"""Finds the tables in a grid of cells: their header, what stands above and below them, and where they end."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from copydesk.domain.source import BlockKind
from copydesk.readers.blocks import Collector

Row = tuple[str, ...]  # cell texts from the first column on, without empty ones at the end
Numbered = tuple[int, Row]  # a row with its number in its sheet or file, 1-based

_NUMBER = re.compile(r"[-+(]?[^\w\s]?\s?\d[\d.,'\s]*%?\)?$")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([ T]\d{1,2}:\d{2}.*)?$")
_YEAR = re.compile(r"(19|20)\d\d$")
_FOOT = re.compile(
    r"(?:sources?|notes?|quellen?|anmerkung(?:en)?|hinweis|fuentes?|notas?|remarques?)\b|[*†©]|\d\)|\(c\)",
    re.IGNORECASE,
)
_MAX_HEADER_CELL = 120  # characters; longer cells are text
_PROSE = 60  # mean characters of a cell from which a single column is text and no table
_LONG = 40  # characters of a lone last cell that is a remark and no label
_ABOVE = 20  # rows in which a header is looked for
_TYPICAL = 50  # rows that show how wide a table is
_SHOWN = 3  # rows below a header that show what it names


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A run of rows without an empty one between them."""

    numbers: list[int]  # of each row, 1-based in its sheet or file; hidden ones are left out
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


def has_header(rows: Sequence[Sequence[str]], *, sparse: bool = False) -> bool:
    """Whether the first row names the columns: filled, distinct, short texts, and rows below.

    One column may go without a name, and columns may be named by years.

    Args:
        rows: The first rows of the table.
        sparse: Whether, as in sheets, names may repeat and further columns go without one, where
            numbers or dates stand below.
    """
    if len(rows) < 2:  # noqa: PLR2004 -- a header and a row
        return False
    names = [name for cell in rows[0] if (name := cell.strip())]
    width = max(len(row) for row in rows[:2])
    distinct = len({name.casefold() for name in names})
    if len(names) < max(1, width - 1) or distinct < len(names):
        values = any(is_value(cell) for row in rows[1:] for cell in row if cell)
        if not (sparse and values and distinct > 1 and len(names) * 2 >= width):
            return False
    if any(len(name) > _MAX_HEADER_CELL for name in names):
        return False
    values_above = [name for name in names if is_value(name)]
    return not values_above or (len(values_above) < len(names) and all(_YEAR.match(value) for value in values_above))


def grids(rows: Iterable[Numbered]) -> Iterator[Grid]:
    """Cut a sheet's rows, from its first, at empty rows."""
    numbers, run = list[int](), list[Row]()
    for number, row in rows:
        if row:
            numbers.append(number)
            run.append(row)
        elif run:
            yield Grid(numbers=numbers, rows=run)
            numbers, run = [], []
    if run:
        yield Grid(numbers=numbers, rows=run)


class TableReader:
    """Adds the tables of one sheet or file to a collector."""

    def __init__(self, collector: Collector, *, sheet: str | None, located: bool) -> None:
        """Begin a sheet.

        Args:
            collector: Takes the tables.
            sheet: Its name; None for a file of text, where cells have an order and no place.
            located: Whether the columns of its rows stand where the sheet has them, none hidden.
        """
        self._collector = collector
        self._sheet = sheet
        self._located = located

    def add(self, grid: Grid, *, typed: bool) -> None:
        """Add the tables that stand side by side in `grid`.

        What stands above the header is a caption or a remark, a remark below the last row likewise, and
        a column of long texts is prose.
        """
        for columns in _column_runs(grid.rows):
            rows = [trim(row[columns.start : columns.stop]) for row in grid.rows]
            kept = [(number, row) for number, row in zip(grid.numbers, rows, strict=True) if row]
            first, last = grid.numbers.index(kept[0][0]), grid.numbers.index(kept[-1][0])
            rows, numbers = rows[first : last + 1], grid.numbers[first : last + 1]
            self._add_table(rows, numbers, columns.start + 1, typed=typed)

    def _add_table(self, rows: list[Row], numbers: list[int], column: int, *, typed: bool) -> None:
        start = _start(rows)
        for row in rows[:start]:
            self._collector.add(BlockKind.PARAGRAPH, _joined(row), sheet=self._sheet)
        rows, numbers = _with_one_header(rows[start:], numbers[start:])
        if _is_prose(rows):
            for row in rows:
                self._collector.add(BlockKind.PARAGRAPH, " ".join(row), sheet=self._sheet)
            return
        end = _end(rows)
        header = has_header(rows[: 1 + _SHOWN], sparse=True)
        table = rows[:end]
        if header and self._sheet is None:
            table, header = _aligned(table)
        contiguous = numbers[end - 1] - numbers[0] == end - 1
        self._collector.add_table(
            table,
            header=header,
            sheet=self._sheet,
            first_row=numbers[0],
            first_column=column if self._located else None,
            row_numbers=() if contiguous else numbers[:end],
            typed=typed and self._sheet is not None,
        )
        for row in rows[end:]:
            self._collector.add(BlockKind.PARAGRAPH, _joined(row), sheet=self._sheet)


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


def _joined(row: Row) -> str:
    """The texts of a row that is no part of a table; one that fills merged cells once."""
    return " ".join(dict.fromkeys(cell for cell in row if cell))


def _start(rows: list[Row]) -> int:
    """The row at which the table begins: its header, where narrower rows of texts stand above it."""
    captions = 0
    while captions + 1 < len(rows) and _is_caption(rows[captions], rows[captions + 1]):
        captions += 1
    width = Counter(len(row) for row in rows[captions : captions + _TYPICAL]).most_common(1)[0][0]
    for least in (width, width // 2 + 1):  # a header that names all columns, else one that names most
        for index in range(captions, min(len(rows) - 1, captions + _ABOVE)):
            names = _filled(rows[index])
            if names >= least and has_header(rows[index : index + 1 + _SHOWN], sparse=True):
                return index if all(_filled(row) < min(names, width) for row in rows[captions:index]) else captions
    return captions


def _filled(row: Row) -> int:
    return len({cell for cell in row if cell}) if len(row) > 1 else len(row)


def _is_caption(row: Row, below: Row) -> bool:
    texts = {cell for cell in row if cell}
    alone = len(texts) == 1 and (sum(map(bool, row)) == 1 or len(row) > 1)
    return alone and not is_value(next(iter(texts))) and sum(map(bool, below)) > 1


def _end(rows: list[Row]) -> int:
    """Where the table ends: before lone remarks such as its source."""
    width = max(map(len, rows))
    end = len(rows)
    while end > 2 and width > 1 and len(rows[end - 1]) == 1 and _is_remark(rows[end - 1][0]):  # noqa: PLR2004 -- a header and a row
        end -= 1
    return end


def _is_remark(text: str) -> bool:
    return not is_value(text) and (len(text) > _LONG or _FOOT.match(text) is not None)


def _with_one_header(rows: list[Row], numbers: list[int]) -> tuple[list[Row], list[int]]:
    """The table with the names of merged groups put before those of their columns."""
    while len(rows) > 2 and _groups_columns(rows[0]):  # noqa: PLR2004 -- two rows of names, and one below
        upper, lower = rows[0], rows[1]
        names = tuple(
            _named(upper[index] if index < len(upper) else "", lower[index] if index < len(lower) else "")
            for index in range(max(len(upper), len(lower)))
        )
        if not has_header([names, *rows[2 : 2 + _SHOWN]]) or not has_header([_distinct(lower), *rows[2 : 2 + _SHOWN]]):
            break
        rows, numbers = [names, *rows[2:]], numbers[1:]
    return rows, numbers


def _groups_columns(row: Row) -> bool:
    """Whether neighbouring columns have the same name, as filled merged cells have."""
    return any(left and left == right for left, right in pairwise(row))


def _named(group: str, name: str) -> str:
    return name if group in ("", name) else group if not name else f"{group} {name}"


def _distinct(row: Row) -> Row:
    """The names of a row, each only once."""
    seen = Counter[str]()
    names = []
    for cell in row:
        seen[cell] += 1
        names.append(cell if seen[cell] == 1 or not cell else f"{cell} #{seen[cell]}")
    return tuple(names)


def _aligned(rows: list[Row]) -> tuple[list[Row], bool]:
    """The table of a text file with each name over its column, and whether it has names after all.

    Where every row has one cell more than the header, the first or the last column has no name. It is the
    first where it counts the rows, as statistics programs write them; else nothing tells.
    """
    header, *below = rows
    longer = sum(len(row) == len(header) + 1 for row in below)
    if longer * 10 < len(below) * 9 or len(below) < _SHOWN:
        return rows, True
    first = [row[0] for row in below]
    counted = any(first == [str(number) for number in range(start, start + len(first))] for start in (0, 1))
    return ([("", *header), *below], True) if counted else (rows, False)


def _is_prose(rows: list[Row]) -> bool:
    if any(len(row) > 1 for row in rows):
        return False
    texts = [text for row in rows for text in row]
    if len(texts) == 1:
        return not is_value(texts[0])
    return sum(len(text) for text in texts) > _PROSE * len(texts)
