"""How much of real files the readers read: bag-of-words recall against an independent reading.

Every file of the corpus (`make corpus`) goes through the sandboxed reader as the service runs it. What
it returns is compared, word by word, with a reading that shares no code with it; so is the reading of
the plain library, in the same run.

    kind  independent reading                          plain library                    at least, for
    pdf   pdftotext                                    pypdfium2, get_text_range        0.90, 97 %
    docx  pandoc and the raw XML, of each the more     python-docx, paragraphs walked   0.95, 98 %
    xlsx  the raw XML of the sheets                    openpyxl, reset_dimensions       0.95, 98 %
    csv   the text in its known encoding               UTF-8, else charset-normalizer   0.99, 95 %
    txt   the same; of Markdown what pandoc reads      the same                         0.99, 95 %

What a word is, and that hyphenation is undone on both sides, stands in `reference/words.py`. Left out
on purpose, and so not asked for: running heads of PDFs beyond their first time and page numbers;
deleted, hidden and doubled text of DOCX, its page headers and footers; hidden sheets, rows and columns, formulas (their
stored results count) and error values of XLSX; addresses and comments of Markdown (`.md`); the
numbers of list items in text. Files of fewer than ten words in the independent reading (scans, empty
documents, files made to test a single feature) and those it cannot read measure nothing and are only
counted.

    python bench/corpus.py [--kind KIND]... [--limit N] [--json FILE] [--folder DIR]

Needs `pdftotext` and `pandoc` (Debian: poppler-utils, pandoc). Ends with 1 if a target is missed.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from lxml import etree
from reference import pages, plain, sheets
from reference.words import Bag, cell, recall, words

from copydesk.domain.file import FileKind
from copydesk.domain.source import Document
from copydesk.errors import ReadError
from copydesk.readers.sandbox import SandboxedReader
from copydesk.settings import Settings

FOLDER = Path(__file__).resolve().parent.parent / "build" / "corpus"
TARGETS = {"pdf": (0.90, 0.97), "docx": (0.95, 0.98), "xlsx": (0.95, 0.98), "csv": (0.99, 0.95), "txt": (0.99, 0.95)}
PLAIN: dict[str, Callable[[bytes], Bag]] = {
    "pdf": plain.pdf,
    "docx": plain.docx,
    "xlsx": plain.xlsx,
    "csv": plain.text,
    "txt": plain.text,
}
WORST = 10
LEAST_WORDS = 10  # of the independent reading; one word more or less of fewer says nothing of a reader
PROGRAMS = {"pdftotext": "poppler-utils", "pandoc": "pandoc"}
# What the independent readings raise on files that they cannot read.
UNREADABLE = (subprocess.SubprocessError, zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, UnicodeDecodeError)
# What the plain libraries raise on files that they do not bear.
FAILURES = (*UNREADABLE, ValueError, TypeError, LookupError, AttributeError, RuntimeError, OSError)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What came of one file."""

    path: str
    kind: str
    words: int  # of the independent reading
    recall: float
    plain: float | None  # of the plain library; None where it raised
    seconds: float  # of the sandboxed reader
    plain_seconds: float
    error: str | None  # why the reader refused the file
    notes: tuple[str, ...]  # what it left out and why


def main() -> int:
    """Measure and print; 1 if a target is missed."""
    arguments = _arguments()
    manifest = arguments.folder / "manifest.json"
    missing = [f"{name} (Debian: {package})" for name, package in PROGRAMS.items() if shutil.which(name) is None]
    if missing or not manifest.exists():
        print(f"Not measured: {', '.join(missing) or 'no corpus, run `make corpus` first'}.")
        return 0
    samples = json.loads(manifest.read_text())
    readings, left_out = list[Reading](), Counter[str]()
    for kind in arguments.kind or TARGETS:
        chosen = [sample for sample in samples if sample["kind"] == kind][: arguments.limit]
        asyncio.run(_measure(chosen, arguments.folder, readings, left_out))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(reading) for reading in readings], indent=1))
    return max([_report(kind, readings, left_out[kind]) for kind in arguments.kind or TARGETS])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kind", action="append", choices=tuple(TARGETS), help="this kind alone; may be repeated")
    parser.add_argument("--limit", type=int, help="the first N files of each kind")
    parser.add_argument("--json", type=Path, help="write what came of each file there")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="the corpus")
    return parser.parse_args()


async def _measure(
    samples: Iterable[dict[str, str]], folder: Path, readings: list[Reading], left_out: Counter[str]
) -> None:
    settings = Settings()
    async with SandboxedReader(
        workers=1,
        seconds=settings.sandbox_seconds,
        memory_mb=settings.sandbox_memory_mb,
        text_mb=settings.sandbox_text_mb,
    ) as reader:
        for sample in samples:
            path = folder / sample["path"]
            try:
                expected = _expected(path, sample["kind"], sample["encoding"])
            except UNREADABLE:
                expected = Counter()
            if expected.total() >= LEAST_WORDS:
                readings.append(await _read(reader, path.read_bytes(), sample, expected))
            else:
                left_out[sample["kind"]] += 1


def _expected(path: Path, kind: str, encoding: str) -> Bag:
    """The words of the independent reading."""
    match kind:
        case "pdf":
            return pages.pdf_words(path)
        case "docx":
            return pages.docx_words(path)
        case "xlsx":
            return sheets.xlsx_words(path)
    text = path.read_bytes().decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    if kind == "csv":
        return words(text)
    return pages.markdown_words(text) if path.suffix == ".md" else pages.text_words(text)


async def _read(reader: SandboxedReader, data: bytes, sample: dict[str, str], expected: Bag) -> Reading:
    kind = sample["kind"]
    begun, document, error = time.perf_counter(), Document(blocks=()), None
    try:
        document = await reader.read_file(data, FileKind(kind))
    except ReadError as refused:
        error = str(refused)
    seconds = time.perf_counter() - begun
    begun, beside = time.perf_counter(), None
    try:
        beside = PLAIN[kind](data)
    except FAILURES as failed:
        print(f"{sample['path']}: the plain library raised {type(failed).__name__}", file=sys.stderr)
    plain_seconds = time.perf_counter() - begun
    return Reading(
        path=sample["path"],
        kind=kind,
        words=expected.total(),
        recall=recall(expected, document_words(document, kind)),
        plain=None if beside is None else recall(expected, beside),
        seconds=seconds,
        plain_seconds=plain_seconds,
        error=error,
        notes=document.notes,
    )


def document_words(document: Document, kind: str) -> Bag:
    """The words of what the reader returned: texts and cells of its blocks, in a workbook numbers by value."""
    bag = words("\n".join(block.text for block in document.blocks))
    cells = [text for block in document.blocks for row in block.cells for text in row]
    if kind != "xlsx":
        return bag + words("\n".join(cells))
    for text in cells:
        bag.update(cell(text))
    return bag


def _report(kind: str, readings: list[Reading], left_out: int) -> int:
    """Print what came of a kind; 1 if its target is missed."""
    limit, share = TARGETS[kind]
    chosen = sorted((reading for reading in readings if reading.kind == kind), key=lambda reading: reading.recall)
    if not chosen:
        print(f"{kind}: no files")
        return 1
    errors = sum(reading.error is not None for reading in chosen)
    print(f"\n{kind}: {len(chosen)} files, {left_out} with too few words to compare; refused: {errors}")
    ours = _line("copydesk", [r.recall for r in chosen], limit, sum(r.seconds for r in chosen))
    _line("plain", [r.plain or 0.0 for r in chosen], limit, sum(r.plain_seconds for r in chosen))
    print(f"  target: {limit:.2f} for {share:.0%}: {'met' if ours >= share else 'MISSED'}")
    for reading in chosen[:WORST]:
        if reading.recall < 1:
            why = reading.error or " ".join(reading.notes)
            print(f"    {reading.recall:.3f} (plain {reading.plain or 0:.3f}) {reading.path} {why}")
    return 0 if ours >= share else 1


def _line(name: str, recalls: list[float], limit: float, seconds: float) -> float:
    above = sum(one >= limit for one in recalls) / len(recalls)
    fifth = sorted(recalls)[len(recalls) // 20]
    print(
        f"  {name:<9} mean {statistics.mean(recalls):.4f}  p5 {fifth:.4f}  >= {limit:.2f}: {above:.1%}  {seconds:.1f} s"
    )
    return above


if __name__ == "__main__":
    sys.exit(main())
