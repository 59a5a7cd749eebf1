"""Idempotency keys: the same request again gets the first answer again (contract.md, Tasks).

A request that is one short transaction looks its key up and keeps its answer in that transaction,
under the account's lock: `look_up` and `keep`. One that works longer claims its key first, so that
a duplicate can wait for it: `Claims`.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.clock import now
from copydesk.errors import Conflict
from copydesk.store import idempotency
from copydesk.store.database import Database
from copydesk.store.idempotency import Answer, KeyRecord
from copydesk.store.tasks import lock_account

PATIENCE = 10.0  # seconds a duplicate waits for the first request (contract.md)
ORPHANED = timedelta(seconds=60)  # no request works this long; a claim this old is a crashed process's
_POLL = 0.1  # seconds between two looks at a key in flight
REPLAYED = "Idempotent-Replayed"


@dataclass(frozen=True, kw_only=True)
class RequestIdentity:
    """What makes two requests the same."""

    account_id: str
    key: str  # the Idempotency-Key header
    operation: str  # method and route
    content_sha256: str  # hex digest of the content


def content_digest(content: Any) -> str:
    """A digest of JSON as parsed: white space, member order and escapes make no difference."""
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def replay(answer: Answer) -> Answer:
    """The kept answer as a duplicate gets it."""
    return Answer(status=answer.status, headers={**answer.headers, REPLAYED: "true"}, body=answer.body)


async def look_up(connection: AsyncConnection, request: RequestIdentity | None) -> Answer | None:
    """The answer to replay, or None where the request is the first of its key.

    The caller holds the account's lock.

    Raises:
        Conflict: The key came with other content, or its first request is still in flight.
    """
    if request is None:
        return None
    record = await idempotency.find_key(connection, account_id=request.account_id, key=request.key, at=now())
    if record is None or _is_orphan(record):
        return None
    _refuse_other(record, request)
    if record.answer is None:
        raise _in_flight()
    return replay(record.answer)


async def keep(connection: AsyncConnection, request: RequestIdentity | None, answer: Answer) -> None:
    """Keep the answer of a request that `look_up` found to be the first, in the same transaction."""
    if request is not None:
        record = KeyRecord(
            operation=request.operation, content_sha256=request.content_sha256, answer=answer, created_at=now()
        )
        await idempotency.claim_key(connection, account_id=request.account_id, key=request.key, record=record)


class Claims:
    """Keys of requests that work longer than a transaction."""

    def __init__(self, *, database: Database, patience: float = PATIENCE) -> None:
        self._database = database
        self._patience = patience  # seconds
        # By account and key: of many equal requests one looks for the first one's answer, the others wait for it.
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def claim(self, request: RequestIdentity) -> datetime | Answer:
        """Claim the key, waiting for an earlier request; answers the claim's name, or what to replay.

        Raises:
            Conflict: The key came with other content, or the first request takes longer than the patience.
        """
        until = time.monotonic() + self._patience
        turn = self._turns.setdefault((request.account_id, request.key), asyncio.Lock())
        try:
            await asyncio.wait_for(turn.acquire(), self._patience)
        except TimeoutError as error:
            raise _in_flight() from error
        try:
            while True:
                async with self._database.write() as connection:
                    await lock_account(connection, request.account_id)
                    outcome = await self._try_claim(connection, request)
                if outcome is not None:
                    return outcome
                await self._until_answered(request, until)
        finally:
            turn.release()

    async def release(self, request: RequestIdentity, claimed_at: datetime) -> None:
        """Free the key of a request that failed: only successes are kept."""
        async with self._database.write() as connection:
            await idempotency.release_key(
                connection, account_id=request.account_id, key=request.key, claimed_at=claimed_at
            )

    @staticmethod
    async def complete(
        connection: AsyncConnection, request: RequestIdentity, claimed_at: datetime, answer: Answer
    ) -> None:
        """Keep the answer under the claimed key, in the transaction that stores what was made.

        Raises:
            Conflict: Another request has taken the key over.
        """
        kept = await idempotency.complete_key(
            connection, account_id=request.account_id, key=request.key, claimed_at=claimed_at, answer=answer
        )
        if not kept:
            raise _in_flight()

    async def _until_answered(self, request: RequestIdentity, until: float) -> None:
        """Wait, without a lock, until the first request of the key has ended.

        Raises:
            Conflict: It has not by then.
        """
        while True:
            await asyncio.sleep(_POLL)
            async with self._database.read() as connection:
                record = await idempotency.find_key(
                    connection, account_id=request.account_id, key=request.key, at=now()
                )
            if record is None or record.answer is not None or _is_orphan(record):
                return
            if time.monotonic() >= until:
                raise _in_flight()

    @staticmethod
    async def _try_claim(connection: AsyncConnection, request: RequestIdentity) -> datetime | Answer | None:
        record = await idempotency.find_key(connection, account_id=request.account_id, key=request.key, at=now())
        if record is not None and not _is_orphan(record):
            _refuse_other(record, request)
            return None if record.answer is None else replay(record.answer)
        claim = KeyRecord(
            operation=request.operation, content_sha256=request.content_sha256, answer=None, created_at=now()
        )
        await idempotency.claim_key(connection, account_id=request.account_id, key=request.key, record=claim)
        return claim.created_at


def _is_orphan(record: KeyRecord) -> bool:
    return record.answer is None and record.created_at < now() - ORPHANED


def _refuse_other(record: KeyRecord, request: RequestIdentity) -> None:
    if (record.operation, record.content_sha256) != (request.operation, request.content_sha256):
        message = "This Idempotency-Key was used with another request; use a new key for new content."
        raise Conflict(message)


def _in_flight() -> Conflict:
    message = "The first request with this Idempotency-Key is still being answered; ask again in a moment."
    return Conflict(message, retry_after=2)
