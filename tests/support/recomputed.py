"""Recomputes, with fractions and without a data library, every number that a statement on a table says."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise

from copydesk.evidence.phrases import phrases_of

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_PLAIN = {"rows": r"[\d,]+", "count": r"[\d,]+", "percent": r"(?:, or [\d,.]+ percent)?"}


@dataclass(frozen=True, kw_only=True)
class Truth:
    """A table as it was made, without its totals."""

    step: str  # "year", "month", "day", or "" where rows have no date
    days: Sequence[date]
    names: Sequence[str]  # of rows, or none
    groups: Sequence[str]  # of rows, or none
    measures: dict[str, Sequence[str]]  # cells by column; empty where missing
    totals: bool = False  # whether a row of totals stands below

    @property
    def labels(self) -> Sequence[str]:
        """What names the rows: their names, or kinds that are all different."""
        return self.names or self.groups

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.measures.values())))

    def values(self, name: str) -> list[tuple[int, Fraction]]:
        """The rows of a measure that have a value."""
        return [(row, Fraction(cell)) for row, cell in enumerate(self.measures[name]) if cell]

    def places(self, name: str) -> int:
        """The most decimal places of a cell."""
        cells = [cell.partition(".")[2].rstrip("0") for cell in self.measures[name]]
        return max(map(len, cells))

    def series(self, name: str, label: str = "") -> list[tuple[date, Fraction]]:
        """A measure by time, of all rows or of a group."""
        return sorted(
            (self.days[row], value) for row, value in self.values(name) if not label or self.groups[row] == label
        )

    def when(self, day: date) -> str:
        """A date as English sentences write it."""
        if self.step == "year":
            return str(day.year)
        month = f"{MONTHS[day.month - 1]} {day.year}"
        return month if self.step == "month" else f"{day.day} {month}"

    def follows(self, before: date, after: date) -> bool:
        """Whether a date is the very next one."""
        if self.step == "day":
            return (after - before).days == 1
        return (after.year - before.year) * 12 + after.month - before.month == (12 if self.step == "year" else 1)

    def steps(self, name: str) -> list[tuple[Fraction, date]]:
        """Changes from one date to the very next, with the later one."""
        return [(b[1] - a[1], b[0]) for a, b in pairwise(self.series(name)) if self.follows(a[0], b[0])]


def shown(value: Fraction, places: int) -> str:
    """A number rounded half up, as English writes it."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"-{text}" if rounded < 0 else text


def check(sentence: str, truth: Truth) -> str:
    """Recompute what a sentence says; answer the key of its template. Raises AssertionError where it is not so."""
    for key, pattern in patterns(tuple(truth.measures)):
        found = pattern.fullmatch(sentence)
        if found is not None:
            said = found.groupdict()
            said["name"] = next((name for name in truth.measures if name == (said.get("name") or "").lower()), "")
            assert CHECKS[key](said, truth), (key, sentence)
            return key
    msg = f"no template says {sentence!r}"
    raise AssertionError(msg)


@cache
def patterns(names: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    """The English templates as patterns, those of categories first."""
    phrases = phrases_of("en")
    assert phrases is not None
    keys = sorted((key for key in phrases.sentences if key in CHECKS), key=lambda key: not key.startswith("category"))
    return [(key, _pattern(text, names)) for key in keys for text in phrases.sentences[key]]


def _pattern(template: str, names: tuple[str, ...]) -> re.Pattern[str]:
    seen: set[str] = set()

    def group(found: re.Match[str]) -> str:
        field = found[1]
        if field in seen:
            return f"(?P={field})"
        seen.add(field)
        inner = "|".join(names) if field == "name" else _PLAIN.get(field, ".+?")
        return f"(?P<{field}>{inner})"

    return re.compile(re.sub(r"\\{(\w+)\\}", group, re.escape(template)), re.IGNORECASE)


def _change(said: dict[str, str], truth: Truth, label: str = "") -> bool:
    series, places = truth.series(said["name"], label), truth.places(said["name"])
    (start, first), (end, last) = series[0], series[-1]
    percent = f", or {shown(abs(last - first) / first * 100, 1)} percent" if first > 0 and last > 0 else ""
    points = [said.get("start", said.get("when_first", "")), said.get("end", said.get("when_last", ""))]
    dated = all(point.endswith(truth.when(day)) for point, day in zip(points, (start, end), strict=True))
    values = (said["first"], said["last"], said["change"], said["percent"])
    return dated and values == (shown(first, places), shown(last, places), shown(abs(last - first), places), percent)


def _rises(said: dict[str, str], truth: Truth) -> bool:
    label = said.get("label", "")
    series = truth.series(said["name"], label)
    return series[-1][1] > series[0][1] and _change(said, truth, label)


def _falls(said: dict[str, str], truth: Truth) -> bool:
    label = said.get("label", "")
    series = truth.series(said["name"], label)
    return series[-1][1] < series[0][1] and _change(said, truth, label)


def _same(said: dict[str, str], truth: Truth) -> bool:
    series = truth.series(said["name"])
    value = shown(series[0][1], truth.places(said["name"]))
    return series[0][1] == series[-1][1] and said["first"] == value


def _extremes(said: dict[str, str], truth: Truth) -> bool:
    series, places = truth.series(said["name"]), truth.places(said["name"])
    right = True
    for end, pick in (("high", max), ("low", min)):
        if end in said:
            value = pick(value for _, value in series)
            days = [day for day, other in series if other == value]
            right &= said[end] == shown(value, places) and len(days) == 1
            right &= said[f"when_{end}"].endswith(truth.when(days[0]))
    return right


def _step(said: dict[str, str], truth: Truth, *, up: bool) -> bool:
    steps = [(change, day) for change, day in truth.steps(said["name"]) if (change > 0) == up and change != 0]
    largest = max(abs(change) for change, _ in truth.steps(said["name"]))
    days = [truth.when(day) for change, day in steps if abs(change) == largest]
    point = said.get("when") or said["point"]
    return said["change"] == shown(largest, truth.places(said["name"])) and any(point.endswith(day) for day in days)


def _decades(said: dict[str, str], truth: Truth) -> bool:
    places, full = truth.places(said["name"]) or 1, 10 if truth.step == "year" else 120
    right = True
    for decade, mean in ((said["early"], said["first"]), (said["late"], said["last"])):
        values = [value for day, value in truth.series(said["name"]) if day.year // 10 * 10 == int(decade)]
        right &= len(values) == full and mean == shown(sum(values, Fraction(0)) / full, places)
    return right


def _season(said: dict[str, str], truth: Truth) -> bool:
    places, years = truth.places(said["name"]) or 1, range(int(said["start"]), int(said["end"]) + 1)
    months: dict[int, list[Fraction]] = {}
    for day, value in truth.series(said["name"]):
        if day.year in years:
            months.setdefault(day.month, []).append(value)
    means = {month: sum(values, Fraction(0)) / len(values) for month, values in months.items()}
    high, low = MONTHS.index(said["high_month"]) + 1, MONTHS.index(said["low_month"]) + 1
    ends = means[high] == max(means.values()) and means[low] == min(means.values())
    return ends and (said["high"], said["low"]) == (shown(means[high], places), shown(means[low], places))


def _mean(said: dict[str, str], truth: Truth) -> bool:
    values = [value for _, value in truth.values(said["name"])]
    mean = shown(sum(values, Fraction(0)) / len(values), truth.places(said["name"]) or 1)
    return (said["count"], said["mean"]) == (f"{len(values):,}", mean)


def _entries(said: dict[str, str], truth: Truth) -> bool:
    ordered = sorted((value, truth.labels[row]) for row, value in truth.values(said["name"]))
    places = truth.places(said["name"])
    (low, low_name), (high, high_name) = ordered[0], ordered[-1]
    alone = ordered[1][0] > low and ordered[-2][0] < high
    texts = (said["high"], said["high_label"], said["low"], said["low_label"])
    return alone and texts == (shown(high, places), high_name, shown(low, places), low_name)


def _top(said: dict[str, str], truth: Truth) -> bool:
    places = truth.places(said["name"])
    ordered = sorted((value for _, value in truth.values(said["name"])), reverse=True)
    of = {truth.labels[row]: value for row, value in truth.values(said["name"])}
    told = [(said[key], said[f"label_{key}"]) for key in "abc"]
    right = [shown(value, places) for value in ordered[:3]] == [text for text, _ in told]
    return right and ordered[3] < ordered[2] and all(shown(of[label], places) == text for text, label in told)


def _range(said: dict[str, str], truth: Truth) -> bool:
    values, places = [value for _, value in truth.values(said["name"])], truth.places(said["name"])
    return (said["low"], said["high"]) == (shown(min(values), places), shown(max(values), places))


def _groups(said: dict[str, str], truth: Truth) -> bool:
    sums: dict[str, list[Fraction]] = {}
    for row, value in truth.values(said["name"]):
        sums.setdefault(truth.groups[row], []).append(value)
    means = {label: sum(values, Fraction(0)) / len(values) for label, values in sums.items() if len(values) > 2}
    places, high, low = truth.places(said["name"]) or 1, said["high_label"], said["low_label"]
    ends = means[high] == max(means.values()) and means[low] == min(means.values())
    return ends and (said["high"], said["low"]) == (shown(means[high], places), shown(means[low], places))


def _frequent(said: dict[str, str], truth: Truth) -> bool:
    counts = Counter(truth.groups)
    (first, second) = sorted(counts.values(), reverse=True)[:2]
    told = [(counts[said["a"]], said["n_a"], said["p_a"]), (counts[said["b"]], said["n_b"], said["p_b"])]
    shares = all((n, p) == (f"{c:,}", shown(Fraction(c * 100, truth.height), 1)) for c, n, p in told)
    return shares and [c for c, _, _ in told] == [first, second] and said["count"] == f"{truth.height:,}"


def _listed(said: dict[str, str], truth: Truth) -> bool:
    return said["rows"] == f"{truth.height:,}" and not truth.totals


def _listed_without_totals(said: dict[str, str], truth: Truth) -> bool:
    return said["rows"] == f"{truth.height:,}" and truth.totals


def _dated(said: dict[str, str], truth: Truth) -> bool:
    spans = [(truth.series(name)[0][0], truth.series(name)[-1][0]) for name in truth.measures if truth.series(name)]
    ends = [(truth.when(start), truth.when(end)) for start, end in spans]
    return _listed(said, truth) and (said["start"], said["end"]) in ends


def _regular(said: dict[str, str], truth: Truth) -> bool:
    days = sorted(truth.days)
    gapless = all(truth.follows(a, b) for a, b in pairwise(days))
    return _dated(said, truth) and gapless and said["step"] == truth.step


CHECKS: dict[str, Callable[[dict[str, str], Truth], bool]] = {
    "category_up": _rises,
    "category_down": _falls,
    "regular": _regular,
    "dated": _dated,
    "listed": _listed,
    "listed_without_totals": _listed_without_totals,
    "up": _rises,
    "down": _falls,
    "same": _same,
    "extremes": _extremes,
    "highest": _extremes,
    "lowest": _extremes,
    "rise": lambda said, truth: _step(said, truth, up=True),
    "fall": lambda said, truth: _step(said, truth, up=False),
    "decades": _decades,
    "season": _season,
    "mean": _mean,
    "mean_without_totals": _mean,
    "entries": _entries,
    "top": _top,
    "range": _range,
    "groups": _groups,
    "frequent": _frequent,
}
