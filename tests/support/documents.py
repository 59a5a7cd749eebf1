"""Makes real files of every kind, and hostile ones."""

import io
import re
import time
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import docx
import openpyxl
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from copydesk.readers.blocks import Limits

LOREM = (
    "The harvest of the year was measured in forty districts. Rain came late, and the yield of wheat fell by "
    "twelve percent against the mean of the ten years before. Farmers near the river reported smaller losses "
    "than those on the hills, because their wells did not run dry before the middle of August. "
)
CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="{part}" ContentType="{kind}"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="{part}"/></Relationships>'
)
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = re.compile(rb"http://schemas.openxmlformats.org/(wordprocessingml|spreadsheetml|officeDocument)/2006/")
_STRICT_NAME = rb"http://purl.oclc.org/ooxml/\1/"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def limits(*, seconds: float = 60, text_bytes: int = 2**20, unpacked_bytes: int = 2**28) -> Limits:
    """Limits that no good file of these tests reaches."""
    return Limits(deadline=time.monotonic() + seconds, text_bytes=text_bytes, unpacked_bytes=unpacked_bytes)


# ---- PDF ----


def pdf_report(*, pages: int = 3) -> bytes:
    """A report with a title, a heading and text on each page, a running head and page numbers."""
    styles = getSampleStyleSheet()
    story: list[object] = [Paragraph("Harvest Report", styles["Title"])]
    for number in range(1, pages + 1):
        story.append(Paragraph(f"District {number}", styles["Heading2"]))
        story.extend(Paragraph(LOREM * 3, styles["BodyText"]) for _ in range(4))
        story.append(Spacer(1, 260))
    target = io.BytesIO()

    def furniture(canvas: Canvas, template: SimpleDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, A4[1] - 40, "Ministry of Grain, annual series")
        canvas.drawCentredString(A4[0] / 2, 30, f"Page {template.page}")

    template = SimpleDocTemplate(target, pagesize=A4, title="Harvest Report 2024", author="Ada Field")
    template.build(story, onFirstPage=furniture, onLaterPages=furniture)
    return target.getvalue()


def pdf_of_lines(*pages: Sequence[str], size: int = 11, password: str | None = None, title: str | None = None) -> bytes:
    """A PDF whose pages hold the given lines, one below the other; an empty line leaves a gap."""
    target = io.BytesIO()
    encrypt = StandardEncryption(password, canPrint=0) if password else None
    canvas = Canvas(target, pagesize=A4, encrypt=encrypt)
    if title is not None:
        canvas.setTitle(title)
    for lines in pages:
        canvas.setFont("Helvetica", size)
        for number, line in enumerate(lines):
            canvas.drawString(72, A4[1] - 150 - number * size * 1.2, line)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def pdf_two_columns(left: Sequence[str], right: Sequence[str]) -> bytes:
    """A page of two columns."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.setFont("Helvetica", 10)
    for x, lines in ((60, left), (320, right)):
        for number, line in enumerate(lines):
            canvas.drawString(x, A4[1] - 150 - number * 12, line)
    canvas.save()
    return target.getvalue()


def pdf_table(rows: Sequence[Sequence[str]]) -> bytes:
    """A sentence and a table below it."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.drawString(72, A4[1] - 150, "The table shows the harvest.")
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            canvas.drawString(72 + 120 * column, A4[1] - 180 - 18 * number, text)
    canvas.save()
    return target.getvalue()


def pdf_scan() -> bytes:
    """A page with a picture's worth of drawing and no text."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.rect(100, 100, 300, 400, fill=1)
    canvas.save()
    return target.getvalue()


def pdf_of_objects(objects: Iterable[bytes]) -> bytes:
    """A PDF of raw objects, numbered from 1; the first is the catalog."""
    content = bytearray(b"%PDF-1.7\n")
    offsets: list[int] = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    content += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    content += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(offsets) + 1, start)
    return bytes(content)


def pdf_stream(content: bytes, extra: bytes = b"") -> bytes:
    """A raw stream object."""
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(content), extra, content)


PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def page_object(resources: bytes = b"/Font<</F 5 0 R>>") -> bytes:
    """A raw page object; its content is object 4, its font object 5."""
    return b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<%b>>>>" % resources


def pdf_with_astral_letters() -> bytes:
    """Text whose letter A is mapped to a letter beyond the basic plane."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
        b"1 beginbfchar <41> <D835DC00> endbfchar 1 beginbfrange <20> <40> <0020> endbfrange "
        b"1 beginbfrange <42> <7E> <0042> endbfrange endcmap end end"
    )
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>"
    text = (
        b"BT /F 24 Tf 72 600 Td (AA Title) Tj ET "
        b"BT /F 12 Tf 72 500 Td (A is a letter of the body, which goes on for some more words.) Tj ET"
    )
    return pdf_of_objects([CATALOG, PAGES, page_object(), pdf_stream(text), font, pdf_stream(cmap)])


def pdf_with_bold_line() -> bytes:
    """A bold line and a sentence of the same size."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.setFont("Helvetica-Bold", 11)
    canvas.drawString(72, 600, "A bold line")
    canvas.setFont("Helvetica", 11)
    canvas.drawString(72, 586, "Below it stands the text.")
    canvas.save()
    return target.getvalue()


def pdf_with_large_heading() -> bytes:
    """A heading of two lines and a paragraph of several."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.setFont("Helvetica", 24)
    canvas.drawString(72, 680, "A Long Heading That Goes On")
    canvas.drawString(72, 648, "to a Second Line")
    canvas.setFont("Helvetica", 10)
    for number in range(6):
        canvas.drawString(72, 600 - 12 * number, "The text below is smaller and has several lines of words")
    canvas.save()
    return target.getvalue()


def pdf_with_broken_page() -> bytes:
    """Two pages, the second of which is none."""
    pages = b"<</Type/Pages/Kids[3 0 R 6 0 R]/Count 2>>"
    text = pdf_stream(b"BT /F 12 Tf 72 400 Td (The first page is whole.) Tj ET")
    return pdf_of_objects([CATALOG, pages, page_object(), text, FONT, b"<</Type/Nothing>>"])


# ---- Office ----


def docx_report() -> bytes:
    """Headings, text, a list and a table, in order."""
    document = docx.Document()
    document.core_properties.title = "Harvest Report"
    document.core_properties.author = "Ada Field"
    document.add_heading("Harvest Report", 0)
    document.add_heading("Wheat", 1)
    document.add_paragraph("Wheat fell by twelve percent.")
    document.add_paragraph("Rain came late", style="List Bullet")
    document.add_paragraph("Wells ran dry", style="List Number")
    table = document.add_table(rows=0, cols=2)
    for name, value in (("District", "Tonnes"), ("North", "1200"), ("South", "950")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, value
    document.add_heading("Barley", 2)
    document.add_paragraph("Barley rose.")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def docx_of_body(body: str, *, parts: Mapping[str, str | bytes] | None = None, prolog: str = "") -> bytes:
    """A Word document of raw WordprocessingML, with `prolog` before its root element."""
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<w:document xmlns:w="{_W}" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        f"><w:body>{body}</w:body></w:document>"
    )
    return zip_of(
        {
            "[Content_Types].xml": CONTENT_TYPES.format(part="/word/document.xml", kind=WORD_TYPE),
            "_rels/.rels": RELATIONS.format(part="word/document.xml"),
            "word/document.xml": document,
            **(parts or {}),
        }
    )


def docx_with_notes() -> bytes:
    """A footnote and an endnote, each after a word of its paragraph."""
    kinds = ("footnote", "endnote")
    relations = "".join(
        f'<Relationship Id="r{kind}" Target="{kind}s.xml" '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}s"/>'
        for kind in kinds
    )
    parts = {
        f"word/{kind}s.xml": f'<w:{kind}s xmlns:w="{_W}"><w:{kind} w:type="separator" w:id="-1"><w:p/></w:{kind}>'
        f'<w:{kind} w:id="1"><w:p><w:r><w:t>The {kind} says more.</w:t></w:r></w:p></w:{kind}></w:{kind}s>'
        for kind in kinds
    }
    parts["word/_rels/document.xml.rels"] = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>'
    )
    body = "".join(
        f'<w:p><w:r><w:t>Text with a {kind}.</w:t></w:r><w:r><w:{kind}Reference w:id="1"/></w:r></w:p>'
        for kind in kinds
    )
    return docx_of_body(body, parts=parts)


def as_strict(data: bytes) -> bytes:
    """The package in the namespaces of ISO/IEC 29500's strict kind."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return zip_of({part.filename: _STRICT.sub(_STRICT_NAME, package.read(part)) for part in package.infolist()})


def word_paragraph(text: str) -> str:
    """A paragraph of WordprocessingML."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx_of(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """A workbook of the given sheets."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    target = io.BytesIO()
    workbook.save(target)
    workbook.close()
    return target.getvalue()


def xlsx_report() -> bytes:
    """Two sheets: one table, and two tables below one another with a caption."""
    prices: list[list[object]] = [
        ["Day", "Price", "Open"],
        [date(2024, 1, 2), 10.5, True],
        [date(2024, 1, 3), 11, False],
    ]
    stock: list[list[object]] = [
        ["Stock by district"],
        ["District", "Tonnes"],
        ["North", 1200],
        [],
        ["District", "Loss"],
        ["South", 0.25],
    ]
    return xlsx_of({"Prices": prices, "Stock": stock})


def xlsx_of_sheet(sheet: str | bytes) -> bytes:
    """A workbook whose one sheet is raw SpreadsheetML."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return zip_of(
        {
            "[Content_Types].xml": CONTENT_TYPES.format(part="/xl/workbook.xml", kind=kind),
            "_rels/.rels": RELATIONS.format(part="xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": RELATIONS.format(part="worksheets/sheet1.xml").replace(
                '/officeDocument"', '/worksheet"'
            ),
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def sheet_xml(cells: str, *, dimension: str = "A1") -> str:
    """SpreadsheetML of a sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><dimension ref="{dimension}"/><sheetData>{cells}</sheetData></worksheet>'


# ---- packages ----


def zip_of(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of the given parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


# ---- HTML ----

HTML_TEXT = "Rain came late in forty districts, and wells on the hills ran dry before the middle of August."


def html_page(extra: str = "") -> str:
    """A page with menu, article and foot; `extra` stands in the middle of the article."""
    return f"""<!doctype html><html lang="en-GB"><head><title>Wheat in 2024 - Field Notes</title>
<meta property="og:site_name" content="Field Notes"><meta name="author" content="Ada Field">
<meta property="article:published_time" content="2024-03-05T10:00:00Z"><link rel="canonical" href="/wheat"></head>
<body><nav><a href="/">Home</a> <a href="/about">About</a></nav><article><h1>Wheat in 2024</h1>
<p>The harvest of wheat in the north fell by twelve percent in 2024, as the ministry said in its report.</p>
<h2>Causes</h2><p>{HTML_TEXT}</p>{extra}
<ul><li>Late rain in the months of spring</li><li>Dry wells on the hills<ul><li>and in the south</li></ul></li></ul>
<blockquote>We have not seen such a summer in forty years of farming.</blockquote>
<table><thead><tr><th>District</th><th>Tonnes</th></tr></thead>
<tbody><tr><td>North</td><td>1,200</td></tr><tr><td>South</td><td>950</td></tr></tbody></table>
<h3>Outlook</h3><p>Forecasts expect a mean harvest if the winter brings the usual amount of snow.</p></article>
<footer>Copyright Field Notes. All pages are maintained by volunteers.</footer></body></html>"""
