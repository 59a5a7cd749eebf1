"""How long it takes to index, fold and rank 2,000 passages, and to score them for 8 sections.

Real prose, Python's own documentation, dealt out to 40 sources. Compared in one run with what bm25s takes for its index
alone; and the plain way to find near-duplicates: every pair of passages compared by rapidfuzz.

    python bench/rank.py
"""

import importlib
import inspect
import statistics
import time
from collections.abc import Callable, Mapping
from pydoc_data.topics import topics

from bm25s import BM25
from rapidfuzz.fuzz import token_set_ratio
from rapidfuzz.process import cdist

from copydesk.domain.brief import Brief, WordRange
from copydesk.domain.source import Passage, Place, Source, SourceKind
from copydesk.evidence.rank import rank_evidence
from copydesk.evidence.relevance import PassageIndex
from copydesk.language.terms import raw_tokens

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


def once(action: Callable[[], object]) -> float:
    """The CPU time of one run in milliseconds."""
    start = time.thread_time()
    action()
    return (time.thread_time() - start) * 1_000


def interleaved(actions: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The median CPU time of each action in milliseconds, run in turns, so that all meet the same machine."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(RUNS):
        for name, action in actions.items():
            times[name].append(once(action))
    return {name: statistics.median(found) for name, found in times.items()}


def main() -> None:
    """Print the figures."""
    sources, passages = corpus()
    words = sum(len(passage.text.split()) for passage in passages)
    print(f"{len(passages)} passages, {words} words")
    brief = Brief(
        prompt="Python functions",
        topic="how Python functions, classes and exceptions work",
        keywords=("Python function", "class attribute"),
        language="en",
        words=WordRange(minimum=800, maximum=1_200),
    )
    by_id = {source.source_id: source for source in sources}
    print(f"cold (dictionary loaded): {once(lambda: rank_evidence(brief, sources, passages)):.0f} ms of CPU")
    index = PassageIndex(passages, by_id, language="en")
    terms = [text.tolist() for text in index.texts]
    vocabulary = {str(number): number for number in range(1 + max(term for text in terms for term in text))}

    def reference() -> None:
        BM25(backend="numpy").index((terms, vocabulary), create_empty_token=False, show_progress=False)

    timed = interleaved(
        {
            "rank_evidence": lambda: rank_evidence(brief, sources, passages),
            "index (terms, lemmas, BM25)": lambda: PassageIndex(passages, by_id, language="en"),
            "8 sections": lambda: [index.scores(section) for section in SECTIONS],
            "splitting the texts into words alone": lambda: [raw_tokens(passage.text) for passage in passages],
            "bm25s: its index alone, of ready terms": reference,
        }
    )
    limit = timed["bm25s: its index alone, of ready terms"]
    for name, milliseconds in timed.items():
        print(f"{name:>40}: {milliseconds:7.1f} ms of CPU, {milliseconds / limit:5.2f} of bm25s's index")
    texts = [passage.text for passage in passages]
    baseline = once(lambda: cdist(texts, texts, scorer=token_set_ratio, score_cutoff=80))
    print(f"near-duplicates by all pairs with rapidfuzz, for comparison: {baseline:.0f} ms of CPU")


if __name__ == "__main__":
    main()
