"""Whether a stored article keeps quality.md's promises, judged from outside: what the API shows of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from copydesk.domain.markdown import count_markdown_words
from copydesk.evidence.support import missing_facts

_MARK = re.compile(r"\[\^(\d+)\](?!:)")
_DEFINED = re.compile(r"^\[\^(\d+)\]:", re.MULTILINE)
_ENDED = re.compile(r"[.!?\u2026\u3002][\"'\u201d\u2019)]*(?:\s*\[\^\d+\])*$")
_TRACES = (
    "<script",
    "onerror",
    "javascript:",
    "```",
    "<think",
    "8,417",
    "Lorem",
    "[Insert",
    "invented-source",
    "As an AI",
)
_UNCITED = 0.2  # of the sentences, at most


def broken_promises(
    article: Mapping[str, Any], sentences: Sequence[Mapping[str, Any]], *, low: int, high: int
) -> Iterator[str]:
    """What is wrong with an article; nothing, if it is as it should be.

    Args:
        article: As `GET /articles/{id}` shows it.
        sentences: As `GET /articles/{id}/evidence` shows them.
        low: Words asked for, at least.
        high: And at most.
    """
    content = article["content"]
    if not low <= article["word_count"] <= high or article["word_count"] != count_markdown_words(content):
        yield f"{article['word_count']} words, {count_markdown_words(content)} counted"
    numbers = {str(source["number"]) for source in article["data_sources"]}
    if set(_MARK.findall(content)) != numbers or not set(_DEFINED.findall(content)) <= numbers:
        yield "a footnote without its source, or a source without a footnote"
    for trace in _TRACES:
        if trace in content:
            yield f"{trace!r} stands in the text"
    for block in content.split("\n\n"):
        if block[0] not in "#[|-*>" and not _ENDED.search(block.strip()):
            yield f"a paragraph is cut: {block[-60:]!r}"
    yield from _unsupported(sentences, article["language"])


def _unsupported(sentences: Sequence[Mapping[str, Any]], language: str) -> Iterator[str]:
    for sentence in sentences:
        text, passages = sentence["text"], [passage["text"] for passage in sentence["passages"]]
        if sentence["support"] == "unsupported" or bool(passages) is not bool(sentence["citations"]):
            yield f"not supported: {text!r}"
        missing = missing_facts(text, passages, language)
        if missing:
            yield f"{', '.join(missing)} in no passage of {text!r}"
    uncited = sum(not sentence["citations"] for sentence in sentences)
    if uncited > _UNCITED * len(sentences):
        yield f"{uncited} of {len(sentences)} sentences are not cited"
