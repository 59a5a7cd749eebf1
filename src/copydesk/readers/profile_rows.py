# ruff: noqa: RUF001 -- the minus sign as people write it, no look-alike by mistake
"""Which rows of a table are data: not its units, not its totals, not those that have too many cells."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copydesk.domain.profile import ColumnKind
from copydesk.domain.source import Block
from copydesk.readers.profile_columns import Cells
from copydesk.readers.profile_notation import MISSING

if TYPE_CHECKING:
    import polars as pl

_SHOWN = 100  # rows that show whether a column holds numbers
_UNIT_CHARACTERS = 16  # of a unit's cell, brackets included
_UNIT_WORDS = frozenset({"unit", "units", "einheit", "einheiten", "unité", "unités", "unidad", "unidades"})
_TOTAL = re.compile(
    r"(?:grand |sub|sub-| )?totals?|total (?:général|general)|totale?s?|totaal|sum(?:me)?|suma|zwischensumme"
    r"|gesamt(?:summe)?|insgesamt|ensemble|somme|sous-total|razem|всего|итого",
    re.IGNORECASE,
)
_SUBTOTAL = re.compile(r"sub-?totals?|zwischensumme|sous-total", re.IGNORECASE)
_AVERAGE = re.compile(
    r"averages?|avg\.?|means?|mittelwert|durchschnitt|mittel|moyenne|promedio|media|median|minimum|maximum|min\.?|max\.?",
    re.IGNORECASE,
)
_LIKE_TOTAL = "(?i)tot|sum|som|gesamt|ensemble|razem|всего|итого|av|m[eioa]"  # what any of these has in it
_TOTAL_OF = re.compile(r"(?:total|summe|gesamt|somme|suma)\b.+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of a table that could be data."""

    header: tuple[str, ...]
    units: tuple[str, ...]  # by column; empty texts where the table has no row of units
    cells: list[tuple[str, ...]]
    numbers: list[int]  # of each row, 1-based in its sheet or file
    ragged: tuple[int, ...]


def data_rows(block: Block) -> Rows:
    """The rows below a table's header: empty ones, units and rows longer than the header left out."""
    width = max(map(len, block.cells))
    header, *below = (row if len(row) == width else row + ("",) * (width - len(row)) for row in block.cells)
    named = next((index for index in range(width, 0, -1) if header[index - 1]), 0)
    rows = [(number, row) for number, row in zip(row_numbers(block)[1:], below, strict=True) if any(row)]
    ragged = [number for number, row in rows if any(row[named:])] if named < width else []
    if len(ragged) * 2 > len(rows):  # columns without a name, not rows that went wrong
        ragged = []
    wrong = frozenset(ragged)
    regular = [entry for entry in rows if entry[0] not in wrong] if wrong else rows
    units = ("",) * width
    if len(regular) > 1 and _holds_units(regular[0][1], [row for _, row in regular[1:]]):
        units = tuple(cell.strip().strip("()[]").strip() for cell in regular[0][1])
        regular = regular[1:]
    return Rows(
        header=header,
        units=units,
        cells=[row for _, row in regular],
        numbers=[number for number, _ in regular],
        ragged=tuple(ragged),
    )


def row_numbers(block: Block) -> Sequence[int]:
    """The row of each of a table's `cells`, 1-based in its sheet or file; in the table where it has no place."""
    first = block.first_row or 1
    return block.row_numbers or range(first, first + len(block.cells))


def _holds_units(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the first row says in what the columns are measured: short words over numbers, else nothing."""
    units = 0
    for index, cell in enumerate(row):
        text = cell.strip()
        if not text:
            continue
        numeric = _is_numeric([other[index] for other in below[:_SHOWN]])
        if numeric and len(text) <= _UNIT_CHARACTERS and text.lower() not in MISSING and _is_unit(text):
            units += 1
        elif text.lower().strip("()[]") not in _UNIT_WORDS:
            return False
    return units > 0


def _is_unit(text: str) -> bool:
    """Whether a text may be a unit: "mm", "(°C)", "1000 t", "[%]"; no number alone."""
    return re.search(r"[^\W\d_]|[%‰€$£¥°]", text) is not None and not re.match(r"[-+(]?[\d.,]+\)?$", text)


def _is_numeric(cells: Sequence[str]) -> bool:
    present = [cell for cell in cells if cell.strip().lower() not in MISSING]
    numbers = [cell for cell in present if re.match(r"[-+−(]?\s?[$€£¥]?\s?[\d.,]", cell)]
    return len(numbers) * 10 >= len(present) * 9 and bool(numbers)


def total_rows(columns: Sequence[Cells]) -> list[bool]:
    """For each row, whether it sums up others: it is called so and is the last or first, or its numbers say so.

    A category that is called "Total" and occurs again and again is one where its rows' numbers come to
    those of all others.
    """
    height = columns[0].values.len() if columns else 0
    marks = [False] * height
    texts = list(_naming_texts(columns))
    measures = [column.values for column in columns if column.kind is ColumnKind.NUMBER]
    if height < 3 or not measures:  # noqa: PLR2004 -- a total sums up two rows at least
        return marks
    if not any(column.str.contains(_LIKE_TOTAL).any() for column in texts):
        nameless = bool(texts) and all(column[-1] is None for column in texts)
        marks[-1] = nameless and _sums(measures, [height - 1], list(range(height - 1)))
        return marks
    labels = [_label(row) for row in zip(*texts, strict=True)]
    for row, label in enumerate(labels):
        marks[row] = bool(_SUBTOTAL.fullmatch(label))
    _mark_ends(marks, labels, measures)
    called = [row for row, label in enumerate(labels) if not marks[row] and _TOTAL.fullmatch(label)]
    if called and _sums(measures, called, [row for row in range(height) if not marks[row] and row not in set(called)]):
        for row in called:
            marks[row] = True
    return marks


def _naming_texts(columns: Sequence[Cells]) -> Iterator["pl.Series"]:
    """The texts that may say that a row is a total: of the first column of labels, and of the first of dates."""
    for kinds in ((ColumnKind.LABEL,), (ColumnKind.DATE, ColumnKind.YEAR)):
        column = next((column for column in columns if column.kind in kinds), None)
        if column is not None:
            yield column.texts


def _label(texts: Sequence[str | None]) -> str:
    """The text of a row that says that it is a total, else its first."""
    labels = [(text or "").strip(" :*.") for text in texts]
    called = (label for label in labels if _TOTAL.fullmatch(label) or _AVERAGE.fullmatch(label))
    return next(called, labels[0])


def _mark_ends(marks: list[bool], labels: Sequence[str], measures: Sequence["pl.Series"]) -> None:
    """Mark the rows at the end, and one at the start, that are called totals or are them."""
    last = len(labels) - 1
    while (
        last > 1 and (_TOTAL.fullmatch(labels[last]) or _AVERAGE.fullmatch(labels[last])) and _called_once(labels, last)
    ):
        marks[last] = True
        last -= 1
    above = [row for row in range(last) if not marks[row]]
    if last > 1 and not marks[last] and (not labels[last] or _TOTAL_OF.fullmatch(labels[last])):
        marks[last] = _sums(measures, [last], above)
    if _TOTAL.fullmatch(labels[0]) and _called_once(labels, 0):
        marks[0] = True


def _called_once(labels: Sequence[str], row: int) -> bool:
    return labels.count(labels[row]) == 1


def _sums(measures: Sequence["pl.Series"], totals: list[int], others: list[int]) -> bool:
    """Whether the numbers of some rows come to those of others in every measure that has both."""
    compared = 0
    for measure in measures:
        total, rest = measure.gather(totals).drop_nulls(), measure.gather(others).drop_nulls()
        if not total.len() or rest.len() < 2:  # noqa: PLR2004 -- one number is the sum of nothing but itself
            continue
        if total.sum() != rest.sum() or total.sum() == 0:
            return False
        compared += 1
    return compared > 0
