"""A counted model, and a task that pays for its calls."""

import asyncio
from dataclasses import dataclass, field, replace
from decimal import Decimal

from support.stored import stored_account, stored_task

from copydesk.domain.clock import now
from copydesk.domain.task import Task, Usage
from copydesk.errors import LlmError
from copydesk.pipeline.paid import PaidModel, Purses
from copydesk.ports import AnswerMode, CallUsage, ModelAnswer, ModelCall, TextListener
from copydesk.store.database import Database
from copydesk.store.tasks import begin_task, load_task

CALL = ModelCall(purpose="section:s1", instructions="Write.", prompt="Tea", max_tokens=100)
ANSWER = ModelAnswer(
    text="answer",
    complete=True,
    usage=CallUsage(
        model="counting-1",
        input_tokens=10,
        output_tokens=5,
        cached_tokens=0,
        cost_usd=Decimal("0.25"),
        seconds=0.1,
        retries=0,
    ),
)


@dataclass(kw_only=True)
class Counting:
    """A model that counts its calls; `price` is what each costs, and may cost at most."""

    price: Decimal | None = Decimal("0.25")
    failing: int = 0  # calls that fail first
    wait: asyncio.Event | None = None  # answers come when it is set
    hold: float = 0.0  # seconds before a call fails or is answered
    ended: int = 0  # calls that were cancelled
    calls: list[ModelCall] = field(default_factory=list)
    name: str = "counting"
    window: int = 8_000
    modes: tuple[AnswerMode, ...] = (AnswerMode.TEXT,)

    def worst_price(self, call: ModelCall) -> Decimal | None:
        """The price."""
        del call
        return self.price

    async def complete(self, call: ModelCall, *, on_text: TextListener | None = None) -> ModelAnswer:
        """An answer that says which call it was."""
        self.calls.append(call)
        number = len(self.calls)
        try:
            await asyncio.sleep(self.hold)
            if number > self.failing and self.wait is not None:
                await self.wait.wait()
        except asyncio.CancelledError:
            self.ended += 1
            raise
        if number <= self.failing:
            message = "away"
            raise LlmError(message)
        if on_text is not None:
            on_text.restart()
            on_text.piece("answer")
        usage = replace(ANSWER.usage, cost_usd=self.price)
        return replace(ANSWER, text=f"answer {number}", usage=usage)


async def running_task(database: Database, *, ceiling: float | None = None, account: str = "acme") -> Task:
    """A task that is processing."""
    task_id = await stored_task(database, await stored_account(database, account))
    async with database.write() as connection:
        task = await load_task(connection, task_id)
        assert task is not None
        await begin_task(connection, workflow_id=task.workflow_id, at=now())
    return replace(task, input=replace(task.input, max_cost_usd=ceiling))


def paid(model: Counting, database: Database, task: Task, purses: Purses | None = None) -> PaidModel:
    """The model as the task's writer has it."""
    return PaidModel(model, database=database, task=task, purses=purses or Purses())


async def usage_of(database: Database, task: Task) -> Usage:
    """What the task shows."""
    async with database.read() as connection:
        stored = await load_task(connection, task.task_id)
    assert stored is not None
    return stored.usage
