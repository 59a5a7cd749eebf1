"""Make the sample files in `samples/` from the texts and data in `samples/sources/`.

Usage: `python scripts/make_samples.py [FOLDER]` (default: `samples/`). It needs no network, and the same sources
give the same files: every date that a format stores is fixed.
"""

import csv
import io
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
SOURCES = SAMPLES / "sources"
AUTHOR = "The Copydesk authors"
STAMP = datetime(2026, 1, 1, tzinfo=UTC)  # stands in every file instead of the day it was made
CSV_FROM = "1990"  # the CSV holds the months from this year on, so that it stays a few hundred rows
YEARS = range(1959, 2020)  # the complete calendar years of the record
FULL_DECADE = 10


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One block of a source text."""

    kind: str  # "heading", "paragraph", "item" or "table"
    level: int = 0  # of a heading
    parts: tuple[str, ...] = ()  # its text, cut where a footnote is called
    notes: tuple[str, ...] = ()  # the footnotes, one between two parts
    rows: tuple[tuple[str, ...], ...] = ()  # of a table: the header first

    @property
    def text(self) -> str:
        """The text without its footnotes."""
        return "".join(self.parts)


@dataclass(frozen=True, kw_only=True)
class Month:
    """One monthly mean of carbon dioxide at Mauna Loa, in ppm."""

    first_day: date
    mean: Decimal
    adjusted: Decimal  # without the seasonal cycle


@dataclass(frozen=True, kw_only=True)
class Year:
    """One calendar year of carbon dioxide (ppm) and temperature (degrees Celsius from the mean of 1951-1980)."""

    year: int
    mean: Decimal  # of the seasonally adjusted months, so that a missing month does not shift it
    highest: Month
    anomaly: Decimal


def parse(markdown: str) -> tuple[Piece, ...]:
    """Read the Markdown subset of the source texts: headings, paragraphs, flat lists, tables, footnotes."""
    tokens = MarkdownIt("commonmark").enable("table").use(footnote_plugin).parse(markdown)
    end = next((i for i, token in enumerate(tokens) if token.type == "footnote_block_open"), len(tokens))
    notes = tuple(token.content for token in tokens[end:] if token.type == "inline")
    return tuple(_pieces(tokens[:end], notes))


def _pieces(tokens: Sequence[Token], notes: tuple[str, ...]) -> Iterator[Piece]:
    rows: list[list[str]] = []
    listed = False
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type in {"bullet_list_open", "bullet_list_close"}:
            listed = token.type == "bullet_list_open"
        elif token.type == "tr_open":
            rows.append([])
        elif token.type in {"td_open", "th_open"} and after is not None:
            rows[-1].append(after.content)
        elif token.type == "table_close":
            yield Piece(kind="table", rows=tuple(tuple(row) for row in rows))
            rows = []
        elif token.type == "heading_open" and after is not None:
            yield Piece(kind="heading", level=int(token.tag[1]), parts=(after.content,))
        elif token.type == "paragraph_open" and after is not None:
            yield _paragraph("item" if listed else "paragraph", after.children or [], notes)


def _paragraph(kind: str, inline: Sequence[Token], notes: tuple[str, ...]) -> Piece:
    parts, called = [""], []
    for token in inline:
        if token.type == "footnote_ref":
            called.append(notes[token.meta["id"]])
            parts.append("")
        else:
            parts[-1] += " " if token.type == "softbreak" else token.content
    return Piece(kind=kind, parts=tuple(parts), notes=tuple(called))


def read_months() -> list[Month]:
    """The monthly means in `sources/co2-concentration.csv`, oldest first; missing months are left out there."""
    with (SOURCES / "co2-concentration.csv").open(encoding="utf-8", newline="") as file:
        return [
            Month(
                first_day=date.fromisoformat(row["Date"]),
                mean=Decimal(row["CO2"]),
                adjusted=Decimal(row["adjusted CO2"]),
            )
            for row in csv.DictReader(file)
        ]


def read_years() -> list[Year]:
    """The complete years of both records, oldest first."""
    with (SOURCES / "global-temp.csv").open(encoding="utf-8", newline="") as file:
        anomalies = {int(row["year"]): Decimal(row["temp"]) for row in csv.DictReader(file)}
    months = read_months()
    return [_year(number, [m for m in months if m.first_day.year == number], anomalies[number]) for number in YEARS]


def _year(number: int, months: list[Month], anomaly: Decimal) -> Year:
    return Year(
        year=number,
        mean=average([month.adjusted for month in months]),
        highest=max(months, key=lambda month: month.mean),
        anomaly=anomaly,
    )


def average(values: Sequence[Decimal]) -> Decimal:
    """The mean in hundredths; decimal, because binary fractions round some halves the wrong way."""
    return to_hundredths(sum(values, Decimal(0)) / len(values))


def to_hundredths(value: Decimal) -> Decimal:
    """Round to two places, halves away from zero as readers expect."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def make_csv() -> bytes:
    """The monthly means from `CSV_FROM` on."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["Month", "Carbon dioxide (ppm)", "Seasonally adjusted carbon dioxide (ppm)"])
    for month in read_months():
        if month.first_day.isoformat() >= CSV_FROM:
            writer.writerow([month.first_day.isoformat(), str(month.mean), str(month.adjusted)])
    return text.getvalue().encode()


def make_xlsx() -> bytes:
    """Yearly and decade means on two sheets."""
    years = read_years()
    book = Workbook()
    book.properties.creator, book.properties.title = AUTHOR, "Carbon dioxide at Mauna Loa and global temperature"
    first = book.worksheets[0]
    first.title = "Yearly means"
    first.append(
        [
            "Year",
            "Carbon dioxide, yearly mean (ppm)",
            "Carbon dioxide, highest month (ppm)",
            "Month of the highest value",
            "Global temperature anomaly (°C)",
        ]
    )
    for year in years:
        first.append([year.year, year.mean, year.highest.mean, year.highest.first_day, year.anomaly])
    _dress(first, ["0", "0.00", "0.00", "mmm yyyy", "0.00"])
    _decade_sheet(book.create_sheet("Decade means"), years)
    data = io.BytesIO()
    book.save(data)
    return fixed_zip(data.getvalue())


def _decade_sheet(sheet: Worksheet, years: list[Year]) -> None:
    sheet.append(
        [
            "Decade",
            "Carbon dioxide, decade mean (ppm)",
            "Carbon dioxide, rise per year (ppm)",
            "Global temperature anomaly, decade mean (°C)",
        ]
    )
    by_number = {year.year: year for year in years}
    for start in range(1960, 2020, FULL_DECADE):
        decade = [by_number[number] for number in range(start, start + FULL_DECADE)]
        rise = to_hundredths((decade[-1].mean - by_number[start - 1].mean) / FULL_DECADE)
        mean, anomaly = average([year.mean for year in decade]), average([year.anomaly for year in decade])
        sheet.append([f"{start}s", mean, rise, anomaly])
    _dress(sheet, ["@", "0.00", "0.00", "0.00"])


def _dress(sheet: Worksheet, formats: Sequence[str]) -> None:
    sheet.freeze_panes = "A2"
    for number, form in enumerate(formats, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 24
        for row, cell in enumerate(sheet[letter], start=1):
            if row == 1:
                cell.font = Font(bold=True)
            else:
                cell.number_format = form


def make_docx(pieces: Sequence[Piece]) -> bytes:
    """Set a text with Word's own heading, list and table styles, and its footnotes as footnotes."""
    document = docx.Document()
    core = document.core_properties
    core.author = core.last_modified_by = AUTHOR
    core.title, core.language, core.created, core.modified = pieces[0].text, "en", STAMP, STAMP
    document.sections[0].header.paragraphs[0].text = "Notes on the carbon cycle"
    notes: list[str] = []
    for piece in pieces:
        if piece.kind == "heading":
            document.add_heading(piece.text, level=piece.level)
        elif piece.kind == "table":
            _add_table(document, piece.rows)
        else:
            _add_runs(document.add_paragraph(style="List Bullet" if piece.kind == "item" else None), piece, notes)
    _attach_footnotes(document, notes)
    data = io.BytesIO()
    document.save(data)
    return fixed_zip(data.getvalue())


def _add_table(document: Any, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True


def _add_runs(paragraph: Any, piece: Piece, notes: list[str]) -> None:
    paragraph.add_run(piece.parts[0])
    for note, part in zip(piece.notes, piece.parts[1:], strict=True):
        notes.append(note)
        call = paragraph.add_run()
        call.font.superscript = True
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(len(notes)))
        call._r.append(reference)  # noqa: SLF001 - python-docx has no public way to a footnote
        paragraph.add_run(part)


def _attach_footnotes(document: Any, notes: Sequence[str]) -> None:
    """Add the footnotes part (ECMA-376 part 1, 11.3.7), which python-docx does not write."""
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    marks = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{mark}/></w:r></w:p></w:footnote>'
        for number, kind, mark in (
            (-1, "separator", "separator"),
            (0, "continuationSeparator", "continuationSeparator"),
        )
    )
    texts = "".join(
        f'<w:footnote w:id="{number}"><w:p><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
        f'<w:r><w:t xml:space="preserve"> {escape(note)}</w:t></w:r></w:p></w:footnote>'
        for number, note in enumerate(notes, start=1)
    )
    xml = f'<?xml version="1.0" encoding="UTF-8"?><w:footnotes xmlns:w="{namespace}">{marks}{texts}</w:footnotes>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, xml.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def make_pdf(pieces: Sequence[Piece]) -> bytes:
    """Set a text on A4 pages with a running head and page numbers."""
    data = io.BytesIO()
    margins = {"leftMargin": 30 * mm, "rightMargin": 30 * mm, "topMargin": 32 * mm, "bottomMargin": 28 * mm}
    title = pieces[0].text
    template = SimpleDocTemplate(data, pagesize=A4, invariant=1, title=title, author=AUTHOR, lang="en", **margins)

    def furnish(canvas: Any, page: Any) -> None:
        canvas.setFont("Helvetica", 8.5)
        canvas.drawString(30 * mm, A4[1] - 20 * mm, title)
        canvas.drawCentredString(A4[0] / 2, 15 * mm, str(page.page))

    flow = [part for piece in pieces for part in _flow(piece)]
    template.build(flow, onFirstPage=furnish, onLaterPages=furnish)
    return data.getvalue()


def _flow(piece: Piece) -> list[Any]:
    body = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=15, spaceAfter=7)
    if piece.kind == "table":
        table = Table([list(row) for row in piece.rows], hAlign="LEFT", repeatRows=1)
        head = ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold")
        table.setStyle(
            TableStyle([head, ("FONTSIZE", (0, 0), (-1, -1), 9), ("GRID", (0, 0), (-1, -1), 0.5, colors.grey)])
        )
        return [table, Spacer(1, 4 * mm)]
    if piece.kind == "heading":
        size = 20 if piece.level == 1 else 14
        style = ParagraphStyle(
            "heading",
            fontName="Helvetica-Bold",
            fontSize=size,
            leading=size * 1.25,
            spaceBefore=10,
            spaceAfter=6,
            keepWithNext=1,
        )
        return [Paragraph(escape(piece.text), style)]
    return [Paragraph(escape(piece.text), body)]


def fixed_zip(data: bytes) -> bytes:
    """Write an Office file again with `STAMP` as the time of every member and of its last change."""
    result = io.BytesIO()
    stamp = STAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            member = zipfile.ZipInfo(name, date_time=STAMP.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, content)
    return result.getvalue()


def make_samples() -> dict[str, bytes]:
    """All sample files: name to bytes."""
    return {
        "keeling-curve-history.pdf": make_pdf(
            parse((SOURCES / "keeling-curve-history.md").read_text(encoding="utf-8"))
        ),
        "carbon-cycle.docx": make_docx(parse((SOURCES / "carbon-cycle.md").read_text(encoding="utf-8"))),
        "reading-the-record.txt": (SOURCES / "reading-the-record.txt").read_bytes(),
        "mauna-loa-monthly-carbon-dioxide.csv": make_csv(),
        "carbon-dioxide-and-temperature.xlsx": make_xlsx(),
    }


def main() -> None:
    """Write the files and say what was written."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in make_samples().items():
        (folder / name).write_bytes(data)
        print(f"{folder / name}: {len(data):,} bytes")


if __name__ == "__main__":
    main()
