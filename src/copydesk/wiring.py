"""Builds every part from the settings: the only place that knows which adapter stands behind which port."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module

from copydesk.adapters.blobs import blobs_folder, build_blobs
from copydesk.adapters.llm.checking import check_embedding, check_model
from copydesk.adapters.search import build_search
from copydesk.domain.checkup import EmbeddingCheck, ModelCheck
from copydesk.domain.task import Task
from copydesk.engine.database import migrate_engine
from copydesk.engine.durable import DurableQueue
from copydesk.errors import ConfigurationError, SearchError
from copydesk.language.detect import identifier
from copydesk.language.terms import content_terms
from copydesk.outbound.fetch import Fetcher
from copydesk.outbound.trusted import TrustedClient
from copydesk.pipeline.events import SectionTexts
from copydesk.pipeline.paid import PaidModel, Purses
from copydesk.pipeline.parts import Parts
from copydesk.pipeline.retention import Retention, retaining
from copydesk.pipeline.workflow import Pipeline
from copydesk.ports import BlobStore, Embedder, LanguageModel, SearchProvider, TaskQueue, Writer
from copydesk.readers.sandbox import SandboxedReader
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
from copydesk.settings import Settings
from copydesk.store.database import Database
from copydesk.store.leases import anyone_alive
from copydesk.store.migrate import is_current, migrate
from copydesk.telemetry import get_logger
from copydesk.worker import Worker
from copydesk.writers.extractive import ExtractiveWriter
from copydesk.writers.model import ModelWriter
from copydesk.writers.model.streaming import shown_so_far

log = get_logger(__name__)

_MIB = 2**20
_SEARCH_ANSWER_MB = 4  # real answers have a few hundred KiB


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What the API and a worker of one process have in common."""

    settings: Settings
    database: Database
    queue: DurableQueue
    reader: SandboxedReader
    blobs: BlobStore


async def migrate_all(settings: Settings) -> None:
    """Bring the application's and the engine's tables up to this version.

    Raises:
        DatabaseError: A database cannot be reached.
    """
    database = Database.of(settings)
    try:
        await migrate(database)
    finally:
        await database.close()
    await asyncio.to_thread(migrate_engine, settings)


@asynccontextmanager
async def open_shared(settings: Settings) -> AsyncIterator[Shared]:
    """Open database, queue and sandbox; an embedded database is migrated first.

    Raises:
        ConfigurationError: A Postgres database is not migrated; says the command.
        DatabaseError: A database cannot be reached.
    """
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(_open_database(settings))
        blobs = build_blobs(settings.blobs, settings, database)
        queue = DurableQueue(settings)
        stack.push_async_callback(queue.close)
        reader = build_reader(settings)
        stack.push_async_callback(reader.close)
        yield Shared(settings=settings, database=database, queue=queue, reader=reader, blobs=blobs)


@asynccontextmanager
async def open_access(settings: Settings) -> AsyncIterator[AccessService]:
    """The service of keys alone, with nothing but the database behind it; as `open_shared` otherwise."""
    async with _open_database(settings) as database:
        yield AccessService(database=database)


@asynccontextmanager
async def _open_database(settings: Settings) -> AsyncIterator[Database]:
    if settings.embedded:
        await migrate_all(settings)
    database = Database.of(settings)
    try:
        if not await is_current(database):
            message = "The database's tables are not those of this version: run 'copydesk migrate' first."
            raise ConfigurationError(message)
        yield database
    finally:
        await database.close()


def folder_of_files(settings: Settings) -> BlobStore | None:
    """The store of files in a folder, or None where they are kept elsewhere."""
    if not settings.blobs.startswith("directory"):
        return None
    from copydesk.adapters.blobs.directory import DirectoryBlobs  # noqa: PLC0415 - of use with a folder alone

    return DirectoryBlobs(blobs_folder(settings.blobs, settings))


@asynccontextmanager
async def open_blobs(settings: Settings) -> AsyncIterator[tuple[Database, Callable[[str], BlobStore]]]:
    """The database, and what builds a store of files over it for a value of `BLOBS`; as `open_shared` otherwise."""
    async with _open_database(settings) as database:
        yield database, lambda blobs: build_blobs(blobs, settings, database)


def build_reader(settings: Settings) -> SandboxedReader:
    """The sandbox for untrusted files, not yet started."""
    return SandboxedReader(
        workers=settings.sandbox_workers,
        seconds=settings.sandbox_seconds,
        memory_mb=settings.sandbox_memory_mb,
        text_mb=settings.sandbox_text_mb,
    )


@dataclass(frozen=True, kw_only=True)
class SearchCheck:
    """What one search engine made of a question."""

    seconds: float  # until it answered or failed
    results: int
    problem: str | None = None  # what is wrong
    reason: str = ""  # SearchError's, or `missing`, if something is


async def check_search(name: str, settings: Settings) -> SearchCheck:
    """Ask one search engine a question that every engine finds pages for."""
    clock = asyncio.get_running_loop().time
    start = clock()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(_search_client(settings))
        try:
            model = await stack.enter_async_context(open_model(settings)) if name == "model" else None
            engine = build_search(name, settings, client, model=model)
            results = await engine.search("history of coffee", language="en", limit=5)
        except SearchError as error:
            return SearchCheck(seconds=clock() - start, results=0, problem=error.message, reason=error.reason)
        except ConfigurationError as error:
            return SearchCheck(seconds=0.0, results=0, problem=error.message, reason="missing")
    return SearchCheck(seconds=clock() - start, results=len(results))


async def check_models(settings: Settings) -> Mapping[str, ModelCheck]:
    """Try every model of `MODEL` and `MODEL_FAST` with three tiny calls, side by side; answers them by name."""
    names = tuple(dict.fromkeys((*settings.models, *settings.fast_models)))
    checks = await asyncio.gather(*(check_model(name, settings) for name in names))
    return dict(zip(names, checks, strict=True))


async def check_one_model(name: str, settings: Settings) -> ModelCheck:
    """Try one model of `MODEL` or `MODEL_FAST` with three tiny calls."""
    return await check_model(name, settings)


async def check_embedder(settings: Settings) -> EmbeddingCheck | None:
    """Try the embedding model with one tiny call; None where none is set."""
    return None if settings.embedding_model is None else await check_embedding(settings)


def _search_client(settings: Settings) -> TrustedClient:
    return TrustedClient(seconds=settings.search_seconds, max_bytes=_SEARCH_ANSWER_MB * _MIB, contact=settings.contact)


@asynccontextmanager
async def open_model(settings: Settings) -> AsyncIterator[LanguageModel | None]:
    """The language model, its connections open until the block ends; None with the extractive writer.

    Raises:
        ConfigurationError: It cannot be set up; says why.
    """
    if not settings.models:
        yield None
        return
    from copydesk.adapters.llm.build import build_model  # noqa: PLC0415 - heavy, and of use with a model alone

    async with build_model(settings) as model:
        yield model


def writers_of(paid: Callable[[Task], LanguageModel] | None, texts: SectionTexts) -> Callable[[Task], Writer]:
    """What gives each task its writer, over the task's own model; `texts` hears what that writes while it writes."""
    if paid is None:
        writer = ExtractiveWriter()
        return lambda _task: writer
    known: dict[str, str] = {}  # how the model is best asked for structure
    return lambda task: ModelWriter(paid(task), known=known, hear=partial(texts.hear, task))


def searches_of(
    settings: Settings, client: TrustedClient, paid: Callable[[Task], LanguageModel] | None
) -> Callable[[Task], Sequence[SearchProvider]]:
    """What gives each task its search engines: all share them, but for the one that the task pays for.

    Raises:
        ConfigurationError: An engine cannot be set up; says why.
    """
    shared = tuple(build_search(name, settings, client) for name in settings.search if name not in ("none", "model"))
    if "model" not in settings.search:
        return lambda _task: shared
    return lambda task: (*shared, build_search("model", settings, client, model=paid(task) if paid else None))


def build_services(shared: Shared, *, queue: TaskQueue | None = None) -> Services:
    """Every service over the shared parts."""
    database, settings = shared.database, shared.settings
    tasks = queue or shared.queue

    async def ready() -> None:
        await database.ping()
        await tasks.ping()

    access = AccessService(database=database)
    return Services(
        access=access,
        sessions=SessionService(database=database, access=access),
        tasks=TaskService(database=database, queue=tasks, settings=settings, unpriced=unpriced(settings)),
        articles=ArticleService(database=database, queue=tasks),
        events=EventService(database=database),
        files=FileService(database=database, blobs=shared.blobs, reader=shared.reader, settings=settings),
        usage=UsageService(database=database, settings=settings),
        ready=ready,
    )


def unpriced(settings: Settings) -> Callable[[], Sequence[str]]:
    """What names the models of `MODEL` and `MODEL_FAST` whose price is not known; it reads the price list once."""

    @cache
    def names() -> Sequence[str]:
        from copydesk.adapters.llm.prices import unpriced_models  # noqa: PLC0415 - its list is heavy, and seldom asked

        return unpriced_models(settings)

    return names


def _paid(model: LanguageModel, database: Database, purses: Purses, task: Task) -> LanguageModel:
    return PaidModel(model, database=database, task=task, purses=purses)


@asynccontextmanager
async def _open_embedder(settings: Settings) -> AsyncIterator[Embedder | None]:
    if settings.embedding_model is None:
        yield None
        return
    from copydesk.adapters.llm.embeddings import open_embedder  # noqa: PLC0415 - heavy, and of use with a model alone

    async with open_embedder(settings) as embedder:
        yield embedder


async def worker_lives(shared: Shared) -> bool:
    """Whether a worker holds a live lease on this Postgres; on SQLite the lock file tells, when it is taken."""
    if shared.settings.embedded:
        return False
    async with shared.database.read() as connection:
        return await anyone_alive(connection)


def _warm_up(*, with_model: bool) -> None:
    """Load what the first task would else load while every other request waits: seconds of imports and dictionaries."""
    identifier()
    content_terms("warm", "en")
    for name in ("pydantic_ai.direct", "pydantic_ai.native_tools", "genai_prices") if with_model else ():
        import_module(name)


@asynccontextmanager
async def open_worker(shared: Shared, *, grace: float = 0) -> AsyncIterator[Worker]:
    """A worker that runs until the block ends; then running steps get `grace` seconds.

    Raises:
        ConfigurationError: Another process is the worker of this `DATA_DIR`.
    """
    settings = shared.settings
    async with AsyncExitStack() as stack:
        fetcher = await stack.enter_async_context(
            Fetcher(
                allow=settings.outbound_allow,
                seconds=settings.fetch_seconds,
                max_bytes=settings.fetch_max_mb * _MIB,
                contact=settings.contact,
                proxy=settings.outbound_proxy.get_secret_value() if settings.outbound_proxy else None,
            )
        )
        client = await stack.enter_async_context(_search_client(settings))
        if "ddgs" in settings.search:
            log.warning("unofficial_search_engine", engine="ddgs", advice="connect an engine with a key for real work")
        purses, texts = Purses(), SectionTexts(shared.database, show=shown_so_far)
        model = await stack.enter_async_context(open_model(settings))
        paid = None if model is None else partial(_paid, model, shared.database, purses)
        parts = Parts(
            settings=settings,
            database=shared.database,
            fetcher=fetcher,
            reader=shared.reader,
            blobs=shared.blobs,
            searches_of=searches_of(settings, client, paid),
            writer_of=writers_of(paid, texts),
            purses=purses,
            texts=texts,
            embedder=await stack.enter_async_context(_open_embedder(settings)),
        )
        worker = Worker(settings=settings, database=shared.database, queue=shared.queue, run=Pipeline(parts).run)
        await worker.start()
        retention = Retention(settings=settings, database=shared.database, blobs=shared.blobs)
        shared.reader.start_soon()
        warming = asyncio.create_task(asyncio.to_thread(_warm_up, with_model=model is not None))
        try:
            async with retaining(retention):
                yield worker
        finally:
            await worker.stop(grace=grace)
            await warming
