"""The named checks of search optimization, and the score made from them."""

from collections.abc import Mapping, Sequence
from typing import Any

from copydesk.domain.article import CheckStatus, SeoCheck, SeoReport
from copydesk.domain.brief import WordRange
from copydesk.domain.markdown import MarkdownText, parse
from copydesk.seo.checked import CheckedArticle
from copydesk.seo.rules import RULES


def check_article(
    *,
    title: str,
    content: str | MarkdownText,
    seo_title: str,
    seo_description: str,
    slug: str,
    keywords: Sequence[str],
    primary_keyword: str,
    language: str,
    words: WordRange | None,
    json_ld: Mapping[str, Any] | None,
) -> SeoReport:
    """Run every check of quality.md's section 4.

    Args:
        title: The article's title.
        content: Its Markdown, or the parsed text where there is one.
        seo_title: The title for search engines.
        seo_description: The meta description.
        slug: The last part of its address.
        keywords: All keywords; the primary one among them is not asked for twice.
        primary_keyword: `keywords[0]`, or the topic phrase.
        language: BCP 47 tag.
        words: The range asked for; None leaves the check out.
        json_ld: Structured data as stored, or None.

    Returns:
        The checks in a fixed order, and a score: the weights of those passed, half the weights of
        warnings, as a percentage of all weights.
    """
    article = CheckedArticle(
        title=title,
        text=parse(content) if isinstance(content, str) else content,
        seo_title=seo_title,
        seo_description=seo_description,
        slug=slug,
        keywords=keywords,
        primary_keyword=primary_keyword,
        language=language,
        words=words,
        json_ld=json_ld,
    )
    outcomes = [(rule, outcome) for rule in RULES if (outcome := rule.judge(article)) is not None]
    worth = {CheckStatus.PASS: 1.0, CheckStatus.WARN: 0.5, CheckStatus.FAIL: 0.0}
    reached = sum(rule.weight * worth[outcome.status] for rule, outcome in outcomes)
    total = sum(rule.weight for rule, _ in outcomes)
    return SeoReport(
        score=int(100 * reached / total),
        checks=tuple(
            SeoCheck(id=rule.id, status=outcome.status, message=outcome.message) for rule, outcome in outcomes
        ),
    )
