"""An article as a file to take away."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from copydesk.domain.article import Article
from copydesk.domain.markdown import standalone_html
from copydesk.errors import NotFound
from copydesk.web.access import ServicesOf, Visitor
from copydesk.wire.articles import ArticleOut

router = APIRouter()


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """One kind of file."""

    name: str  # the file's ending, and the last part of its address
    media_type: str
    make: Callable[[Article], bytes]


def _markdown(article: Article) -> bytes:
    return f"# {' '.join(article.title.split())}\n\n{article.content.rstrip()}\n".encode()


def _html(article: Article) -> bytes:
    return standalone_html(
        title=article.title,
        language=article.language,
        content=article.content,
        json_ld=article.json_ld,
        description=article.seo_description,
    ).encode()


def _json(article: Article) -> bytes:
    return ArticleOut.of(article).to_json()


FORMATS = (
    ExportFormat(name="md", media_type="text/markdown; charset=utf-8", make=_markdown),
    ExportFormat(name="html", media_type="text/html; charset=utf-8", make=_html),
    ExportFormat(name="json", media_type="application/json", make=_json),
)


@router.get("/articles/{article_id}/export/{name}")
async def export_article(services: ServicesOf, session: Visitor, article_id: str, name: str) -> Response:
    """The article as a download: it is never shown as a page of the desk's own origin."""
    found = next((each for each in FORMATS if each.name == name), None)
    if found is None:
        message = "There is no such format to export to."
        raise NotFound(message)
    article = await services.articles.get(account_id=session.key.account_id, article_id=article_id)
    content = await run_in_threadpool(found.make, article)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(article.slug, safe='')}.{found.name}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=found.media_type, headers=headers)
