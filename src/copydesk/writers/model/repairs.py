"""How the model mends a section: sentences corrected, the text lengthened or tightened."""

import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import regex

from copydesk.domain.article import Paragraph, SectionDraft, Sentence
from copydesk.domain.brief import Brief
from copydesk.domain.source import Passage
from copydesk.domain.words import count_words
from copydesk.ports import Problem
from copydesk.writers.extractive import ExtractiveWriter
from copydesk.writers.model.answers import paragraphs_of, plain
from copydesk.writers.model.calls import Calls, answer_tokens, unnamed
from copydesk.writers.model.fencing import Fenced, defused
from copydesk.writers.model.free import Free
from copydesk.writers.model.prompts import fill
from copydesk.writers.model.wording import language_name, text_of

_MEND_PASSAGES = 8  # shown to the one who corrects sentences: those that they cite, then others of the section
_EXTEND_PASSAGES = 4  # shown, at least, to the one who lengthens a section
_WORDS_PER_PASSAGE = 35  # that a writer makes of one passage, on the safe side
_EXTEND_FROM = 12  # words; fewer than these missing are not asked of a model


class Repairs:
    """Mends sections with a model, and with the sources' own sentences where it does not help.

    Args:
        calls: To the model.
        sources: What the sources say themselves.
        free: What the model writes from its own knowledge, where a request allows it.
    """

    def __init__(self, calls: Calls, sources: ExtractiveWriter, free: Free) -> None:
        self._calls = calls
        self._sources = sources
        self._free = free

    async def corrected(
        self, brief: Brief, draft: SectionDraft, failing: Sequence[Problem], passages: Sequence[Passage]
    ) -> SectionDraft:
        """The section with each named sentence corrected; without it where no passage bears it out.

        Sentences that are only to be worded otherwise stay as they are where the model gives nothing better.
        """
        shown = failing[: len(string.ascii_lowercase)]
        letters = dict(zip(string.ascii_lowercase, shown, strict=False))
        lines = [f"{letter}: {defused(p.sentence or '')} ({defused(p.message)})" for letter, p in letters.items()]
        words = sum(count_words(problem.sentence or "") for problem in shown)
        answer, fenced = await self._calls.over(
            f"mend:{draft.section_id}",
            "mend",
            unnamed(_nearest(draft, shown, passages)),
            max_tokens=answer_tokens(2 * words),
            language_name=language_name(brief.language),
            problems="\n".join(lines),
        )
        corrected = dict(_lettered(answer.text, fenced, brief.language))
        by_text: dict[str, tuple[Sentence, ...]] = {}
        for letter, problem in letters.items():
            given = corrected.get(letter)
            if given or (given is not None and problem.kind != "wording"):
                by_text[problem.sentence or ""] = given
        return replace(draft, paragraphs=tuple(_exchanged(draft.paragraphs, by_text)))

    async def longer(
        self, brief: Brief, draft: SectionDraft, problem: Problem, passages: Sequence[Passage]
    ) -> SectionDraft:
        """The section with more sentences from unused passages; the passages' own where the model adds nothing."""
        used = {i for paragraph in draft.paragraphs for sentence in paragraph.sentences for i in sentence.passage_ids}
        fresh = [passage for passage in passages if passage.passage_id not in used]
        if brief.allow_ungrounded and not fresh:
            return await self._free.longer(brief, draft, problem.words)
        if problem.certain:
            return await self._sources.repair(brief, draft, [problem], passages)
        added: tuple[Paragraph, ...] = ()
        if problem.words >= _EXTEND_FROM and passages:
            fresh = fresh or list(passages)
            count = max(_EXTEND_PASSAGES, -(-problem.words // _WORDS_PER_PASSAGE))
            added = await self._calls.written(
                f"extend:{draft.section_id}",
                "extend",
                unnamed(fresh[:count]),
                language=brief.language,
                max_tokens=answer_tokens(2 * problem.words),
                words=str(problem.words),
                text=text_of(draft),
            )
            added = tuple(_cited_alone(added))
        if not added:
            return await self._sources.repair(brief, draft, [problem], passages)
        return replace(draft, paragraphs=(*draft.paragraphs, *added))

    async def shorter(
        self, brief: Brief, draft: SectionDraft, problem: Problem, passages: Sequence[Passage]
    ) -> SectionDraft:
        """The section said in fewer words; whole sentences go where the model does not shorten it."""
        now = sum(count_words(sentence.text) for paragraph in draft.paragraphs for sentence in paragraph.sentences)
        goal = max(1, now - problem.words)
        numbers = {passage.passage_id: n for n, passage in enumerate(passages, start=1)}
        prompt = fill(
            "tighten",
            language_name=language_name(brief.language),
            words=str(goal),
            text=text_of(draft, numbers),
        )
        answer = await self._calls.bare(f"tighten:{draft.section_id}", prompt, max_tokens=answer_tokens(now))
        ids = tuple(passage.passage_id for passage in passages)
        paragraphs = tuple(_cited_alone(paragraphs_of(answer.text, ids, brief.language, complete=answer.complete)))
        counted = sum(count_words(sentence.text) for paragraph in paragraphs for sentence in paragraph.sentences)
        if not 0 < counted < now:
            return await self._sources.repair(brief, draft, [problem], passages)
        return replace(draft, paragraphs=paragraphs)


def _nearest(draft: SectionDraft, failing: Sequence[Problem], passages: Sequence[Passage]) -> list[Passage]:
    """The passages that the failing sentences cite before the others, no more than a prompt should hold."""
    named = {problem.sentence for problem in failing}
    cited = {
        i
        for paragraph in draft.paragraphs
        for sentence in paragraph.sentences
        if sentence.text in named
        for i in sentence.passage_ids
    }
    ordered = sorted(passages, key=lambda passage: passage.passage_id not in cited)
    return ordered[: max(_MEND_PASSAGES, len(cited))]


def lettered_lines(text: str) -> Iterator[tuple[str, str]]:
    """The lines of an answer that begin with a letter, as "a: ..."; letters in lower case."""
    for line in plain(text).splitlines():
        found = regex.match(r"\s*[(\[]?([a-z])[)\]]?\s*[:.)]\s*(.*)$", line, flags=regex.IGNORECASE)
        if found is not None:
            yield found[1].lower(), found[2].strip()


def _lettered(text: str, fenced: Fenced, language: str) -> Iterator[tuple[str, tuple[Sentence, ...]]]:
    """The corrected sentences by letter; a dash is none."""
    for letter, said in lettered_lines(text):
        paragraphs = paragraphs_of(said, fenced.ids, language, complete=True)
        sentences = tuple(sentence for paragraph in paragraphs for sentence in paragraph.sentences)
        yield letter, tuple(sentence for sentence in sentences if sentence.passage_ids)


def _exchanged(paragraphs: Iterable[Paragraph], by_text: dict[str, tuple[Sentence, ...]]) -> Iterator[Paragraph]:
    """Paragraphs with failing sentences exchanged; those that the model passed over stay, and are dealt with later."""
    for paragraph in paragraphs:
        sentences: list[Sentence] = []
        for sentence in paragraph.sentences:
            sentences.extend(by_text.get(sentence.text, (sentence,)))
        yield replace(paragraph, sentences=tuple(sentences))


def _cited_alone(paragraphs: Iterable[Paragraph]) -> Iterator[Paragraph]:
    """Paragraphs with their cited sentences alone: what is added must be borne out."""
    for paragraph in paragraphs:
        sentences = tuple(sentence for sentence in paragraph.sentences if sentence.passage_ids)
        if sentences:
            yield replace(paragraph, sentences=sentences)
