"""What the interfaces may ask for, one class a noun; no HTTP in here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from copydesk.services.access import AccessService
from copydesk.services.articles import ArticleService
from copydesk.services.events import EventService
from copydesk.services.files import FileService
from copydesk.services.sessions import SessionService
from copydesk.services.tasks import TaskService
from copydesk.services.usage import UsageService


@dataclass(frozen=True, kw_only=True)
class Services:
    """Every service, as wiring builds them."""

    access: AccessService
    sessions: SessionService
    tasks: TaskService
    articles: ArticleService
    events: EventService
    files: FileService
    usage: UsageService
    ready: Callable[[], Awaitable[None]]  # raises DatabaseError while database or queue cannot be reached


__all__ = [
    "AccessService",
    "ArticleService",
    "EventService",
    "FileService",
    "Services",
    "SessionService",
    "TaskService",
    "UsageService",
]
