"""The sandbox when a reader process was taken over, or is killed again and again."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import captive
from support.reading import children, outcome, until

from copydesk.domain.file import FileKind
from copydesk.errors import ReadError
from copydesk.readers.sandbox import SandboxedReader

SECONDS, MEMORY_MB = 3, 512
CSV = b"district,tonnes\nNorth,1200\n"


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxedReader]:
    """Two captives for all tests of this module; nothing of them is left afterwards."""
    folder = tmp_path_factory.mktemp("captive")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        captive.take_over(patch, folder)
        reader = SandboxedReader(workers=2, seconds=SECONDS, memory_mb=MEMORY_MB, text_mb=2)
        yield reader
        asyncio.run(reader.close())
    assert children() == set()
    assert list(folder.glob("copydesk-reader-*")) == []


@pytest.fixture
async def reader(pool: SandboxedReader) -> SandboxedReader:
    """The captives, both idle."""
    await pool.start()
    await until(lambda: len(pool._idle) == 2, seconds=30)
    return pool


async def order(reader: SandboxedReader, what: str, *, padding: int = 0) -> str:
    """What the captive says when it is told to do something; `padding` makes the file a large one."""
    document = await reader.read_file(f"captive {what}".encode() + b" " * padding, FileKind.TXT)
    return document.blocks[0].text


# What it does, and how a reading ends by it.
DEEDS = {
    "abort": "damaged",
    "fault": "damaged",
    "leave": "damaged",
    "spin": "bomb",
    "eat": "bomb",
    "junk": "bomb",
    "endless": "bomb",
    "short": "bomb",
    "pickle": "damaged",
    "twice": "damaged",
    "close": "damaged",
}


LARGE = 100_000  # bytes: such files are read by a thread, small ones without
CASES = [*((deed, 0) for deed in DEEDS), *((deed, LARGE) for deed in ("abort", "spin", "twice", "close"))]


@pytest.mark.parametrize(("deed", "padding"), CASES)
async def test_deed_of_a_captive_ends_its_reading_alone(reader: SandboxedReader, deed: str, padding: int) -> None:
    """Whatever it does or sends, its file has an honest error, a fresh process follows, others go on."""
    before = children()
    reading = asyncio.create_task(outcome(reader.read_file(b"captive " + deed.encode() + b" " * padding, FileKind.TXT)))
    begun = time.monotonic()
    while not reading.done():
        assert (await reader.read_file(CSV, FileKind.CSV)).rows == 1
        await asyncio.wait([reading], timeout=0.1)
    assert time.monotonic() - begun < SECONDS + 3
    assert await reading == DEEDS[deed]
    await until(lambda: len(children()) == 2 and len(children() - before) == 1, seconds=20)


async def test_captive_reaches_nothing(reader: SandboxedReader, tmp_path: Path) -> None:
    """No process, socket, program, signal, secret, file or variable of ours, by native calls either."""
    secret = tmp_path / "secret"
    secret.write_text("key")
    protections = {protection.name for protection in await reader.protections() if protection.active}
    if "seccomp" in protections:
        for call in ("fork", "socket", "program", "kill"):
            assert (await order(reader, call)).endswith(" -1 1"), call  # EPERM
    if "landlock" in protections:
        assert await outcome(reader.read_file(f"captive read {secret}".encode(), FileKind.TXT)) == "damaged"
    written = tmp_path / "written"
    assert await outcome(reader.read_file(f"captive write {written}".encode(), FileKind.TXT)) == "damaged"
    assert not written.exists()
    assert "COPYDESK" not in (said := await order(reader, "environment"))
    assert "HOME" not in said


async def test_file_that_always_kills_its_process_spoils_no_other(reader: SandboxedReader) -> None:
    """Several such files among good ones: each has its error, and every good file is read."""
    bad = [outcome(reader.read_file(b"captive abort", FileKind.TXT)) for _ in range(4)]
    good = [outcome(reader.read_file(CSV, FileKind.CSV)) for _ in range(30)]
    ended = await asyncio.gather(*bad, *good)
    assert ended == ["damaged"] * 4 + ["read"] * 30


async def test_small_reading_that_is_cancelled_frees_its_place(reader: SandboxedReader) -> None:
    """Its process is killed and replaced, and both places can be used."""
    readings = [asyncio.create_task(reader.read_file(b"captive sleep", FileKind.TXT)) for _ in range(2)]
    await asyncio.sleep(0.1)
    before = children()
    for reading in readings:
        reading.cancel()
    assert all(
        isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*readings, return_exceptions=True)
    )
    ended = await asyncio.gather(*(outcome(reader.read_file(CSV, FileKind.CSV)) for _ in range(6)))
    assert ended == ["read"] * 6
    assert not before & children()


async def test_process_is_replaced_when_it_has_worked_for_long(
    reader: SandboxedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a file did to a process ends with the process."""
    before = children()
    assert int(await order(reader, "count")) >= 1
    worn = set(reader._idle)
    for process in worn:
        monkeypatch.setattr(process, "worked", 3_600.0)
    assert await outcome(reader.read_file(CSV, FileKind.CSV)) == "read"
    await until(lambda: len(reader._idle) == 2 and len(children() & before) == 1, seconds=20)
    (other,) = worn & set(reader._idle)
    assert other.worked == 3_600.0


async def test_error_is_honest_when_a_process_crashes(reader: SandboxedReader) -> None:
    """Who uploaded the file reads that it is damaged, not that we are."""
    with pytest.raises(ReadError, match="the reader crashed on it"):
        await reader.read_file(b"captive abort", FileKind.TXT)
