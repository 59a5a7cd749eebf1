"""Model calls that are paid for once: looked up before, entered after, and never started beyond the task's ceiling."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy.exc import IntegrityError

from copydesk.domain.task import Task
from copydesk.engine.durable import start_in_run
from copydesk.errors import WorkflowError
from copydesk.pipeline.progress import TaskEnded
from copydesk.ports import AnswerMode, LanguageModel, ModelAnswer, ModelCall, TextListener
from copydesk.store.calls import find_call, put_call, spent
from copydesk.store.database import Database, patiently
from copydesk.store.fence import look_at_claim
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


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A call's place in the ledger: two calls with the same one are the same call."""

    task_id: str
    purpose: str
    request_sha256: str  # of everything that decides the answer

    @property
    def columns(self) -> dict[str, str]:
        """As the ledger names them."""
        return {"task_id": self.task_id, "purpose": self.purpose, "request_sha256": self.request_sha256}

    @property
    def key(self) -> str:
        """What a provider knows the call by, when it is sent again after a crash."""
        return hashlib.sha256(json.dumps([*self.columns.values()]).encode()).hexdigest()


@dataclass(kw_only=True)
class _Flight:
    answer: "asyncio.Task[ModelAnswer]"
    waiting: int = 0


class Flights:
    """The calls in flight here: one that is made again meanwhile, by a step that is tried again, gets its answer."""

    def __init__(self) -> None:
        self._flights: dict[Entry, _Flight] = {}

    async def share(
        self, entry: Entry, buy: Callable[[], Coroutine[Any, Any, ModelAnswer]]
    ) -> tuple[ModelAnswer, bool]:
        """The answer of the call that is in flight, else of one that begins now; and whether it was the latter.

        A call that nobody waits for any more is ended, and so its connection.
        """
        while True:
            flight = self._flights.get(entry)
            begins = flight is None or flight.answer.cancelling() > 0
            if flight is None or begins:
                flight = self._begin(entry, buy)
            try:
                return await self._wait_for(flight), begins
            except asyncio.CancelledError:
                # It may have ended with the run that began it, while the one that asks here goes on.
                if not flight.answer.cancelled() or _is_being_cancelled():
                    raise

    def _begin(self, entry: Entry, buy: Callable[[], Coroutine[Any, Any, ModelAnswer]]) -> _Flight:
        flight = self._flights[entry] = _Flight(answer=start_in_run(buy()))

        def forget(_: "asyncio.Task[ModelAnswer]") -> None:
            if self._flights.get(entry) is flight:
                del self._flights[entry]

        flight.answer.add_done_callback(forget)
        return flight

    @staticmethod
    async def _wait_for(flight: _Flight) -> ModelAnswer:
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.answer)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.answer.done():
                flight.answer.cancel()
                await asyncio.wait({flight.answer})


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Purses:
    """The purses of the tasks that run here, each shared by the calls of its task that are in flight."""

    def __init__(self) -> None:
        self.flights = Flights()
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
        entry = Entry(task_id=self._task.task_id, purpose=call.purpose, request_sha256=_digest(self.name, call))
        known, already = await patiently(lambda: self._look_up(entry))
        heard = on_text is None
        if known is None:
            known, heard = await self._purses.flights.share(
                entry, lambda: self._buy(replace(call, key=entry.key), entry, already, on_text)
            )
        if on_text is not None and not heard:
            on_text.restart()
            on_text.piece(known.text)
        return known

    async def _look_up(self, entry: "Entry") -> tuple[ModelAnswer | None, Decimal]:
        """The answer, if the ledger has it, and what the task has spent; raises where nothing more may be spent."""
        async with self._database.read() as connection:
            known = await find_call(connection, **entry.columns)
            if known is None:
                await look_at_claim(connection)
                if not await is_running(connection, entry.task_id):
                    raise TaskEnded
            return known, await spent(connection, entry.task_id)

    async def _buy(
        self, call: ModelCall, entry: "Entry", already: Decimal, on_text: TextListener | None
    ) -> ModelAnswer:
        purse = self._purses.open(self._task, already)
        worst = self._priced(call) if purse is not None else Decimal(0)
        with purse.reserve(worst) if purse is not None else nullcontext():
            answer = await self._model.complete(call, on_text=on_text)
            await patiently(lambda: self._enter(entry, answer))
            if purse is not None:
                purse.settle(worst if answer.usage.cost_usd is None else answer.usage.cost_usd)
        return answer

    async def _enter(self, entry: "Entry", answer: ModelAnswer) -> None:
        try:
            async with self._database.write() as connection:
                await put_call(connection, **entry.columns, answer=answer)
        except IntegrityError:
            return  # an earlier try was stored after all: its connection broke before it could say so

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
