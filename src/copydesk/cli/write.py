"""`copydesk write`: one article from the shell, through the same pipeline and database as the service."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from copydesk.cli.exits import Exit
from copydesk.cli.order import Order, form_of, read_file
from copydesk.cli.progress import Display, report
from copydesk.domain.article import Article
from copydesk.domain.markdown import CitationStyle, standalone_html, with_citations
from copydesk.domain.source import Source
from copydesk.domain.task import Task, TaskStatus
from copydesk.errors import ConfigurationError, Conflict, ValidationError, WorkerRunning
from copydesk.services import Services
from copydesk.settings import Settings, load_settings
from copydesk.telemetry import configure_logging
from copydesk.wire.articles import ArticleOut
from copydesk.wire.problems import parse_model
from copydesk.wire.tasks import TaskCreate, TaskOut
from copydesk.wiring import Shared, build_services, open_shared, open_worker, worker_lives

ACCOUNT = "local"  # whose articles these are: whoever is at the machine needs no key
POLL_SECONDS = 0.1
STAND_IN_SECONDS = 1.0  # between two looks whether the process that works has ended
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_write(order: Order) -> Exit:
    """Write the article, show the progress, and say how it ended.

    Raises:
        ValidationError: The body breaks a rule of the API.
        ConfigurationError: A file cannot be read or written.
        DatabaseError: The database cannot be reached.
    """
    settings = load_settings()
    # Before anything is opened: a bad option should cost neither a worker's start nor an upload.
    named = [{"file_id": str(number)} for number, _ in enumerate(order.files)]
    parse_model(TaskCreate, {**order.body, "uploaded_files": named}, context={"allow": settings.outbound_allow})
    configure_logging(level="warning", style=settings.log_format)
    return asyncio.run(_write(settings, order))


async def _write(settings: Settings, order: Order) -> Exit:
    async with _open_services(settings) as services:
        begun = time.monotonic()
        account_id = (await services.access.account(ACCOUNT)).account_id
        task = await _submit(services, account_id, order)
        with Display(quiet=order.as_json) as display:
            task, sources = await _watch(services, account_id, task, display)
        article = None
        if task.article_ids:
            article = await services.articles.get(account_id=account_id, article_id=task.article_ids[0])
        _deliver(order, task, sources, article)
        if not order.as_json:
            report(task, sources, article, seconds=time.monotonic() - begun, to_stderr=not order.outputs)
    return _exit_of(task)


@asynccontextmanager
async def _open_services(settings: Settings) -> AsyncIterator[Services]:
    """Services with a worker of our own, or over one that already runs on this folder or this Postgres."""
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(open_shared(settings))
        try:
            await stack.enter_async_context(_open_worker(shared))
        except WorkerRunning:
            _say("Another Copydesk process does the work; this one watches.")
            await stack.enter_async_context(_standing_in(shared))
        yield build_services(shared)


@asynccontextmanager
async def _open_worker(shared: Shared) -> AsyncIterator[None]:
    """A worker of our own. Raises WorkerRunning where another lives on this folder, or this Postgres."""
    if await worker_lives(shared):
        message = "A worker runs on this database."
        raise WorkerRunning(message)
    async with open_worker(shared):
        yield


@asynccontextmanager
async def _standing_in(shared: Shared) -> AsyncIterator[None]:
    """Become the worker should the one that is there end meanwhile: nobody else may come to finish the task."""
    over = asyncio.Event()
    standing = asyncio.create_task(_stand_in(shared, over))
    try:
        yield
    finally:
        over.set()  # not a cancel, which could come in the middle of a worker's start
        await standing


async def _stand_in(shared: Shared, over: asyncio.Event) -> None:
    while not over.is_set():
        with suppress(WorkerRunning):
            async with _open_worker(shared):
                _say("That process has ended; this one goes on with the work.")
                await over.wait()
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), STAND_IN_SECONDS)


async def _submit(services: Services, account_id: str, order: Order) -> Task:
    ids = [{"file_id": await _upload(services, account_id, path)} for path in order.files]
    request = services.tasks.check({**order.body, "uploaded_files": ids})
    return await services.tasks.submit(account_id=account_id, request=request)


async def _upload(services: Services, account_id: str, path: Path) -> str:
    """The id of the file among the account's, where it is kept once however often it is used."""
    data = await asyncio.to_thread(read_file, path)
    file = await services.files.find(account_id=account_id, filename=path.name, data=data)
    if file is None:
        try:
            file = await services.files.add(account_id=account_id, filename=path.name, data=data)
        except ValidationError as error:
            message = error.message if path.name in error.message else f"{str(path)!r}: {error.message}"
            raise ValidationError(message, error.details) from error
    return file.file_id


async def _watch(services: Services, account_id: str, task: Task, display: Display) -> tuple[Task, Sequence[Source]]:
    """Show the task until it has ended; Ctrl-C or SIGTERM cancels it."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        while True:
            if stop.is_set():
                await _cancel(services, account_id, task)
            current, sources = await services.tasks.get(account_id=account_id, task_id=task.task_id)
            display.show(current)
            if stop.is_set() and current.status is TaskStatus.CANCELLED:
                raise KeyboardInterrupt
            if current.status.terminal:
                return current, sources
            await asyncio.sleep(POLL_SECONDS)
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def _cancel(services: Services, account_id: str, task: Task) -> None:
    try:
        await services.tasks.cancel(account_id=account_id, task_id=task.task_id)
    except Conflict:  # it ended in this very moment: then that is how it ended
        return


def _deliver(order: Order, task: Task, sources: Sequence[Source], article: Article | None) -> None:
    """Write the files, or print to standard output."""
    if article is not None:
        for path in order.outputs:
            _save(path, _rendered(article, path, order.citations), article.article_id)
    if order.as_json:
        print(_as_json(task, sources, article, order.citations))  # noqa: T201 - the command's result
    elif article is not None and not order.outputs:
        print(with_citations(_with_title(article), article.data_sources, order.citations))  # noqa: T201 - likewise


def _save(path: Path, text: str, article_id: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{str(path)!r} cannot be written: {error.strerror}. The article is kept as {article_id}."
        raise ConfigurationError(message) from error


def _rendered(article: Article, path: Path, citations: CitationStyle) -> str:
    if form_of(path) == "md":
        return with_citations(_with_title(article), article.data_sources, citations)
    return standalone_html(
        title=article.title,
        language=article.language,
        content=with_citations(article.content, article.data_sources, citations),
        json_ld=article.json_ld,
        description=article.seo_description,
    )


def _with_title(article: Article) -> str:
    return f"# {article.title}\n\n{article.content}"


def _as_json(task: Task, sources: Sequence[Source], article: Article | None, citations: CitationStyle) -> str:
    shown = ArticleOut.of(article, citations).model_dump(mode="json") if article else None
    return json.dumps(
        {"task": TaskOut.of(task, sources).model_dump(mode="json"), "article": shown}, ensure_ascii=False, indent=2
    )


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)  # noqa: T201 - a command's own words


def _exit_of(task: Task) -> Exit:
    return {TaskStatus.COMPLETED: Exit.OK, TaskStatus.CANCELLED: Exit.CANCELLED}.get(task.status, Exit.FAILED)
