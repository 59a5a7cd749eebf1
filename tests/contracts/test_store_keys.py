"""What the store promises of accounts and keys, on every database."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from copydesk.domain.account import Account, ApiKey
from copydesk.domain.clock import new_id, now
from copydesk.store import keys
from copydesk.store.database import Database


def new_account(name: str = "acme") -> Account:
    """An account that is not stored yet."""
    return Account(account_id=new_id(), name=name, created_at=now())


def new_key(account: Account, **changes: object) -> ApiKey:
    """A key that is not stored yet."""
    key = ApiKey(
        key_id=new_id(),
        account_id=account.account_id,
        account_name=account.name,
        prefix="cd_abcdefgh",
        read_only=False,
        created_at=now(),
        expires_at=None,
        revoked_at=None,
    )
    return replace(key, **changes)  # type: ignore[arg-type] # any of its fields


async def test_account_is_found_when_its_name_is_known(database: Database) -> None:
    """Names are unique and compared exactly."""
    account = new_account()
    async with database.write() as connection:
        await keys.insert_account(connection, account)
    async with database.read() as connection:
        assert await keys.get_account(connection, "acme") == account
        assert await keys.get_account(connection, "Acme") is None
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await keys.insert_account(connection, new_account())


async def test_key_is_found_when_its_hash_is_known(database: Database) -> None:
    """A key comes back whole, with its account's name and its hash; another hash finds none."""
    account = new_account()
    key = new_key(account, read_only=True, expires_at=now())
    async with database.write() as connection:
        await keys.insert_account(connection, account)
        await keys.insert_key(connection, key, secret_sha256="a" * 64)
    async with database.read() as connection:
        assert await keys.find_key(connection, "a" * 64) == (key, "a" * 64)
        assert await keys.find_key(connection, "b" * 64) is None


async def test_revocation_keeps_first_time_when_repeated(database: Database) -> None:
    """A key is revoked once, by id or prefix; others are left alone."""
    account = new_account()
    first, second = new_key(account), new_key(account, prefix="cd_other000")
    async with database.write() as connection:
        await keys.insert_account(connection, account)
        await keys.insert_key(connection, first, secret_sha256="a" * 64)
        await keys.insert_key(connection, second, secret_sha256="b" * 64)
        at = now()
        (revoked,) = await keys.revoke_keys(connection, first.prefix, at=at)
        assert revoked == replace(first, revoked_at=at)
        (again,) = await keys.revoke_keys(connection, first.key_id, at=at.replace(year=9_000))
        assert again.revoked_at == at
        assert await keys.revoke_keys(connection, "cd_unknown0", at=at) == []
        assert await keys.list_keys(connection) == [revoked, second]
