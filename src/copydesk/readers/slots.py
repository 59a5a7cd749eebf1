"""Counts who may use one of a few things; for tasks of several event loops."""

import asyncio
import threading
from collections import deque

_Waiter = tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]"]


class Slots:
    """A semaphore that is given in the order of asking. `give` may be called from any thread.

    Args:
        count: How many may hold a slot at the same time.
    """

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free = count
        self._waiting: deque[_Waiter] = deque()

    async def take(self) -> None:
        """Wait for a slot."""
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return
            loop = asyncio.get_running_loop()
            granted: asyncio.Future[None] = loop.create_future()
            self._waiting.append((loop, granted))
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self.give()  # it came in the same moment
            raise

    def give(self) -> None:
        """Give a slot to who waits longest, or keep it free."""
        with self._lock:
            while self._waiting:
                loop, granted = self._waiting.popleft()
                if granted.cancelled():
                    continue
                try:
                    loop.call_soon_threadsafe(self._grant, granted)
                except RuntimeError:  # its loop is closed, so nobody waits
                    continue
                return
            self._free += 1

    def open_all(self) -> None:
        """Let everybody who waits through, without counting."""
        with self._lock:
            waiting = list(self._waiting)
            self._waiting.clear()
            self._free += len(waiting)
        for loop, granted in waiting:
            self._free -= 1
            try:
                loop.call_soon_threadsafe(self._grant, granted)
            except RuntimeError:
                continue

    def _grant(self, granted: "asyncio.Future[None]") -> None:
        if granted.cancelled():
            self.give()
        else:
            granted.set_result(None)
