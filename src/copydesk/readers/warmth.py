"""The smallest documents of each kind; reading them imports all that reading needs."""

import io
from collections.abc import Iterator

_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 40>>stream\nBT /F 12 Tf 20 100 Td (Ready to read) Tj ET\nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n"
)
_HTML = (
    b"<html lang='en'><head><title>Ready</title><link rel='canonical' href='https://www.example.org/ready'></head>"
    b"<body><article>"
    b"<h1>Ready</h1><p>This page is read once, so that all that reading needs is there before it counts.</p>"
    b"<ul><li>One point of the list</li></ul><table><tr><th>Name</th></tr><tr><td>One</td></tr></table>"
    b"</article></body></html>"
)


def samples() -> Iterator[tuple[str, bytes]]:
    """Kind and bytes of each."""
    import docx  # noqa: PLC0415 -- heavy; only the sandbox process reads
    import openpyxl  # noqa: PLC0415 -- likewise

    document = docx.Document()
    document.add_paragraph("Ready to read")
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].append(["Ready", 1])
    for kind, save in (("docx", document.save), ("xlsx", workbook.save)):
        content = io.BytesIO()
        save(content)
        yield kind, content.getvalue()
    yield "pdf", _PDF
    yield "csv", b"name,day,value\n" + b"".join(b"row %d,%d March 2024,%d.5\n" % (day, day, day) for day in range(1, 9))
    yield "txt", "Grüße, ready to read".encode("latin-1")
    yield "txt", b"# Ready\n\nto read\n"
    yield "html", _HTML
