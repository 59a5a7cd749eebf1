"""Model calls that are paid for once: looked up before, entered after, and never started beyond the task's ceiling."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from weakref import WeakValueDictionary

from copydesk.domain.task import Task
from copydesk.errors import WorkflowError
from copydesk.pipeline.progress import TaskEnded
from copydesk.ports import AnswerMode, LanguageModel, ModelAnswer, ModelCall, TextListener
from copydesk.store.calls import find_call, put_call, spent
from copydesk.store.database import Database
from copydesk.store.tasks import is_running


class Purse:
    """What a task may still spend, calls in flight counted at their worst price.

    Args:
        ceiling: US dollars, in all.
        spent: What the task's finished calls cost.
    """

    def __init__(self, ceiling: Decimal, spent: Decimal) -> None:
        self._ceiling = ceiling
        self._spent = spent
        self._reserved = Decimal(0)

    @contextmanager
    def reserve(self, amount: Decimal) -> Iterator[None]:
        """Hold `amount` until the block ends; what was really spent is to be settled within it.

        Raises:
            WorkflowError: The ceiling could be passed.
        """
        if self._spent + self._reserved + amount > self._ceiling:
            message = (
                f"The task may cost {self._ceiling} US dollars (max_cost_usd); {self._spent:.4f} are spent, "
                f"{self._reserved:.4f} are held for calls in flight, and the next one could cost {amount:.4f}. "
                "Raise max_cost_usd, or ask for fewer words."
            )
            raise WorkflowError(message)
        self._reserved += amount
        try:
            yield
        finally:
            self._reserved -= amount

    def settle(self, cost: Decimal) -> None:
        """Count what a finished call cost."""
        self._spent += cost


class Purses:
    """The purses of the tasks that run here, each shared by the calls of its task that are in flight."""

    def __init__(self) -> None:
        self._open: WeakValueDictionary[str, Purse] = WeakValueDictionary()

    def open(self, task: Task, spent: Decimal) -> Purse | None:
        """The task's purse, a new one with what is `spent` where no call is in flight; None without a ceiling."""
        if task.input.max_cost_usd is None:
            return None
        purse = self._open.get(task.task_id)
        if purse is None:
            purse = self._open[task.task_id] = Purse(Decimal(str(task.input.max_cost_usd)), spent)
        return purse


class PaidModel:
    """Implements `ports.LanguageModel` for one task, over the model that answers."""

    def __init__(self, model: LanguageModel, *, database: Database, task: Task, purses: Purses) -> None:
        self._model = model
        self._database = database
        self._task = task
        self._purses = purses

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    @property
    def window(self) -> int:
        """The model's."""
        return self._model.window

    @property
    def modes(self) -> tuple[AnswerMode, ...]:
        """The model's."""
        return self._model.modes

    def worst_price(self, call: ModelCall) -> Decimal | None:
        """The model's."""
        return self._model.worst_price(call)

    async def complete(self, call: ModelCall, *, on_text: TextListener | None = None) -> ModelAnswer:
        """The answer that is in the ledger, else one that is bought now and entered.

        Raises:
            TaskEnded: The task was cancelled, or has ended otherwise: nothing more is spent.
            WorkflowError: The call could pass the task's ceiling.
            LlmError: As the model.
        """
        key = {"task_id": self._task.task_id, "purpose": call.purpose, "request_sha256": _digest(self.name, call)}
        async with self._database.read() as connection:
            known = await find_call(connection, **key)
            if known is None and not await is_running(connection, self._task.task_id):
                raise TaskEnded
            already = await spent(connection, self._task.task_id)
        if known is not None:
            if on_text is not None:
                on_text.restart()
                on_text.piece(known.text)
            return known
        purse = self._purses.open(self._task, already)
        with purse.reserve(self._priced(call)) if purse is not None else nullcontext():
            answer = await self._model.complete(call, on_text=on_text)
            async with self._database.write() as connection:
                await put_call(connection, **key, answer=answer)
            if purse is not None:
                purse.settle(answer.usage.cost_usd or Decimal(0))
        return answer

    def _priced(self, call: ModelCall) -> Decimal:
        price = self._model.worst_price(call)
        if price is None:
            message = (
                f"max_cost_usd cannot be held: no price of {self.name} is known. Leave it out, or use another model."
            )
            raise WorkflowError(message)
        return price


def _digest(model: str, call: ModelCall) -> str:
    """Of everything that decides the answer."""
    said = [model, call.instructions, call.prompt, call.max_tokens, call.fast, call.mode.value, call.schema]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=dict).encode()).hexdigest()
