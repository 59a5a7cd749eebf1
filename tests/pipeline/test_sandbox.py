"""The sandbox on limits, killed processes, cancelled readings and many at once."""

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
from support import captive, documents, hostile
from support.reading import children, outcome, until, until_busy

from copydesk.domain.file import FileKind
from copydesk.domain.source import Document
from copydesk.errors import ConfigurationError, InternalError, ReadError
from copydesk.readers.frames import Job
from copydesk.readers.process import Killed, ReaderProcess
from copydesk.readers.sandbox import SandboxedReader
from copydesk.readers.watch import Watch

SECONDS, MEMORY_MB, TEXT_MB = 4, 512, 2
CSV = b"district,tonnes\nNorth,1200\n"
HUNGRY = hostile.pdf_form_loop()  # never ends to be read, and takes half a GiB a second


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


async def test_limit_is_named_when_it_was_passed() -> None:
    """Who uploads a bomb reads which limit stopped it."""
    async with SandboxedReader(workers=1, seconds=0.5, memory_mb=1_024, text_mb=1) as reader:
        with pytest.raises(ReadError, match=r"longer than 0\.5 seconds"):
            await reader.read_file(HUNGRY, FileKind.PDF)
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
    reading = asyncio.create_task(outcome(reader.read_file(HUNGRY, FileKind.PDF)))
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
    reading = asyncio.create_task(reader.read_file(HUNGRY, FileKind.PDF))
    await until_busy(pid)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await until(lambda: not psutil.pid_exists(pid), seconds=1)
    assert (await reader.read_file(CSV, FileKind.CSV)).rows == 1


async def test_reading_in_the_queue_is_dropped_when_it_is_cancelled(reader: SandboxedReader) -> None:
    """A cancelled reading that has not begun never begins."""
    first = asyncio.create_task(outcome(reader.read_file(HUNGRY, FileKind.PDF)))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(reader.read_file(HUNGRY, FileKind.PDF))
    await asyncio.sleep(0.05)
    second.cancel()
    assert await first == "bomb"
    assert (await reader.read_file(CSV, FileKind.CSV)).rows == 1
    assert [process.jobs for process in reader._idle] == [1]  # of the fresh process: the table alone


async def test_readings_end_when_the_reader_is_closed() -> None:
    """Running and waiting readings end with an error, and a closed reader reads no more."""
    reader = SandboxedReader(workers=1, seconds=30, memory_mb=4_096, text_mb=1)
    readings = [asyncio.create_task(reader.read_file(HUNGRY, FileKind.PDF)) for _ in range(3)]
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


async def test_reading_ends_as_a_bomb_when_its_process_is_killed_twice() -> None:
    """What the system kills again and again is not tried for ever."""
    async with SandboxedReader(workers=1, seconds=20, memory_mb=4_096, text_mb=1) as reader:
        reading = asyncio.create_task(outcome(reader.read_file(HUNGRY, FileKind.PDF)))
        for _ in range(2):
            await until(lambda: len(children()) == 1)
            (pid,) = children()
            await until_busy(pid)
            await asyncio.sleep(0.5)  # past the start, into the reading
            os.kill(pid, signal.SIGKILL)
            await until(lambda killed=pid: killed not in children())  # type: ignore[misc]  # bound now, on purpose
        assert await reading == "bomb"


async def test_process_starts_in_the_background() -> None:
    """Asking for a start returns at once; the first reading waits for it, and makes no second process."""
    reader = SandboxedReader(workers=1, seconds=8, memory_mb=MEMORY_MB, text_mb=2)
    begun = time.monotonic()
    reader.start_soon()
    assert time.monotonic() - begun < 0.5
    assert await outcome(reader.read_file(CSV, FileKind.CSV)) == "read"
    assert len(children()) == 1
    await reader.close()
    reader.start_soon()  # a closed reader starts nothing
    with pytest.raises(InternalError):
        await reader.read_file(CSV, FileKind.CSV)
    assert children() == set()


async def test_start_is_given_up_when_the_reader_is_closed() -> None:
    """Closing does not wait for a start that nobody needs, and a reading that waits for it ends."""
    reader = SandboxedReader(workers=1, seconds=8, memory_mb=MEMORY_MB, text_mb=2)
    reader.start_soon()
    reading = asyncio.create_task(reader.read_file(CSV, FileKind.CSV))
    await until(lambda: len(reader._watch._errands) == 1)
    await reader.close()
    with pytest.raises(InternalError):
        await reading
    assert children() == set()
    assert folders() == set()


ORPHANS = """
import asyncio, sys
from copydesk.domain.file import FileKind
from copydesk.readers.sandbox import SandboxedReader

async def main():
    reader = SandboxedReader(workers=2, seconds=600, memory_mb=4_096, text_mb=2)
    await reader.start()
    print("ready", flush=True)
    await reader.read_file(b"# a\\n" + b"[a](" * 400_000, FileKind.TXT)

asyncio.run(main())
"""


async def test_no_process_outlives_the_service() -> None:
    """When it is killed, the idle one and the one in the middle of a file end too, at once."""
    service = await asyncio.create_subprocess_exec(sys.executable, "-c", ORPHANS, stdout=subprocess.PIPE)
    assert service.stdout is not None
    assert await service.stdout.readline() == b"ready\n"
    await asyncio.sleep(0.5)  # into the reading
    orphans = children(service.pid)
    assert len(orphans) == 2
    service.kill()
    await service.wait()
    await until(lambda: not any(alive(pid) for pid in orphans), seconds=3)


def alive(pid: int) -> bool:
    """Whether it runs."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("padding", [0, 100_000], ids=["small", "large"])
async def test_reading_is_repeated_once_when_its_process_is_killed(
    padding: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins again on a fresh process; killed again, it has an honest error, and the next file is read."""
    captive.take_over(monkeypatch, tmp_path)
    async with SandboxedReader(workers=1, seconds=30, memory_mb=MEMORY_MB, text_mb=2) as reader:

        def reading() -> bool:
            return any(errand.deadline < time.monotonic() + 30 for errand in reader._watch._errands)

        ending = asyncio.create_task(outcome(reader.read_file(b"captive sleep" + b" " * padding, FileKind.TXT)))
        killed = set[int]()
        for _ in range(2):
            await until(reading, seconds=30)
            (pid,) = children() - killed
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
            await until(lambda: not reading(), seconds=5)
        assert await ending == "bomb"
        assert await outcome(reader.read_file(CSV, FileKind.CSV)) == "read"


async def test_small_readings_end_when_the_reader_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those at work, of which no thread knows, end with an error too."""
    captive.take_over(monkeypatch, tmp_path)
    reader = SandboxedReader(workers=2, seconds=30, memory_mb=MEMORY_MB, text_mb=2)
    await reader.start()
    readings = [asyncio.create_task(reader.read_file(b"captive sleep", FileKind.TXT)) for _ in range(4)]
    await asyncio.sleep(0.1)
    await reader.close()
    ended = await asyncio.gather(*readings, return_exceptions=True)
    assert [type(end) for end in ended] == [InternalError] * 4
    assert children() == set()
