"""What a measure does over time: first and last value, extremes, steps, decades, seasons."""

from decimal import Decimal
from typing import TYPE_CHECKING

from copydesk.domain.profile import Change, ColumnKind, Mean, Point, Season, Trend
from copydesk.readers.profile_columns import Cells

if TYPE_CHECKING:
    import polars as pl

_MIN_POINTS = 3
_SEASON_YEARS = 2  # complete years that a statement on calendar months needs
_DECADE = 10
_DAYS_OF_YEAR = 360  # of a complete year of daily values; a few may be missing
_MONTHS_OF_STEP = {"month": 1, "year": 12, "decade": 120}


def step_of(axis: Cells) -> str:
    """How far the dates of a column stand apart: "year", "decade", "month" or "day"."""
    if axis.kind is ColumnKind.YEAR:
        return "decade" if axis.decades else "year"
    days = axis.values.drop_nulls()
    if not (days.dt.day() == 1).all():
        return "day"
    return "year" if (days.dt.month() == 1).all() else "month"


def read_trend(points: "pl.DataFrame", *, step: str, measure: int | None, label: str = "") -> Trend | None:
    """A measure by time; None where a date repeats or too few are there.

    Args:
        points: Columns `day`, `value`, `row` (and `label`); rows without day or value are left out.
        step: How far the dates stand apart (see `step_of`).
        measure: Index of the measure's column in the profile.
        label: The category whose points they are.
    """
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    series = points.drop_nulls(["day", "value"]).sort("day", maintain_order=True)
    if series.height < _MIN_POINTS or series["day"].is_duplicated().any():
        return None
    series = series.with_columns(
        change=pl.col("value").diff(), follows=_follows(step).fill_null(value=False), before=pl.int_range(pl.len()) - 1
    )
    steps = series.filter("follows")
    low, high = (series.filter(pl.col("value") == getattr(pl.col("value"), end)()) for end in ("min", "max"))
    return Trend(
        measure=measure,
        label=label,
        step=step,
        regular=steps.height == series.height - 1,
        first=_point(series, 0),
        last=_point(series, series.height - 1),
        lowest=_point(low, 0),
        highest=_point(high, 0),
        lowest_ties=low.height,
        highest_ties=high.height,
        rises=steps.filter(pl.col("change") > 0).height,
        falls=steps.filter(pl.col("change") < 0).height,
        rise=_largest(series, steps.filter(pl.col("change") > 0), descending=True),
        fall=_largest(series, steps.filter(pl.col("change") < 0), descending=False),
        decades=_decades(series, step),
        season=_season(series, step),
        mean=mean_of(series["value"]),
    )


def mean_of(values: "pl.Series", label: str = "") -> Mean:
    """The mean of decimals, of which there is at least one; nulls are left out."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    total: Decimal = values.to_frame("value").select(pl.col("value").sum()).item()
    return Mean(total=total, count=values.count(), label=label)


def _follows(step: str) -> "pl.Expr":
    """Whether a point is the very next one after the point before."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    day = pl.col("day")
    if step == "day":
        return day.diff().dt.total_days() == 1
    return (day.dt.year().cast(pl.Int32) * 12 + day.dt.month()).diff() == _MONTHS_OF_STEP[step]


def _point(series: "pl.DataFrame", index: int) -> Point:
    row = series.row(index, named=True)
    return Point(value=row["value"], row=row["row"], day=row["day"], label=row.get("label") or "")


def _largest(series: "pl.DataFrame", steps: "pl.DataFrame", *, descending: bool) -> Change | None:
    if steps.is_empty():
        return None
    step = steps.sort("change", descending=descending, maintain_order=True)
    return Change(before=_point(series, step["before"][0]), after=_point(step, 0))


def _decades(series: "pl.DataFrame", step: str) -> tuple[Mean, ...]:
    """The means of the first and last complete decade, where there are two."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    if step not in ("year", "month"):
        return ()
    full = _DECADE * (1 if step == "year" else 12)
    decades = (
        series.lazy()
        .group_by(decade=pl.col("day").dt.year() // _DECADE * _DECADE)
        .agg(total=pl.col("value").sum(), count=pl.len())
        .filter(pl.col("count") == full)
        .sort("decade")
        .collect()
        .rows()
    )
    if len(decades) < 2:  # noqa: PLR2004 -- two are compared
        return ()
    ends = (decades[0], decades[-1])
    return tuple(Mean(label=str(decade), total=total, count=count) for decade, total, count in ends)


def _season(series: "pl.DataFrame", step: str) -> Season | None:
    """The calendar months with the highest and lowest mean over complete years without a gap."""
    import polars as pl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    if step not in ("month", "day"):
        return None
    needed = 12 if step == "month" else _DAYS_OF_YEAR
    dated = series.with_columns(year=pl.col("day").dt.year(), month=pl.col("day").dt.month())
    full = dated.group_by("year").len().filter(pl.col("len") >= needed)["year"].sort()
    years: list[int] = full.to_list()
    if len(years) < _SEASON_YEARS or years != list(range(years[0], years[-1] + 1)):
        return None
    months = (
        dated.lazy()
        .filter(pl.col("year").is_between(years[0], years[-1]))
        .group_by("month")
        .agg(total=pl.col("value").sum(), count=pl.len())
        .sort("month")
        .collect()
        .rows()
    )
    means = {month: Mean(total=total, count=count) for month, total, count in months}
    high = max(means, key=lambda month: (means[month].value, -month))
    low = min(means, key=lambda month: (means[month].value, month))
    return Season(
        first_year=years[0],
        last_year=years[-1],
        high_month=high,
        high=means[high],
        low_month=low,
        low=means[low],
    )
