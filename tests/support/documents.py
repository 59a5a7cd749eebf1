"""Makes real files of every kind, and hostile ones."""

import io
import random
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="{part}" ContentType="{kind}"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="{part}"/></Relationships>'
)
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = re.compile(rb"http://schemas.openxmlformats.org/(wordprocessingml|spreadsheetml|officeDocument)/2006/")
_STRICT_NAME = rb"http://purl.oclc.org/ooxml/\1/"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


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


_PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def _page(resources: bytes = b"/Font<</F 5 0 R>>") -> bytes:
    return b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<%b>>>>" % resources


def pdf_with_broken_page() -> bytes:
    """Two pages, the second of which is none."""
    pages = b"<</Type/Pages/Kids[3 0 R 6 0 R]/Count 2>>"
    text = pdf_stream(b"BT /F 12 Tf 72 400 Td (The first page is whole.) Tj ET")
    return pdf_of_objects([_CATALOG, pages, _page(), text, _FONT, b"<</Type/Nothing>>"])


def pdf_flate_bomb(*, layers: int = 3, mib: int = 512) -> bytes:
    """A content stream of `mib` MiB, deflated `layers` times over."""
    squeeze = zlib.compressobj(9)
    content = b"".join(squeeze.compress(b"q Q " * 2**18) for _ in range(mib)) + squeeze.flush()
    for _ in range(layers - 1):
        content = zlib.compress(content, 9)
    filters = b"/Filter[%b]" % (b"/FlateDecode" * layers)
    return pdf_of_objects([_CATALOG, _PAGES, _page(), pdf_stream(content, filters), _FONT])


def pdf_page_loop() -> bytes:
    """A page tree that is its own child."""
    pages = b"<</Type/Pages/Kids[2 0 R 2 0 R 3 0 R]/Count 1000000000>>"
    return pdf_of_objects([_CATALOG, pages, _page(), pdf_stream(b"BT /F 12 Tf (Loop) Tj ET"), _FONT])


def pdf_form_loop() -> bytes:
    """A form that draws itself twice."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X 5 0 R/Y 6 0 R>>>>"
    draw = b"/X Do /Y Do " * 40
    return pdf_of_objects(
        [
            _CATALOG,
            _PAGES,
            _page(b"/XObject<</X 5 0 R/Y 6 0 R>>"),
            pdf_stream(draw),
            pdf_stream(draw, form),
            pdf_stream(draw, form),
        ]
    )


def pdf_nested(depth: int = 5_000_000) -> bytes:
    """Arrays in arrays in arrays."""
    content = b"[" * depth
    return pdf_of_objects([b"<</Type/Catalog/Pages 2 0 R/X " + content + b">>", content, content])


def pdf_many_pages(count: int = 20_000) -> bytes:
    """So many pages, each with the same sentence."""
    kids = b" ".join(b"%d 0 R" % (number + 5) for number in range(count))
    text = pdf_stream(b"BT /F 12 Tf 72 700 Td (One sentence stands on every one of the pages.) Tj ET")
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 3 0 R/Resources<</Font<</F 4 0 R>>>>>>"
    return pdf_of_objects(
        [_CATALOG, b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, count), text, _FONT, *[page] * count]
    )


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
            "[Content_Types].xml": _CONTENT_TYPES.format(part="/word/document.xml", kind=_WORD),
            "_rels/.rels": _RELATIONS.format(part="word/document.xml"),
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
            "[Content_Types].xml": _CONTENT_TYPES.format(part="/xl/workbook.xml", kind=kind),
            "_rels/.rels": _RELATIONS.format(part="xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _RELATIONS.format(part="worksheets/sheet1.xml").replace(
                '/officeDocument"', '/worksheet"'
            ),
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def sheet_xml(cells: str, *, dimension: str = "A1") -> str:
    """SpreadsheetML of a sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><dimension ref="{dimension}"/><sheetData>{cells}</sheetData></worksheet>'


def xlsx_corners() -> bytes:
    """Two cells at opposite corners of the largest sheet."""
    return xlsx_of_sheet(
        sheet_xml(
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
            dimension="A1:XFD1048576",
        )
    )


def xlsx_wide_rows(rows: int = 20_000) -> bytes:
    """Rows of one cell each, in the last column: hundreds of millions of empty cells."""
    return xlsx_of_sheet(
        sheet_xml("".join(f'<row r="{number}"><c r="XFD{number}"><v>1</v></c></row>' for number in range(1, rows + 1)))
    )


# ---- packages ----


def zip_of(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of the given parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


def zip_bomb(name: str = "word/document.xml", *, mib: int = 1_024, inner: bytes = b" ") -> bytes:
    """An archive of one part that unpacks to `mib` MiB."""
    target = io.BytesIO()
    piece = (inner * (2**20 // len(inner) + 1))[: 2**20]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("[Content_Types].xml", _CONTENT_TYPES.format(part=f"/{name}", kind=_WORD))
        package.writestr("_rels/.rels", _RELATIONS.format(part=name))
        with package.open(name, "w", force_zip64=True) as part:
            for _ in range(mib):
                part.write(piece)
    return target.getvalue()


def noisy_xml() -> bytes:
    """XML that shrinks to about a tenth only: paragraphs of random numbers."""
    numbers = random.Random(7)  # noqa: S311 -- no secret, and the same in every run
    return b"".join(b"<w:p><w:r><w:t>%d</w:t></w:r></w:p>" % numbers.randrange(10**9) for _ in range(24_000))


def zip_with_stated_size(data: bytes, name: str, size: int) -> bytes:
    """The archive, its directory saying that the part unpacks to `size` bytes."""
    content = bytearray(data)
    entry = content.rfind(b"PK\x01\x02", 0, content.rfind(name.encode()))
    struct.pack_into("<I", content, entry + 24, size)
    return bytes(content)


def zip_encrypted() -> bytes:
    """A Word document whose parts are marked as encrypted."""
    content = bytearray(docx_report())
    entry = content.find(b"PK\x01\x02")
    while entry >= 0:
        content[entry + 8] |= 1
        entry = content.find(b"PK\x01\x02", entry + 4)
    return bytes(content)


def ole_encrypted() -> bytes:
    """The outer shape of an Office file with a password."""
    directory = "EncryptedPackage".encode("utf-16-le").ljust(128, b"\0")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + directory


def docx_with_entities(prolog: str, reference: str) -> bytes:
    """A Word document with a document type definition."""
    return docx_of_body(word_paragraph(f"Before {reference} after"), prolog=prolog)


def laughs() -> str:
    """The definition of a billion laughs; the reference is `&l9;`."""
    lines = ['<!ENTITY l0 "lol">']
    lines += [f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10)]
    return f"<!DOCTYPE w:document [{''.join(lines)}]>"


def cut(data: bytes, pieces: int = 10) -> Iterator[bytes]:
    """The file truncated at every part of its length."""
    for piece in range(1, pieces):
        yield data[: len(data) * piece // pieces]


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
