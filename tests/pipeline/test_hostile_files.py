"""Hostile files and pages: each is contained, and others are read meanwhile."""

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest
from support import bombs, documents, hostile
from support.reading import PeakMemory, outcome, until

from copydesk.domain.file import FileKind
from copydesk.domain.source import Document
from copydesk.readers.sandbox import SandboxedReader

# Smaller than the defaults, which prove the same in more time; the worst run at the defaults too.
SECONDS, MEMORY_MB, TEXT_MB = 2, 384, 2
WITHIN = 10.0  # seconds, whatever the limits and however busy the machine
SLACK_MB = 128  # what a process takes between two looks at it
GOOD = b"district,tonnes\nNorth,1200\n"
GOOD_SECONDS = 3.0  # a good file takes a few milliseconds; a busy machine may take a hundred times that
ANY = {"read", "bomb", "damaged", "empty"}
ERROR = {"bomb", "damaged"}


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxedReader]:
    """Two processes for all files of this module; what a file spoils is replaced."""
    reader = SandboxedReader(workers=2, seconds=SECONDS, memory_mb=MEMORY_MB, text_mb=TEXT_MB)
    yield reader
    asyncio.run(reader.close())


async def contained(reader: SandboxedReader, read: Callable[[], "asyncio.Future[Document]"], *, memory_mb: int) -> str:
    """How it ends, after it was seen that time and memory are kept and that good files are read meanwhile."""
    await reader.start()
    await until(lambda: len(reader._idle) == 2, seconds=30)
    good, slowest = 0, 0.0
    with PeakMemory() as memory:
        begun = time.monotonic()
        reading = asyncio.ensure_future(outcome(read()))
        while not reading.done() or not good:
            asked = time.monotonic()
            assert (await reader.read_file(GOOD, FileKind.CSV)).rows == 1
            good, slowest = good + 1, max(slowest, time.monotonic() - asked)
            await asyncio.wait([reading], timeout=0.05)
        ended = await reading
        took = time.monotonic() - begun
    assert took < WITHIN
    assert slowest < GOOD_SECONDS
    assert memory.peak < (memory_mb + SLACK_MB) * 2**20
    return ended


FILES: dict[str, tuple[FileKind, Callable[[], bytes], set[str]]] = {
    "pdf-flate-bomb": (FileKind.PDF, hostile.pdf_flate_bomb, {"bomb"}),
    "pdf-page-loop": (FileKind.PDF, hostile.pdf_page_loop, ANY),
    "pdf-form-loop": (FileKind.PDF, hostile.pdf_form_loop, {"bomb"}),
    "pdf-nested-arrays": (FileKind.PDF, hostile.pdf_nested, ERROR),
    "pdf-nested-dictionaries": (FileKind.PDF, bombs.pdf_nested_dictionaries, ANY),
    "pdf-nested-content": (FileKind.PDF, bombs.pdf_nested_content, ANY),
    "pdf-state-stack": (FileKind.PDF, bombs.pdf_state_stack, ANY),
    "pdf-deep-tree": (FileKind.PDF, bombs.pdf_deep_tree, ANY),
    "pdf-outline-loop": (FileKind.PDF, bombs.pdf_outline_loop, {"read", "bomb"}),
    "pdf-length-loop": (FileKind.PDF, bombs.pdf_length_loop, ANY),
    "pdf-font-loop": (FileKind.PDF, bombs.pdf_font_loop, ANY),
    "pdf-character-map": (FileKind.PDF, bombs.pdf_character_map, {"read", "bomb"}),
    "pdf-image": (FileKind.PDF, bombs.pdf_image, {"read"}),
    "pdf-jbig2": (
        FileKind.PDF,
        lambda: bombs.pdf_image(b"/JBIG2Decode", b"\x97JB2\r\n\x1a\n" + b"\xff" * 1_000),
        {"read"},
    ),
    "pdf-jpx": (FileKind.PDF, lambda: bombs.pdf_image(b"/JPXDecode", b"\0\0\0\x0cjP  " + b"\xff" * 1_000), {"read"}),
    "pdf-many-pages": (FileKind.PDF, hostile.pdf_many_pages, {"read"}),
    "pdf-many-letters": (FileKind.PDF, bombs.pdf_many_letters, {"read", "bomb"}),
    "docx-zip-bomb": (FileKind.DOCX, lambda: hostile.zip_bomb(mib=400), {"bomb"}),
    "docx-zip-bomb-under-the-ratio": (
        FileKind.DOCX,
        lambda: hostile.zip_bomb(mib=200, inner=hostile.noisy_xml()),
        ERROR,
    ),
    "docx-zip-in-zip": (
        FileKind.DOCX,
        lambda: documents.docx_of_body(
            documents.word_paragraph("Text."), parts={"word/more.zip": hostile.zip_bomb(mib=400)}
        ),
        {"read"},
    ),
    "docx-zip-in-zips": (FileKind.DOCX, bombs.zip_in_zips, {"read"}),
    "docx-zip-overlap": (FileKind.DOCX, bombs.zip_with_overlap, ERROR),
    "docx-billion-laughs": (FileKind.DOCX, lambda: hostile.docx_with_entities(hostile.laughs(), "&l9;"), {"bomb"}),
    "docx-quadratic": (FileKind.DOCX, lambda: hostile.docx_with_entities(bombs.quadratic(), "&q;" * 20_000), {"bomb"}),
    "docx-deep": (FileKind.DOCX, lambda: documents.docx_of_body("<w:tbl><w:tr><w:tc>" * 300_000), ERROR),
    "docx-large-text": (
        FileKind.DOCX,
        lambda: documents.docx_of_body(documents.word_paragraph("word " * 20) * 60_000),
        {"read", "bomb"},
    ),
    "docx-empty-paragraphs": (FileKind.DOCX, bombs.docx_empty_paragraphs, {"read", "bomb", "empty"}),
    "docx-spans": (FileKind.DOCX, bombs.docx_spans, {"read", "bomb"}),
    "xlsx-corners": (FileKind.XLSX, hostile.xlsx_corners, {"read"}),
    "xlsx-wide-rows": (FileKind.XLSX, hostile.xlsx_wide_rows, {"read", "bomb"}),
    "xlsx-stated-size": (FileKind.XLSX, lambda: bombs.xlsx_stated("A1:XFD6104"), {"read"}),
    "xlsx-stated-nonsense": (FileKind.XLSX, lambda: bombs.xlsx_stated("A0:ZZZZ99999999999"), {"read", "damaged"}),
    "xlsx-merged": (FileKind.XLSX, bombs.xlsx_merged, {"read", "bomb"}),
    "xlsx-shared-strings": (FileKind.XLSX, bombs.xlsx_shared_strings, {"read", "bomb"}),
    "xlsx-odd-values": (FileKind.XLSX, bombs.xlsx_odd_values, {"read", "damaged"}),
    "xlsx-zip-bomb": (FileKind.XLSX, lambda: hostile.zip_bomb("xl/sharedStrings.xml", mib=400), {"bomb"}),
    "csv-one-line": (FileKind.CSV, lambda: b"x" * 200_000_000, ERROR),
    "csv-one-row": (FileKind.CSV, lambda: b"ab," * 5_000_000, ERROR),
    "csv-open-quote": (FileKind.CSV, lambda: b'"' + b"a,b\n" * 5_000_000, {"read", "bomb", "damaged"}),
    "csv-quotes": (FileKind.CSV, lambda: b'a,b\n"' + b'""' * 1_000_000 + b'",1\n', ANY),
    "csv-many-rows": (FileKind.CSV, lambda: b"1,2,3\n" * 4_000_000, {"read", "bomb"}),
    "csv-many-columns": (FileKind.CSV, lambda: (b"1," * 100_000 + b"2\n") * 4, {"read", "bomb"}),
    "csv-empty-rows": (FileKind.CSV, lambda: b"a,b\n" + b",\n" * 5_000_000 + b"1,2\n", {"read", "bomb"}),
    "csv-nuls": (FileKind.CSV, lambda: b"a,b\n" + b"\0" * 5_000_000, ANY),
    "csv-long-numbers": (FileKind.CSV, lambda: b"a,b\n" + (b"9" * 100_000 + b",1e999999999\n") * 20, ANY),
    "txt-one-line": (FileKind.TXT, lambda: b"word " * 5_000_000, {"read", "bomb"}),
    "txt-many-paragraphs": (FileKind.TXT, lambda: b"a b\n\n" * 5_000_000, {"read", "bomb"}),
    "txt-nuls": (FileKind.TXT, lambda: b"\0" * 5_000_000, ANY),
    "txt-bytes": (FileKind.TXT, lambda: bytes(range(128, 256)) * 40_000, ANY),
    "txt-spaces": (FileKind.TXT, lambda: b"a" + b" \t" * 1_000_000 + b"b", {"read"}),
    "txt-numbering": (FileKind.TXT, lambda: b"1." * 1_000_000 + b"x", {"read", "bomb"}),
    "txt-ends": (FileKind.TXT, lambda: b"x" + b".'\")" * 500_000 + b"x", {"read", "bomb"}),
    "txt-markdown-brackets": (FileKind.TXT, lambda: b"# a\n" + b"[a](" * 400_000, {"read", "bomb"}),
    "txt-markdown-quotes": (FileKind.TXT, lambda: b"# a\n" + b"> " * 400_000, {"read", "bomb"}),
    "txt-markdown-stars": (FileKind.TXT, lambda: b"# a\n" + b"**a *a " * 200_000, {"read", "bomb"}),
    "txt-markdown-pipes": (FileKind.TXT, lambda: b"# a\n" + b"|" * 500_000 + b"\n" + b"|-" * 250_000, {"read", "bomb"}),
}

PAGES: dict[str, Callable[[], bytes]] = {
    "deep": lambda: b"<div>" * 500_000,
    "many": lambda: b"<p>word " * 300_000,
    "open-attributes": lambda: b"<a href='" * 500_000,
    "attributes": lambda: bombs.page_of("<p " + " ".join(f"a{number}=1" for number in range(1_000_000)) + ">x</p>"),
    "tables": lambda: b"<table><tr><td>x" * 100_000,
    "spans": lambda: bombs.page_of("<table><tr><td colspan=999999999 rowspan=999999999>x</td></tr></table>" * 100),
    "rules": lambda: b"<style>" + b"@a{b{}" * 80_000 + b"</style><p>text",
    "lists": lambda: b"<ul><li>" * 50_000,
    "inline": lambda: bombs.page_of("<b><i>" * 100_000),
    "forms": lambda: bombs.page_of("<form><select><option>" * 100_000),
    "data": bombs.page_of_data,
    "dates": lambda: bombs.page_of("<time datetime='" + "2024-" * 200_000 + "'>" + "1/1/" * 200_000 + "</time>"),
    "styles": lambda: bombs.page_of("<p style='" + "color:red;" * 200_000 + "'>x</p>"),
    "title": lambda: bombs.page_of("", head="<meta property='og:title' content='" + "a | b - " * 200_000 + "'>"),
    "addresses": lambda: bombs.page_of("<a href='//[" + "a." * 200_000 + "'>x</a>" * 2),
    "entities": lambda: bombs.page_of("&#x1F600;" * 300_000 + "&amp" * 300_000),
    "bytes": lambda: b"\xff" * 2_000_000,
    "nuls": lambda: b"\0" * 2_000_000,
    "one-word": lambda: bombs.page_of("<p>" + "a" * 3_000_000 + "</p>"),
}


@pytest.mark.parametrize("name", FILES)
async def test_hostile_file_is_contained(pool: SandboxedReader, name: str) -> None:
    """It ends in a clear error or partial text within time and memory, and good files are read meanwhile."""
    kind, make, allowed = FILES[name]
    data = make()
    ended = await contained(pool, lambda: asyncio.ensure_future(pool.read_file(data, kind)), memory_mb=MEMORY_MB)
    assert ended in allowed


@pytest.mark.parametrize("name", PAGES)
async def test_hostile_page_is_contained(pool: SandboxedReader, name: str) -> None:
    """A page ends in text or a clear error within time and memory, and good files are read meanwhile."""
    page = PAGES[name]()
    ended = await contained(
        pool,
        lambda: asyncio.ensure_future(pool.read_page(page, url="https://notes.example.org/", charset=None)),
        memory_mb=MEMORY_MB,
    )
    assert ended in ANY


async def test_worst_files_are_contained_at_the_default_limits() -> None:
    """One that takes all memory and one that takes all time keep to 1 GiB and 8 seconds."""
    async with SandboxedReader(workers=2, seconds=8, memory_mb=1_024, text_mb=20) as reader:
        ended = await contained(
            reader,
            lambda: asyncio.ensure_future(reader.read_file(hostile.pdf_form_loop(), FileKind.PDF)),
            memory_mb=1_024,
        )
        assert ended == "bomb"
        slow = b"# a\n" + b"[a](" * 400_000
        ended = await contained(
            reader,
            lambda: asyncio.ensure_future(reader.read_file(slow, FileKind.TXT)),
            memory_mb=1_024,
        )
        assert ended in {"read", "bomb"}
