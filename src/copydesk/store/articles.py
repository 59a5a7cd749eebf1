"""Articles with their versions and evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Row, and_, delete, func, insert, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.article import Article, ArticleOrder, ArticleVersion, PublicationStatus
from copydesk.store import counters
from copydesk.store.counters import Counted
from copydesk.store.schema import article_evidence, article_versions, articles
from copydesk.store.usage import count_article

_NEWEST_FIRST = (articles.c.created_at.desc(), articles.c.article_id.desc())
_LISTED = [column for column in articles.c if column is not articles.c.content]


@dataclass(frozen=True, kw_only=True)
class ArticleKey:
    """What an article is sought and sorted by."""

    article_id: str
    title: str
    value: datetime | int  # of the order asked for


async def insert_article(connection: AsyncConnection, article: Article) -> None:
    """Store a new article, its evidence and its first version, and count it among what the account used.

    Raises:
        sqlalchemy.exc.IntegrityError: The account has an article with that slug.
    """
    await connection.execute(insert(articles).values(**_row(article)))
    await connection.execute(insert(article_evidence).values(article_id=article.article_id, sentences=article.evidence))
    await _keep_version(connection, article)
    await count_article(connection, article)


async def update_article(connection: AsyncConnection, article: Article, *, revision: int) -> bool:
    """Store an edited article in place of its `revision`, and keep a changed text as a new version.

    The evidence is replaced by the article's. Answers False, and changes nothing, when the stored
    article is not at `revision` any more.

    Raises:
        sqlalchemy.exc.IntegrityError: Another article of the account has its slug.
    """
    query = (
        select(articles.c.version)
        .where(articles.c.article_id == article.article_id, articles.c.revision == revision)
        .with_for_update()
    )
    version = (await connection.execute(query)).scalar_one_or_none()
    if version is None:
        return False
    values = _row(article)
    for name in ("article_id", "account_id", "task_id", "created_at"):
        del values[name]
    await connection.execute(update(articles).where(articles.c.article_id == article.article_id).values(**values))
    await connection.execute(
        update(article_evidence)
        .where(article_evidence.c.article_id == article.article_id)
        .values(sentences=article.evidence)
    )
    if article.version != version:
        await _keep_version(connection, article)
    return True


async def get_article(connection: AsyncConnection, *, account_id: str, article_id: str) -> Article | None:
    """One article of the account, with its evidence, or None."""
    query = (
        select(articles, article_evidence.c.sentences)
        .outerjoin(article_evidence, article_evidence.c.article_id == articles.c.article_id)
        .where(articles.c.article_id == article_id, articles.c.account_id == account_id)
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else replace(_article(row, row.content), evidence=row.sentences or ())


async def list_articles(
    connection: AsyncConnection, *, account_id: str, status: PublicationStatus | None, limit: int, offset: int
) -> tuple[list[Article], int]:
    """A page of the account's articles, newest first then by id, and how many there are in all.

    Their `content` and `evidence` are left empty: a list does not show them, and they are long.
    """
    states = () if status is None else (status.value,)
    total = await counters.total(connection, account_id, Counted.ARTICLES, *states)
    if offset >= total:  # also keeps offsets away from Postgres that its integers cannot hold
        return [], total
    where = and_(articles.c.account_id == account_id, *(articles.c.publication_status == state for state in states))
    # The indexes alone find the page: rows that are skipped are never read.
    page = select(articles.c.article_id).where(where).order_by(*_NEWEST_FIRST).limit(limit).offset(offset)
    query = select(*_LISTED).where(articles.c.article_id.in_(page)).order_by(*_NEWEST_FIRST)
    return [_article(row, "") for row in (await connection.execute(query)).all()], total


async def list_keys(
    connection: AsyncConnection,
    *,
    account_id: str,
    status: PublicationStatus | None,
    order: ArticleOrder,
    limit: int,
) -> list[ArticleKey]:
    """The newest articles of the account by what they are sought and sorted by, newest first."""
    score = type_coerce(articles.c.seo, JSON)["score"].as_integer()
    sorted_by: dict[ArticleOrder, ColumnElement[Any]] = {
        ArticleOrder.UPDATED: articles.c.updated_at,
        ArticleOrder.WORDS: articles.c.word_count,
        ArticleOrder.SCORE: score,
    }
    value = sorted_by.get(order, articles.c.created_at)
    query = select(articles.c.article_id, articles.c.title, value.label("value")).where(
        articles.c.account_id == account_id
    )
    if status is not None:
        query = query.where(articles.c.publication_status == status.value)
    rows = (await connection.execute(query.order_by(*_NEWEST_FIRST).limit(limit))).all()
    return [ArticleKey(article_id=row.article_id, title=row.title, value=row.value) for row in rows]


async def list_by_ids(connection: AsyncConnection, *, account_id: str, article_ids: Sequence[str]) -> list[Article]:
    """Those of the account's articles, without their text and evidence, in the order of the ids."""
    query = select(*_LISTED).where(articles.c.account_id == account_id, articles.c.article_id.in_(article_ids))
    found = {row.article_id: _article(row, "") for row in (await connection.execute(query)).all()}
    return [found[article_id] for article_id in article_ids if article_id in found]


async def list_task_articles(connection: AsyncConnection, *, account_id: str, task_id: str) -> list[Article]:
    """The articles of a task in full, without evidence, oldest first."""
    query = (
        select(articles)
        .where(articles.c.task_id == task_id, articles.c.account_id == account_id)
        .order_by(articles.c.created_at, articles.c.article_id)
    )
    return [_article(row, row.content) for row in (await connection.execute(query)).all()]


async def list_versions(
    connection: AsyncConnection, *, article_id: str, limit: int, offset: int
) -> tuple[list[ArticleVersion], int]:
    """A page of the kept versions of an article, newest first, and how many there are in all."""
    where = article_versions.c.article_id == article_id
    total = (await connection.execute(select(func.count()).select_from(article_versions).where(where))).scalar_one()
    if offset >= total:
        return [], total
    query = select(article_versions).where(where).order_by(article_versions.c.version.desc())
    rows = (await connection.execute(query.limit(limit).offset(offset))).all()
    return [_version(row) for row in rows], total


async def get_version(connection: AsyncConnection, *, article_id: str, version: int) -> ArticleVersion | None:
    """One kept version of an article, or None."""
    query = select(article_versions).where(
        article_versions.c.article_id == article_id, article_versions.c.version == version
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _version(row)


async def is_slug_taken(
    connection: AsyncConnection, *, account_id: str, slug: str, except_article: str | None = None
) -> bool:
    """Whether an article of the account, other than `except_article`, has that slug."""
    query = select(articles.c.article_id).where(articles.c.account_id == account_id, articles.c.slug == slug)
    if except_article is not None:
        query = query.where(articles.c.article_id != except_article)
    return (await connection.execute(query.limit(1))).scalar_one_or_none() is not None


async def delete_article(connection: AsyncConnection, article_id: str) -> None:
    """Delete an article with its versions and evidence."""
    for table in (article_versions, article_evidence, articles):
        await connection.execute(delete(table).where(table.c.article_id == article_id))


async def _keep_version(connection: AsyncConnection, article: Article) -> None:
    await connection.execute(
        insert(article_versions).values(
            article_id=article.article_id,
            version=article.version,
            title=article.title,
            content=article.content,
            word_count=article.word_count,
            created_at=article.updated_at,
        )
    )


def _version(row: "Row[tuple[object, ...]]") -> ArticleVersion:
    return ArticleVersion(
        version=row.version,
        title=row.title,
        content=row.content,
        word_count=row.word_count,
        created_at=row.created_at,
    )


def _row(article: Article) -> dict[str, Any]:
    return {
        "article_id": article.article_id,
        "account_id": article.account_id,
        "task_id": article.task_id,
        "title": article.title,
        "content": article.content,
        "slug": article.slug,
        "seo_title": article.seo_title,
        "seo_description": article.seo_description,
        "excerpt": article.excerpt,
        "keywords": article.keywords,
        "data_sources": article.data_sources,
        "language": article.language,
        "word_count": article.word_count,
        "words_asked_min": article.words_asked_min,
        "words_asked_max": article.words_asked_max,
        "seo": article.seo,
        "json_ld": article.json_ld,
        "outline": article.outline,
        "writer": article.writer,
        "prompts": article.prompts,
        "support": article.support,
        "warnings": article.warnings,
        "metadata": article.metadata,
        "publication_status": article.publication_status.value,
        "published_at": article.published_at,
        "version": article.version,
        "revision": article.revision,
        "created_at": article.created_at,
        "updated_at": article.updated_at,
    }


def _article(row: "Row[tuple[object, ...]]", content: str) -> Article:
    return Article(
        article_id=row.article_id,
        account_id=row.account_id,
        task_id=row.task_id,
        title=row.title,
        content=content,
        slug=row.slug,
        seo_title=row.seo_title,
        seo_description=row.seo_description,
        excerpt=row.excerpt,
        keywords=row.keywords,
        data_sources=row.data_sources,
        language=row.language,
        word_count=row.word_count,
        words_asked_min=row.words_asked_min,
        words_asked_max=row.words_asked_max,
        seo=row.seo,
        json_ld=row.json_ld,
        outline=row.outline,
        writer=row.writer,
        prompts=row.prompts,
        support=row.support,
        warnings=row.warnings,
        metadata=row.metadata,
        publication_status=PublicationStatus(row.publication_status),
        published_at=row.published_at,
        version=row.version,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
