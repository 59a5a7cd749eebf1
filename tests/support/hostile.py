"""Makes hostile files: bombs, loops, entities, damage."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

from support.documents import (
    CATALOG,
    CONTENT_TYPES,
    FONT,
    PAGES,
    RELATIONS,
    WORD_TYPE,
    docx_of_body,
    docx_report,
    page_object,
    pdf_of_objects,
    pdf_stream,
    sheet_xml,
    word_paragraph,
    xlsx_of_sheet,
)


def pdf_flate_bomb(*, layers: int = 3, mib: int = 512) -> bytes:
    """A content stream of `mib` MiB, deflated `layers` times over."""
    squeeze = zlib.compressobj(9)
    content = b"".join(squeeze.compress(b"q Q " * 2**18) for _ in range(mib)) + squeeze.flush()
    for _ in range(layers - 1):
        content = zlib.compress(content, 9)
    filters = b"/Filter[%b]" % (b"/FlateDecode" * layers)
    return pdf_of_objects([CATALOG, PAGES, page_object(), pdf_stream(content, filters), FONT])


def pdf_page_loop() -> bytes:
    """A page tree that is its own child."""
    pages = b"<</Type/Pages/Kids[2 0 R 2 0 R 3 0 R]/Count 1000000000>>"
    return pdf_of_objects([CATALOG, pages, page_object(), pdf_stream(b"BT /F 12 Tf (Loop) Tj ET"), FONT])


def pdf_form_loop() -> bytes:
    """A form that draws itself twice."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X 5 0 R/Y 6 0 R>>>>"
    draw = b"/X Do /Y Do " * 40
    return pdf_of_objects(
        [
            CATALOG,
            PAGES,
            page_object(b"/XObject<</X 5 0 R/Y 6 0 R>>"),
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
    return pdf_of_objects([CATALOG, b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, count), text, FONT, *[page] * count])


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


def zip_bomb(name: str = "word/document.xml", *, mib: int = 1_024, inner: bytes = b" ") -> bytes:
    """An archive of one part that unpacks to `mib` MiB."""
    target = io.BytesIO()
    piece = (inner * (2**20 // len(inner) + 1))[: 2**20]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("[Content_Types].xml", CONTENT_TYPES.format(part=f"/{name}", kind=WORD_TYPE))
        package.writestr("_rels/.rels", RELATIONS.format(part=name))
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
