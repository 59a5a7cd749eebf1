"""Who may call: accounts and API keys."""

import hmac
import re
import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.account import Account, ApiKey
from copydesk.domain.clock import new_id, now
from copydesk.errors import ConfigurationError, Unauthorized
from copydesk.store import keys
from copydesk.store.database import Database

SECRET_BYTES = 32  # of randomness in a key
PREFIX_CHARACTERS = 11  # of a key, kept to recognize it in a list: "cd_" and 48 bits
MAX_ACCOUNT_NAME = 255
_SECRET = re.compile(r"cd_[A-Za-z0-9_-]{43}", re.ASCII)


class AccessService:
    """Opens the door for keys, and makes and revokes them."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def authenticate(self, secret: str | None) -> ApiKey:
        """The key that `secret` is.

        Raises:
            Unauthorized: It is missing, malformed, unknown, revoked or expired.
        """
        if not secret:
            message = "Send your API key in the X-API-Key header, or as a Bearer token in Authorization."
            raise Unauthorized(message)
        found = None
        if _SECRET.fullmatch(secret):
            digest = _digest(secret)
            async with self._database.read() as connection:
                found = await keys.find_key(connection, digest)
            if found is not None and not hmac.compare_digest(found[1], digest):
                found = None
        if found is None or not found[0].usable_at(now()):
            message = "The API key is not valid: it is unknown, revoked or expired."
            raise Unauthorized(message)
        return found[0]

    async def create_key(
        self, account_name: str, *, read_only: bool = False, expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """Make a key, and its account if that is new; answers the key and its secret, which is not kept.

        Raises:
            ConfigurationError: The name is empty, longer than 255 characters or not printable.
        """
        name = account_name.strip()
        if not 0 < len(name) <= MAX_ACCOUNT_NAME or not name.isprintable():
            message = f"An account's name has 1 to {MAX_ACCOUNT_NAME} printable characters, unlike {account_name!r}."
            raise ConfigurationError(message)
        try:
            return await self._create(name, read_only=read_only, expires_at=expires_at)
        except IntegrityError:  # another process has made the account since we looked
            return await self._create(name, read_only=read_only, expires_at=expires_at)

    async def account(self, name: str) -> Account:
        """The account of that name, made when it is new: for whoever is at the machine itself and needs no key."""
        try:
            return await self._account(name)
        except IntegrityError:  # another process has made it since we looked
            return await self._account(name)

    async def list_keys(self) -> list[ApiKey]:
        """Every key, by account name, oldest first."""
        async with self._database.read() as connection:
            return await keys.list_keys(connection)

    async def revoke_key(self, key: str) -> list[ApiKey]:
        """Revoke the keys with that id or prefix for good, and answer them; none where it is unknown."""
        async with self._database.write() as connection:
            return await keys.revoke_keys(connection, key, at=now())

    async def _account(self, name: str) -> Account:
        async with self._database.write() as connection:
            return await _get_or_make(connection, name)

    async def _create(self, name: str, *, read_only: bool, expires_at: datetime | None) -> tuple[ApiKey, str]:
        secret = f"cd_{secrets.token_urlsafe(SECRET_BYTES)}"
        async with self._database.write() as connection:
            account = await _get_or_make(connection, name)
            key = _new_key(account, secret, read_only=read_only, expires_at=expires_at)
            await keys.insert_key(connection, key, secret_sha256=_digest(secret))
        return key, secret


async def _get_or_make(connection: AsyncConnection, name: str) -> Account:
    account = await keys.get_account(connection, name)
    if account is None:
        account = Account(account_id=new_id(), name=name, created_at=now())
        await keys.insert_account(connection, account)
    return account


def _new_key(account: Account, secret: str, *, read_only: bool, expires_at: datetime | None) -> ApiKey:
    return ApiKey(
        key_id=new_id(),
        account_id=account.account_id,
        account_name=account.name,
        prefix=secret[:PREFIX_CHARACTERS],
        read_only=read_only,
        created_at=now(),
        expires_at=expires_at,
        revoked_at=None,
    )


def _digest(secret: str) -> str:
    """A fast hash is right for 256 random bits: there is no dictionary to try."""
    return sha256(secret.encode()).hexdigest()
