"""How long a stage waits for its sources: to its deadline, and for slow pages less once most of them are in."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from copydesk.domain.source import Source

ENOUGH = 0.8  # share of the sources that have not failed: when so many are here, the others are slow

Arrived = Callable[[], None]
Read = Callable[[Source, Arrived], Coroutine[Any, Any, bool]]
"""Reads one source and says whether it gave anything; calls `Arrived` once its bytes are here."""
Further = Coroutine[Any, Any, Sequence[Source]]
"""Finds further sources while the first ones are read."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait."""

    until: float  # the loop's time at which the stage goes on
    seconds: float  # of the whole stage, for the sentence
    grace: float | None  # seconds for what has not arrived when `ENOUGH` are here; None: the whole time


async def read_side_by_side(
    sources: Sequence[Source], read: Read, patience: Patience, further: Further | None = None
) -> dict[str, str]:
    """Read sources at the same time; answers why by the id of each one that was not waited for.

    What arrived in time is read to the end, or to the stage's. Until `further` has said which other sources there are,
    no source counts as slow. The first error of `read` or `further` is raised after the others were stopped.
    """
    race = _Race(sources, read, patience, further)
    try:
        return await race.run()
    finally:
        await race.end()


class _Race:
    def __init__(self, sources: Sequence[Source], read: Read, patience: Patience, further: Further | None) -> None:
        self._clock = asyncio.get_running_loop().time
        self._patience = patience
        self._grace = patience.grace  # None once it was given
        self._cut: float | None = None  # when what has not arrived is given up
        self._arrived: set[str] = set()
        self._good = 0
        self._read = read
        self._running: dict[asyncio.Task[bool], Source] = {}
        self._further = asyncio.create_task(further) if further is not None else None
        self._begin(sources)

    async def run(self) -> dict[str, str]:
        late: dict[str, str] = {}
        until, seconds = self._patience.until, self._patience.seconds
        while self._running or self._further is not None:
            limit = until if self._cut is None else min(self._cut, until)
            jobs: set[asyncio.Task[Any]] = {*self._running, *([self._further] if self._further is not None else [])}
            await asyncio.wait(jobs, timeout=max(0.0, limit - self._clock()), return_when=asyncio.FIRST_COMPLETED)
            self._take()
            self._reconsider()
            if self._clock() >= until:
                await self._drop_further()
                late |= await self.stop(self._running, f"It did not arrive within the stage's {seconds:g} s.")
            elif self._cut is not None and self._clock() >= self._cut:
                message = f"It did not arrive within {self._grace:g} s of most other pages, and was not waited for."
                self._grace = self._cut = None
                late |= await self.stop(self._missing(), message)
        return late

    async def end(self) -> None:
        """Stop whatever still runs."""
        await self._drop_further()
        await self.stop(self._running)

    async def _drop_further(self) -> None:
        """Stop whoever still looks for further sources."""
        if self._further is None:
            return
        dropped, self._further = self._further, None
        dropped.cancel()
        await asyncio.gather(dropped, return_exceptions=True)

    def _begin(self, sources: Sequence[Source]) -> None:
        for source in sources:
            self._running[asyncio.create_task(self._read(source, self._arrival(source)))] = source

    def _take(self) -> None:
        """Take what is done: readings, and the sources that were found meanwhile."""
        for job in [job for job in self._running if job.done()]:
            del self._running[job]
            self._good += job.result()
        if self._further is not None and self._further.done():
            found, self._further = self._further.result(), None
            self._begin(found)

    async def stop(self, jobs: Collection[asyncio.Task[bool]], message: str = "") -> dict[str, str]:
        """Cancel jobs; answers `message` by the ids of the sources that were not stored before."""
        stopped = {job: self._running.pop(job) for job in list(jobs)}
        for job in stopped:
            job.cancel()
        await asyncio.gather(*stopped, return_exceptions=True)
        unfinished = [source for job, source in stopped.items() if job.cancelled() or job.exception() is not None]
        return {source.source_id: message for source in unfinished}

    def _arrival(self, source: Source) -> Arrived:
        def arrived() -> None:
            self._arrived.add(source.source_id)
            self._reconsider()

        return arrived

    def _reconsider(self) -> None:
        """Begin the grace when enough is here, and take it back if much of that proves to be nothing."""
        if self._grace is None or self._further is not None:
            return
        missing = len(self._missing())
        here = self._good + len(self._running) - missing
        if not here or here < ENOUGH * (here + missing):
            self._cut = None
        elif self._cut is None:
            self._cut = self._clock() + self._grace

    def _missing(self) -> list[asyncio.Task[bool]]:
        return [job for job, source in self._running.items() if source.source_id not in self._arrived]
