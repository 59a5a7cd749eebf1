"""What a whole task tells, from its acceptance to its end, on SQLite and on Postgres."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from support.desk import SAMPLES, Desk, open_desk

from copydesk.adapters.llm.faults import Fault
from copydesk.adapters.llm.scripted import Pace, ScriptedEndpoint, serve_endpoint
from copydesk.adapters.llm.scripted_text import Asked
from copydesk.domain.task import Task, TaskStatus
from copydesk.pipeline.events import INTERVAL, section_texts
from copydesk.settings import Settings
from copydesk.wire.events import (
    EndEvent,
    Event,
    OutlineEvent,
    SectionEvent,
    SourceEvent,
    StageEvent,
    StatusEvent,
)

FILES = ("carbon-cycle.docx", "reading-the-record.txt")


async def heard(desk: Desk, task: Task) -> list[Event]:
    """Every event of a task, to its end."""
    followed = await desk.services.events.follow(account_id=desk.key.account_id, task_id=task.task_id, after=None)
    assert followed is not None
    async with asyncio.timeout(100):
        return [event async for event in followed if event is not None]


async def submit(desk: Desk, *, low: int = 250, high: int = 330) -> Task:
    """A task with two files."""
    return await desk.submit(
        user_prompt="The Keeling Curve and the carbon cycle, for curious readers",
        uploaded_files=[{"file_id": await desk.upload(SAMPLES / name)} for name in FILES],
        min_words=low,
        max_words=high,
    )


def shown(events: list[Event], *, until: int | None = None) -> dict[str, str]:
    """The sections as a listener has them, in the end or after the event with a sequence."""
    texts: dict[str, str] = {}
    for event in events:
        if isinstance(event.data, SectionEvent) and (until is None or event.sequence <= until):
            for section in event.data.sections:
                before = "" if section.replaces else texts.get(section.section_id, "")
                texts[section.section_id] = before + section.text
    return texts


@dataclass(kw_only=True)
class Streaming:
    """A desk whose model streams."""

    desk: Desk
    endpoint: ScriptedEndpoint


@asynccontextmanager
async def streaming(settings: Settings, **changes: object) -> AsyncIterator[Streaming]:
    """Run a desk over the scripted endpoint, at a pace at which sections take a second or two."""
    endpoint = ScriptedEndpoint(pace=Pace(first_token=0.1, per_second=60))
    async with serve_endpoint(endpoint) as url:
        changed = settings.model_copy(
            update={
                "model": "scripted",
                "model_base_url": url,
                "model_tries": 2,
                "model_seconds": 30,
                "model_silence": 10,
                **changes,
            }
        )
        async with open_desk(changed) as desk:
            yield Streaming(desk=desk, endpoint=endpoint)


async def test_story_is_whole_when_an_article_is_written_without_a_model(desk_settings: Settings) -> None:
    """Status, every stage from running to done, every source found, read and decided, outline, text, one end."""
    async with open_desk(desk_settings) as desk:
        task = await submit(desk)
        events = await heard(desk, task)
        done, _ = await desk.get(task.task_id)
        sources = await desk.sources(task.task_id)
        article = await desk.article(task.task_id)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert [e.data.status.value for e in events if isinstance(e.data, StatusEvent)] == [
        "pending",
        "processing",
        "completed",
    ]
    assert [isinstance(event.data, EndEvent) for event in events].index(True) == len(events) - 1
    end = events[-1].data
    assert isinstance(end, EndEvent)
    assert (end.article_ids, end.percent) == ([article.article_id], 100)
    stages = [e.data for e in events if isinstance(e.data, StageEvent)]
    for state in done.stages:
        told = [(stage.status, stage.detail) for stage in stages if stage.stage is state.name]
        assert told[-1] == (state.status, state.detail)
    assert [stage.percent for stage in stages] == sorted(stage.percent for stage in stages)
    told_sources = [e.data for e in events if isinstance(e.data, SourceEvent)]
    for source in sources:
        mine = [told for told in told_sources if told.source_id == source.source_id]
        assert [mine[0].passages, mine[0].disposition] == [None, None]
        assert any(told.passages for told in mine)
        assert mine[-1].disposition is source.disposition
    (outline,) = [e.data for e in events if isinstance(e.data, OutlineEvent)]
    assert outline.title == article.outline.title
    assert [(s.section_id, s.words) for s in outline.sections] == [
        (s.section_id, s.words) for s in article.outline.sections
    ]
    assert shown(events) == section_texts(article.outline, article.content)
    texts = [shown(events)[section.section_id] for section in article.outline.sections]
    assert "\n\n".join(text for text in texts if text)[:40] == article.content[:40]


async def test_text_streams_when_a_model_writes(desk_settings: Settings) -> None:
    """Sections grow while they are written, side by side, in at most four events a second; the checked text is last."""
    async with streaming(desk_settings) as bench:
        task = await submit(bench.desk)
        events = await heard(bench.desk, task)
        article = await bench.desk.article(task.task_id)
    texts = [e for e in events if isinstance(e.data, SectionEvent)]
    *growing, last = [e.data for e in texts if isinstance(e.data, SectionEvent)]
    assert last.final
    assert not any(data.final for data in growing)
    assert len(growing) >= 4  # it took a second or more to write
    assert any(len(data.sections) > 1 for data in growing)
    moments = [data.at for data in growing]
    assert all((b - a).total_seconds() >= INTERVAL for a, b in itertools.pairwise(moments))
    assert "[" not in "".join(section.text for data in growing for section in data.sections)
    assert shown(events) == section_texts(article.outline, article.content)


async def test_text_is_right_when_a_stream_is_cut(desk_settings: Settings) -> None:
    """A try that broke off is void: what is shown then is never its beginning twice, and in the end the article."""
    cut: list[str] = []

    def choose(_number: int, asked: Asked) -> Fault | None:
        if asked.kind == "section" and len(cut) < 2:
            cut.append(asked.prompt)
            return Fault.RESET_IN_STREAM
        return None

    async with streaming(desk_settings, retry_pause=0.1) as bench:
        bench.endpoint.choose = choose
        task = await submit(bench.desk)
        events = await heard(bench.desk, task)
        article = await bench.desk.article(task.task_id)
    assert len(cut) == 2
    assert shown(events) == section_texts(article.outline, article.content)
    for event in events:
        for text in shown(events, until=event.sequence).values():
            opening = text[:40]
            assert len(opening) < 40 or text.count(opening) == 1, text


@pytest.mark.parametrize("how", ["cancelled", "failed"])
async def test_one_end_is_told_when_a_task_ends_early(desk_settings: Settings, how: str) -> None:
    """After the end of a cancelled or failed task nothing is told, though its model was still writing."""
    async with streaming(desk_settings, task_tries=1) as bench:
        if how == "failed":
            bench.endpoint.choose = lambda _n, asked: Fault.BAD_KEY if asked.kind == "section" else None
        else:
            bench.endpoint.pace = replace(bench.endpoint.pace, per_second=10)
        task = await submit(bench.desk)
        listening = asyncio.create_task(heard(bench.desk, task))
        if how == "cancelled":
            async with asyncio.timeout(60):
                while not bench.endpoint.running:  # noqa: ASYNC110 - the endpoint tells nobody
                    await asyncio.sleep(0.05)
            await asyncio.sleep(1)
            await bench.desk.services.tasks.cancel(account_id=bench.desk.key.account_id, task_id=task.task_id)
        events = await listening
        ended = await bench.desk.ended(task.task_id)
        await asyncio.sleep(0.5)
        again = await heard(bench.desk, task)
    assert ended.status is TaskStatus(how)
    assert [event.sequence for event in again] == [event.sequence for event in events]
    ends = [event.data for event in again if isinstance(event.data, EndEvent)]
    assert [(end.status.value, end.error is None) for end in ends] == [(how, how == "cancelled")]
    assert isinstance(again[-1].data, EndEvent)
