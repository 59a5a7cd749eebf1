"""What a measure is by label or category, said in sentences: extremes, top entries, groups, frequencies."""

from collections.abc import Iterator
from decimal import Decimal

from copydesk.domain.profile import ColumnKind, Spread, Trend
from copydesk.evidence.columns import Measure, Naming, is_label
from copydesk.evidence.series import change_statement, mean_statement

_MIN_REPEATS = 5  # rows for each text of a column, on the average, so that counting them says something

Said = tuple[str, tuple[int, ...]]  # a sentence, and the columns beside its measure that it was made from


def spread_statements(naming: Naming, index: int, variant: int) -> Iterator[Said]:
    """Sentences on one measure of a table that is no time series."""
    spread = naming.profile.columns[index].spread
    if spread is None:
        return
    measure = naming.measure(index)
    if naming.profile.names is not None and _are_labels(spread):
        yield _entries(spread, measure, variant), (naming.profile.names,)
        yield from ((sentence, (naming.profile.names,)) for sentence in _top(spread, measure))
    else:
        yield from _groups(naming, spread, measure)
        yield _range(spread, measure), ()
        if naming.profile.names is not None:
            yield from ((sentence, (naming.profile.names,)) for sentence in _top(spread, measure))
    yield mean_statement(measure, spread.mean, without_totals=bool(naming.profile.totals)), ()
    if variant == 0:
        yield from frequency_statements(naming)[:1]


def category_statements(trends: tuple[Trend, ...], measure: Measure, variant: int) -> Iterator[str]:
    """How a measure changed in each of the categories that are followed over time."""
    for trend in trends:
        if is_label(trend.label) and trend.first.value != trend.last.value:
            yield change_statement(trend, measure, variant)


def entry_statements(naming: Naming, index: int, measure: Measure) -> Iterator[str]:
    """The highest and lowest entry of a measure, where each row has a name."""
    spread = naming.profile.columns[index].spread
    if spread is not None and naming.profile.names is not None and _are_labels(spread):
        yield _entries(spread, measure, 0)


def _are_labels(spread: Spread) -> bool:
    """Whether one row alone is highest and one lowest, and both can be named."""
    alone = spread.highest_ties == spread.lowest_ties == 1
    return alone and is_label(spread.highest.label) and is_label(spread.lowest.label)


def _entries(spread: Spread, measure: Measure, variant: int) -> str:
    return measure.phrases.say(
        "entries",
        variant,
        name=measure.name,
        high=measure.say(spread.highest.value),
        high_label=spread.highest.label,
        low=measure.say(spread.lowest.value),
        low_label=spread.lowest.label,
    )


def _top(spread: Spread, measure: Measure) -> Iterator[str]:
    if not spread.top or not all(is_label(point.label) for point in spread.top):
        return
    a, b, c = spread.top
    yield measure.phrases.say(
        "top",
        0,
        name=measure.name,
        a=measure.say(a.value),
        b=measure.say(b.value),
        c=measure.say(c.value),
        label_a=a.label,
        label_b=b.label,
        label_c=c.label,
    )


def _groups(naming: Naming, spread: Spread, measure: Measure) -> Iterator[Said]:
    groups = spread.groups
    if groups is None or groups.column not in naming.tellable(ColumnKind.LABEL):
        return
    if groups.high.value == groups.low.value or not (is_label(groups.high.label) and is_label(groups.low.label)):
        return
    sentence = measure.phrases.say(
        "groups",
        0,
        name=measure.name,
        column=measure.phrases.inside(naming.name(groups.column)),
        high=measure.say_mean(groups.high),
        high_label=groups.high.label,
        low=measure.say_mean(groups.low),
        low_label=groups.low.label,
    )
    yield sentence, (groups.column,)


def _range(spread: Spread, measure: Measure) -> str:
    low, high = measure.say(spread.lowest.value), measure.say(spread.highest.value)
    return measure.phrases.say("range", 0, name=measure.name, low=low, high=high)


def frequency_statements(naming: Naming) -> list[Said]:
    """How often the two most frequent texts of a column occur, for the columns whose texts repeat."""
    statements: list[Said] = []
    phrases = naming.phrases
    for index in naming.tellable(ColumnKind.LABEL):
        column = naming.profile.columns[index]
        if len(column.top) < 2 or column.distinct * _MIN_REPEATS > column.present:  # noqa: PLR2004 -- two are told
            continue
        a, b = column.top[:2]
        if b.rows * 100 < column.present or not (is_label(a.label) and is_label(b.label)):
            continue  # nearly all rows are alike
        sentence = phrases.say(
            "frequent",
            0,
            column=naming.name(index),
            count=phrases.number(Decimal(column.present), 0),
            a=a.label,
            b=b.label,
            n_a=phrases.number(Decimal(a.rows), 0),
            n_b=phrases.number(Decimal(b.rows), 0),
            p_a=phrases.number(Decimal(a.rows) * 100 / column.present, 1),
            p_b=phrases.number(Decimal(b.rows) * 100 / column.present, 1),
        )
        statements.append((sentence, (index,)))
    return statements
