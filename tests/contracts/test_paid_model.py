"""Model calls are paid for once and never beyond the ceiling, on both databases."""

import asyncio
from dataclasses import replace

import pytest
from support.hearing import Hearing
from support.paying import CALL, Counting, paid, running_task, usage_of

from copydesk.domain.clock import now
from copydesk.domain.task import Usage
from copydesk.errors import LlmError, WorkflowError
from copydesk.pipeline.paid import Purses
from copydesk.pipeline.progress import TaskEnded
from copydesk.ports import AnswerMode, ModelAnswer, ModelCall
from copydesk.store.database import Database
from copydesk.store.evidence import forget_text
from copydesk.store.tasks import cancel_task


async def test_call_is_paid_once_when_it_is_made_again(database: Database) -> None:
    """The same call of a later attempt, or process, gets the answer of the first; its text streams all the same."""
    task, model = await running_task(database), Counting()
    first = await paid(model, database, task).complete(CALL)
    heard = Hearing()
    again = await paid(model, database, task).complete(CALL, on_text=heard)
    assert (again, heard.answers, len(model.calls)) == (first, ["answer 1"], 1)
    assert await usage_of(database, task) == Usage(llm_calls=1, input_tokens=10, output_tokens=5, cost_usd=0.25)


@pytest.mark.parametrize(
    "other",
    [
        replace(CALL, purpose="section:s2"),
        replace(CALL, prompt="Coffee"),
        replace(CALL, max_tokens=101),
        replace(CALL, mode=AnswerMode.NATIVE, schema={"type": "object"}),
    ],
    ids=["purpose", "prompt", "limit", "mode"],
)
async def test_call_is_another_when_anything_of_it_differs(database: Database, other: ModelCall) -> None:
    """Only what is sent alike is answered alike."""
    task, model = await running_task(database), Counting()
    for call in (CALL, other):
        await paid(model, database, task).complete(call)
    assert len(model.calls) == 2
    assert (await usage_of(database, task)).llm_calls == 2


async def test_nothing_is_entered_when_a_call_fails(database: Database) -> None:
    """A failed call costs nothing here, and is made again."""
    task, model = await running_task(database), Counting(failing=1)
    with pytest.raises(LlmError):
        await paid(model, database, task).complete(CALL)
    assert await usage_of(database, task) == Usage()
    await paid(model, database, task).complete(CALL)
    assert (await usage_of(database, task)).llm_calls == 1


async def test_nothing_is_spent_when_the_task_was_cancelled(database: Database) -> None:
    """Before each call the task's status is read."""
    task, model = await running_task(database), Counting()
    async with database.write() as connection:
        await cancel_task(connection, account_id=task.account_id, task_id=task.task_id, at=now())
    with pytest.raises(TaskEnded):
        await paid(model, database, task).complete(CALL)
    assert model.calls == []


async def test_ceiling_holds_when_calls_are_made_side_by_side(database: Database) -> None:
    """Calls in flight count at their worst price: of five at 0.25 under a ceiling of 0.60, two begin."""
    release = asyncio.Event()
    task, model, purses = await running_task(database, ceiling=0.60), Counting(wait=release), Purses()
    calls = [replace(CALL, purpose=f"section:s{n}") for n in range(5)]
    jobs = [asyncio.create_task(paid(model, database, task, purses).complete(call)) for call in calls]
    async with asyncio.timeout(20):
        while sum(job.done() for job in jobs) < 3:  # noqa: ASYNC110 - three are refused while two wait
            await asyncio.sleep(0.01)
    release.set()
    answers = await asyncio.gather(*jobs, return_exceptions=True)
    assert sum(isinstance(answer, ModelAnswer) for answer in answers) == len(model.calls) == 2
    refused = [answer for answer in answers if isinstance(answer, WorkflowError)]
    assert len(refused) == 3
    assert "max_cost_usd" in refused[0].message
    assert (await usage_of(database, task)).cost_usd == 0.5
    with pytest.raises(WorkflowError):
        await paid(model, database, task).complete(replace(CALL, purpose="seo"))


async def test_task_fails_when_no_price_is_known_and_a_ceiling_is_set(database: Database) -> None:
    """A ceiling that nobody can hold is refused; without one the cost is shown as unknown."""
    task, model = await running_task(database, ceiling=1.0), Counting(price=None)
    with pytest.raises(WorkflowError, match="no price of counting is known"):
        await paid(model, database, task).complete(CALL)
    free = replace(task, input=replace(task.input, max_cost_usd=None))
    await paid(model, database, free).complete(CALL)
    assert (await usage_of(database, task)).cost_usd is None


async def test_answers_are_gone_when_the_article_is_deleted(database: Database) -> None:
    """The text goes, what it cost stays."""
    task, model = await running_task(database), Counting()
    await paid(model, database, task).complete(CALL)
    async with database.write() as connection:
        await forget_text(connection, task.task_id)
    assert (await paid(model, database, task).complete(CALL)).text == ""
    assert (await usage_of(database, task)).cost_usd == 0.25
