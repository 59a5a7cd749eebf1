"""The real application on a real database, with the shipped fake of the engine."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest_asyncio
from fastapi import FastAPI

from copydesk.adapters.blobs import build_blobs
from copydesk.app import create_app
from copydesk.domain.article import (
    Article,
    DataSource,
    EvidencePassage,
    EvidenceSentence,
    Outline,
    PublicationStatus,
    SectionPlan,
    SeoReport,
    SupportCounts,
    SupportStatus,
)
from copydesk.domain.clock import new_id, now
from copydesk.domain.file import FileKind
from copydesk.domain.markdown import count_markdown_words
from copydesk.domain.source import Block, BlockKind, Document, SourceKind
from copydesk.domain.task import TaskStatus
from copydesk.engine.scripted import ScriptedQueue
from copydesk.errors import ReadError
from copydesk.services import (
    AccessService,
    ArticleService,
    EventService,
    FileService,
    Services,
    SessionService,
    TaskService,
    UsageService,
)
from copydesk.services.following import HEARTBEAT
from copydesk.settings import Settings
from copydesk.store import articles
from copydesk.store.database import Database
from copydesk.store.schema import tasks
from copydesk.wiring import unpriced

CONTENT = """\
The Keeling Curve shows how much carbon dioxide the air holds, measured on Mauna Loa since 1958.[^1]

## The station

The station stands at 3,397 metres, above the trees and the towns of the island.[^1]

[^1]: mauna-loa.csv, rows 1-40
"""


@dataclass(kw_only=True)
class ScriptedReader:
    """A `FileReader` that reads text as it is, and can be told to fail or to wait."""

    error: ReadError | None = None
    before: Callable[[], Awaitable[object]] | None = None  # awaited at the start of each read
    started: asyncio.Event = field(default_factory=asyncio.Event)  # set when the first read has started
    calls: int = field(default=0)

    async def read_file(self, data: bytes, kind: FileKind) -> Document:
        """Read, as scripted."""
        self.calls += 1
        self.started.set()
        if self.before is not None:
            await self.before()
        if self.error is not None:
            raise self.error
        rows = data.count(b"\n") if kind is FileKind.CSV else None
        text = data.decode("utf-8", "replace")
        return Document(blocks=(Block(kind=BlockKind.PARAGRAPH, text=text),), rows=rows)

    async def read_page(self, data: bytes, *, url: str, charset: str | None) -> Document:
        """Nothing here reads pages."""
        raise NotImplementedError(url, charset, data)


@dataclass(kw_only=True)
class Api:
    """A running application and what stands behind it."""

    app: FastAPI
    client: httpx2.AsyncClient  # without a key
    database: Database
    queue: ScriptedQueue
    reader: ScriptedReader
    services: Services
    settings: Settings

    async def key(self, account: str = "acme", *, read_only: bool = False, expires_at: datetime | None = None) -> str:
        """A new key of an account."""
        _, secret = await self.services.access.create_key(account, read_only=read_only, expires_at=expires_at)
        return secret

    async def caller(self, account: str = "acme", *, read_only: bool = False) -> "Caller":
        """Somebody with a key of that account."""
        return Caller(client=self.client, secret=await self.key(account, read_only=read_only))

    async def finish(self, task_id: str, status: TaskStatus = TaskStatus.COMPLETED) -> None:
        """Set a task's status, as the pipeline would."""
        async with self.database.write() as connection:
            await connection.execute(
                tasks.update().where(tasks.c.task_id == task_id).values(status=status.value, finished_at=now())
            )

    async def article(self, caller: "Caller", **changes: Any) -> Article:
        """A completed task's article, stored as the pipeline stores it."""
        task = await caller.create_task(min_words=100, max_words=200)
        article = new_article(task["task_id"], await self.account_id(caller), **changes)
        async with self.database.write() as connection:
            await articles.insert_article(connection, article)
        await self.finish(task["task_id"])
        return article

    async def account_id(self, caller: "Caller") -> str:
        """Whose key it is."""
        return (await self.services.access.authenticate(caller.secret)).account_id


@dataclass(kw_only=True)
class Caller:
    """Sends requests with a key."""

    client: httpx2.AsyncClient
    secret: str

    async def request(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Send a request below /api/v1."""
        headers = {"X-API-Key": self.secret, **options.pop("headers", {})}
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        """GET."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx2.Response:
        """POST."""
        return await self.request("POST", path, **options)

    async def patch(self, path: str, body: Any, **options: Any) -> httpx2.Response:
        """PATCH with a JSON body."""
        return await self.request("PATCH", path, json=body, **options)

    async def delete(self, path: str, **options: Any) -> httpx2.Response:
        """DELETE."""
        return await self.request("DELETE", path, **options)

    async def create_task(self, **fields: Any) -> dict[str, Any]:
        """A new task, as its 202 shows it."""
        response = await self.post("/tasks", json={"user_prompt": "Explain the Keeling Curve.", **fields})
        assert response.status_code == 202, response.text
        task: dict[str, Any] = response.json()
        return task

    async def upload(
        self, filename: str = "note.txt", data: bytes = b"Air on Mauna Loa.", **options: Any
    ) -> httpx2.Response:
        """Upload a file."""
        return await self.post("/files", files={"file": (filename, data)}, **options)


@pytest_asyncio.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    """The application on an empty database."""
    async with running(database) as found:
        yield found


class running:  # noqa: N801 - reads as a function at its use
    """An application on a database, with settings of one's own: `async with running(database, ...) as api`."""

    def __init__(self, database: Database, *, heartbeat: float = HEARTBEAT, **settings: Any) -> None:
        self._database = database
        self._heartbeat = heartbeat
        self._settings = Settings(_env_file=None, **settings)

    async def __aenter__(self) -> Api:
        queue, reader = ScriptedQueue(), ScriptedReader()
        services = build_services(self._database, queue, reader, self._settings, heartbeat=self._heartbeat)
        app = create_app(self._settings, services)
        self._client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://copydesk.test")
        await self._client.__aenter__()
        return Api(
            app=app,
            client=self._client,
            database=self._database,
            queue=queue,
            reader=reader,
            services=services,
            settings=self._settings,
        )

    async def __aexit__(self, *error: object) -> None:
        await self._client.__aexit__(None, None, None)


def build_services(
    database: Database,
    queue: ScriptedQueue,
    reader: ScriptedReader,
    settings: Settings,
    *,
    patience: float = 10,
    heartbeat: float = HEARTBEAT,
) -> Services:
    """The services as wiring builds them."""

    async def ready() -> None:
        await database.ping()
        await queue.ping()

    access = AccessService(database=database)
    return Services(
        access=access,
        sessions=SessionService(database=database, access=access),
        tasks=TaskService(database=database, queue=queue, settings=settings, unpriced=unpriced(settings)),
        events=EventService(database=database, heartbeat=heartbeat),
        articles=ArticleService(database=database, queue=queue),
        files=FileService(
            database=database,
            blobs=build_blobs(settings.blobs, settings, database),
            reader=reader,
            settings=settings,
            patience=patience,
        ),
        usage=UsageService(database=database, settings=settings),
        ready=ready,
    )


def new_article(task_id: str, account_id: str, **changes: Any) -> Article:
    """An article as the pipeline makes one; its slug is unique."""
    article_id = new_id()
    at = datetime(2026, 3, 14, 9, 26, 53, 589_000, tzinfo=UTC)
    content = changes.get("content", CONTENT)
    article = Article(
        article_id=article_id,
        account_id=account_id,
        task_id=task_id,
        title="How the Keeling Curve Is Measured",
        content=content,
        slug=f"keeling-curve-{hashlib.sha256(article_id.encode()).hexdigest()[:12]}",
        seo_title="How the Keeling Curve Is Measured on Mauna Loa",
        seo_description="How the Keeling Curve is measured on Mauna Loa: the station, its instrument and the checks.",
        excerpt="Air from Mauna Loa has been measured since 1958.",
        keywords=("keeling curve",),
        data_sources=(_SOURCE,),
        language="en",
        word_count=count_markdown_words(content),
        words_asked_min=10,
        words_asked_max=200,
        seo=SeoReport(score=0, checks=()),
        json_ld={},
        outline=Outline(
            title="How the Keeling Curve Is Measured",
            sections=(SectionPlan(section_id="intro", heading=None, level=2, words=40, passage_ids=("s1p1",)),),
        ),
        writer="extractive",
        support=SupportCounts(supported=2, repaired=0, removed=0),
        warnings=(),
        metadata={},
        publication_status=PublicationStatus.DRAFT,
        published_at=None,
        version=1,
        revision=1,
        created_at=at,
        updated_at=at,
        evidence=_EVIDENCE,
    )
    return replace(article, **changes)


_SOURCE = DataSource(
    number=1,
    source_id="0199a3c8-0000-7000-8000-000000000001",
    kind=SourceKind.FILE,
    url=None,
    file_id="0199a3c8-0000-7000-8000-000000000002",
    title="mauna-loa.csv",
    site=None,
    author=None,
    published_at=None,
    accessed_at=datetime(2026, 3, 14, tzinfo=UTC),
    license=None,
)
_EVIDENCE = (
    EvidenceSentence(
        text="The station stands at 3,397 metres, above the trees and the towns of the island.",
        citations=(1,),
        passages=(
            EvidencePassage(
                source_number=1,
                text="The station stands at 3,397 metres.",
                place="page 2, The Station",
                headings=("The Station",),
                page=2,
                spans=((120, 155),),
                language="en",
                published_at=datetime(2025, 2, 1, tzinfo=UTC),
                corroborated_by=("https://site.test/station",),
            ),
        ),
        support=SupportStatus.SUPPORTED,
    ),
)
