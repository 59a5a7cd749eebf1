"""How long it takes to cut a text of 20 MiB into passages, and how long the event loop is held up meanwhile.

Real prose: the language reference that Python ships as `pydoc_data.topics`, over and over. The baseline is the
plain way: `sentencex` over all paragraphs, without cleaning, checks or places.

    python bench/passages.py
"""

import asyncio
import time
from pydoc_data.topics import topics

from sentencex import segment

from copydesk.domain.source import Block, BlockKind, Document, Source, SourceKind
from copydesk.evidence.passages import Cut, cut_passages

MIB = 2**20
SIZES = (1, 5, 20)  # MiB of text
TICK = 0.002  # seconds between two looks at the clock
TOPIC = "how Python functions, classes and exceptions work"


def document_of(size: int, *, lines: bool) -> Document:
    """A document of `size` bytes; in paragraphs, or with all text in one."""
    paragraphs = [" ".join(part.split()) for topic in topics.values() for part in topic.split("\n\n")]
    texts: list[str] = []
    total = 0
    while total < size:
        for text in paragraphs:
            texts.append(text)
            total += len(text) + 1
            if total >= size:
                break
    blocks = texts if lines else [" ".join(texts)]
    return Document(blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in blocks))


async def cut_beside_a_clock(document: Document, source: Source) -> tuple[Cut, float, float, float]:
    """What was cut, the seconds it took on the wall and of CPU, and the longest that the event loop was held up."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK)
            longest = max(longest, time.perf_counter() - before - TICK)

    def cut() -> tuple[Cut, float]:
        start = time.thread_time()
        made = cut_passages(document, source, language="en", about=TOPIC)
        return made, time.thread_time() - start

    watcher = asyncio.create_task(watch())
    start = time.perf_counter()
    made, cpu = await asyncio.to_thread(cut)
    seconds = time.perf_counter() - start
    watcher.cancel()
    return made, seconds, cpu, longest


def plain(document: Document) -> float:
    """The seconds of CPU that sentencex alone takes."""
    start = time.thread_time()
    for block in document.blocks:
        list(segment("en", block.text))
    return time.thread_time() - start


def main() -> None:
    """Print the figures."""
    source = Source(source_id="s", position=0, kind=SourceKind.FILE, title="reference.txt")
    cut_passages(document_of(10_000, lines=True), source, language="en", about=TOPIC)  # loads dictionaries
    print("            text  wall s  CPU s  loop held  passages  sentencex CPU s  ratio")
    for size in SIZES:
        for lines in (True, False):
            document = document_of(size * MIB, lines=lines)
            cut, seconds, cpu, longest = asyncio.run(cut_beside_a_clock(document, source))
            alone = plain(document) if lines else float("nan")  # one line of megabytes: quadratic time
            name = f"{size} MiB{'' if lines else ', one line'}"
            held = f"{longest * 1000:.0f} ms"
            passages = len(cut.passages)
            print(f"{name:>16} {seconds:7.2f} {cpu:6.2f} {held:>10} {passages:9} {alone:16.2f} {cpu / alone:6.1f}")


if __name__ == "__main__":
    main()
