# ruff: noqa: RUF001 -- quotation marks, dashes and letters as people write them, not look-alikes by mistake
"""What the columns of a table hold: numbers, dates, years, labels."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from copydesk.language.calendar import month_numbers

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "–", "—", ".", "..", "?", "#n/a"})
_MOSTLY = Decimal("0.9")  # of the present cells that must parse for a column to be of a kind
_YEARS = (1000, 2200)
_MAGNITUDE = 15  # powers of ten; what is larger or smaller is no figure for a sentence
_PLAIN = re.compile(r"[-+−]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_GROUPED = re.compile(r"[-+−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[-+−]?\d+(?:,\d+)?")
_GROUPED_COMMA = re.compile(r"[-+−]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_MONEY = re.compile(r"^([$€£¥])\s?|\s?([%€$£])$")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ]00:00(?::00(?:\.0+)?)?)?(?:Z|\+00:00)?")
_SLASH_DATE = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})")
_NAMED_DATE = re.compile(
    r"(?:(?P<month>[A-Za-z]{3,9})\.?(?: (?P<day>\d{1,2}),?)?|(?P<before>\d{1,2})[ -](?P<name>[A-Za-z]{3,9}))"
    r"[ -](?P<year>\d{4})"
)
_DECADE = re.compile(r"(\d{3}0)(?:s|er(?: Jahre)?)")
_UNIT = re.compile(r"(?P<name>.*\S)\s*[(\[](?P<unit>[^()\[\]]{1,20})[)\]]")
_NO_MEASURE = re.compile(
    r"(?:^|[\s_])(?:id|ids|code|zip|zipcode|plz|postcode|lat|lon|lng|latitude|longitude|index|idx|rank|nr|no|key|phone|isbn|"
    r"fips|iata|year|jahr|année|año|month|monat|mois|mes|day|tag|jour|día|hour|week|weekday|row|x|y)$|^(?:#|unnamed.*|column\s?\d+)?$",
    re.IGNORECASE,
)
_YEAR_NAME = re.compile(r"year|jahr|ann[ée]e|^an$|año|anno|^ano$|date|season|saison|time|zeit", re.IGNORECASE)

# Abbreviations in machine-made headers; those of statistics go to the front ("temp_max": maximum temperature).
_SPELLED = {"temp": "temperature", "qty": "quantity", "num": "number", "pct": "percent", "avg": "average"}
_LEADING = {"max": "maximum", "min": "minimum", "avg": "average", "mean": "mean", "median": "median"}


class ColumnKind(StrEnum):
    """How a column is read."""

    NUMBER = "number"  # a measure
    DATE = "date"
    YEAR = "year"  # also decades ("1990s")
    LABEL = "label"
    OTHER = "other"  # identifiers, coordinates, mixtures


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column with its parsed cells; a missing cell is None."""

    name: str  # readable: "net generation" of "net_generation"
    unit: str  # "ppm", "%", "°C"; empty where none is given
    kind: ColumnKind
    numbers: tuple[Decimal | None, ...] = ()
    dates: tuple[date | None, ...] = ()  # of DATE; of YEAR the first of January
    labels: tuple[str, ...] = ()  # the cells as given, trimmed
    decimals: int = 0  # most decimal places of a cell
    monthly: bool = False  # of DATE: every date is the first of its month
    decades: bool = False  # of YEAR: each row is a decade


def read_column(header: str, cells: Sequence[str]) -> Column:
    """Parse one column. A cell that does not parse as the column's kind counts as missing."""
    labels = tuple(cell.strip() for cell in cells)
    name, unit = _name_and_unit(header)
    present = [label for label in labels if label.lower() not in MISSING]
    if not present:
        return Column(name=name, unit=unit, kind=ColumnKind.OTHER, labels=labels)
    years = _years(name, labels, len(present))
    if years is not None:
        return Column(
            name=name, unit="", kind=ColumnKind.YEAR, dates=years, labels=labels, decades=_all_decades(present)
        )
    dates = tuple(_date(label) for label in labels)
    if _enough(dates, present):
        monthly = all(day is None or day.day == 1 for day in dates)
        return Column(name=name, unit="", kind=ColumnKind.DATE, dates=dates, labels=labels, monthly=monthly)
    numbers = _numbers(labels, present)
    if _enough(numbers, present):
        scaled = unit[:1].isdigit() or name.endswith(".")  # "(10³)", "Acc.": not to be said in a sentence
        kind = ColumnKind.NUMBER if _measures(header, name, numbers) and not scaled else ColumnKind.OTHER
        return Column(
            name=name,
            unit=unit or _sign(present),
            kind=kind,
            numbers=numbers,
            labels=labels,
            decimals=_decimals(numbers),
        )
    mixed = sum(number is not None for number in numbers) * 2 > len(present)
    return Column(name=name, unit="", kind=ColumnKind.OTHER if mixed else ColumnKind.LABEL, labels=labels)


def _enough(values: Sequence[object | None], present: Sequence[str]) -> bool:
    return sum(value is not None for value in values) >= _MOSTLY * len(present)


def _name_and_unit(header: str) -> tuple[str, str]:
    name = re.sub(r"\s+", " ", header.replace("_", " ")).strip(" :;")
    name = re.sub(r"(?<=[a-zäöüß])(?=[A-Z][a-z])", " ", name)
    match = _UNIT.fullmatch(name)
    unit = match["unit"].strip() if match else ""
    words = (match["name"] if match else name).split(" ")
    if "_" in header and words[-1].lower() in _LEADING:
        words = [_LEADING[words[-1].lower()], *words[:-1]]
    return " ".join(_SPELLED.get(word.lower(), word) for word in words), unit


def _years(name: str, labels: Sequence[str], present: int) -> tuple[date | None, ...] | None:
    """First days of years or decades, where the column holds those."""
    found: list[date | None] = []
    for label in labels:
        decade = _DECADE.fullmatch(label)
        text = decade[1] if decade else label.removesuffix(".0")
        year = int(text) if re.fullmatch(r"\d{4}", text) else 0
        found.append(date(year, 1, 1) if _YEARS[0] <= year <= _YEARS[1] else None)
    if sum(day is not None for day in found) < _MOSTLY * present:
        return None
    decades = any(_DECADE.fullmatch(label) for label in labels)
    return tuple(found) if decades or _YEAR_NAME.search(name) else None


def _all_decades(present: Sequence[str]) -> bool:
    return all(_DECADE.fullmatch(label) for label in present)


def _date(label: str) -> date | None:
    """An ISO date, or one whose month is named in English; others are ambiguous."""
    if match := _ISO_DATE.fullmatch(label) or _SLASH_DATE.fullmatch(label):
        year, month, day = match[1], int(match[2]), match[3]
    elif match := _NAMED_DATE.fullmatch(label):
        month = month_numbers("en").get((match["month"] or match["name"]).lower(), 0)
        year, day = match["year"], match["day"] or match["before"]
    else:
        return None
    try:
        return date(int(year), month, int(day or 1))
    except ValueError:
        return None


def _numbers(labels: Sequence[str], present: Sequence[str]) -> tuple[Decimal | None, ...]:
    bare = [_MONEY.sub("", label) for label in present]
    comma = not any(_GROUPED.fullmatch(cell) for cell in bare) and any("," in cell for cell in bare)
    return tuple(None if label.lower() in MISSING else _number(_MONEY.sub("", label), comma=comma) for label in labels)


def _number(cell: str, *, comma: bool) -> Decimal | None:
    if _PLAIN.fullmatch(cell) and not (comma and "." in cell):
        plain = cell
    elif comma and (_DECIMAL_COMMA.fullmatch(cell) or _GROUPED_COMMA.fullmatch(cell)):
        plain = cell.replace(".", "").replace(",", ".")
    elif not comma and _GROUPED.fullmatch(cell):
        plain = cell.replace(",", "")
    else:
        return None
    number = Decimal(plain.replace("−", "-"))
    return number if number.is_zero() or abs(number.adjusted()) <= _MAGNITUDE else None


def _sign(present: Sequence[str]) -> str:
    """A sign that every cell carries, such as "%" or "$"."""
    signs = {(match[1] or match[2]) if (match := _MONEY.search(cell)) else "" for cell in present}
    return signs.pop() if len(signs) == 1 else ""


def _measures(header: str, name: str, numbers: Sequence[Decimal | None]) -> bool:
    """Whether a numeric column measures something: no identifier, coordinate, flag or constant."""
    if _NO_MEASURE.search(name) or _NO_MEASURE.search(header):
        return False
    values = [number for number in numbers if number is not None]
    distinct = set(values)
    if len(distinct) < 2 or distinct <= {Decimal(0), Decimal(1)}:  # noqa: PLR2004 - one value compares with nothing
        return False
    whole = all(value == value.to_integral_value() for value in values)
    counts_rows = whole and [int(v) for v in values] in (list(range(1, len(values) + 1)), list(range(len(values))))
    return not counts_rows


def _decimals(numbers: Sequence[Decimal | None]) -> int:
    exponents = [number.normalize().as_tuple().exponent for number in numbers if number is not None]
    return max((-exponent for exponent in exponents if isinstance(exponent, int)), default=0) if exponents else 0
