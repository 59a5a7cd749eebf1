"""Computes what the tables of a document hold, with polars, in the process that reads it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from copydesk.domain.profile import Column, ColumnKind, Count, Groups, Mean, Point, Profile, Spread, Trend
from copydesk.domain.source import Block, BlockKind, Document
from copydesk.readers.blocks import Limits
from copydesk.readers.profile_columns import (
    Cells,
    Draft,
    draft_column,
    is_year,
    read_column,
    stated_places,
)
from copydesk.readers.profile_notation import Habits, agreed, habits_of_language
from copydesk.readers.profile_rows import Rows, data_rows, total_rows
from copydesk.readers.profile_series import mean_of, read_trend, step_of

if TYPE_CHECKING:
    import polars as pl

_MIN_ROWS = 3  # of a table in prose; its sentences say what fewer rows hold
_MAX_SHEETS_TABLES = 60  # of one document of sheets
_MAX_TABLES = 12  # of a page or other text; as many are told at most, and each takes up to 20 ms
_MAX_COLUMNS = 200  # of one table
_MAX_SERIES = 6  # categories, and rows of columns named by years, that are followed over time
_MAX_TRENDS = 12  # measures that are followed over time
_MAX_GROUPS = 20
_MIN_IN_GROUP = 3  # rows; the mean of fewer says little
_MAX_LABEL = 50  # characters; longer labels are text
_TOP = 3
_TOP_TEXTS = 5
_YEAR_COLUMNS = 3  # from which on columns named by years are one measure over time
_TOO_LONG = "The figures of only some of its tables were computed, because all of them take too long."


@dataclass(frozen=True, kw_only=True)
class _Table:
    """A table between looking at its columns and reading them."""

    block: int  # index in the document
    rows: Rows
    columns: tuple[Draft, ...]


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A table whose cells are read, without the rows that sum up others."""

    columns: tuple[Cells, ...]
    numbers: "pl.Series"  # of rows
    axis: int | None
    names: int | None
    grouping: int | None

    def points(self, values: "pl.Series") -> "pl.DataFrame":
        """The values with the row, date and name of each."""
        import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

        empty = pl.Series([None], dtype=pl.Date).new_from_index(0, values.len())
        return pl.DataFrame(
            {
                "value": values,
                "row": self.numbers,
                "day": empty if self.axis is None else self.columns[self.axis].values,
                "label": empty.cast(pl.String) if self.names is None else self.columns[self.names].texts,
            }
        )


def with_profiles(document: Document, limits: Limits) -> Document:
    """The document with a profile on each table that has named columns and rows enough.

    After the deadline the tables that are left get none, and a note says so.
    """
    wanted = [index for index, block in enumerate(document.blocks) if _tells(block)]
    if not wanted:
        return document
    wanted = wanted[: _MAX_SHEETS_TABLES if document.blocks[wanted[0]].first_row is not None else _MAX_TABLES]
    blocks = list(document.blocks)
    try:
        _add_profiles(blocks, wanted, document.language, _Clock(limits))
    except _Late:
        return replace(document, blocks=tuple(blocks), notes=(*document.notes, _TOO_LONG))
    return replace(document, blocks=tuple(blocks))


class _Late(Exception):
    """There is no time left for further columns."""


class _Clock:
    """Says when there is no time left; a column takes up to some hundredths of a second."""

    def __init__(self, limits: Limits) -> None:
        self._deadline = limits.deadline

    def each(self, count: int) -> Iterator[int]:
        """The numbers from 0 on; raises `_Late` before one that comes after the deadline."""
        for number in range(count):
            if time.monotonic() > self._deadline:
                raise _Late
            yield number


def _add_profiles(blocks: list[Block], wanted: Sequence[int], language: str | None, clock: _Clock) -> None:
    """Put profiles on the wanted tables; those that have one when time is up keep it."""
    tables = [table for index in wanted for table in _drafted(index, blocks[index], clock)]
    drafts = [draft for table in tables for draft in table.columns]
    habits = agreed(
        (draft.figures.decimal for draft in drafts if draft.figures is not None),
        (draft.day_first for draft in drafts),
        habits_of_language(language),
    )
    for table in tables:
        block = blocks[table.block]
        blocks[table.block] = replace(block, profile=_profile(table, habits, block, clock))


def _tells(block: Block) -> bool:
    rows = len(block.cells) - 1
    return block.kind is BlockKind.TABLE and block.header and rows >= (1 if block.first_row is not None else _MIN_ROWS)


def _drafted(index: int, block: Block, clock: _Clock) -> Iterator[_Table]:
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    rows = data_rows(block)
    if rows.cells:
        width = min(len(rows.header), _MAX_COLUMNS)
        columns = tuple(
            draft_column(
                rows.header[place], pl.Series([row[place] for row in rows.cells], dtype=pl.String), rows.units[place]
            )
            for place in clock.each(width)
        )
        yield _Table(block=index, rows=rows, columns=columns)


def _profile(table: _Table, habits: Habits, block: Block, clock: _Clock) -> Profile:
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    drafts = table.columns
    columns = tuple(read_column(drafts[index], habits, typed=block.typed) for index in clock.each(len(drafts)))
    totals = total_rows(columns)
    data = pl.Series([not total for total in totals], dtype=pl.Boolean)
    numbers = pl.Series(table.rows.numbers, dtype=pl.Int64)
    if any(totals):  # a column of months is one only without the word "Total" below
        drafts = tuple(draft_column(old.header, old.cells.filter(data).fill_null(""), old.unit) for old in drafts)
        columns = tuple(read_column(drafts[index], habits, typed=block.typed) for index in clock.each(len(drafts)))
    kept = numbers.filter(data)
    read = _Read(
        columns=columns,
        numbers=kept,
        axis=_axis(columns),
        names=_names(columns),
        grouping=_grouping(columns),
    )
    first = block.first_column or 1
    return Profile(
        first_row=kept[0],
        last_row=kept[-1],
        rows=kept.len(),
        columns=tuple(_column(read, index, first + index) for index in clock.each(len(columns))),
        totals=tuple(numbers.filter(~data)),
        ragged=table.rows.ragged,
        axis=read.axis,
        names=read.names,
        grouping=read.grouping,
        years=tuple(_year_columns(read)),
        trends=tuple(_trends(read)),
    )


def _axis(columns: Sequence[Cells]) -> int | None:
    """The first column of dates or years."""
    dated = (i for i, column in enumerate(columns) if column.kind in (ColumnKind.YEAR, ColumnKind.DATE))
    return next(dated, None)


def _labels(columns: Sequence[Cells]) -> Iterator[tuple[int, "pl.Series"]]:
    return ((i, column.texts) for i, column in enumerate(columns) if column.kind is ColumnKind.LABEL)


def _names(columns: Sequence[Cells]) -> int | None:
    """The first column whose texts name the rows: all present, short and distinct."""
    for index, texts in _labels(columns):
        short = (texts.str.len_chars() <= _MAX_LABEL).all()
        if not texts.null_count() and texts.n_unique() == texts.len() and short:
            return index
    return None


def _grouping(columns: Sequence[Cells]) -> int | None:
    """The first column with few texts that repeat."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    for index, texts in _labels(columns):
        short = texts.to_frame("text").lazy().filter(pl.col("text").str.len_chars() <= _MAX_LABEL)
        counts = short.group_by("text").len().collect()["len"]
        if 2 <= counts.len() <= _MAX_GROUPS and (counts >= _MIN_IN_GROUP).all():  # noqa: PLR2004 -- one is no grouping
            return index
    return None


def _column(read: _Read, index: int, position: int) -> Column:
    cells = read.columns[index]
    values = cells.values.drop_nulls()
    dated = cells.kind in (ColumnKind.DATE, ColumnKind.YEAR) and values.len() > 0
    numeric = cells.kind is ColumnKind.NUMBER and values.len() > 0
    days: tuple[date, date] | None = (values.min(), values.max()) if dated else None  # type: ignore[assignment] # of dates
    return Column(
        position=position,
        header=cells.header,
        name=cells.name,
        unit=cells.unit,
        kind=cells.kind,
        present=values.len(),
        missing=cells.texts.null_count(),
        unread=cells.texts.count() - values.len(),
        distinct=values.n_unique(),
        decimals=stated_places(values) if numeric else 0,
        spread=_spread(read, cells) if numeric else None,
        first=days[0] if days else None,
        last=days[1] if days else None,
        top=_most_frequent(values) if cells.kind is ColumnKind.LABEL else (),
    )


def _most_frequent(texts: "pl.Series") -> tuple[Count, ...]:
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    short = texts.to_frame("text").lazy().filter(pl.col("text").str.len_chars() <= _MAX_LABEL)
    counts = short.group_by("text").len().sort("len", "text", descending=[True, False]).head(_TOP_TEXTS).collect()
    return tuple(Count(label=text, rows=rows) for text, rows in counts.rows())


def _spread(read: _Read, cells: Cells) -> Spread:
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    points = read.points(cells.values).drop_nulls("value")
    value = pl.col("value")
    low, high = points.filter(value == value.min()), points.filter(value == value.max())
    return Spread(
        lowest=_point(low, 0),
        highest=_point(high, 0),
        lowest_ties=low.height,
        highest_ties=high.height,
        mean=mean_of(points["value"]),
        top=_top(points) if read.names is not None else (),
        groups=_groups(read, cells),
    )


def _point(points: "pl.DataFrame", index: int) -> Point:
    row = points.row(index, named=True)
    return Point(value=row["value"], row=row["row"], day=row["day"], label=row["label"] or "")


def _top(points: "pl.DataFrame") -> tuple[Point, ...]:
    largest = points.sort("value", descending=True, maintain_order=True)
    if largest.height <= 2 * _TOP or largest["value"][_TOP - 1] == largest["value"][_TOP]:
        return ()
    return tuple(_point(largest, index) for index in range(_TOP))


def _groups(read: _Read, cells: Cells) -> Groups | None:
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    if read.grouping is None:
        return None
    rows = pl.DataFrame({"label": read.columns[read.grouping].texts, "value": cells.values}).lazy().drop_nulls()
    sums = (
        rows.filter(pl.col("label").str.len_chars() <= _MAX_LABEL)
        .group_by("label", maintain_order=True)
        .agg(pl.col("value").sum(), pl.col("value").count().alias("count"))
        .filter(pl.col("count") >= _MIN_IN_GROUP)
        .collect()
        .rows()
    )
    if len(sums) < 2:  # noqa: PLR2004 -- two are compared
        return None
    means = [Mean(label=label, total=total, count=count) for label, total, count in sums]
    return Groups(
        column=read.grouping,
        high=max(means, key=lambda group: group.value),
        low=min(means, key=lambda group: group.value),
    )


def _trends(read: _Read) -> Iterator[Trend]:
    years = _year_columns(read)
    if years:
        yield from _trends_of_rows(read, years)
    if read.axis is None:
        return
    step = step_of(read.columns[read.axis])
    measures = [i for i, column in enumerate(read.columns) if column.kind is ColumnKind.NUMBER]
    for measure in measures[:_MAX_TRENDS]:
        points = read.points(read.columns[measure].values)
        trend = read_trend(points, step=step, measure=measure)
        if trend is not None:
            yield trend
        elif read.grouping is not None:
            yield from _trends_of_groups(read, points, step=step, measure=measure)


def _trends_of_groups(read: _Read, points: "pl.DataFrame", *, step: str, measure: int) -> Iterator[Trend]:
    """The measure over time in each of the first categories, as far as each has one value a date."""
    assert read.grouping is not None  # noqa: S101 -- asked for only then
    labelled = points.with_columns(label=read.columns[read.grouping].texts).drop_nulls("label")
    groups = labelled.partition_by("label", maintain_order=True)
    for group in groups[:_MAX_SERIES]:
        trend = read_trend(group, step=step, measure=measure, label=group["label"][0])
        if trend is None:
            return
        yield trend


def _year_columns(read: _Read) -> list[int]:
    """The columns that are named by years and hold numbers, where there are enough for a measure over time."""
    columns = [
        index
        for index, column in enumerate(read.columns)
        if is_year(column.header.strip()) and column.kind is ColumnKind.NUMBER
    ]
    return columns if len(columns) >= _YEAR_COLUMNS and read.names is not None else []


def _trends_of_rows(read: _Read, years: Sequence[int]) -> Iterator[Trend]:
    """The first rows over the years that name the columns."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    assert read.names is not None  # noqa: S101 -- asked for only then
    days = [date(int(read.columns[index].header.strip()), 1, 1) for index in years]
    for row, label in enumerate(read.columns[read.names].texts.head(_MAX_SERIES)):
        values = [read.columns[index].values[row] for index in years]
        points = pl.DataFrame({"value": values, "row": [read.numbers[row]] * len(values), "day": days})
        trend = read_trend(points.with_columns(label=pl.lit(label)), step="year", measure=None, label=label)
        if trend is not None:
            yield trend
