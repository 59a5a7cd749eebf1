"""One article: written, checked while it is written, saved, published and deleted."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from copydesk.domain.article import Article, CheckStatus, Notice, PublicationStatus
from copydesk.domain.differences import differences
from copydesk.errors import ArticleNotFound, Conflict, PreconditionFailed, ValidationError
from copydesk.seo.limits import MAX_DESCRIPTION, MAX_TITLE, MIN_DESCRIPTION, MIN_TITLE
from copydesk.services.checking import UNMET
from copydesk.services.previewing import ArticlePreview
from copydesk.services.sessions import Session
from copydesk.web.access import ServicesOf, Visitor
from copydesk.web.pages.article_export import FORMATS
from copydesk.web.problems import is_part
from copydesk.web.rendering import renderer_of

router = APIRouter()

LINES = ("title", "slug", "seo_title", "seo_description")  # fields on one line
FIELDS = (*LINES, "content", "excerpt", "keywords")
VERSIONS = 10  # the newest, on the article's own page
MAX_BEFORE = 4_000  # characters before a footnote mark that are looked at: a sentence is shorter
_WORST_FIRST = (CheckStatus.FAIL, CheckStatus.WARN, CheckStatus.PASS)
_SEARCH = {"title": (MIN_TITLE, MAX_TITLE), "description": (MIN_DESCRIPTION, MAX_DESCRIPTION)}


@router.get("/articles/{article_id}")
async def show_article(request: Request, services: ServicesOf, session: Visitor, article_id: str) -> Response:
    """The editor, with what was found of the article as it is stored."""
    found = await services.articles.preview(account_id=session.key.account_id, article_id=article_id, body={})
    return await _page(request, services, session, found)


@router.post("/articles/{article_id}")
async def save_article(request: Request, services: ServicesOf, session: Visitor, article_id: str) -> Response:
    """Save what was typed, unless the article has changed since it was read: then both texts are shown."""
    form = await request.form()
    body = {**typed(form), **_status(form)}
    account_id = session.key.account_id
    try:
        await services.articles.edit(
            account_id=account_id, article_id=article_id, body=body, revisions=frozenset({revision_of(form)})
        )
    except PreconditionFailed:
        current = await services.articles.get(account_id=account_id, article_id=article_id)
        return await _conflict(request, current, body)
    except ArticleNotFound as error:
        if is_part(request) or "content" not in body:
            raise
        page = renderer_of(request).page
        return page(request, "article_lost.html", code=404, error=error, content=body["content"])
    except (ValidationError, Conflict) as error:
        return await _refused(request, services, session, article_id, body, error)
    if not is_part(request):
        return to_article(request, article_id)
    found = await services.articles.preview(account_id=account_id, article_id=article_id, body={})
    return await _page(request, services, session, found, template="article_saved.html")


@router.post("/articles/{article_id}/preview")
async def preview_article(request: Request, services: ServicesOf, session: Visitor, article_id: str) -> Response:
    """What was typed, rendered and checked as it would be saved; nothing is stored."""
    body = typed(await request.form())
    found = await services.articles.preview(account_id=session.key.account_id, article_id=article_id, body=body)
    return renderer_of(request).page(request, "article_previewed.html", **_checked(found))


@router.get("/articles/{article_id}/support")
async def show_support(
    request: Request, services: ServicesOf, session: Visitor, article_id: str, number: int = 0, before: str = ""
) -> Response:
    """What stands behind a footnote mark."""
    support = await services.articles.support(
        account_id=session.key.account_id, article_id=article_id, number=number, before=before[-MAX_BEFORE:]
    )
    template = "article_support.html" if is_part(request) else "article_support_page.html"
    return renderer_of(request).page(request, template, support=support, article_id=article_id)


@router.get("/articles/{article_id}/delete")
async def ask_delete(request: Request, services: ServicesOf, session: Visitor, article_id: str) -> Response:
    """Ask whether the article is to go for good."""
    article = await services.articles.get(account_id=session.key.account_id, article_id=article_id)
    return renderer_of(request).page(request, "article_delete.html", article=article)


@router.post("/articles/{article_id}/delete")
async def delete_article(request: Request, services: ServicesOf, session: Visitor, article_id: str) -> Response:
    """Delete the article for good."""
    await services.articles.delete(account_id=session.key.account_id, article_id=article_id)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/articles?deleted=1", status_code=303)


def typed(form: FormData) -> dict[str, Any]:
    """The fields of a form as a PATCH body has them: lines end as Markdown's, a line a keyword."""
    body: dict[str, Any] = {}
    for name in FIELDS:
        value = form.get(name)
        if isinstance(value, str):
            body[name] = value.replace("\r\n", "\n").replace("\r", "\n")
    for name in LINES:
        if name in body:
            body[name] = " ".join(body[name].split("\n"))
    if "excerpt" in body:
        body["excerpt"] = body["excerpt"].strip() or None
    if "keywords" in body:
        body["keywords"] = [line.strip() for line in body["keywords"].split("\n") if line.strip()]
    return body


def revision_of(form: FormData) -> int:
    """The revision that a form was made for.

    Raises:
        ValidationError: The form names none.
    """
    value = form.get("revision")
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:  # noqa: PLR2004 - digits
        return int(value)
    message = "The form does not say which revision of the article it was made for; reload the page and try again."
    raise ValidationError(message)


def to_article(request: Request, article_id: str) -> RedirectResponse:
    """Back to the article, after something was changed."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}/articles/{article_id}", status_code=303)


def _status(form: FormData) -> dict[str, Any]:
    value = form.get("publication_status")
    return {"publication_status": value} if isinstance(value, str) and value else {}


def _values(article: Article, changed: Mapping[str, Any] | None = None) -> dict[str, str]:
    """What stands in the fields."""
    values = {name: getattr(article, name) for name in FIELDS} | dict(changed or {})
    values["keywords"] = "\n".join(values["keywords"])
    return {name: value or "" for name, value in values.items() if name in FIELDS}


def _checked(found: ArticlePreview) -> dict[str, Any]:
    """What the panels beside the text show."""
    article = found.article
    checks = sorted(article.seo.checks, key=lambda check: _WORST_FIRST.index(check.status))
    return {
        "article": article,
        "preview": found,
        "checks": checks,
        "open_checks": sum(check.status is not CheckStatus.PASS for check in checks),
        "warnings": _warnings(article.warnings),
        "problems": {detail["field"].partition(".")[0]: detail["message"] for detail in reversed(found.problems)},
    }


def _warnings(warnings: Sequence[Notice]) -> list[Notice]:
    """Without those that say what the checks beside them say."""
    return [warning for warning in warnings if warning.code != UNMET]


async def _page(
    request: Request,
    services: ServicesOf,
    session: Session,
    found: ArticlePreview,
    *,
    template: str = "article.html",
    code: int = 200,
    changed: Mapping[str, Any] | None = None,
    revision: int | None = None,
    problem: str | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    """The article's page, or the parts of it that a save changes."""
    article = found.article
    versions, total = await services.articles.versions(
        account_id=session.key.account_id, article_id=article.article_id, limit=VERSIONS, offset=0
    )
    context = _checked(found)
    context["problems"] = {**context["problems"], **(problems or {})}
    return renderer_of(request).page(
        request,
        template,
        code=code,
        **context,
        values=_values(article, changed),
        revision=article.revision if revision is None else revision,
        problem=problem,
        versions=versions,
        version_total=total,
        formats=FORMATS,
        limits=_SEARCH,
        PublicationStatus=PublicationStatus,
    )


async def _refused(
    request: Request,
    services: ServicesOf,
    session: Session,
    article_id: str,
    body: dict[str, Any],
    error: ValidationError | Conflict,
) -> Response:
    """The form again as it was typed, with what is wrong said at its fields."""
    form = await request.form()
    details = error.details if isinstance(error, ValidationError) else [{"field": "slug", "message": error.message}]
    problems = {detail["field"].partition(".")[0]: detail["message"] for detail in reversed(details)}
    if is_part(request):
        page = renderer_of(request).page
        return page(request, "article_refused.html", code=error.status, problems=problems, problem=error.message)
    found = await services.articles.preview(account_id=session.key.account_id, article_id=article_id, body={})
    return await _page(
        request,
        services,
        session,
        found,
        code=error.status,
        changed=body,
        revision=revision_of(form),
        problem=error.message,
        problems=problems,
    )


async def _conflict(request: Request, current: Article, body: dict[str, Any]) -> Response:
    """Both texts: the one that somebody else saved, and the one that was typed."""
    mine, theirs = _values(current, body), _values(current)
    lines = await asyncio.to_thread(differences, theirs["content"], mine["content"])
    return renderer_of(request).page(
        request,
        "article_conflict.html" if is_part(request) else "article_conflict_page.html",
        code=PreconditionFailed.status,
        article=current,
        mine=mine,
        theirs=theirs,
        status=body.get("publication_status"),
        differing=[name for name in FIELDS if name != "content" and mine[name].strip() != theirs[name].strip()],
        lines=lines,
        part=is_part(request),
    )
