"""An article looked at while somebody writes: checked as it would be stored, and not stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import regex

from copydesk.domain.article import Article, DataSource, EvidencePassage, EvidenceSentence, SupportStatus
from copydesk.domain.markdown import MarkdownText, parse, render_html
from copydesk.domain.sentences import split_sentences
from copydesk.domain.source import BlockKind
from copydesk.domain.words import count_words
from copydesk.errors import ValidationError
from copydesk.evidence.support import needs_citation
from copydesk.evidence.topic import subject_of, topic_phrase
from copydesk.evidence.wording import shared_words
from copydesk.seo.keywords import KeywordText
from copydesk.seo.slugs import is_slug
from copydesk.services.checking import rechecked
from copydesk.wire.articles import ArticlePatch
from copydesk.wire.problems import parse_model

_PROSE = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE)
_FIRST_STAND_IN, _LAST_STAND_IN = 0xF0000, 0xFFFFD  # private characters: no text has a use for them
_STAND_IN = regex.compile(f"[{chr(_FIRST_STAND_IN)}-{chr(_LAST_STAND_IN)}]")
_WORD = regex.compile(r"[\p{L}\p{N}]")
_END = regex.compile(r"[^\p{L}\p{N}]+$")  # what may stand between a sentence's words and its mark


class Flaw(StrEnum):
    """Why a sentence is shown to the editor."""

    CHANGED = "changed"  # cited, but no evidence is kept for this wording
    UNCITED = "uncited"  # states a fact and cites nothing
    UNSUPPORTED = "unsupported"  # its passages do not bear it out
    UNGROUNDED = "ungrounded"  # from a model's own knowledge, which the request allowed


@dataclass(frozen=True, kw_only=True)
class FlawedSentence:
    """A sentence of the present text that nothing bears out."""

    text: str  # as a reader sees it
    flaw: Flaw


@dataclass(frozen=True, kw_only=True)
class KeywordUse:
    """How often a keyword stands in the text."""

    keyword: str
    times: int
    percent: float  # its words of all words


@dataclass(frozen=True, kw_only=True)
class ArticlePreview:
    """An article as a text that is being written would make it."""

    article: Article  # not stored
    html: str  # its text, sanitized; images as their alternative texts, so that no other host is asked
    flaws: tuple[FlawedSentence, ...]  # in reading order
    keywords: tuple[KeywordUse, ...]
    problems: tuple[dict[str, str], ...]  # what storing it would refuse: {"field", "message", "type"}


@dataclass(frozen=True, kw_only=True)
class MarkedPassage:
    """A passage of a source with those of its words that bear a sentence out."""

    passage: EvidencePassage
    marks: tuple[tuple[int, int], ...]  # start and end in its text, in characters


@dataclass(frozen=True, kw_only=True)
class Support:
    """What stands behind one footnote mark."""

    number: int
    source: DataSource | None  # None: the footnote leads to no source of the article
    sentence: EvidenceSentence | None  # None: it has been changed, or added, since the article was checked
    passages: tuple[MarkedPassage, ...]


def previewed(before: Article, body: dict[str, Any], *, prompt: str) -> ArticlePreview:
    """Look at an article as a PATCH body would make it; what the rules refuse is left as it was, and named.

    Args:
        before: As it is stored.
        body: Editable fields.
        prompt: The task's: its topic stands in where the article has no keywords.
    """
    after, problems = _applied(before, body)
    topic = subject_of(topic_phrase(prompt, before.language), before.language)
    if after != before:
        after = rechecked(after, topic=topic)
    text = parse(after.content)
    return ArticlePreview(
        article=after,
        html=render_html(after.content, images=False),
        flaws=tuple(_flaws(after, text)),
        keywords=tuple(_uses(after, text)),
        problems=tuple(problems),
    )


def support_at(article: Article, *, number: int, before: str) -> Support:
    """What stands behind a footnote mark.

    Args:
        article: With its evidence.
        number: The mark's.
        before: The visible text that stands before the mark in its paragraph.
    """
    source = next((source for source in article.data_sources if source.number == number), None)
    sentence = _sentence_before(article.evidence, number, _folded(before))
    passages = () if sentence is None else marked(sentence, article.language, number=number)
    return Support(number=number, source=source, sentence=sentence, passages=passages)


def marked(sentence: EvidenceSentence, language: str, *, number: int | None = None) -> tuple[MarkedPassage, ...]:
    """A sentence's passages, of one source or of all, with the words that bear it out."""
    return tuple(
        MarkedPassage(passage=passage, marks=shared_words(sentence.text, passage.text, language))
        for passage in sentence.passages
        if number in (None, passage.source_number)
    )


def _applied(before: Article, body: dict[str, Any]) -> tuple[Article, list[dict[str, str]]]:
    """The article with those changes that are allowed, and what is wrong with the others."""
    given = {name: value for name, value in body.items() if _shown(getattr(before, name, None)) != value}
    try:
        return replace(before, **_patch(given)), []
    except ValidationError as error:
        refused = {detail["field"].partition(".")[0] for detail in error.details}
        allowed = {name: value for name, value in given.items() if name not in refused}
        return replace(before, **_patch(allowed)), list(error.details)


def _shown(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _patch(given: dict[str, Any]) -> dict[str, Any]:
    return parse_model(ArticlePatch, given, context={"is_slug": is_slug}).changes()


def _flaws(article: Article, text: MarkdownText) -> Iterator[FlawedSentence]:
    """Sentences without support: those that the evidence knows as such, and those that it does not know."""
    known = article.evidence[: _LAST_STAND_IN - _FIRST_STAND_IN]
    prose = [block for block in text.blocks if block.kind in _PROSE]
    lines = "\n".join(_folded(block.text) for block in prose)
    for index in sorted(range(len(known)), key=lambda i: len(known[i].text), reverse=True):
        lines = lines.replace(_folded(known[index].text), chr(_FIRST_STAND_IN + index))
    for block, line in zip(prose, lines.split("\n"), strict=True):
        yield from _flaws_of_block(line, known, len(block.marks), article.language)


def _flaws_of_block(
    line: str, known: Sequence[EvidenceSentence], marks: int, language: str
) -> Iterator[FlawedSentence]:
    """Those of one block, in which a private character stands for each sentence that the evidence knows."""
    indexes = [ord(character) - _FIRST_STAND_IN for character in _STAND_IN.findall(line)]
    standing = [known[index] for index in indexes if index < len(known)]
    cited = marks > sum(len(sentence.citations) for sentence in standing)  # more marks than known sentences have
    at = 0
    for piece in _STAND_IN.split(line):
        for sentence in split_sentences(piece, language):
            if _WORD.search(sentence) and (cited or needs_citation(sentence, language)):
                yield FlawedSentence(text=sentence, flaw=Flaw.CHANGED if cited else Flaw.UNCITED)
        if at < len(standing):
            if standing[at].support in (SupportStatus.UNSUPPORTED, SupportStatus.UNGROUNDED):
                yield FlawedSentence(text=standing[at].text, flaw=Flaw(standing[at].support.value))
            at += 1


def _uses(article: Article, text: MarkdownText) -> Iterator[KeywordUse]:
    if not article.keywords:
        return
    body = KeywordText(text.visible, article.language)
    for keyword in article.keywords:
        times = body.count(keyword)
        percent = 100 * times * count_words(keyword) / text.word_count if text.word_count else 0.0
        yield KeywordUse(keyword=keyword, times=times, percent=percent)


def _sentence_before(evidence: Sequence[EvidenceSentence], number: int, before: str) -> EvidenceSentence | None:
    """The sentence that cites the source and with which the text ends."""
    found: EvidenceSentence | None = None
    for sentence in evidence:
        words = _END.sub("", _folded(sentence.text))
        place = before.rfind(words) if number in sentence.citations and words else -1
        ends = place >= 0 and not _WORD.search(before[place + len(words) :])
        if ends and (found is None or len(words) > len(found.text)):
            found = sentence
    return found


def _folded(text: str) -> str:
    return " ".join(text.split())
