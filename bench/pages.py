"""How much of a page's article the page reader finds, and how fast, beside plain trafilatura in the same run.

    python bench/pages.py              # fetches the pages first (bench/page_corpus.py)
    python bench/pages.py --worst      # and lists the pages that are read worst

Two measures, each over the packages' real pages:

- F1 over 4-word shingles against the whole expected text: the measure of the public
  article-extraction benchmark (precision and recall are means over pages, F1 is of those);
- F1 over pieces of text that must and must not be taken, as trafilatura's own evaluation counts.
"""

import argparse
import asyncio
import logging
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

import trafilatura
from page_corpus import Page, pages
from reading import cpu_seconds

from copydesk.domain.source import Document
from copydesk.errors import ReadError
from copydesk.readers.blocks import Limits
from copydesk.readers.charsets import decode_page
from copydesk.readers.html import read_html
from copydesk.readers.sandbox import SandboxedReader

MIN_F1 = 0.955  # the aim on the public benchmark
MIN_SPEED = 0.8  # pages a second, of plain trafilatura's
ROUNDS = 3
SHINGLE = 4
_TOKEN = re.compile(r"\w+")


def ours(page: Page) -> str:
    """The text that the page reader takes; empty where it refuses the page."""
    limits = Limits(deadline=time.monotonic() + 60, text_bytes=20 * 2**20, unpacked_bytes=2**20)
    try:
        return text_of(read_html(page.data, limits, url=page.url, charset=None))
    except ReadError:
        return ""


def text_of(document: Document) -> str:
    """All text of a document, a line a block."""
    lines = []
    for block in document.blocks:
        lines.append(block.text)
        lines.extend(" ".join(row) for row in block.cells)
    return "\n".join(lines)


def fast(page: Page) -> str:
    """What trafilatura takes in its fast mode."""
    return trafilatura.extract(decode_page(page.data, None), url=page.url, include_comments=False, fast=True) or ""


def thorough(page: Page) -> str:
    """What trafilatura takes with its fallbacks, which is its default."""
    return trafilatura.extract(decode_page(page.data, None), url=page.url, include_comments=False) or ""


def precise(page: Page) -> str:
    """What trafilatura takes when precision is favoured."""
    text = decode_page(page.data, None)
    return trafilatura.extract(text, url=page.url, include_comments=False, favor_precision=True) or ""


READERS: dict[str, Callable[[Page], str]] = {
    "copydesk": ours,
    "trafilatura, fast": fast,
    "trafilatura, default": thorough,
    "trafilatura, precision": precise,
}


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """The runs of four words, with how often each occurs."""
    tokens = _TOKEN.findall(text)
    runs = (tuple(tokens[start : start + SHINGLE]) for start in range(max(1, len(tokens) - SHINGLE + 1)))
    return Counter(run for run in runs if run)


def whole_text(page: Page, text: str) -> tuple[float, float]:
    """Precision and recall of a page's text over shingles."""
    expected, found = shingles(page.text or ""), shingles(text)
    shared = (expected & found).total()
    return (shared / found.total() if found else 0.0), (shared / expected.total() if expected else 1.0)


def f1(precision: float, recall: float) -> float:
    """The harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def whole_score(corpus: Sequence[Page], texts: Sequence[str]) -> tuple[float, float, float]:
    """F1, precision and recall; precision over the pages with any text, as the benchmark's measure has it."""
    pairs = [(whole_text(page, text), text) for page, text in zip(corpus, texts, strict=True) if page.text]
    precision = statistics.mean(pair[0] for pair, text in pairs if text)
    recall = statistics.mean(pair[1] for pair, _ in pairs)
    return f1(precision, recall), precision, recall


def piece_score(corpus: Sequence[Page], texts: Sequence[str]) -> tuple[float, float, float]:
    """F1, precision and recall over the pieces of all pages."""
    hit = missed = wrong = 0
    for page, text in zip(corpus, texts, strict=True):
        line = " ".join(text.split())
        hits = sum(" ".join(piece.split()) in line for piece in page.pieces)
        hit, missed = hit + hits, missed + len(page.pieces) - hits
        wrong += sum(" ".join(piece.split()) in line for piece in page.foreign)
    precision, recall = hit / (hit + wrong), hit / (hit + missed)
    return f1(precision, recall), precision, recall


def seconds(corpus: Sequence[Page]) -> dict[str, float]:
    """CPU seconds of each reader for all pages: the median of interleaved rounds."""
    taken: dict[str, list[float]] = {name: [] for name in READERS}
    for _ in range(ROUNDS):
        for name, read in READERS.items():
            begun = time.process_time()
            for page in corpus:
                read(page)
            taken[name].append(time.process_time() - begun)
    return {name: statistics.median(times) for name, times in taken.items()}


async def sandboxed(corpus: Sequence[Page]) -> float:
    """CPU seconds of the service and its reader for all pages, as the service reads them: with profiles of tables."""
    async with SandboxedReader(workers=1, seconds=60, memory_mb=2_048, text_mb=20) as reader:
        for page in corpus[:10]:  # warm
            with suppress(ReadError):
                await reader.read_page(page.data, url=page.url, charset=None)
        begun = cpu_seconds()
        for page in corpus:
            with suppress(ReadError):
                await reader.read_page(page.data, url=page.url, charset=None)
        return cpu_seconds() - begun


def main() -> int:
    """Print the table; answer 1 where an aim is missed."""
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser()
    parser.add_argument("--worst", action="store_true", help="list the pages that are read worst")
    arguments = parser.parse_args()
    corpus = pages()
    whole = sum(page.text is not None for page in corpus)
    print(f"{len(corpus)} pages: {whole} with their whole text, {len(corpus) - whole} with pieces of it\n")
    texts = {name: [read(page) for page in corpus] for name, read in READERS.items()}
    times = seconds(corpus)
    print(f"{'':<24}{'F1':>7}{'prec.':>7}{'recall':>7}   {'pieces':>7}{'prec.':>7}{'recall':>7}   {'pages/s':>8}")
    scores = {name: whole_score(corpus, taken) for name, taken in texts.items()}
    pieces = {name: piece_score(corpus, taken) for name, taken in texts.items()}
    for name in READERS:
        columns = "".join(f"{value:7.3f}" for value in scores[name]) + "   "
        columns += "".join(f"{value:7.3f}" for value in pieces[name])
        print(f"{name:<24}{columns}   {len(corpus) / times[name]:8.1f}")
    speed = times["trafilatura, fast"] / times["copydesk"]
    beside = times["trafilatura, default"] / times["copydesk"]
    print(f"\nspeed: {speed:.2f} of trafilatura's fast mode, {beside:.2f} of its default (aim: {MIN_SPEED})")
    whole_way = asyncio.run(sandboxed(corpus))
    print(
        f"through the sandbox, with profiles of tables: {len(corpus) / whole_way:.1f} pages/s and core, "
        f"{times['trafilatura, default'] / whole_way:.2f} of trafilatura's default (aim: {MIN_SPEED})"
    )
    best = max(score[0] for name, score in scores.items() if name != "copydesk")
    print(
        f"F1: {scores['copydesk'][0]:.3f}, best of plain trafilatura {best:.3f} (aim on the public benchmark: {MIN_F1})"
    )
    if arguments.worst:
        _print_worst(corpus, texts)
    return 0 if beside >= MIN_SPEED and scores["copydesk"][0] >= best else 1


def _print_worst(corpus: Sequence[Page], texts: dict[str, list[str]]) -> None:
    rows: list[tuple[str, list[float]]] = []
    for index, page in enumerate(corpus):
        if page.text is not None:
            rows.append((page.name, [f1(*whole_text(page, texts[name][index])) for name in READERS]))
    for name, values in sorted(rows, key=lambda row: row[1][0])[:25]:
        print(f"{name:<40}" + "".join(f"{value:7.3f}" for value in values))
    for index, page in enumerate(corpus):
        line = " ".join(texts["copydesk"][index].split())
        missed = [piece for piece in page.pieces if " ".join(piece.split()) not in line]
        taken = [piece for piece in page.foreign if " ".join(piece.split()) in line]
        if missed or taken:
            print(page.name, "missed:", missed, "foreign:", taken)


if __name__ == "__main__":
    sys.exit(main())
