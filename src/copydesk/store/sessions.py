"""Sessions of people at the desk, and one-time sign-in links; tokens are known here only by their hashes."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.store.schema import sign_in_links, web_sessions


async def insert_session(
    connection: AsyncConnection, *, token_sha256: str, key_id: str, created_at: datetime, expires_at: datetime
) -> None:
    """Keep a session by the hex digest of its token."""
    values = {"token_sha256": token_sha256, "key_id": key_id, "created_at": created_at, "expires_at": expires_at}
    await connection.execute(insert(web_sessions).values(**values))


async def find_session(connection: AsyncConnection, token_sha256: str, *, at: datetime) -> str | None:
    """The id of the key whose session it is, or None where there is none or its time is over."""
    query = select(web_sessions.c.key_id).where(
        web_sessions.c.token_sha256 == token_sha256, web_sessions.c.expires_at > at
    )
    return (await connection.execute(query)).scalar_one_or_none()


async def delete_session(connection: AsyncConnection, token_sha256: str) -> None:
    """End a session; an unknown one is left alone."""
    await connection.execute(delete(web_sessions).where(web_sessions.c.token_sha256 == token_sha256))


async def delete_expired(connection: AsyncConnection, *, at: datetime) -> None:
    """Forget sessions and links whose time is over."""
    await connection.execute(delete(web_sessions).where(web_sessions.c.expires_at <= at))
    await connection.execute(delete(sign_in_links).where(sign_in_links.c.expires_at <= at))


async def insert_link(
    connection: AsyncConnection, *, token_sha256: str, account_name: str, expires_at: datetime
) -> None:
    """Keep a sign-in link by the hex digest of its token."""
    values = {"token_sha256": token_sha256, "account_name": account_name, "expires_at": expires_at}
    await connection.execute(insert(sign_in_links).values(**values))


async def take_link(connection: AsyncConnection, token_sha256: str, *, at: datetime) -> str | None:
    """Use a link up; answers its account's name, or None where it is unknown, used or too old."""
    taken = (
        delete(sign_in_links)
        .where(sign_in_links.c.token_sha256 == token_sha256, sign_in_links.c.expires_at > at)
        .returning(sign_in_links.c.account_name)
    )
    return (await connection.execute(taken)).scalar_one_or_none()
