"""Uploaded files: their records. Their bytes are a blob store's."""

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.file import FileKind, UploadedFile
from copydesk.domain.task import TaskStatus
from copydesk.store import counters
from copydesk.store.counters import Counted
from copydesk.store.schema import files, task_files, tasks


async def insert_file(connection: AsyncConnection, file: UploadedFile) -> None:
    """Store the record of a file, whose bytes are kept already."""
    await connection.execute(
        insert(files).values(
            file_id=file.file_id,
            account_id=file.account_id,
            filename=file.filename,
            kind=file.kind.value,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            words=file.words,
            pages=file.pages,
            sheets=file.sheets,
            rows=file.rows,
            preview=file.preview,
            created_at=file.created_at,
        )
    )


async def get_file(connection: AsyncConnection, *, account_id: str, file_id: str) -> UploadedFile | None:
    """One file of the account, or None."""
    query = select(files).where(files.c.file_id == file_id, files.c.account_id == account_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _file(row)


async def find_file(connection: AsyncConnection, *, account_id: str, filename: str, sha256: str) -> UploadedFile | None:
    """The account's newest file of that name and content, or None."""
    same = (files.c.account_id == account_id, files.c.filename == filename, files.c.sha256 == sha256)
    query = select(files).where(*same).order_by(files.c.created_at.desc(), files.c.file_id.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _file(row)


async def list_files(
    connection: AsyncConnection, *, account_id: str, limit: int, offset: int
) -> tuple[list[UploadedFile], int]:
    """A page of the account's files, newest first then by id, and how many there are in all."""
    total = await counters.total(connection, account_id, Counted.FILES)
    if offset >= total:  # also keeps offsets away from Postgres that its integers cannot hold
        return [], total
    order = (files.c.created_at.desc(), files.c.file_id.desc())
    # The index alone finds the page: rows that are skipped are never read.
    page = select(files.c.file_id).where(files.c.account_id == account_id).order_by(*order).limit(limit).offset(offset)
    rows = (await connection.execute(select(files).where(files.c.file_id.in_(page)).order_by(*order))).all()
    return [_file(row) for row in rows], total


async def list_all_files(connection: AsyncConnection, *, after: str, limit: int) -> list[UploadedFile]:
    """A page of every account's files, by id, behind the id `after`: for an operator, never for a request."""
    query = select(files).where(files.c.file_id > after).order_by(files.c.file_id).limit(limit)
    return [_file(row) for row in (await connection.execute(query)).all()]


async def stored_bytes(connection: AsyncConnection, account_id: str) -> int:
    """How many bytes the account's files have."""
    return await counters.total(connection, account_id, Counted.BYTES)


async def owned_file_ids(connection: AsyncConnection, *, account_id: str, file_ids: list[str]) -> set[str]:
    """Those of `file_ids` that are files of the account."""
    query = select(files.c.file_id).where(files.c.account_id == account_id, files.c.file_id.in_(file_ids))
    return set((await connection.execute(query)).scalars())


async def is_file_in_use(connection: AsyncConnection, file_id: str) -> bool:
    """Whether a pending or processing task was given the file."""
    active = [status.value for status in TaskStatus if status.active]
    query = (
        select(tasks.c.task_id)
        .join(task_files, task_files.c.task_id == tasks.c.task_id)
        .where(task_files.c.file_id == file_id, tasks.c.status.in_(active))
        .limit(1)
    )
    return (await connection.execute(query)).scalar_one_or_none() is not None


async def delete_file(connection: AsyncConnection, file_id: str) -> None:
    """Delete the record of a file; one that is gone is left alone."""
    await connection.execute(delete(files).where(files.c.file_id == file_id))


def _file(row: "Row[tuple[object, ...]]") -> UploadedFile:
    return UploadedFile(
        file_id=row.file_id,
        account_id=row.account_id,
        filename=row.filename,
        kind=FileKind(row.kind),
        content_type=row.content_type,
        size=row.size,
        sha256=row.sha256,
        words=row.words,
        pages=row.pages,
        sheets=row.sheets,
        rows=row.rows,
        preview=row.preview,
        created_at=row.created_at,
    )
