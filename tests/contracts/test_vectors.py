"""Vectors of a task's passages: asked for once, kept, and never what an article waits for."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.cutting import a_brief, a_passage
from support.stored import stored_account, stored_task

from copydesk.adapters.llm.scripted_embeddings import ScriptedEmbedder
from copydesk.domain.source import Passage
from copydesk.errors import LlmError
from copydesk.evidence.meaning import Meaning
from copydesk.pipeline import vectors as vectors_module
from copydesk.pipeline.vectors import FAILED, Vectors
from copydesk.ports import Embedded
from copydesk.store.database import Database
from copydesk.store.tasks import load_task

BRIEF = a_brief("coffee in Ethiopia", "coffee")
PASSAGES = [a_passage(n, f"Passage number {n} tells of coffee and of the hills.") for n in range(40)]


async def ask(database: Database, task_id: str, embedder: ScriptedEmbedder, **changes: float) -> Meaning | None:
    """The vectors of a task, as a worker that starts anew would get them."""
    made = Vectors(embedder=embedder, database=database, seconds=changes.get("seconds", 10))
    return await made.of_task(task_id, BRIEF, PASSAGES)


async def codes_of(database: Database, task_id: str) -> list[str]:
    """The codes of a task's warnings."""
    async with database.read() as connection:
        task = await load_task(connection, task_id)
    assert task is not None
    return [warning.code for warning in task.warnings]


@pytest.fixture
async def task_id(database: Database) -> str:
    """A task that is there."""
    return await stored_task(database, await stored_account(database))


async def test_passages_and_brief_are_embedded_in_batches_once(database: Database, task_id: str) -> None:
    """The brief, and all passages in as few calls as the model takes; a second run asks for nothing."""
    first, again = ScriptedEmbedder(), ScriptedEmbedder()
    meaning = await ask(database, task_id, first)
    assert meaning is not None
    assert set(meaning.passages) == {passage.passage_id for passage in PASSAGES}
    assert sorted(len(call) for call in first.calls) == [1, 8, 16, 16]
    kept = await ask(database, task_id, again)
    assert kept is not None
    assert again.calls == []
    assert all((kept.passages[name] == vector).all() for name, vector in meaning.passages.items())


async def test_finished_calls_are_not_paid_twice_when_a_run_broke_off(database: Database, task_id: str) -> None:
    """What was answered before the process died is kept; only the rest is asked for."""
    dying = ScriptedEmbedder(fails_after=2, error=ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await ask(database, task_id, dying)
    rest = ScriptedEmbedder()
    assert await ask(database, task_id, rest) is not None
    asked = [text for call in (*dying.calls, *rest.calls) for text in call]
    assert len(asked) == len(set(asked)) == len(PASSAGES) + 1


async def test_a_failing_model_is_a_warning_when_evidence_is_ranked(database: Database, task_id: str) -> None:
    """The evidence is ranked by words, the task says so once, and a later run ranks the same."""
    failing = ScriptedEmbedder(fails_after=1, error=LlmError("The endpoint is away."))
    assert await ask(database, task_id, failing) is None
    assert await ask(database, task_id, ScriptedEmbedder()) is None
    assert await codes_of(database, task_id) == [FAILED]


class Slow(ScriptedEmbedder):
    """Answers after a minute."""

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Embedded:
        """As any other, much later."""
        await asyncio.sleep(60)
        return await super().embed(texts, query=query)


async def test_a_slow_model_is_given_up_when_its_time_is_over(database: Database, task_id: str) -> None:
    """No article waits longer than the setting says."""
    async with asyncio.timeout(10):
        assert await ask(database, task_id, Slow(), seconds=0.2) is None
    assert await codes_of(database, task_id) == [FAILED]


async def test_equal_texts_and_other_languages_are_not_asked_for(database: Database, task_id: str) -> None:
    """A text that stands twice costs once; passages that cannot be used have no vector."""
    embedder = ScriptedEmbedder()
    passages: list[Passage] = [PASSAGES[0], replace(PASSAGES[0], passage_id="s1p0"), a_passage(7, "Ja.", language="de")]
    meaning = await Vectors(embedder=embedder, database=database, seconds=10).of_task(task_id, BRIEF, passages)
    assert meaning is not None
    assert set(meaning.passages) == {"s0p0", "s1p0"}
    assert sum(len(call) for call in embedder.calls) == 2


async def test_of_very_many_passages_the_first_of_every_source_are_embedded(database: Database, task_id: str) -> None:
    """The rest is ranked by words."""
    count = vectors_module.MAX_PASSAGES // 2 + 10
    passages = [a_passage(n, f"Passage {n} of {source}.", source=source) for source in range(2) for n in range(count)]
    meaning = await Vectors(embedder=ScriptedEmbedder(), database=database, seconds=60).of_task(
        task_id, BRIEF, passages
    )
    assert meaning is not None
    assert len(meaning.passages) == vectors_module.MAX_PASSAGES
    assert "s1p0" in meaning.passages
    assert f"s0p{count - 1}" not in meaning.passages
