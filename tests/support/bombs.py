"""Makes hostile files by the kind: what each kind's own features can be turned into."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator

from support.documents import (
    CATALOG,
    FONT,
    PAGES,
    docx_of_body,
    docx_report,
    page_object,
    pdf_of_objects,
    pdf_stream,
    sheet_xml,
    word_paragraph,
    xlsx_of_sheet,
    xlsx_report,
    zip_of,
)

_SHOW = b"BT /F 12 Tf 72 700 Td (A sentence that can be read.) Tj ET"


# ---- zip packages ----


def zip_with_overlap(parts: int = 2_000, *, mib: int = 1) -> bytes:
    """Many entries of the directory that name the same compressed bytes (Fifield's bomb, without its headers)."""
    good = docx_of_body(word_paragraph("Text."), parts={"word/kernel.xml": b"\0" * (mib * 2**20)})
    end = good.rindex(b"PK\x05\x06")
    (size, start) = struct.unpack_from("<II", good, end + 12)
    directory = good[start : start + size]
    name = directory.index(b"word/kernel.xml")
    header = directory[name - 46 : name]
    copies = b"".join(header + b"word/%06d.xml" % number for number in range(parts))
    count = good.count(b"PK\x01\x02") + parts
    tail = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count & 0xFFFF, count & 0xFFFF, size + len(copies), start, 0)
    return good[:start] + directory + copies + tail


def zip_in_zips(depth: int = 40) -> bytes:
    """A Word document that holds a package that holds a package, and so on."""
    inner = docx_report()
    for _ in range(depth):
        inner = zip_of({"word/inner.docx": inner, "word/document.xml": "<x/>"})
    return docx_of_body(word_paragraph("Outer text."), parts={"word/inner.docx": inner})


def zip_with_names(data: bytes, *names: str) -> bytes:
    """The package, with further parts of these names."""
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a") as package:
        for name in names:
            package.writestr(zipfile.ZipInfo(name), b"<x>left behind</x>")
    return target.getvalue()


# ---- XML ----


def quadratic() -> str:
    """The definition of one long entity; the reference is `&q;`, as often as wanted."""
    return f"<!DOCTYPE w:document [<!ENTITY q '{'a' * 100_000}'>]>"


def external(address: str) -> Iterator[str]:
    """Every prolog by which XML can ask for another file; the reference is `&e;`."""
    yield f"<!DOCTYPE x [<!ENTITY e SYSTEM '{address}'>]>"
    yield f"<!DOCTYPE x [<!ENTITY % p SYSTEM '{address}'> %p; <!ENTITY e 'x'>]>"
    yield f"<!DOCTYPE x PUBLIC 'x' '{address}' [<!ENTITY e 'x'>]>"


def docx_that_points(address: str) -> bytes:
    """A Word document whose relations, template, picture and included part lie at `address`, without a DTD."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "".join(
        f"<Relationship Id='x{number}' Type='{kind}/{what}' Target='{address}' TargetMode='External'/>"
        for number, what in enumerate(("attachedTemplate", "image", "aFChunk", "footnotes", "hyperlink", "frame"))
    )
    body = (
        f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{address}' parse='text'/>"
        f"<?xml-stylesheet href='{address}'?>" + word_paragraph("Text that can be read.")
    )
    parts = {
        "word/_rels/document.xml.rels": "<?xml version='1.0'?><Relationships xmlns="
        f"'http://schemas.openxmlformats.org/package/2006/relationships'>{relations}</Relationships>"
    }
    return docx_of_body(body, parts=parts)


def page_that_points(address: str) -> bytes:
    """A page that names `address` in every way by which a browser would ask for it."""
    tags = (
        f"<base href='{address}'><link rel=stylesheet href='{address}'><meta http-equiv=refresh content='0;{address}'>"
        f"<script src='{address}'></script><iframe src='{address}'></iframe><object data='{address}'></object>"
        f"<img src='{address}' srcset='{address} 2x'><xi:include href='{address}' parse='text'/>"
        f"<svg><use href='{address}'/></svg><style>@import url({address});</style>"
    )
    text = "<p>The harvest of the year was small, because it rained for weeks in all the districts.</p>" * 4
    return f"<!DOCTYPE html><html><head>{tags}</head><body><article>{text}{tags}</article></body></html>".encode()


# ---- PDF ----


def pdf_of_content(content: bytes, *more: bytes, resources: bytes = b"/Font<</F 5 0 R>>") -> bytes:
    """One page with this content; further objects begin at 6."""
    return pdf_of_objects([CATALOG, PAGES, page_object(resources), pdf_stream(content), FONT, *more])


def pdf_nested_dictionaries(depth: int = 2_000_000) -> bytes:
    """Dictionaries in dictionaries in dictionaries."""
    return pdf_of_objects([b"<</Type/Catalog/Pages 2 0 R/X " + b"<</X " * depth + b">>" * depth + b">>", PAGES])


def pdf_nested_content(depth: int = 3_000_000) -> bytes:
    """A page whose content is arrays in arrays."""
    return pdf_of_content(_SHOW + b"[" * depth)


def pdf_state_stack(depth: int = 5_000_000) -> bytes:
    """A page that saves its state again and again."""
    return pdf_of_content(b"q " * depth + _SHOW)


def pdf_deep_tree(depth: int = 100_000) -> bytes:
    """A page tree of one branch, very long."""
    nodes = [b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 3) for number in range(depth)]
    return pdf_of_objects([CATALOG, *nodes, b"<</Type/Page/MediaBox[0 0 600 800]>>"])


def pdf_outline_loop() -> bytes:
    """Bookmarks that follow each other for ever."""
    catalog = b"<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R>>"
    outlines = b"<</Type/Outlines/First 7 0 R/Last 8 0 R/Count 1000000000>>"
    one = b"<</Title(One)/Parent 6 0 R/Next 8 0 R/First 7 0 R>>"
    two = b"<</Title(Two)/Parent 6 0 R/Next 7 0 R/First 6 0 R>>"
    return pdf_of_objects([catalog, PAGES, page_object(), pdf_stream(_SHOW), FONT, outlines, one, two])


def pdf_length_loop() -> bytes:
    """A stream whose length is the stream itself."""
    return pdf_of_objects([CATALOG, PAGES, page_object(), b"<</Length 4 0 R>>stream\n" + _SHOW + b"\nendstream", FONT])


def pdf_font_loop() -> bytes:
    """Fonts made of drawings that are written in the same font."""
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/FirstChar 65/LastChar 65/Widths[1]"
        b"/Encoding<</Differences[65/A]>>/CharProcs<</A 6 0 R>>/Resources<</Font<</F 5 0 R>>>>>>"
    )
    glyph = pdf_stream(b"1 0 d0 BT /F 1 Tf " + b"(AAAAAAAA) Tj " * 50 + b"ET")
    content = pdf_stream(b"BT /F 12 Tf " + b"(AAAAAAAA) Tj " * 50 + b"ET")
    return pdf_of_objects([CATALOG, PAGES, page_object(), content, font, glyph])


def pdf_character_map(ranges: int = 200_000) -> bytes:
    """A font whose map to Unicode has ranges of all characters, again and again."""
    lines = b"<0000> <FFFF> <0041>\n" * 100
    blocks = b"".join(b"100 beginbfrange\n" + lines + b"endbfrange\n" for _ in range(ranges // 100))
    mapping = b"/CIDInit /ProcSet findresource begin begincmap\n" + blocks + b"endcmap"
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>"
    packed = pdf_stream(zlib.compress(mapping), b"/Filter/FlateDecode")
    return pdf_of_objects([CATALOG, PAGES, page_object(), pdf_stream(_SHOW), font, packed])


def pdf_image(codec: bytes = b"", content: bytes = b"\0" * 100) -> bytes:
    """A page with text and an image of 100,000 by 100,000 points, of which a few bytes are there."""
    head = b"/Type/XObject/Subtype/Image/Width 100000/Height 100000/BitsPerComponent 8/ColorSpace/DeviceRGB"
    image = pdf_stream(content, head + (b"/Filter" + codec if codec else b""))
    resources = b"/Font<</F 5 0 R>>/XObject<</I 6 0 R>>"
    return pdf_of_content(_SHOW + b" q 600 0 0 800 0 0 cm /I Do Q", image, resources=resources)


def pdf_that_points(target: str) -> bytes:
    """A page with a link to `target`, in a document that opens, launches and runs it when it is opened."""
    catalog = b"<</Type/Catalog/Pages 2 0 R/OpenAction 7 0 R/URI<</Base(%b)>>>>" % target.encode()
    page = page_object().replace(b"/Type/Page", b"/Type/Page/Annots[6 0 R]", 1)
    link = f"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI({target})>>>>".encode()
    action = f"<</S/Launch/F({target})/Next<</S/JavaScript/JS(app.launchURL\\('{target}'\\))>>>>".encode()
    return pdf_of_objects([catalog, PAGES, page, pdf_stream(_SHOW), FONT, link, action])


def pdf_many_letters(count: int = 3_000_000) -> bytes:
    """One page of millions of letters, each placed by itself."""
    return pdf_of_content(b"BT /F 1 Tf " + b"1 0 Td (x) Tj " * count + b"ET")


# ---- DOCX and XLSX ----


def docx_spans(span: int = 10**9) -> bytes:
    """A table whose cells say that they are a thousand million columns wide and begin as far to the right."""
    cell = f"<w:tc><w:tcPr><w:gridSpan w:val='{span}'/></w:tcPr>{word_paragraph('Cell')}</w:tc>"
    row = f"<w:tr><w:trPr><w:gridBefore w:val='{span}'/><w:gridAfter w:val='{span}'/></w:trPr>{cell * 2}</w:tr>"
    return docx_of_body(f"<w:tbl><w:tblGrid/>{row * 3}</w:tbl>{word_paragraph('Text after the table.')}")


def docx_empty_paragraphs(count: int = 1_000_000) -> bytes:
    """So many paragraphs without text, then one with some."""
    return docx_of_body("<w:p/>" * count + word_paragraph("The end."))


def xlsx_shared_strings(count: int = 1_000_000) -> bytes:
    """A workbook of one cell, and so many strings."""
    strings = "".join(f"<si><t>text {number}</t></si>" for number in range(count))
    shared = f"<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' count='{count}'>{strings}</sst>"
    return _replaced(xlsx_report(), "xl/sharedStrings.xml", shared.encode())


def xlsx_merged(*, ranges: int = 50_000) -> bytes:
    """Cells said to be merged over the whole sheet, and over it again and again."""
    cells = '<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    sheet = sheet_xml(cells, dimension="A1:XFD1048576")
    areas = '<mergeCell ref="A1:XFD1048576"/>' * ranges
    return xlsx_of_sheet(sheet.replace("</sheetData>", f"</sheetData><mergeCells>{areas}</mergeCells>"))


def xlsx_stated(dimension: str) -> bytes:
    """Two cells in a sheet that says it is `dimension`."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    return xlsx_of_sheet(sheet_xml(cells, dimension=dimension))


def xlsx_odd_values() -> bytes:
    """Numbers, dates, strings and places that no sheet can have."""
    values = ("1e308", "1e-320", "9" * 400, "-99999999999", "nan", "inf", "0x10", "")
    cells = "".join(f'<c r="{chr(65 + index)}1"><v>{value}</v></c>' for index, value in enumerate(values))
    odd = '<c r="ZZZZZZ1"><v>1</v></c><c r="A0"><v>1</v></c><c r="" t="s"><v>99999999</v></c><c t="d"><v>x</v></c>'
    far = '<row r="99999999999"><c r="A99999999999"><v>3</v></c></row>'
    return xlsx_of_sheet(sheet_xml(f'<row r="1">{cells}{odd}</row><row r="-5"/>{far}'))


def _replaced(data: bytes, name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", compression=zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, content)
    return target.getvalue()


# ---- pages ----


def page_of(body: str, *, head: str = "") -> bytes:
    """A page with a readable paragraph before `body`."""
    text = "<p>The harvest of the year was small, because it rained for weeks in all the districts.</p>"
    return (
        f"<html><head><title>Harvest</title>{head}</head><body><article>{text}{body}</article></body></html>".encode()
    )


def page_of_data(depth: int = 100_000) -> bytes:
    """A page whose structured data is nested deeply."""
    nested = '{"@graph":' * depth + json.dumps({"@type": "Article"}) + "}" * depth
    return page_of("", head=f"<script type='application/ld+json'>{nested}</script>")
