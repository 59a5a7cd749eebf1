"""Candidates for a search title, best first."""

import re
from collections.abc import Iterator, Sequence

from copydesk.domain.words import display_width
from copydesk.seo.keywords import contains_literally
from copydesk.seo.limits import MAX_TITLE, MIN_TITLE
from copydesk.seo.phrases import phrases_of
from copydesk.seo.phrasing import capitalized, cut_phrase, is_complete, labelled, lengthen, shorten_phrase

_BEST_WIDTH = 52  # most of what a result page shows, with room for a wider font
_SEPARATOR = re.compile(r"\s*[:|\uff1a]\s+|\s+[\u2013\u2014-]\s+|(?<=[?!])\s+|\uff1a")


def seo_title(*, keyword: str, title: str, headings: Sequence[str], proposed: str | None, language: str) -> str:
    """A search title of 30 to 60, complete and with the keyword where it fits.

    Args:
        keyword: The primary keyword, tidy; may be empty.
        title: The article's title, tidy; may be empty.
        headings: The article's headings, tidy.
        proposed: A title that was proposed and checked for invented numbers, or None.
        language: BCP 47 tag.
    """
    fitting = [
        candidate
        for candidate in _candidates(keyword, title, headings, proposed, language)
        if MIN_TITLE <= display_width(candidate) <= MAX_TITLE and is_complete(candidate, language)
    ]
    with_keyword = (candidate for candidate in fitting if contains_literally(candidate, keyword))
    return next(with_keyword, None) or next(iter(fitting), None) or _forced(keyword, title, headings, language)


def _candidates(
    keyword: str, title: str, headings: Sequence[str], proposed: str | None, language: str
) -> Iterator[str]:
    shown = capitalized(keyword)
    for text in (proposed, title):
        if text:
            yield text
            yield from _SEPARATOR.split(text) if display_width(text) > MAX_TITLE or text is title else ()
            yield from filter(None, [shorten_phrase(text, MIN_TITLE, MAX_TITLE, language)])
    if display_width(title) > MAX_TITLE:
        yield cut_phrase(title, MIN_TITLE, MAX_TITLE, language)
    if contains_literally(title, keyword):
        yield from _extended(title, language)
    yield from _labelled(shown, [title, *_SEPARATOR.split(title)], language)
    yield from _extended(shown, language)
    yield from _labelled(shown, headings, language)
    yield shown


def _extended(base: str, language: str) -> Iterator[str]:
    """With each neutral phrase of the language, those of the best width first."""
    phrases = phrases_of(language)
    if not base or phrases is None:
        return
    extended = [labelled(base, phrases.colon, phrase) for phrase in phrases.titles]
    yield from sorted(extended, key=lambda text: abs(display_width(text) - _BEST_WIDTH))


def _labelled(label: str, texts: Sequence[str], language: str) -> Iterator[str]:
    phrases = phrases_of(language)
    if label:
        colon = phrases.colon if phrases else ": "
        yield from (labelled(label, colon, text) for text in texts if text and not contains_literally(text, label))


def _forced(keyword: str, title: str, headings: Sequence[str], language: str) -> str:
    """For what no pattern fits: the title or keyword cut after a word, or phrases joined until long enough."""
    for text in (title, keyword):
        if display_width(text) > MAX_TITLE:
            return cut_phrase(text, MIN_TITLE, MAX_TITLE, language)
    phrases = phrases_of(language)
    neutral = phrases.titles if phrases else ()
    given = list(dict.fromkeys([capitalized(keyword), title, *headings]))
    return lengthen([*given, *neutral] if any(given) or neutral else ["\u2014"], MIN_TITLE, MAX_TITLE, language)
