"""Watches a sandbox at work: its processes, their memory, how its readings end."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

import psutil

from copydesk.domain.source import Document
from copydesk.errors import ReadError

MODULE = "copydesk.readers.worker"


def children(parent: int | None = None) -> set[int]:
    """Processes of ours, or of another's, that read."""
    found: set[int] = set()
    for process in psutil.Process(parent).children(recursive=True):
        with suppress(psutil.Error):
            if MODULE in process.cmdline():
                found.add(process.pid)
    return found


async def until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        await asyncio.sleep(0.01)


async def until_busy(pid: int) -> None:
    """Wait until the process is at work."""
    process = psutil.Process(pid)
    before = process.cpu_times().user
    await until(lambda: process.cpu_times().user > before + 0.05)


async def outcome(reading: Awaitable[Document]) -> str:
    """The reason of the error, or `read`."""
    try:
        await reading
    except ReadError as error:
        return error.reason
    return "read"


class PeakMemory:
    """The most that one of our reading processes holds while the block lasts, in bytes."""

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        processes = [psutil.Process(pid) for pid in children()]
        while not self._done.wait(0.005):
            for process in processes:
                with suppress(psutil.Error):
                    self.peak = max(self.peak, process.memory_info().rss)
