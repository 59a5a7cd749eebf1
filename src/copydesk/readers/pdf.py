"""Reads PDF: lines with their place and size from PDFium, blocks from the layout."""

import re
from typing import Any

from copydesk.domain.source import Document
from copydesk.errors import ReadError
from copydesk.readers.blocks import Collector, Limits
from copydesk.readers.pdf_layout import add_lines
from copydesk.readers.pdf_lines import Line, page_lines

_GENERATED_TITLE = re.compile(
    r"untitled|microsoft word\b.*|.*\.(docx?|pdf|tex|odt|indd|dvi|qxd)$|\(?anonymous\)?", re.IGNORECASE
)
_GENERATED_AUTHOR = re.compile(r"\(?anonymous\)?|unspecified|unknown|author|user|admin(istrator)?", re.IGNORECASE)
_PAGES_SHARE = 0.75  # of the time, for taking lines from pages; building blocks takes a fifth of that
_PDFIUM_PASSWORD, _PDFIUM_SECURITY = 4, 5  # FPDF_ERR_*, fpdfview.h


def read_pdf(data: bytes, limits: Limits) -> Document:
    """Read a PDF's text layer: headings by size and weight, paragraphs rebuilt, hyphens undone.

    Running heads, feet and page numbers are left out where they repeat.

    Raises:
        ReadError: With `reason` `encrypted`, `damaged` or `empty` (a scan).
    """
    document = _open(data)
    collector = Collector(limits)
    lines: list[Line] = []
    broken = 0
    pages = len(document)
    try:
        with collector.until_enough("pages"):
            for number in range(1, pages + 1):
                collector.check_time(_PAGES_SHARE)
                found = _page_lines(document, number)
                lines.extend(found or ())
                broken += found is None
        title, author = _metadata(document)
    finally:
        document.close()
    if broken:
        _report_broken(collector, broken, pages)
    with collector.until_enough("pages"):
        add_lines(collector, lines)
    return collector.document(
        title=title,
        author=author,
        pages=pages,
        empty="The PDF has no text layer: it looks like a scan. Run it through text recognition (OCR) first.",
    )


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


def _metadata(document: Any) -> tuple[str | None, str | None]:
    """Title and author, unless a program made them up."""
    title = document.get_metadata_value("Title").strip()
    author = document.get_metadata_value("Author").strip()
    return (
        None if not title or _GENERATED_TITLE.fullmatch(title) else title,
        None if not author or _GENERATED_AUTHOR.fullmatch(author) else author,
    )


def _page_lines(document: Any, number: int) -> list[Line] | None:
    """The lines of a page in the order of its content; None for a page that is broken."""
    import pypdfium2  # noqa: PLC0415 -- see above

    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return None
    try:
        text_page = page.get_textpage()
        try:
            return list(page_lines(text_page, number=number, height=page.get_height()))
        finally:
            text_page.close()
    except pypdfium2.PdfiumError:
        return None
    finally:
        page.close()
