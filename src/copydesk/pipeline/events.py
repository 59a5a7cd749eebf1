"""What a task tells while it runs: sources as they come, the outline, and the sections' text as it is written."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.article import Assembled, Outline, SectionDraft
from copydesk.domain.clock import now
from copydesk.domain.source import Disposition, Source
from copydesk.domain.task import StageName, Task
from copydesk.errors import DatabaseError
from copydesk.pipeline.assemble import escape, join_sentences
from copydesk.ports import TextListener
from copydesk.store.database import Database
from copydesk.store.events import append_events
from copydesk.store.evidence import list_sources, set_dispositions
from copydesk.store.fence import ClaimLost
from copydesk.store.tasks import load_task
from copydesk.telemetry import get_logger
from copydesk.wire.events import OutlineEvent, SectionEvent, SectionText, SourceEvent, StageEvent

INTERVAL = 0.25  # seconds between two events of text of one task: at most four a second, all its sections together
_AWAY_SECONDS = 1.0  # until text is written again after the database could not be reached

Shown = Callable[[str], str]
"""What may be shown of an answer that is still being made."""


async def tell_found(connection: AsyncConnection, task_id: str, sources: Sequence[Source]) -> None:
    """Tell sources that are to be read."""
    await append_events(connection, task_id, [SourceEvent.of(task_id, s, now(), passages=None) for s in sources])


async def tell_read(connection: AsyncConnection, task_id: str, source: Source, *, passages: int) -> None:
    """Tell what came of reading a source."""
    await append_events(connection, task_id, [SourceEvent.of(task_id, source, now(), passages=passages)])


async def decide(
    connection: AsyncConnection, task_id: str, changes: Mapping[str, tuple[Disposition, str | None]]
) -> None:
    """Record dispositions by source id, and tell those that are new."""
    before = {source.source_id: source.disposition for source in await list_sources(connection, task_id)}
    await set_dispositions(connection, dict(changes))
    told = [
        SourceEvent.of(task_id, source, now(), passages=None)
        for source in await list_sources(connection, task_id)
        if source.source_id in changes and source.disposition is not before.get(source.source_id)
    ]
    await append_events(connection, task_id, told)


async def tell_queries(connection: AsyncConnection, task_id: str, queries: Sequence[str]) -> None:
    """Tell what the web is searched for."""
    task = await load_task(connection, task_id)
    if task is None or not queries:
        return
    state = next(stage for stage in task.stages if stage.name is StageName.RESEARCH)
    event = StageEvent.of(task_id, state, task.percent, now()).model_copy(update={"queries": list(queries)})
    await append_events(connection, task_id, [event])


async def tell_outline(connection: AsyncConnection, task_id: str, outline: Outline) -> None:
    """Tell the outline."""
    await append_events(connection, task_id, [OutlineEvent.of(task_id, outline, now())])


async def tell_final(connection: AsyncConnection, task_id: str, outline: Outline, assembled: Assembled) -> None:
    """Tell every section as it was checked; one that did not stand its checks is empty."""
    texts = section_texts(outline, assembled.content)
    sections = [SectionText(section_id=name, text=text, replaces=True) for name, text in texts.items()]
    await append_events(connection, task_id, [SectionEvent(task_id=task_id, at=now(), sections=sections, final=True)])


def section_texts(outline: Outline, content: str) -> dict[str, str]:
    """The Markdown below each heading of an article, without footnote definitions, by section id."""
    texts: dict[str, list[str]] = {section.section_id: [] for section in outline.sections}
    headings = {f"{'#' * s.level} {escape(s.heading)}": s.section_id for s in outline.sections if s.heading}
    current = next((s.section_id for s in outline.sections if not s.heading), None)
    for block in content.strip().split("\n\n"):
        if block in headings:
            current = headings[block]
        elif current is not None and not block.startswith("[^"):
            texts[current].append(block)
    return {name: "\n\n".join(blocks) for name, blocks in texts.items()}


def draft_text(draft: SectionDraft) -> str:
    """A section as it was written, before it is set: plain paragraphs."""
    return "\n\n".join(join_sentences(s.text for s in paragraph.sentences) for paragraph in draft.paragraphs)


@dataclass(kw_only=True)
class _Section:
    """What one section's answer holds so far, and how much of it was told."""

    raw: str = ""  # as it came
    fixed: str | None = None  # as it was taken over: in place of `raw`
    told: str = ""
    begun: bool = False  # whether this process has told anything of it

    def news(self, show: Shown) -> tuple[SectionText | None, str]:
        """What is to be told, named later, and what then was told in all."""
        text = show(self.raw) if self.fixed is None else self.fixed
        if text == self.told:
            return None, text
        goes_on = self.begun and text.startswith(self.told)
        piece = text[len(self.told) :] if goes_on else text
        return SectionText(section_id="", text=piece, replaces=not goes_on), text


@dataclass(kw_only=True)
class _Running:
    """The sections of one task that are being written here."""

    sections: dict[str, _Section] = field(default_factory=dict)
    writing: asyncio.Task[None] | None = None
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    next_at: float = 0.0  # the loop's time before which nothing more is told


class SectionTexts:
    """Tells the text of sections as it is written, coalesced; one for all the tasks that run in this process.

    Args:
        database: Where events are kept.
        show: What may be shown of an unfinished answer.
    """

    def __init__(self, database: Database, *, show: Shown = str) -> None:
        self._database = database
        self._show = show
        self._tasks: dict[str, _Running] = {}

    def hear(self, task: Task, section_id: str) -> TextListener:
        """Who hears the answers that are made for a section."""
        return _Hearing(self, task.task_id, section_id)

    def written(self, task_id: str, draft: SectionDraft) -> None:
        """The section is written, and was checked by itself: this is its text until all are checked together."""
        self._section(task_id, draft.section_id).fixed = draft_text(draft)
        self._soon(task_id)

    def restarted(self, task_id: str, section_id: str) -> None:
        """An answer begins."""
        section = self._section(task_id, section_id)
        if section.raw or section.fixed is not None:
            section.raw, section.fixed = "", None
            self._soon(task_id)

    def heard(self, task_id: str, section_id: str, piece: str) -> None:
        """An answer goes on."""
        self._section(task_id, section_id).raw += piece
        self._soon(task_id)

    async def stop(self, task_id: str) -> None:
        """Tell nothing more of a task, also not what waits; what is being written then is written to its end.

        Called before what all sections hold in the end is told, and where the task ends.
        """
        running = self._tasks.pop(task_id, None)
        if running is None or running.writing is None:
            return
        running.stopped.set()
        _, late = await asyncio.wait({running.writing}, timeout=_AWAY_SECONDS)
        for writing in late:  # the database does not answer
            writing.cancel()
            await asyncio.wait({writing})

    def _section(self, task_id: str, section_id: str) -> _Section:
        return self._tasks.setdefault(task_id, _Running()).sections.setdefault(section_id, _Section())

    def _soon(self, task_id: str) -> None:
        running = self._tasks[task_id]
        if running.writing is None or running.writing.done():
            running.writing = asyncio.create_task(self._write(task_id, running))

    async def _write(self, task_id: str, running: _Running) -> None:
        """Tell what is new, again until nothing is; at most one event in `INTERVAL`."""
        clock = asyncio.get_running_loop().time
        while not await _within(running.stopped, running.next_at - clock()):
            news = {name: section.news(self._show) for name, section in running.sections.items()}
            pieces = [p.model_copy(update={"section_id": name}) for name, (p, _) in news.items() if p is not None]
            if not pieces:
                return
            try:
                if not await self._append(task_id, pieces):  # the task has ended
                    return
            except ClaimLost:
                return
            except DatabaseError as error:
                get_logger(__name__).warning("text_not_told", task_id=task_id, reason=error.message)
                running.next_at = clock() + _AWAY_SECONDS
                continue
            running.next_at = clock() + INTERVAL
            for name, (piece, text) in news.items():
                if piece is not None:
                    running.sections[name].told, running.sections[name].begun = text, True

    async def _append(self, task_id: str, pieces: Sequence[SectionText]) -> bool:
        event = SectionEvent(task_id=task_id, at=now(), sections=list(pieces), final=False)
        async with self._database.write() as connection:
            return await append_events(connection, task_id, [event])


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event comes within so many seconds."""
    if seconds > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


class _Hearing:
    """Implements `ports.TextListener` for one section."""

    def __init__(self, texts: SectionTexts, task_id: str, section_id: str) -> None:
        self._texts = texts
        self._task_id = task_id
        self._section_id = section_id

    def restart(self) -> None:
        """An answer begins."""
        self._texts.restarted(self._task_id, self._section_id)

    def piece(self, text: str) -> None:
        """The answer goes on."""
        self._texts.heard(self._task_id, self._section_id, text)
