"""Usage: what an account used on which day, and what is left of its limits."""

import asyncio
from datetime import date, timedelta

from copydesk.domain.clock import now
from copydesk.settings import Settings
from copydesk.store import files, tasks, usage
from copydesk.store.database import Database
from copydesk.wire.problems import validation_error
from copydesk.wire.usage import DEFAULT_DAYS, MAX_DAYS, UsageLimit, UsageLimits, UsageQuery, UsageReport


class UsageService:
    """What an account may know of its use."""

    def __init__(self, *, database: Database, settings: Settings) -> None:
        self._database = database
        self._max_active = settings.max_active_tasks
        self._capacity = settings.max_storage_mb * 2**20  # bytes

    async def show(self, *, account_id: str, query: UsageQuery, requests: UsageLimit) -> UsageReport:
        """What the account used, day by day, and its limits; `requests` is what the caller's key has left.

        Raises:
            ValidationError: The range ends before it begins, or has more than 366 days.
        """
        first, last = _range(query, today=now().date())
        async with self._database.read() as connection:
            used = await usage.list_days(connection, account_id=account_id, first=first, last=last)
            active = await tasks.count_active(connection, account_id)
            stored = await files.stored_bytes(connection, account_id)
        limits = UsageLimits(
            active_tasks=UsageLimit.of(self._max_active, active),
            requests_per_minute=requests,
            storage_bytes=UsageLimit.of(self._capacity, stored),
        )
        return await asyncio.to_thread(UsageReport.of, first, last, used, limits)


def _range(query: UsageQuery, *, today: date) -> tuple[date, date]:
    last = query.last or today
    first = query.first or last - min(timedelta(days=DEFAULT_DAYS - 1), last - date.min)
    if last < first:
        message = f"Input should not be before 'from', which is {first}"
        raise validation_error([{"field": "to", "message": message, "type": "range"}])
    if (last - first).days >= MAX_DAYS:
        message = f"Input should make a range of at most {MAX_DAYS} days with 'to', which is {last}"
        raise validation_error([{"field": "from", "message": message, "type": "range"}])
    return first, last
