"""The hard gate: sections 1 to 3 of quality.md, checked on the article as it would be stored."""

from collections.abc import Iterator
from urllib.parse import unquote

from copydesk.domain.article import Assembled, EvidenceSentence, SupportStatus
from copydesk.domain.brief import Brief
from copydesk.domain.markdown import MarkdownText, parse
from copydesk.domain.source import Evidence
from copydesk.domain.words import words_of
from copydesk.evidence.doubt import DOUBTFUL_OVERLAP
from copydesk.evidence.support import MIN_OVERLAP, contradicts, missing_facts, needs_citation, overlap
from copydesk.ports import Problem
from copydesk.seo.clean import find_unclean

UNCITED_SHARE = 0.2  # of an article's sentences, at most (quality.md, section 2)


def review(assembled: Assembled, brief: Brief, title: str, evidence: Evidence) -> list[Problem]:
    """Everything that keeps an article from being stored, an empty list for one that is good.

    Kinds: `too_short`, `too_long` (with the words), `mark` (a footnote that does not resolve),
    `unsupported`, `uncited` (too many sentences without a citation), `url`, `unclean`.
    """
    text = parse(assembled.content)
    return [
        *_length(text.word_count, brief),
        *_marks(text, assembled),
        *_sentences(assembled, text, brief),
        *_addresses(text, evidence),
        *_flaws(text, brief, title),
    ]


def _length(counted: int, brief: Brief) -> Iterator[Problem]:
    if counted < brief.words.minimum:
        missing = brief.words.minimum - counted
        yield Problem(kind="too_short", message=f"{missing} words are missing.", words=missing)
    if counted > brief.words.maximum:
        over = counted - brief.words.maximum
        yield Problem(kind="too_long", message=f"There are {over} words too many.", words=over)


def _marks(text: MarkdownText, assembled: Assembled) -> Iterator[Problem]:
    listed = [str(source.number) for source in assembled.data_sources]
    used = list(dict.fromkeys(text.marks))
    if used != listed or sorted(text.definitions) != sorted(listed):
        message = f"The footnotes {used} with definitions {list(text.definitions)} are not the sources {listed}."
        yield Problem(kind="mark", message=message)
    shown = sum(len(sentence.citations) for sentence in assembled.evidence)
    if len(text.marks) != shown:
        message = f"There are {len(text.marks)} footnote marks and {shown} citations in the evidence."
        yield Problem(kind="mark", message=message)


def _sentences(assembled: Assembled, text: MarkdownText, brief: Brief) -> Iterator[Problem]:
    visible = _folded(text.visible)
    grounded = [sentence for sentence in assembled.evidence if sentence.support is not SupportStatus.UNGROUNDED]
    uncited = [sentence for sentence in grounded if not sentence.passages]
    for sentence in assembled.evidence:
        reason = unsupported_because(sentence, brief.language)
        if sentence.support is SupportStatus.UNGROUNDED:
            reason = None if brief.allow_ungrounded else "It comes from no source."
        if reason is not None:
            yield Problem(kind="unsupported", message=reason, sentence=sentence.text)
        if _folded(sentence.text) not in visible:
            yield Problem(
                kind="mark", message="This sentence of the evidence is not in the text.", sentence=sentence.text
            )
    if len(uncited) > UNCITED_SHARE * len(grounded):
        message = f"{len(uncited)} of {len(grounded)} sentences stand without a citation; a fifth may."
        yield Problem(kind="uncited", message=message)


def unsupported_because(sentence: EvidenceSentence, language: str) -> str | None:
    """Why a sentence does not stand as it is, or None where it does."""
    if not sentence.passages:
        return "It states a fact and cites nothing." if needs_citation(sentence.text, language) else None
    texts = [passage.text for passage in sentence.passages]
    missing = missing_facts(sentence.text, texts, language)
    if missing:
        return f"Its passages do not hold {', '.join(missing)}."
    if overlap(sentence.text, texts, language) < (DOUBTFUL_OVERLAP if sentence.judged else MIN_OVERLAP):
        return "Its passages speak of something else."
    return "Its passages say the opposite." if contradicts(sentence.text, texts, language) else None


def _folded(text: str) -> str:
    return " ".join(word.casefold() for word in words_of(text))


def _addresses(text: MarkdownText, evidence: Evidence) -> Iterator[Problem]:
    allowed = {unquote(source.url) for source in evidence.sources if source.url is not None}
    for link in text.links:
        if unquote(link.url) not in allowed:
            yield Problem(kind="url", message=f"{link.url} is not an address of the sources.")


def _flaws(text: MarkdownText, brief: Brief, title: str) -> Iterator[Problem]:
    for flaw in find_unclean(text, title=title, language=brief.language, prompt=brief.prompt):
        yield Problem(kind="unclean", message=f"{flaw.kind}: {flaw.message}", sentence=flaw.excerpt)
