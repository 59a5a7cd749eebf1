"""What the store promises of idempotency keys, on every database."""

from datetime import timedelta
from typing import Any

from support.stored import stored_account

from copydesk.domain.clock import now
from copydesk.store import idempotency
from copydesk.store.database import Database
from copydesk.store.idempotency import LIFETIME, Answer, KeyRecord

ANSWER = Answer(status=202, headers={"Location": "/x"}, body="{\u00e9}".encode())


def claim(age: timedelta = timedelta()) -> KeyRecord:
    """A claim of that age."""
    return KeyRecord(operation="POST /x", content_sha256="a" * 64, answer=None, created_at=now() - age)


async def test_answer_comes_back_when_key_is_completed(database: Database) -> None:
    """A claim is completed once, by its holder; then it keeps the answer's bytes and headers."""
    account_id = await stored_account(database)
    held = claim()
    async with database.write() as connection:
        await idempotency.claim_key(connection, account_id=account_id, key="k", record=held)
        assert await idempotency.find_key(connection, account_id=account_id, key="k", at=now()) == held
        done: dict[str, Any] = {"account_id": account_id, "key": "k", "answer": ANSWER}
        lost = held.created_at - timedelta(seconds=1)
        assert not await idempotency.complete_key(connection, **done, claimed_at=lost)
        assert await idempotency.complete_key(connection, **done, claimed_at=held.created_at)
        assert not await idempotency.complete_key(connection, **done, claimed_at=held.created_at)
        await idempotency.release_key(connection, account_id=account_id, key="k", claimed_at=held.created_at)
        found = await idempotency.find_key(connection, account_id=account_id, key="k", at=now())
    assert found is not None
    assert found.answer == ANSWER


async def test_claim_goes_when_its_holder_releases_it(database: Database) -> None:
    """Only the holder of the claim frees the key."""
    account_id = await stored_account(database)
    held = claim()
    async with database.write() as connection:
        await idempotency.claim_key(connection, account_id=account_id, key="k", record=held)
        before = held.created_at - timedelta(seconds=1)
        await idempotency.release_key(connection, account_id=account_id, key="k", claimed_at=before)
        assert await idempotency.find_key(connection, account_id=account_id, key="k", at=now()) is not None
        await idempotency.release_key(connection, account_id=account_id, key="k", claimed_at=held.created_at)
        assert await idempotency.find_key(connection, account_id=account_id, key="k", at=now()) is None


async def test_key_is_gone_when_its_day_is_over(database: Database) -> None:
    """An expired key is not found, and goes for good at the account's next claim; other accounts' stay."""
    account_id, other = await stored_account(database), await stored_account(database, "globex")
    old = claim(LIFETIME)
    async with database.write() as connection:
        for owner in (account_id, other):
            await idempotency.claim_key(connection, account_id=owner, key="old", record=old)
        assert await idempotency.find_key(connection, account_id=account_id, key="old", at=now()) is None
        await idempotency.claim_key(connection, account_id=account_id, key="new", record=claim())
        then = old.created_at + timedelta(seconds=1)
        assert await idempotency.find_key(connection, account_id=account_id, key="old", at=then) is None
        assert await idempotency.find_key(connection, account_id=other, key="old", at=then) == old
