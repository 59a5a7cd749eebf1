"""Every search engine, each before a local server that answers as the real one does."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from ddgs import DDGS
from pydantic import SecretStr
from support.search_answers import (
    brave_answer,
    brave_nothing,
    exa_answer,
    mojeek_page,
    searxng_answer,
    searxng_nothing,
    serper_answer,
    tavily_answer,
    wikipedia_answer,
)
from support.servers import CERTIFICATE, Handler, Received, answer, client_context, serve
from support.web_search import open_searching_model, search_stream

from copydesk.adapters.search.brave import BraveSearch
from copydesk.adapters.search.ddgs import DdgsSearch
from copydesk.adapters.search.exa import ExaSearch
from copydesk.adapters.search.model import ModelSearch
from copydesk.adapters.search.none import NoSearch
from copydesk.adapters.search.scripted import ScriptedSearch
from copydesk.adapters.search.searxng import SearxngSearch
from copydesk.adapters.search.serper import SerperSearch
from copydesk.adapters.search.tavily import TavilySearch
from copydesk.adapters.search.wikipedia import WikipediaSearch
from copydesk.outbound.trusted import TrustedClient
from copydesk.ports import SearchProvider, SearchResult

MIB = 1024 * 1024
KEY = "sk-made-up-0123456789"
SCRIPT = tuple(SearchResult(url=f"https://site.test/{n}", title=f"Page {n}", snippet="Text.") for n in range(7))
MOJEEK = "www.mojeek.com"
KEYED = ("brave", "tavily", "exa", "serper")
REMOTE = ("wikipedia", "searxng", *KEYED)  # engines that answer in JSON
WEB = (*REMOTE, "ddgs", "model")  # engines that ask over the network
ALL = (*WEB, "none", "scripted")
PATHS = {
    "wikipedia": "/en/w/api.php",
    "searxng": "/searxng/search",
    "brave": "/brave/res/v1/web/search",
    "tavily": "/tavily/search",
    "exa": "/exa/search",
    "serper": "/serper/search",
    "model": "/v1/responses",
}


def as_json(value: Any, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    """An answer as these engines send it."""
    body = json.dumps(value).encode()
    return answer(body, status=status, content_type="application/json; charset=utf-8", headers=headers)


def as_page(text: str) -> bytes:
    """A page of an engine that answers people."""
    return answer(text.encode())


GOOD = {
    "wikipedia": as_json(wikipedia_answer()),
    "searxng": as_json(searxng_answer()),
    "brave": as_json(brave_answer()),
    "tavily": as_json(tavily_answer()),
    "exa": as_json(exa_answer()),
    "serper": as_json(serper_answer()),
    "ddgs": as_page(mojeek_page()),
    "model": search_stream(),
}
EMPTY = {
    "wikipedia": as_json(wikipedia_answer(0)),
    "searxng": as_json(searxng_nothing(silent=False)),
    "brave": as_json(brave_nothing()),
    "tavily": as_json(tavily_answer([])),
    "exa": as_json(exa_answer([])),
    "serper": as_json(serper_answer([])),
    "ddgs": as_page(mojeek_page([])),
    "model": search_stream([], text="I found no pages."),
}


@dataclass(kw_only=True)
class Engine:
    """A provider and what it asks."""

    provider: SearchProvider
    routes: dict[str, bytes | Handler]
    requests: list[Received]
    base: str  # the address of the server, or of the proxy that plays the engines

    def answers(self, route: bytes | Handler) -> None:
        """What the engine answers from now on."""
        self.routes[PATHS.get(self.provider.name, MOJEEK)] = route

    @property
    def asked(self) -> dict[str, Any]:
        """The last query: parameters with their values in lists, or what was posted."""
        last = self.requests[-1]
        if last.method == "POST":
            posted: dict[str, Any] = json.loads(last.body)
            return posted
        return parse_qs(last.target.partition("?")[2], keep_blank_values=True)


def build(name: str, base: str, client: TrustedClient) -> SearchProvider:
    """The provider `name` before the server at `base`."""
    providers: Mapping[str, Callable[[], SearchProvider]] = {
        "wikipedia": lambda: WikipediaSearch(client=client, base=f"{base}/{{language}}/"),
        "searxng": lambda: SearxngSearch(client=client, base=f"{base}/searxng/"),
        "brave": lambda: BraveSearch(client=client, key=SecretStr(KEY), base=f"{base}/brave/"),
        "tavily": lambda: TavilySearch(client=client, key=SecretStr(KEY), base=f"{base}/tavily/"),
        "exa": lambda: ExaSearch(client=client, key=SecretStr(KEY), base=f"{base}/exa/"),
        "serper": lambda: SerperSearch(client=client, key=SecretStr(KEY), base=f"{base}/serper/"),
        "none": NoSearch,
        "scripted": lambda: ScriptedSearch(SCRIPT),
    }
    return providers[name]()


@asynccontextmanager
async def open_engine(name: str, *, seconds: float = 20) -> AsyncIterator[Engine]:
    """The engine `name`, its answers good ones until they are changed."""
    if name == "ddgs":
        async with open_ddgs(seconds=20) as engine:
            yield engine
        return
    if name == "model":
        async with open_model() as engine:
            yield engine
        return
    routes: dict[str, bytes | Handler] = {PATHS[key]: GOOD[key] for key in REMOTE}
    async with (
        serve(routes) as server,
        TrustedClient(
            seconds=seconds, max_bytes=MIB, contact="mailto:desk@site.test", ssl_context=client_context()
        ) as client,
    ):
        provider = build(name, server.url(""), client)
        yield Engine(provider=provider, routes=routes, requests=server.requests, base=server.url(""))


@asynccontextmanager
async def open_model() -> AsyncIterator[Engine]:
    """The web search of a model's provider."""
    routes: dict[str, bytes | Handler] = {PATHS["model"]: GOOD["model"]}
    async with serve(routes) as server, open_searching_model(server.url(""), key=KEY) as model:
        yield Engine(provider=ModelSearch(model), routes=routes, requests=server.requests, base=server.url(""))


@asynccontextmanager
async def open_ddgs(*, seconds: float) -> AsyncIterator[Engine]:
    """The library itself behind a proxy that plays the engines; of them only Mojeek answers."""
    tunnel = Tunnel(routes={MOJEEK: GOOD["ddgs"]})
    server = await asyncio.start_server(tunnel.handle, "127.0.0.1", 0)
    proxy = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def connect(limit: int) -> DDGS:
        assert limit >= seconds
        return DDGS(proxy=proxy, timeout=min(limit, 2), verify=False)

    try:
        provider = DdgsSearch(seconds=seconds, connect=connect)
        yield Engine(provider=provider, routes=tunnel.routes, requests=tunnel.requests, base=proxy)
    finally:
        server.close()
        await tunnel.close()


@dataclass(kw_only=True)
class Tunnel:
    """A proxy that answers in the place of the hosts that are asked through it."""

    routes: dict[str, bytes | Handler]  # by host; others answer 404
    requests: list[Received] = field(default_factory=list)
    _running: set["asyncio.Task[None]"] = field(default_factory=set)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._answer(reader, writer)
            writer.close()
            await writer.wait_closed()
        writer.transport.abort()
        self._running.discard(task)

    async def close(self) -> None:
        """End what still runs."""
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1].partition(":")[0]
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        await writer.start_tls(context)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
        self.requests.append(Received(target=lines[0].split(" ")[1], headers=headers))
        route = self.routes.get(host, answer(b"nothing here", status=404))
        if isinstance(route, bytes):
            writer.write(route)
        else:
            await route(writer)
        await writer.drain()
