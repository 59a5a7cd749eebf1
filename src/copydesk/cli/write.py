"""`copydesk write`: one article from the shell, through the same pipeline and database as the service."""

import asyncio
import json
import signal
import sys
import time
import tomllib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from copydesk.cli.exits import Exit
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
from copydesk.wiring import build_services, open_shared, open_worker

ACCOUNT = "local"  # whose articles these are: whoever is at the machine needs no key
POLL_SECONDS = 0.1
_SUFFIXES = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html"}
# Names in a brief file, and the API's names for them.
_BRIEF_NAMES = {"prompt": "user_prompt", "references": "reference_links"}
_BRIEF_FIELDS = frozenset(
    {
        "user_prompt", "keywords", "reference_links", "min_words", "max_words", "language", "tone", "audience",
        "metadata", "allow_ungrounded",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Order:
    """What one call of `write` is to do."""

    body: Mapping[str, Any]  # the API's POST body without its files
    files: tuple[Path, ...]
    outputs: tuple[Path, ...]
    citations: CitationStyle
    as_json: bool


def read_order(
    given: Mapping[str, Any],
    *,
    brief: Path | None,
    files: Sequence[Path],
    outputs: Sequence[Path],
    citations: str,
    as_json: bool,
) -> Order:
    """Join options and brief; an option wins over the brief's value.

    Raises:
        ConfigurationError: A file cannot be read, an ending or a name is unknown; says which.
    """
    body, named = _read_brief(brief) if brief else ({}, [])
    body |= {name: value for name, value in given.items() if value is not None}
    if "user_prompt" not in body:
        message = "Say what to write about: copydesk write PROMPT, or --brief FILE."
        raise ConfigurationError(message)
    for path in outputs:
        if path.suffix.lower() not in _SUFFIXES:
            message = f"{str(path)!r}: the output ends with .md or .html."
            raise ConfigurationError(message)
    if citations not in get_args(CitationStyle):
        message = f"--citations is one of {', '.join(get_args(CitationStyle))}, unlike {citations!r}."
        raise ConfigurationError(message)
    style = cast("CitationStyle", citations)
    paths = (*named, *files)
    for path in paths:
        if not path.is_file():
            message = f"{str(path)!r} is not a file."
            raise ConfigurationError(message)
    for path in outputs:
        _make_room(path)
    return Order(body=body, files=paths, outputs=tuple(outputs), citations=style, as_json=as_json)


def run_write(order: Order) -> Exit:
    """Write the article, show the progress, and say how it ended.

    Raises:
        ValidationError: The body breaks a rule of the API.
        ConfigurationError: A file cannot be read or written.
        DatabaseError: The database cannot be reached.
    """
    settings = load_settings()
    # Before anything is opened: a bad option should cost neither a worker's start nor an upload.
    parse_model(TaskCreate, dict(order.body), context={"allow": settings.outbound_allow})
    configure_logging(level="warning", style=settings.log_format)
    return asyncio.run(_write(settings, order))


def _make_room(path: Path) -> None:
    """Make the output's folder now, so that no work is done for an output that cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{str(path)!r} cannot be written: {error.strerror}."
        raise ConfigurationError(message) from error
    if path.is_dir():
        message = f"{str(path)!r} cannot be written: it is a folder."
        raise ConfigurationError(message)


def _read_brief(path: Path) -> tuple[dict[str, Any], list[Path]]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"The brief {str(path)!r} cannot be read: {error}."
        raise ConfigurationError(message) from error
    names = values.pop("files", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        message = f"The brief {str(path)!r}: files is a list of file names."
        raise ConfigurationError(message)
    body = {_BRIEF_NAMES.get(name, name): value for name, value in values.items()}
    for name in body.keys() - _BRIEF_FIELDS:
        known = ", ".join(sorted({*_BRIEF_FIELDS, "files", *_BRIEF_NAMES} - set(_BRIEF_NAMES.values())))
        message = f"The brief {str(path)!r} has an unknown entry {name!r}; known are {known}."
        raise ConfigurationError(message)
    return body, [path.parent / name for name in names]


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
    """Services with a worker of our own, or over the one that already runs on this folder."""
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(open_shared(settings))
        try:
            await stack.enter_async_context(open_worker(shared))
        except WorkerRunning:
            print("Another Copydesk process does the work; this one watches.", file=sys.stderr)  # noqa: T201
        yield build_services(shared)


async def _submit(services: Services, account_id: str, order: Order) -> Task:
    ids = []
    for path in order.files:
        try:
            data = await asyncio.to_thread(path.read_bytes)
            file = await services.files.add(account_id=account_id, filename=path.name, data=data)
        except OSError as error:
            message = f"{str(path)!r} cannot be read: {error.strerror}."
            raise ConfigurationError(message) from error
        except ValidationError as error:
            message = f"{str(path)!r}: {error.message}"
            raise ValidationError(message, error.details) from error
        ids.append({"file_id": file.file_id})
    request = services.tasks.check({**order.body, "uploaded_files": ids})
    return await services.tasks.submit(account_id=account_id, request=request)


async def _watch(services: Services, account_id: str, task: Task, display: Display) -> tuple[Task, Sequence[Source]]:
    """Show the task until it has ended; Ctrl-C cancels it."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop.set)
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
        loop.remove_signal_handler(signal.SIGINT)


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
    if _SUFFIXES[path.suffix.lower()] == "md":
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


def _exit_of(task: Task) -> Exit:
    return {TaskStatus.COMPLETED: Exit.OK, TaskStatus.CANCELLED: Exit.CANCELLED}.get(task.status, Exit.FAILED)
