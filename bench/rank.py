"""How long it takes to index, fold and rank 2,000 passages, and to score them for 8 sections.

Real prose: the language reference that Python ships as `pydoc_data.topics`, dealt out to 40 sources.
The baseline is the plain way to find near-duplicates: every pair of passages compared by rapidfuzz.

    python bench/rank.py
"""

import importlib
import inspect
import statistics
import time
from collections.abc import Callable
from pydoc_data.topics import topics

from rapidfuzz.fuzz import token_set_ratio
from rapidfuzz.process import cdist

from copydesk.domain.brief import Brief, WordRange
from copydesk.domain.source import Passage, Place, Source, SourceKind
from copydesk.evidence.rank import rank_evidence
from copydesk.evidence.relevance import PassageIndex

PASSAGES, WORDS, SOURCES, RUNS = 2_000, 50, 40, 7
MODULES = (
    "argparse", "asyncio", "collections", "datetime", "decimal", "email.message", "http.client", "inspect", "logging",
    "multiprocessing", "os", "pathlib", "random", "shutil", "socket", "sqlite3", "statistics", "string", "subprocess",
    "tarfile", "threading", "turtle", "typing", "unittest", "urllib.request", "zipfile",
)  # fmt: skip
SECTIONS = (
    "Defining a class and its attributes",
    "How names are resolved in a function",
    "Exceptions and how they are handled",
    "Importing modules and packages",
    "Formatting strings",
    "Integer and floating point numbers",
    "Generators and iteration",
    "Asynchronous functions",
)


def prose() -> list[str]:
    """The words of Python's reference and of its standard library's docstrings, in order."""
    texts = list(topics.values())
    for name in MODULES:
        module = importlib.import_module(name)
        for _, value in sorted(inspect.getmembers(module), key=lambda member: member[0]):
            texts.append(inspect.getdoc(value) or "")
            if inspect.isclass(value):
                texts.extend(inspect.getdoc(method) or "" for _, method in inspect.getmembers(value, inspect.isroutine))
    return " ".join(dict.fromkeys(texts)).split()


def corpus() -> tuple[list[Source], list[Passage]]:
    """40 sources with 2,000 passages of 50 words of real prose, a tenth of them told twice."""
    words = prose()
    runs = [words[start : start + WORDS] for start in range(0, len(words), WORDS)][: PASSAGES * 9 // 10]
    sources = [
        Source(source_id=f"source-{n}", position=n, kind=SourceKind.WEB, title="Python reference")
        for n in range(SOURCES)
    ]
    passages = []
    for number in range(PASSAGES):
        source, again = sources[number % SOURCES], number >= len(runs)
        told = [*runs[number * 7 % len(runs)][:-3], str(number), "times", "over."] if again else runs[number]
        passages.append(
            Passage(
                passage_id=f"{source.source_id}p{number}",
                source_id=source.source_id,
                sentences=(" ".join(told),),
                place=Place(),
                language="en",
                position=number,
            )
        )
    return sources, passages


def median(action: Callable[[], object]) -> float:
    """The median time of an action in milliseconds."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1_000)
    return statistics.median(times)


def main() -> None:
    """Print the figures."""
    start = time.perf_counter()
    sources, passages = corpus()
    words = sum(len(passage.text.split()) for passage in passages)
    print(f"{len(passages)} passages, {words} words, cut in {time.perf_counter() - start:.2f} s")
    brief = Brief(
        prompt="Python functions",
        topic="how Python functions, classes and exceptions work",
        keywords=("Python function", "class attribute"),
        language="en",
        words=WordRange(minimum=800, maximum=1_200),
    )
    by_id = {source.source_id: source for source in sources}
    print(f"cold (dictionary loaded): {median_once(lambda: rank_evidence(brief, sources, passages)):.0f} ms")
    print(f"rank_evidence: {median(lambda: rank_evidence(brief, sources, passages)):.0f} ms")
    print(f"index: {median(lambda: PassageIndex(passages, by_id, language='en')):.0f} ms")
    index = PassageIndex(passages, by_id, language="en")
    print(f"8 sections: {median(lambda: [index.scores(section) for section in SECTIONS]):.1f} ms")
    texts = [passage.text for passage in passages]
    baseline = median_once(lambda: cdist(texts, texts, scorer=token_set_ratio, score_cutoff=80))
    print(f"baseline, near-duplicates by all pairs with rapidfuzz: {baseline:.0f} ms")


def median_once(action: Callable[[], object]) -> float:
    """The time of one run in milliseconds."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1_000


if __name__ == "__main__":
    main()
