"""How fast files and pages are read in the sandbox, beside the same readers in this process and the plain parsers.

Counted is CPU time of all processes that take part, of the service's and of the reader's, so that a
rate is per core and another load of the machine does not matter: `sandbox / reader` is the share of
the reader's own rate that is left when it is called through the sandbox. The plain parser is the
library alone, without structure, cleaning and profiles. Runs are interleaved; medians are shown.

    python bench/reading.py [--seconds N]
"""

import argparse
import asyncio
import csv
import io
import os
import random
import re
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import docx
import openpyxl
import psutil
import pypdfium2
import trafilatura
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

from copydesk.domain.file import FileKind
from copydesk.readers import worker
from copydesk.readers.blocks import Limits
from copydesk.readers.frames import Job
from copydesk.readers.sandbox import SandboxedReader

ROUNDS = 5
ADDRESS = "https://notes.example.org/harvest"
WORDS = re.findall(
    r"\w+",
    "harvest district wheat yield rain river field season market price farmer storage mill export report measure "
    "average region drought growth labour cost soil water the of and in to was with for by than over year",
)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One file, and the plain way to read it."""

    name: str
    kind: str
    data: bytes
    plain: Callable[[bytes], object]


def sentences(chance: random.Random, count: int) -> str:
    """Sentences of 8 to 20 words."""
    made = (" ".join(chance.choices(WORDS, k=chance.randint(8, 20))).capitalize() + "." for _ in range(count))
    return " ".join(made)


def rows(chance: random.Random, count: int) -> list[list[object]]:
    """A table with a header, dates, names and numbers."""
    head: list[object] = ["date", "district", "tonnes", "price", "note"]
    body: list[list[object]] = [
        [
            f"{2020 + number // 365 % 5}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            f"District {chance.randint(1, 12)}",
            chance.randint(100, 9_999),
            round(chance.uniform(50, 400), 2),
            chance.choice(["", "estimated", "revised"]),
        ]
        for number in range(count)
    ]
    return [head, *body]


def page(chance: random.Random, sections: int) -> bytes:
    """An article with a menu, lists, a table, links and a footer around it."""
    menu = "".join(f"<li><a href='/{word}'>{word}</a></li>" for word in WORDS)
    body = "".join(
        f"<h2>{sentences(chance, 1)[:40]}</h2>"
        + "".join(f"<p>{sentences(chance, 5)} <a href='/{number}'>more</a></p>" for _ in range(4))
        + f"<ul>{''.join(f'<li>{sentences(chance, 1)}</li>' for _ in range(4))}</ul>"
        for number in range(sections)
    )
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows(chance, 12))
    return (
        "<!DOCTYPE html><html lang='en'><head><title>The harvest of the year</title>"
        "<meta name='author' content='Ada Field'><meta property='article:published_time' content='2024-03-02'>"
        f"<script>var a = {list(range(200))};</script></head><body><nav><ul>{menu}</ul></nav><main><article>"
        f"<h1>The harvest of the year</h1>{body}<table>{cells}</table></article></main>"
        f"<aside>{menu}</aside><footer><p>All rights reserved.</p>{menu}</footer></body></html>"
    ).encode()


def text_file(chance: random.Random, paragraphs: int) -> bytes:
    """Paragraphs of prose under headings."""
    return "\n\n".join(
        ("Chapter\n=======\n\n" if number % 8 == 0 else "") + sentences(chance, 5) for number in range(paragraphs)
    ).encode()


def table_file(chance: random.Random, count: int) -> bytes:
    """The table as CSV."""
    target = io.StringIO()
    csv.writer(target).writerows(rows(chance, count))
    return target.getvalue().encode()


def workbook(chance: random.Random, count: int) -> bytes:
    """The table as XLSX."""
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in rows(chance, count):
        book.worksheets[0].append(row)
    book.save(target)
    return target.getvalue()


def word_file(chance: random.Random, sections: int) -> bytes:
    """Headings, paragraphs, lists and a table."""
    document, target = docx.Document(), io.BytesIO()
    for _ in range(sections):
        document.add_heading(sentences(chance, 1)[:50], level=2)
        for _ in range(4):
            document.add_paragraph(sentences(chance, 5))
        document.add_paragraph(sentences(chance, 1), style="List Bullet")
    table = document.add_table(rows=0, cols=5)
    for row in rows(chance, 6):
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = str(value)
    document.save(target)
    return target.getvalue()


def pdf_file(chance: random.Random, paragraphs: int) -> bytes:
    """Pages of headings and paragraphs."""
    styles, target = getSampleStyleSheet(), io.BytesIO()
    story = [
        Paragraph(sentences(chance, 1)[:50], styles["Heading2"])
        if number % 6 == 0
        else Paragraph(sentences(chance, 6), styles["BodyText"])
        for number in range(paragraphs)
    ]
    SimpleDocTemplate(target).build(story)
    return target.getvalue()


def plain_pdf(data: bytes) -> object:
    """The text of each page."""
    document = pypdfium2.PdfDocument(data)
    return [page.get_textpage().get_text_range() for page in document]


def plain_docx(data: bytes) -> object:
    """The text of each paragraph."""
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs]


def plain_xlsx(data: bytes) -> object:
    """The values of each row."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    return [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]


def plain_csv(data: bytes) -> object:
    """The cells of each row."""
    return list(csv.reader(io.StringIO(data.decode())))


def samples() -> list[Sample]:
    """A small and a medium file of each kind, the same in every run."""
    made: list[Sample] = []
    for size, scale in (("small", 1), ("medium", 10)):
        chance = random.Random(7)  # noqa: S311 -- no secret, and the same in every run
        for kind, data, plain in (
            ("pdf", pdf_file(chance, 12 * scale), plain_pdf),
            ("docx", word_file(chance, 2 * scale), plain_docx),
            ("xlsx", workbook(chance, 50 * scale), plain_xlsx),
            ("csv", table_file(chance, 50 * scale), plain_csv),
            ("txt", text_file(chance, 12 * scale), bytes.decode),
            ("html", page(chance, 3 * scale), trafilatura.extract),
        ):
            made.append(Sample(name=f"{kind}, {size}", kind=kind, data=data, plain=plain))
    return made


def cpu_seconds() -> float:
    """CPU that this process has used, its reader processes, and those that were replaced."""
    used = sum(os.times()[:4])
    for process in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # replaced in between
            times = process.cpu_times()
            used += times.user + times.system
    return used


async def rate(seconds: float, read: Callable[[], Awaitable[object]]) -> float:
    """Files per CPU second."""
    await read()
    count, begun, cpu = 0, time.monotonic(), cpu_seconds()
    while time.monotonic() - begun < seconds or not count:
        await read()
        count += 1
    return count / max(cpu_seconds() - cpu, 0.001)


async def measure(sandbox: SandboxedReader, sample: Sample, seconds: float) -> tuple[float, float, float]:
    """Rates of the plain parser, of the reader in this process, and of the sandbox."""

    async def plain() -> object:
        return sample.plain(sample.data)

    async def reader() -> object:
        limits = Limits(deadline=time.monotonic() + 60, text_bytes=20 * 2**20, unpacked_bytes=384 * 2**20)
        return worker.read(Job(kind=sample.kind, url=ADDRESS), sample.data, limits)

    async def sandboxed() -> object:
        if sample.kind == "html":
            return await sandbox.read_page(sample.data, url=ADDRESS, charset="utf-8")
        return await sandbox.read_file(sample.data, FileKind(sample.kind))

    rounds = [
        (await rate(seconds, plain), await rate(seconds, reader), await rate(seconds, sandboxed)) for _ in range(ROUNDS)
    ]
    first, second, third = zip(*rounds, strict=True)
    return statistics.median(first), statistics.median(second), statistics.median(third)


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=0.6, help="of one of the interleaved runs")
    seconds = parser.parse_args().seconds
    print(
        f"{'':14}{'KB':>6}{'plain/s':>10}{'reader/s':>10}{'sandbox/s':>11}{'sandbox/reader':>16}{'sandbox/plain':>15}"
    )
    async with SandboxedReader(workers=1, seconds=8, memory_mb=1_024, text_mb=20) as sandbox:
        for sample in samples():
            plain, reader, sandboxed = await measure(sandbox, sample, seconds)
            print(
                f"{sample.name:14}{len(sample.data) / 1_000:6.0f}{plain:10.1f}{reader:10.1f}{sandboxed:11.1f}"
                f"{sandboxed / reader:16.2f}{sandboxed / plain:15.2f}",
                flush=True,
            )
    print("\nfiles per second and core; limits: sandbox/reader at least 0.70; html: sandbox/plain at least 0.80")


if __name__ == "__main__":
    asyncio.run(main())
