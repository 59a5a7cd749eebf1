"""Reads PDF: lines with their place and size from PDFium, blocks from the layout."""

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from copydesk.domain.source import Document
from copydesk.errors import ReadError
from copydesk.readers.blocks import Collector, Enough, Limits
from copydesk.readers.made_up import author_of, title_of
from copydesk.readers.pdf_layout import add_lines
from copydesk.readers.pdf_lines import Line, LineReader
from copydesk.readers.pdf_objects import ObjectReader
from copydesk.readers.pdf_order import in_reading_order
from copydesk.readers.pdf_outline import read_outline

# A PDF date (ISO 32000-1, 7.9.4); its zone is left out, the day counts.
_DATE = re.compile(r"\s*(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?")
_LEAST = (0, 1, 1, 0, 0, 0)
_FIRST_YEAR = 1990  # before it there was no PDF
_PAGES_SHARE = 0.75  # of the time, for taking lines from pages; building blocks takes a fifth of that
_SAMPLE_PAGES = 40  # whose time tells what all pages will take
_BRIEF_SHARE = 0.6  # of the time; documents that would take more are read briefly
_PDFIUM_PASSWORD, _PDFIUM_SECURITY = 4, 5  # FPDF_ERR_*, fpdfview.h


def read_pdf(data: bytes, limits: Limits) -> Document:
    """Read a PDF's text layer: headings by size and weight, paragraphs rebuilt, hyphens undone.

    Running heads, feet and page numbers are left out where they repeat; text that nobody sees is left
    out and noted, but for what OCR put under a scan. Lines stand in reading order. Where time does
    not suffice, the first pages are read and the note says how many.

    Raises:
        ReadError: With `reason` `encrypted`, `damaged` or `empty` (a scan).
    """
    document = _open(data)
    collector = Collector(limits)
    pages = len(document)
    try:
        taken = _take(document, collector, limits.deadline - time.monotonic())
        title = title_of(document.get_metadata_value("Title"))
        author = author_of(document.get_metadata_value("Author"))
        published_at = _published(document)
        outline = read_outline(document)
    finally:
        document.close()
    if taken.broken:
        _report_broken(collector, taken.broken, pages)
    with collector.until_enough("pages"):
        add_lines(collector, taken.lines, outline)
    if taken.unseen and not taken.lines:
        msg = f"Nobody can see the PDF's text: it is {' or '.join(sorted(taken.unseen))}."
        raise ReadError(msg, reason="empty")
    for why in sorted(taken.unseen):
        collector.note(f"Text {why} was left out.")
    return collector.document(
        title=title,
        author=author,
        published_at=published_at,
        pages=pages,
        empty="The PDF has no text layer: it looks like a scan. Run it through text recognition (OCR) first.",
    )


@dataclass(kw_only=True)
class _Taken:
    """What was taken from a document's pages."""

    lines: list[Line] = field(default_factory=list)  # in reading order
    broken: int = 0  # pages that cannot be read
    unseen: set[str] = field(default_factory=set)  # why text was left out


def _take(document: Any, collector: Collector, seconds: float) -> _Taken:
    """The lines of all pages, or of the first ones where time is up."""
    taken = _Taken()
    objects = ObjectReader()
    number, pages, brief_from = 0, len(document), 0
    begun = time.monotonic()
    try:
        for number in range(1, pages + 1):
            collector.check_time(_PAGES_SHARE)
            if not brief_from and number > _SAMPLE_PAGES:
                needed = (time.monotonic() - begun) / (number - 1) * pages
                brief_from = number if needed > _BRIEF_SHARE * seconds else 0
            if not _take_page(document, number, objects, taken, brief=bool(brief_from)):
                taken.broken += 1
    except Enough as reached:
        collector.note(f"Only the first {number - 1:,} of {pages:,} pages were read: {reached}.")
    if brief_from:
        collector.note(f"It has many pages: from page {brief_from:,} on, bold headings and tables were not looked for.")
    return taken


def _report_broken(collector: Collector, broken: int, pages: int) -> None:
    if broken == pages:
        msg = "The PDF is damaged: none of its pages can be read."
        raise ReadError(msg, reason="damaged")
    collector.note(f"{broken} of {pages} pages are damaged and were left out.")


def _open(data: bytes) -> Any:
    import pypdfium2  # noqa: PLC0415 -- heavy; only the sandbox process reads

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in {_PDFIUM_PASSWORD, _PDFIUM_SECURITY}:
            msg = "The PDF is encrypted; upload it without a password."
            raise ReadError(msg, reason="encrypted") from error
        msg = "The PDF is damaged: it cannot be opened."
        raise ReadError(msg, reason="damaged") from error


def _published(document: Any) -> datetime | None:
    """When the PDF was made; its later changes count for nothing, programs set them on every copy."""
    found = _DATE.match(document.get_metadata_value("CreationDate"))
    if found is None:
        return None
    year, month, day, hour, minute, second = (
        int(part or least) for part, least in zip(found.groups(), _LEAST, strict=True)
    )
    try:
        date = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return date if year >= _FIRST_YEAR and date <= datetime.now(tz=UTC) else None


def _take_page(document: Any, number: int, objects: ObjectReader, taken: _Taken, *, brief: bool) -> bool:
    """Take the lines of a page; answer False for a page that is broken."""
    import pypdfium2  # noqa: PLC0415 -- see above

    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return False
    try:
        text_page = page.get_textpage()
        try:
            box = page.get_bbox()
            seen = objects.read(page, box)
            reader = LineReader(text_page, number=number, box=box, objects=seen, brief=brief)
            taken.lines.extend(in_reading_order(list(reader.lines())))
            taken.unseen.update(reader.unseen)
        finally:
            text_page.close()
    except pypdfium2.PdfiumError:
        return False
    finally:
        page.close()
    return True
