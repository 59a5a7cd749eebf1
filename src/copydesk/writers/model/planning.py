"""The article's shape: how many sections, how long each, and which passages carry it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from copydesk.domain.article import Outline, SectionPlan
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence, Passage
from copydesk.domain.words import count_words
from copydesk.language.terms import content_terms
from copydesk.writers.composing import INTRODUCTION, SUMMARY, title_of
from copydesk.writers.phrases import fixed_words

SECTION_WORDS = 130  # of one section, about: the longest call is what an article waits for
LONG_SECTION_WORDS = 260  # of one section in a long article
LONG_ARTICLE = 2_000  # words from which sections grow, so that they stay few enough to oversee
MAX_SECTIONS = 40
_TITLE_CHARACTERS = 90
_NEAR_MAXIMUM = 0.97  # of the most words that an article may have
_HEADING_CHARACTERS = 70  # of a heading that gets the keyword put before it
_FRAME_SHARE = 0.1  # of the words: the opening, and as much for the summary
_FRAME_WORDS = (40, 120)  # the opening's and the summary's, least and most
_FRAME_FROM = 350  # words of an article from which it has a summary
PASSAGES_PER_SECTION = 12  # evidence of one section at most
_LEAST_PASSAGES = 3  # of a section, however long they are
_EVIDENCE = 2.5  # times a section's words that its passages have: more is read and paid for, and not written of
_WORDS_PER_PASSAGE = 22  # that a writer makes of one passage, on the safe side


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """One section as a model proposed it."""

    heading: str
    passage_ids: tuple[str, ...]


def sections_wanted(words: int) -> int:
    """How many sections an article of `words` has between opening and summary."""
    each = SECTION_WORDS if words < LONG_ARTICLE else LONG_SECTION_WORDS
    return max(1, min(MAX_SECTIONS, round(_body_words(words) / each)))


def plan_article(brief: Brief, evidence: Evidence, title: str, proposed: Sequence[Proposed]) -> Outline:
    """Opening, sections and summary with budgets that sum to the target, each with passages of its own.

    Sections without evidence of their own get unused passages that share their heading's words. Without any they
    go, unless the request allows them to be written from the model's own knowledge.
    """
    words = brief.words.target
    wanted = sections_wanted(words)
    planned = proposed[: wanted + 2]
    each = _EVIDENCE * _body_words(words) / wanted
    own = _Allotment(evidence, words=each, language=brief.language).shared_out(planned, evidence.passages)
    bodies = [
        Proposed(heading=section.heading, passage_ids=tuple(ids))
        for section, ids in zip(planned, own, strict=True)
        if ids or brief.allow_ungrounded
    ]
    frame = _Allotment(evidence, words=_EVIDENCE * _frame_words(words), language=brief.language)
    central = _central(brief, evidence, bodies, frame)
    return _outline(brief, title, bodies, opening=central, closing=_leading(bodies, frame))


def asked_words(brief: Brief, plan: SectionPlan) -> int:
    """Words of text that a model is asked for: its budget without the heading, and a surplus.

    Some sentences fail their checks. A surplus is trimmed without a call, a lack costs one that everything waits for.
    """
    words = brief.words
    aim = min((words.target + words.maximum) / 2, _NEAR_MAXIMUM * words.maximum)
    return max(1, round((plan.words - count_words(plan.heading or "")) * max(1.0, aim / words.target)))


def titled(brief: Brief, proposed: str) -> str:
    """The article's title: as proposed, the main keyword before it where it lacks that, or made from the brief."""
    keyword = brief.keywords[0] if brief.keywords else ""
    title = proposed
    if title and keyword.casefold() not in title.casefold():
        title = f"{keyword[:1].upper()}{keyword[1:]}: {title}"
    return title if title and len(title) <= _TITLE_CHARACTERS else title_of(brief)


def plan_freely(brief: Brief, title: str, proposed: Sequence[Proposed]) -> Outline:
    """The same without evidence: every proposed section, none with passages."""
    bodies = list(proposed[: sections_wanted(brief.words.target) + 2])
    return _outline(brief, title, bodies, opening=(), closing=())


def _outline(
    brief: Brief, title: str, bodies: Sequence[Proposed], *, opening: Iterable[str], closing: Iterable[str]
) -> Outline:
    words = brief.words.target
    frame = _frame_words(words)
    summary = frame if words >= _FRAME_FROM and bodies else 0
    body_words = words - frame - summary if bodies else 0
    plans = [_section(INTRODUCTION, None, frame if bodies else words, opening)]
    named = _with_keyword(bodies, brief)
    for number, (body, share) in enumerate(zip(named, _shares(body_words, len(named)), strict=True), start=1):
        plans.append(_section(f"s{number}", body.heading, share, body.passage_ids))
    if summary:
        fixed = fixed_words(brief.language)
        heading = fixed.summary if fixed is not None else None
        plans.append(_section(SUMMARY, heading, summary, closing))
    return Outline(title=title, sections=tuple(plans))


def _section(section_id: str, heading: str | None, words: int, passage_ids: Iterable[str]) -> SectionPlan:
    return SectionPlan(
        section_id=section_id, heading=heading, level=2, words=words, passage_ids=tuple(dict.fromkeys(passage_ids))
    )


def _with_keyword(bodies: Sequence[Proposed], brief: Brief) -> list[Proposed]:
    """The sections, the keyword before the shortest heading where none has it: quality.md wants it in one."""
    named = list(bodies)
    keyword = brief.keywords[0] if brief.keywords else ""
    if not named or not keyword or any(keyword.casefold() in body.heading.casefold() for body in named):
        return named
    shortest = min(range(len(named)), key=lambda index: len(named[index].heading))
    heading = f"{keyword[:1].upper()}{keyword[1:]}: {named[shortest].heading}"
    if len(heading) <= _HEADING_CHARACTERS:
        named[shortest] = replace(named[shortest], heading=heading)
    return named


def _body_words(words: int) -> int:
    frame = _frame_words(words)
    return words - frame - (frame if words >= _FRAME_FROM else 0)


def _frame_words(words: int) -> int:
    least, most = _FRAME_WORDS
    return max(min(least, words), min(most, round(words * _FRAME_SHARE)))


def _shares(words: int, count: int) -> list[int]:
    return [words // count + (i < words % count) for i in range(count)]


class _Allotment:
    """Which passages each proposed section gets, and when it has enough.

    Args:
        evidence: The passages there are.
        words: That the passages of one section have, about.
        language: The article's.
    """

    def __init__(self, evidence: Evidence, *, words: float, language: str) -> None:
        self._sizes = {passage.passage_id: count_words(passage.text) for passage in evidence.passages}
        self._words = words
        self._language = language

    def enough(self, ids: Sequence[str]) -> list[str]:
        """The first of the passages that together have the words, `_LEAST_PASSAGES` at least."""
        chosen: list[str] = []
        words = 0
        for passage_id in ids[:PASSAGES_PER_SECTION]:
            if len(chosen) >= _LEAST_PASSAGES and words >= self._words:
                break
            chosen.append(passage_id)
            words += self._sizes[passage_id]
        return chosen

    def shared_out(self, proposed: Sequence[Proposed], passages: Sequence[Passage]) -> list[list[str]]:
        """Each section's own passages first, then unused ones about its heading; none in two sections."""
        owned: set[str] = set()
        own: list[list[str]] = []
        for section in proposed:
            named = dict.fromkeys(section.passage_ids)
            ids = self.enough([i for i in named if i in self._sizes and i not in owned])
            owned.update(ids)
            own.append(ids)
        about = [set(content_terms(section.heading, self._language)) for section in proposed]
        for passage in passages:
            if passage.passage_id in owned:
                continue
            best = self._closest(passage, about, own)
            if best is not None:
                own[best].append(passage.passage_id)
                owned.add(passage.passage_id)
        return own

    def _closest(self, passage: Passage, about: Sequence[set[str]], own: Sequence[list[str]]) -> int | None:
        """The section with room whose heading shares most words with a passage; None where none shares any."""
        terms = set(content_terms(passage.text, self._language))
        best: tuple[int, int] | None = None
        chosen = None
        for index, heading in enumerate(about):
            rank = len(terms & heading), -len(own[index])
            if rank[0] and self._has_room(own[index]) and (best is None or rank > best):
                best, chosen = rank, index
        return chosen

    def _has_room(self, ids: Sequence[str]) -> bool:
        if len(ids) >= PASSAGES_PER_SECTION:
            return False
        return len(ids) < _LEAST_PASSAGES or sum(self._sizes[i] for i in ids) < self._words


def _central(brief: Brief, evidence: Evidence, bodies: Sequence[Proposed], frame: _Allotment) -> list[str]:
    """Passages of the opening: the most relevant, and without sections as many as the words need."""
    ids = [passage.passage_id for passage in evidence.passages]
    if not bodies:
        return ids[: max(PASSAGES_PER_SECTION, brief.words.target // _WORDS_PER_PASSAGE)]
    return frame.enough(ids)


def _leading(bodies: Sequence[Proposed], frame: _Allotment) -> list[str]:
    """Passages of the summary: each section's first, as many as its words need."""
    return frame.enough([body.passage_ids[0] for body in bodies if body.passage_ids])
