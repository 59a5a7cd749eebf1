"""Vectors of a task's passages: asked for once, kept with the task, and never needed."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from copydesk.domain.article import Notice
from copydesk.domain.brief import Brief
from copydesk.domain.language import same_language
from copydesk.domain.source import Passage
from copydesk.domain.task import Task
from copydesk.errors import LlmError, WorkflowError
from copydesk.evidence.meaning import Meaning, query_text
from copydesk.pipeline.paid import Purse, Purses
from copydesk.pipeline.progress import TaskEnded
from copydesk.ports import CallUsage, Embedded, Embedder, ModelAnswer
from copydesk.store import evidence as evidence_store
from copydesk.store.calls import put_call, spent
from copydesk.store.database import Database, patiently
from copydesk.store.fence import look_at_claim
from copydesk.store.tasks import add_warnings, is_running
from copydesk.store.usage import EMBED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_PASSAGES = 2_000  # a task's passages that get a vector: about 400,000 tokens
CONCURRENCY = 4  # calls to the model at the same time
FAILED = "EMBEDDINGS_FAILED"  # code of the warning
_OUTCOME = "vectors"  # names of stage results
_BATCHES = "vectors:"


class Vectors:
    """Asks an embedder for the vectors of tasks.

    Each finished call is stored before the next is needed, in one transaction with its entry in the ledger of paid
    calls: a recovery or a retry pays for none twice. The outcome is stored as well, so that the evidence is ranked the
    same each time, also where the model failed the first time.
    """

    def __init__(self, *, embedder: Embedder, database: Database, seconds: float, purses: Purses) -> None:
        """Take what is needed.

        Args:
            embedder: The model.
            database: Where results are kept.
            seconds: Time that all calls of a task may take together.
            purses: What tasks may still spend; embedding counts where its price is known.
        """
        self._embedder = embedder
        self._database = database
        self._seconds = seconds
        self._purses = purses

    async def of_task(self, task: Task, brief: Brief, passages: Sequence[Passage]) -> Meaning | None:
        """The vectors of a task's brief and passages; None, with a warning on the task, where the model failed.

        Raises:
            TaskEnded: The task was cancelled, or has ended otherwise: nothing more is spent.
        """
        asked = _asked(brief, passages)
        query = query_text(brief)
        async with self._database.read() as connection:
            outcome = await evidence_store.get_result(connection, task.task_id, _OUTCOME)
        if outcome is None:
            outcome = await self._embed(task, query, asked)
        if outcome["failed"]:
            return None
        known = await self._known(task.task_id)
        return Meaning(
            brief=_decoded(known[self._key(query, query=True)]),
            passages={
                passage.passage_id: _decoded(known[key])
                for passage in asked
                if (key := self._key(passage.text, query=False)) in known
            },
        )

    async def _embed(self, task: Task, query: str, passages: Sequence[Passage]) -> dict[str, Any]:
        """Ask for what is not known yet, and store how it went.

        A ceiling that embedding would pass ends no task: it is held, and the evidence is ranked without.
        """
        failed: str | None = None
        try:
            await self._ask_all(task, query, passages)
        except (LlmError, WorkflowError) as error:
            failed = error.message
        except TimeoutError:
            failed = f"{self._embedder.name} did not embed the passages within {self._seconds:g} seconds."
        outcome = {"model": self._embedder.name, "failed": failed}
        async with self._database.write() as connection:
            await evidence_store.put_result(connection, task.task_id, _OUTCOME, outcome)
            if failed is not None:
                message = f"{failed} The evidence was ranked by its words alone."
                notice = Notice(code=FAILED, subject=self._embedder.name, message=message)
                await add_warnings(connection, task_id=task.task_id, notices=(notice,))
        return outcome

    async def _ask_all(self, task: Task, query: str, passages: Sequence[Passage]) -> None:
        until = asyncio.get_running_loop().time() + self._seconds
        known = await self._known(task.task_id)
        async with self._database.read() as connection:
            purse = self._purses.open(task, await spent(connection, task.task_id))
        turn = asyncio.Semaphore(CONCURRENCY)
        failed: list[BaseException] = []

        async def ask(batch: _Batch) -> None:
            async with turn:
                if failed:
                    return  # the rest would be paid for and not used
                try:
                    await self._buy(task, batch, purse, until)
                except BaseException as error:
                    failed.append(error)
                    raise

        # Calls that are under way when one fails are awaited: they are paid for, and a later run may use them.
        batches = self._batches(query, passages, known)
        await asyncio.gather(*(ask(batch) for batch in batches), return_exceptions=True)
        if failed:
            raise failed[0]

    def _batches(self, query: str, passages: Sequence[Passage], known: Mapping[str, str]) -> "list[_Batch]":
        """The calls for what is not known; each text once."""
        texts = list(dict.fromkeys(passage.text for passage in passages))
        missing = [text for text in texts if self._key(text, query=False) not in known]
        size = self._embedder.batch
        batches = [
            _Batch(texts=tuple(missing[start : start + size]), query=False) for start in range(0, len(missing), size)
        ]
        if self._key(query, query=True) not in known:
            batches.insert(0, _Batch(texts=(query,), query=True))
        return batches

    async def _buy(self, task: Task, batch: "_Batch", purse: Purse | None, until: float) -> None:
        """Make one call, unless the task has ended, and enter what came of it."""
        async with self._database.read() as connection:
            await look_at_claim(connection)
            if not await is_running(connection, task.task_id):
                raise TaskEnded
        worst = self._embedder.worst_price(batch.texts) or Decimal(0)
        with purse.reserve(worst) if purse is not None else nullcontext():
            async with asyncio.timeout_at(until):
                answer = await self._embedder.embed(batch.texts, query=batch.query)
            await patiently(lambda: self._enter(task, batch, answer))
            if purse is not None:
                purse.settle(worst if answer.cost_usd is None else answer.cost_usd)

    async def _enter(self, task: Task, batch: "_Batch", answer: Embedded) -> None:
        """Store the vectors, and the call in the ledger: both or neither."""
        vectors = {
            self._key(text, query=batch.query): _encoded(vector)
            for text, vector in zip(batch.texts, answer.vectors, strict=True)
        }
        digest = sha256("".join(vectors).encode()).hexdigest()
        value = {"input_tokens": answer.input_tokens, "vectors": vectors}
        # Vectors may have been cleared away before a later attempt: what is bought anew is a call of its own.
        request = sha256(f"{task.attempt}\0{digest}".encode()).hexdigest()
        try:
            async with self._database.write() as connection:
                # First, since it locks the task's row: a result that refers to it would share the lock, and two that
                # share it would wait for each other.
                await put_call(
                    connection,
                    task_id=task.task_id,
                    purpose=EMBED,
                    request_sha256=request,
                    answer=ModelAnswer(text="", complete=True, usage=self._usage(answer)),
                )
                await evidence_store.put_result(connection, task.task_id, _BATCHES + digest[:32], value)
        except IntegrityError:
            return  # an earlier try was stored after all: its connection broke before it could say so

    def _usage(self, answer: Embedded) -> CallUsage:
        return CallUsage(
            model=answer.model or self._embedder.name,
            input_tokens=answer.input_tokens,
            output_tokens=0,
            cached_tokens=0,
            cost_usd=answer.cost_usd,
            seconds=answer.seconds,
            retries=0,
        )

    async def _known(self, task_id: str) -> Mapping[str, str]:
        async with self._database.read() as connection:
            results = await evidence_store.list_results(connection, task_id, _BATCHES)
        known: dict[str, str] = {}
        for result in results.values():
            known |= result["vectors"]
        return known

    def _key(self, text: str, *, query: bool) -> str:
        """What a vector depends on, hashed."""
        return sha256(f"{self._embedder.name}\0{query}\0{text}".encode()).hexdigest()[:24]


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """One call."""

    texts: tuple[str, ...]
    query: bool  # whether they ask for others


def _asked(brief: Brief, passages: Sequence[Passage]) -> list[Passage]:
    """The passages that may be used; of very many the first of every source."""
    usable = [passage for passage in passages if same_language(passage.language, brief.language)]
    return sorted(usable, key=lambda passage: passage.position)[:MAX_PASSAGES]


def _encoded(vector: Sequence[float]) -> str:
    """Half precision in base64: a cosine keeps three digits, and 1,536 dimensions take 4 KiB."""
    import numpy as np  # noqa: PLC0415 - not needed at start-up

    numbers = np.asarray(vector, dtype=np.float64)
    largest = float(np.abs(numbers).max(initial=0.0)) or 1.0  # only the direction counts; half floats end at 65,504
    return base64.b64encode((numbers / largest).astype("<f2").tobytes()).decode()


def _decoded(text: str) -> "NDArray[np.float32]":
    import numpy as np  # noqa: PLC0415 - as above

    return np.frombuffer(base64.b64decode(text), dtype="<f2").astype(np.float32)
