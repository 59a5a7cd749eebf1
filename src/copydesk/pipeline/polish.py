"""One round of rewriting for search, after the article is true, clean and of the right length; kept if it still is."""

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from copydesk.domain.article import Assembled, CheckStatus, Outline, Paragraph, SectionDraft, Sentence, SeoReport
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence, Passage
from copydesk.domain.words import count_words
from copydesk.language.terms import content_terms
from copydesk.pipeline.assemble import assemble
from copydesk.pipeline.review import review
from copydesk.ports import Problem, Writer
from copydesk.seo.checks import check_article
from copydesk.seo.keywords import KeywordText
from copydesk.seo.rules import MAX_SENTENCE, MIN_DENSITY

MOST_SENTENCES = 8  # that one round rewrites: a repair, not another draft
_KEYWORDS = frozenset({"keyword_in_first_paragraph", "keyword_density", "other_keywords"})  # unmet in whatever degree
_READING = frozenset({"sentence_length"})  # only where it fails

_Spot = tuple[int, int, int]  # section, paragraph, sentence


async def polished(
    writer: Writer,
    brief: Brief,
    outline: Outline,
    sections: Sequence[SectionDraft],
    assembled: Assembled,
    evidence: Evidence,
) -> Assembled:
    """The article with sentences reworded for checks that a rewrite can mend, or as it was.

    The writer is asked once for every section concerned, side by side. A section's rewriting counts only if every
    sentence holds as before and more checks are met; the gate decides on the whole.

    Args:
        writer: Asked by `repair` with problems of kind `wording`; may answer the section as it was.
        brief: What was asked for.
        outline: With the article's title.
        sections: As they were assembled.
        assembled: The article, past the gate.
        evidence: What may be cited.
    """
    wishes = await asyncio.to_thread(_wishes, brief, outline.title, sections, assembled)
    if not wishes:
        return assembled
    concerned = sorted({spot[0] for spot in wishes})
    answers = await asyncio.gather(
        *(
            writer.repair(brief, sections[i], [p for spot, p in sorted(wishes.items()) if spot[0] == i], cited)
            for i in concerned
            for cited in [_cited(sections[i], evidence)]
        )
    )
    changed = list(sections)
    for i, answer in zip(concerned, answers, strict=True):
        changed[i] = replace(sections[i], paragraphs=answer.paragraphs)
    if tuple(changed) == tuple(sections):
        return assembled
    return await asyncio.to_thread(_better, brief, outline.title, assembled, changed, evidence)


def _better(
    brief: Brief, title: str, before: Assembled, changed: Sequence[SectionDraft], evidence: Evidence
) -> Assembled:
    after = assemble(changed, evidence, language=brief.language)
    if review(after, brief, title, evidence):
        return before
    return after if _unmet(brief, title, after) < _unmet(brief, title, before) else before


def _unmet(brief: Brief, title: str, assembled: Assembled) -> int:
    checks = _report(brief, title, assembled).checks
    return sum(check.status is not CheckStatus.PASS for check in checks if check.id in _KEYWORDS | _READING)


def _report(brief: Brief, title: str, assembled: Assembled) -> SeoReport:
    """The checks of the text; those of the search fields, which are made later, mean nothing here."""
    return check_article(
        title=title,
        content=assembled.content,
        seo_title="",
        seo_description="",
        slug="",
        keywords=brief.keywords,
        primary_keyword=brief.primary_keyword,
        language=brief.language,
        words=brief.words,
        json_ld=None,
    )


def _wishes(
    brief: Brief, title: str, sections: Sequence[SectionDraft], assembled: Assembled
) -> Mapping[_Spot, Problem]:
    """Which sentences are to be reworded, and how."""
    status = {check.id: check.status for check in _report(brief, title, assembled).checks}
    unmet = {name for name in _KEYWORDS if status.get(name, CheckStatus.PASS) is not CheckStatus.PASS}
    wishes: dict[_Spot, Problem] = {}
    phrase = brief.primary_keyword
    if "keyword_in_first_paragraph" in unmet and (spot := _first(sections)) is not None:
        wishes[spot] = _use(phrase, _at(sections, spot))
    if "other_keywords" in unmet:
        body = KeywordText(assembled.content, brief.language)
        for keyword in brief.keywords[1:]:
            if keyword not in body:
                wishes |= {s: _use(keyword, _at(sections, s)) for s in _fit_for(keyword, sections, brief, 1, wishes)}
    if "keyword_density" in unmet:
        for spot in _fit_for(phrase, sections, brief, _missing(phrase, brief, assembled), wishes):
            wishes[spot] = _use(phrase, _at(sections, spot))
    if status.get("sentence_length") is CheckStatus.FAIL:
        wishes = {**_long(sections), **wishes}
    return dict(sorted(wishes.items())[:MOST_SENTENCES])


def _use(phrase: str, sentence: Sentence) -> Problem:
    message = f"It is true; say the same with the phrase \u201c{phrase}\u201d in it."
    return Problem(kind="wording", message=message, sentence=sentence.text)


def _first(sections: Sequence[SectionDraft]) -> _Spot | None:
    """The first sentence, if it may be reworded."""
    return next((spot for spot, sentence in _rewordable(sections) if spot == (0, 0, 0) and sentence.text), None)


def _missing(phrase: str, brief: Brief, assembled: Assembled) -> int:
    """How often the phrase should stand in the text beyond now; 0 where there is too much of it already."""
    times = KeywordText(assembled.content, brief.language).count(phrase)
    least = math.ceil(MIN_DENSITY / 100 * assembled.word_count / max(1, count_words(phrase)))
    return max(0, min(least - times, MOST_SENTENCES))


def _fit_for(
    phrase: str, sections: Sequence[SectionDraft], brief: Brief, count: int, taken: Mapping[_Spot, Problem]
) -> list[_Spot]:
    """The sentences without the phrase that are closest to it, from as many sections as there are."""
    wanted = set(content_terms(phrase, brief.language))
    ranked: list[tuple[int, int, _Spot]] = []
    seen: dict[int, int] = {}
    for spot, sentence in _rewordable(sections):
        if spot in taken or phrase in KeywordText(sentence.text, brief.language):
            continue
        shared = len(wanted.intersection(content_terms(sentence.text, brief.language)))
        seen[spot[0]] = seen.get(spot[0], 0) + 1
        ranked.append((-shared, seen[spot[0]], spot))
    return [spot for _, _, spot in sorted(ranked)[:count]]


def _long(sections: Sequence[SectionDraft]) -> dict[_Spot, Problem]:
    message = "It is true but long; say the same in two short sentences, each with its number."
    long = [
        (-count_words(sentence.text), spot, sentence)
        for spot, sentence in _rewordable(sections)
        if count_words(sentence.text) > MAX_SENTENCE
    ]
    chosen = sorted(long, key=lambda entry: entry[:2])[:MOST_SENTENCES]
    return {spot: Problem(kind="wording", message=message, sentence=sentence.text) for _, spot, sentence in chosen}


def _rewordable(sections: Sequence[SectionDraft]) -> Iterator[tuple[_Spot, Sentence]]:
    """Cited sentences that are no quotation, with their places."""
    for i, section in enumerate(sections):
        for j, paragraph in enumerate(section.paragraphs):
            for k, sentence in enumerate(paragraph.sentences):
                if sentence.passage_ids and not sentence.quoted:
                    yield (i, j, k), sentence


def _at(sections: Sequence[SectionDraft], spot: _Spot) -> Sentence:
    i, j, k = spot
    paragraph: Paragraph = sections[i].paragraphs[j]
    return paragraph.sentences[k]


def _cited(section: SectionDraft, evidence: Evidence) -> list[Passage]:
    ids = dict.fromkeys(i for paragraph in section.paragraphs for s in paragraph.sentences for i in s.passage_ids)
    return [evidence.by_passage_id[i] for i in ids if i in evidence.by_passage_id]
