"""What the store promises of articles, on every database."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from support.api import new_article
from support.stored import stored_account, stored_task

from copydesk.domain.article import Article, PublicationStatus
from copydesk.domain.clock import new_id, now
from copydesk.store import articles
from copydesk.store.database import Database
from copydesk.store.schema import article_evidence


async def stored_article(database: Database, account_id: str, **changes: object) -> Article:
    """An article of a new task."""
    article = new_article(await stored_task(database, account_id), account_id, **changes)
    async with database.write() as connection:
        await articles.insert_article(connection, article)
    return article


async def test_article_comes_back_whole_when_stored(database: Database) -> None:
    """Every field and the evidence are what went in; another account finds nothing."""
    account_id = await stored_account(database)
    article = await stored_article(database, account_id, metadata={"k": "\U0001f30d"}, json_ld={"@type": "Article"})
    async with database.read() as connection:
        assert await articles.get_article(connection, account_id=account_id, article_id=article.article_id) == article
        assert await articles.get_article(connection, account_id=new_id(), article_id=article.article_id) is None
        assert await articles.list_task_articles(connection, account_id=account_id, task_id=article.task_id) == [
            replace(article, evidence=())
        ]
        versions, total = await articles.list_versions(connection, article_id=article.article_id, limit=10, offset=0)
    assert (total, versions[0].version, versions[0].content) == (1, 1, article.content)


async def test_edit_is_stored_when_revision_still_stands(database: Database) -> None:
    """An edit replaces the revision it was made from, and no other; a new version keeps the old text."""
    account_id = await stored_account(database)
    article = await stored_article(database, account_id)
    edited = replace(article, content="New.", version=2, revision=2, evidence=(), updated_at=now())
    async with database.write() as connection:
        assert await articles.update_article(connection, edited, revision=1)
        assert not await articles.update_article(connection, replace(edited, content="Late."), revision=1)
        assert await articles.get_article(connection, account_id=account_id, article_id=article.article_id) == edited
        versions, total = await articles.list_versions(connection, article_id=article.article_id, limit=1, offset=1)
        assert (total, [version.content for version in versions]) == (2, [article.content])
        assert await articles.list_versions(connection, article_id=article.article_id, limit=1, offset=2) == ([], 2)


async def test_slug_is_taken_when_account_has_it(database: Database) -> None:
    """Slugs are unique in the account alone."""
    account_id, other = await stored_account(database), await stored_account(database, "globex")
    article = await stored_article(database, account_id, slug="taken")
    await stored_article(database, other, slug="taken")
    async with database.read() as connection:
        assert await articles.is_slug_taken(connection, account_id=account_id, slug="taken")
        assert not await articles.is_slug_taken(
            connection, account_id=account_id, slug="taken", except_article=article.article_id
        )
    with pytest.raises(IntegrityError):
        await stored_article(database, account_id, slug="taken")


async def test_page_is_cut_when_articles_are_listed(database: Database) -> None:
    """Newest first, then by id, without text; an offset beyond all integers is an empty page."""
    account_id = await stored_account(database)
    stored = [await stored_article(database, account_id) for _ in range(3)]
    published = await stored_article(database, account_id, publication_status=PublicationStatus.PUBLISHED)
    expected = sorted([*stored, published], key=lambda article: article.article_id, reverse=True)
    options: dict[str, Any] = {"account_id": account_id, "limit": 2}
    async with database.read() as connection:
        page, total = await articles.list_articles(connection, status=None, offset=1, **options)
        assert (page, total) == ([replace(article, content="", evidence=()) for article in expected[1:3]], 4)
        only, total = await articles.list_articles(connection, status=PublicationStatus.PUBLISHED, offset=0, **options)
        assert ([article.article_id for article in only], total) == ([published.article_id], 1)
        assert await articles.list_articles(connection, status=None, offset=2**70, **options) == ([], 4)


async def test_everything_goes_when_article_is_deleted(database: Database) -> None:
    """Versions and evidence go with the article, and again is no error."""
    account_id = await stored_account(database)
    article = await stored_article(database, account_id)
    async with database.write() as connection:
        for _ in range(2):
            await articles.delete_article(connection, article.article_id)
        assert await articles.get_article(connection, account_id=account_id, article_id=article.article_id) is None
        assert await articles.list_versions(connection, article_id=article.article_id, limit=9, offset=0) == ([], 0)
        assert (await connection.execute(select(func.count()).select_from(article_evidence))).scalar_one() == 0
