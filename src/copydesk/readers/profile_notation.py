# ruff: noqa: RUF001 -- quotation marks, dashes and spaces as people write numbers, not look-alikes by mistake
"""Numbers and dates in local notations: what a column's cells say in common decides how each is read.

A column that could be read in two ways is read in none, unless another column of the document tells.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copydesk.domain.language import primary_language
from copydesk.language.calendar import month_numbers

if TYPE_CHECKING:
    import polars as pl

MISSING = ("", "na", "n/a", "nan", "null", "none", "-", "–", "—", ".", "..", "?", "#n/a")
MAX_PLACES = 15  # digits on either side of the decimal mark; what needs more is no figure for a sentence
_SYMBOL = r"[$€£¥%‰]|EUR|USD|GBP|CHF|JPY|CAD|AUD|SEK|NOK|DKK|PLN|CZK|HUF|zł|kr"
# Sign or bracket of a negative number, currency or percent sign, digits, exponent, currency or percent sign.
_NUMBER = (
    rf"^(\()?([-+−])?[ ]?({_SYMBOL})?[ ]?([-+−])?((?:\d[\d.,'’ ]*)?\d|[.,]\d+)"
    rf"([eE][-+]?\d{{1,3}})?[ ]?({_SYMBOL})?(\))?$"
)
LIKE_NUMBER = rf"^[(]?[-+−]?[ ]?(?:{_SYMBOL})?[ ]?[-+−]?[.,]?\d"  # how a number begins
_PLAIN = r"^-?(?:0|[1-9]\d*)(?:\.\d+)?$"
_NOTATIONS = ((",", "."), (".", ","), (" ", ","), (" ", "."), ("'", "."), ("'", ","))  # thousands, decimals
_UNGROUPED = r"^\d{5,}$"  # nobody who groups thousands writes so
# What people of a language write; of languages that are written either way (Spanish, Portuguese) nothing is assumed.
_DECIMAL_COMMA = frozenset({"de", "fr", "it", "nl", "pl", "da", "sv", "nb", "no", "fi", "ru", "tr", "cs"})
_DAY_FIRST = _DECIMAL_COMMA | {"es", "pt"}

_MIDNIGHT = r"(?:[T ]00:00(?::00(?:\.0+)?)?)?(?:Z|\+00:00)?"
_ISO = rf"^(\d{{4}})-(\d{{2}})(?:-(\d{{2}}))?{_MIDNIGHT}$"
_YEAR_FIRST = r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})$"
_LOCAL = rf"^(\d{{1,2}})([./-])(\d{{1,2}})([./-])(\d{{4}}){_MIDNIGHT}$"
_MONTH_YEAR = r"^(\d{1,2})/(\d{4})$"
_NAMED = r"^(?:(\d{1,2})\.?[ -](?:de )?)?(\p{L}{3,10})\.?(?: (\d{1,2}),?)?(?: de)?[ -](\d{4})$"
_MONTH_LANGUAGES = ("en", "de", "fr", "es")
_LAST_MONTH = 12


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How the numbers and dates of a document are written, where that is known."""

    decimal: str | None = None  # "." or ","
    day_first: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A column's cells taken apart as numbers."""

    cores: "pl.Series"  # digits and marks; null where a cell is no number
    signs: "pl.Series"  # "-" or ""
    exponents: "pl.Series"
    unit: str  # the sign or code that every number carries
    readings: tuple[tuple[str, str], ...]  # notations that all cores agree with
    decimal: str | None  # the decimal mark that they prove, if any


def habits_of_language(language: str | None) -> Habits:
    """What is usual in the language that a document declares (BCP 47)."""
    primary = primary_language(language) if language else ""
    decimal = "." if primary == "en" else "," if primary in _DECIMAL_COMMA else None
    return Habits(decimal=decimal, day_first=True if primary in _DAY_FIRST else None)


def agreed(decimals: Iterable[str | None], orders: Iterable[bool | None], otherwise: Habits) -> Habits:
    """What the columns of a document prove together; where they prove nothing or differ, `otherwise`."""
    marks = {mark for mark in decimals if mark is not None}
    firsts = {first for first in orders if first is not None}
    return Habits(
        decimal=marks.pop() if len(marks) == 1 else otherwise.decimal if not marks else None,
        day_first=firsts.pop() if len(firsts) == 1 else otherwise.day_first if not firsts else None,
    )


def read_figures(cells: "pl.Series") -> Figures:
    """Take the cells of a column apart; those that are no number give nulls."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    if cells.str.contains(_PLAIN).all():  # by far the most columns; the way below takes ten times as long
        return _plain_figures(cells)
    names = ("open", "outer", "before", "inner", "core", "exponent", "after", "close")
    parts = cells.str.extract_groups(_NUMBER).struct.rename_fields(list(names)).struct.unnest()
    brackets = parts["open"].is_not_null() == parts["close"].is_not_null()
    once = parts["outer"].is_null() | (parts["inner"].is_null() & parts["open"].is_null())
    frame = parts.select(
        core=pl.when(brackets & once).then(pl.col("core").str.replace_all("’", "'", literal=True)),
        sign=pl.when(
            pl.col("open").is_not_null() | pl.coalesce("outer", "inner").is_in(["-", "−"]).fill_null(value=False)
        )
        .then(pl.lit("-"))
        .otherwise(pl.lit("")),
        exponent=pl.col("exponent").fill_null(""),
        unit=pl.coalesce("before", "after").fill_null(""),
    )
    cores = frame["core"]
    written = cores.drop_nulls().unique()
    readings = _readings(written)
    units = set(frame.filter(pl.col("core").is_not_null())["unit"].unique())
    mixed = len(units - {""}) > 1 or (len(units) > 1 and "%" in units)  # euros and dollars, percentages and counts
    return Figures(
        cores=cores,
        signs=frame["sign"],
        exponents=frame["exponent"],
        unit=units.pop() if len(units) == 1 else "",
        readings=() if mixed else readings,
        decimal=None if mixed else _proven(written, readings),
    )


def _readings(written: "pl.Series") -> tuple[tuple[str, str], ...]:
    """The notations that all numbers agree with; none where there is no number."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    tests = [pl.col("core").str.contains(_pattern(notation)).all() for notation in _NOTATIONS]
    agree = written.to_frame("core").select(**dict(zip(map(str, range(len(tests))), tests, strict=True))).row(0)
    return tuple(notation for notation, holds in zip(_NOTATIONS, agree, strict=True) if holds and written.len())


def _plain_figures(cells: "pl.Series") -> Figures:
    written = cells.drop_nulls().unique()
    bare = written.str.strip_prefix("-")
    readings = _readings(bare)
    nothing = cells.str.slice(0, 0)
    return Figures(
        cores=cells.str.strip_prefix("-"),
        signs=cells.str.slice(0, 1).replace_strict({"-": "-"}, default="", return_dtype=cells.dtype),
        exponents=nothing.fill_null(""),
        unit="",
        readings=readings,
        decimal=_proven(bare, readings),
    )


def _pattern(notation: tuple[str, str]) -> str:
    group, decimal = (mark.replace(".", r"\.") for mark in notation)
    return rf"^(?:\d+|[1-9]\d{{0,2}}(?:{group}\d{{3}})+)(?:{decimal}\d+)?$|^{decimal}\d+$"


def _proven(written: "pl.Series", readings: tuple[tuple[str, str], ...]) -> str | None:
    """The decimal mark that a column's numbers leave no doubt of; None for whole numbers without marks as well.

    "1.200" beside "900" is a thousand and more: three decimal places would stand in both, or be cut in
    both. "1.234" beside "56789" is one and a bit: one who groups thousands groups them in both.
    """
    marked = written.filter(written.str.contains("[.,]"))
    if not marked.len():
        return None
    decimals = {decimal for _, decimal in readings}
    if len(decimals) == 1:
        return decimals.pop()
    marks = set(marked.str.extract("([.,])").to_list())
    if len(marks) != 1:
        return None
    mark = str(marks.pop())
    bare = written.filter(~written.str.contains("[.,]"))
    no_decimals = bool(bare.len() and marked.str.ends_with("0").any())
    no_groups = bool(bare.str.contains(_UNGROUPED).any())
    both_ways = bool(bare.str.contains(r"^\d{4}$").any() and marked.str.contains(r"^\d[.,]").any())  # "1500", "1.200"
    if no_decimals == no_groups or (no_decimals and both_ways):
        return None
    other = "," if mark == "." else "."
    return other if no_decimals else mark


def read_numbers(figures: Figures, habits: Habits, *, typed: bool) -> "pl.Series | None":
    """The numbers of a column as decimals, nulls where there is none; None where they can be read in two ways.

    Args:
        figures: The cells, taken apart.
        habits: How the document writes numbers, as far as other columns or its language tell.
        typed: Whether its numbers were stored as numbers, which a point parts from their decimals.
    """
    if not figures.readings:
        return None
    decimal = "." if typed else figures.decimal
    if decimal is None and figures.cores.str.contains("[.,]").any():
        decimal = habits.decimal
        if decimal is None:
            return None
    notation = next((pair for pair in figures.readings if pair[1] == (decimal or pair[1])), None)
    return None if notation is None else _decimals(figures, notation)


def _decimals(figures: Figures, notation: tuple[str, str]) -> "pl.Series":
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    group, decimal = notation
    plain = figures.cores.str.replace_all(group, "", literal=True).str.replace(decimal, ".", literal=True)
    plain = figures.signs + plain
    if (figures.exponents != "").any():
        plain = pl.Series(
            [
                None if core is None else _expanded(core + exponent)
                for core, exponent in zip(plain, figures.exponents, strict=True)
            ],
            dtype=pl.String,
        )
    whole = plain.str.extract(r"^-?0*(\d*)").str.len_chars()
    places = decimal_places(plain)
    fits = (whole <= MAX_PLACES + 1) & (places <= MAX_PLACES)
    kept = pl.select(pl.when(fits).then(plain)).to_series()
    scale = int(decimal_places(kept).max() or 0)  # type: ignore[arg-type] # the maximum of lengths is an int
    cut = kept.str.replace(r"(\.\d*?)0*$", "$1").str.replace(r"\.$", "")
    return cut.cast(pl.Decimal(38, scale), strict=False)


def decimal_places(plain: "pl.Series") -> "pl.Series":
    """How many decimal places plain numbers have, zeros at the end aside."""
    return plain.str.extract(r"\.(\d*?)0*$").str.len_chars().fill_null(0)


def _expanded(number: str) -> str | None:
    """A number with an exponent, without it; None where that takes too many digits."""
    from decimal import Decimal  # noqa: PLC0415 -- rarely needed

    value = Decimal(number)
    return f"{value:f}" if value.is_zero() or abs(value.adjusted()) <= MAX_PLACES else None


def proven_order(cells: "pl.Series") -> bool | None:
    """Whether the column's dates begin with the day; None where they have no such order or could have both."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    parts = cells.str.extract_groups(_LOCAL).struct.unnest()
    parts = parts.filter(pl.col("1").is_not_null())
    if parts.is_empty():
        return None
    first, second = (parts[name].cast(pl.Int32) > _LAST_MONTH for name in ("1", "3"))
    if first.any() or second.any():
        return None if first.any() and second.any() else bool(first.any())
    return True if (parts["2"] == ".").all() else None  # with points the day comes first wherever they are used


def read_dates(cells: "pl.Series", habits: Habits) -> "pl.Series":
    """The dates of a column, nulls where a cell is none or can be read in two ways; a month is its first day."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    found = _dated(cells, _ISO, "123")
    if found.null_count():
        rest = [_dated(cells, _YEAR_FIRST, "123"), _dated(cells, _MONTH_YEAR, "21"), _named(cells)]
        day_first = proven_order(cells)
        contradicted = day_first is None and _contradicted(cells)
        day_first = habits.day_first if day_first is None else day_first
        if day_first is not None and not contradicted:
            rest.append(_dated(cells, _LOCAL, "531" if day_first else "513"))
        found = pl.select(pl.coalesce(found, *rest)).to_series()
    return found


def _contradicted(cells: "pl.Series") -> bool:
    """Whether both orders occur, so that none can be meant."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    parts = cells.str.extract_groups(_LOCAL).struct.unnest()
    return all(bool((parts[name].cast(pl.Int32) > _LAST_MONTH).any()) for name in ("1", "3"))


def _dated(cells: "pl.Series", pattern: str, order: str) -> "pl.Series":
    """The dates of the cells that match; `order` names the pattern's groups of year, month and, if any, day."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    parts = cells.str.extract_groups(pattern).struct.unnest()
    if "4" in parts.columns:  # two separators: only alike ones make a date
        parts = parts.with_columns(pl.when(pl.col("2") == pl.col("4")).then(pl.col("1")).alias("1"))
    pieces = [pl.col(group).fill_null("1") for group in order] + [pl.lit("1")] * (3 - len(order))
    joined = parts.select(pl.when(pl.col("1").is_not_null()).then(pl.concat_str(pieces, separator="-"))).to_series()
    return joined.str.to_date("%Y-%m-%d", strict=False)


def _named(cells: "pl.Series") -> "pl.Series":
    """The dates whose month is named, in one of the languages that statements are made in."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    parts = cells.str.extract_groups(_NAMED).struct.unnest()
    if parts["2"].is_null().all():
        return pl.Series([None] * cells.len(), dtype=pl.Date)
    month = parts["2"].str.to_lowercase().replace_strict(_month_numbers(), default=None, return_dtype=pl.String)
    day = pl.coalesce("1", "3").fill_null("1")
    both = pl.col("1").is_not_null() & pl.col("3").is_not_null()
    joined = parts.with_columns(month=month).select(
        pl.when(~both).then(pl.concat_str([pl.col("4"), pl.col("month"), day], separator="-"))
    )
    return joined.to_series().str.to_date("%Y-%m-%d", strict=False)


def _month_numbers() -> dict[str, str]:
    """Month names and their usual abbreviations, lower case, to "1" to "12"."""
    return {name: str(number) for language in _MONTH_LANGUAGES for name, number in month_numbers(language).items()}
