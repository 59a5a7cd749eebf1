"""An article as the checks look at it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from copydesk.domain.brief import WordRange
from copydesk.domain.markdown import MarkdownText
from copydesk.domain.sentences import split_sentences
from copydesk.domain.source import BlockKind
from copydesk.domain.words import count_words
from copydesk.seo.keywords import KeywordText


class CheckedArticle:
    """What the checks look at, each part computed once."""

    def __init__(
        self,
        *,
        title: str,
        text: MarkdownText,
        seo_title: str,
        seo_description: str,
        slug: str,
        keywords: Sequence[str],
        primary_keyword: str,
        language: str,
        words: WordRange | None,
        json_ld: Mapping[str, Any] | None,
    ) -> None:
        self.title = title
        self.text = text
        self.seo_title = seo_title
        self.seo_description = seo_description
        self.slug = slug
        self.keywords = keywords
        self.primary_keyword = primary_keyword
        self.language = language
        self.words = words
        self.json_ld = json_ld

    @cached_property
    def body(self) -> KeywordText:
        """The visible text."""
        return KeywordText(self.text.visible, self.language)

    @cached_property
    def first_paragraph(self) -> str:
        """The first paragraph; empty without one."""
        return next((block.text for block in self.text.blocks if block.kind is BlockKind.PARAGRAPH), "")

    @cached_property
    def sentence_words(self) -> list[int]:
        """Words of each sentence."""
        paragraphs = self.text.paragraphs
        return [count_words(text) for part in paragraphs for text in split_sentences(part, self.language)]

    def mentions(self, text: str) -> bool:
        """Whether `text` contains the primary keyword."""
        return self.primary_keyword in KeywordText(text, self.language)
