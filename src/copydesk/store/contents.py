"""The bytes of uploaded files, where the database keeps them."""

from sqlalchemy import ColumnElement, and_, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.file import BlobKey
from copydesk.store.schema import file_contents, files


async def put_content(connection: AsyncConnection, key: BlobKey, data: bytes) -> None:
    """Store bytes in place of those under the key."""
    await delete_content(connection, key)
    await connection.execute(insert(file_contents).values(file_id=key.file_id, account_id=key.account_id, data=data))


async def get_content(connection: AsyncConnection, key: BlobKey) -> bytes | None:
    """The bytes under the key, or None."""
    found: bytes | None = (
        await connection.execute(select(file_contents.c.data).where(_is_under(key)))
    ).scalar_one_or_none()
    return found


async def content_size(connection: AsyncConnection, key: BlobKey) -> int | None:
    """How many bytes are under the key, or None."""
    length = func.length(file_contents.c.data)
    found: int | None = (await connection.execute(select(length).where(_is_under(key)))).scalar_one_or_none()
    return found


async def delete_content(connection: AsyncConnection, key: BlobKey) -> None:
    """Delete the bytes under the key; those that are gone are left alone."""
    await connection.execute(delete(file_contents).where(_is_under(key)))


async def list_keys(connection: AsyncConnection, *, after: str, limit: int) -> list[BlobKey]:
    """A page of the keys, by file id, behind the file id `after`."""
    owner = func.coalesce(file_contents.c.account_id, files.c.account_id)
    query = (
        select(file_contents.c.file_id, owner.label("account_id"))
        .outerjoin(files, files.c.file_id == file_contents.c.file_id)
        .where(file_contents.c.file_id > after, owner.is_not(None))
        .order_by(file_contents.c.file_id)
        .limit(limit)
    )
    rows = (await connection.execute(query)).all()
    return [BlobKey(account_id=row.account_id, file_id=row.file_id) for row in rows]


def _is_under(key: BlobKey) -> ColumnElement[bool]:
    """Bytes of an earlier version say their account in their file's row alone."""
    owner = select(files.c.account_id).where(files.c.file_id == key.file_id).scalar_subquery()
    account = func.coalesce(file_contents.c.account_id, owner)
    return and_(file_contents.c.file_id == key.file_id, account == key.account_id)
