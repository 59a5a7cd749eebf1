"""Articles: sought, sorted, archived and deleted."""

from typing import TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from copydesk.domain.article import ArticleOrder, PublicationStatus
from copydesk.errors import ArticleNotFound, ValidationError
from copydesk.services import Services
from copydesk.services.articles import SOUGHT
from copydesk.web.access import ServicesOf, Visitor
from copydesk.web.rendering import renderer_of

router = APIRouter()

PAGE = 20  # rows of a page
MAX_CHOSEN = 100  # articles of one change
_MAX_NUMBER = 2**31 - 1
_Choice = TypeVar("_Choice", PublicationStatus, ArticleOrder)


@router.get("/articles")
async def list_articles(
    request: Request,
    services: ServicesOf,
    session: Visitor,
    status: str = "",
    q: str = "",
    sort: str = "",
    page: int = 1,
    archived: int = 0,
    deleted: int = 0,
    missing: int = 0,
) -> Response:
    """The account's articles, newest first unless told otherwise; an empty choice chooses nothing."""
    page = max(1, min(page, _MAX_NUMBER))
    chosen, order = _choice(PublicationStatus, "status", status), _choice(ArticleOrder, "sort", sort)
    found = await services.articles.find(
        account_id=session.key.account_id,
        status=chosen,
        title=q,
        order=order or ArticleOrder.CREATED,
        limit=PAGE,
        offset=(page - 1) * PAGE,
    )
    kept = {name: value for name, value in (("status", status), ("q", q), ("sort", sort)) if value}
    return renderer_of(request).page(
        request,
        "articles.html",
        articles=found.articles,
        total=found.total,
        complete=found.complete,
        sought=SOUGHT,
        status=chosen,
        statuses=list(PublicationStatus),
        q=q,
        order=order or ArticleOrder.CREATED,
        orders=list(ArticleOrder),
        query=urlencode(kept),
        number=page,
        page_size=PAGE,
        done={"archived": archived, "deleted": deleted, "missing": missing},
    )


@router.post("/articles")
async def change_articles(request: Request, services: ServicesOf, session: Visitor) -> Response:
    """Archive or delete the chosen articles, once that is confirmed."""
    form = await request.form()
    action, ids = _action(form), _ids(form)
    account_id = session.key.account_id
    if form.get("confirmed") != "yes":
        found = [article for id_ in ids if (article := await _title(services, account_id, id_)) is not None]
        return renderer_of(request).page(request, "articles_confirm.html", action=action, articles=found)
    missing = 0
    for article_id in ids:
        try:
            if action == "delete":
                await services.articles.delete(account_id=account_id, article_id=article_id)
            else:
                body = {"publication_status": PublicationStatus.ARCHIVED.value}
                await services.articles.edit(account_id=account_id, article_id=article_id, body=body)
        except ArticleNotFound:  # deleted meanwhile: the others are still to be changed
            missing += 1
    done = {f"{action}d": len(ids) - missing, "missing": missing}
    target = f"{request.scope.get('root_path', '')}/articles?{urlencode(done)}"
    return RedirectResponse(target, status_code=303)


def _choice(kind: type[_Choice], field: str, value: str) -> _Choice | None:
    """One of the kind's values, or None where nothing was chosen.

    Raises:
        ValidationError: It is none of them.
    """
    if not value:
        return None
    if value not in set(kind):
        message = f"The {field} is one of {', '.join(kind)}."
        raise ValidationError(message)
    return kind(value)


def _action(form: FormData) -> str:
    action = form.get("action")
    if action in ("archive", "delete"):
        return str(action)
    message = "Choose whether to archive or to delete the articles."
    raise ValidationError(message)


def _ids(form: FormData) -> list[str]:
    ids = list(dict.fromkeys(value for value in form.getlist("article") if isinstance(value, str)))
    if not ids:
        message = "Choose at least one article."
        raise ValidationError(message)
    if len(ids) > MAX_CHOSEN:
        message = f"Choose at most {MAX_CHOSEN} articles at once."
        raise ValidationError(message)
    return ids


async def _title(services: Services, account_id: str, article_id: str) -> tuple[str, str] | None:
    """Id and title of an article that is still there."""
    try:
        article = await services.articles.get(account_id=account_id, article_id=article_id)
    except ArticleNotFound:
        return None
    return article.article_id, article.title
