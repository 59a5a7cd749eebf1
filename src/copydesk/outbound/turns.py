"""Taking turns at a host: a few connections at the same time, a pause between two requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

MAX_CONNECTIONS = 2  # to one host at the same time
_MANY = 1_000  # hosts that are remembered before those without a waiting request are forgotten


@dataclass(kw_only=True)
class _Host:
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_CONNECTIONS))
    visitors: int = 0  # that wait or hold a slot
    next_at: float = 0.0  # the loop's time before which no request begins


class HostTurns:
    """Who may ask which host when, over all tasks of the process."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, *, pause: float) -> AsyncIterator[None]:
        """Wait for a turn at `host`, and keep the next request away for `pause` seconds from its beginning."""
        entry = self._hosts.get(host)
        if entry is None:
            self._forget_idle()
            entry = self._hosts[host] = _Host()
        entry.visitors += 1
        try:
            async with entry.slots:
                clock = asyncio.get_running_loop().time
                begin = max(clock(), entry.next_at)
                entry.next_at = begin + pause
                await asyncio.sleep(begin - clock())
                yield
        finally:
            entry.visitors -= 1

    def _forget_idle(self) -> None:
        if len(self._hosts) < _MANY:
            return
        clock = asyncio.get_running_loop().time()
        for host, entry in list(self._hosts.items()):
            if not entry.visitors and entry.next_at <= clock:
                del self._hosts[host]
