"""Statements on tables: each number that is said is recomputed from the cells, whatever the table."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from support.cutting import a_source, a_table
from support.recomputed import CHECKS, Truth, check

from copydesk.evidence.figures import state_figures

NAMES = ("wug", "dax", "blick")  # no English words, which would be said with an article
_STARTS, _ENDS = ("Al", "Be", "Co", "Du", "El", "Fo", "Gu", "Hi"), ("ton", "ville", "berg")
TOWNS = [start + end for start in _STARTS for end in _ENDS]


def days_of(step: str, start: int, numbers: list[int]) -> list[date]:
    """Dates, a number of steps after the first."""
    if step == "year":
        return [date(start + number, 1, 1) for number in numbers]
    if step == "month":
        return [date(start + number // 12, number % 12 + 1, 1) for number in numbers]
    return [date(start, 1, 2) + timedelta(days=number) for number in numbers]


def rows_of(truth: Truth) -> list[list[str]]:
    """The table that a truth is about: dates, names, groups and measures, as far as it has them."""
    forms = {"year": "%Y", "month": "%Y-%m-%d", "day": "%Y-%m-%d"}
    columns: list[list[str]] = []
    if truth.step:
        header = "Year" if truth.step == "year" else "Day"
        columns.append([header, *(day.strftime(forms[truth.step]) for day in truth.days)])
    if truth.names:
        columns.append(["Town", *truth.names])
    if truth.groups:
        columns.append(["Kind", *truth.groups])
    columns.extend([name, *cells] for name, cells in truth.measures.items())
    rows = [list(row) for row in zip(*columns, strict=True)]
    if truth.totals:
        sums = [str(sum((Decimal(cell) for cell in cells if cell), Decimal(0))) for cells in truth.measures.values()]
        rows.append(["Total", *[""] * (len(columns) - len(sums) - 1), *sums])
    return rows


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    """Tables of three to forty rows."""
    step = draw(st.sampled_from(["", "year", "month", "day"]))
    height = draw(st.integers(3, 40))
    kind = draw(st.sampled_from(["plain", "names", "groups", "long"]))
    numbers = draw(st.lists(st.integers(0, 60), min_size=height, max_size=height, unique=True))
    if kind == "long" and step:  # each date once in each of the groups
        groups = [label for label in ("sun", "rain") for _ in range(height)]
        numbers = numbers * 2
    else:
        groups = draw(st.lists(st.sampled_from(["sun", "rain", "snow"]), min_size=height, max_size=height))
    height = len(numbers)
    names = draw(st.permutations(TOWNS)) if kind == "names" and height <= len(TOWNS) else []
    places = draw(st.integers(0, 2))
    number = (st.decimals(-50, 5_000, places=places) if places else st.integers(-99, 99_999)).map(str)
    named = bool(names or step or kind in ("groups", "long"))  # else a row without a value would be none
    cells = st.one_of(number, number, st.just("")) if named else number
    measures = draw(st.lists(st.lists(cells, min_size=height, max_size=height), min_size=1, max_size=3))
    return Truth(
        step=step,
        days=days_of(step, draw(st.integers(1900, 2010)), numbers) if step else [],
        names=names[:height],
        groups=groups if kind in ("groups", "long") else [],
        measures=dict(zip(NAMES, measures, strict=False)),
        totals=draw(st.booleans()) and named,
    )


@settings(deadline=None, max_examples=80)
@given(truths())
def test_each_number_said_is_true_of_the_cells(truth: Truth) -> None:
    """Values, dates, counts, shares, means and changes are those that other code computes from the cells."""
    for passage in state_figures(a_table(rows_of(truth), sheet="Figures"), a_source(), language="en"):
        for sentence in passage.sentences:
            check(sentence, truth)
        assert (passage.place.first_row, passage.place.last_row) == (2, truth.height + 1)


def wave(step: str, height: int, *, drift: str = "0", start: int = 1990) -> Truth:
    """A measure that swings through the year and drifts."""
    swing = (0, 1, 2, 3, 4, 3, 2, 1, -3, -2, -1, 0)
    cells = [str(Decimal(50) + Decimal(drift) * number + swing[number % 12]) for number in range(height)]
    days = days_of(step, start, list(range(height)))
    return Truth(step=step, days=days, names=[], groups=[], measures={"wug": cells})


def years(numbers: list[int], cells: list[str]) -> Truth:
    """A measure by year from 2001 on."""
    return Truth(step="year", days=days_of("year", 2001, numbers), names=[], groups=[], measures={"wug": cells})


def listing(names: int, groups: int, cells: list[str], *, step: str = "", totals: bool = False) -> Truth:
    """A measure by town or kind."""
    height = len(cells)
    return Truth(
        step=step,
        days=days_of(step, 2001, [number % (height // max(groups, 1)) for number in range(height)]) if step else [],
        names=TOWNS[:names],
        groups=[("sun", "rain", "snow")[row * groups // height] for row in range(height)] if groups else [],
        measures={"wug": cells},
        totals=totals,
    )


def test_every_kind_of_statement_is_recomputed() -> None:
    """No kind of statement goes unchecked: fixed tables call forth each of them."""
    cells = [str(number * number + 3) for number in range(12)]
    known = [
        wave("year", 40, drift="1.5"),
        wave("year", 30, drift="-1.5", start=1970),
        wave("month", 240),
        wave("month", 130, drift="0.3"),
        wave("day", 20),
        years([0, 1, 2, 4], ["5", "8", "2", "5"]),
        years([0, 1, 2], ["5", "8", "6"]),
        years([0, 1, 2], ["5", "2", "4"]),
        listing(12, 0, cells),
        listing(12, 0, cells, totals=True),
        listing(0, 2, cells),
        listing(0, 2, cells, step="year"),
        listing(0, 2, cells[::-1], step="year"),
    ]
    told = {
        check(sentence, truth)
        for truth in known
        for passage in state_figures(a_table(rows_of(truth), sheet="Figures"), a_source(), language="en")
        for sentence in passage.sentences
    }
    assert told == set(CHECKS)
