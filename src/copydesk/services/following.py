"""Following tasks: one look at the database for all who listen in this process, woken by whoever writes.

What is new of a task is read once and shared. A listener holds a place in the task's sequence and nothing else: one
that is slow, or comes late, reads from the table what is no longer shared, so nothing grows with it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress

from copydesk.domain.clock import now
from copydesk.errors import DatabaseError
from copydesk.store.database import Database
from copydesk.store.events import hear_events, last_events, list_events, list_news
from copydesk.store.tasks import load_task
from copydesk.telemetry import get_logger
from copydesk.wire.events import EndEvent, Event, EventKind

POLL = 0.5  # seconds between two looks when nobody wakes us: the net below
BREATH = 0.02  # seconds between two looks however often we are woken
HEARTBEAT = 15.0  # seconds of silence until a sign of life, as the SSE standard advises
SHARED = 32  # newest events of a task that are kept for all its listeners
_TASKS_A_LOOK = 50  # whose news are read in one query

log = get_logger(__name__)


async def comes(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event comes within so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


class _Channel:
    """What the listeners of one task share."""

    def __init__(self) -> None:
        self.listeners = 0
        self.last: int | None = None  # the sequence of the newest event; None: not looked yet
        self.ended = False  # whether the task has
        self.gone = False  # whether it was deleted
        self.changed = asyncio.Event()  # set at the next change, and then another one
        self._since = 0  # the shared events are all that lie beyond this sequence, up to `_read`
        self._read = 0
        self._events: deque[Event] = deque()

    def look(self, last: int, *, ended: bool) -> int | None:
        """Note how far the task is; answers from where its news are to be read, if there are any."""
        if self.last is None:
            self._since = self._read = last
        if (last, ended) == (self.last, self.ended):
            return None
        if last > self._read:
            return self._read
        self.publish([], last=last, ended=ended)
        return None

    def publish(self, events: list[Event], *, last: int, ended: bool) -> None:
        """Share news, all there are up to `last`, and wake the listeners."""
        self._events.extend(events)
        while len(self._events) > SHARED:
            self._since = self._events.popleft().sequence
        self._read = self.last = last
        self.ended = ended
        self.wake()

    def skip(self, *, last: int, ended: bool) -> None:
        """Leave news to be read from the table by each listener: they are too many to share."""
        self._events.clear()
        self._since = last
        self.publish([], last=last, ended=ended)

    def wake(self) -> None:
        """Wake every listener."""
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    def beyond(self, after: int) -> list[Event] | None:
        """The shared events beyond a sequence; None where older ones than are shared may be missing."""
        if self.last is None or after < self._since:
            return None
        return [event for event in self._events if event.sequence > after]


class Following:
    """Everybody in this process who follows tasks; it looks at the database only while somebody does.

    Args:
        database: Where the events are.
        heartbeat: Seconds of silence until a listener is given a sign of life.
    """

    def __init__(self, database: Database, *, heartbeat: float = HEARTBEAT) -> None:
        self._database = database
        self._heartbeat = heartbeat
        self._channels: dict[str, _Channel] = {}
        self._woken = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    def close(self) -> None:
        """End every listening, and refuse further ones: the process stops."""
        self._closed = True
        for channel in self._channels.values():
            channel.wake()

    async def follow(self, task_id: str, *, after: int, known: Sequence[Event] = ()) -> AsyncIterator[Event | None]:
        """The events of a task beyond a sequence, as they come, to its `end`; None is a sign of life.

        The first of them may be `known` to the caller.

        A task whose events are gone, or were never told, has its `end` made of what its row says.
        """
        with self._joined(task_id) as channel:
            found = list(known)
            while not self._closed and not channel.gone:
                changed = channel.changed  # before reading: what changes meanwhile is not missed
                found = found or await self._next(channel, task_id, after)
                for event in found:
                    yield event
                    after = event.sequence
                    if event.kind is EventKind.END:
                        return
                if not found and not await comes(changed, self._heartbeat):
                    yield None
                found = []

    async def _next(self, channel: _Channel, task_id: str, after: int) -> list[Event]:
        shared = channel.beyond(after)
        if shared:
            return shared
        try:
            if shared is None:
                async with self._database.read() as connection:
                    found = await list_events(connection, task_id, after=after)
                if found:
                    return found
            if channel.last is not None and channel.ended:
                return await self._ending(task_id, after=after)
        except DatabaseError as error:
            log.warning("events_not_read", task_id=task_id, reason=error.message)
        return []

    async def _ending(self, task_id: str, *, after: int) -> list[Event]:
        """The end of a task that told none."""
        async with self._database.read() as connection:
            task = await load_task(connection, task_id)
        if task is None or not task.status.terminal:
            return []
        return [Event(sequence=max(after, 1), data=EndEvent.of(task, task.finished_at or now()))]

    @contextmanager
    def _joined(self, task_id: str) -> Iterator[_Channel]:
        channel = self._channels.setdefault(task_id, _Channel())
        channel.listeners += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_on())
        self._woken.set()
        try:
            yield channel
        finally:
            channel.listeners -= 1
            if not channel.listeners:
                del self._channels[task_id]
            self._woken.set()  # the last one ends the looking

    async def _look_on(self) -> None:
        """Look at the database until nobody listens any more."""
        hearing = None if self._database.is_sqlite else asyncio.create_task(hear_events(self._database, self._heard))
        deaf = self._database.on_write(lambda: self._heard(None)) if hearing is None else None
        try:
            while self._channels:
                self._woken.clear()
                try:
                    await self._look()
                except DatabaseError as error:
                    log.warning("events_not_looked_for", reason=error.message)
                await asyncio.sleep(BREATH)
                await comes(self._woken, POLL - BREATH)
        finally:
            if deaf is not None:
                deaf()
            if hearing is not None:
                hearing.cancel()
                await asyncio.wait({hearing})

    def _heard(self, task_id: str | None) -> None:
        if task_id is None or task_id in self._channels:
            self._woken.set()

    async def _look(self) -> None:
        """Read how far all followed tasks are, then what is new of those that went on."""
        channels = dict(self._channels)
        async with self._database.read() as connection:
            states = await last_events(connection, channels)
        behind: dict[str, int] = {}
        for task_id, channel in channels.items():
            if task_id not in states:
                channel.gone = True
                channel.wake()
                continue
            last, ended = states[task_id]
            start = channel.look(last, ended=ended)
            if start is not None:
                behind[task_id] = start
        tasks = list(behind)
        for first in range(0, len(tasks), _TASKS_A_LOOK):
            await self._share({task_id: behind[task_id] for task_id in tasks[first : first + _TASKS_A_LOOK]}, states)

    async def _share(self, behind: dict[str, int], states: dict[str, tuple[int, bool]]) -> None:
        limit = SHARED * len(behind)
        async with self._database.read() as connection:
            news = await list_news(connection, behind, limit=limit)
        whole = sum(len(events) for events in news.values()) < limit
        for task_id in behind:
            channel, (last, ended) = self._channels.get(task_id), states[task_id]
            if channel is None:
                continue
            if whole:
                events = [event for event in news.get(task_id, []) if event.sequence <= last]
                channel.publish(events, last=last, ended=ended)
            else:
                channel.skip(last=last, ended=ended)
