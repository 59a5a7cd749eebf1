"""People at the desk: an API key, or a one-time link, is exchanged for a session."""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from copydesk.domain.account import ApiKey
from copydesk.domain.clock import now
from copydesk.errors import Forbidden, Unauthorized
from copydesk.services.access import AccessService
from copydesk.store import keys, sessions
from copydesk.store.database import Database

SESSION_TIME = timedelta(days=14)
LINK_TIME = timedelta(minutes=15)
LINK_KEY_NAME = "Sign-in link"  # of the key that a link's session hangs on
TOKEN_BYTES = 32  # of randomness
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Session:
    """Who sits at the desk."""

    key: ApiKey
    csrf: str  # what forms of this session must carry


class SessionService:
    """Begins, resumes and ends sessions.

    Args:
        database: Where they are kept, by hashes.
        access: Knows the keys.
    """

    def __init__(self, *, database: Database, access: AccessService) -> None:
        self._database = database
        self._access = access

    async def sign_in(self, secret: str | None) -> str:
        """Exchange an API key for a session; answers its token, which is not kept.

        Raises:
            Unauthorized: The key is not valid.
        """
        return await self._begin(await self._access.authenticate(secret))

    async def resume(self, token: str | None) -> Session:
        """The session of a token.

        Raises:
            Unauthorized: There is none, its time is over, or its key was revoked or has expired.
        """
        message = "Sign in to go on: there is no session, or it has ended."
        if not token or not _TOKEN.fullmatch(token):
            raise Unauthorized(message)
        instant = now()
        async with self._database.read() as connection:
            key_id = await sessions.find_session(connection, _digest(token), at=instant)
            key = await keys.get_key(connection, key_id) if key_id is not None else None
        if key is None or not key.usable_at(instant):
            raise Unauthorized(message)
        return Session(key=key, csrf=_csrf(token))

    async def sign_out(self, token: str) -> None:
        """End a session, whether there is one or not."""
        async with self._database.write() as connection:
            await sessions.delete_session(connection, _digest(token))

    async def make_link(self, account_name: str) -> str:
        """The token of a link that signs in once within `LINK_TIME`, without a key: for whoever is at the machine."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        instant = now()
        async with self._database.write() as connection:
            await sessions.delete_expired(connection, at=instant)
            await sessions.insert_link(
                connection, token_sha256=_digest(token), account_name=account_name, expires_at=instant + LINK_TIME
            )
        return token

    async def follow_link(self, token: str) -> str:
        """Use a link up; answers a session's token. Its key, whose secret nobody knows, ends the session when revoked.

        Raises:
            Unauthorized: The link is unknown, used or too old.
        """
        async with self._database.write() as connection:
            name = await sessions.take_link(connection, _digest(token), at=now()) if _TOKEN.fullmatch(token) else None
        if name is None:
            message = (
                "This link has been used, or is too old; sign in with an API key ('copydesk keys create ACCOUNT')."
            )
            raise Unauthorized(message)
        key, _ = await self._access.create_key(name, name=LINK_KEY_NAME)
        return await self._begin(key)

    async def _begin(self, key: ApiKey) -> str:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        instant = now()
        async with self._database.write() as connection:
            await sessions.delete_expired(connection, at=instant)
            await sessions.insert_session(
                connection,
                token_sha256=_digest(token),
                key_id=key.key_id,
                created_at=instant,
                expires_at=instant + SESSION_TIME,
            )
        return token


def check_form(session: Session, given: str | None) -> None:
    """Look whether a form was made for this session.

    Raises:
        Forbidden: It was not; says what to do.
    """
    if given is None or not hmac.compare_digest(session.csrf.encode(), given.encode()):
        message = "This form was not made for your session, or the session has changed; reload the page and try again."
        raise Forbidden(message)


def _digest(token: str) -> str:
    """A fast hash is right for 256 random bits: there is no dictionary to try."""
    return sha256(token.encode()).hexdigest()


def _csrf(token: str) -> str:
    """Made from the token, so that it need not be kept, and tells nothing of it."""
    return hmac.new(token.encode(), b"copydesk desk form", sha256).hexdigest()
