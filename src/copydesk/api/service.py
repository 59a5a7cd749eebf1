"""Routes of the service itself; none needs a key."""

from collections.abc import Awaitable, Callable
from importlib.resources import files

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from copydesk.api.access import ServicesOf
from copydesk.api.answers import JSON, shown
from copydesk.api.documents import answers
from copydesk.wire.service import Health

router = APIRouter(tags=["Service"])

_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DOCS_FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "start.js": "text/javascript",
    "LICENSE": "text/plain",
    "NOTICE": "text/plain",
    "swagger-ui-bundle.js.LICENSE.txt": "text/plain",
}


@router.get(
    "/healthz",
    operation_id="getHealth",
    summary="Alive?",
    responses=answers({200: Health}, open_to_all=True),
)
async def get_health() -> Response:
    """Answers as long as the process serves requests."""
    return shown(Health(status="ok"))


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Ready?",
    responses=answers({200: Health}, 503, open_to_all=True),
)
async def get_readiness(services: ServicesOf) -> Response:
    """Answers 200 while database and queue can be reached, else 503."""
    await services.ready()
    return shown(Health(status="ok"))


@router.get("/openapi.json", include_in_schema=False)
async def get_document(request: Request) -> Response:
    """The OpenAPI document."""
    return Response(request.app.state.document(), media_type=JSON)


@router.get("/docs", include_in_schema=False)
async def get_docs() -> Response:
    """The document as a page, without any other host."""
    return HTMLResponse(_docs_file("index.html"), headers={"Content-Security-Policy": _DOCS_POLICY})


def docs_routes() -> APIRouter:
    """The page's scripts and styles, one route each."""
    found = APIRouter(include_in_schema=False)
    for name, kind in _DOCS_FILES.items():
        found.add_api_route(f"/docs/{name}", _serve(name, kind), methods=["GET"])
    return found


def _serve(name: str, kind: str) -> Callable[[], Awaitable[Response]]:
    async def serve() -> Response:
        return Response(_docs_file(name), media_type=kind, headers={"Cache-Control": "public, max-age=3600"})

    return serve


def _docs_file(name: str) -> bytes:
    return (files("copydesk.api") / "docs" / name).read_bytes()
