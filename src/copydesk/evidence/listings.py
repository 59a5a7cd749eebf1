"""What a measure is by label or category: extremes, top entries, groups, frequencies."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from copydesk.evidence.columns import MISSING, Column, ColumnKind
from copydesk.evidence.noise import addresses_machines
from copydesk.evidence.phrases import Phrases
from copydesk.evidence.series import change_statement, mean, read_series, stated_decimals

_MAX_GROUPS = 20
_MIN_IN_GROUP = 3  # rows; the mean of fewer says little
_MIN_REPEATS = 5  # rows for each text of a column, on the average, so that counting them says something
_MAX_LABEL = 50  # characters; longer labels are text
_MAX_SERIES = 6  # categories whose change over time is told
_TOP = 3


def listing_statements(
    columns: Sequence[Column], measure: Column, axis: Column | None, phrases: Phrases, variant: int
) -> Iterator[str]:
    """Sentences on one measure of a table that is no single time series."""
    groups = _grouping(columns)
    if axis is not None and groups is not None:
        told = list(_by_category(groups, axis, measure, phrases, variant))
        if told:
            yield from told
            return
    labels = _row_labels(columns)
    if labels is not None:
        yield from _entries(labels, measure, phrases, variant)
        yield from _top(labels, measure, phrases)
    elif groups is not None:
        yield from _groups(groups, measure, phrases)
        yield from _range(measure, phrases)
    else:
        yield from _range(measure, phrases)
    yield from _mean(measure, phrases)
    if variant == 0:
        yield from frequency_statements(columns, phrases)[:1]


def _speakable(label: str) -> bool:
    return label.lower() not in MISSING and len(label) <= _MAX_LABEL and not addresses_machines(label)


def _row_labels(columns: Sequence[Column]) -> Column | None:
    """The first column whose texts name the rows: all present and distinct."""
    for column in columns:
        if column.kind is ColumnKind.LABEL:
            labels = column.labels
            if len(set(labels)) == len(labels) and all(_speakable(label) for label in labels):
                return column
    return None


def _grouping(columns: Sequence[Column]) -> Column | None:
    """The first column with few texts that repeat."""
    for column in columns:
        if column.kind is ColumnKind.LABEL:
            counts = Counter(label for label in column.labels if _speakable(label))
            if 2 <= len(counts) <= _MAX_GROUPS and min(counts.values()) >= _MIN_IN_GROUP:  # noqa: PLR2004 - one is no grouping
                return column
    return None


def _said(value: Decimal, measure: Column, phrases: Phrases, *, computed: bool = False) -> str:
    decimals = stated_decimals(measure)
    return phrases.value(value, decimals or 1 if computed else decimals, measure.unit)


def _by_category(groups: Column, axis: Column, measure: Column, phrases: Phrases, variant: int) -> Iterator[str]:
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(groups.labels):
        if _speakable(label):
            rows.setdefault(label, []).append(row)
    for label, members in list(rows.items())[:_MAX_SERIES]:
        series = read_series(axis, measure, members)
        if series is None:
            return
        if series.points[0][1] != series.points[-1][1]:
            yield change_statement(series, phrases, variant, label=label)


def _present(column: Column, measure: Column) -> list[tuple[str, Decimal]]:
    pairs = zip(column.labels, measure.numbers, strict=True)
    return [(label, value) for label, value in pairs if value is not None and _speakable(label)]


def _entries(labels: Column, measure: Column, phrases: Phrases, variant: int) -> Iterator[str]:
    entries = _present(labels, measure)
    values = [value for _, value in entries]
    highest, lowest = max(values), min(values)
    if values.count(highest) > 1 or values.count(lowest) > 1:
        yield from _range(measure, phrases)
        return
    yield phrases.say(
        "entries",
        variant,
        name=phrases.inside(measure.name),
        high=_said(highest, measure, phrases),
        high_label=entries[values.index(highest)][0],
        low=_said(lowest, measure, phrases),
        low_label=entries[values.index(lowest)][0],
    )


def _top(labels: Column, measure: Column, phrases: Phrases) -> Iterator[str]:
    entries = sorted(_present(labels, measure), key=lambda entry: -entry[1])
    if len(entries) <= 2 * _TOP or entries[_TOP - 1][1] == entries[_TOP][1]:
        return
    (label_a, a), (label_b, b), (label_c, c) = entries[:_TOP]
    yield phrases.say(
        "top",
        0,
        name=phrases.inside(measure.name),
        a=_said(a, measure, phrases),
        b=_said(b, measure, phrases),
        c=_said(c, measure, phrases),
        label_a=label_a,
        label_b=label_b,
        label_c=label_c,
    )


def _groups(groups: Column, measure: Column, phrases: Phrases) -> Iterator[str]:
    values: dict[str, list[Decimal]] = {}
    for label, value in _present(groups, measure):
        values.setdefault(label, []).append(value)
    means = {label: mean(numbers) for label, numbers in values.items() if len(numbers) >= _MIN_IN_GROUP}
    if len(means) < 2:  # noqa: PLR2004 - two are compared
        return
    high, low = max(means, key=lambda label: means[label]), min(means, key=lambda label: means[label])
    yield phrases.say(
        "groups",
        0,
        name=phrases.inside(measure.name),
        column=phrases.inside(groups.name),
        high=_said(means[high], measure, phrases, computed=True),
        high_label=high,
        low=_said(means[low], measure, phrases, computed=True),
        low_label=low,
    )


def frequency_statements(columns: Sequence[Column], phrases: Phrases) -> list[str]:
    """How often the two most frequent texts of a column occur, for the columns whose texts repeat."""
    statements = []
    for column in columns:
        counts = Counter(label for label in column.labels if _speakable(label))
        total = sum(counts.values())
        if column.kind is not ColumnKind.LABEL or len(counts) < 2 or len(counts) * _MIN_REPEATS > total:  # noqa: PLR2004 - two are told
            continue
        (a, n_a), (b, n_b) = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:2]
        if n_b * 100 < total:
            continue  # nearly all rows are alike
        statements.append(
            phrases.say(
                "frequent",
                0,
                column=column.name,
                count=phrases.number(Decimal(total), 0),
                a=a,
                b=b,
                n_a=phrases.number(Decimal(n_a), 0),
                n_b=phrases.number(Decimal(n_b), 0),
                p_a=phrases.number(Decimal(n_a) * 100 / total, 1),
                p_b=phrases.number(Decimal(n_b) * 100 / total, 1),
            )
        )
    return statements


def _range(measure: Column, phrases: Phrases) -> Iterator[str]:
    values = [value for value in measure.numbers if value is not None]
    yield phrases.say(
        "range",
        0,
        name=phrases.inside(measure.name),
        low=_said(min(values), measure, phrases),
        high=_said(max(values), measure, phrases),
    )


def _mean(measure: Column, phrases: Phrases) -> Iterator[str]:
    values = [value for value in measure.numbers if value is not None]
    yield phrases.say(
        "mean",
        0,
        name=phrases.inside(measure.name),
        count=phrases.number(Decimal(len(values)), 0),
        mean=_said(mean(values), measure, phrases, computed=True),
    )
