"""Idempotency keys and the answers kept under them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.store.schema import idempotency_keys

LIFETIME = timedelta(hours=24)  # contract.md: an answer is replayed for 24 h


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer as it went, or will go, to the client."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class KeyRecord:
    """What is known of an idempotency key."""

    operation: str  # method and route of the first request
    content_sha256: str  # hex digest of the first request's content
    answer: Answer | None  # None while the first request is in flight
    created_at: datetime  # names the claim: only its holder may complete or release it


async def find_key(connection: AsyncConnection, *, account_id: str, key: str, at: datetime) -> KeyRecord | None:
    """What is kept under the key at that time, or None; older than `LIFETIME` is as good as gone."""
    query = select(idempotency_keys).where(
        idempotency_keys.c.account_id == account_id,
        idempotency_keys.c.key == key,
        idempotency_keys.c.created_at > at - LIFETIME,
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    kept = None if row.status is None else Answer(status=row.status, headers=row.headers, body=row.body)
    return KeyRecord(operation=row.operation, content_sha256=row.content_sha256, answer=kept, created_at=row.created_at)


async def claim_key(connection: AsyncConnection, *, account_id: str, key: str, record: KeyRecord) -> None:
    """Store a record in place of what was under the key, and let expired ones of the account go.

    The caller holds the account's lock and has seen that the key is free.
    """
    mine = idempotency_keys.c.account_id == account_id
    expired = idempotency_keys.c.created_at <= record.created_at - LIFETIME
    await connection.execute(delete(idempotency_keys).where(mine, expired | (idempotency_keys.c.key == key)))
    answer = record.answer
    await connection.execute(
        insert(idempotency_keys).values(
            account_id=account_id,
            key=key,
            operation=record.operation,
            content_sha256=record.content_sha256,
            status=None if answer is None else answer.status,
            headers=None if answer is None else answer.headers,
            body=None if answer is None else answer.body,
            created_at=record.created_at,
        )
    )


async def complete_key(
    connection: AsyncConnection, *, account_id: str, key: str, claimed_at: datetime, answer: Answer
) -> bool:
    """Keep the answer under a claimed key; False when the claim was lost to another request."""
    changed = await connection.execute(
        update(idempotency_keys)
        .where(
            idempotency_keys.c.account_id == account_id,
            idempotency_keys.c.key == key,
            idempotency_keys.c.created_at == claimed_at,
            idempotency_keys.c.status.is_(None),
        )
        .values(status=answer.status, headers=answer.headers, body=answer.body)
    )
    return changed.rowcount == 1


async def release_key(connection: AsyncConnection, *, account_id: str, key: str, claimed_at: datetime) -> None:
    """Free a claimed key whose request failed; a completed or lost one is left alone."""
    await connection.execute(
        delete(idempotency_keys).where(
            idempotency_keys.c.account_id == account_id,
            idempotency_keys.c.key == key,
            idempotency_keys.c.created_at == claimed_at,
            idempotency_keys.c.status.is_(None),
        )
    )
