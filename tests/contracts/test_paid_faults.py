"""What was bought is not bought again, whatever happens while it is in flight, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from support.hearing import Hearing
from support.paying import ANSWER, CALL, Counting, paid, running_task, usage_of

from copydesk.errors import DatabaseError, LlmError
from copydesk.pipeline.paid import Entry, Flights, Purses
from copydesk.ports import ModelAnswer
from copydesk.store.database import Database


class Flaky(Database):
    """A database that is away, for writing, as often as `away` says."""

    away = 0

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """As the database, or not at all."""
        if self.away:
            self.away -= 1
            message = "away"
            raise DatabaseError(message)
        async with super().write() as connection:
            yield connection


async def test_answer_is_kept_in_memory_when_the_database_is_away(database_url: str) -> None:
    """It is entered when the database is back, not bought again."""
    database = Flaky(database_url)
    try:
        task, model = await running_task(database), Counting()
        database.away = 2
        answer = await paid(model, database, task).complete(CALL)
        assert (answer.text, len(model.calls), database.away) == ("answer 1", 1, 0)
        assert (await usage_of(database, task)).llm_calls == 1
    finally:
        await database.close()


async def test_call_in_flight_is_shared_when_a_step_makes_it_again(database: Database) -> None:
    """A step that is tried again while its earlier call still runs waits for that one's answer."""
    task, model, purses = await running_task(database), Counting(wait=asyncio.Event()), Purses()
    heard = Hearing()
    first = asyncio.create_task(paid(model, database, task, purses).complete(CALL))
    await until_called(model)
    second = asyncio.create_task(paid(model, database, task, purses).complete(CALL, on_text=heard))
    await asyncio.sleep(0.2)
    assert model.wait is not None
    model.wait.set()
    answers = await asyncio.gather(first, second)
    assert [answer.text for answer in answers] == ["answer 1", "answer 1"]
    assert (len(model.calls), heard.answers) == (1, ["answer 1"])


async def test_call_goes_on_when_one_of_two_that_wait_is_cancelled(database: Database) -> None:
    """It ends with the last of them, and then leaves nothing behind."""
    task, model, purses = await running_task(database), Counting(wait=asyncio.Event()), Purses()
    jobs = [asyncio.create_task(paid(model, database, task, purses).complete(CALL)) for _ in range(2)]
    await until_called(model)
    await asyncio.sleep(0.2)
    jobs[0].cancel()
    await asyncio.sleep(0.1)
    assert not jobs[1].done()
    jobs[1].cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    assert model.ended == 1
    assert (await usage_of(database, task)).llm_calls == 0


async def test_both_hear_of_it_when_a_shared_call_fails(database: Database) -> None:
    """And the next call is a new one."""
    task, model, purses = await running_task(database), Counting(failing=1, hold=0.3), Purses()
    jobs = [asyncio.create_task(paid(model, database, task, purses).complete(CALL)) for _ in range(2)]
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LlmError, LlmError]
    assert (await paid(model, database, task, purses).complete(CALL)).text == "answer 2"


async def test_call_is_begun_anew_when_the_one_in_flight_is_ending() -> None:
    """A run that takes a task up again in the same process does not get the end of the run before it."""
    flights, release = Flights(), asyncio.Event()
    entry = Entry(task_id="t", purpose="plan", request_sha256="0" * 64)
    begun = 0

    async def buy() -> ModelAnswer:
        nonlocal begun
        begun += 1
        if begun > 1:
            return ANSWER
        try:
            await asyncio.sleep(3_600)
        finally:
            await release.wait()  # its connection takes a while to close
        return ANSWER

    first = asyncio.create_task(flights.share(entry, buy))
    joined = asyncio.create_task(flights.share(entry, buy))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    (flight,) = (task for task in asyncio.all_tasks() if task.get_coro().__name__ == "buy")  # type: ignore[union-attr]
    flight.cancel()  # as the end of a run does
    assert await flights.share(entry, buy) == (ANSWER, True)
    release.set()
    assert [answer for answer, _ in (await first, await joined)] == [ANSWER, ANSWER]
    assert begun == 3  # the two that still wait share another


@pytest.mark.parametrize("again", [True, False])
async def test_call_has_a_key_of_its_own(database: Database, *, again: bool) -> None:
    """Sent again after a failure it has the same key; another task's equal call has another."""
    task, model = await running_task(database), Counting(failing=1)
    with pytest.raises(LlmError):
        await paid(model, database, task).complete(CALL)
    other = task if again else await running_task(database, account="other")
    await paid(model, database, other).complete(CALL)
    first, second = [call.key for call in model.calls]
    assert first is not None
    assert second is not None
    assert (first == second) is again


async def until_called(model: Counting) -> None:
    """Wait until the model was asked."""
    async with asyncio.timeout(20):
        while not model.calls:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
