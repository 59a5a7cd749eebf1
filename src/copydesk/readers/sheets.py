"""Reads XLSX and CSV into tables."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice

from copydesk.domain.source import Document
from copydesk.errors import ReadError
from copydesk.readers.blocks import Collector, Limits
from copydesk.readers.package import vet_package
from copydesk.readers.tables import Row, add_grid, grids, trim
from copydesk.readers.text import decode

_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 200
_SAMPLE_CHARACTERS = 200_000
MAX_LINE = 4 * 2**20  # characters; no table has longer lines, and csv holds a whole row in memory
_EXCEL_ERRORS = {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"}
_EXCEL_DIGITS = 15  # significant digits of a number in Excel
_EMPTY = "The file holds no cells with text or numbers."


def read_xlsx(data: bytes, limits: Limits) -> Document:
    """Read a workbook: one table per contiguous range, each with its sheet and first row.

    Formulas are read as their stored results, dates as ISO dates, numbers without formatting,
    error values as empty cells.

    Raises:
        ReadError: With `reason` `encrypted`, `damaged`, `bomb` or `empty`.
    """
    import openpyxl  # noqa: PLC0415 -- heavy; only the sandbox process reads

    package = vet_package(data, limits)
    collector = Collector(limits)
    workbook = openpyxl.load_workbook(io.BytesIO(package), read_only=True, data_only=True, keep_links=False)
    try:
        with collector.until_enough("rows"):
            for sheet in workbook.worksheets:
                sheet.reset_dimensions()  # the file may state any size; the rows say what there is
                for grid in grids(_sheet_rows(collector, sheet.iter_rows(values_only=True))):
                    add_grid(collector, grid, sheet=sheet.title)
        properties = workbook.properties
        return collector.document(
            title=properties.title,
            author=None if properties.creator == "openpyxl" else properties.creator,
            sheets=len(workbook.worksheets),
            rows=collector.data_rows,
            empty=_EMPTY,
        )
    finally:
        workbook.close()


def read_csv(data: bytes, limits: Limits) -> Document:
    """Read a table of text; encoding, delimiter and header row are detected.

    Rows are counted as a spreadsheet counts them: a quoted line break does not begin a new one.

    Raises:
        ReadError: With `reason` `damaged`, `bomb` or `empty`.
    """
    text = decode(data)
    collector = Collector(limits)
    declared = re.match(r"sep=(.)\r?\n", text)  # a line of Excel's own
    skip = declared.end() if declared else 0
    delimiter = declared[1] if declared else _delimiter(text[:_SAMPLE_CHARACTERS])
    csv.field_size_limit(MAX_LINE)
    reader = csv.reader(_lines(text, skip), delimiter=delimiter, skipinitialspace=delimiter != "\t")
    try:
        with collector.until_enough("rows"):
            for grid in grids(_csv_rows(collector, reader, blank=1 if declared else 0)):
                add_grid(collector, grid, sheet=None)
    except csv.Error as error:
        msg = f"The file is damaged: it cannot be read as a CSV table ({error})."
        raise ReadError(msg, reason="damaged") from error
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


def _sheet_rows(collector: Collector, rows: Iterator[tuple[object, ...]]) -> Iterator[Row]:
    for values in rows:
        row = trim([cell_text(value) for value in values])
        if not collector.fits(row):
            return
        yield row


def _csv_rows(collector: Collector, reader: Iterator[list[str]], *, blank: int) -> Iterator[Row]:
    yield from ((),) * blank
    for values in reader:
        row = trim(values)
        if not collector.fits(row):
            return
        yield row


def _lines(text: str, start: int) -> Iterator[str]:
    """The lines of `text`, their ends made alike.

    `str.splitlines` would also cut at separators that stand inside of cells.
    """
    for found in re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)").finditer(text, start):
        line = found[0]
        if len(line) > MAX_LINE:
            msg = f"One line of the file is {len(line) / 2**20:.0f} MiB long; tables have shorter ones."
            raise ReadError(msg, reason="bomb")
        if line:
            yield line.rstrip("\r\n") + "\n"


def _delimiter(sample: str) -> str:
    """The delimiter under which most rows have the same number of fields, more than one."""
    return max(_DELIMITERS, key=lambda delimiter: _fit(sample, delimiter))


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    rows: Sequence[list[str]] = []
    try:
        rows = [
            row
            for row in islice(csv.reader(io.StringIO(sample, newline=None), delimiter=delimiter), _SAMPLE_ROWS)
            if row
        ]
    except csv.Error:
        return 0.0, 0
    if not rows:
        return 0.0, 0
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    return (count / len(rows) if width > 1 else 0.0), width
