"""Every page of the desk, in one place: whoever adds one adds a line here, and it is looked at from all sides."""

from dataclasses import dataclass

from support.desk import Desk

NOBODY = ("sign-in", "link")  # pages for people who are not signed in
PAGES = {  # by name; what stands in braces is filled in from `Stock`
    "sign-in": "/desk/sign-in",
    "link": "/desk/link/{link}",
    "problem": "/desk/nowhere",
    "tasks": "/desk/tasks",
    "tasks-empty": "/desk/tasks?status=cancelled",
    "articles": "/desk/articles",
    "articles-empty": "/desk/articles?status=archived",
    "settings": "/desk/settings",
    "revoke": "/desk/settings/keys/{key_id}/revoke",
    "new": "/desk/new",
    "task": "/desk/tasks/{task_id}",
    "article": "/desk/articles/{article_id}",
    "article-delete": "/desk/articles/{article_id}/delete",
    "article-versions": "/desk/articles/{article_id}/versions",
    "usage": "/desk/usage",
    "usage-empty": "/desk/usage?from=2026-01-01&to=2026-01-07",
}
STATUS = {"problem": 404}  # of those that answer with another one than 200


@dataclass(frozen=True, kw_only=True)
class Stock:
    """An account with something on every page."""

    desk: Desk
    task_id: str
    article_id: str
    link: str

    def address(self, name: str) -> str:
        """The address of a page."""
        return PAGES[name].format(
            task_id=self.task_id, article_id=self.article_id, link=self.link, key_id=self.desk.key.key_id
        )


async def stock_of(desk: Desk) -> Stock:
    """Write the sample article."""
    submitted = await desk.submit_samples()
    await desk.ended(submitted.task_id)
    article = await desk.article(submitted.task_id)
    link = await desk.services.sessions.make_link("local")
    return Stock(desk=desk, task_id=submitted.task_id, article_id=article.article_id, link=link)
