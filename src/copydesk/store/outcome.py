"""The end of a task: its article, the evidence for it, and the status, in one transaction."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.article import Article, EvidenceSentence
from copydesk.store.schema import article_evidence, article_versions, articles


async def list_slugs(connection: AsyncConnection, *, account_id: str, beginning: str) -> set[str]:
    """The account's slugs that begin so: what a new one must differ from."""
    query = select(articles.c.slug).where(
        articles.c.account_id == account_id, articles.c.slug.startswith(beginning, autoescape=True)
    )
    return set((await connection.execute(query)).scalars())


async def insert_article(connection: AsyncConnection, article: Article, evidence: Sequence[EvidenceSentence]) -> None:
    """Store a finished article with its first version and its evidence.

    Raises:
        sqlalchemy.exc.IntegrityError: The slug was taken meanwhile.
    """
    await connection.execute(
        insert(articles).values(
            article_id=article.article_id,
            account_id=article.account_id,
            task_id=article.task_id,
            title=article.title,
            content=article.content,
            slug=article.slug,
            seo_title=article.seo_title,
            seo_description=article.seo_description,
            excerpt=article.excerpt,
            keywords=article.keywords,
            data_sources=article.data_sources,
            language=article.language,
            word_count=article.word_count,
            words_asked_min=article.words_asked_min,
            words_asked_max=article.words_asked_max,
            seo=article.seo,
            json_ld=article.json_ld,
            outline=article.outline,
            writer=article.writer,
            support=article.support,
            warnings=article.warnings,
            metadata=article.metadata,
            publication_status=article.publication_status.value,
            published_at=article.published_at,
            version=article.version,
            revision=article.revision,
            created_at=article.created_at,
            updated_at=article.updated_at,
        )
    )
    await connection.execute(
        insert(article_versions).values(
            article_id=article.article_id,
            version=article.version,
            title=article.title,
            content=article.content,
            word_count=article.word_count,
            created_at=article.created_at,
        )
    )
    await connection.execute(insert(article_evidence).values(article_id=article.article_id, sentences=tuple(evidence)))
