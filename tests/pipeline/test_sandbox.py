"""The sandbox on hostile files, killed processes, cancelled readings and many at once."""

import asyncio
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from support import documents, hostile

from copydesk.domain.file import FileKind
from copydesk.domain.source import Document
from copydesk.errors import ConfigurationError, InternalError, ReadError
from copydesk.readers.frames import Job
from copydesk.readers.process import Killed, ReaderProcess
from copydesk.readers.sandbox import SandboxedReader
from copydesk.readers.watch import Watch

SECONDS, MEMORY_MB, TEXT_MB = 4, 512, 2
SLACK = 3.0  # seconds for starting a process and for a busy machine
CSV = b"district,tonnes\nNorth,1200\n"
SLOW = b"# a\n" + b"[a](" * 400_000  # Markdown that takes longer than any test
HUNGRY = hostile.pdf_form_loop()  # takes all memory in a second


def children() -> set[int]:
    """Processes of ours that read."""
    found: set[int] = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "copydesk.readers.worker" in process.cmdline():
                found.add(process.pid)
    return found


def folders() -> set[Path]:
    """Working folders of processes that read."""
    return set(Path(tempfile.gettempdir()).glob("copydesk-reader-*"))


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Working folders are made where only this test makes any."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
async def reader() -> AsyncIterator[SandboxedReader]:
    """One process with small limits; nothing of it is left afterwards."""
    async with SandboxedReader(workers=1, seconds=SECONDS, memory_mb=MEMORY_MB, text_mb=TEXT_MB) as reader:
        yield reader
    assert children() == set()
    assert folders() == set()


async def until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        await asyncio.sleep(0.01)


async def until_busy(pid: int) -> None:
    """Wait until the process is at work."""
    process = psutil.Process(pid)
    before = process.cpu_times().user
    await until(lambda: process.cpu_times().user > before + 0.05)


async def outcome(reading: Awaitable[Document]) -> str:
    """The reason of the error, or `read`."""
    try:
        await reading
    except ReadError as error:
        return error.reason
    return "read"


# What each may end as: contained is a clear error, or as much of the text as the limits allow.
HOSTILE: dict[str, tuple[FileKind, Callable[[], bytes], set[str]]] = {
    "pdf-flate-bomb": (FileKind.PDF, hostile.pdf_flate_bomb, {"bomb"}),
    "pdf-page-loop": (FileKind.PDF, hostile.pdf_page_loop, {"read", "damaged", "bomb"}),
    "pdf-form-loop": (FileKind.PDF, hostile.pdf_form_loop, {"bomb"}),
    "pdf-nested": (FileKind.PDF, hostile.pdf_nested, {"bomb", "damaged"}),
    "pdf-many-pages": (FileKind.PDF, hostile.pdf_many_pages, {"read"}),
    "docx-zip-bomb": (FileKind.DOCX, lambda: hostile.zip_bomb(mib=400), {"bomb"}),
    "docx-zip-bomb-under-the-ratio": (
        FileKind.DOCX,
        lambda: hostile.zip_bomb(mib=300, inner=hostile.noisy_xml()),
        {"bomb", "damaged"},
    ),
    "docx-zip-in-zip": (
        FileKind.DOCX,
        lambda: documents.docx_of_body(documents.word_paragraph("Text."), parts={"word/more.zip": hostile.zip_bomb()}),
        {"read"},
    ),
    "docx-billion-laughs": (FileKind.DOCX, lambda: hostile.docx_with_entities(hostile.laughs(), "&l9;"), {"bomb"}),
    "docx-xxe-file": (
        FileKind.DOCX,
        lambda: hostile.docx_with_entities("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", "&e;"),
        {"bomb"},
    ),
    "docx-xxe-network": (
        FileKind.DOCX,
        lambda: hostile.docx_with_entities("<!DOCTYPE x [<!ENTITY e SYSTEM 'http://127.0.0.1:9/'>]>", "&e;"),
        {"bomb"},
    ),
    "docx-deep": (FileKind.DOCX, lambda: documents.docx_of_body("<w:tbl><w:tr><w:tc>" * 300_000), {"damaged"}),
    "docx-large-text": (
        FileKind.DOCX,
        lambda: documents.docx_of_body(documents.word_paragraph("word " * 20) * 60_000),
        {"read", "bomb"},
    ),
    "xlsx-corners": (FileKind.XLSX, hostile.xlsx_corners, {"read"}),
    "xlsx-wide-rows": (FileKind.XLSX, hostile.xlsx_wide_rows, {"read"}),
    "xlsx-zip-bomb": (FileKind.XLSX, lambda: hostile.zip_bomb("xl/sharedStrings.xml", mib=400), {"bomb"}),
    "csv-one-line": (FileKind.CSV, lambda: b"x" * 200_000_000, {"bomb"}),
    "csv-one-row": (FileKind.CSV, lambda: b"ab," * 5_000_000, {"bomb"}),
    "csv-open-quote": (FileKind.CSV, lambda: b'"' + b"a,b\n" * 5_000_000, {"damaged"}),
    "csv-many-rows": (FileKind.CSV, lambda: b"1,2,3\n" * 4_000_000, {"read"}),
    "txt-one-line": (FileKind.TXT, lambda: b"word " * 5_000_000, {"read"}),
    "txt-many-paragraphs": (FileKind.TXT, lambda: b"a b\n\n" * 5_000_000, {"read"}),
    "txt-markdown-brackets": (FileKind.TXT, lambda: b"# a\n" + b"[a](" * 400_000, {"read", "bomb"}),
    "txt-markdown-quotes": (FileKind.TXT, lambda: b"# a\n" + b"> " * 400_000, {"read", "bomb"}),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_file_is_contained(reader: SandboxedReader, name: str) -> None:
    """It ends in a clear error or partial text within its time, and the next file is read."""
    kind, make, allowed = HOSTILE[name]
    data = make()
    start = time.monotonic()
    assert await outcome(reader.read_file(data, kind)) in allowed
    assert time.monotonic() - start < SECONDS + SLACK
    assert (await reader.read_file(CSV, FileKind.CSV)).rows == 1


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 500_000,
        b"<p>word " * 500_000,
        b"<a href='" * 500_000,
        b"<table><tr><td>x" * 100_000,
        b"<style>" + b"@a{b{}" * 80_000 + b"</style><p>text",
        b"<ul><li>" * 50_000,
        b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><p>&e;</p>",
        b"\xff" * 2_000_000,
    ],
    ids=["deep", "many", "attributes", "tables", "rules", "lists", "entity", "bytes"],
)
async def test_hostile_page_is_contained(reader: SandboxedReader, page: bytes) -> None:
    """A page ends in text or a clear error within its time, and the next one is read."""
    start = time.monotonic()
    reading = reader.read_page(page, url="https://notes.example.org/", charset=None)
    assert await outcome(reading) in {"read", "empty", "bomb", "damaged"}
    assert time.monotonic() - start < SECONDS + SLACK
    assert (await reader.read_file(CSV, FileKind.CSV)).rows == 1


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (FileKind.PDF, documents.pdf_report()),
        (FileKind.DOCX, documents.docx_report()),
        (FileKind.XLSX, documents.xlsx_report()),
    ],
    ids=["pdf", "docx", "xlsx"],
)
async def test_truncated_file_is_read_in_part_or_said_to_be_damaged(
    reader: SandboxedReader, kind: FileKind, data: bytes
) -> None:
    """A file cut at any tenth crashes nothing; no Office file is taken for empty."""
    for piece in hostile.cut(data):
        assert await outcome(reader.read_file(piece, kind)) in {
            "damaged",
            "read",
            "empty" if kind is FileKind.PDF else "",
        }


async def test_limit_is_named_when_it_was_passed() -> None:
    """Who uploads a bomb reads which limit stopped it."""
    async with SandboxedReader(workers=1, seconds=0.5, memory_mb=1_024, text_mb=1) as reader:
        with pytest.raises(ReadError, match=r"longer than 0\.5 seconds"):
            await reader.read_file(SLOW, FileKind.TXT)
    async with SandboxedReader(workers=1, seconds=30, memory_mb=256, text_mb=1) as reader:
        with pytest.raises(ReadError, match="more than 256 MiB of memory"):
            await reader.read_file(HUNGRY, FileKind.PDF)


async def test_text_is_partial_when_it_is_over_the_limit(reader: SandboxedReader) -> None:
    """What fits is handed in, and the document says that it is not all."""
    document = await reader.read_file(b"word " * 1_000_000, FileKind.TXT)
    assert document.notes == ("Only the first lines were read: it holds more than 2 MiB of text.",)


async def test_reading_is_repeated_when_the_process_is_killed_from_outside() -> None:
    """The reading in flight succeeds on a fresh process."""
    async with SandboxedReader(workers=1, seconds=20, memory_mb=1_024, text_mb=20) as reader:
        (pid,) = children()
        reading = asyncio.create_task(reader.read_file(hostile.pdf_many_pages(8_000), FileKind.PDF))
        await until_busy(pid)
        os.kill(pid, signal.SIGKILL)
        assert (await reading).pages == 8_000
        assert pid not in children()


async def test_reading_fails_when_the_process_crashes(reader: SandboxedReader) -> None:
    """A crash is the file's doing: it is damaged, and the process is replaced."""
    (pid,) = children()
    reading = asyncio.create_task(outcome(reader.read_file(SLOW, FileKind.TXT)))
    await until_busy(pid)
    os.kill(pid, signal.SIGSEGV)
    assert await reading == "damaged"
    assert (await reader.read_file(CSV, FileKind.CSV)).rows == 1


async def test_idle_process_that_is_gone_is_replaced(reader: SandboxedReader) -> None:
    """A process killed between two readings costs no reading."""
    (pid,) = children()
    os.kill(pid, signal.SIGKILL)
    assert (await reader.read_file(CSV, FileKind.CSV)).rows == 1


async def test_process_is_killed_when_the_reading_is_cancelled(reader: SandboxedReader) -> None:
    """Nobody waits for the answer, so nobody works for it."""
    (pid,) = children()
    reading = asyncio.create_task(reader.read_file(SLOW, FileKind.TXT))
    await until_busy(pid)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await until(lambda: not psutil.pid_exists(pid), seconds=1)
    assert (await reader.read_file(CSV, FileKind.CSV)).rows == 1


async def test_reading_in_the_queue_is_dropped_when_it_is_cancelled(reader: SandboxedReader) -> None:
    """A cancelled reading that has not begun never begins."""
    first = asyncio.create_task(outcome(reader.read_file(SLOW, FileKind.TXT)))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(reader.read_file(SLOW, FileKind.TXT))
    await asyncio.sleep(0.05)
    second.cancel()
    start = time.monotonic()
    assert await first == "bomb"
    assert (await reader.read_file(CSV, FileKind.CSV)).rows == 1
    assert time.monotonic() - start < SECONDS + SLACK


async def test_readings_end_when_the_reader_is_closed() -> None:
    """Running and waiting readings end with an error, and a closed reader reads no more."""
    reader = SandboxedReader(workers=1, seconds=30, memory_mb=4_096, text_mb=1)
    readings = [asyncio.create_task(reader.read_file(SLOW, FileKind.TXT)) for _ in range(3)]
    await until(lambda: len(children()) == 1)
    await asyncio.sleep(0.5)
    await reader.close()
    assert [type(result) for result in await asyncio.gather(*readings, return_exceptions=True)] == [InternalError] * 3
    with pytest.raises(InternalError, match="closed"):
        await reader.read_file(CSV, FileKind.CSV)
    await reader.close()


async def test_many_readings_share_the_processes() -> None:
    """Fifty readings at once, hostile ones among them, on two processes: each gets its own answer."""
    async with SandboxedReader(workers=2, seconds=2, memory_mb=512, text_mb=2) as reader:
        good = [reader.read_file(b"n,v\n" + b"x,1\n" * count, FileKind.CSV) for count in range(1, 51)]
        hostile = [outcome(reader.read_file(HUNGRY, FileKind.PDF)) for _ in range(2)]
        results = await asyncio.gather(*hostile, *good)
        assert results[:2] == ["bomb", "bomb"]
        assert [result.rows for result in results[2:] if isinstance(result, Document)] == list(range(1, 51))
        assert len(children()) <= 2


def test_reader_serves_several_event_loops() -> None:
    """The API's loop and the worker's may share one reader."""
    reader = SandboxedReader(workers=1, seconds=8, memory_mb=512, text_mb=2)
    rows: list[int | None] = []

    def read() -> None:
        rows.append(asyncio.run(reader.read_file(CSV, FileKind.CSV)).rows)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asyncio.run(reader.close())
    assert rows == [1, 1, 1]


async def test_event_loop_is_free_while_a_file_is_read(reader: SandboxedReader) -> None:
    """Other tasks go on while a large table is read and its answer parsed."""
    reading = asyncio.create_task(reader.read_file(b"a,b,c\n" + b"1,2,3\n" * 100_000, FileKind.CSV))
    longest, last = 0.0, time.monotonic()
    while not reading.done():
        await asyncio.sleep(0.001)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert (await reading).rows is not None
    assert longest < 2  # seconds: parsing the answer on the loop would hold it longer than a busy machine does


async def test_protections_are_told(reader: SandboxedReader) -> None:
    """The doctor can say which protections this machine grants."""
    protections = {protection.name: protection.active for protection in await reader.protections()}
    assert protections["watchdog"]
    assert protections["audit"]
    assert set(protections) == {
        "watchdog",
        "limits",
        "namespaces",
        "no_new_privileges",
        "landlock",
        "seccomp",
        "audit",
    }


async def test_protections_are_told_when_nothing_was_read() -> None:
    """Asking starts the processes."""
    reader = SandboxedReader(workers=1, seconds=8, memory_mb=512, text_mb=2)
    assert all(protection.description for protection in await reader.protections())
    await reader.close()


@pytest.mark.parametrize(("script", "words"), [("echo no module >&2", "no module"), ("exit 1", "it says nothing")])
async def test_start_fails_when_the_process_cannot_be_started(
    script: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence has the process's own last words, and nothing is left of it."""
    interpreter = tmp_path / "python"
    interpreter.write_text(f"#!/bin/sh\n{script}\n")
    interpreter.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(interpreter))
    reader = SandboxedReader(workers=1, seconds=8, memory_mb=512, text_mb=2)
    with pytest.raises(ConfigurationError, match=f"does not start: {words}"):
        await reader.start()
    await reader.close()
    assert folders() == set()


def test_process_is_killed_when_its_answer_is_too_long() -> None:
    """An answer over the limit of text is not taken in."""
    watch = Watch()
    process = ReaderProcess(seconds=8, memory_mb=1_024, text_mb=1, watch=watch)
    process._answer_bytes = 10
    with pytest.raises(Killed, match="text"):
        process.ask(Job(kind="csv"), CSV, threading.Event())
    process.close()
    watch.close()


async def test_warm_reading_is_measured(
    reader: SandboxedReader, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """A small file costs no interpreter start: the medians are recorded, not judged."""
    files = {
        FileKind.PDF: documents.pdf_report(),
        FileKind.DOCX: documents.docx_report(),
        FileKind.XLSX: documents.xlsx_report(),
        FileKind.CSV: CSV,
        FileKind.TXT: b"Some text.",
    }
    for kind, data in files.items():
        times: list[float] = []
        for _ in range(20):
            start = time.perf_counter()
            await reader.read_file(data, kind)
            times.append(time.perf_counter() - start)
        record_testsuite_property(f"{kind.value}_median_ms", round(statistics.median(times) * 1_000, 1))
        assert times


async def test_reading_ends_as_a_bomb_when_its_process_is_killed_twice(reader: SandboxedReader) -> None:
    """What the system kills again and again is not tried for ever."""
    reading = asyncio.create_task(outcome(reader.read_file(SLOW, FileKind.TXT)))
    for _ in range(2):
        await until(lambda: len(children()) == 1)
        (pid,) = children()
        await until_busy(pid)
        await asyncio.sleep(1)  # past the start, into the reading
        os.kill(pid, signal.SIGKILL)
        await until(lambda killed=pid: killed not in children())  # type: ignore[misc]  # bound now, on purpose
    assert await reading == "bomb"
