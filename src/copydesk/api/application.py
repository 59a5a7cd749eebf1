"""The API as one ASGI application."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import cache
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from copydesk.api import articles, events, files, problems, service, tasks, usage
from copydesk.api.access import RequestLimiter
from copydesk.api.middleware import FlatCors, HeadAsGet, LastResort, RequestContext
from copydesk.services import Services
from copydesk.settings import Settings
from copydesk.wire.articles import ArticlePatch
from copydesk.wire.events import EVENTS
from copydesk.wire.tasks import TaskCreate

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_DESCRIPTION = """\
Copydesk researches, writes and search-optimizes articles: `POST /api/v1/tasks` starts one, the task says how far it
is, and its article carries its sources and the evidence for every sentence.

Send the API key as `X-API-Key`, or as a Bearer token. Times are RFC 3339 in UTC. Every error has one flat shape.
Unknown fields and parameters are refused.
"""
_EXPOSED = ["ETag", "Location", "Retry-After", "X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining"]
_BODIES = (TaskCreate, ArticlePatch)


def create_api(*, settings: Settings, services: Services, lifespan: Lifespan | None = None) -> FastAPI:
    """Build the application; the caller owns the services and closes them."""
    app = FastAPI(
        title="Copydesk",
        version=version("copydesk"),
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.limiter = RequestLimiter(settings.requests_per_minute)
    routers = (
        tasks.router,
        events.router,
        articles.router,
        files.router,
        usage.router,
        service.router,
        service.docs_routes(),
    )
    for router in routers:
        app.include_router(router)
    app.state.routes = [route for router in routers for route in router.routes]
    problems.install(app)
    app.add_middleware(HeadAsGet)
    if settings.cors_origins:
        app.add_middleware(
            FlatCors,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-API-Key"],
            expose_headers=[*_EXPOSED, "Idempotent-Replayed"],
        )
    app.add_middleware(LastResort)
    app.add_middleware(RequestContext)
    app.state.document = cache(
        lambda: json.dumps(document_of(app), ensure_ascii=False).encode()
    )  # when first asked for
    return app


def document_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    document = get_openapi(
        title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes, license_info=_LICENSE
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for event in EVENTS.values():
        schema = event.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        schemas.update(schema.pop("$defs", {}))
        schemas[event.__name__] = schema
    for model in _BODIES:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schema.pop("description", None)  # speaks to whoever calls the model
        schemas[model.__name__] = schema
    components["securitySchemes"] = {
        "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "Bearer": {"type": "http", "scheme": "bearer"},
    }
    for path, operations in document["paths"].items():
        if path.startswith("/api/"):
            for operation in operations.values():
                operation["security"] = [{"ApiKey": []}, {"Bearer": []}]
    return document


_LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
