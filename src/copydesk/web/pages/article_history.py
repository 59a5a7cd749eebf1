"""What an article was, and what supports it: kept versions, what changed between them, and the evidence."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from copydesk.domain.differences import differences
from copydesk.services.previewing import marked
from copydesk.web.access import ServicesOf, Visitor
from copydesk.web.pages.article import revision_of, to_article
from copydesk.web.rendering import renderer_of

router = APIRouter()

PAGE = 20  # versions of a page
SENTENCES = 50  # of a page of evidence
_MAX_NUMBER = 2**31 - 1  # larger ones name nothing


@router.get("/articles/{article_id}/versions")
async def list_versions(
    request: Request, services: ServicesOf, session: Visitor, article_id: str, page: int = 1
) -> Response:
    """The texts that the article has had, newest first."""
    page = max(1, min(page, _MAX_NUMBER))
    account_id = session.key.account_id
    article = await services.articles.get(account_id=account_id, article_id=article_id)
    versions, total = await services.articles.versions(
        account_id=account_id, article_id=article_id, limit=PAGE, offset=(page - 1) * PAGE
    )
    return renderer_of(request).page(
        request,
        "article_versions.html",
        article=article,
        versions=versions,
        total=total,
        number=page,
        page_size=PAGE,
    )


@router.get("/articles/{article_id}/versions/{version}")
async def show_version(
    request: Request, services: ServicesOf, session: Visitor, article_id: str, version: int
) -> Response:
    """What the present text changed of a version, and the way back to it."""
    article, found = await services.articles.version(
        account_id=session.key.account_id, article_id=article_id, version=max(0, min(version, _MAX_NUMBER))
    )
    lines = await asyncio.to_thread(differences, found.content, article.content)
    return renderer_of(request).page(request, "article_version.html", article=article, version=found, lines=lines)


@router.post("/articles/{article_id}/versions/{version}")
async def restore_version(
    request: Request, services: ServicesOf, session: Visitor, article_id: str, version: int
) -> Response:
    """Make a version's text the present one; what was there stays a version of its own."""
    account_id = session.key.account_id
    revision = revision_of(await request.form())
    _, found = await services.articles.version(
        account_id=account_id, article_id=article_id, version=max(0, min(version, _MAX_NUMBER))
    )
    await services.articles.edit(
        account_id=account_id,
        article_id=article_id,
        body={"content": found.content},
        revisions=frozenset({revision}),
    )
    return to_article(request, article_id)


@router.get("/articles/{article_id}/evidence")
async def show_evidence(
    request: Request, services: ServicesOf, session: Visitor, article_id: str, page: int = 1
) -> Response:
    """The article sentence by sentence, with the passages that support it."""
    page = max(1, min(page, _MAX_NUMBER))
    article = await services.articles.get(account_id=session.key.account_id, article_id=article_id)
    shown = article.evidence[(page - 1) * SENTENCES : page * SENTENCES]
    passages = await asyncio.to_thread(lambda: [marked(sentence, article.language) for sentence in shown])
    return renderer_of(request).page(
        request,
        "article_evidence.html",
        article=article,
        sentences=list(zip(shown, passages, strict=True)),
        sources={source.number: source for source in article.data_sources},
        total=len(article.evidence),
        number=page,
        page_size=SENTENCES,
    )
