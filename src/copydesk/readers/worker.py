"""The reader process: `python -I -m copydesk.readers.worker SECONDS MEMORY_MB TEXT_MB PARENT`.

Reads requests from standard input and answers on standard output, until standard input ends or the
process `PARENT` does.
"""

import gc
import json
import logging
import os
import sys
import time

from copydesk.domain.file import FileKind
from copydesk.domain.source import Document
from copydesk.errors import ReadError
from copydesk.readers import lockdown
from copydesk.readers.blocks import Limits
from copydesk.readers.frames import (
    FrameReader,
    Job,
    ReaderSpent,
    encode_document,
    encode_error,
    write_frames,
)

MAX_DATA = 256 * 2**20  # bytes of a file; uploads and pages are limited far below
_MAX_JOB = 65_536
_UNPACKED_BYTES = 384 * 2**20  # parts of a zip package together
# Of the time that the service allows, a reader takes this share and hands in what it has by then.
_SOFT_SHARE = 0.7
_GRACE = 2.0  # seconds after the service's own limit
_COLLECT_FROM = 2**20  # bytes of a file after which garbage is collected at once


def main() -> None:
    """Lock the process down, import the libraries, say so, and answer requests."""
    seconds, memory_mb, text_mb = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    requests, answers = _take_pipes()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy comes with trafilatura; its threads would only take memory
    os.environ["POLARS_MAX_THREADS"] = "1"  # a process has one core; the pool of threads is made at the first use
    os.environ["TZ"] = "UTC"  # else libraries look for the machine's zone in files that are out of reach
    granted = lockdown.isolate(memory_mb=memory_mb)
    lockdown.end_with(parent=int(sys.argv[4]))
    _warm_up()
    _silence()
    granted += lockdown.seal()
    write_frames(answers, json.dumps(granted).encode())
    while True:
        try:
            job = Job(**json.loads(requests.read(limit=_MAX_JOB)))
            data = requests.read(limit=MAX_DATA)
        except EOFError:
            return
        lockdown.limit_job(seconds + _GRACE)
        deadline = time.monotonic() + seconds * _SOFT_SHARE
        limits = Limits(deadline=deadline, text_bytes=text_mb * 2**20, unpacked_bytes=_UNPACKED_BYTES)
        answer = _answer(job, data, limits)
        lockdown.end_job()
        write_frames(answers, answer)
        if len(data) > _COLLECT_FROM:
            del data, answer
            gc.collect()


def _take_pipes() -> tuple[FrameReader, int]:
    """The pipes, out of reach of libraries that print: standard output goes where errors go."""
    requests, answers = FrameReader(os.dup(0)), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _silence() -> None:
    """What libraries say from now on, about other people's files, goes nowhere."""
    logging.disable(logging.CRITICAL)
    os.dup2(0, 1)
    os.dup2(0, 2)


def _warm_up() -> None:
    """Read one small document of each kind, which imports everything that reading needs."""
    from copydesk.readers import warmth  # noqa: PLC0415 -- after the namespaces are made

    limits = Limits(deadline=time.monotonic() + 60, text_bytes=2**20, unpacked_bytes=2**20)
    for kind, data in warmth.samples():
        read(Job(kind=kind, url="https://example.org/"), data, limits)
    gc.collect()
    gc.freeze()  # the libraries' objects are never garbage; collections after a job leave them out


def _answer(job: Job, data: bytes, limits: Limits) -> bytes:
    try:
        return encode_document(read(job, data, limits))
    except ReadError as error:
        return encode_error(error)
    except MemoryError:
        return encode_error(ReaderSpent("Reading it takes more memory than it may.", reason="bomb"))
    except RecursionError:
        return encode_error(ReaderSpent("It is nested deeper than documents are.", reason="bomb"))
    except Exception as error:  # noqa: BLE001 -- parsers of hostile bytes raise anything; all of it means "damaged"
        what = "page" if job.kind == "html" else "file"
        return encode_error(
            ReaderSpent(f"The {what} is damaged: {type(error).__name__} while reading.", reason="damaged")
        )


def read(job: Job, data: bytes, limits: Limits) -> Document:
    """Read `data` in this process, without any protection."""
    from copydesk.readers import docx, html, pdf, profile, sheets, text  # noqa: PLC0415 -- after the namespaces are made

    if job.kind == "html":
        return profile.with_profiles(html.read_html(data, limits, url=job.url, charset=job.charset), limits)
    readers = {
        FileKind.PDF: pdf.read_pdf,
        FileKind.DOCX: docx.read_docx,
        FileKind.XLSX: sheets.read_xlsx,
        FileKind.CSV: sheets.read_csv,
        FileKind.TXT: text.read_text,
    }
    return profile.with_profiles(readers[FileKind(job.kind)](data, limits), limits)


if __name__ == "__main__":
    main()
