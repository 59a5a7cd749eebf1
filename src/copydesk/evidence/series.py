"""What a measure does over time: change, extremes, steps, decades, seasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from copydesk.evidence.columns import Column
from copydesk.evidence.phrases import Phrases
from copydesk.language.calendar import month_name

_MIN_POINTS = 3
_SEASON_YEARS = 2  # complete years that a statement on calendar months needs
_DECADE = 10
_DAYS_OF_YEAR = 360  # of a complete year of daily values; a few may be missing
_SEASON_OVER_DRIFT = 2  # how far months must differ, in the drift of a year, which alone makes December differ
_MANY_DECIMALS = 4  # more are rounded to `_FEW`
_FEW = 2
_TREND = Decimal("0.5")  # of the range; a change as large makes the mean of all rows say little


@dataclass(frozen=True, kw_only=True)
class Series:
    """A measure by time, oldest first, without missing values."""

    name: str
    unit: str
    decimals: int  # places to state
    step: str  # "year", "decade", "month" or "day"
    points: tuple[tuple[date, Decimal], ...]

    @property
    def regular(self) -> bool:
        """Whether the points follow each other without gaps."""
        return all(_follows(before, after, self.step) for (before, _), (after, _) in pairwise(self.points))


def read_series(axis: Column, measure: Column, rows: Sequence[int] | None = None) -> Series | None:
    """The measure by the dates of `axis`, over all rows or some; None where a date repeats or too few are there."""
    points = {}
    for row in rows if rows is not None else range(len(measure.numbers)):
        day, value = axis.dates[row], measure.numbers[row]
        if day is None or value is None:
            continue
        if day in points:
            return None
        points[day] = value
    if len(points) < _MIN_POINTS:
        return None
    return Series(
        name=measure.name,
        unit=measure.unit,
        decimals=stated_decimals(measure),
        step=_step(axis),
        points=tuple(sorted(points.items())),
    )


def stated_decimals(measure: Column) -> int:
    """The decimal places in which a measure's values are told."""
    return measure.decimals if measure.decimals <= _MANY_DECIMALS else _FEW


def _step(axis: Column) -> str:
    if axis.decades:
        return "decade"
    if axis.kind == "year":
        return "year"
    days = [day for day in axis.dates if day is not None]
    if axis.monthly:
        return "year" if all(day.month == 1 for day in days) else "month"
    return "day"


def _follows(before: date, after: date, step: str) -> bool:
    if step == "day":
        return (after - before).days == 1
    months = (after.year - before.year) * 12 + after.month - before.month
    return months == {"month": 1, "year": 12, "decade": 120}[step]


def span_statement(series: Series, table: str, rows: int, phrases: Phrases) -> str:
    """What a table covers."""
    if series.step == "decade":
        return phrases.say("listed", 0, table=table, rows=phrases.number(Decimal(rows), 0))
    key = "regular" if series.regular and rows == len(series.points) else "dated"
    return phrases.say(
        key,
        0,
        table=table,
        rows=phrases.number(Decimal(rows), 0),
        step=phrases.steps[series.step],
        start=phrases.point(series.points[0][0], series.step, inside=False),
        end=phrases.point(series.points[-1][0], series.step, inside=False),
    )


def series_statements(series: Series, phrases: Phrases, variant: int) -> Iterator[str]:
    """Sentences on one measure over time, the most telling first.

    First and last value are compared where the measure drifts, or where seasons and noise are averaged
    out (by year and longer); the mean of all values is told where it swings instead.
    """
    changes = drifts(series) or series.step in ("year", "decade")
    if changes:
        yield change_statement(series, phrases, variant)
    yield from _extremes(series, phrases, variant, ends_told=changes)
    yield from _decades(series, phrases)
    yield from _season(series, phrases)
    yield from _largest_rise(series, phrases, variant)
    if not drifts(series):
        yield _mean(series, phrases)


def drifts(series: Series) -> bool:
    """Whether first and last value lie apart by at least half of the whole range."""
    values = [value for _, value in series.points]
    return abs(values[-1] - values[0]) >= _TREND * (max(values) - min(values))


def change_statement(series: Series, phrases: Phrases, variant: int, *, label: str | None = None) -> str:
    """First and last value and the change between them, absolute and where it means something in percent."""
    (start, first), (end, last) = series.points[0], series.points[-1]
    change = last - first
    if series.step == "decade":
        variant = 0  # its points stand with their prepositions alone: "in the 1960s", "in den 1960er Jahren"
    key = "same" if change == 0 else "up" if change > 0 else "down"
    if label is not None:
        key = f"category_{'down' if change < 0 else 'up'}"
    share = percent_change(first, last, series)
    return phrases.say(
        key,
        variant,
        name=phrases.inside(series.name),
        label=label or "",
        first=_said(first, series, phrases),
        last=_said(last, series, phrases),
        start=phrases.point(start, series.step, inside=False),
        end=phrases.point(end, series.step, inside=False),
        when_first=phrases.point(start, series.step, inside=True),
        when_last=phrases.point(end, series.step, inside=True),
        change=_said(abs(change), series, phrases),
        percent=phrases.say_percent(share) if share is not None else "",
    )


def percent_change(first: Decimal, last: Decimal, series: Series) -> Decimal | None:
    """The change in percent of the first value; None for scales without a true zero, percentages and signs."""
    scale = f"{series.unit} {series.name}".lower()
    if first <= 0 or last <= 0 or any(word in scale for word in ("°", "temp", "anomal", "%", "percent", "index")):
        return None
    return abs(last - first) / first * 100


def _said(value: Decimal, series: Series, phrases: Phrases, *, extra: int = 0) -> str:
    return phrases.value(value, series.decimals + extra, series.unit)


def _extremes(series: Series, phrases: Phrases, variant: int, *, ends_told: bool) -> Iterator[str]:
    """Highest and lowest value with their dates; not those that tie, nor those just told as first or last."""
    values = [value for _, value in series.points]
    told = {values[0], values[-1]} if ends_told else set()
    high, low = max(values), min(values)
    tells_high, tells_low = (values.count(value) == 1 and value not in told for value in (high, low))
    if not tells_high and not tells_low:
        return
    days = {value: day for day, value in series.points}
    yield phrases.say(
        "extremes" if tells_high and tells_low else "highest" if tells_high else "lowest",
        variant,
        name=phrases.inside(series.name),
        high=_said(high, series, phrases),
        low=_said(low, series, phrases),
        when_high=phrases.point(days[high], series.step, inside=True),
        when_low=phrases.point(days[low], series.step, inside=True),
    )


def _largest_rise(series: Series, phrases: Phrases, variant: int) -> Iterator[str]:
    """The largest step between neighbouring years or decades; months and days only tell the season or noise."""
    if series.step not in ("year", "decade"):
        return
    steps = [
        (after[1] - before[1], after[0])
        for before, after in pairwise(series.points)
        if _follows(before[0], after[0], series.step)
    ]
    if not steps or max(steps)[0] <= 0:
        return
    change, day = max(steps, key=lambda step: (step[0], -step[1].toordinal()))
    yield phrases.say(
        "rise",
        variant,
        name=phrases.inside(series.name),
        step=phrases.steps[series.step],
        when=phrases.point(day, series.step, inside=True),
        point=phrases.point(day, series.step, inside=False),
        change=_said(change, series, phrases),
    )


def _decades(series: Series, phrases: Phrases) -> Iterator[str]:
    """The means of the first and last complete decade."""
    if series.step not in ("year", "month"):
        return
    full = _DECADE * (1 if series.step == "year" else 12)
    decades: dict[int, list[Decimal]] = {}
    for day, value in series.points:
        decades.setdefault(day.year // _DECADE * _DECADE, []).append(value)
    complete = [decade for decade, values in sorted(decades.items()) if len(values) == full]
    if len(complete) < 2:  # noqa: PLR2004 - two are compared
        return
    early, late = complete[0], complete[-1]
    yield phrases.say(
        "decades",
        0,
        name=phrases.inside(series.name),
        early=str(early),
        late=str(late),
        first=_said(mean(decades[early]), series, phrases, extra=0 if series.decimals else 1),
        last=_said(mean(decades[late]), series, phrases, extra=0 if series.decimals else 1),
    )


def _season(series: Series, phrases: Phrases) -> Iterator[str]:
    """The calendar months with the highest and lowest mean over complete years."""
    if series.step not in ("month", "day"):
        return
    needed = 12 if series.step == "month" else _DAYS_OF_YEAR
    counts: dict[int, int] = {}
    for day, _ in series.points:
        counts[day.year] = counts.get(day.year, 0) + 1
    years = [year for year, count in sorted(counts.items()) if count >= needed]
    if len(years) < _SEASON_YEARS or years != list(range(years[0], years[-1] + 1)):
        return
    months: dict[int, list[Decimal]] = {}
    for day, value in series.points:
        if years[0] <= day.year <= years[-1]:
            months.setdefault(day.month, []).append(value)
    means = {month: mean(values) for month, values in months.items()}
    high = max(means, key=lambda month: (means[month], -month))
    low = min(means, key=lambda month: (means[month], month))
    drift = abs(series.points[-1][1] - series.points[0][1]) / (series.points[-1][0].year - series.points[0][0].year)
    if means[high] - means[low] <= _SEASON_OVER_DRIFT * drift:
        return
    extra = 0 if series.decimals else 1
    yield phrases.say(
        "season",
        0,
        name=phrases.inside(series.name),
        start=str(years[0]),
        end=str(years[-1]),
        high_month=month_name(high, phrases.language),
        low_month=month_name(low, phrases.language),
        high=_said(means[high], series, phrases, extra=extra),
        low=_said(means[low], series, phrases, extra=extra),
    )


def _mean(series: Series, phrases: Phrases) -> str:
    values = [value for _, value in series.points]
    return phrases.say(
        "mean",
        0,
        name=phrases.inside(series.name),
        count=phrases.number(Decimal(len(values)), 0),
        mean=_said(mean(values), series, phrases, extra=0 if series.decimals else 1),
    )


def mean(values: Sequence[Decimal]) -> Decimal:
    """The arithmetic mean."""
    return sum(values, Decimal(0)) / len(values)
