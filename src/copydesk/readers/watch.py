"""Watches reader processes at work, and kills those that pass a limit."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_LOOK_SECONDS = 0.02  # between two looks at the processes at work
_LINGER_LOOKS = 50  # looks without any work before the thread sleeps: waking it costs more than a look

MEMORY, TIME, TEXT, CANCELLED = "memory", "time", "text", "cancelled"


@dataclass(eq=False, kw_only=True)
class Errand:
    """A piece of work of one process, and its limits."""

    deadline: float  # of time.monotonic()
    memory: int  # resident bytes
    resident: Callable[[], int]  # how many bytes the process has now
    kill: Callable[[], None]
    cancelled: threading.Event = field(default_factory=threading.Event)  # set: nobody waits for it any more
    limit: str | None = None  # what it was killed for: `MEMORY`, `TIME` or `CANCELLED`

    def passed(self) -> str | None:
        """The limit that it is over."""
        if self.cancelled.is_set():
            return CANCELLED
        if time.monotonic() > self.deadline:
            return TIME
        return MEMORY if self.resident() > self.memory else None


class Watch:
    """One thread for all processes of a pool. It starts with the first errand, and sleeps without any."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._errands: set[Errand] = set()
        self._thread: threading.Thread | None = None
        self._sleeps = False
        self._closed = False

    def begin(self, errand: Errand) -> None:
        """Kill its process when it passes a limit, until `end`."""
        with self._changed:
            self._errands.add(errand)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="reader-watch", daemon=True)
                self._thread.start()
            elif self._sleeps:
                self._changed.notify()

    def end(self, errand: Errand) -> None:
        """Leave its process alone from now on; afterwards `errand.limit` is final."""
        with self._changed:
            self._errands.discard(errand)

    def close(self) -> None:
        """End the thread; no errand may be under way."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        idle = 0
        while self._wait(sleep=idle > _LINGER_LOOKS):
            with self._changed:
                errands = tuple(self._errands)
            idle = 0 if errands else idle + 1
            for errand in errands:
                limit = errand.passed()
                if limit is not None:
                    self._kill(errand, limit)

    def _wait(self, *, sleep: bool) -> bool:
        """Wait until it is time to look; answer False when it is time to end."""
        with self._changed:
            if sleep and not self._errands and not self._closed:
                self._sleeps = True
                self._changed.wait()
                self._sleeps = False
            if not self._closed:
                self._changed.wait(_LOOK_SECONDS)
            return not self._closed

    def _kill(self, errand: Errand, limit: str) -> None:
        with self._changed:
            if errand in self._errands:  # it may have ended while it was looked at
                self._errands.discard(errand)
                errand.limit = limit
                errand.kill()
