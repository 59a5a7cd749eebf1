"""The one call in which a model judges what the words of sentences and passages leave in doubt."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

from copydesk.domain.article import SectionDraft, Sentence
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence, Passage
from copydesk.evidence.doubt import is_doubtful, is_quoted_from
from copydesk.ports import Bearing, Writer


async def judged(
    writer: Writer, brief: Brief, sections: Sequence[SectionDraft], evidence: Evidence
) -> tuple[SectionDraft, ...]:
    """The sections with every doubtful sentence that the writer found borne out marked so, citing that passage.

    Sentences that it did not find borne out stay as they are: mending exchanges or removes them. Without a doubtful
    sentence nobody is asked.
    """
    doubtful = await asyncio.to_thread(_doubtful, sections, evidence, brief.language)
    if not doubtful:
        return tuple(sections)
    found = await writer.judge(brief, doubtful, _shown(doubtful, evidence))
    borne_out = {
        sentence: bearing.passage_id
        for sentence, bearing in zip(doubtful, found, strict=True)
        if bearing is not None and _stands(bearing, sentence, evidence)
    }
    return tuple(_marked(section, borne_out) for section in sections)


def _stands(bearing: Bearing, sentence: Sentence, evidence: Evidence) -> bool:
    """Whether the words that are said to bear it out stand in a passage that the sentence cites."""
    passage = evidence.by_passage_id.get(bearing.passage_id)
    return passage is not None and passage.passage_id in sentence.passage_ids and is_quoted_from(bearing.words, passage)


def _doubtful(sections: Sequence[SectionDraft], evidence: Evidence, language: str) -> list[Sentence]:
    return list(
        dict.fromkeys(
            sentence
            for section in sections
            for sentence in _sentences(section)
            if not sentence.judged and is_doubtful(sentence, _cited(sentence, evidence), language)
        )
    )


def _sentences(section: SectionDraft) -> Iterator[Sentence]:
    return (sentence for paragraph in section.paragraphs for sentence in paragraph.sentences)


def _cited(sentence: Sentence, evidence: Evidence) -> list[Passage]:
    return [evidence.by_passage_id[i] for i in sentence.passage_ids if i in evidence.by_passage_id]


def _shown(sentences: Sequence[Sentence], evidence: Evidence) -> list[Passage]:
    """The passages that the sentences cite, each once."""
    return list({p.passage_id: p for sentence in sentences for p in _cited(sentence, evidence)}.values())


def _marked(section: SectionDraft, borne_out: dict[Sentence, str]) -> SectionDraft:
    paragraphs = tuple(
        replace(
            paragraph,
            sentences=tuple(
                replace(sentence, passage_ids=_first(sentence, borne_out[sentence]), judged=True)
                if sentence in borne_out
                else sentence
                for sentence in paragraph.sentences
            ),
        )
        for paragraph in section.paragraphs
    )
    return replace(section, paragraphs=paragraphs)


def _first(sentence: Sentence, passage_id: str) -> tuple[str, ...]:
    """Its citations, the one that bears it out before the others."""
    return (passage_id, *(other for other in sentence.passage_ids if other != passage_id))
