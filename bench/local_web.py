"""A small web on loopback: fifteen pages on three topics, and a search engine that finds them.

The pages are this project's own text, of well-known facts, in `local_web_pages`: 450 to 550 words each beside the
navigation, a side bar and a footer. The search engine answers as SearXNG does.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from math import log
from pathlib import Path

import regex
from markdown_it import MarkdownIt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

FOLDER = Path(__file__).with_name("local_web_pages")
SECONDS = 0.15  # until a page or a search is answered
LOOPBACK = tuple(f"127.0.0.{number}" for number in range(2, 17))  # a site for each page
_RESULTS = 10  # of one search
_CLOSE = 0.35  # of the best page's nearness: what is farther is not found
_STOP = frozenset(
    {
        "the",
        "and",
        "for",
        "with",
        "from",
        "what",
        "how",
        "who",
        "that",
        "thi",
        "are",
        "wa",
        "were",
        "it",
        "into",
        "about",
        "part",
    }
)


@dataclass(frozen=True, kw_only=True)
class LocalPage:
    """One page."""

    name: str  # its place in the address, such as "coffee-trade"
    title: str
    text: str  # Markdown, without the title

    @classmethod
    def read(cls, path: Path) -> "LocalPage":
        """Read a page's file: the first line is its title."""
        title, _, text = path.read_text(encoding="utf-8").partition("\n")
        return cls(name=path.stem, title=title.removeprefix("# "), text=text.strip())

    def html(self, others: Sequence["LocalPage"]) -> str:
        """The page as a site of our day serves it: with what stands around the text."""
        links = "".join(f'<li><a href="/{p.name}">{escape(p.title)}</a></li>' for p in others)
        body = MarkdownIt("commonmark").enable("table").render(self.text)
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(self.title)} | Fieldnotes'
            f'</title><meta name="description" content="{escape(self.title)}"><style>body{{margin:2em}}</style></head>'
            '<body><header><a href="/">Fieldnotes</a><nav><ul><li><a href="/">Home</a></li><li><a href="/archive">'
            'Archive</a></li><li><a href="/about">About us</a></li><li><a href="/subscribe">Subscribe</a></li></ul>'
            "</nav></header><div id='cookies'>We use cookies to improve your visit. <button>Accept all</button>"
            f"</div><main><article><h1>{escape(self.title)}</h1>{body}</article></main><aside><h2>Read next</h2>"
            f"<ul>{links}</ul><p>Sign up for our newsletter and never miss a story.</p></aside><footer><p>Fieldnotes. "
            "All rights reserved.</p><ul><li><a href='/imprint'>Imprint</a></li><li><a href='/privacy'>Privacy</a>"
            "</li></ul></footer><script>console.log('loaded')</script></body></html>"
        )

    @cached_property
    def words(self) -> Counter[str]:
        """How often each word stands in it, those of its title tenfold."""
        return Counter(_tokens(self.text)) + Counter(10 * _tokens(self.title))


@dataclass(kw_only=True)
class LocalWeb:
    """Pages, each under an address of its own, and the search engine.

    Args:
        seconds: Until anything is answered.
        hosts: Addresses of loopback; the pages are spread over them.
    """

    seconds: float = SECONDS
    hosts: Sequence[str] = LOOPBACK
    port: int = 0  # the same on all hosts, once it is served
    pages: tuple[LocalPage, ...] = field(
        default_factory=lambda: tuple(LocalPage.read(path) for path in sorted(FOLDER.glob("*.md")))
    )

    @property
    def search_url(self) -> str:
        """For `SEARXNG_URL`."""
        return f"http://{self.hosts[0]}:{self.port}"

    def url(self, page: LocalPage) -> str:
        """Where a page is read."""
        return f"http://{self.hosts[self.pages.index(page) % len(self.hosts)]}:{self.port}/{page.name}"

    def app(self) -> Starlette:
        """The ASGI application of every host."""
        return Starlette(
            routes=[
                Route("/search", self._search),
                Route("/robots.txt", self._robots),
                Route("/{name}", self._page),
            ]
        )

    def find(self, query: str) -> list[LocalPage]:
        """The pages that a search finds, best first."""
        wanted = set(_tokens(query)) - _STOP
        rare = {word: log(len(self.pages) / (1 + sum(word in page.words for page in self.pages))) for word in wanted}
        near = {page.name: sum(rare[word] * log(1 + page.words[word]) for word in wanted) for page in self.pages}
        best = max(near.values())
        found = [page for page in self.pages if near[page.name] >= _CLOSE * best > 0]
        return sorted(found, key=lambda page: -near[page.name])[:_RESULTS]

    async def _search(self, request: Request) -> Response:
        await asyncio.sleep(self.seconds)
        results = [
            {"url": self.url(page), "title": page.title, "content": page.text[:160], "engine": "local"}
            for page in self.find(request.query_params.get("q", ""))
        ]
        return JSONResponse({"query": request.query_params.get("q", ""), "results": results})

    async def _robots(self, _request: Request) -> Response:
        return PlainTextResponse("User-agent: *\nAllow: /\n")

    async def _page(self, request: Request) -> Response:
        await asyncio.sleep(self.seconds)
        for page in self.pages:
            if page.name == request.path_params["name"]:
                near = [other for other in self.pages if other is not page and _topic(other) == _topic(page)]
                return HTMLResponse(page.html(near))
        return PlainTextResponse("Nothing here.", status_code=404)


def _topic(page: LocalPage) -> str:
    return page.name.partition("-")[0]


def _tokens(text: str) -> list[str]:
    """Words in lower case, without their plural."""
    return [word.removesuffix("s") for word in regex.findall(r"\p{L}{3,}", text.lower())]


@asynccontextmanager
async def serve_web(web: LocalWeb) -> AsyncIterator[LocalWeb]:
    """Serve on a free port of loopback until the block ends."""
    import uvicorn  # noqa: PLC0415 - only those who serve need it

    sockets = [socket.create_server((web.hosts[0], web.port))]
    web.port = sockets[0].getsockname()[1]
    sockets += [socket.create_server((host, web.port)) for host in web.hosts[1:]]
    config = uvicorn.Config(web.app(), log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=sockets))
    try:
        yield web
    finally:
        server.should_exit = True
        await running
        for listening in sockets:
            listening.close()
