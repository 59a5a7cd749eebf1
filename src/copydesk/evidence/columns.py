"""How the columns of a table's profile are named and their values said in sentences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from copydesk.domain.profile import Column, ColumnKind, Mean, Profile
from copydesk.evidence.noise import addresses_machines, clean_text
from copydesk.evidence.phrases import Phrases

_MAX_NAME = 80  # characters of a column's or table's name; longer ones are text
_MAX_LABEL = 50  # characters of a row's name; likewise
_MANY_DECIMALS = 4  # what has more is rounded
_FEW = 2
_FIGURES = 4  # significant ones that rounding leaves the largest value


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure, ready to be said."""

    name: str  # as it stands inside a sentence
    unit: str
    decimals: int  # places in which cells are told
    phrases: Phrases

    def say(self, value: Decimal) -> str:
        """A cell, or the difference of two, with its unit."""
        return self.phrases.value(value, self.decimals, self.unit)

    def say_mean(self, mean: Mean) -> str:
        """A mean with its unit: of whole numbers to one decimal place."""
        return self.phrases.value(mean.value, self.decimals or 1, self.unit)


@dataclass(frozen=True, kw_only=True)
class Naming:
    """What the columns of one table are called."""

    profile: Profile
    phrases: Phrases
    table: str  # the table's name, or empty
    shared: frozenset[str]  # names, in lower case, that measures of several tables of the document have

    def tellable(self, kind: ColumnKind) -> list[int]:
        """The columns of a kind that a sentence can name: in words, and like no other."""
        names = [column.name.casefold() for column in self.profile.columns]
        return [
            index
            for index, column in enumerate(self.profile.columns)
            if column.kind is kind
            and is_speakable(column.name)
            and (not column.unit or is_speakable(column.unit))
            and names.count(column.name.casefold()) == 1
        ]

    def name(self, index: int) -> str:
        """A column's name by itself."""
        return clean_text(self.profile.columns[index].name)

    def measure(self, index: int) -> Measure:
        """A column of numbers; where another table has one of the same name, the table is named with it."""
        column = self.profile.columns[index]
        name = self.phrases.inside(self.name(index))
        if column.name.casefold() in self.shared and self.table:
            name = self.phrases.of_table(name, self.table)
        return Measure(name=name, unit=column.unit, decimals=stated_decimals([column]), phrases=self.phrases)

    def by_years(self, years: Sequence[int], year: str = "") -> Measure:
        """What columns that are named by years hold, in all of them or in one: what the table is called."""
        columns = [self.profile.columns[index] for index in years]
        units = {column.unit for column in columns}
        name = self.phrases.inside(self.table)
        return Measure(
            name=self.phrases.of_year(name, year) if year else name,
            unit=units.pop() if len(units) == 1 else "",
            decimals=stated_decimals(columns),
            phrases=self.phrases,
        )


def stated_decimals(columns: Sequence[Column]) -> int:
    """The decimal places in which the values of measures are told."""
    most = max(column.decimals for column in columns)
    if most <= _MANY_DECIMALS:
        return most
    ends = [
        abs(end.value) for column in columns if column.spread for end in (column.spread.lowest, column.spread.highest)
    ]
    largest = max(ends, default=Decimal(0))
    return min(most, max(_FEW, _FIGURES - 1 - largest.adjusted())) if largest else _FEW


def is_speakable(name: str) -> bool:
    """Whether a cell's text may stand inside a sentence: short, and no order to a machine."""
    text = clean_text(name)
    return 0 < len(text) <= _MAX_NAME and not addresses_machines(text) and not re.search(r"https?://|[<>{}`|]", text)


def is_label(text: str) -> bool:
    """Whether a cell's text may name a row or category inside a sentence."""
    return len(text) <= _MAX_LABEL and is_speakable(text)
