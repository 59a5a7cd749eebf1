"""Slugs of an account: what a new article's must differ from."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.store.schema import articles


async def list_slugs(connection: AsyncConnection, *, account_id: str, beginning: str) -> set[str]:
    """The account's slugs that begin so."""
    query = select(articles.c.slug).where(
        articles.c.account_id == account_id, articles.c.slug.startswith(beginning, autoescape=True)
    )
    return set((await connection.execute(query)).scalars())
