"""Markdown as Copydesk reads and shows it: CommonMark with tables, strikethrough and footnotes; raw HTML is text."""

from copydesk.domain.markdown.citations import CitationStyle, with_citations
from copydesk.domain.markdown.html import render_html, standalone_html
from copydesk.domain.markdown.text import (
    Heading,
    Link,
    MarkdownText,
    TextBlock,
    count_markdown_words,
    footnote_numbers,
    headings_of,
    links_of,
    paragraphs_of,
    parse,
    visible_text,
)

__all__ = [
    "CitationStyle",
    "Heading",
    "Link",
    "MarkdownText",
    "TextBlock",
    "count_markdown_words",
    "footnote_numbers",
    "headings_of",
    "links_of",
    "paragraphs_of",
    "parse",
    "render_html",
    "standalone_html",
    "visible_text",
    "with_citations",
]
