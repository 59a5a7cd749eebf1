"""Routes of articles."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from copydesk.api.access import Caller, ServicesOf
from copydesk.api.answers import etag, shown
from copydesk.api.bodies import IfMatch, JsonBody, no_query, query_of
from copydesk.api.documents import accepts_json, answers, conditional, parameters
from copydesk.wire.articles import (
    ArticleItem,
    ArticleList,
    ArticleListQuery,
    ArticleOut,
    ArticlePatch,
    ArticleQuery,
    EvidenceOut,
    VersionList,
    VersionListQuery,
    VersionOut,
    pages_of,
)

router = APIRouter(prefix="/api/v1/articles", tags=["Articles"])
_MISSING = "ARTICLE_NOT_FOUND"


@router.get(
    "",
    operation_id="listArticles",
    summary="List articles",
    responses=answers({200: ArticleList}, 422, 429, 503),
    openapi_extra=parameters(ArticleListQuery),
)
async def list_articles(
    caller: Caller, services: ServicesOf, query: Annotated[ArticleListQuery, Depends(query_of(ArticleListQuery))]
) -> Response:
    """The account's articles, newest first, without their text."""
    found, total = await services.articles.list(
        account_id=caller.account_id,
        status=query.publication_status,
        limit=query.page_size,
        offset=(query.page - 1) * query.page_size,
    )
    items = [ArticleItem.of(article) for article in found]
    pages = pages_of(total, query.page_size)
    return shown(ArticleList(articles=items, total=total, page=query.page, page_size=query.page_size, pages=pages))


@router.get(
    "/{article_id}",
    operation_id="getArticle",
    summary="Show an article",
    responses=answers({200: ArticleOut}, 404, 422, 429, 503, missing=_MISSING, tagged=True),
    openapi_extra=parameters(ArticleQuery),
)
async def get_article(
    caller: Caller,
    services: ServicesOf,
    article_id: str,
    query: Annotated[ArticleQuery, Depends(query_of(ArticleQuery))],
) -> Response:
    """An article with its text, its sources and how it was checked."""
    article = await services.articles.get(account_id=caller.account_id, article_id=article_id)
    model = await asyncio.to_thread(ArticleOut.of, article, query.citations)
    return shown(model, headers={"ETag": etag(article)})


@router.patch(
    "/{article_id}",
    operation_id="editArticle",
    summary="Edit an article",
    dependencies=[no_query],
    responses=answers(
        {200: ArticleOut}, 400, 404, 409, 412, 413, 415, 422, 429, 503, missing=_MISSING, tagged=True, writes=True
    ),
    openapi_extra=conditional(accepts_json(ArticlePatch)),
)
async def edit_article(
    caller: Caller, services: ServicesOf, article_id: str, revisions: IfMatch, body: JsonBody
) -> Response:
    """Change any of the editable fields; read-only ones may stand there as they were read."""
    article = await services.articles.edit(
        account_id=caller.account_id, article_id=article_id, body=body, revisions=revisions
    )
    return shown(await asyncio.to_thread(ArticleOut.of, article), headers={"ETag": etag(article)})


@router.delete(
    "/{article_id}",
    operation_id="deleteArticle",
    summary="Delete an article",
    status_code=204,
    dependencies=[no_query],
    responses=answers({204: None}, 404, 412, 422, 429, 503, missing=_MISSING, writes=True),
    openapi_extra=conditional({}),
)
async def delete_article(caller: Caller, services: ServicesOf, article_id: str, revisions: IfMatch) -> Response:
    """Delete an article for good, with its versions, its evidence and the text it was made from."""
    await services.articles.delete(account_id=caller.account_id, article_id=article_id, revisions=revisions)
    return Response(status_code=204)


@router.get(
    "/{article_id}/versions",
    operation_id="listArticleVersions",
    summary="List an article's versions",
    responses=answers({200: VersionList}, 404, 422, 429, 503, missing=_MISSING),
    openapi_extra=parameters(VersionListQuery),
)
async def list_versions(
    caller: Caller,
    services: ServicesOf,
    article_id: str,
    query: Annotated[VersionListQuery, Depends(query_of(VersionListQuery))],
) -> Response:
    """The texts that the article has had, newest first."""
    found, total = await services.articles.versions(
        account_id=caller.account_id,
        article_id=article_id,
        limit=query.page_size,
        offset=(query.page - 1) * query.page_size,
    )
    items = [VersionOut.of(version) for version in found]
    pages = pages_of(total, query.page_size)
    return shown(VersionList(versions=items, total=total, page=query.page, page_size=query.page_size, pages=pages))


@router.get(
    "/{article_id}/evidence",
    operation_id="getArticleEvidence",
    summary="Show an article's evidence",
    dependencies=[no_query],
    responses=answers({200: EvidenceOut}, 404, 422, 429, 503, missing=_MISSING),
)
async def get_evidence(caller: Caller, services: ServicesOf, article_id: str) -> Response:
    """The article sentence by sentence, with the passages that support it."""
    sentences = await services.articles.evidence(account_id=caller.account_id, article_id=article_id)
    return shown(EvidenceOut.of(sentences))
