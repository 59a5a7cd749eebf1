"""Articles: listed, shown, edited, deleted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.article import Article, ArticleOrder, ArticleVersion, EvidenceSentence, PublicationStatus
from copydesk.domain.clock import now
from copydesk.errors import ArticleNotFound, Conflict, PreconditionFailed
from copydesk.ports import TaskQueue
from copydesk.services.editing import check_shape, edited
from copydesk.services.identity import is_id, shown
from copydesk.services.previewing import ArticlePreview, Support, previewed, support_at
from copydesk.store import articles, evidence, tasks
from copydesk.store.database import Database

SOUGHT = 5_000  # articles looked through, newest first, where no index sorts them


@dataclass(frozen=True, kw_only=True)
class FoundArticles:
    """A page of articles that were sought."""

    articles: Sequence[Article]  # without their text
    total: int  # of all pages
    complete: bool  # False: only the newest `SOUGHT` articles were looked through


class ArticleService:
    """What an account does with its articles."""

    def __init__(self, *, database: Database, queue: TaskQueue) -> None:
        self._database = database
        self._queue = queue

    async def list(
        self, *, account_id: str, status: PublicationStatus | None, limit: int, offset: int
    ) -> tuple[Sequence[Article], int]:
        """A page of the account's articles without their text, newest first, and how many there are in all."""
        async with self._database.read() as connection:
            return await articles.list_articles(
                connection, account_id=account_id, status=status, limit=limit, offset=offset
            )

    async def find(
        self,
        *,
        account_id: str,
        status: PublicationStatus | None = None,
        title: str = "",
        order: ArticleOrder = ArticleOrder.CREATED,
        limit: int,
        offset: int,
    ) -> FoundArticles:
        """A page of the account's articles without their text, by words of their titles and in an order.

        Without either this is `list`. With one, the newest `SOUGHT` articles are looked through: an index exists
        for the order of creation alone, and titles compare as Unicode does on every database.
        """
        words = title.casefold().split()
        if not words and order is ArticleOrder.CREATED:
            found, total = await self.list(account_id=account_id, status=status, limit=limit, offset=offset)
            return FoundArticles(articles=found, total=total, complete=True)
        async with self._database.read() as connection:
            keys = await articles.list_keys(
                connection, account_id=account_id, status=status, order=order, limit=SOUGHT + 1
            )
            ids = await asyncio.to_thread(_chosen, keys[:SOUGHT], words, order)
            page = await articles.list_by_ids(
                connection, account_id=account_id, article_ids=ids[offset : offset + limit]
            )
        return FoundArticles(articles=page, total=len(ids), complete=len(keys) <= SOUGHT)

    async def preview(self, *, account_id: str, article_id: str, body: dict[str, Any]) -> ArticlePreview:
        """The article as a PATCH body would make it, checked and not stored; what would be refused is named.

        Raises:
            ArticleNotFound: It is not the account's.
        """
        before, prompt = await self._with_prompt(account_id, article_id)
        found = await asyncio.to_thread(previewed, before, body, prompt=prompt)
        async with self._database.read() as connection:
            try:
                await _refuse_taken_slug(connection, before, found.article)
            except Conflict as error:
                detail = {"field": "slug", "message": error.message, "type": "taken"}
                return replace(found, problems=(*found.problems, detail))
        return found

    async def support(self, *, account_id: str, article_id: str, number: int, before: str) -> Support:
        """What stands behind a footnote mark, given the visible text before it. Raises ArticleNotFound."""
        article = await self.get(account_id=account_id, article_id=article_id)
        return await asyncio.to_thread(support_at, article, number=number, before=before)

    async def version(self, *, account_id: str, article_id: str, version: int) -> tuple[Article, ArticleVersion]:
        """An article and one of its kept versions.

        Raises:
            ArticleNotFound: It is not the account's, or has no such version.
        """
        async with self._database.read() as connection:
            article = await _find(connection, account_id, article_id)
            found = None
            if version <= article.version:  # also keeps numbers away from Postgres that its integers cannot hold
                found = await articles.get_version(connection, article_id=article_id, version=version)
        if found is None:
            message = f"The article has no version {version}."
            raise ArticleNotFound(message)
        return article, found

    async def get(self, *, account_id: str, article_id: str) -> Article:
        """An article in full. Raises ArticleNotFound."""
        async with self._database.read() as connection:
            return await _find(connection, account_id, article_id)

    async def evidence(self, *, account_id: str, article_id: str) -> Sequence[EvidenceSentence]:
        """The article's sentences and what supports them. Raises ArticleNotFound."""
        return (await self.get(account_id=account_id, article_id=article_id)).evidence

    async def versions(
        self, *, account_id: str, article_id: str, limit: int, offset: int
    ) -> tuple[Sequence[ArticleVersion], int]:
        """A page of the kept versions, newest first, and how many there are in all. Raises ArticleNotFound."""
        async with self._database.read() as connection:
            await _find(connection, account_id, article_id)
            return await articles.list_versions(connection, article_id=article_id, limit=limit, offset=offset)

    async def edit(
        self, *, account_id: str, article_id: str, body: Any, revisions: frozenset[int] | None = None
    ) -> Article:
        """Change an article by a PATCH body, parsed JSON.

        Args:
            account_id: Whose article.
            article_id: Which.
            body: Any editable fields; read-only ones only as they are shown.
            revisions: Those that may be changed; None: any.

        Raises:
            ArticleNotFound: It is not the account's.
            PreconditionFailed: It is at another revision.
            ValidationError: The body breaks rules.
            Conflict: The slug is taken.
        """
        while True:  # without If-Match the edit applies to whatever the article is by then
            before, prompt = await self._with_prompt(account_id, article_id)
            if revisions is not None and before.revision not in revisions:
                await asyncio.to_thread(check_shape, body, before)
            _refuse_other_revision(before, revisions)
            after = await asyncio.to_thread(edited, before, body, prompt=prompt, at=now())
            if after == before or await self._replace(before, after):
                return after

    async def delete(self, *, account_id: str, article_id: str, revisions: frozenset[int] | None = None) -> None:
        """Delete an article for good, with all text it was made from and all that was kept of it.

        The engine's checkpoints go first: where they cannot be reached, the article stays.

        Raises:
            ArticleNotFound: It is not the account's.
            PreconditionFailed: It is at a revision that is none of `revisions`.
            DatabaseError: The article is still there.
        """
        async with self._database.read() as connection:
            article = await _find(connection, account_id, article_id)
            task = await tasks.load_task(connection, article.task_id)
        _refuse_other_revision(article, revisions)
        if task is not None:
            for attempt in range(1, task.attempt + 1):
                await self._queue.forget(replace(task, attempt=attempt).workflow_id)
        async with self._database.write() as connection:
            current = await _find(connection, account_id, article_id)
            _refuse_other_revision(current, revisions)
            await articles.delete_article(connection, article_id)
            await evidence.forget_text(connection, article.task_id)

    async def _with_prompt(self, account_id: str, article_id: str) -> tuple[Article, str]:
        async with self._database.read() as connection:
            article = await _find(connection, account_id, article_id)
            task = await tasks.load_task(connection, article.task_id)
        return article, article.title if task is None else task.input.user_prompt

    async def _replace(self, before: Article, after: Article) -> bool:
        """Store an edit; False where another request has changed the article since it was read."""
        try:
            async with self._database.write() as connection:
                await _refuse_taken_slug(connection, before, after)
                return await articles.update_article(connection, after, revision=before.revision)
        except IntegrityError as error:
            raise _taken(after.slug) from error


async def _find(connection: AsyncConnection, account_id: str, article_id: str) -> Article:
    article = None
    if is_id(article_id):
        article = await articles.get_article(connection, account_id=account_id, article_id=article_id)
    if article is None:
        message = f"There is no article {shown(article_id)}, or you do not have access to it."
        raise ArticleNotFound(message)
    return article


def _chosen(keys: Sequence[articles.ArticleKey], words: Sequence[str], order: ArticleOrder) -> Sequence[str]:
    """The ids of those whose titles have all the words, in order; `keys` are newest first, which a sort keeps."""
    found = [key for key in keys if all(word in key.title.casefold() for word in words)]
    if order is ArticleOrder.TITLE:
        found.sort(key=lambda key: key.title.casefold())
    else:
        found.sort(key=attrgetter("value"), reverse=order is not ArticleOrder.SCORE)
    return [key.article_id for key in found]


def _refuse_other_revision(article: Article, revisions: frozenset[int] | None) -> None:
    if revisions is not None and article.revision not in revisions:
        message = "The article has changed since it was read; read it again and repeat the change."
        raise PreconditionFailed(message)


async def _refuse_taken_slug(connection: AsyncConnection, before: Article, after: Article) -> None:
    if after.slug != before.slug and await articles.is_slug_taken(
        connection, account_id=after.account_id, slug=after.slug, except_article=after.article_id
    ):
        raise _taken(after.slug)


def _taken(slug: str) -> Conflict:
    message = f"The slug {slug!r} is taken by another article of the account; choose another."
    return Conflict(message)
