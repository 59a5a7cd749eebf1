"""The length guarantee: whatever a writer returns, the article lies in its range, in whole sentences, or fails."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from copydesk.domain.article import Paragraph, SectionDraft
from copydesk.domain.brief import Brief, WordRange
from copydesk.domain.source import Evidence, Passage
from copydesk.domain.words import count_words
from copydesk.errors import WorkflowError
from copydesk.pipeline.rights import respect_rights
from copydesk.ports import Problem, Writer
from copydesk.writers.lengths import choose_lengths

ROUNDS = 3  # times that a writer is asked to lengthen or shorten; a model that fails thrice fails again
WORDS_PER_REQUEST = 150  # more words missing than this are asked of several sections at once
MARGIN = 15  # words asked for beyond those missing: a surplus can be trimmed, a lack cannot


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """Sections whose words lie in the range."""

    sections: tuple[SectionDraft, ...]
    removed: int  # sentences that were trimmed
    repaired: int  # sections that the writer lengthened or shortened


def words_of_sections(sections: Iterable[SectionDraft]) -> int:
    """Words as contract.md counts them once the sections are assembled: headings and sentences."""
    return sum(
        count_words(section.heading or "") + sum(paragraph_words(paragraph) for paragraph in section.paragraphs)
        for section in sections
        if section.paragraphs
    )


def paragraph_words(paragraph: Paragraph) -> int:
    """Words of a paragraph."""
    return sum(count_words(sentence.text) for sentence in paragraph.sentences)


def count_sentences(sections: Iterable[SectionDraft]) -> int:
    """Sentences of all sections."""
    return sum(len(paragraph.sentences) for section in sections for paragraph in section.paragraphs)


def fit(sections: Sequence[SectionDraft], evidence: Evidence, words: WordRange) -> tuple[SectionDraft, ...] | None:
    """Trim sections to the range: ends of paragraphs, then whole ones, the least supported first.

    The first sentence of the article and of every section stays; only where that cannot fit do whole
    sections go, the opening never. Nothing is added and no sentence is cut.

    Returns:
        The sections, unchanged where they fit already; None where no choice of whole sentences fits.
    """
    kept = tuple(section for section in sections if section.paragraphs)
    if words_of_sections(kept) in words:
        return kept
    if words_of_sections(kept) < words.minimum:
        return None
    trimmed = _trimmed(kept, evidence, words)
    while trimmed is None and len(kept) > 1:
        weakest = min(range(1, len(kept)), key=lambda i: (_section_score(kept[i], evidence), -i))
        kept = kept[:weakest] + kept[weakest + 1 :]
        trimmed = _trimmed(kept, evidence, words)
    return trimmed


def _trimmed(sections: Sequence[SectionDraft], evidence: Evidence, words: WordRange) -> tuple[SectionDraft, ...] | None:
    heading_words = sum(count_words(section.heading or "") for section in sections)
    places = [(i, j) for i, section in enumerate(sections) for j in range(len(section.paragraphs))]
    places.sort(key=lambda place: (place[1] > 0, -_score(sections[place[0]].paragraphs[place[1]], evidence), place))
    lengths = [_lengths(sections[i].paragraphs[j], optional=j > 0) for i, j in places]
    chosen = choose_lengths(lengths, low=words.minimum - heading_words, high=words.maximum - heading_words)
    if chosen is None:
        return None
    kept = {
        (i, j): len(sections[i].paragraphs[j].sentences) - index for (i, j), index in zip(places, chosen, strict=True)
    }
    return tuple(replace(section, paragraphs=tuple(_cut(section, i, kept))) for i, section in enumerate(sections))


def _cut(section: SectionDraft, number: int, kept: dict[tuple[int, int], int]) -> Iterable[Paragraph]:
    for j, paragraph in enumerate(section.paragraphs):
        if kept[number, j]:
            yield replace(paragraph, sentences=paragraph.sentences[: kept[number, j]])


def _lengths(paragraph: Paragraph, *, optional: bool) -> list[int]:
    sums = [0]
    for sentence in paragraph.sentences:
        sums.append(sums[-1] + count_words(sentence.text))
    return sums[::-1] if optional else sums[:0:-1]


def _score(paragraph: Paragraph, evidence: Evidence) -> float:
    """How well a paragraph is supported: the mean relevance of its cited passages, nothing for what is uncited."""
    known = evidence.by_passage_id
    scores = [
        max((known[i].score + 0.1 for i in sentence.passage_ids if i in known), default=0.0)
        for sentence in paragraph.sentences
    ]
    return sum(scores) / max(1, len(scores))


def _section_score(section: SectionDraft, evidence: Evidence) -> float:
    return sum(_score(paragraph, evidence) for paragraph in section.paragraphs) / max(1, len(section.paragraphs))


async def fit_to_range(
    writer: Writer, brief: Brief, sections: Sequence[SectionDraft], evidence: Evidence, *, certain: bool = False
) -> Fitted:
    """Bring sections into the brief's range: trim what is too much, ask the writer for what is missing.

    What is still missing after a first answer is wanted in the sources' own sentences, which need no mending;
    with `certain` it is so from the first.

    Raises:
        WorkflowError: No choice of whole sentences lies in the range; says how many words there are.
    """
    current = tuple(section for section in sections if section.paragraphs)
    repaired = 0
    for attempt in range(ROUNDS + 1):
        fitted = fit(current, evidence, brief.words)
        if fitted is not None:
            removed = max(0, count_sentences(current) - count_sentences(fitted))
            return Fitted(sections=fitted, removed=removed, repaired=repaired)
        if attempt == ROUNDS:
            break
        asked = _requests(current, evidence, brief, certain=certain or attempt > 0)
        if not asked:
            break
        changed = respect_rights(await _ask(writer, brief, current, asked), evidence)
        if changed == current:
            break
        repaired += sum(before != after for before, after in zip(current, changed, strict=True))
        current = tuple(section for section in changed if section.paragraphs)
    raise WorkflowError(_misfit(words_of_sections(current), brief.words))


def _misfit(counted: int, words: WordRange) -> str:
    if counted < words.minimum:
        return (
            f"The text has {counted} words that hold, and no more could be added from the evidence, but at least "
            f"{words.minimum} are asked for; add reference links or files about the topic, or lower min_words."
        )
    return (
        f"The text has {counted} words, and no choice of its whole sentences makes between {words.minimum} and "
        f"{words.maximum}; widen the range."
    )


@dataclass(frozen=True)
class _Request:
    index: int  # of the section
    problem: Problem
    passages: tuple[Passage, ...]  # its own and the unused ones that it may use


def _requests(sections: Sequence[SectionDraft], evidence: Evidence, brief: Brief, *, certain: bool) -> list[_Request]:
    words = brief.words
    counted = words_of_sections(sections)
    if not sections:
        return []
    if counted > words.maximum:
        largest = max(range(len(sections)), key=lambda i: words_of_sections([sections[i]]))
        problem = Problem(
            kind="too_long",
            message=f"The article is {counted - words.maximum} words too long.",
            words=counted - words.maximum,
        )
        return [_Request(largest, problem, tuple(_own(sections[largest], evidence)))]
    missing = max(words.target, words.minimum + MARGIN) - counted if counted < words.minimum else MARGIN
    shares = _shares(sections, evidence, missing, ungrounded=brief.allow_ungrounded)
    return [
        _Request(
            i,
            Problem(
                kind="too_short",
                message=f"The article is {missing} words too short.",
                words=-(-missing // len(shares)),
                certain=certain,
            ),
            (*_own(sections[i], evidence), *unused),
        )
        for i, unused in shares.items()
    ]


def _shares(
    sections: Sequence[SectionDraft], evidence: Evidence, missing: int, *, ungrounded: bool
) -> dict[int, list[Passage]]:
    """Which sections are to grow, and which unused passages each may use: no passage is offered twice.

    Those whose sources have most unused passages grow first, the shortest among equals. Only where `ungrounded`
    text is allowed may one grow without any.
    """
    used = {i for section in sections for i in _cited(section)}
    unused = [passage for passage in evidence.passages if passage.passage_id not in used]
    last = len(sections) - 1
    body = [i for i in range(len(sections)) if 0 < i < last] or [last]
    count = min(len(body), -(-missing // WORDS_PER_REQUEST))
    sources = {i: {passage.source_id for passage in _own(sections[i], evidence)} for i in body}
    left = {i: sum(passage.source_id in sources[i] for passage in unused) for i in body}
    growing = sorted(body, key=lambda i: (-left[i], words_of_sections([sections[i]]), i))[:count]
    shares: dict[int, list[Passage]] = {i: [] for i in growing}
    for passage in unused:
        best = min(growing, key=lambda i: (passage.source_id not in sources[i], len(shares[i]), i))
        shares[best].append(passage)
    return {i: share for i, share in shares.items() if share or ungrounded}


def _cited(section: SectionDraft) -> Iterable[str]:
    return (i for paragraph in section.paragraphs for sentence in paragraph.sentences for i in sentence.passage_ids)


def _own(section: SectionDraft, evidence: Evidence) -> list[Passage]:
    known = evidence.by_passage_id
    return [known[i] for i in dict.fromkeys(_cited(section)) if i in known]


async def _ask(
    writer: Writer, brief: Brief, sections: tuple[SectionDraft, ...], asked: Sequence[_Request]
) -> tuple[SectionDraft, ...]:
    answers = await asyncio.gather(*(writer.repair(brief, sections[r.index], [r.problem], r.passages) for r in asked))
    changed = list(sections)
    for request, answer in zip(asked, answers, strict=True):
        # Only the text is the writer's to change.
        changed[request.index] = replace(sections[request.index], paragraphs=answer.paragraphs)
    return tuple(changed)
