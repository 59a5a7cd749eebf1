"""Reads XLSX and CSV into tables."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from copydesk.domain.source import Document
from copydesk.readers.blocks import Collector, Limits
from copydesk.readers.delimited import read_rows
from copydesk.readers.package import vet_package
from copydesk.readers.sheet_layout import Layout, Merging, read_layout
from copydesk.readers.tables import Numbered, TableReader, grids, is_value, trim
from copydesk.readers.text import decode

_EXCEL_ERRORS = {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"}
_EXCEL_DIGITS = 15  # significant digits of a number in Excel
_EMPTY = "The file holds no cells with text or numbers."
# A number stored as text that means one thing with a decimal point and another with a decimal comma.
_TWO_READINGS = re.compile(r"[^\d]{0,4}[1-9]\d{0,2}[.,]\d{3}[^\d]{0,4}")
_LONGEST_NUMBER = 16  # characters of such a text


def read_xlsx(data: bytes, limits: Limits) -> Document:
    """Read a workbook as a reader sees it: one table per contiguous range, each with its sheet and first row.

    Formulas are read as their stored results, dates as ISO dates, numbers without formatting, error
    values as empty cells. A text in merged cells stands in each of them. Hidden sheets, rows and columns
    are left out, and a note says so.

    Raises:
        ReadError: With `reason` `encrypted`, `damaged`, `bomb` or `empty`.
    """
    import openpyxl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    package = vet_package(data, limits)
    collector = Collector(limits)
    workbook = openpyxl.load_workbook(io.BytesIO(package), read_only=True, data_only=True, keep_links=False)
    notes: list[str] = []
    try:
        with collector.until_enough("rows"), zipfile.ZipFile(io.BytesIO(package)) as parts:
            for sheet in workbook.worksheets:
                if sheet.sheet_state == "visible":
                    notes.extend(_read_sheet(collector, sheet, parts))
        hidden = [sheet.title for sheet in workbook.worksheets if sheet.sheet_state != "visible"]
        properties = workbook.properties
        document = collector.document(
            title=properties.title,
            author=None if properties.creator == "openpyxl" else properties.creator,
            sheets=len(workbook.worksheets),
            rows=collector.data_rows,
            empty=_EMPTY,
        )
    finally:
        workbook.close()
    return replace(document, notes=(*document.notes, *_hidden_sheets(hidden), *notes))


def read_csv(data: bytes, limits: Limits) -> Document:
    """Read a table of text; encoding, delimiter, quotes and header row are detected.

    Rows are counted as a spreadsheet counts them: a quoted line break does not begin a new one. Cells
    keep the notation of their numbers and dates.

    Raises:
        ReadError: With `reason` `damaged`, `bomb` or `empty`.
    """
    collector = Collector(limits)
    rows = read_rows(decode(data))
    tables = TableReader(collector, sheet=None, located=False)
    with collector.until_enough("rows"):
        for grid in grids(_fitting(collector, rows)):
            tables.add(grid, typed=False)
    return collector.document(rows=collector.data_rows, empty=_EMPTY)


def cell_text(value: object) -> str:
    """The text of a cell's value: ISO dates and times, plain numbers, TRUE and FALSE."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float():
            return _number(value)
        case date() | time():
            return _date(value)
        case str() if value in _EXCEL_ERRORS:
            return ""
        case _:
            return str(value)


def _number(value: float) -> str:
    shortest = f"{value:.{_EXCEL_DIGITS}g}"
    return f"{Decimal(shortest):f}" if "e" in shortest else shortest


def _date(value: date | time) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="seconds")


def _read_sheet(collector: Collector, sheet: Any, parts: zipfile.ZipFile) -> Iterator[str]:
    """Read one sheet, which is openpyxl's `ReadOnlyWorksheet`; answer what was left out of it."""
    sheet.reset_dimensions()  # the file may state any size; the rows say what there is
    layout = read_layout(parts, sheet._worksheet_path, collector.check_time)  # noqa: SLF001 -- else workbook.xml is parsed twice
    ambiguous: list[int] = []
    rows = _sheet_rows(sheet.iter_rows(values_only=True), layout, ambiguous)
    tables = TableReader(collector, sheet=sheet.title, located=not layout.hidden_columns)
    for grid in grids(_fitting(collector, rows)):
        spoiled = [row for row in ambiguous if grid.numbers[0] <= row <= grid.numbers[-1]]
        tables.add(grid, typed=not spoiled)
        ambiguous[:] = [row for row in ambiguous if row > grid.numbers[-1]]
    if layout.hidden_rows or layout.hidden_columns:
        yield f"Hidden rows and columns of the sheet “{sheet.title}” were left out."


def _sheet_rows(rows: Iterable[tuple[object, ...]], layout: Layout, ambiguous: list[int]) -> Iterator[Numbered]:
    """The visible rows, merged cells filled; `ambiguous` takes the rows with numbers that are stored as text."""
    merging = Merging(layout.merged) if layout.merged else None
    hidden = sorted((column - 1 for column in layout.hidden_columns), reverse=True)
    for number, values in enumerate(rows, start=1):
        cells = [cell_text(value) for value in values]
        if any(isinstance(value, str) and _has_two_readings(value) for value in values):
            ambiguous.append(number)
        if merging is not None:
            cells = merging.fill(number, cells, _is_name)
        for column in hidden:
            del cells[column : column + 1]
        if number not in layout.hidden_rows:
            yield number, trim(cells)


def _has_two_readings(text: str) -> bool:
    return len(text) <= _LONGEST_NUMBER and _TWO_READINGS.fullmatch(text) is not None


def _is_name(text: str) -> bool:
    return not is_value(text) or re.fullmatch(r"\d{4}", text) is not None


def _fitting(collector: Collector, rows: Iterable[Numbered]) -> Iterator[Numbered]:
    """The rows as far as there are room and time for them."""
    for number, row in rows:
        if not collector.fits(row):
            return
        yield number, row


def _hidden_sheets(names: list[str]) -> Iterator[str]:
    if len(names) == 1:
        yield f"The hidden sheet “{names[0]}” was left out."
    elif names:
        yield f"{len(names)} hidden sheets were left out."
