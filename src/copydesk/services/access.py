"""Who may call: accounts and API keys."""

import hmac
import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.account import Account, ApiKey
from copydesk.domain.clock import new_id, now
from copydesk.errors import ConfigurationError, Forbidden, NotFound, Unauthorized
from copydesk.store import keys
from copydesk.store.database import Database
from copydesk.wire.problems import validation_error

SECRET_BYTES = 32  # of randomness in a key
PREFIX_CHARACTERS = 11  # of a key, kept to recognize it in a list: "cd_" and 48 bits
MAX_ACCOUNT_NAME = 255
MAX_KEY_NAME = 100
MAX_KEY_DAYS = 36_500  # a hundred years
_NO_KEY = "There is no such key in this account."
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
        self, account_name: str, *, read_only: bool = False, expires_at: datetime | None = None, name: str | None = None
    ) -> tuple[ApiKey, str]:
        """Make a key, and its account if that is new; answers the key and its secret, which is not kept.

        `name` says what the key is for.

        Raises:
            ConfigurationError: The account's name is empty, longer than 255 characters or not printable; or the key's
                is, or longer than 100.
        """
        called = None if name is None else _checked_name(name)
        account = account_name.strip()
        if not 0 < len(account) <= MAX_ACCOUNT_NAME or not account.isprintable():
            message = f"An account's name has 1 to {MAX_ACCOUNT_NAME} printable characters, unlike {account_name!r}."
            raise ConfigurationError(message)
        try:
            return await self._create(account, read_only=read_only, expires_at=expires_at, name=called)
        except IntegrityError:  # another process has made the account since we looked
            return await self._create(account, read_only=read_only, expires_at=expires_at, name=called)

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

    async def list_own_keys(self, key: ApiKey) -> list[ApiKey]:
        """Every key of the account that `key` belongs to, oldest first."""
        async with self._database.read() as connection:
            return await keys.list_keys(connection, account_id=key.account_id)

    async def create_own_key(
        self, key: ApiKey, *, name: str, read_only: bool, expires_in: int | None
    ) -> tuple[ApiKey, str]:
        """Make another key for the account that `key` belongs to; as `create_key`, and it lives `expires_in` days.

        Raises:
            Forbidden: `key` may only read.
            ValidationError: The name is empty, longer than 100 characters or not printable; or the days are not 1 to
                36,500.
        """
        _refuse_reader(key)
        details = [*_wrong_name(name), *_wrong_days(expires_in)]
        if details:
            raise validation_error(details)
        expires_at = None if expires_in is None else now() + timedelta(days=expires_in)
        return await self.create_key(key.account_name, read_only=read_only, expires_at=expires_at, name=name)

    async def get_own_key(self, key: ApiKey, key_id: str) -> ApiKey:
        """A key of the account that `key` belongs to.

        Raises:
            NotFound: The account has none of that id.
        """
        async with self._database.read() as connection:
            found = await keys.get_key(connection, key_id)
        if found is None or found.account_id != key.account_id:
            raise NotFound(_NO_KEY)
        return found

    async def revoke_own_key(self, key: ApiKey, key_id: str) -> ApiKey:
        """Revoke a key of the account that `key` belongs to for good, and answer it; sessions of it end.

        Raises:
            Forbidden: `key` may only read.
            NotFound: The account has none of that id.
        """
        _refuse_reader(key)
        async with self._database.write() as connection:
            revoked = await keys.revoke_key(connection, account_id=key.account_id, key_id=key_id, at=now())
        if revoked is None:
            raise NotFound(_NO_KEY)
        return revoked

    async def _account(self, name: str) -> Account:
        async with self._database.write() as connection:
            return await _get_or_make(connection, name)

    async def _create(
        self, account_name: str, *, read_only: bool, expires_at: datetime | None, name: str | None
    ) -> tuple[ApiKey, str]:
        secret = f"cd_{secrets.token_urlsafe(SECRET_BYTES)}"
        async with self._database.write() as connection:
            account = await _get_or_make(connection, account_name)
            key = _new_key(account, secret, read_only=read_only, expires_at=expires_at, name=name)
            await keys.insert_key(connection, key, secret_sha256=_digest(secret))
        return key, secret


async def _get_or_make(connection: AsyncConnection, name: str) -> Account:
    account = await keys.get_account(connection, name)
    if account is None:
        account = Account(account_id=new_id(), name=name, created_at=now())
        await keys.insert_account(connection, account)
    return account


def _new_key(
    account: Account, secret: str, *, read_only: bool, expires_at: datetime | None, name: str | None
) -> ApiKey:
    return ApiKey(
        key_id=new_id(),
        account_id=account.account_id,
        account_name=account.name,
        prefix=secret[:PREFIX_CHARACTERS],
        read_only=read_only,
        created_at=now(),
        expires_at=expires_at,
        revoked_at=None,
        name=name,
    )


def _checked_name(name: str) -> str:
    for wrong in _wrong_name(name):
        message = f"A key's name has 1 to {MAX_KEY_NAME} printable characters, unlike {name!r}: {wrong['message']}."
        raise ConfigurationError(message)
    return name.strip()


def _wrong_name(name: str) -> Iterator[dict[str, str]]:
    length = len(name.strip())
    if not length:
        yield {"field": "name", "message": "Say what the key is for", "type": "missing"}
    elif length > MAX_KEY_NAME:
        message = f"Name should have at most {MAX_KEY_NAME} characters"
        yield {"field": "name", "message": message, "type": "string_too_long"}
    elif not name.strip().isprintable():
        message = "Name should have no line breaks or control characters"
        yield {"field": "name", "message": message, "type": "string_not_printable"}


def _wrong_days(days: int | None) -> Iterator[dict[str, str]]:
    if days is not None and not 1 <= days <= MAX_KEY_DAYS:
        yield {"field": "expires_in", "message": f"Days should be 1 to {MAX_KEY_DAYS:,}", "type": "range"}


def _refuse_reader(key: ApiKey) -> None:
    if key.read_only:
        message = "This API key may only read: it can neither make keys nor revoke any."
        raise Forbidden(message)


def _digest(secret: str) -> str:
    """A fast hash is right for 256 random bits: there is no dictionary to try."""
    return sha256(secret.encode()).hexdigest()
