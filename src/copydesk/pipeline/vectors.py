"""Vectors of a task's passages: asked for once, kept with the task, and never needed."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from copydesk.domain.article import Notice
from copydesk.domain.brief import Brief
from copydesk.domain.language import same_language
from copydesk.domain.source import Passage
from copydesk.errors import LlmError
from copydesk.evidence.meaning import Meaning, query_text
from copydesk.ports import Embedder
from copydesk.store import evidence as evidence_store
from copydesk.store.database import Database
from copydesk.store.tasks import add_warnings

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

    Each finished call is stored before the next is needed: a recovery or a retry pays for none twice. The outcome is
    stored as well, so that the evidence is ranked the same each time, also where the model failed the first time.
    """

    def __init__(self, *, embedder: Embedder, database: Database, seconds: float) -> None:
        """Take what is needed.

        Args:
            embedder: The model.
            database: Where results are kept.
            seconds: Time that all calls of a task may take together.
        """
        self._embedder = embedder
        self._database = database
        self._seconds = seconds

    async def of_task(self, task_id: str, brief: Brief, passages: Sequence[Passage]) -> Meaning | None:
        """The vectors of a task's brief and passages; None, with a warning on the task, where the model failed."""
        asked = _asked(brief, passages)
        query = query_text(brief)
        async with self._database.read() as connection:
            outcome = await evidence_store.get_result(connection, task_id, _OUTCOME)
        if outcome is None:
            outcome = await self._embed(task_id, query, asked)
        if outcome["failed"]:
            return None
        known = await self._known(task_id)
        return Meaning(
            brief=_decoded(known[self._key(query, query=True)]),
            passages={
                passage.passage_id: _decoded(known[key])
                for passage in asked
                if (key := self._key(passage.text, query=False)) in known
            },
        )

    async def _embed(self, task_id: str, query: str, passages: Sequence[Passage]) -> dict[str, Any]:
        """Ask for what is not known yet, and store how it went."""
        failed: str | None = None
        try:
            async with asyncio.timeout(self._seconds):
                await self._ask_all(task_id, query, passages)
        except LlmError as error:
            failed = error.message
        except TimeoutError:
            failed = f"{self._embedder.name} did not embed the passages within {self._seconds:g} seconds."
        outcome = {"model": self._embedder.name, "failed": failed}
        async with self._database.write() as connection:
            await evidence_store.put_result(connection, task_id, _OUTCOME, outcome)
            if failed is not None:
                message = f"{failed} The evidence was ranked by its words alone."
                notice = Notice(code=FAILED, subject=self._embedder.name, message=message)
                await add_warnings(connection, task_id=task_id, notices=(notice,))
        return outcome

    async def _ask_all(self, task_id: str, query: str, passages: Sequence[Passage]) -> None:
        known = await self._known(task_id)
        texts = list(dict.fromkeys(passage.text for passage in passages))
        missing = [text for text in texts if self._key(text, query=False) not in known]
        size = self._embedder.batch
        calls = [(missing[start : start + size], False) for start in range(0, len(missing), size)]
        if self._key(query, query=True) not in known:
            calls.insert(0, ([query], True))
        turn = asyncio.Semaphore(CONCURRENCY)
        failed: list[BaseException] = []

        async def ask(batch: Sequence[str], *, query: bool) -> None:
            async with turn:
                if failed:
                    return  # the rest would be paid for and not used
                try:
                    await self._ask(task_id, batch, query=query)
                except BaseException as error:
                    failed.append(error)
                    raise

        # Calls that are under way when one fails are awaited: they are paid for, and a later run may use them.
        await asyncio.gather(*(ask(batch, query=is_query) for batch, is_query in calls), return_exceptions=True)
        if failed:
            raise failed[0]

    async def _ask(self, task_id: str, batch: Sequence[str], *, query: bool) -> None:
        answer = await self._embedder.embed(batch, query=query)
        vectors = {
            self._key(text, query=query): _encoded(vector) for text, vector in zip(batch, answer.vectors, strict=True)
        }
        value = {"input_tokens": answer.input_tokens, "vectors": vectors}
        name = _BATCHES + sha256("".join(vectors).encode()).hexdigest()[:32]
        async with self._database.write() as connection:
            await evidence_store.put_result(connection, task_id, name, value)

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
