"""Rank passages by the brief, fold what is said twice, and say what became of each source."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from copydesk.domain.article import Notice
from copydesk.domain.brief import Brief
from copydesk.domain.language import language_name, same_language
from copydesk.domain.source import Disposition, Evidence, Passage, Source, SourceKind
from copydesk.evidence.duplicates import nearest_earlier
from copydesk.evidence.relevance import PassageIndex
from copydesk.evidence.topic import first_sentence, names_only_material
from copydesk.language.terms import content_terms

QUOTED_WORDS = 150  # of a source that is not quotable (quality.md, section 5)
_KEYWORD_WEIGHT = 0.5  # beside the topic's 1
_SENTENCE_WEIGHT = 0.2  # of the other words of the prompt's first sentence, which the topic phrase leaves out
_SUBJECT_SHARE = 0.1  # added where the first sentence names the primary keyword: there things are defined
_COVERAGE_SHARE = 0.5  # of a score: the share of topic terms in the passage's own text; the rest is BM25
_LEANING = 0.6  # factor of a passage that does not stand alone
_SHORT = 20  # words; a shorter passage says little, and BM25 likes it for its length: it counts in proportion
_CAP_FACTOR = 3  # times the article's longest length: the words that one source may bring
_DIVERSITY = 0.95  # factor for each better passage of the same source, so that others come up


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """Evidence for a brief, and what became of the sources it came from."""

    evidence: Evidence  # all sources; the passages that may be used, best first
    dispositions: dict[str, tuple[Disposition, str | None]]  # by source id: READ, DUPLICATE, OFF_TOPIC or EMPTY
    notices: tuple[Notice, ...]  # sources that were read and cannot be used


def words_allowed(source: Source) -> int | None:
    """How many words of a source may be quoted: None for no limit, else 150, in quotation marks."""
    return None if source.quotable else QUOTED_WORDS


def rank_evidence(brief: Brief, sources: Sequence[Source], passages: Sequence[Passage]) -> Ranked:
    """Rank the passages of all sources by topic and keywords.

    The order depends on the arguments' values alone. Passages of sources in another language than the
    brief's, and of sources without a word of the topic, are left out; a passage that repeats a better
    one is folded into it (`corroborated_by`).
    """
    by_id = {source.source_id: source for source in sources}
    same = [passage for passage in passages if same_language(passage.language, brief.language)]
    index = PassageIndex(same, by_id, language=brief.language)
    scored = _scored(index, brief)
    on_topic = _sources_on_topic(brief, by_id, scored)
    kept = _fold([entry for entry in scored if entry.passage.source_id in on_topic], by_id)
    verdicts = _Verdicts(brief=brief, all_passages=passages, on_topic=on_topic, kept=kept)
    dispositions = {source.source_id: verdicts.of(source) for source in sources if source.disposition is None}
    chosen = tuple(_diversified(kept, cap=_CAP_FACTOR * brief.words.maximum))
    return Ranked(
        evidence=Evidence(sources=tuple(sources), passages=chosen),
        dispositions=dispositions,
        notices=tuple(_notices(by_id, dispositions)),
    )


@dataclass(frozen=True)
class _Scored:
    passage: Passage  # with its score
    terms: Sequence[int]  # term ids of its text
    named: set[str]  # query terms in its text, headings or source title
    figures: frozenset[int]  # term ids of the numbers in its text
    size: int  # in words


def _query(brief: Brief) -> dict[str, float]:
    """Terms of topic and keywords; a term of both weighs more."""
    topic = "" if names_only_material(brief.topic, brief.language) else brief.topic
    query = dict.fromkeys(content_terms(topic, brief.language), 1.0)
    for keyword in brief.keywords:
        for term in content_terms(keyword, brief.language):
            query[term] = query.get(term, 0.0) + _KEYWORD_WEIGHT
    return query


def _scored(index: PassageIndex, brief: Brief) -> list[_Scored]:
    query = _query(brief)
    refining = dict.fromkeys(content_terms(first_sentence(brief.prompt), brief.language), _SENTENCE_WEIGHT)
    scores = index.weighted_scores(refining | query, feedback=True)
    subject = brief.primary_keyword.casefold()
    highest = float(scores.max(initial=0.0)) or 1.0
    covered = index.found(query)
    named = index.found(query, with_context=True)
    figures = index.figures()
    scored = []
    for number, passage in enumerate(index.passages):
        score = (1 - _COVERAGE_SHARE) * float(scores[number]) / highest
        score += _COVERAGE_SHARE * len(covered[number]) / max(1, len(query))
        score += _SUBJECT_SHARE if subject and subject in passage.sentences[0].casefold() else 0.0
        score *= 1.0 if passage.stands_alone else _LEANING
        score *= min(1.0, index.sizes[number] / _SHORT)
        ranked = replace(passage, score=round(min(1.0, score), 4))
        scored.append(_Scored(ranked, index.texts[number], named[number], figures[number], index.sizes[number]))
    return scored


def _sources_on_topic(brief: Brief, by_id: dict[str, Source], scored: Sequence[_Scored]) -> set[str]:
    """Sources that name the topic: the caller's own by any word, others by half of its words.

    A topic without a content word ("Summarize the attached file") excludes nothing.
    """
    named: dict[str, set[str]] = {}
    for entry in scored:
        named.setdefault(entry.passage.source_id, set()).update(entry.named)
    query = _query(brief)
    if not query:
        return set(named)
    topic = set(content_terms(brief.topic, brief.language)) or set(query)
    needed = {
        source_id: 1 if by_id[source_id].kind is not SourceKind.WEB else min(2, math.ceil(len(topic) / 2))
        for source_id in named
    }
    return {source_id for source_id, terms in named.items() if len(terms) >= needed[source_id]}


def _fold(scored: Sequence[_Scored], by_id: dict[str, Source]) -> list[_Scored]:
    """Passages without repeats, best first; those that another source repeats name it.

    Two that differ in their numbers say two things, however alike their words.
    """
    order = sorted(scored, key=lambda entry: _keeping_order_of(entry.passage, by_id))
    earlier = nearest_earlier([entry.terms for entry in order])
    corroborating: dict[int, dict[str, None]] = {}
    kept: list[int] = []
    for number, entry in enumerate(order):
        other = earlier[number]
        if other is None or entry.figures - order[other].figures:
            kept.append(number)
        elif entry.passage.source_id != order[other].passage.source_id:
            corroborating.setdefault(other, {})[entry.passage.source_id] = None
    unique = [
        replace(
            order[number],
            passage=replace(order[number].passage, corroborated_by=tuple(corroborating[number])),
        )
        if number in corroborating
        else order[number]
        for number in kept
    ]
    return sorted(unique, key=lambda entry: _order_of(entry.passage, by_id))


def _keeping_order_of(passage: Passage, by_id: dict[str, Source]) -> tuple[bool, float, int, int]:
    """Of two that say the same, the one that may be quoted at length is kept, then the better, then the first."""
    source = by_id[passage.source_id]
    return (not source.quotable, -round(passage.score, 1), source.position, passage.position)


def _order_of(passage: Passage, by_id: dict[str, Source]) -> tuple[float, int, int]:
    return (-passage.score, by_id[passage.source_id].position, passage.position)


def _diversified(entries: Sequence[_Scored], cap: int) -> Iterator[Passage]:
    """Best first, each source held back a little by its better passages and ended at `cap` words."""
    taken: dict[str, int] = {}
    words: dict[str, int] = {}
    ordered = []
    for number, entry in enumerate(entries):
        source_id = entry.passage.source_id
        if words.get(source_id, 0) >= cap:
            continue
        rank = taken.get(source_id, 0)
        ordered.append((-entry.passage.score * _DIVERSITY**rank, number, entry.passage))
        taken[source_id] = rank + 1
        words[source_id] = words.get(source_id, 0) + entry.size
    for _, _, passage in sorted(ordered, key=lambda entry: entry[:2]):
        yield passage


@dataclass(frozen=True, kw_only=True)
class _Verdicts:
    """Decides the disposition of each source that was read."""

    brief: Brief
    all_passages: Sequence[Passage]
    on_topic: set[str]
    kept: Sequence[_Scored]

    def of(self, source: Source) -> tuple[Disposition, str | None]:
        """The disposition so far (READ where it may be used) and a sentence on it."""
        own = [passage for passage in self.all_passages if passage.source_id == source.source_id]
        if not own:
            return Disposition.EMPTY, "It has no whole sentence and no table to take evidence from."
        if not any(same_language(passage.language, self.brief.language) for passage in own):
            theirs, ours = language_name(own[0].language), language_name(self.brief.language)
            return Disposition.OFF_TOPIC, f"It is written in {theirs}, the article in {ours}."
        if source.source_id not in self.on_topic:
            return Disposition.OFF_TOPIC, f"It says nothing about {self.brief.topic!r}."
        if all(entry.passage.source_id != source.source_id for entry in self.kept):
            return Disposition.DUPLICATE, "Other sources of the task say all that it says."
        return Disposition.READ, None


def _notices(by_id: dict[str, Source], dispositions: dict[str, tuple[Disposition, str | None]]) -> Iterator[Notice]:
    for source_id, (disposition, message) in dispositions.items():
        if disposition is not Disposition.READ:
            source = by_id[source_id]
            subject = source.url or source.title or source.file_id
            yield Notice(code="SOURCE_NOT_USED", subject=subject, message=message or disposition.value)
