"""Text with delimiters: finds its dialect and takes it apart into rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from copydesk.errors import ReadError
from copydesk.readers.tables import Numbered, trim

MAX_LINE = 4 * 2**20  # characters; no table has longer lines, and csv holds a whole row in memory
_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 200
_SAMPLE_CHARACTERS = 200_000
_DECLARED = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)  # a line of Excel's own
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How cells are parted and quoted."""

    delimiter: str
    quote: str
    escape: str | None = None  # what stands before a quote inside of quotes, where they are not doubled


def read_rows(text: str) -> Iterator[Numbered]:
    """The rows of a text, each with its number, 1-based.

    Raises:
        ReadError: With `reason` `damaged` or `bomb`.
    """
    declared = _DECLARED.match(text)
    start = declared.end() if declared else 0
    sample = text[start : start + _SAMPLE_CHARACTERS]
    dialect = find_dialect(sample, delimiters=declared[1] if declared else _DELIMITERS)
    csv.field_size_limit(MAX_LINE)
    reader = _reader(_lines(text, start), dialect)
    try:
        for number, row in enumerate(reader, start=2 if declared else 1):
            yield number, trim(row)
    except csv.Error as error:
        msg = f"The file is damaged: it cannot be read as a CSV table ({error})."
        raise ReadError(msg, reason="damaged") from error


def find_dialect(sample: str, *, delimiters: str = _DELIMITERS) -> Dialect:
    """The delimiter under which most rows have the same number of fields, more than one; and its quotes."""
    quote, escape = _quotes(sample, delimiters)
    dialects = [Dialect(delimiter=delimiter, quote=quote, escape=escape) for delimiter in delimiters]
    return max(dialects, key=lambda dialect: _fit(sample, dialect))


def _quotes(sample: str, delimiters: str) -> tuple[str, str | None]:
    """The quotation mark, and what is put before it inside of quotes.

    Single quotes are taken for marks only where whole cells stand between them and none between double
    ones, because they are apostrophes everywhere else.
    """
    edge = rf"[{re.escape(delimiters)}\n]"
    cell = rf"(?:^|{edge}[ ]?)@[^@\n]*@(?=\s*(?:{edge}|\Z))"
    quoted = {mark: len(re.findall(cell.replace("@", mark), sample)) for mark in "\"'"}
    if quoted["'"] > 1 and not quoted['"']:
        return "'", None
    escaped = re.search(rf'\\"(?!\s*(?:{edge}|\Z))', sample) and not re.search(r'[^,;\t|\n]""', sample)
    return '"', "\\" if escaped else None


def _reader(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        skipinitialspace=dialect.delimiter != "\t",
    )


def _lines(text: str, start: int) -> Iterator[str]:
    """The lines of `text`, their ends made alike.

    `str.splitlines` would also cut at separators that stand inside of cells.
    """
    for found in _LINE.finditer(text, start):
        line = found[0]
        if len(line) > MAX_LINE:
            msg = f"One line of the file is {len(line) / 2**20:.0f} MiB long; tables have shorter ones."
            raise ReadError(msg, reason="bomb")
        if line:
            yield line.rstrip("\r\n") + "\n"


def _fit(sample: str, dialect: Dialect) -> tuple[float, int]:
    rows: Sequence[list[str]] = []
    try:
        rows = [row for row in islice(_reader(io.StringIO(sample, newline=None), dialect), _SAMPLE_ROWS) if row]
    except csv.Error:
        return 0.0, 0
    if not rows:
        return 0.0, 0
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    return (count / len(rows) if width > 1 else 0.0), width
