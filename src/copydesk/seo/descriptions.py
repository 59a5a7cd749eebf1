"""Candidates for a search description, best first."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from copydesk.domain.sentences import split_sentences
from copydesk.domain.words import display_width
from copydesk.seo.keywords import contains_literally
from copydesk.seo.limits import MAX_DESCRIPTION, MIN_DESCRIPTION
from copydesk.seo.phrases import Phrases, phrases_of
from copydesk.seo.phrasing import capitalized, cut_phrase, ends_sentence, is_complete, labelled, lengthen

_POOL = 40  # sentences looked at, from the beginning: all pairs are tried
_MOSTLY = 70  # a sentence of this width needs little beside it, and is better than another one under a label
_EARLY = 40  # characters in which a good description names its subject
_OPENING = 3  # sentences that open an article: they were written or chosen to say what it is about
_NO_PHRASES = Phrases(titles=(), sentences=())


def seo_description(*, keyword: str, title: str, sentences: Sequence[str], proposed: str | None, language: str) -> str:
    """A search description of 120 to 156 in whole sentences, with the keyword where it fits.

    Args:
        keyword: The primary keyword, tidy; may be empty.
        title: The article's title, tidy; may be empty.
        sentences: The article's own sentences in order, tidy.
        proposed: A description that was proposed and checked for invented numbers, or None.
        language: BCP 47 tag.
    """
    best = None
    for candidate in _candidates(keyword, sentences, proposed, language):
        if not (fits(candidate) and is_complete(candidate, language)):
            continue
        if contains_literally(candidate, keyword):
            return candidate
        best = best or candidate
    return best or _forced(keyword, title, sentences, language)


def fits(text: str) -> bool:
    """Whether the width is within the window."""
    return MIN_DESCRIPTION <= display_width(text) <= MAX_DESCRIPTION


def _candidates(keyword: str, sentences: Sequence[str], proposed: str | None, language: str) -> Iterator[str]:
    phrases = phrases_of(language) or _NO_PHRASES
    pool = [text for text in sentences if ends_sentence(text) and display_width(text) <= MAX_DESCRIPTION][:_POOL]
    if proposed:
        yield proposed
        yield from _beginnings(proposed, phrases, language)
    # A description that names its subject at once leans on nothing before it.
    opening = [text for text in pool[:_OPENING] if contains_literally(text[:_EARLY], keyword)]
    for text in opening if keyword else ():
        yield text
        if display_width(text) >= _MOSTLY:
            yield _filled(text, phrases)
    groups = sorted(_groups(pool, phrases.space), key=lambda text: not contains_literally(text[:_EARLY], keyword))
    shown = capitalized(keyword)
    headed = list(_within(labelled(shown, phrases.colon, text) for text in groups)) if keyword else []
    yield from groups
    holding = [text for text in groups if contains_literally(text, keyword)]
    yield from (_filled(text, phrases) for text in holding if display_width(text) >= _MOSTLY)
    yield from headed
    bare = [labelled(shown, phrases.colon, phrases.sentences[0])] if keyword and phrases.sentences else []
    for text in (*holding, *headed, *bare, *groups, ""):
        yield _filled(text, phrases)
    if keyword:
        yield from (f"{shown}.", shown)  # a keyword as long as the window stands alone


def _beginnings(text: str, phrases: Phrases, language: str) -> Iterator[str]:
    """The first whole sentences of a description that is too long, filled up where they are too few."""
    if display_width(text) <= MAX_DESCRIPTION:
        return
    sentences = split_sentences(text, language)
    whole = list(_within(phrases.space.join(sentences[:count]) for count in range(len(sentences) - 1, 0, -1)))
    yield from whole
    yield from (_filled(part, phrases) for part in whole if display_width(part) >= _MOSTLY)


def _groups(pool: Sequence[str], space: str) -> Iterator[str]:
    """One sentence, neighbours, then any two in order, each within the limit."""
    yield from _within(pool)
    for size in (2, 3):
        yield from _within(space.join(pool[start : start + size]) for start in range(len(pool) - size + 1))
    yield from _within(space.join(pair) for pair in combinations(pool, 2))


def _within(texts: Iterable[str]) -> Iterator[str]:
    return (text for text in texts if display_width(text) <= MAX_DESCRIPTION)


def _filled(text: str, phrases: Phrases) -> str:
    """With neutral sentences behind it until it is long enough; each is too short to jump over the window."""
    for sentence in phrases.sentences:
        if display_width(text) >= MIN_DESCRIPTION:
            break
        if sentence not in text:
            text = f"{text}{phrases.space}{sentence}" if text else sentence
    return text


def _forced(keyword: str, title: str, sentences: Sequence[str], language: str) -> str:
    """A long sentence cut after a word and closed, or what was given joined until long enough."""
    for text in (*sentences[:_POOL], title, keyword):
        if display_width(text) > MAX_DESCRIPTION:
            return f"{cut_phrase(text, MIN_DESCRIPTION, MAX_DESCRIPTION - 1, language)}."
    given = list(dict.fromkeys([capitalized(keyword), title, *sentences[:_POOL]]))
    phrases = phrases_of(language) or _NO_PHRASES
    parts = [*given, *phrases.sentences]
    return lengthen(parts if any(parts) else ["\u2014"], MIN_DESCRIPTION, MAX_DESCRIPTION, language)
