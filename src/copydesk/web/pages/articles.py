"""Articles: the list."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from copydesk.domain.article import PublicationStatus
from copydesk.web.access import ServicesOf, Visitor
from copydesk.web.rendering import renderer_of

router = APIRouter()

PAGE = 20  # rows of a page


@router.get("/articles")
async def list_articles(
    request: Request, services: ServicesOf, session: Visitor, status: PublicationStatus | None = None, page: int = 1
) -> Response:
    """The account's articles, newest first."""
    page = max(1, min(page, 2**31 - 1))
    articles, total = await services.articles.list(
        account_id=session.key.account_id, status=status, limit=PAGE, offset=(page - 1) * PAGE
    )
    return renderer_of(request).page(
        request,
        "articles.html",
        articles=articles,
        total=total,
        status=status,
        statuses=list(PublicationStatus),
        number=page,
        page_size=PAGE,
    )
