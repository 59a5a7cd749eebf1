"""Paragraphs in another language than their document's: quotations, abstracts, the other half of a bilingual page."""

from copydesk.domain.language import primary_language
from copydesk.language.detect import detect_language
from copydesk.language.stopwords import stopwords
from copydesk.language.terms import raw_tokens

_MIN_TOKENS = 12  # fewer words do not tell
# Of a paragraph's words that are function words of its language: prose in English, German, French and Spanish has
# 0.35 to 0.55, lists of names 0.1; a paragraph in a sister language (Dutch in German) up to 0.2.
_SURE = 0.25


def paragraph_language(text: str, language: str) -> str:
    """The primary language of a paragraph of a document in `language` (BCP 47), which it mostly is.

    Another one is answered only for a paragraph of at least 12 words that has more function words of that
    one, or that is written in another script.
    """
    expected = primary_language(language)
    tokens = raw_tokens(text)
    known = stopwords(expected)
    if len(tokens) < _MIN_TOKENS:
        return expected
    own = sum(token in known for token in tokens)
    if own >= _SURE * len(tokens):
        return expected
    found = detect_language(text, default=expected)
    if found == expected:
        return expected
    theirs = stopwords(found)
    if known and theirs and sum(token in theirs for token in tokens) <= own:
        return expected
    return found
