"""The plain libraries' readings, called without a sandbox and without a structure: what one gets for nothing."""

import io
from collections import Counter
from datetime import date, datetime, time

import openpyxl
import pypdfium2
from charset_normalizer import from_bytes
from docx import Document
from docx.blkcntnr import BlockItemContainer
from docx.document import Document as Body
from docx.table import Table
from reference.words import Bag, cell, words


def pdf(data: bytes) -> Bag:
    """Every page by pypdfium2's `get_text_range`."""
    document = pypdfium2.PdfDocument(data)
    try:
        return words("\n".join(page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document))
    finally:
        document.close()


def docx(data: bytes) -> Bag:
    """Paragraphs and cells of tables by python-docx, in document order."""
    lines = list[str]()

    def walk(container: Body | BlockItemContainer) -> None:
        for item in container.iter_inner_content():
            if isinstance(item, Table):
                for row in item.rows:
                    for one in row.cells:
                        walk(one)
            else:
                lines.append(item.text)

    walk(Document(io.BytesIO(data)))
    return words("\n".join(lines))


def xlsx(data: bytes) -> Bag:
    """Every cell by openpyxl in read-only mode, its stated dimensions ignored."""
    bag: Bag = Counter()
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True):
            for value in row:
                if value is not None:
                    bag.update(cell(_value(value)))
    return bag


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).upper()
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def text(data: bytes) -> Bag:
    """UTF-8, or what charset-normalizer guesses."""
    try:
        return words(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return words(str(from_bytes(data).best() or ""))
