"""The `FileReader` port, over every implementation."""

from collections.abc import AsyncIterator

import pytest
from support import documents, hostile

from copydesk.domain.file import FileKind
from copydesk.domain.source import BlockKind
from copydesk.errors import ReadError
from copydesk.ports import FileReader
from copydesk.readers.sandbox import SandboxedReader

READABLE = {
    FileKind.PDF: documents.pdf_report(pages=2),
    FileKind.DOCX: documents.docx_report(),
    FileKind.XLSX: documents.xlsx_report(),
    FileKind.CSV: b"district,tonnes\nNorth,1200\n",
    FileKind.TXT: "Größe der Ernte\n\nSie war klein.".encode("cp1252"),
}
UNREADABLE = [
    (FileKind.PDF, documents.pdf_of_lines(["Secret"], password="open"), "encrypted"),
    (FileKind.PDF, documents.pdf_scan(), "empty"),
    (FileKind.PDF, b"%PDF-1.4", "damaged"),
    (FileKind.DOCX, hostile.zip_encrypted(), "encrypted"),
    (FileKind.DOCX, documents.docx_of_body("<w:p/>"), "empty"),
    (FileKind.DOCX, b"PK\x03\x04", "damaged"),
    (FileKind.DOCX, hostile.zip_bomb(mib=64), "bomb"),
    (FileKind.XLSX, documents.xlsx_of({"S": []}), "empty"),
    (FileKind.XLSX, documents.xlsx_report()[:-300], "damaged"),
    (FileKind.CSV, b"\n", "empty"),
    (FileKind.TXT, b" ", "empty"),
]


class TestFileReader:
    """What the pipeline and the upload rely on."""

    @pytest.fixture(params=[SandboxedReader])
    async def reader(self, request: pytest.FixtureRequest) -> AsyncIterator[FileReader]:
        """Each implementation, ready to read."""
        async with request.param(workers=1, seconds=8, memory_mb=1_024, text_mb=20) as reader:
            yield reader

    async def test_every_kind_is_read(self, reader: FileReader) -> None:
        """Blocks come in reading order, with what the kind has of pages, sheets and rows."""
        documents_ = {kind: await reader.read_file(data, kind) for kind, data in READABLE.items()}
        assert all(document.blocks for document in documents_.values())
        assert documents_[FileKind.PDF].pages == 3
        assert documents_[FileKind.XLSX].sheets == 2
        assert (documents_[FileKind.XLSX].rows, documents_[FileKind.CSV].rows) == (4, 1)
        assert [block.text for block in documents_[FileKind.TXT].blocks] == ["Größe der Ernte", "Sie war klein."]

    async def test_reason_is_said_when_a_file_cannot_be_read(self, reader: FileReader) -> None:
        """The reason is one of the port's, and the next file is read as if nothing had been."""
        for kind, data, reason in UNREADABLE:
            with pytest.raises(ReadError) as caught:
                await reader.read_file(data, kind)
            assert (kind, caught.value.reason) == (kind, reason)
            assert caught.value.message.endswith(".")
        assert (await reader.read_file(READABLE[FileKind.CSV], FileKind.CSV)).rows == 1

    async def test_page_is_read(self, reader: FileReader) -> None:
        """A page's main content and the facts it states."""
        page = documents.html_page().encode()
        document = await reader.read_page(page, url="https://notes.example.org/wheat", charset="utf-8")
        assert document.title == "Wheat in 2024"
        assert document.blocks[0].kind is BlockKind.HEADING

    async def test_page_without_content_is_empty(self, reader: FileReader) -> None:
        """A shell is said to be empty."""
        with pytest.raises(ReadError) as caught:
            await reader.read_page(b"<html><body></body></html>", url="https://notes.example.org/", charset=None)
        assert caught.value.reason == "empty"
