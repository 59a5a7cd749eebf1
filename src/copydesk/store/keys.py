"""Accounts and their API keys; secrets are known here only by their hashes."""

from datetime import datetime

from sqlalchemy import Row, Select, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.account import Account, ApiKey
from copydesk.store.schema import accounts, api_keys


async def get_account(connection: AsyncConnection, name: str) -> Account | None:
    """The account of that name, or None."""
    row = (await connection.execute(select(accounts).where(accounts.c.name == name))).one_or_none()
    if row is None:
        return None
    return Account(account_id=row.account_id, name=row.name, created_at=row.created_at)


async def insert_account(connection: AsyncConnection, account: Account) -> None:
    """Store a new account. Raises IntegrityError where its name is taken."""
    await connection.execute(
        insert(accounts).values(account_id=account.account_id, name=account.name, created_at=account.created_at)
    )


async def insert_key(connection: AsyncConnection, key: ApiKey, *, secret_sha256: str) -> None:
    """Store a new key by the hex digest of its secret."""
    await connection.execute(
        insert(api_keys).values(
            key_id=key.key_id,
            account_id=key.account_id,
            prefix=key.prefix,
            secret_sha256=secret_sha256,
            read_only=key.read_only,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            name=key.name,
        )
    )


async def find_key(connection: AsyncConnection, secret_sha256: str) -> tuple[ApiKey, str] | None:
    """The key with that hash and the hash as stored, for a comparison in constant time; or None."""
    query = _keys().add_columns(api_keys.c.secret_sha256).where(api_keys.c.secret_sha256 == secret_sha256)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else (_key(row), row.secret_sha256)


async def get_key(connection: AsyncConnection, key_id: str) -> ApiKey | None:
    """The key with that id, or None."""
    row = (await connection.execute(_keys().where(api_keys.c.key_id == key_id))).one_or_none()
    return None if row is None else _key(row)


async def list_keys(connection: AsyncConnection, *, account_id: str | None = None) -> list[ApiKey]:
    """Every key of an account, or of all by account name; oldest first."""
    query = _keys().order_by(accounts.c.name, api_keys.c.created_at, api_keys.c.key_id)
    if account_id is not None:
        query = query.where(api_keys.c.account_id == account_id)
    return [_key(row) for row in (await connection.execute(query)).all()]


async def revoke_keys(connection: AsyncConnection, name: str, *, at: datetime) -> list[ApiKey]:
    """Revoke the keys whose id or prefix is `name`, and answer them; those revoked before keep their time."""
    named = or_(api_keys.c.key_id == name, api_keys.c.prefix == name)
    await connection.execute(update(api_keys).where(named, api_keys.c.revoked_at.is_(None)).values(revoked_at=at))
    return [_key(row) for row in (await connection.execute(_keys().where(named))).all()]


async def revoke_key(connection: AsyncConnection, *, account_id: str, key_id: str, at: datetime) -> ApiKey | None:
    """Revoke one key of an account and answer it, None where the account has none of that id; as `revoke_keys`."""
    own = (api_keys.c.key_id == key_id) & (api_keys.c.account_id == account_id)
    await connection.execute(update(api_keys).where(own, api_keys.c.revoked_at.is_(None)).values(revoked_at=at))
    row = (await connection.execute(_keys().where(own))).one_or_none()
    return None if row is None else _key(row)


def _keys() -> "Select[tuple[object, ...]]":
    return select(
        api_keys.c.key_id,
        api_keys.c.account_id,
        accounts.c.name.label("account_name"),
        api_keys.c.prefix,
        api_keys.c.read_only,
        api_keys.c.created_at,
        api_keys.c.expires_at,
        api_keys.c.revoked_at,
        api_keys.c.name,
    ).join(accounts, api_keys.c.account_id == accounts.c.account_id)


def _key(row: "Row[tuple[object, ...]]") -> ApiKey:
    return ApiKey(
        key_id=row.key_id,
        account_id=row.account_id,
        account_name=row.account_name,
        prefix=row.prefix,
        read_only=row.read_only,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        name=row.name,
    )
