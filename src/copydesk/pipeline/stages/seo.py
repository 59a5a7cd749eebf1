"""SEO optimization: search fields valid by construction, structured data, and the score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from copydesk.domain.article import CheckStatus, Drafted, Notice, SeoFields, SeoReport
from copydesk.domain.brief import Brief
from copydesk.domain.clock import now
from copydesk.domain.markdown import parse
from copydesk.seo.checks import check_article
from copydesk.seo.fields import valid_fields
from copydesk.seo.structured_data import json_ld


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What the stage adds to a draft."""

    fields: SeoFields
    report: SeoReport
    json_ld: dict[str, Any]
    notices: tuple[Notice, ...]  # checks that are unmet
    writer: str


def optimize(brief: Brief, drafted: Drafted, *, proposed: SeoFields | None, writer: str) -> Finished:
    """Take the writer's search fields where they are valid, make the others, and score the article.

    Args:
        brief: What was asked for.
        drafted: The article's text, checked.
        proposed: What the writer proposed from the outline; None: nothing.
        writer: Its name.
    """
    text = parse(drafted.assembled.content)
    opening = text.paragraphs[0] if text.paragraphs else ""
    title = drafted.outline.title
    fields = valid_fields(brief=brief, title=title, opening=opening, body=drafted.assembled.content, proposed=proposed)
    data = json_ld(
        title=title,
        description=fields.seo_description,
        language=brief.language,
        author_account=None,
        published_at=None,
        updated_at=now(),
        keywords=fields.keywords,
        word_count=drafted.assembled.word_count,
        data_sources=drafted.assembled.data_sources,
        content=text,
    )
    report = check_article(
        title=title,
        content=text,
        seo_title=fields.seo_title,
        seo_description=fields.seo_description,
        slug=fields.slug,
        keywords=fields.keywords,
        primary_keyword=brief.primary_keyword,
        language=brief.language,
        words=brief.words,
        json_ld=data,
    )
    return Finished(fields=fields, report=report, json_ld=data, notices=tuple(_unmet(report)), writer=writer)


def _unmet(report: SeoReport) -> Sequence[Notice]:
    return [
        Notice(code="SEO_CHECK_UNMET", subject=check.id, message=check.message)
        for check in report.checks
        if check.status is not CheckStatus.PASS
    ]
