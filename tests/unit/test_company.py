"""Who runs beside whom in one worker."""

import asyncio

import pytest

from copydesk.worker.company import Company


class Runs:
    """Runs that last until they are told to end, and who ran at the same time."""

    def __init__(self) -> None:
        self.company = Company()
        self.now: set[str] = set()
        self.seen: list[frozenset[str]] = []
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def begin(self, name: str, *, alone: bool = False) -> None:
        """Let a run want to begin."""
        self._ends[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._run(name, alone=alone))
        await asyncio.sleep(0.01)

    async def end(self, name: str) -> None:
        """Let it end, or end its waiting."""
        self._ends[name].set()
        if name not in self.now:
            self._tasks[name].cancel()
        await asyncio.gather(self._tasks[name], return_exceptions=True)
        await asyncio.sleep(0.01)

    async def _run(self, name: str, *, alone: bool) -> None:
        async with self.company.entered(alone=alone):
            self.now.add(name)
            self.seen.append(frozenset(self.now))
            try:
                await self._ends[name].wait()
            finally:
                self.now.discard(name)


async def test_runs_go_side_by_side_when_none_is_to_be_alone() -> None:
    """As many as there are."""
    runs = Runs()
    for name in "abc":
        await runs.begin(name)
    assert runs.now == {"a", "b", "c"}
    for name in "abc":
        await runs.end(name)


async def test_run_waits_for_the_others_when_it_is_to_be_alone() -> None:
    """And newcomers wait for it, so that it gets its turn."""
    runs = Runs()
    await runs.begin("a")
    await runs.begin("solitary", alone=True)
    await runs.begin("late")
    assert runs.now == {"a"}
    await runs.end("a")
    assert runs.now == {"solitary"}
    await runs.end("solitary")
    assert runs.now == {"late"}
    await runs.end("late")


async def test_two_are_alone_one_after_the_other() -> None:
    """Never with each other."""
    runs = Runs()
    for name in ("first", "second"):
        await runs.begin(name, alone=True)
    assert runs.now == {"first"}
    await runs.end("first")
    assert runs.now == {"second"}
    await runs.end("second")
    assert max(len(seen) for seen in runs.seen) == 1


@pytest.mark.parametrize("alone", [True, False])
async def test_others_go_on_when_one_that_waits_is_cancelled(*, alone: bool) -> None:
    """It leaves no gate closed."""
    runs = Runs()
    await runs.begin("first", alone=not alone)
    await runs.begin("waiting", alone=alone)
    assert runs.now == {"first"}
    await runs.end("waiting")
    await runs.end("first")
    await runs.begin("next")
    assert runs.now == {"next"}
    await runs.end("next")
