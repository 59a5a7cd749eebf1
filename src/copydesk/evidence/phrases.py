"""How figures from tables are said in sentences, in the languages that have templates here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from copydesk.domain.language import primary_language
from copydesk.language.calendar import month_name
from copydesk.language.lexicon import section

# English measures that take an article; mass nouns ("carbon dioxide", "precipitation") and plurals take none.
_COUNTED = frozenset(
    [
        "age",
        "amount",
        "anomaly",
        "area",
        "average",
        "concentration",
        "cost",
        "count",
        "density",
        "depth",
        "difference",
        "distance",
        "duration",
        "elevation",
        "frequency",
        "gap",
        "height",
        "index",
        "intensity",
        "length",
        "level",
        "limit",
        "maximum",
        "mean",
        "median",
        "minimum",
        "number",
        "percentage",
        "population",
        "power",
        "pressure",
        "price",
        "probability",
        "proportion",
        "quantity",
        "range",
        "rate",
        "ratio",
        "result",
        "score",
        "share",
        "size",
        "speed",
        "sum",
        "temperature",
        "thickness",
        "total",
        "value",
        "velocity",
        "volume",
        "weight",
        "width",
        "yield",
        "wage",
        "budget",
        "deficit",
        "surplus",
    ]
)


def _with_article(name: str) -> str:
    last = name.rsplit(" ", maxsplit=1)[-1].lower()
    return f"the {name}" if last in _COUNTED else name


def _lowered(name: str) -> str:
    first = name.split(" ", 1)[0]
    if first[:1].isupper() and first[1:].islower() and _is_common(first.lower()):
        return name[:1].lower() + name[1:]
    return name


def _is_common(word: str) -> bool:
    """Whether an English dictionary has a word in lower case."""
    from simplemma import is_known  # noqa: PLC0415 - loads a dictionary

    return is_known(word, lang="en") is True


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """The templates of one language."""

    language: str
    thousands: str
    grouped_from: int  # smaller numbers stand without thousands separator
    decimal: str
    percent: str  # of a number without sign
    points: Mapping[str, tuple[str, str]]  # by step: a point in time alone, and with its preposition
    steps: Mapping[str, str]  # the words for year, month, day and decade
    sentences: Mapping[str, tuple[str, ...]]  # by key: variants that columns take in turn

    def say(self, key: str, variant: int, **values: str) -> str:
        """Fill a template and set its first letter upper case."""
        variants = self.sentences[key]
        text = variants[variant % len(variants)].format(**values)
        return text[:1].upper() + text[1:]

    def number(self, value: Decimal, decimals: int) -> str:
        """A number rounded half up to `decimals` places, without trailing zeros."""
        rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
        whole, _, fraction = format(abs(rounded), "f").partition(".")
        fraction = fraction.rstrip("0")
        if int(whole) >= self.grouped_from:
            whole = f"{int(whole):,}".replace(",", self.thousands)
        sign = "-" if rounded < 0 else ""
        return sign + whole + (self.decimal + fraction if fraction else "")

    def say_percent(self, share: Decimal) -> str:
        """A share of change behind the absolute one, to one decimal place."""
        return self.sentences["percent"][0].format(self.number(share, 1))

    def inside(self, name: str) -> str:
        """A column's name as it stands inside a sentence.

        In English "Carbon dioxide, yearly mean" is read as "the yearly mean of carbon dioxide", a common
        word loses its capital, and a measure that is counted gets its article ("the price").
        """
        if self.language != "en":
            return name
        head, comma, rest = name.partition(", ")
        if not comma:
            return _with_article(_lowered(name))
        if rest.split(" ")[-1].lower() in _COUNTED:
            return f"the {_lowered(rest)} of {_with_article(_lowered(head))}"
        return f"{_with_article(_lowered(head))} ({rest})"

    def of_table(self, name: str, table: str) -> str:
        """A measure's name with that of its table, where another table has a measure of the same name."""
        return self.sentences["of_table"][0].format(name=name, table=table)

    def of_year(self, name: str, year: str) -> str:
        """What columns that are named by years hold, in one of them."""
        return self.sentences["of_year"][0].format(name=name, start=year)

    def value(self, value: Decimal, decimals: int, unit: str) -> str:
        """A number with its unit."""
        number = self.number(value, decimals)
        if unit == "%":
            return self.percent.format(number)
        if unit in ("$", "€", "£", "¥") and self.language == "en":
            return f"-{unit}{number[1:]}" if number.startswith("-") else f"{unit}{number}"
        return f"{number} {unit}" if unit else number

    def point(self, day: date, step: str, *, inside: bool) -> str:
        """A point in time at the precision of `step`; with its preposition where `inside`."""
        form = self.points[step][1 if inside else 0]
        return form.format(year=day.year, month=month_name(day.month, self.language), day=day.day)


@cache
def phrases_of(language: str) -> Phrases | None:
    """The templates of a language (BCP 47), or None where its lexicon has none."""
    table = section(language, "phrases")
    if not table:
        return None
    return Phrases(
        language=primary_language(language),
        thousands=table["thousands"],
        grouped_from=table["grouped_from"],
        decimal=table["decimal"],
        percent=table["percent"],
        points={step: (alone, inside) for step, (alone, inside) in table["points"].items()},
        steps=table["steps"],
        sentences={key: tuple(variants) for key, variants in table["sentences"].items()},
    )
