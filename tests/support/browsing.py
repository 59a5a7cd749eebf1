"""A real browser before a real desk: what it looks at is watched, so that no page errs or asks another host unseen."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize, async_playwright
from support.desk import Desk, open_desk

from copydesk.adapters.llm.scripted import ScriptedEndpoint, serve_endpoint
from copydesk.app import build_app
from copydesk.settings import Settings
from copydesk.web.access import COOKIE
from copydesk.web.application import PREFIX

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--no-sandbox",  # tests run as root in containers, and open nothing but our own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # containers have 64 MB of it
)
PATIENCE = 20_000  # milliseconds that a page may take to show what is waited for, on a busy machine
WIDE = ViewportSize(width=1280, height=800)
NARROW = ViewportSize(width=390, height=844)
MODEL = "scripted"


def chromium() -> str:
    """Where the browser is; the test fails where there is none."""
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    pytest.fail("There is no Chromium: run 'scripts/chromium.sh', or install one ('sudo apt-get install chromium').")


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Start the system's Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(kw_only=True)
class Served:
    """A service with a worker, and its desk and API on a port of loopback."""

    desk: Desk
    endpoint: ScriptedEndpoint | None  # the language model, where the articles are not extractive
    port: int = 0  # set when it is first served
    _server: "uvicorn.Server | None" = None
    _running: "asyncio.Task[None] | None" = None

    @property
    def url(self) -> str:
        """Its address, without a slash behind it."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Serve, again on the port that it had before."""
        app = build_app(self.desk.shared)
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_config=None, lifespan="off")
        self._server = _Server(config, app)
        self._running = asyncio.create_task(self._server._serve())
        while not self._server.started:
            if self._running.done():
                await self._running
            await asyncio.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Answer nobody any more; the worker works on."""
        assert self._server is not None
        assert self._running is not None
        self._server.should_exit = True
        await self._running

    async def own(self, *, read_only: bool = False) -> Desk:
        """The desk of a new account."""
        access = self.desk.services.access
        key, secret = await access.create_key(f"acme-{uuid4().hex[:8]}", read_only=read_only)
        return replace(self.desk, key=key, secret=secret)


class _Server(uvicorn.Server):
    """uvicorn that ends streams when it is told to stop, as `copydesk serve` does."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: "list[object] | None" = None) -> None:  # type: ignore[override]  # they are none
        del sockets
        self._app.state.services.events.close()
        await super().shutdown()


@asynccontextmanager
async def serve_desk(data_dir: Path, *, writer: str = "extractive", **changes: object) -> AsyncIterator[Served]:
    """Serve a desk on SQLite until the block ends; with `writer="model"` the scripted endpoint writes."""
    settings = Settings(data_dir=data_dir, search=("none",))
    async with _maybe_endpoint(writer) as (endpoint, url):
        if url is not None:
            changes = {"model": MODEL, "model_base_url": url, **changes}
        async with open_desk(Settings.model_validate({**settings.model_dump(), **changes})) as desk:
            served = Served(desk=desk, endpoint=endpoint)
            await served.start()
            try:
                yield served
            finally:
                await served.stop()


@asynccontextmanager
async def _maybe_endpoint(writer: str) -> AsyncIterator[tuple[ScriptedEndpoint | None, str | None]]:
    if writer != "model":
        yield None, None
        return
    endpoint = ScriptedEndpoint()
    async with serve_endpoint(endpoint) as url:
        yield endpoint, url


@dataclass(kw_only=True)
class Watch:
    """What pages did that none may: errors on the console or in scripts, requests to other hosts."""

    host: str  # of the desk, with its port
    problems: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    @contextmanager
    def expecting(self, pattern: str) -> Iterator[None]:
        """Errors that match are right inside of the block, such as the browser's own line about an answer 422."""
        self._expected.append(re.compile(pattern))
        try:
            yield
        finally:
            self._expected.pop()

    def follow(self, page: Page) -> None:
        """Watch a page."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._note(f"error in a script: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        found = urlsplit(request.url)
        if found.scheme not in {"data", "blob", "about"} and found.netloc != self.host:
            self._note(f"request to another host: {request.url}")

    def _note(self, problem: str) -> None:
        if not any(pattern.search(problem) for pattern in self._expected):
            self.problems.append(problem)


@dataclass(kw_only=True)
class Visits:
    """Opens pages of one desk, each in a browser profile of its own, and watches them."""

    browser: Browser
    served: Served
    watch: Watch
    contexts: list[BrowserContext] = field(default_factory=list)

    async def open(
        self,
        desk: Desk | None,
        *,
        size: ViewportSize = WIDE,
        dark: bool = False,
        bypass_csp: bool = False,
        scripts: bool = True,
    ) -> Page:
        """An empty page, signed in with the desk's key, or not with None; `page.goto("/desk/tasks")` goes on."""
        context = await self.browser.new_context(
            base_url=self.served.url,
            viewport=size,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            bypass_csp=bypass_csp,
            java_script_enabled=scripts,
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        self.contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("page", self.watch.follow)
        if desk is not None:
            token = await desk.services.sessions.sign_in(desk.secret)
            await context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": PREFIX}])
        return await context.new_page()

    async def close(self, pictures: Path | None) -> list[Path]:
        """Close every page; where a folder is given, take pictures of them first and answer these."""
        taken: list[Path] = []
        for context in self.contexts:
            for page in context.pages if pictures is not None else ():
                assert pictures is not None
                taken.append(pictures / f"page-{len(taken) + 1}.png")
                await page.screenshot(path=taken[-1], full_page=True)
            await context.close()
        self.contexts.clear()
        return taken
