"""Numbers as bars: plain SVG shapes, made on the server, with nothing in them that needs a script or a style."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 730.0, 120.0  # units of the drawing; the page stretches it
MOST_SERIES = 6  # colours that can be told apart; what comes after them is drawn together as the last
_GAP = 0.2  # of a day's width, between two bars


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One rectangle: what one series has on one day."""

    x: float
    y: float
    width: float
    height: float
    series: int  # from 0
    title: str  # shown when it is pointed at


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars a day, those of several series on top of each other."""

    bars: Sequence[Bar]
    most: float  # on one day: the height of the drawing
    total: float


def series_of(names: Sequence[str]) -> Mapping[str, int]:
    """Which colour a name gets."""
    return {name: min(number, MOST_SERIES - 1) for number, name in enumerate(names)}


def stack(
    days: Sequence[tuple[date, Mapping[str, float]]],
    *,
    series: Mapping[str, int],
    title: Callable[[date, str, float], str],
) -> Chart:
    """Draw what each series has on each day; nothing is drawn of what is 0."""
    most = max((sum(values.values()) for _, values in days), default=0.0)
    room = WIDTH / max(1, len(days))
    bars: list[Bar] = []
    for number, (day, values) in enumerate(days):
        top = HEIGHT
        for name in sorted(values, key=lambda one: series[one]):
            height = HEIGHT * values[name] / most if most else 0.0
            if not height:
                continue
            top -= height
            bars.append(
                Bar(
                    x=round(room * (number + _GAP / 2), 2),
                    y=round(top, 2),
                    width=round(room * (1 - _GAP), 2),
                    height=round(height, 2),
                    series=series[name],
                    title=title(day, name, values[name]),
                )
            )
    return Chart(bars=bars, most=most, total=sum(sum(values.values()) for _, values in days))
