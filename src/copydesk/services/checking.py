"""What is checked again when an article was edited: range, citations, search optimization.

An editor's text is never refused for its quality (contract.md, PATCH); what is wrong is said in `warnings` and `seo`.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from copydesk.domain.article import Article, CheckStatus, EvidenceSentence, Notice, SeoReport
from copydesk.domain.brief import WordRange
from copydesk.domain.markdown import MarkdownText, parse
from copydesk.domain.markdown.text import is_number
from copydesk.seo.checks import check_article
from copydesk.seo.structured_data import json_ld

UNRESOLVED = "CITATION_UNRESOLVED"
UNCITED = "SOURCE_NOT_CITED"
UNMET = "SEO_CHECK_UNMET"  # its subject is the check's id, as where the pipeline says so


def rechecked(article: Article, *, topic: str) -> Article:
    """The article with words, warnings, score, structured data and evidence as its present text has them.

    Args:
        article: As edited.
        topic: What stands for the primary keyword where the article has no keywords.
    """
    text = parse(article.content)
    article = replace(article, word_count=text.word_count, evidence=_standing(article, text))
    structured = _structured(article, text)
    report = _score(article, text, structured, topic)
    kept = [notice for notice in article.warnings if not _is_own(notice)]
    warnings = (*kept, *_citations(article, text), *_unmet(report))
    return replace(article, json_ld=structured, seo=report, warnings=warnings)


def _is_own(notice: Notice) -> bool:
    """Whether a warning is of a kind that is found anew at every edit."""
    return notice.code in (UNRESOLVED, UNCITED, UNMET)


def _standing(article: Article, text: MarkdownText) -> tuple[EvidenceSentence, ...]:
    """The evidence of those sentences that still stand in the text."""
    visible = _folded(text.visible)
    return tuple(sentence for sentence in article.evidence if _folded(sentence.text) in visible)


def _folded(text: str) -> str:
    return " ".join(text.split())


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


def _unmet(report: SeoReport) -> Iterator[Notice]:
    for check in report.checks:
        if check.status is not CheckStatus.PASS:
            yield Notice(code=UNMET, subject=check.id, message=check.message)


def _score(article: Article, text: MarkdownText, structured: dict[str, Any], topic: str) -> SeoReport:
    return check_article(
        title=article.title,
        content=text,
        seo_title=article.seo_title,
        seo_description=article.seo_description,
        slug=article.slug,
        keywords=article.keywords,
        primary_keyword=article.keywords[0] if article.keywords else topic,
        language=article.language,
        words=WordRange(minimum=article.words_asked_min, maximum=article.words_asked_max),
        json_ld=structured,
    )


def _structured(article: Article, text: MarkdownText) -> dict[str, Any]:
    return json_ld(
        title=article.title,
        description=article.seo_description,
        language=article.language,
        author_account=None,
        published_at=article.published_at,
        updated_at=article.updated_at,
        keywords=article.keywords,
        word_count=article.word_count,
        data_sources=article.data_sources,
        content=text,
    )
