"""What the columns of a table hold: numbers, dates, years, labels."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from copydesk.domain.profile import ColumnKind
from copydesk.readers.profile_notation import (
    LIKE_NUMBER,
    MISSING,
    Figures,
    Habits,
    decimal_places,
    proven_order,
    read_dates,
    read_figures,
    read_numbers,
)

if TYPE_CHECKING:
    import polars as pl

_MOSTLY = 0.9  # of the present cells that must be of a column's kind; the others must be remarks without digits
_YEARS = (1000, 2200)
_YEAR = r"^(\d{4})(?:\.0+)?$"
_DECADE = r"^(\d{3}0)(?:s|er(?: Jahre)?)$"
_LIKE_DATE = r"^(?:\d{4}[-/.]\d|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{1,2}/\d{4}$|.*\p{L}{3}.*\d{4}$)"
_SAMPLE = 100  # present cells by which a column is taken for one of dates or numbers at all
_MARK = re.compile(r"\s*\[\d{1,3}\]")  # of a footnote
_UNIT = re.compile(r"(?P<name>.*\S)\s*[(\[](?P<unit>[^()\[\]]{1,20})[)\]]")
_NO_MEASURE = re.compile(
    r"(?:^|[\s_])(?:id|ids|code|zip|zipcode|plz|postcode|lat|lon|lng|latitude|longitude|index|idx|rank|nr|no|key|phone|isbn|"
    r"fips|iata|year|jahr|année|año|month|monat|mois|mes|day|tag|jour|día|hour|week|weekday|row|x|y|date|datum|fecha)$"
    r"|^(?:#|unnamed.*|column\s?\d+)?$",
    re.IGNORECASE,
)
_YEAR_NAME = re.compile(r"year|jahr|ann[ée]e|^an$|año|anno|^ano$|date|season|saison|time|zeit", re.IGNORECASE)

# Abbreviations in machine-made headers; those of statistics go to the front ("temp_max": maximum temperature).
_SPELLED = {"temp": "temperature", "qty": "quantity", "num": "number", "pct": "percent", "avg": "average"}
_LEADING = {"max": "maximum", "min": "minimum", "avg": "average", "mean": "mean", "median": "median"}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A column whose cells are looked at, but not yet read: other columns may decide how they are."""

    header: str
    name: str
    unit: str
    cells: "pl.Series"  # texts, null where missing
    figures: Figures | None  # where most cells could be numbers
    day_first: bool | None  # what its dates prove
    dated: bool  # whether its cells look like dates


@dataclass(frozen=True, kw_only=True)
class Cells:
    """A column with its cells read; what is missing or of another kind is null."""

    header: str
    name: str  # readable: "net generation" of "net_generation"
    unit: str
    kind: ColumnKind
    values: "pl.Series"  # decimals of NUMBER, dates of DATE, first days of YEAR, else texts
    texts: "pl.Series"  # the cells as given, null where missing
    decades: bool = False  # of YEAR: each row is a decade


def draft_column(header: str, cells: "pl.Series", unit: str = "") -> Draft:
    """Look at a column.

    Args:
        header: The cell that names it.
        cells: The texts of its data rows.
        unit: From a row of units, if the table has one.
    """
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    texts = cells.str.strip_chars()
    texts = pl.select(pl.when(~texts.str.to_lowercase().is_in(MISSING)).then(texts)).to_series()
    name, own_unit = name_and_unit(header)
    present = texts.drop_nulls()
    sample = present.head(_SAMPLE)
    dated = sample.str.contains(_LIKE_DATE).sum() * 2 > sample.len()
    figures = None
    if not dated and sample.str.contains(LIKE_NUMBER).sum() * 2 > sample.len():
        figures = read_figures(texts)
        figures = figures if figures.cores.count() * 2 > present.len() else None
    return Draft(
        header=header,
        name=name,
        unit=own_unit or unit,
        cells=texts,
        figures=figures,
        day_first=proven_order(present) if dated else None,
        dated=dated,
    )


def read_column(draft: Draft, habits: Habits, *, typed: bool) -> Cells:
    """Read a column as what its cells are: years, dates, numbers, labels, or nothing in particular.

    Args:
        draft: The column.
        habits: How the document writes numbers and dates, as far as other columns or its language tell.
        typed: Whether its numbers were stored as numbers, which a point parts from their decimals.
    """
    texts = draft.cells
    other = Cells(header=draft.header, name=draft.name, unit="", kind=ColumnKind.OTHER, values=texts, texts=texts)
    if not texts.count():
        return other
    years = _years(draft.name, texts)
    if years is not None:
        decades = bool(texts.drop_nulls().str.contains(_DECADE).all())
        return replace(other, kind=ColumnKind.YEAR, values=years, decades=decades)
    if draft.dated:
        dates = read_dates(texts, habits)
        if _enough(dates, texts):
            return replace(other, kind=ColumnKind.DATE, values=dates)
    if draft.figures is None:
        return replace(other, kind=ColumnKind.LABEL)
    numbers = read_numbers(draft.figures, habits, typed=typed)
    if numbers is None or not _enough(numbers, texts):
        parsed = numbers.count() if numbers is not None else texts.count() if draft.figures.readings else 0
        return other if parsed * 2 > texts.count() else replace(other, kind=ColumnKind.LABEL)
    unit = draft.unit or draft.figures.unit
    scaled = unit[:1].isdigit() or draft.name.endswith(".")  # "(10³)", "Acc.": not to be said in a sentence
    kind = ColumnKind.NUMBER if not scaled and _measures(draft, numbers) else ColumnKind.OTHER
    return replace(other, kind=kind, unit=unit, values=numbers)


def _enough(values: "pl.Series", texts: "pl.Series") -> bool:
    """Whether the column is of the kind of its values: what is not may be a remark, but no number or date."""
    if values.count() < _MOSTLY * texts.count():
        return False
    unread = texts.filter(values.is_null()).drop_nulls()
    return not unread.str.contains(r"\d").any()


def name_and_unit(header: str) -> tuple[str, str]:
    """A column's readable name, and the unit that stands in brackets behind it."""
    name = re.sub(r"\s+", " ", _MARK.sub("", header).replace("_", " ")).strip(" :;")
    name = re.sub(r"(?<=[a-zäöüß])(?=[A-Z][a-z])", " ", name)
    match = _UNIT.fullmatch(name)
    unit = match["unit"].strip() if match else ""
    parts = (match["name"] if match else name).split(" ")
    if "_" in header and parts[-1].lower() in _LEADING:
        parts = [_LEADING[parts[-1].lower()], *parts[:-1]]
    return " ".join(_SPELLED.get(part.lower(), part) for part in parts), unit


def is_year(text: str) -> bool:
    """Whether a text is a year by itself."""
    return re.fullmatch(r"\d{4}", text) is not None and _YEARS[0] <= int(text) <= _YEARS[1]


def _years(name: str, texts: "pl.Series") -> "pl.Series | None":
    """First days of years or decades, where the column holds those."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    decades = texts.str.extract(_DECADE)
    if not decades.count() and not _YEAR_NAME.search(name):
        return None
    years = pl.select(pl.coalesce(decades, texts.str.extract(_YEAR)).cast(pl.Int32)).to_series()
    year = pl.col("year")
    days = years.to_frame("year").select(pl.when(year.is_between(*_YEARS)).then(pl.date(year, 1, 1))).to_series()
    return days if _enough(days, texts) else None


def _measures(draft: Draft, numbers: "pl.Series") -> bool:
    """Whether a numeric column measures something: no identifier, coordinate, flag or constant."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    if _NO_MEASURE.search(draft.name) or _NO_MEASURE.search(draft.header) or draft.cells.str.contains(r"^0\d").any():
        return False
    values = numbers.drop_nulls()
    distinct = values.n_unique()
    if distinct < 2 or (distinct == 2 and values.min() == 0 and values.max() == 1):  # noqa: PLR2004 -- one value compares with nothing
        return False
    if distinct < values.len() or values.min() not in (0, 1):
        return True
    steps = values.cast(pl.Float64).diff().drop_nulls()
    return not bool((steps == 1).all())  # else it counts the rows


def stated_places(numbers: "pl.Series") -> int:
    """Most decimal places of a cell."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    places = decimal_places(numbers.drop_nulls().cast(pl.String)).max()
    return places if isinstance(places, int) else 0
