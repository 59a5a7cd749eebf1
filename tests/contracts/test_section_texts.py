"""Text of sections is told as it is written: coalesced, in order, never after the end; on both databases."""

import asyncio
import itertools
from datetime import datetime

import pytest
from sqlalchemy import text
from support.paying import running_task

from copydesk.domain.article import Paragraph, SectionDraft, Sentence
from copydesk.domain.clock import now
from copydesk.domain.task import Task
from copydesk.pipeline.events import INTERVAL, SectionTexts
from copydesk.store.database import Database
from copydesk.store.events import list_events
from copydesk.store.tasks import cancel_task
from copydesk.wire.events import SectionEvent
from copydesk.writers.model.streaming import shown_so_far


async def told(database: Database, task: Task) -> list[SectionEvent]:
    """The events of text so far."""
    async with database.read() as connection:
        events = await list_events(connection, task.task_id, after=0)
    return [event.data for event in events if isinstance(event.data, SectionEvent)]


def shown(events: list[SectionEvent]) -> dict[str, str]:
    """What a listener shows after them."""
    texts: dict[str, str] = {}
    for section in (section for event in events for section in event.sections):
        texts[section.section_id] = ("" if section.replaces else texts.get(section.section_id, "")) + section.text
    return texts


async def until_told(database: Database, task: Task, texts: dict[str, str]) -> list[SectionEvent]:
    """Wait until a listener shows these texts."""
    async with asyncio.timeout(20):
        while shown(events := await told(database, task)) != texts:  # noqa: ASYNC110 - the table tells nobody
            await asyncio.sleep(0.05)
    return events


def apart(moments: list[datetime]) -> list[float]:
    """Seconds between each two."""
    return [(later - one).total_seconds() for one, later in itertools.pairwise(moments)]


async def test_text_is_coalesced_when_many_sections_stream(database: Database) -> None:
    """At most four events a second for all sections together, each section's text whole and in order."""
    assert INTERVAL == 0.25
    task, texts = await running_task(database), SectionTexts(database)
    listeners = {f"s{n}": texts.hear(task, f"s{n}") for n in range(6)}
    for listener in listeners.values():
        listener.restart()
    for number in range(60):
        for listener in listeners.values():
            listener.piece(f"word{number} ")
        await asyncio.sleep(0.03)
    expected = "".join(f"word{number} " for number in range(60))
    events = await until_told(database, task, dict.fromkeys(listeners, expected))
    assert 3 <= len(events) <= 12
    assert min(apart([event.at for event in events])) >= INTERVAL
    await texts.stop(task.task_id)


async def test_text_is_told_anew_when_another_try_begins(database: Database) -> None:
    """What was shown of a cut answer is void at once, and the next answer stands alone."""
    task, texts = await running_task(database), SectionTexts(database)
    listener = texts.hear(task, "s1")
    listener.restart()
    listener.piece("The first try was c")
    await until_told(database, task, {"s1": "The first try was c"})
    listener.restart()
    await until_told(database, task, {"s1": ""})
    listener.piece("The second")
    listener.piece(" try held.")
    await until_told(database, task, {"s1": "The second try held."})
    await texts.stop(task.task_id)


async def test_other_process_replaces_what_was_told_when_it_takes_over(database: Database) -> None:
    """Whoever goes on with a task does not know what was shown: its first words replace it."""
    task = await running_task(database)
    for words in ("By the first process", "By the second"):
        texts = SectionTexts(database)
        listener = texts.hear(task, "s1")
        listener.restart()
        listener.piece(words)
        await until_told(database, task, {"s1": words})
        await texts.stop(task.task_id)


async def test_section_is_told_whole_when_it_is_written(database: Database) -> None:
    """The text that was taken over replaces the raw answer, marks and thoughts and all."""
    task, texts = await running_task(database), SectionTexts(database, show=shown_so_far)
    listener = texts.hear(task, "s1")
    listener.restart()
    listener.piece("<think>SECRET</think>The air [1] ho")
    await until_told(database, task, {"s1": "The air ho"})
    sentences = (Sentence(text="The air holds more.", passage_ids=("s1p1",)), Sentence(text="It rises."))
    texts.written(
        task.task_id,
        SectionDraft(section_id="s1", heading="Air", level=2, paragraphs=(Paragraph(sentences=sentences),)),
    )
    events = await until_told(database, task, {"s1": "The air holds more. It rises."})
    assert "SECRET" not in str(events)
    await texts.stop(task.task_id)


async def test_nothing_is_told_when_the_task_has_ended(database: Database) -> None:
    """A piece that comes after a cancel is dropped."""
    task, texts = await running_task(database), SectionTexts(database)
    async with database.write() as connection:
        await cancel_task(connection, account_id=task.account_id, task_id=task.task_id, at=now())
    texts.hear(task, "s1").piece("too late")
    await asyncio.sleep(0.3)
    assert await told(database, task) == []
    await texts.stop(task.task_id)


async def test_what_waits_is_dropped_when_the_telling_stops(database: Database) -> None:
    """After `stop` nothing of the pieces before it is told: the checked text comes next."""
    task, texts = await running_task(database), SectionTexts(database)
    listener = texts.hear(task, "s1")
    listener.piece("told ")
    await until_told(database, task, {"s1": "told "})
    listener.piece("not told")
    await texts.stop(task.task_id)
    await asyncio.sleep(0.4)
    assert shown(await told(database, task)) == {"s1": "told "}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_text_is_told_later_when_the_database_was_away(database: Database) -> None:
    """Nothing that could not be written is lost: it is told when the table is back."""
    task, texts = await running_task(database), SectionTexts(database)
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE task_events RENAME TO away"))
    listener = texts.hear(task, "s1")
    listener.piece("one ")
    await asyncio.sleep(0.3)
    listener.piece("two")
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO task_events"))
    await until_told(database, task, {"s1": "one two"})
    await texts.stop(task.task_id)
