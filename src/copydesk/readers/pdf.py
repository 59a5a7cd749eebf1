"""Reads PDF: lines with their place and size from PDFium, blocks from the layout."""

import ctypes
import re
from typing import Any

from copydesk.domain.source import Document
from copydesk.errors import ReadError
from copydesk.readers.blocks import Collector, Limits
from copydesk.readers.pdf_layout import Line, add_lines

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
# PDFium marks a hyphen at a line's end with U+FFFE or U+0002 instead of printing it.
_HYPHEN_MARKS = "\ufffe\x02\xad"
_GENERATED_TITLE = re.compile(
    r"untitled|microsoft word\b.*|.*\.(docx?|pdf|tex|odt|indd|dvi|qxd)$|\(?anonymous\)?", re.IGNORECASE
)
_GENERATED_AUTHOR = re.compile(r"\(?anonymous\)?|unspecified|unknown|author|user|admin(istrator)?", re.IGNORECASE)
_BOLD = 600  # font weight, as in CSS
_PDFIUM_FORMAT, _PDFIUM_PASSWORD, _PDFIUM_SECURITY = 3, 4, 5  # FPDF_ERR_*, fpdfview.h


def read_pdf(data: bytes, limits: Limits) -> Document:
    """Read a PDF's text layer: headings by size and weight, paragraphs rebuilt, hyphens undone.

    Running heads, feet and page numbers are left out where they repeat.

    Raises:
        ReadError: With `reason` `encrypted`, `damaged` or `empty` (a scan).
    """
    document = _open(data)
    collector = Collector(limits)
    lines: list[Line] = []
    pages = len(document)
    try:
        with collector.until_enough("pages"):
            for number in range(1, pages + 1):
                collector.check_time()
                lines.extend(_page_lines(document, number))
        title, author = _metadata(document)
    finally:
        document.close()
    with collector.until_enough("pages"):
        add_lines(collector, lines)
    return collector.document(
        title=title,
        author=author,
        pages=pages,
        empty="The PDF has no text layer: it looks like a scan. Run it through text recognition (OCR) first.",
    )


def _open(data: bytes) -> Any:
    import pypdfium2  # noqa: PLC0415 -- heavy; only the sandbox process reads

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in {_PDFIUM_PASSWORD, _PDFIUM_SECURITY}:
            msg = "The PDF is encrypted; upload it without a password."
            raise ReadError(msg, reason="encrypted") from error
        msg = "The PDF is damaged: it cannot be opened."
        raise ReadError(msg, reason="damaged") from error
    if len(document) == 0:
        document.close()
        msg = "The PDF is damaged: it has no pages."
        raise ReadError(msg, reason="damaged")
    return document


def _metadata(document: Any) -> tuple[str | None, str | None]:
    """Title and author, unless a program made them up."""
    title = document.get_metadata_value("Title").strip()
    author = document.get_metadata_value("Author").strip()
    return (
        None if not title or _GENERATED_TITLE.fullmatch(title) else title,
        None if not author or _GENERATED_AUTHOR.fullmatch(author) else author,
    )


def _page_lines(document: Any, number: int) -> list[Line]:
    """The lines of a page in the order of its content; a page that is broken has none."""
    import pypdfium2  # noqa: PLC0415 -- see above

    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return []
    try:
        text_page = page.get_textpage()
        try:
            return _lines(text_page, number, page.get_height())
        finally:
            text_page.close()
    except pypdfium2.PdfiumError:
        return []
    finally:
        page.close()


def _lines(text_page: Any, number: int, height: float) -> list[Line]:
    import pypdfium2.raw as pdfium  # noqa: PLC0415 -- see above

    text = text_page.get_text_range()
    # Positions in the UTF-16 text, which is what PDFium counts; beyond the BMP Python counts less.
    wide = not text.isascii() and max(text) > "\uffff"
    lines: list[Line] = []
    start = 0
    for found in _LINE.finditer(text):
        piece = found[1]
        length = len(piece.encode("utf-16-le")) // 2 if wide else len(piece)
        stripped = piece.strip()
        if stripped:
            first = start + len(piece) - len(piece.lstrip())
            last = start + length - 1 - (len(piece) - len(piece.rstrip()))
            lines.append(_line(pdfium, text_page, stripped, (first, last), number, height))
        start += length + len(found[2])
    return lines


def _line(pdfium: Any, text_page: Any, text: str, span: tuple[int, int], number: int, height: float) -> Line:
    first, last = (pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, index) for index in span)
    left, right = _box(pdfium, text_page, first), _box(pdfium, text_page, last)
    middle = (first + last) // 2
    weights = [pdfium.FPDFText_GetFontWeight(text_page, index) for index in (first, last)]
    return Line(
        text=text.rstrip(_HYPHEN_MARKS) + "-" if text[-1] in _HYPHEN_MARKS else text,
        page=number,
        left=left.left,
        right=right.right,
        top=height - left.top,
        bottom=height - left.bottom,
        size=round(left.top - left.bottom or pdfium.FPDFText_GetFontSize(text_page, middle), 1),
        bold=min(weights) >= _BOLD,
        page_height=height,
    )


def _box(pdfium: Any, text_page: Any, index: int) -> Any:
    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(box))
    return box
