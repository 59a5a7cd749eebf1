"""Signing in with an API key or a one-time link, and out again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from copydesk.errors import Unauthorized
from copydesk.services.sessions import Session
from copydesk.web.access import COOKIE, ServicesOf, Visitor, give_cookie, maybe_visitor, take_cookie
from copydesk.web.rendering import renderer_of

router = APIRouter()

Maybe = Annotated[Session | None, Depends(maybe_visitor)]


@router.get("/")
async def home(request: Request) -> Response:
    """To the tasks."""
    return _to(request, "/tasks")


@router.get("/sign-in")
async def show_sign_in(request: Request, session: Maybe, next: str = "") -> Response:  # noqa: A002 - the field's name
    """The form; whoever is signed in already goes on."""
    if session is not None:
        return _to(request, _inside(request, next))
    return renderer_of(request).page(request, "sign_in.html", next=next, problem=None)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    services: ServicesOf,
    key: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=2_048)] = "",  # noqa: A002 - the field's name
) -> Response:
    """Exchange a key for a session; what is wrong with it is said at the field."""
    _count(request)
    try:
        token = await services.sessions.sign_in(key.strip())
    except Unauthorized as error:
        page = renderer_of(request).page
        return page(request, "sign_in.html", code=401, next=next, problem=error.message)
    response = _to(request, _inside(request, next))
    give_cookie(request, response, token)
    return response


@router.get("/link/{token}")
async def show_link(request: Request, token: str) -> Response:
    """A page with one button: programs that look at links before people do must not use it up."""
    return renderer_of(request).page(request, "link.html", token=token)


@router.post("/link/{token}")
async def follow_link(request: Request, services: ServicesOf, token: str) -> Response:
    """Use a one-time link up."""
    _count(request)
    try:
        given = await services.sessions.follow_link(token)
    except Unauthorized as error:
        return renderer_of(request).page(request, "sign_in.html", code=401, next="", problem=error.message)
    response = _to(request, "/tasks")
    give_cookie(request, response, given)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, services: ServicesOf, session: Visitor) -> Response:
    """End the session."""
    del session
    await services.sessions.sign_out(request.cookies[COOKIE])
    response = _to(request, "/sign-in")
    take_cookie(request, response)
    return response


def _count(request: Request) -> None:
    request.app.state.sign_ins.count(request.client.host if request.client is not None else "")


def _to(request: Request, path: str) -> RedirectResponse:
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", status_code=303)


def _inside(request: Request, target: str) -> str:
    """A page of the desk, below its own address; whatever leads elsewhere becomes the tasks."""
    root = request.scope.get("root_path", "")
    path = target.removeprefix(root)
    safe = target.startswith(f"{root}/") and not path.startswith(("//", "/\\")) and ":" not in path.split("?")[0]
    return path if safe and "\n" not in path and "\r" not in path else "/tasks"
