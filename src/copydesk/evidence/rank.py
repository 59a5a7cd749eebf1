"""Rank passages by the brief, fold what is said twice, and say what became of each source."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copydesk.domain.article import Notice
from copydesk.domain.brief import Brief
from copydesk.domain.language import same_language
from copydesk.domain.source import Disposition, Evidence, Passage, Source, SourceKind
from copydesk.evidence.choosing import choose
from copydesk.evidence.duplicates import same_pages
from copydesk.evidence.folding import Scored, fold
from copydesk.evidence.meaning import Meaning, nearness, scaled
from copydesk.evidence.relevance import PassageIndex
from copydesk.evidence.topic import first_sentence, names_only_material
from copydesk.evidence.verdicts import Verdicts
from copydesk.language.terms import content_terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUOTED_WORDS = 150  # of a source that is not quotable (quality.md, section 5)
_KEYWORD_WEIGHT = 0.5  # beside the topic's 1
_SENTENCE_WEIGHT = 0.2  # of the other words of the prompt's first sentence, which the topic phrase leaves out
_SUBJECT_SHARE = 0.1  # added where the first sentence names the primary keyword: there things are defined
_COVERAGE_SHARE = 0.5  # of a score: the share of topic terms in the passage's own text; the rest is BM25
_MEANING_SHARE = 0.4  # of a score where vectors are known; the rest is what the words say
_LEANING = 0.6  # factor of a passage that does not stand alone
_SHORT = 20  # words; a shorter passage says little, and BM25 likes it for its length: it counts in proportion


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """Evidence for a brief, and what became of the sources it came from."""

    evidence: Evidence  # all sources; the passages that may be used, best first
    dispositions: dict[str, tuple[Disposition, str | None]]  # by source id: READ, DUPLICATE, OFF_TOPIC or EMPTY
    notices: tuple[Notice, ...]  # sources that were read and cannot be used


def words_allowed(source: Source) -> int | None:
    """How many words of a source may be quoted: None for no limit, else 150, in quotation marks."""
    return None if source.quotable else QUOTED_WORDS


def rank_evidence(
    brief: Brief, sources: Sequence[Source], passages: Sequence[Passage], meaning: Meaning | None = None
) -> Ranked:
    """Rank the passages of all sources by topic and keywords.

    The order depends on the arguments' values alone. Passages in another language than the brief's, of pages
    that are another source's page, and of sources without a word of the topic, are left out; a passage that
    repeats a better one is folded into it (`corroborated_by`).

    Args:
        brief: What the article is about.
        sources: All sources of the task.
        passages: Those of the sources that could be read.
        meaning: Vectors of the brief and the passages, where an embedding model is configured. What they say is
            added to what the words say, weighted: the writers read a score as how relevant a passage is, which
            fusing by ranks alone would lose.
    """
    by_id = {source.source_id: source for source in sources}
    same_page = same_pages([source for source in sources if source.disposition is None])
    languages = {passage.language for passage in passages}
    ours = {language for language in languages if same_language(language, brief.language)}
    usable = [passage for passage in passages if passage.language in ours and passage.source_id not in same_page]
    index = PassageIndex(usable, by_id, language=brief.language)
    query = _query(brief)
    near = None if meaning is None else nearness(meaning, usable)
    on_topic = _sources_on_topic(brief, query, by_id, index, near)
    scored = [entry for entry in _scored(index, brief, query, near) if entry.passage.source_id in on_topic]
    folded = fold(scored, by_id)
    verdicts = Verdicts.of(brief, sources, passages, same_page=same_page, on_topic=on_topic, folded=folded)
    return Ranked(
        evidence=Evidence(
            sources=tuple(sources), passages=choose(folded.kept, longest=brief.words.maximum, meaning=meaning)
        ),
        dispositions=verdicts,
        notices=tuple(_notices(by_id, verdicts)),
    )


def _query(brief: Brief) -> dict[str, float]:
    """Terms of topic and keywords; a term of both weighs more."""
    topic = "" if names_only_material(brief.topic, brief.language) else brief.topic
    query = dict.fromkeys(content_terms(topic, brief.language), 1.0)
    for keyword in brief.keywords:
        for term in content_terms(keyword, brief.language):
            query[term] = query.get(term, 0.0) + _KEYWORD_WEIGHT
    return query


def _scored(
    index: PassageIndex, brief: Brief, query: Mapping[str, float], near: "NDArray[np.float32] | None"
) -> list[Scored]:
    scores = _scores(index, brief, query, near).tolist()
    sizes, figures = index.sizes.tolist(), index.figures()
    return [
        Scored(
            passage=passage,
            score=round(min(1.0, scores[number]), 4),
            terms=index.texts[number],
            figures=figures[number],
            size=sizes[number],
        )
        for number, passage in enumerate(index.passages)
    ]


def _scores(
    index: PassageIndex, brief: Brief, query: Mapping[str, float], near: "NDArray[np.float32] | None"
) -> "NDArray[np.float64]":
    """The relevance of every passage: what its words say, its nearness in meaning, and how well it stands alone."""
    import numpy as np  # noqa: PLC0415 - not needed at start-up

    refining = dict.fromkeys(content_terms(first_sentence(brief.prompt), brief.language), _SENTENCE_WEIGHT)
    bm25 = index.weighted_scores(refining | dict(query), feedback=True)
    covered = index.found(query).sum(axis=1) / max(1, len(query))
    words = (1 - _COVERAGE_SHARE) * bm25 / (float(bm25.max(initial=0.0)) or 1.0) + _COVERAGE_SHARE * covered
    scores: NDArray[np.float64] = words if near is None else _with_meaning(words, scaled(near))
    subject = brief.primary_keyword.casefold()
    naming = [bool(subject) and subject in passage.sentences[0].casefold() for passage in index.passages]
    scores = scores + _SUBJECT_SHARE * np.array(naming, dtype=float)
    scores *= np.array([1.0 if passage.stands_alone else _LEANING for passage in index.passages])
    scores *= np.minimum(1.0, index.sizes / _SHORT)
    return scores


def _with_meaning(words: "NDArray[np.float64]", near: "NDArray[np.float32]") -> "NDArray[np.float64]":
    import numpy as np  # noqa: PLC0415 - as above

    return np.where(np.isnan(near), words, (1 - _MEANING_SHARE) * words + _MEANING_SHARE * near)


def _sources_on_topic(
    brief: Brief,
    query: Mapping[str, float],
    by_id: Mapping[str, Source],
    index: PassageIndex,
    near: "NDArray[np.float32] | None",
) -> set[str]:
    """Sources that name the topic: the caller's own by any word, others by half of its words.

    A page whose title holds the caller's first keyword is on the topic by it: "Coffee plant" for "coffee".
    A topic without a content word ("Summarize the attached file") excludes nothing. Where vectors are known, a
    source is on the topic too if its nearest passage is as near as that of a middling source that names it.
    """
    named = _named(query, index)
    if not query:
        return set(named)
    topic = set(content_terms(brief.topic, brief.language)) or set(query)
    half = min(2, math.ceil(len(topic) / 2))
    needed = {
        source_id: 1 if by_id[source_id].kind is not SourceKind.WEB or _titled(brief, by_id[source_id]) else half
        for source_id in named
    }
    on_topic = {source_id for source_id, count in named.items() if count >= needed[source_id]}
    return on_topic if near is None or not on_topic else on_topic | _as_near(index, near, on_topic)


def _titled(brief: Brief, source: Source) -> bool:
    """Whether the source's title holds every content word of the caller's first keyword."""
    keyword = set(content_terms(brief.keywords[0], brief.language)) if brief.keywords else set()
    return bool(keyword) and keyword <= set(content_terms(source.title or "", brief.language))


def _named(query: Mapping[str, float], index: PassageIndex) -> dict[str, int]:
    """How many of the query's terms each source has in its passages, headings or title."""
    table = index.found(query, with_context=True)
    named: dict[str, NDArray[np.bool_]] = {}
    for number, passage in enumerate(index.passages):
        row = table[number]
        named[passage.source_id] = named[passage.source_id] | row if passage.source_id in named else row
    return {source_id: int(row.sum()) for source_id, row in named.items()}


def _as_near(index: PassageIndex, near: "NDArray[np.float32]", on_topic: set[str]) -> set[str]:
    nearest: dict[str, float] = {}
    for passage, cosine in zip(index.passages, near.tolist(), strict=True):
        if not math.isnan(cosine):
            nearest[passage.source_id] = max(nearest.get(passage.source_id, -1.0), cosine)
    naming = sorted(nearest[source_id] for source_id in on_topic if source_id in nearest)
    if not naming:
        return set()
    middling = naming[len(naming) // 2]
    return {source_id for source_id, cosine in nearest.items() if cosine >= middling}


def _notices(by_id: Mapping[str, Source], dispositions: dict[str, tuple[Disposition, str | None]]) -> Iterator[Notice]:
    for source_id, (disposition, message) in dispositions.items():
        if disposition is not Disposition.READ:
            source = by_id[source_id]
            subject = source.url or source.title or source.file_id
            yield Notice(code="SOURCE_NOT_USED", subject=subject, message=message or disposition.value)
