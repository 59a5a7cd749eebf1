"""Vectors of a task's passages: asked for once, kept, and never what an article waits for."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from support.cutting import a_brief, a_passage
from support.paying import running_task, usage_of

from copydesk.adapters.llm.scripted_embeddings import ScriptedEmbedder
from copydesk.domain.clock import now
from copydesk.domain.source import Passage
from copydesk.domain.task import Task, Usage
from copydesk.errors import LlmError
from copydesk.evidence.meaning import Meaning
from copydesk.pipeline import vectors as vectors_module
from copydesk.pipeline.paid import Purses
from copydesk.pipeline.progress import TaskEnded
from copydesk.pipeline.vectors import FAILED, Vectors
from copydesk.ports import Embedded
from copydesk.store.database import Database
from copydesk.store.evidence import forget_text
from copydesk.store.schema import model_calls
from copydesk.store.tasks import cancel_task, load_task
from copydesk.store.usage import EMBED, list_days

BRIEF = a_brief("coffee in Ethiopia", "coffee")
PASSAGES = [a_passage(n, f"Passage number {n} tells of coffee and of the hills.") for n in range(40)]


async def ask(
    database: Database, task: Task, embedder: ScriptedEmbedder, *, seconds: float = 10, purses: Purses | None = None
) -> Meaning | None:
    """The vectors of a task, as a worker that starts anew would get them."""
    made = Vectors(embedder=embedder, database=database, seconds=seconds, purses=purses or Purses())
    return await made.of_task(task, BRIEF, PASSAGES)


async def codes_of(database: Database, task: Task) -> list[str]:
    """The codes of a task's warnings."""
    async with database.read() as connection:
        stored = await load_task(connection, task.task_id)
    assert stored is not None
    return [warning.code for warning in stored.warnings]


@pytest.fixture
async def task(database: Database) -> Task:
    """A task that is processing."""
    return await running_task(database)


async def test_passages_and_brief_are_embedded_in_batches_once(database: Database, task: Task) -> None:
    """The brief, and all passages in as few calls as the model takes; a second run asks for nothing."""
    first, again = ScriptedEmbedder(), ScriptedEmbedder()
    meaning = await ask(database, task, first)
    assert meaning is not None
    assert set(meaning.passages) == {passage.passage_id for passage in PASSAGES}
    assert sorted(len(call) for call in first.calls) == [1, 8, 16, 16]
    kept = await ask(database, task, again)
    assert kept is not None
    assert again.calls == []
    assert all((kept.passages[name] == vector).all() for name, vector in meaning.passages.items())


async def test_finished_calls_are_not_paid_twice_when_a_run_broke_off(database: Database, task: Task) -> None:
    """What was answered before the process died is kept; only the rest is asked for."""
    dying = ScriptedEmbedder(fails_after=2, error=ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await ask(database, task, dying)
    rest = ScriptedEmbedder()
    assert await ask(database, task, rest) is not None
    asked = [text for call in (*dying.calls, *rest.calls) for text in call]
    assert len(asked) == len(set(asked)) == len(PASSAGES) + 1


async def test_a_failing_model_is_a_warning_when_evidence_is_ranked(database: Database, task: Task) -> None:
    """The evidence is ranked by words, the task says so once, and a later run ranks the same."""
    failing = ScriptedEmbedder(fails_after=1, error=LlmError("The endpoint is away."))
    assert await ask(database, task, failing) is None
    assert await ask(database, task, ScriptedEmbedder()) is None
    assert await codes_of(database, task) == [FAILED]


class Slow(ScriptedEmbedder):
    """Answers after a minute."""

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Embedded:
        """As any other, much later."""
        await asyncio.sleep(60)
        return await super().embed(texts, query=query)


async def test_a_slow_model_is_given_up_when_its_time_is_over(database: Database, task: Task) -> None:
    """No article waits longer than the setting says."""
    async with asyncio.timeout(10):
        assert await ask(database, task, Slow(), seconds=0.2) is None
    assert await codes_of(database, task) == [FAILED]


async def test_equal_texts_and_other_languages_are_not_asked_for(database: Database, task: Task) -> None:
    """A text that stands twice costs once; passages that cannot be used have no vector."""
    embedder = ScriptedEmbedder()
    passages: list[Passage] = [PASSAGES[0], replace(PASSAGES[0], passage_id="s1p0"), a_passage(7, "Ja.", language="de")]
    meaning = await Vectors(embedder=embedder, database=database, seconds=10, purses=Purses()).of_task(
        task, BRIEF, passages
    )
    assert meaning is not None
    assert set(meaning.passages) == {"s0p0", "s1p0"}
    assert sum(len(call) for call in embedder.calls) == 2


async def test_of_very_many_passages_the_first_of_every_source_are_embedded(database: Database, task: Task) -> None:
    """The rest is ranked by words."""
    count = vectors_module.MAX_PASSAGES // 2 + 10
    passages = [a_passage(n, f"Passage {n} of {source}.", source=source) for source in range(2) for n in range(count)]
    meaning = await Vectors(embedder=ScriptedEmbedder(), database=database, seconds=60, purses=Purses()).of_task(
        task, BRIEF, passages
    )
    assert meaning is not None
    assert len(meaning.passages) == vectors_module.MAX_PASSAGES
    assert "s1p0" in meaning.passages
    assert f"s0p{count - 1}" not in meaning.passages


async def test_embedding_is_entered_in_the_ledger_when_it_is_done(database: Database, task: Task) -> None:
    """Tokens and cost of every call stand in the task's usage and in the account's day; a second run adds nothing."""
    embedder = ScriptedEmbedder(price=Decimal("0.001"))
    await ask(database, task, embedder)
    once = await usage_of(database, task)
    assert once.llm_calls == len(embedder.calls) == 4
    assert once.input_tokens == sum(len(text.split()) for call in embedder.calls for text in call)
    assert once.cost_usd == pytest.approx(once.input_tokens * 0.001)
    assert once.output_tokens == 0
    await ask(database, task, ScriptedEmbedder(price=Decimal("0.001")))
    assert await usage_of(database, task) == once
    today = now().date()
    async with database.read() as connection:
        days = await list_days(
            connection, account_id=task.account_id, first=today - timedelta(days=1), last=today + timedelta(days=1)
        )
        rows = (await connection.execute(model_calls.select())).all()
    assert [(day.model, day.totals.calls, day.totals.input_tokens) for day in days] == [
        ("scripted", 4, once.input_tokens)
    ]
    assert {(row.purpose, row.text) for row in rows} == {(EMBED, "")}


async def test_cost_is_unknown_when_the_price_of_embedding_is(database: Database, task: Task) -> None:
    """Null rather than nothing; and no ceiling stops what has no price."""
    limited = replace(task, input=replace(task.input, max_cost_usd=0.01))
    assert await ask(database, limited, ScriptedEmbedder()) is not None
    assert (await usage_of(database, task)).cost_usd is None


async def test_what_a_dead_run_paid_is_counted_once_when_it_is_taken_up(database: Database, task: Task) -> None:
    """Calls of both runs are in the usage, each text once."""
    dying = ScriptedEmbedder(fails_after=2, error=ZeroDivisionError(), price=Decimal(1))
    with pytest.raises(ZeroDivisionError):
        await ask(database, task, dying)
    rest = ScriptedEmbedder(price=Decimal(1))
    await ask(database, task, rest)
    used = await usage_of(database, task)
    assert used.llm_calls == len(dying.calls) + len(rest.calls)
    assert used.cost_usd == sum(len(text.split()) for call in (*dying.calls, *rest.calls) for text in call)


async def test_ceiling_holds_when_embedding_would_pass_it(database: Database, task: Task) -> None:
    """No call begins that could pass it; the evidence is ranked by words, with a warning that names the ceiling."""
    limited = replace(task, input=replace(task.input, max_cost_usd=0.2))
    embedder = ScriptedEmbedder(price=Decimal("0.001"))
    assert await ask(database, limited, embedder) is None
    spent = (await usage_of(database, task)).cost_usd
    assert spent is not None
    assert spent <= 0.2
    async with database.read() as connection:
        stored = await load_task(connection, task.task_id)
    assert stored is not None
    (warning,) = stored.warnings
    assert (warning.code, "max_cost_usd" in warning.message) == (FAILED, True)


async def test_ceiling_is_one_when_models_and_embedding_share_it(database: Database, task: Task) -> None:
    """What a model's call in flight holds is not there for embedding."""
    limited, purses = replace(task, input=replace(task.input, max_cost_usd=1.0)), Purses()
    purse = purses.open(limited, Decimal(0))
    assert purse is not None
    with purse.reserve(Decimal("0.95")):
        embedder = ScriptedEmbedder(price=Decimal("0.001"))
        assert await ask(database, limited, embedder, purses=purses) is None
    assert (await usage_of(database, task)).cost_usd == pytest.approx(_cost(embedder, 0.001))


async def test_nothing_is_embedded_when_the_task_was_cancelled(database: Database, task: Task) -> None:
    """Embedding is a paid call as any other: none begins after a cancel."""
    async with database.write() as connection:
        await cancel_task(connection, account_id=task.account_id, task_id=task.task_id, at=now())
    embedder = ScriptedEmbedder()
    with pytest.raises(TaskEnded):
        await ask(database, task, embedder)
    assert embedder.calls == []


async def test_a_later_attempt_embeds_again_when_vectors_are_gone(database: Database, task: Task) -> None:
    """What was cleared away is bought anew, and entered as what it is: paid twice."""
    await ask(database, task, ScriptedEmbedder(price=Decimal(1)))
    async with database.write() as connection:
        await forget_text(connection, task.task_id)
    again = ScriptedEmbedder(price=Decimal(1))
    assert await ask(database, replace(task, attempt=2), again) is not None
    assert (await usage_of(database, task)).llm_calls == 2 * len(again.calls)


async def test_usage_is_empty_when_embedding_fails(database: Database, task: Task) -> None:
    """A call that failed is not entered."""
    await ask(database, task, ScriptedEmbedder(fails_after=0, error=LlmError("The endpoint is away.")))
    assert await usage_of(database, task) == Usage()


def _cost(embedder: ScriptedEmbedder, price: float) -> float:
    return price * sum(len(text.split()) for call in embedder.calls for text in call)
