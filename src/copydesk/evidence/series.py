"""What a measure does over time, said in sentences: change, extremes, steps, decades, seasons."""

from collections.abc import Iterator
from decimal import Decimal

from copydesk.domain.profile import Change, Mean, Point, Profile, Trend
from copydesk.evidence.columns import Measure
from copydesk.evidence.phrases import Phrases
from copydesk.language.calendar import month_name

_SEASON_OVER_DRIFT = 2  # how far months must differ, in the drift of a year, which alone makes December differ
_TREND = Decimal("0.5")  # of the range; a change as large makes the mean of all rows say little


def listed_statement(table: str, profile: Profile, phrases: Phrases) -> str:
    """How many rows a table has, those with totals aside."""
    key = "listed_without_totals" if profile.totals else "listed"
    return phrases.say(key, 0, table=table, rows=phrases.number(Decimal(profile.rows), 0))


def span_statement(trend: Trend, table: str, profile: Profile, phrases: Phrases) -> str:
    """What a table covers."""
    if trend.step == "decade" or profile.totals:
        return listed_statement(table, profile, phrases)
    return phrases.say(
        "regular" if trend.regular and profile.rows == trend.points else "dated",
        0,
        table=table,
        rows=phrases.number(Decimal(profile.rows), 0),
        step=phrases.steps[trend.step],
        start=_when(trend.first, trend, phrases),
        end=_when(trend.last, trend, phrases),
    )


def series_statements(trend: Trend, measure: Measure, variant: int, *, without_totals: bool) -> Iterator[str]:
    """Sentences on one measure over time, the most telling first.

    First and last value are compared where the measure drifts, or where seasons and noise are averaged
    out (by year and longer); the mean of all values is told where it swings instead.
    """
    changes = drifts(trend) or trend.step in ("year", "decade")
    if changes:
        yield change_statement(trend, measure, variant)
    yield from _extremes(trend, measure, variant, ends_told=changes)
    yield from _decades(trend, measure)
    yield from _season(trend, measure)
    yield from _largest_step(trend, measure, variant)
    if not drifts(trend):
        yield mean_statement(measure, trend.mean, without_totals=without_totals)


def drifts(trend: Trend) -> bool:
    """Whether first and last value lie apart by at least half of the whole range."""
    change = abs(trend.last.value - trend.first.value)
    return change >= _TREND * (trend.highest.value - trend.lowest.value)


def change_statement(trend: Trend, measure: Measure, variant: int) -> str:
    """First and last value and the change between them, absolute and where it means something in percent."""
    phrases = measure.phrases
    change = trend.last.value - trend.first.value
    if trend.step == "decade":
        variant = 0  # its points stand with their prepositions alone: "in the 1960s", "in den 1960er Jahren"
    key = "same" if change == 0 else "up" if change > 0 else "down"
    if trend.label:
        key = f"category_{key}"
    share = percent_change(trend, measure)
    return phrases.say(
        key,
        variant,
        name=measure.name,
        label=trend.label,
        first=measure.say(trend.first.value),
        last=measure.say(trend.last.value),
        start=_when(trend.first, trend, phrases),
        end=_when(trend.last, trend, phrases),
        when_first=_when(trend.first, trend, phrases, inside=True),
        when_last=_when(trend.last, trend, phrases, inside=True),
        change=measure.say(abs(change)),
        percent=phrases.say_percent(share) if share is not None else "",
    )


def percent_change(trend: Trend, measure: Measure) -> Decimal | None:
    """The change in percent of the first value; None for scales without a true zero, percentages and signs."""
    first, last = trend.first.value, trend.last.value
    scale = f"{measure.unit} {measure.name}".lower()
    if first <= 0 or last <= 0 or any(word in scale for word in ("°", "temp", "anomal", "%", "percent", "index")):
        return None
    return abs(last - first) / first * 100


def _when(point: Point, trend: Trend, phrases: Phrases, *, inside: bool = False) -> str:
    return "" if point.day is None else phrases.point(point.day, trend.step, inside=inside)


def _extremes(trend: Trend, measure: Measure, variant: int, *, ends_told: bool) -> Iterator[str]:
    """Highest and lowest value with their dates; not those that tie, nor those just told as first or last."""
    told = {trend.first.value, trend.last.value} if ends_told else set()
    tells_high = trend.highest_ties == 1 and trend.highest.value not in told
    tells_low = trend.lowest_ties == 1 and trend.lowest.value not in told
    if not tells_high and not tells_low:
        return
    yield measure.phrases.say(
        "extremes" if tells_high and tells_low else "highest" if tells_high else "lowest",
        variant,
        name=measure.name,
        high=measure.say(trend.highest.value),
        low=measure.say(trend.lowest.value),
        when_high=_when(trend.highest, trend, measure.phrases, inside=True),
        when_low=_when(trend.lowest, trend, measure.phrases, inside=True),
    )


def _largest_step(trend: Trend, measure: Measure, variant: int) -> Iterator[str]:
    """The largest change between neighbouring years or decades; months and days only tell the season or noise."""
    if trend.step not in ("year", "decade"):
        return
    steps: list[Change] = [step for step in (trend.rise, trend.fall) if step is not None]
    if not steps:
        return
    step = max(steps, key=lambda step: abs(step.amount))
    yield measure.phrases.say(
        "rise" if step.amount > 0 else "fall",
        variant,
        name=measure.name,
        step=measure.phrases.steps[trend.step],
        when=_when(step.after, trend, measure.phrases, inside=True),
        point=_when(step.after, trend, measure.phrases),
        change=measure.say(abs(step.amount)),
    )


def _decades(trend: Trend, measure: Measure) -> Iterator[str]:
    """The means of the first and last complete decade."""
    if not trend.decades:
        return
    early, late = trend.decades
    yield measure.phrases.say(
        "decades",
        0,
        name=measure.name,
        early=early.label,
        late=late.label,
        first=measure.say_mean(early),
        last=measure.say_mean(late),
    )


def _season(trend: Trend, measure: Measure) -> Iterator[str]:
    """The calendar months with the highest and lowest mean, where they differ by more than the series drifts."""
    season, first, last = trend.season, trend.first, trend.last
    if season is None or first.day is None or last.day is None:
        return
    drift = abs(last.value - first.value) / (last.day.year - first.day.year)
    if season.high.value - season.low.value <= _SEASON_OVER_DRIFT * drift:
        return
    language = measure.phrases.language
    yield measure.phrases.say(
        "season",
        0,
        name=measure.name,
        start=str(season.first_year),
        end=str(season.last_year),
        high_month=month_name(season.high_month, language),
        low_month=month_name(season.low_month, language),
        high=measure.say_mean(season.high),
        low=measure.say_mean(season.low),
    )


def mean_statement(measure: Measure, mean: Mean, *, without_totals: bool) -> str:
    """The mean of all rows that have a value, those with totals aside."""
    phrases = measure.phrases
    count = phrases.number(Decimal(mean.count), 0)
    key = "mean_without_totals" if without_totals else "mean"
    return phrases.say(key, 0, name=measure.name, count=count, mean=measure.say_mean(mean))
