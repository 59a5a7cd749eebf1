"""Paragraphs in another language than the article's."""

from collections.abc import Iterator, Sequence

import regex

from copydesk.language.written import other_language

_MIN_LETTERS = 100  # of a paragraph; shorter ones are names, titles and quotations too often
_WIDE_WEIGHT = 3  # letters that a Han character or a kana stands for


def foreign_paragraphs(paragraphs: Sequence[str], language: str) -> Iterator[tuple[str, str]]:
    """Each longer paragraph that is certainly not in `language`, with the language or script it is in."""
    for paragraph in paragraphs:
        letters = len(regex.findall(r"\p{L}", paragraph))
        wide = len(regex.findall(r"[\p{Han}\p{Hiragana}\p{Katakana}]", paragraph))
        if letters + (_WIDE_WEIGHT - 1) * wide < _MIN_LETTERS:
            continue
        other = other_language(paragraph, language)
        if other is not None:
            yield paragraph, other
