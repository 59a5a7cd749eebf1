"""Mending: what fails the gate goes back to the writer, becomes its source's own sentence, or goes."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from copydesk.domain.article import Paragraph, SectionDraft, Sentence
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence
from copydesk.domain.words import count_words, words_of
from copydesk.evidence.support import MIN_OVERLAP, is_supported, missing_facts, needs_citation, overlap
from copydesk.pipeline.assemble import assemble
from copydesk.pipeline.review import UNCITED_SHARE
from copydesk.ports import Problem, Writer
from copydesk.seo.clean import Flaw, find_unclean
from copydesk.seo.phrasing import ends_sentence
from copydesk.seo.tells import model_talk_in, placeholder_in, url_in

REPEATED_WORDS = 4  # a sentence of fewer words may come back ("It does.")


@dataclass(frozen=True, kw_only=True)
class Mended:
    """Sections after mending, and what it took."""

    sections: tuple[SectionDraft, ...]
    repaired: int  # sentences replaced
    removed: int  # sentences left out


async def mend(
    writer: Writer | None, brief: Brief, title: str, sections: Sequence[SectionDraft], evidence: Evidence
) -> Mended:
    """Repair or remove every sentence that the gate would refuse.

    First the writer mends its own sections, side by side; what still fails becomes the sentence of the
    source that it comes closest to, or goes. At last uncited sentences go, from the end, until they are
    a fifth at most.

    Args:
        writer: Asked once for every section with a problem; None: nobody is asked.
        brief: What was asked for.
        title: The article's title.
        sections: In order.
        evidence: What may be cited.
    """
    current = normalized(sections, title)
    before = _texts(current)
    if writer is not None:
        current = await _ask(writer, brief, title, current, evidence)
    replaced = _replaced(brief, title, current, evidence)
    kept = normalized(_fewer_uncited(replaced), title)
    after = _texts(kept)
    gone = [text for text in before if text not in set(after)]
    new = [text for text in after if text not in set(before)]
    return Mended(sections=kept, repaired=min(len(new), len(gone)), removed=max(0, len(gone) - len(new)))


def normalized(sections: Sequence[SectionDraft], title: str) -> tuple[SectionDraft, ...]:
    """Sections with text alone, the first without a heading, headings unlike one another and the title, no level skipped."""
    seen = {_folded(title)}
    level = 1
    result: list[SectionDraft] = []
    for section in sections:
        paragraphs = tuple(_tidy(section.paragraphs))
        if not paragraphs:
            continue
        heading = section.heading if result else None
        if heading is not None and (not _folded(heading) or _folded(heading) in seen):
            heading = None
        if heading is not None:
            seen.add(_folded(heading))
            level = max(2, min(section.level, level + 1, 6))
        result.append(replace(section, heading=heading, level=max(level, 2), paragraphs=paragraphs))
    return tuple(result)


def _tidy(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    for paragraph in paragraphs:
        sentences = tuple(
            replace(sentence, text=" ".join(sentence.text.split()))
            for sentence in paragraph.sentences
            if count_words(sentence.text)
        )
        if sentences:
            yield replace(paragraph, sentences=sentences)


async def _ask(
    writer: Writer, brief: Brief, title: str, sections: tuple[SectionDraft, ...], evidence: Evidence
) -> tuple[SectionDraft, ...]:
    problems = _problems(brief, title, sections, evidence)
    used = {i for section in sections for sentence in _sentences(section) for i in sentence.passage_ids}
    unused = [passage for passage in evidence.passages if passage.passage_id not in used]
    bad = [i for i in range(len(sections)) if problems[i]]
    answers = await asyncio.gather(
        *(
            writer.repair(
                brief,
                sections[i],
                problems[i],
                [*_cited_passages(sections[i], evidence), *unused[number :: len(bad)]],
            )
            for number, i in enumerate(bad)
        )
    )
    mended = list(sections)
    for i, answer in zip(bad, answers, strict=True):
        mended[i] = replace(sections[i], paragraphs=answer.paragraphs)
    return normalized(mended, title)


def _cited_passages(section: SectionDraft, evidence: Evidence) -> Iterator[object]:
    ids = dict.fromkeys(i for sentence in _sentences(section) for i in sentence.passage_ids)
    return (evidence.by_passage_id[i] for i in ids if i in evidence.by_passage_id)


def _sentences(section: SectionDraft) -> Iterator[Sentence]:
    return (sentence for paragraph in section.paragraphs for sentence in paragraph.sentences)


def _texts(sections: Iterable[SectionDraft]) -> list[str]:
    return [sentence.text for section in sections for sentence in _sentences(section)]


def _folded(text: str) -> str:
    return " ".join(word.casefold() for word in words_of(text))
