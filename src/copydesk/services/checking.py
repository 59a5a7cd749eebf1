"""What is checked again when an article was edited: range, citations, search optimization.

An editor's text is never refused for its quality (contract.md, PATCH); what is wrong is said in `warnings` and `seo`.
"""

from collections.abc import Iterator
from dataclasses import replace

from copydesk.domain.article import Article, Notice, PublicationStatus
from copydesk.domain.markdown import MarkdownText, parse
from copydesk.domain.markdown.text import is_number
from copydesk.seo.structured_data import json_ld

OUT_OF_RANGE = "WORDS_OUT_OF_RANGE"
UNRESOLVED = "CITATION_UNRESOLVED"
UNCITED = "SOURCE_NOT_CITED"
_OWN = frozenset({OUT_OF_RANGE, UNRESOLVED, UNCITED})  # replaced at every edit; the others stay


def rechecked(article: Article) -> Article:
    """The article with its warnings, score and structured data as its present text has them."""
    text = parse(article.content)
    kept = [notice for notice in article.warnings if notice.code not in _OWN]
    return replace(
        article,
        warnings=(*kept, *_range(article), *_citations(article, text)),
        json_ld=_structured(article, text),
    )


def _range(article: Article) -> Iterator[Notice]:
    low, high = article.words_asked_min, article.words_asked_max
    if not low <= article.word_count <= high:
        message = f"The text has {article.word_count} words; {low} to {high} were asked for."
        yield Notice(code=OUT_OF_RANGE, subject="content", message=message)


def _citations(article: Article, text: MarkdownText) -> Iterator[Notice]:
    """Marks that lead nowhere, and sources that nothing cites any more."""
    numbers = {source.number for source in article.data_sources}
    defined = set(text.definitions)
    for mark in dict.fromkeys(text.marks):
        if mark not in defined or (is_number(mark) and int(mark) not in numbers):
            message = f"The footnote [^{mark}] leads to no source of the article."
            yield Notice(code=UNRESOLVED, subject=mark, message=message)
    cited = {int(mark) for mark in text.marks if is_number(mark) and mark in defined}
    for source in article.data_sources:
        if source.number not in cited:
            message = f"Source {source.number} ({source.title or source.url}) is not cited any more."
            yield Notice(code=UNCITED, subject=source.url or source.file_id, message=message)


def _structured(article: Article, text: MarkdownText) -> dict[str, object]:
    published = article.publication_status is not PublicationStatus.DRAFT
    return json_ld(
        title=article.title,
        description=article.seo_description,
        language=article.language,
        author_account=None,
        published_at=article.published_at if published else None,
        updated_at=article.updated_at,
        keywords=article.keywords,
        word_count=article.word_count,
        data_sources=article.data_sources,
        content=text,
    )
