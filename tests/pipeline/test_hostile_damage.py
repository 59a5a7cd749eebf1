"""Files that are not what they say, that are cut, or whose parts have hostile names."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import bombs, documents, hostile
from support.reading import outcome

from copydesk.domain.file import FileKind
from copydesk.readers.sandbox import SandboxedReader

SMALL = {
    FileKind.PDF: bombs.pdf_of_content(b"BT /F 12 Tf 72 700 Td (A sentence that can be read.) Tj ET"),
    FileKind.DOCX: documents.docx_of_body(documents.word_paragraph("A sentence that can be read.")),
    FileKind.XLSX: bombs.xlsx_stated("A1:A2"),
    FileKind.CSV: b"district;tonnes;growth\n" + "Größe;1.200,5;0,3 %\n".encode() * 15,
    FileKind.TXT: "# Harvest\n\nThe year was *dry*.\n\n- one\n- two\n\n> Größe\n".encode() * 6,
}
PAGE = documents.html_page().encode()
CONTENTS = {
    **{kind.value: data for kind, data in SMALL.items()},
    "html": PAGE,
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 500,
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(range(256)) * 4,
    "gzip": b"\x1f\x8b\x08\0" + bytes(range(256)) * 4,
    "old-office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x01" * 600,
    "locked-office": hostile.ole_encrypted(),
    "archive": documents.zip_of({"readme": "text"}),
    "empty-archive": b"PK\x05\x06" + b"\0" * 18,
    "program": b"\x7fELF" + bytes(range(256)) * 4,
    "rtf": b"{\\rtf1 Hello}",
    "pickle": b"\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.",
}
CONTAINED = {"read", "damaged", "empty", "encrypted", "bomb"}
LEFT_BEHIND = [Path(folder, "left-behind.xml") for folder in ("/", "/tmp", "../..", "..", ".")]  # noqa: S108 -- where the names point
HOSTILE_NAMES = (
    "../../../../tmp/left-behind.xml",
    "/tmp/left-behind.xml",  # noqa: S108 -- a hostile name
    "..\\..\\left-behind.xml",
    "C:\\left-behind.xml",
    "word/re\u202efdp.xml",
    "word/nul\x01bell\x07.xml",
    "word/new\nline.xml",
    "word/" + "x" * 60_000 + ".xml",
    "word/document.xml",  # once more
    "WORD/DOCUMENT.XML",
    "xl/worksheets/../../left-behind.xml",
    "con.xml",
)


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxedReader]:
    """One process for all files of this module."""
    reader = SandboxedReader(workers=1, seconds=8, memory_mb=1_024, text_mb=20)
    yield reader
    asyncio.run(reader.close())


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("kind", FileKind)
async def test_file_of_another_kind_is_contained(pool: SandboxedReader, kind: FileKind, content: str) -> None:
    """A reader that is given another kind's content, past the first look, says what is wrong or reads text."""
    ended = await outcome(pool.read_file(CONTENTS[content], kind))
    assert ended in CONTAINED
    if kind.value == content:
        assert ended == "read"
    elif kind in {FileKind.DOCX, FileKind.XLSX}:
        assert ended in {"damaged", "empty", "encrypted"}


@pytest.mark.parametrize("content", CONTENTS)
async def test_page_of_another_kind_is_contained(pool: SandboxedReader, content: str) -> None:
    """Whatever a server sends as HTML is read or said to be unreadable."""
    reading = pool.read_page(CONTENTS[content], url="https://notes.example.org/", charset="utf-8")
    assert await outcome(reading) in CONTAINED


@pytest.mark.parametrize("kind", FileKind)
async def test_file_truncated_at_every_tenth_byte_is_contained(pool: SandboxedReader, kind: FileKind) -> None:
    """It crashes nothing; no Office file that was cut is taken for whole or for empty."""
    data = SMALL[kind]
    ends = [await outcome(pool.read_file(data[:length], kind)) for length in range(0, len(data), 10)]
    assert set(ends) <= CONTAINED
    if kind in {FileKind.DOCX, FileKind.XLSX}:
        assert set(ends) == {"damaged"}
    assert await outcome(pool.read_file(data, kind)) == "read"


async def test_page_truncated_at_every_tenth_byte_is_contained(pool: SandboxedReader) -> None:
    """A page that broke off is read as far as it goes."""
    for length in range(0, len(PAGE), 10):
        reading = pool.read_page(PAGE[:length], url="https://notes.example.org/", charset="utf-8")
        assert await outcome(reading) in CONTAINED


@pytest.mark.parametrize("kind", [FileKind.DOCX, FileKind.XLSX])
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
async def test_parts_with_hostile_names_are_contained(pool: SandboxedReader, kind: FileKind) -> None:
    """Nothing is unpacked to where the names of a package's parts point."""
    for name in HOSTILE_NAMES:
        assert await outcome(pool.read_file(bombs.zip_with_names(SMALL[kind], name), kind)) in CONTAINED
    every = bombs.zip_with_names(SMALL[kind], *HOSTILE_NAMES)
    assert await outcome(pool.read_file(every, kind)) in CONTAINED
    assert not any(path.exists() for path in LEFT_BEHIND)
