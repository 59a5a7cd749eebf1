"""How long research takes when most of the pages are good, one is very slow, one turns in a circle and one is broken.

Twelve pages that answer after 150 ms, one after 20 s, one redirect loop and one status 500, on 127.0.0.2 to 127.0.0.16,
found by a search engine on loopback (SearXNG's JSON). Everything is real: robots.txt, the checked client, the sandbox
and its readers, the page cache, the store. Each run has a new database, so nothing is in the cache; `again` is a second
task on the same one. The limit is what no research can beat here: the twelve good pages fetched side by side without
robots.txt, turns, cache and store, and read by the same warm sandbox.

    .venv/bin/python bench/research.py [RUNS]
"""

import asyncio
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.servers import Handler, LocalServer, answer, redirect, serve
from support.stored import stored_account, stored_task

from copydesk.adapters.blobs.database import DatabaseBlobs
from copydesk.adapters.search import build_search
from copydesk.domain.clock import now
from copydesk.domain.source import Disposition, Source
from copydesk.domain.task import Task
from copydesk.outbound.fetch import Fetcher
from copydesk.outbound.trusted import TrustedClient
from copydesk.pipeline.events import SectionTexts
from copydesk.pipeline.gather import Gatherer
from copydesk.pipeline.parts import Parts
from copydesk.pipeline.workflow import brief_of
from copydesk.readers.sandbox import SandboxedReader
from copydesk.settings import Settings, parse_range
from copydesk.store import evidence, tasks
from copydesk.store.database import Database
from copydesk.store.migrate import migrate
from copydesk.wiring import build_reader
from copydesk.writers.extractive import ExtractiveWriter

GOOD, SECONDS_GOOD, SECONDS_SLOW = 12, 0.15, 20.0
LIMIT_SECONDS, LIMIT_PAGES = 2.5, 10
ASPECTS = ("drift", "gauge", "harbour", "estuary", "moon", "current", "storm", "basin", "chart", "mill", "dyke", "reef")


def page(aspect: str) -> bytes:
    """A page of twenty paragraphs, each on its own matter."""
    paragraphs = "".join(
        f"<p>The {aspect} number {n} was measured at {n + 3} places along the coast. Its tide rose by {n * 7 + 2}"
        f" centimetres within {n + 2} hours. The keepers of the {aspect} wrote the height of the tide into a book every"
        " hour of the day and of the night.</p>"
        for n in range(1, 21)
    )
    title = f"Tides and the {aspect}"
    return (
        f'<html lang="en"><head><title>{title}</title></head><body><h1>{title}</h1>{paragraphs}</body></html>'.encode()
    )


def after(seconds: float, body: bytes) -> Handler:
    """A page that answers late."""

    async def late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(body)

    return late


def found(links: list[str]) -> bytes:
    """SearXNG's answer."""
    hits = [{"url": link, "title": "Tides", "content": "About tides."} for link in links]
    return answer(json.dumps({"results": hits}).encode(), content_type="application/json")


@asynccontextmanager
async def web() -> AsyncIterator[tuple[LocalServer, list[str], list[str]]]:
    """The search engine, the links that it answers, and the good ones of them."""
    routes: list[Handler | bytes] = [after(SECONDS_GOOD, answer(page(aspect))) for aspect in ASPECTS]
    routes += [after(SECONDS_SLOW, answer(page("slow"))), redirect("/page"), answer(b"broken", status=500)]
    async with AsyncExitStack() as stack:
        links = []
        for number, route in enumerate(routes, start=2):
            site = await stack.enter_async_context(serve({"/page": route}, host=f"127.0.0.{number}"))
            links.append(site.url("/page"))
        ranked = [*links[GOOD:], *links[:GOOD]]
        turns = itertools.cycle([found(ranked[::2]), found(ranked[1::2])])  # two queries, each with half of the pages

        async def search(writer: asyncio.StreamWriter) -> None:
            writer.write(next(turns))

        engine = await stack.enter_async_context(serve({"/search": search}))
        yield engine, links, links[:GOOD]


@asynccontextmanager
async def parts(settings: Settings, reader: SandboxedReader) -> AsyncIterator[Parts]:
    """What the pipeline works with, over a new database."""
    settings.data_dir.mkdir()
    database = Database.of(settings)
    await migrate(database)
    size = settings.fetch_max_mb * 2**20
    async with (
        Fetcher(allow=settings.outbound_allow, seconds=20, max_bytes=size, contact=None) as fetcher,
        TrustedClient(seconds=20, max_bytes=size, contact=None) as client,
    ):
        engine = build_search("searxng", settings, client)
        yield Parts(
            settings=settings,
            database=database,
            fetcher=fetcher,
            reader=reader,
            blobs=DatabaseBlobs(database),
            searches_of=lambda _task: (engine,),
            writer_of=lambda _task: ExtractiveWriter(),
            texts=SectionTexts(database),
        )
    await database.close()


async def begun_task(database: Database, task_id: str) -> Task:
    """A task that is being processed."""
    async with database.write() as connection:
        pending = await tasks.load_task(connection, task_id)
        task = pending and await tasks.begin_task(connection, workflow_id=pending.workflow_id, at=now())
    if task is None:
        raise LookupError(task_id)
    return task


async def research(given: Parts) -> tuple[float, list[Source]]:
    """Run the stage for a new task; answers its seconds and what became of its sources."""
    account_id = await stored_account(given.database, uuid4().hex)
    task_id = await stored_task(given.database, account_id)
    task = await begun_task(given.database, task_id)
    begun = time.perf_counter()
    await Gatherer(given).research(task, replace(brief_of(task.input), topic="tides", keywords=("tide gauge",)))
    seconds = time.perf_counter() - begun
    async with given.database.read() as connection:
        return seconds, await evidence.list_sources(connection, task_id)


async def plain(given: Parts, links: list[str]) -> float:
    """The good pages alone, fetched and read with nothing around it."""

    async def one(link: str) -> None:
        fetched = await given.fetcher.fetch(link)
        await given.reader.read_page(fetched.body, url=fetched.final_url, charset=fetched.charset)

    begun = time.perf_counter()
    await asyncio.gather(*(one(link) for link in links))
    return time.perf_counter() - begun


async def measure(runs: int) -> list[tuple[float, float, int, float, list[Source]]]:
    """Limit, research, pages in, and research again, side by side in each run."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        async with web() as (engine, _, good):
            settings = Settings(
                _env_file=None,
                search=("searxng",),
                searxng_url=engine.url(""),
                max_results=15,
                outbound_allow=tuple(parse_range(f"127.0.0.{n}/32") for n in range(2, 17)),
            )
            reader = build_reader(settings)
            await reader.start()
            try:
                for run in range(runs + 1):  # the first loads what a process loads once
                    changed = settings.model_copy(update={"data_dir": Path(folder) / str(run)})
                    async with parts(changed, reader) as given:
                        limit = await plain(given, good)
                        seconds, sources = await research(given)
                        again, _ = await research(given)
                    read = sum(source.disposition is None for source in sources)
                    rows.append((limit, seconds, read, again, sources))
            finally:
                await reader.close()
    return rows


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    rows = asyncio.run(measure(runs))
    _, cold, _, _, _ = rows.pop(0)
    print(f"{'run':>3}  {'limit':>6}  {'research':>8}  {'ratio':>5}  {'pages in':>8}  {'again':>6}")
    for number, (limit, seconds, read, again, _) in enumerate(rows, start=1):
        print(f"{number:>3}  {limit:>5.2f}s  {seconds:>7.2f}s  {seconds / limit:>5.1f}  {read:>8}  {again:>5.2f}s")
    median = statistics.median(row[1] for row in rows)
    fewest = min(row[2] for row in rows)
    print(f"cold {cold:.2f} s: the first of a process, which loads dictionaries")
    print(f"median {median:.2f} s, asked: under {LIMIT_SECONDS} s")
    print(f"fewest pages in {fewest} of {GOOD}, asked: {LIMIT_PAGES}")
    for source in rows[-1][4]:
        if source.disposition is not None:
            print(f"  {source.url}  {Disposition(source.disposition).value}: {source.message}")


if __name__ == "__main__":
    main()
