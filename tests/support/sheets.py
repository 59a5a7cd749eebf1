"""Makes workbooks with merged and hidden parts, and reads tables as the reader process does."""

import io
from collections.abc import Callable, Sequence

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from support.documents import limits

from copydesk.domain.profile import Profile
from copydesk.domain.source import Document, Source, SourceKind
from copydesk.evidence.figures import state_figures
from copydesk.readers.profile import with_profiles
from copydesk.readers.sheets import read_csv, read_xlsx


def workbook_of(
    rows: Sequence[Sequence[object]], *changes: Callable[[Worksheet], object], sheet: str = "Data"
) -> bytes:
    """A workbook of one sheet, changed by each of the functions."""
    workbook = openpyxl.Workbook()
    first = workbook.worksheets[0]
    first.title = sheet
    for row in rows:
        first.append(list(row))
    for change in changes:
        change(first)
    target = io.BytesIO()
    workbook.save(target)
    workbook.close()
    return target.getvalue()


def profiled_xlsx(data: bytes) -> Document:
    """A workbook as the reader process hands it in."""
    return with_profiles(read_xlsx(data, limits(text_bytes=20 * 2**20)), limits())


def profiled_csv(text: str | bytes) -> Document:
    """A CSV file as the reader process hands it in."""
    data = text.encode() if isinstance(text, str) else text
    return with_profiles(read_csv(data, limits(text_bytes=20 * 2**20)), limits())


def profile_of(document: Document, number: int = 0) -> Profile:
    """The profile of a document's table."""
    profiles = [block.profile for block in document.blocks if block.profile is not None]
    return profiles[number]


def said_of(document: Document, language: str = "en", *, title: str = "figures.csv") -> list[str]:
    """All sentences on a document's tables."""
    source = Source(source_id="source", position=0, kind=SourceKind.FILE, title=title)
    passages = state_figures(document, source, language=language)
    return [sentence for passage in passages for sentence in passage.sentences]
