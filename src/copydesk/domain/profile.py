"""What the cells of a table come to: its columns, extremes, means, and what its measures do over time.

A reader computes it; numbers are exact (decimal) and rows are those of the sheet or file, so that a
sentence made of it can be held against the cells.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class ColumnKind(StrEnum):
    """How a column is read."""

    NUMBER = "number"  # a measure
    DATE = "date"
    YEAR = "year"  # also decades ("1990s")
    LABEL = "label"
    OTHER = "other"  # identifiers, coordinates, mixtures, and numbers that could be read in two ways


@dataclass(frozen=True, kw_only=True)
class Point:
    """One cell of a measure."""

    value: Decimal
    row: int  # 1-based, in its sheet or file
    day: date | None = None  # its row's date
    label: str = ""  # the text that names its row


@dataclass(frozen=True, kw_only=True)
class Mean:
    """An arithmetic mean."""

    total: Decimal
    count: int  # of cells, at least 1
    label: str = ""  # of a group: the text that its rows share

    @property
    def value(self) -> Decimal:
        """The mean, to the precision of the decimal context (28 digits)."""
        return self.total / self.count


@dataclass(frozen=True, kw_only=True)
class Change:
    """From one point to the next one in time."""

    before: Point
    after: Point

    @property
    def amount(self) -> Decimal:
        """How much more it is than before."""
        return self.after.value - self.before.value


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many rows have a text in a column."""

    label: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Season:
    """The calendar months of highest and lowest mean, over complete years."""

    first_year: int
    last_year: int
    high_month: int  # 1 to 12
    high: Mean
    low_month: int
    low: Mean


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A measure by time, oldest first, missing values left out; no date occurs twice."""

    measure: int | None  # index of its column in the profile; None where the columns are named by years
    label: str = ""  # of one category or row: its text
    step: str  # "year", "decade", "month" or "day"
    regular: bool  # whether the points follow each other without gaps
    first: Point
    last: Point
    lowest: Point  # the earliest of those that tie
    highest: Point
    lowest_ties: int  # points of that value, 1 or more
    highest_ties: int
    rises: int  # steps from a point to the very next one that go up
    falls: int
    rise: Change | None  # the largest such step up, the earliest of those that tie
    fall: Change | None
    decades: tuple[Mean, ...] = ()  # of the first and the last complete decade, labelled by its first year; or none
    season: Season | None = None
    mean: Mean

    @property
    def points(self) -> int:
        """How many there are."""
        return self.mean.count


@dataclass(frozen=True, kw_only=True)
class Groups:
    """The highest and the lowest mean of a measure by the texts of a column."""

    column: int  # index of the column of texts in the profile
    high: Mean
    low: Mean


@dataclass(frozen=True, kw_only=True)
class Spread:
    """What the cells of a measure come to."""

    lowest: Point  # the first of those that tie
    highest: Point
    lowest_ties: int  # cells of that value, 1 or more
    highest_ties: int
    mean: Mean
    top: tuple[Point, ...] = ()  # the three highest, where their rows have names and the fourth is lower
    groups: Groups | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column."""

    position: int  # 1-based, in its sheet or file
    header: str  # the cell that names it
    name: str  # readable and without unit: "net generation" of "net_generation"
    unit: str = ""  # "ppm", "%", "°C"; empty where none is given
    kind: ColumnKind
    present: int  # cells that hold a value of its kind
    missing: int  # cells that are empty or say that there is no value
    unread: int  # cells of another kind
    distinct: int  # different values
    decimals: int = 0  # of numbers: most decimal places of a cell
    spread: Spread | None = None  # of NUMBER
    first: date | None = None  # of DATE and YEAR: the earliest
    last: date | None = None
    top: tuple[Count, ...] = ()  # of LABEL: the most frequent texts


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A table as its cells tell it. Rows with units or totals are no data."""

    first_row: int  # of the data, 1-based in the sheet or file
    last_row: int
    rows: int  # of data
    columns: tuple[Column, ...]
    totals: tuple[int, ...] = ()  # rows left out because they sum up others
    ragged: tuple[int, ...] = ()  # rows left out because they have more cells than the table has columns
    axis: int | None = None  # index of the column of dates or years that orders the rows
    names: int | None = None  # index of the column of texts that names each row
    grouping: int | None = None  # index of the column of few texts that sorts the rows into categories
    years: tuple[int, ...] = ()  # indexes of the columns that are named by years and hold one measure over time
    trends: tuple[Trend, ...] = ()


def column_letter(position: int) -> str:
    """The letters of a 1-based column as spreadsheets show them: A, Z, AA."""
    letters = ""
    while position > 0:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
