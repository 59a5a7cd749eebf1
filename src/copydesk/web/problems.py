"""Errors as pages: what happened, what remains, and what to do."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from copydesk.errors import CopydeskError, InternalError, NotFound, Unauthorized, ValidationError
from copydesk.telemetry import get_logger
from copydesk.web.rendering import renderer_of


def install(app: FastAPI) -> None:
    """Answer every error of the desk with a page, or with a part of one where a script asked."""

    async def deliberate(request: Request, error: Exception) -> Response:
        assert isinstance(error, CopydeskError)  # noqa: S101 - registered for nothing else
        if isinstance(error, Unauthorized):
            return _to_sign_in(request)
        return _page(request, error)

    async def of_framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - likewise
        known = NotFound("There is no such page.") if error.status_code == NotFound.status else None
        other = ValidationError(f"{str(error.detail).rstrip('.')}.")
        return _page(request, known or other)

    async def of_parameters(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - likewise
        first = error.errors()[0]
        return _page(request, ValidationError(f"{'.'.join(str(part) for part in first['loc'][1:])}: {first['msg']}."))

    async def of_crash(request: Request, error: Exception) -> Response:
        get_logger(__name__).error("desk_crashed", path=request.url.path, exc_info=error)
        return _page(request, InternalError("Something went wrong on our side; what was saved is still there."))

    app.add_exception_handler(CopydeskError, deliberate)
    app.add_exception_handler(HTTPException, of_framework)
    app.add_exception_handler(RequestValidationError, of_parameters)
    app.add_exception_handler(Exception, of_crash)


def _page(request: Request, error: CopydeskError) -> Response:
    headers = {"Retry-After": "5"} if error.status == 503 else None  # noqa: PLR2004 - the status itself
    details = error.details if isinstance(error, ValidationError) else []
    template = "problem_part.html" if is_part(request) else "problem.html"
    return renderer_of(request).page(
        request,
        template,
        code=error.status,
        headers=headers,
        error=error,
        details=details,
        request_id=request.state.request_id,
    )


def _to_sign_in(request: Request) -> Response:
    """To the sign-in page, and back afterwards where the page was only looked at."""
    root = request.scope.get("root_path", "")
    back = request.url.path if request.method == "GET" and not is_part(request) else f"{root}/tasks"
    target = f"{root}/sign-in?next={back}"
    if is_part(request):
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, status_code=303)


def is_part(request: Request) -> bool:
    """Whether a script asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"
