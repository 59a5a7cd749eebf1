"""What a task was given: the bytes of its uploaded files."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.file import FileKind
from copydesk.store.schema import file_contents, files


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One uploaded file with its content."""

    file_id: str
    filename: str
    kind: FileKind
    data: bytes


async def load_upload(connection: AsyncConnection, *, account_id: str, file_id: str) -> Upload | None:
    """One file of the account with its bytes, or None when it is gone."""
    query = (
        select(files.c.file_id, files.c.filename, files.c.kind, file_contents.c.data)
        .join(file_contents, files.c.file_id == file_contents.c.file_id)
        .where(files.c.file_id == file_id, files.c.account_id == account_id)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Upload(file_id=row.file_id, filename=row.filename, kind=FileKind(row.kind), data=row.data)


async def list_upload_names(
    connection: AsyncConnection, *, account_id: str, file_ids: tuple[str, ...]
) -> dict[str, str]:
    """The names of the account's files by id; a file that is gone is left out."""
    query = select(files.c.file_id, files.c.filename).where(
        files.c.account_id == account_id, files.c.file_id.in_(file_ids)
    )
    return {row.file_id: row.filename for row in (await connection.execute(query)).all()}
