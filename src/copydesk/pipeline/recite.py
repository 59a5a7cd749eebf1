"""Citing anew: a true sentence under the wrong number, or under none, gets the passage that bears it out."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from copydesk.domain.article import Paragraph, SectionDraft, Sentence
from copydesk.domain.source import Evidence, Passage
from copydesk.evidence.doubt import holds
from copydesk.evidence.support import is_supported, needs_citation
from copydesk.language.terms import content_terms

_TRIED = 12  # passages tried for one sentence, those that share most of its words first
_SHARED = 0.5  # of a sentence's content words that a passage must hold to be tried


def recited(sections: Sequence[SectionDraft], evidence: Evidence, language: str) -> tuple[SectionDraft, ...]:
    """Sections in which each sentence that its own passages do not bear out cites one that does, where there is one.

    The section's other passages are tried before those of the rest of the article. Sentences that no passage
    bears out stay as they are: others decide on them.
    """
    terms: dict[str, frozenset[str]] = {}
    return tuple(
        replace(section, paragraphs=tuple(_paragraphs(section, evidence, language, terms))) for section in sections
    )


def _paragraphs(
    section: SectionDraft, evidence: Evidence, language: str, terms: dict[str, frozenset[str]]
) -> Iterable[Paragraph]:
    near = {i for paragraph in section.paragraphs for sentence in paragraph.sentences for i in sentence.passage_ids}
    for paragraph in section.paragraphs:
        yield replace(
            paragraph,
            sentences=tuple(_sentence(sentence, near, evidence, language, terms) for sentence in paragraph.sentences),
        )


def _sentence(
    sentence: Sentence, near: set[str], evidence: Evidence, language: str, terms: dict[str, frozenset[str]]
) -> Sentence:
    cited = [evidence.by_passage_id[i] for i in sentence.passage_ids if i in evidence.by_passage_id]
    if (
        sentence.ungrounded
        or holds(sentence, cited, language)
        or not (cited or needs_citation(sentence.text, language))
    ):
        return sentence
    for passage in _candidates(sentence, near, evidence, language, terms):
        other = replace(sentence, passage_ids=(passage.passage_id,))
        if is_supported(other, [passage], language):
            return other
    return sentence


def _candidates(
    sentence: Sentence, near: set[str], evidence: Evidence, language: str, terms: dict[str, frozenset[str]]
) -> list[Passage]:
    """The passages that share most of the sentence's words, the section's own first among equals."""
    wanted = frozenset(content_terms(sentence.text, language))
    scored: list[tuple[float, bool, int]] = []
    for index, passage in enumerate(evidence.passages):
        held = terms.get(passage.passage_id)
        if held is None:
            held = terms[passage.passage_id] = frozenset(content_terms(passage.text, language))
        share = len(wanted & held) / max(1, len(wanted))
        if share >= _SHARED:
            scored.append((-share, passage.passage_id not in near, index))
    return [evidence.passages[index] for _, _, index in sorted(scored)[:_TRIED]]
