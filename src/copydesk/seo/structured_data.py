"""Structured data: schema.org JSON-LD of an article, every value real."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from copydesk.domain.article import DataSource
from copydesk.domain.clock import rfc3339
from copydesk.domain.markdown import MarkdownText, TextBlock, parse
from copydesk.domain.source import BlockKind

CONTEXT = "https://schema.org"
MAX_HEADLINE = 110  # characters; Google's guideline for Article.headline
MAX_ANSWER = 5_000  # characters of one FAQ answer
QUESTION_MARKS = ("?", "\uff1f", "\u061f", "\u037e", "\u2047")
_ANSWER_KINDS = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE)


def json_ld(
    *,
    title: str,
    description: str,
    language: str,
    author_account: str | None,
    published_at: datetime | None,
    updated_at: datetime | None,
    keywords: Sequence[str],
    word_count: int,
    data_sources: Sequence[DataSource],
    content: str | MarkdownText,
) -> dict[str, Any]:
    """Describe an article as a schema.org graph.

    The graph holds one `Article`; a `FAQPage` follows only where the text has headings that ask (they end
    with a question mark) with an answer below. What is unknown is left out: no null, empty or placeholder
    value stands anywhere.

    Args:
        title: The article's title; a headline of over 110 characters is cut after a word.
        description: The meta description.
        language: BCP 47 tag.
        author_account: Name of the account, shown as the organization that answers for the text.
        published_at: When it was published, aware; None for a draft.
        updated_at: When it was last changed, aware.
        keywords: As stored.
        word_count: Words of the content.
        data_sources: What it cites; each becomes a `citation`.
        content: Its Markdown, or the parsed text where there is one.
    """
    text = parse(content) if isinstance(content, str) else content
    article = {
        "@type": "Article",
        "headline": _headline(title),
        "description": description,
        "inLanguage": language,
        "wordCount": word_count,
        "keywords": list(keywords),
        "author": {"@type": "Organization", "name": author_account} if author_account else None,
        "datePublished": rfc3339(published_at) if published_at else None,
        "dateModified": rfc3339(updated_at) if updated_at else None,
        "citation": [_citation(source) for source in data_sources],
    }
    graph = [_without_empty(article)]
    questions = [_question(question, answer) for question, answer in questions_in(text)]
    if questions:
        graph.append({"@type": "FAQPage", "inLanguage": language, "mainEntity": questions})
    return {"@context": CONTEXT, "@graph": graph}


def questions_in(text: MarkdownText) -> Iterator[tuple[str, str]]:
    """Headings that ask, each with the text up to the next heading; those without an answer are left out."""
    question, answer = "", list[TextBlock]()
    for block in (*text.blocks, TextBlock(kind=BlockKind.HEADING, text="")):
        if block.kind is not BlockKind.HEADING:
            if block.kind in _ANSWER_KINDS:
                answer.append(block)
            continue
        if question and answer:
            yield question, "\n".join(part.text for part in answer)[:MAX_ANSWER].strip()
        question = " ".join(block.text.split()) if block.text.rstrip().endswith(QUESTION_MARKS) else ""
        answer = []


def _question(question: str, answer: str) -> dict[str, Any]:
    return {"@type": "Question", "name": question, "acceptedAnswer": {"@type": "Answer", "text": answer}}


def _citation(source: DataSource) -> dict[str, Any]:
    return _without_empty({
        "@type": "WebPage" if source.url else "CreativeWork",
        "name": source.title or source.site or (None if source.url else f"{source.kind.value} {source.number}"),
        "url": source.url,
        "author": {"@type": "Person", "name": source.author} if source.author else None,
        "publisher": {"@type": "Organization", "name": source.site} if source.site else None,
        "datePublished": rfc3339(source.published_at) if source.published_at else None,
        "license": source.license,
    })  # fmt: skip


def _without_empty(node: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if value not in (None, "", [])}


def _headline(title: str) -> str:
    if len(title) <= MAX_HEADLINE:
        return title
    cut = title[: MAX_HEADLINE + 1].rpartition(" ")[0]
    return cut or title[:MAX_HEADLINE]
