"""What a task was given: the names of its uploaded files."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.store.schema import files


async def list_upload_names(
    connection: AsyncConnection, *, account_id: str, file_ids: tuple[str, ...]
) -> dict[str, str]:
    """The names of the account's files by id; a file that is gone is left out."""
    query = select(files.c.file_id, files.c.filename).where(
        files.c.account_id == account_id, files.c.file_id.in_(file_ids)
    )
    return {row.file_id: row.filename for row in (await connection.execute(query)).all()}
