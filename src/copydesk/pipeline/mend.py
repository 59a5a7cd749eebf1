"""Mending: what fails the gate goes back to the writer, becomes its source's own sentence, or goes."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from copydesk.domain.article import Paragraph, ParagraphKind, SectionDraft, Sentence
from copydesk.domain.brief import Brief
from copydesk.domain.language import language_name
from copydesk.domain.source import Evidence, Passage
from copydesk.domain.words import count_words, words_of, writes_without_spaces
from copydesk.evidence.doubt import DOUBTFUL_OVERLAP, holds, is_doubtful
from copydesk.evidence.support import missing_facts, overlap
from copydesk.language.written import written_in
from copydesk.pipeline.assemble import assemble
from copydesk.pipeline.recite import recited
from copydesk.pipeline.review import UNCITED_SHARE
from copydesk.ports import Problem, Writer
from copydesk.seo.clean import Flaw, find_unclean
from copydesk.seo.phrasing import ends_sentence
from copydesk.seo.tells import model_talk_in, placeholder_in, url_in

PASSES = 6  # at most: a sentence that goes may leave another problem, such as a paragraph like another
_OF_PARAGRAPHS = frozenset({"repeated", "prompt", "language", "unfinished", "placeholder", "model_talk", "url"})
SPARE_PASSAGES = 3  # unused ones shown beside a section's own: enough to mend a sentence or two from
REPEATED_WORDS = 4  # a sentence of fewer words may come back ("It does.")

_NOT_ASKED = frozenset({"repeated", "doubtful"})  # what the writer could not do better by another try
_OWN_INSTEAD = frozenset({"unsupported", "doubtful"})  # becomes the source's own sentence, if there is one

_Spot = tuple[int, int, int]  # section, paragraph, sentence


@dataclass(frozen=True, kw_only=True)
class Mended:
    """Sections after mending, and what it took."""

    sections: tuple[SectionDraft, ...]
    repaired: int  # sentences replaced
    removed: int  # sentences left out


async def mend(
    writer: Writer | None,
    brief: Brief,
    title: str,
    sections: Sequence[SectionDraft],
    evidence: Evidence,
    *,
    undecided: bool = False,
) -> Mended:
    """Repair or remove every sentence that the gate would refuse.

    Repeated sentences go; sentences that another passage bears out cite that one; the writer mends its
    own sections, side by side; what still fails becomes the sentence of the source that it comes closest
    to, or goes. At last uncited sentences go, from the end, until they are a fifth at most.

    Args:
        writer: Asked once for every section with a problem; None: nobody is asked.
        brief: What was asked for.
        title: The article's title.
        sections: In order.
        evidence: What may be cited.
        undecided: Leave sentences that the words alone leave in doubt: they are judged later, all in one call.
    """
    current = normalized(sections, title)
    before = _texts(current)
    current = normalized(_distinct(current), title)
    current = await asyncio.to_thread(recited, current, evidence, brief.language)
    if writer is not None:
        current = await _ask(writer, brief, title, current, evidence)
    kept = await asyncio.to_thread(_cleared, brief, title, current, evidence, undecided=undecided)
    after = _texts(kept)
    gone = [text for text in before if text not in set(after)]
    new = [text for text in after if text not in set(before)]
    return Mended(sections=kept, repaired=min(len(new), len(gone)), removed=max(0, len(gone) - len(new)))


def normalized(sections: Sequence[SectionDraft], title: str) -> tuple[SectionDraft, ...]:
    """Sections with text alone; the first without a heading, no heading twice or like the title, no level skipped."""
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
    # Checking every sentence of an article takes tenths of a second: not on the event loop.
    found = await asyncio.to_thread(_problems, brief, title, sections, evidence)
    problems = {spot: problem for spot, problem in found.items() if problem.kind not in _NOT_ASKED}
    used = {i for section in sections for sentence in _sentences(section) for i in sentence.passage_ids}
    unused = [passage for passage in evidence.passages if passage.passage_id not in used]
    bad = sorted({i for i, _, _ in problems})
    answers = await asyncio.gather(
        *(
            writer.repair(
                brief,
                sections[i],
                [problem for spot, problem in sorted(problems.items(), key=itemgetter(0)) if spot[0] == i],
                [*_cited_passages(sections[i], evidence), *unused[number :: len(bad)][:SPARE_PASSAGES]],
            )
            for number, i in enumerate(bad)
        )
    )
    mended = list(sections)
    for i, answer in zip(bad, answers, strict=True):
        # A repair that leaves nothing is none: the source's own sentences may still do.
        paragraphs = tuple(_tidy(answer.paragraphs)) or sections[i].paragraphs
        mended[i] = replace(sections[i], paragraphs=paragraphs)
    return normalized(mended, title)


def _cited_passages(section: SectionDraft, evidence: Evidence) -> Iterator[Passage]:
    ids = dict.fromkeys(i for sentence in _sentences(section) for i in sentence.passage_ids)
    return (evidence.by_passage_id[i] for i in ids if i in evidence.by_passage_id)


def _problems(brief: Brief, title: str, sections: Sequence[SectionDraft], evidence: Evidence) -> dict[_Spot, Problem]:
    """What is wrong with which sentences."""
    content = assemble(sections, evidence, language=brief.language).content
    flaws = find_unclean(content, title=title, language=brief.language, prompt=brief.prompt)
    seen: set[str] = set()
    found: dict[_Spot, Problem] = {}
    for i, section in enumerate(sections):
        for j, paragraph in enumerate(section.paragraphs):
            for k, sentence in enumerate(paragraph.sentences):
                problem = _problem(brief, paragraph, sentence, evidence, seen)
                if problem is not None:
                    found[i, j, k] = problem
    # What is wrong with a paragraph is looked at again once its own bad sentences are gone.
    bad = {spot[:2] for spot in found}
    for flaw in flaws:
        found.update((spot, problem) for spot, problem in _located(flaw, sections) if spot[:2] not in bad)
    return found


def _problem(
    brief: Brief, paragraph: Paragraph, sentence: Sentence, evidence: Evidence, seen: set[str]
) -> Problem | None:
    """What is wrong with one sentence by itself, or because it stands earlier already (`seen` is kept up)."""
    folded = _folded(sentence.text)
    repeated = folded in seen and count_words(sentence.text) >= REPEATED_WORDS
    seen.add(folded)
    if repeated:
        return Problem(kind="repeated", message="It stands earlier in the article.", sentence=sentence.text)
    tell = _tell(sentence.text, brief.prompt.casefold())
    if tell is not None:
        return Problem(kind="unclean", message=f"It holds {tell!r}.", sentence=sentence.text)
    if paragraph.kind is not ParagraphKind.LIST_ITEM and not _finished(sentence.text):
        return Problem(kind="unclean", message="It is not finished.", sentence=sentence.text)
    if not sentence.quoted and not written_in(sentence.text, brief.language):
        message = f"It is not written in {language_name(brief.language)}."
        return Problem(kind="unclean", message=message, sentence=sentence.text)
    if sentence.ungrounded and brief.allow_ungrounded:
        return None
    return _unsupported(sentence, evidence, brief)


def _unsupported(sentence: Sentence, evidence: Evidence, brief: Brief) -> Problem | None:
    """What its passages lack of one sentence."""
    cited = [evidence.by_passage_id[i] for i in sentence.passage_ids if i in evidence.by_passage_id]
    if sentence.passage_ids and not cited:
        return Problem(kind="unsupported", message="It cites no passage that is there.", sentence=sentence.text)
    if holds(sentence, cited, brief.language):
        return None
    if is_doubtful(sentence, cited, brief.language):
        return Problem(
            kind="doubtful", message="Its passages say it in other words, if at all.", sentence=sentence.text
        )
    return Problem(kind="unsupported", message=_reason(sentence, cited, brief.language), sentence=sentence.text)


def _tell(text: str, prompt: str) -> str | None:
    tells = (placeholder_in(text), model_talk_in(text), url_in(text))
    return next((tell for tell in tells if tell and tell.casefold() not in prompt), None)


def _finished(text: str) -> bool:
    if text.rstrip("\"'\u201d\u2019\u00bb)").endswith(("...", "\u2026")):
        return False
    without_stops = writes_without_spaces(text) and not any("\u3040" <= character <= "\u9fff" for character in text)
    return without_stops or ends_sentence(text)


def _reason(sentence: Sentence, cited: Sequence[Passage], language: str) -> str:
    missing = missing_facts(sentence.text, [passage.text for passage in cited], language)
    if missing:
        return f"Its passages do not hold {', '.join(missing)}."
    return "Its passages do not bear it out." if cited else "It states a fact and cites nothing."


def _located(flaw: Flaw, sections: Sequence[SectionDraft]) -> Iterator[tuple[_Spot, Problem]]:
    """The sentences that a flaw of the text lies in; of a repetition those that stand last."""
    words = _folded(flaw.excerpt.rstrip("\u2026"))
    if flaw.excerpt.endswith("\u2026"):
        words = words.rpartition(" ")[0]  # the excerpt may end inside a word
    if not words or flaw.kind not in _OF_PARAGRAPHS:
        return
    places = [
        (i, j)
        for i, section in enumerate(sections)
        for j, paragraph in enumerate(section.paragraphs)
        if words in _folded(" ".join(sentence.text for sentence in paragraph.sentences))
    ]
    for i, j in places[-1:] if flaw.kind == "repeated" else places:
        sentences = sections[i].paragraphs[j].sentences
        holding = [k for k, sentence in enumerate(sentences) if words in _folded(sentence.text)]
        for k in holding or range(len(sentences)):
            kind = "repeated" if flaw.kind == "repeated" else "unclean"
            yield (i, j, k), Problem(kind=kind, message=flaw.message, sentence=sentences[k].text)


def _cleared(
    brief: Brief, title: str, sections: tuple[SectionDraft, ...], evidence: Evidence, *, undecided: bool
) -> tuple[SectionDraft, ...]:
    """Without what the gate would refuse; the share of uncited sentences counts in a whole article alone."""
    replaced = _replaced(brief, title, sections, evidence, undecided=undecided)
    return replaced if undecided else normalized(_fewer_uncited(replaced), title)


def _replaced(
    brief: Brief, title: str, sections: tuple[SectionDraft, ...], evidence: Evidence, *, undecided: bool
) -> tuple[SectionDraft, ...]:
    """Without a failing sentence: the unsupported become their source's own, once, the rest go."""
    for attempt in range(PASSES):
        problems = {
            spot: problem
            for spot, problem in _problems(brief, title, sections, evidence).items()
            if not (undecided and problem.kind == "doubtful")
        }
        if not problems:
            break
        present = {_folded(text) for text in _texts(sections)}
        changed = [list(section.paragraphs) for section in sections]
        for (i, j, k), problem in sorted(problems.items(), key=itemgetter(0), reverse=True):
            paragraph = changed[i][j]
            own = None
            if problem.kind in _OWN_INSTEAD and attempt == 0:
                own = _own_sentence(paragraph.sentences[k], evidence, present, brief.language)
            present.update([_folded(own.text)] if own else [])
            sentences = (*paragraph.sentences[:k], *([own] if own else []), *paragraph.sentences[k + 1 :])
            changed[i][j] = replace(paragraph, sentences=sentences)
        sections = normalized(
            [replace(section, paragraphs=tuple(new)) for section, new in zip(sections, changed, strict=True)], title
        )
    return sections


def _own_sentence(sentence: Sentence, evidence: Evidence, present: set[str], language: str) -> Sentence | None:
    """The sentence of the cited passages that says what is closest, and is not in the article yet."""
    best: tuple[float, Sentence] | None = None
    for passage_id in sentence.passage_ids:
        passage = evidence.by_passage_id.get(passage_id)
        for text in passage.sentences if passage is not None else ():
            if _folded(text) in present or not _finished(text):
                continue
            share = overlap(sentence.text, [text], language)
            if share >= DOUBTFUL_OVERLAP and (best is None or share > best[0]):
                best = share, Sentence(text=text, passage_ids=(passage_id,))
    return best[1] if best is not None else None


def _distinct(sections: Sequence[SectionDraft]) -> list[SectionDraft]:
    """Without sentences that stand earlier already."""
    seen: set[str] = set()
    changed: list[SectionDraft] = []
    for section in sections:
        paragraphs: list[Paragraph] = []
        for paragraph in section.paragraphs:
            kept: list[Sentence] = []
            for sentence in paragraph.sentences:
                folded = _folded(sentence.text)
                if folded not in seen or count_words(sentence.text) < REPEATED_WORDS:
                    kept.append(sentence)
                seen.add(folded)
            paragraphs.append(replace(paragraph, sentences=tuple(kept)))
        changed.append(replace(section, paragraphs=tuple(paragraphs)))
    return changed


def _fewer_uncited(sections: tuple[SectionDraft, ...]) -> tuple[SectionDraft, ...]:
    """Without the last uncited sentences, until they are few enough."""
    total = sum(not sentence.ungrounded for section in sections for sentence in _sentences(section))
    uncited = sum(_is_uncited(sentence) for section in sections for sentence in _sentences(section))
    over = 0
    while uncited - over > UNCITED_SHARE * (total - over):
        over += 1
    changed: list[SectionDraft] = []
    for section in reversed(sections):
        paragraphs: list[Paragraph] = []
        for paragraph in reversed(section.paragraphs):
            kept: list[Sentence] = []
            for sentence in reversed(paragraph.sentences):
                if over and _is_uncited(sentence):
                    over -= 1
                else:
                    kept.append(sentence)
            paragraphs.append(replace(paragraph, sentences=tuple(reversed(kept))))
        changed.append(replace(section, paragraphs=tuple(reversed(paragraphs))))
    return tuple(reversed(changed))


def _is_uncited(sentence: Sentence) -> bool:
    """Whether it counts among the sentences of which an article may have a fifth."""
    return not sentence.passage_ids and not sentence.ungrounded


def _sentences(section: SectionDraft) -> Iterator[Sentence]:
    return (sentence for paragraph in section.paragraphs for sentence in paragraph.sentences)


def _texts(sections: Iterable[SectionDraft]) -> list[str]:
    return [sentence.text for section in sections for sentence in _sentences(section)]


def _folded(text: str) -> str:
    return " ".join(word.casefold() for word in words_of(text))
