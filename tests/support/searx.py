"""A real searx on loopback that searches a table of local pages, and those pages on several local sites."""

import asyncio
import json
import os
import secrets
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from support.servers import answer, serve
from support.service import free_port

RUN = "SEARX_RUN"  # the variable with its command; `make integration` sets it
_RESOURCES = Path("/usr/share/python3-searx")  # where Debian's package keeps its templates
_START_SECONDS = 60.0
_SITES = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
_OPEN = '<link rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">'


@dataclass(frozen=True, kw_only=True)
class LocalPage:
    """One page that can be found."""

    title: str
    paragraphs: tuple[str, ...]

    @property
    def path(self) -> str:
        """Its path on whatever site serves it."""
        return "/" + self.title.lower().replace(" ", "-")

    @property
    def body(self) -> bytes:
        """Its HTML, under an open licence."""
        text = "".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs)
        head = f"<title>{self.title}</title>{_OPEN}"
        article = f"<article><h1>{self.title}</h1>{text}</article>"
        return f'<html lang="en"><head>{head}</head><body>{article}</body></html>'.encode()


@asynccontextmanager
async def serve_pages(pages: Sequence[LocalPage]) -> AsyncIterator[dict[str, str]]:
    """Serve pages on three sites in turn; answers their titles by address."""
    async with AsyncExitStack() as stack:
        titles: dict[str, str] = {}
        for place, host in enumerate(_SITES):
            mine = pages[place :: len(_SITES)]
            site = await stack.enter_async_context(serve({page.path: answer(page.body) for page in mine}, host=host))
            titles |= {site.url(page.path): page.title for page in mine}
        yield titles


@asynccontextmanager
async def run_searx(folder: Path, titles: dict[str, str], pages: Sequence[LocalPage]) -> AsyncIterator[str]:
    """Run searx over a table of `pages` at their addresses; answers its own address."""
    _fill(folder / "pages.db", titles, {page.title: " ".join(page.paragraphs) for page in pages})
    port = free_port()
    settings = folder / "settings.yml"
    settings.write_text(json.dumps(_settings(port, folder / "pages.db")))  # JSON is YAML
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "SEARX_SETTINGS_PATH": str(settings)}
    with (folder / "searx.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(os.environ[RUN], env=environment, stdout=log, stderr=log)
        try:
            await _until_it_answers(f"http://127.0.0.1:{port}", process, folder / "searx.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def _fill(path: Path, titles: dict[str, str], texts: dict[str, str]) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE VIRTUAL TABLE pages USING fts5(url UNINDEXED, title, content, tokenize = 'porter')")
        rows = [(url, title, texts[title]) for url, title in titles.items()]
        database.executemany("INSERT INTO pages VALUES (?, ?, ?)", rows)


def _settings(port: int, database: Path) -> dict[str, object]:
    """Settings of searx 1.1: local engines alone, so that nothing leaves the machine."""
    query = "SELECT url, title, substr(content, 1, 200) AS content FROM pages"
    engine = {"engine": "sqlite", "categories": "general"}
    return {
        "general": {"debug": False, "instance_name": "local pages"},
        "search": {"safe_search": 0, "autocomplete": "", "default_lang": "", "formats": ["html", "json"]}
        | {"ban_time_on_fail": 0, "max_ban_time_on_fail": 0},
        "server": {"port": port, "bind_address": "127.0.0.1", "secret_key": secrets.token_hex(16), "base_url": False}
        | {"image_proxy": False, "http_protocol_version": "1.0", "method": "GET"},
        "outgoing": {"request_timeout": 2.0, "pool_connections": 10, "pool_maxsize": 10, "enable_http2": False},
        "ui": {"static_path": str(_RESOURCES / "static"), "templates_path": str(_RESOURCES / "templates")}
        | {"default_theme": "oscar", "default_locale": "", "theme_args": {"oscar_style": "logicodev"}},
        "locales": {"en": "English"},
        "doi_resolvers": {"doi.org": "https://doi.org/"},
        "default_doi_resolver": "doi.org",
        "enabled_plugins": [],
        "engines": [
            {
                **engine,
                "name": "local pages",
                "shortcut": "lp",
                "database": str(database),
                "query_str": f"{query} WHERE pages MATCH replace(:query, ' ', ' OR ') ORDER BY rank",
            },
            {
                **engine,
                "name": "broken",
                "shortcut": "br",
                "database": str(database),
                "query_str": "SELECT missing FROM pages",
                "disabled": True,
            },
        ],
    }


async def _until_it_answers(address: str, process: asyncio.subprocess.Process, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.returncode is None:
        if await asyncio.to_thread(_answers, address):
            return
        await asyncio.sleep(0.1)
    said = await asyncio.to_thread(log.read_text)
    raise AssertionError(said)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/search?q=x&format=json", timeout=5) as found:  # noqa: S310 - loopback
            return bool(found.status == 200)
    except (urllib.error.URLError, OSError):
        return False
