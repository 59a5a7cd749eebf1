"""Who runs beside whom in one worker: many side by side, or one alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Company:
    """Lets runs go side by side, or one alone.

    One that is to be alone waits for those that run to end; newcomers wait for it, so that it gets its turn.
    """

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._running = 0
        self._solitary = 0  # that wait, or run, to be alone

    @asynccontextmanager
    async def entered(self, *, alone: bool) -> AsyncIterator[None]:
        """Run the block when it may run."""
        self._solitary += alone
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._running == 0 if alone else self._solitary == 0)
                self._running += 1
            try:
                yield
            finally:
                self._running -= 1
        finally:
            self._solitary -= alone
            await asyncio.shield(self._tell())

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
