"""A process with the simulated endpoint and the small local web, so that what they cost is not counted as ours."""

import asyncio
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from local_web import LocalWeb, serve_web

from copydesk.adapters.llm.faults import Fault
from copydesk.adapters.llm.scripted import Choice, Pace, ScriptedEndpoint, Served, serve_endpoint
from copydesk.adapters.llm.scripted_text import Asked

FIRST_TOKEN, PER_SECOND = 0.6, 80.0  # seconds, tokens: of the peers' measurements
_START_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call as the endpoint saw it."""

    kind: str  # "plan", "outline", "section", ...
    part: str  # of the article, where one is named
    started: float  # seconds of the system's monotonic clock
    ended: float
    prompt_tokens: int
    completion_tokens: int
    fault: str | None
    answered: bool

    @classmethod
    def of(cls, served: Served) -> "Call":
        """What the bench wants to know of it."""
        lines = served.asked.prompt.splitlines()
        named = (line.partition(": ")[2] for line in lines if line.startswith("Now write this part: "))
        return cls(
            kind=served.asked.kind,
            part=next(named, ""),
            started=served.started,
            ended=served.ended,
            prompt_tokens=served.prompt_tokens,
            completion_tokens=served.completion_tokens if served.answered else 0,
            fault=None if served.fault is None else served.fault.value,
            answered=served.answered,
        )


def at_random(faults: Sequence[Fault], share: float, seed: int) -> Choice:
    """Spoils that share of the calls, each with a fault drawn from the sequence.

    What is drawn depends on the prompt and on how often it came before, not on which of several calls came first.
    """
    seen = Counter[tuple[str, str]]()

    def choose(_number: int, asked: Asked) -> Fault | None:
        call = asked.instructions, asked.prompt
        seen[call] += 1
        drawn = random.Random(f"{seed} {seen[call]} {call}")  # noqa: S311 - nothing secret
        return drawn.choice(faults) if drawn.random() < share else None

    return choose


class World:
    """The other process, as the bench talks to it."""

    def __init__(self, connection: Connection, addresses: tuple[str, str]) -> None:
        self._connection = connection
        self.model_url, self.searxng_url = addresses

    def calls(self) -> list[Call]:
        """The calls since this was last asked, in the order in which they started."""
        served: list[Call] = self._ask("calls")
        return sorted(served, key=lambda call: call.started)

    def behave(self, faults: Sequence[Fault] = (), *, share: float = 0.0, seed: int = 0) -> None:
        """Spoil that share of the calls; by default none."""
        self._ask("behave", tuple(faults), share, seed)

    def leave(self, *, after: float, seconds: float) -> None:
        """Be away for some seconds, from some seconds on: connections are cut, then refused."""
        self._ask("leave", after, seconds)

    def _ask(self, *command: object) -> Any:
        self._connection.send(command)
        return self._connection.recv()


@contextmanager
def simulated_world() -> Iterator[World]:
    """Run it until the block ends."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    if not ours.poll(_START_SECONDS):
        message = "The simulated endpoint did not start."
        raise TimeoutError(message)
    try:
        yield World(ours, ours.recv())
    finally:
        ours.send(("end",))
        process.join(10)


def _run(connection: Connection) -> None:
    asyncio.run(_Inside(connection).serve())


class _Inside:
    """The process's own side."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._endpoint = ScriptedEndpoint(pace=Pace(first_token=FIRST_TOKEN, per_second=PER_SECOND))
        self._absence: tuple[float, float] | None = None  # when it begins and ends
        self._changed = asyncio.Event()
        self._over = False

    async def serve(self) -> None:
        async with serve_web(LocalWeb()) as web:
            listening = asyncio.create_task(self._listen())
            port = 0
            while not self._over:
                async with serve_endpoint(self._endpoint, port=port) as url:
                    if not port:
                        port = int(url.rpartition(":")[2].partition("/")[0])
                        self._connection.send((url, web.search_url))
                    await self._until_absence()
                if self._absence is not None:
                    await asyncio.sleep(max(0.0, self._absence[1] - time.monotonic()))
                    self._absence = None
            await listening

    async def _until_absence(self) -> None:
        while not self._over:
            now = time.monotonic()
            if self._absence is not None and now >= self._absence[0]:
                return
            wait = None if self._absence is None else self._absence[0] - now
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                continue

    async def _listen(self) -> None:
        answers: dict[str, Callable[..., object]] = {"calls": self._calls, "behave": self._behave, "leave": self._leave}
        while True:
            name, *values = await asyncio.to_thread(self._connection.recv)
            if name == "end":
                self._over = True
                self._changed.set()
                return
            self._connection.send(answers[name](*values))
            self._changed.set()

    def _calls(self) -> list[Call]:
        served, self._endpoint.served = self._endpoint.served, []
        return [Call.of(one) for one in served]

    def _behave(self, faults: Sequence[Fault], share: float, seed: int) -> None:
        self._endpoint.choose = at_random(faults, share, seed)

    def _leave(self, after: float, seconds: float) -> None:
        begin = time.monotonic() + after
        self._absence = begin, begin + seconds
