"""Files and pages that ask for other files and addresses: nothing is read, and nobody is called."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support import bombs, documents, hostile

from copydesk.domain.file import FileKind
from copydesk.errors import ReadError
from copydesk.readers import worker
from copydesk.readers.frames import Job
from copydesk.readers.sandbox import SandboxedReader

SECRET = "canary-4711"


@dataclass
class Trap:
    """A listener on loopback and a file, neither of which anybody may ask for."""

    address: str
    file: Path
    calls: list[object] = field(default_factory=list)

    def targets(self) -> tuple[str, ...]:
        """The spellings by which they are asked for."""
        return (f"http://{self.address}/x", f"ftp://{self.address}/x", self.file.as_uri(), str(self.file))


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    """Both, and who called."""
    canary = tmp_path / "canary.xml"
    canary.write_text(SECRET)
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        found = Trap(address=f"{host}:{port}", file=canary)

        def listen() -> None:
            while True:
                try:
                    connection, caller = server.accept()
                except OSError:
                    return
                with connection:
                    if caller[1] == closing[0]:
                        return
                    found.calls.append(caller)

        closing = [0]
        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield found
        with socket.socket() as last:
            last.bind(("127.0.0.1", 0))
            closing[0] = last.getsockname()[1]
            last.connect((host, port))
            thread.join()


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxedReader]:
    """One process for all files of this module."""
    reader = SandboxedReader(workers=1, seconds=8, memory_mb=1_024, text_mb=20)
    yield reader
    asyncio.run(reader.close())


def asking(target: str) -> Iterator[tuple[str, bytes]]:
    """Files of each kind that ask for `target`, by every means that their kind has."""
    for prolog in bombs.external(target):
        yield "docx", hostile.docx_with_entities(prolog, "&e;")
        sheet = (
            f"{prolog}<worksheet><sheetData><row><c t='inlineStr'><is><t>&e;</t></is></c></row></sheetData></worksheet>"
        )
        yield "xlsx", documents.xlsx_of_sheet(sheet)
        yield "html", f"{prolog}<p>&e; the harvest of the year was small, because it rained for weeks.</p>".encode()
        yield "txt", f"{prolog}<p>&e;</p>".encode()
    yield "docx", bombs.docx_that_points(target)
    yield "html", bombs.page_that_points(target)
    yield "txt", f"# Links\n\n![x]({target}) [y]({target}) <{target}>\n\n[z]: {target}\n".encode()
    yield "csv", f"a,b\n=WEBSERVICE(\"{target}\"),1\n=cmd|' /C calc'!A0,2\n".encode()
    yield "pdf", bombs.pdf_that_points(target)


async def test_nothing_is_asked_for_in_the_sandbox(pool: SandboxedReader, trap: Trap) -> None:
    """No text of the file and no call to the listener, whatever the document asks for."""
    read, said = 0, list[str]()
    for target in trap.targets():
        for kind, data in asking(target):
            try:
                if kind == "html":
                    document = await pool.read_page(data, url="https://notes.example.org/", charset=None)
                else:
                    document = await pool.read_file(data, FileKind(kind))
            except ReadError as error:
                said.append(error.message)
            else:
                read += 1
                said.append(repr(document))
    assert trap.calls == []
    assert read > 0
    assert not any(SECRET in text for text in said)


def test_nothing_is_asked_for_by_the_readers_themselves(trap: Trap) -> None:
    """The readers would not ask even where nothing kept them from it."""
    for target in trap.targets():
        for kind, data in asking(target):
            job = Job(kind=kind, url="https://notes.example.org/")
            try:
                document = worker.read(job, data, documents.limits())
            except ReadError:
                continue
            assert SECRET not in repr(document)
    time.sleep(0.2)  # for a call that is under way
    assert trap.calls == []


def test_trap_tells_who_calls(trap: Trap) -> None:
    """The test above could fail: a call is seen."""
    host, port = trap.address.split(":")
    socket.create_connection((host, int(port))).close()
    deadline = time.monotonic() + 5
    while not trap.calls:
        assert time.monotonic() < deadline
        time.sleep(0.01)
