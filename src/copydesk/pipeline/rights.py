"""Rights: what may be quoted at length, and what only briefly and in quotation marks (quality.md, section 5)."""

from collections.abc import Sequence
from dataclasses import replace

from copydesk.domain.article import Paragraph, SectionDraft, Sentence
from copydesk.domain.source import Evidence, Source
from copydesk.domain.words import count_words, words_of
from copydesk.evidence.rank import words_allowed

VERBATIM_WORDS = 12  # a sentence that shares a run of so many words with its source is a quotation of it


def respect_rights(sections: Sequence[SectionDraft], evidence: Evidence) -> tuple[SectionDraft, ...]:
    """Put verbatim sentences of restricted sources in quotation marks, and drop what is over their words.

    A quotation ends where its source's allowance ends: later sentences of that source that repeat its
    words are left out. Sentences in words of their own, and sentences of sources that may be quoted at
    length, are not touched.
    """
    used: dict[str, int] = {}
    return tuple(
        replace(
            section,
            paragraphs=tuple(
                kept for paragraph in section.paragraphs if (kept := _allowed(paragraph, evidence, used)).sentences
            ),
        )
        for section in sections
    )


def _allowed(paragraph: Paragraph, evidence: Evidence, used: dict[str, int]) -> Paragraph:
    kept: list[Sentence] = []
    for sentence in paragraph.sentences:
        source = restricted_source(sentence, evidence)
        if source is None:
            kept.append(sentence)
            continue
        allowance = words_allowed(source) or 0
        words = used.get(source.source_id, 0) + count_words(sentence.text)
        if words <= allowance:
            used[source.source_id] = words
            kept.append(replace(sentence, quoted=True))
    return replace(paragraph, sentences=tuple(kept))


def restricted_source(sentence: Sentence, evidence: Evidence) -> Source | None:
    """The source of limited rights that a sentence quotes, or None."""
    known = evidence.by_passage_id
    for passage_id in sentence.passage_ids:
        if passage_id in known:
            source = evidence.source_of(passage_id)
            if words_allowed(source) is not None and _repeats(sentence.text, known[passage_id].text):
                return source
    return None


def _repeats(text: str, original: str) -> bool:
    words, others = ([word.casefold() for word in words_of(part)] for part in (text, original))
    run = min(VERBATIM_WORDS, len(words))
    runs = {tuple(others[start : start + run]) for start in range(len(others) - run + 1)}
    return run > 0 and any(tuple(words[start : start + run]) in runs for start in range(len(words) - run + 1))
