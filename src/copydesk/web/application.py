"""The desk as one ASGI application, mounted beside the API."""

from fastapi import FastAPI

from copydesk.services import Services
from copydesk.settings import Settings
from copydesk.web import problems, static
from copydesk.web.access import SignInLimiter
from copydesk.web.pages import (
    article,
    article_export,
    article_history,
    articles,
    new,
    sign_in,
    task,
    tasks,
    usage,
)
from copydesk.web.pages import (
    settings as settings_page,
)
from copydesk.web.rendering import Renderer

PREFIX = "/desk"  # where it is mounted


def create_web(*, settings: Settings, services: Services) -> FastAPI:
    """Build the application; the caller owns the services and closes them."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.services = services
    app.state.settings = settings
    app.state.renderer = Renderer(prefix=PREFIX)
    app.state.sign_ins = SignInLimiter()
    app.state.endpoint_tests = settings_page.EndpointTests()
    for router in (
        sign_in.router,
        new.router,
        tasks.router,
        task.router,
        articles.router,
        article.router,
        article_export.router,
        article_history.router,
        usage.router,
        settings_page.router,
        static.router,
    ):
        app.include_router(router)
    problems.install(app)
    return app
