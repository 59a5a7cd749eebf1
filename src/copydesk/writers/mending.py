"""How the extractive writer mends a section: by whole sentences, from the end of paragraphs inward."""

from collections.abc import Sequence
from dataclasses import replace

from copydesk.domain.article import Paragraph, SectionDraft, Sentence
from copydesk.domain.language import same_language
from copydesk.domain.source import Passage
from copydesk.domain.words import count_words
from copydesk.writers.lengths import choose_lengths
from copydesk.writers.units import Ledger, Unit, build_unit


def without(draft: SectionDraft, sentence: str) -> SectionDraft:
    """The section without a sentence, and without those after it in its paragraph that come from the same passage.

    What follows a sentence of a passage may lean on it; another passage does not.
    """
    paragraphs = []
    for paragraph in draft.paragraphs:
        at = next((i for i, other in enumerate(paragraph.sentences) if other.text == sentence), None)
        kept = paragraph.sentences
        if at is not None:
            gone = kept[at].passage_ids
            kept = kept[:at] + tuple(other for other in kept[at + 1 :] if other.passage_ids != gone)
        if kept:
            paragraphs.append(replace(paragraph, sentences=kept))
    return replace(draft, paragraphs=tuple(paragraphs))


def shortened(draft: SectionDraft, words: int) -> SectionDraft:
    """The section with at least `words` words fewer, as few more as whole sentences allow, but never empty."""
    lengths = [_prefixes(paragraph) for paragraph in draft.paragraphs]
    total = sum(options[0] for options in lengths)
    lengths[1:] = [(*options, 0) for options in lengths[1:]]
    chosen = choose_lengths(lengths, low=0, high=total - words)
    counts = [options[i] for options, i in zip(lengths, chosen, strict=True)] if chosen else [lengths[0][-1]]
    paragraphs = [_prefix(paragraph, count) for paragraph, count in zip(draft.paragraphs, counts, strict=False)]
    return replace(draft, paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph.sentences))


def _prefixes(paragraph: Paragraph) -> tuple[int, ...]:
    """Words of the paragraph's beginnings, the whole first."""
    sums = [0]
    for sentence in paragraph.sentences:
        sums.append(sums[-1] + count_words(sentence.text))
    return tuple(reversed(sums[1:]))


def _prefix(paragraph: Paragraph, words: int) -> Paragraph:
    count = 0
    while words > 0:
        words -= count_words(paragraph.sentences[count].text)
        count += 1
    return replace(paragraph, sentences=paragraph.sentences[:count])


def extended(draft: SectionDraft, words: int, passages: Sequence[Passage], *, language: str) -> SectionDraft:
    """The section with unused passages added, as near to `words` more words as whole sentences come.

    Passages of sources whose rights are not known here are quoted where the section already quotes
    them, and passed over otherwise unless the section cites their source unquoted.
    """
    units = _unused(draft, passages, language)
    if not units:
        return draft
    lengths = [(0, *(unit.prefix_words(count) for count in range(len(unit.lines), 0, -1))) for unit in units]
    exact = choose_lengths(lengths, low=max(1, words), high=2 * words + 40, aim=max(1, words))
    chosen = exact or choose_lengths(lengths, low=1, high=max(1, words), aim=words) or [0] * len(units)
    added = []
    for unit, option in zip(units, chosen, strict=True):
        if option:
            added.append(_paragraph(unit, len(unit.lines) + 1 - option))
    return replace(draft, paragraphs=(*draft.paragraphs, *added))


def _unused(draft: SectionDraft, passages: Sequence[Passage], language: str) -> list[Unit]:
    by_id = {passage.passage_id: passage for passage in passages}
    ledger = Ledger()
    quoted: dict[str, bool] = {}
    used: set[str] = set()
    for sentence in (sentence for paragraph in draft.paragraphs for sentence in paragraph.sentences):
        used.update(sentence.passage_ids)
        ledger.enter_text(sentence.text)
        for passage_id in sentence.passage_ids:
            if passage_id in by_id:
                quoted[by_id[passage_id].source_id] = sentence.quoted
    units = []
    for passage in passages:
        if passage.passage_id not in used and passage.stands_alone and same_language(passage.language, language):
            unit = ledger.admit(build_unit((passage,), quoted=quoted.get(passage.source_id, False)))
            if unit.lines:
                units.append(unit)
    return units


def _paragraph(unit: Unit, count: int) -> Paragraph:
    return Paragraph(
        sentences=tuple(
            Sentence(text=line.text, passage_ids=(line.passage_id,), quoted=unit.quoted) for line in unit.lines[:count]
        )
    )
