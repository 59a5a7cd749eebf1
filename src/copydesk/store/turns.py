"""Turns at the database: any number of runs in flight leave room for requests, and wait as long as it takes.

A run of a task waits here, in the order of coming, instead of at the pool of connections, where waiting ends in an
error that would throw its work away. Requests wait behind one another and a few runs, never behind all of them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar

from copydesk.errors import DatabaseError
from copydesk.store.fence import is_claimed

REQUEST_CONNECTIONS = 2  # of a process's pool, which runs leave to requests

_inside: ContextVar[bool] = ContextVar("copydesk_inside_turn", default=False)


class Turns:
    """Who may use a connection of this process now.

    Args:
        connections: In the pool.
        one_writer: Whether the database takes one writer at a time: then they queue here, rather than look at its
            lock again and again, each with a connection in hand.
        patience: Seconds that a request waits for the writers before it.
    """

    def __init__(self, *, connections: int, one_writer: bool, patience: float) -> None:
        self._runs = asyncio.Semaphore(connections - REQUEST_CONNECTIONS)
        self._one_writer = one_writer
        self._patience = patience
        self._writing = asyncio.Lock()
        self._run_next = asyncio.Lock()  # held by the one run that waits to write

    @asynccontextmanager
    async def taken(self, *, writes: bool) -> AsyncIterator[None]:
        """Hold a turn for the block; a turn within a turn is the same one.

        Raises:
            DatabaseError: A request has waited too long for writers before it.
        """
        if _inside.get():
            yield
            return
        async with AsyncExitStack() as held:
            if is_claimed():
                await held.enter_async_context(self._runs)
            if writes and self._one_writer:
                await self._to_write(held)
            _inside.set(True)
            try:
                yield
            finally:
                _inside.set(False)

    async def _to_write(self, held: AsyncExitStack) -> None:
        if is_claimed():
            async with self._run_next:
                await held.enter_async_context(self._writing)
            return
        try:
            async with asyncio.timeout(self._patience):
                await held.enter_async_context(self._writing)
        except TimeoutError as error:
            message = "The database is busy with other writers; try again in a few seconds."
            raise DatabaseError(message) from error
