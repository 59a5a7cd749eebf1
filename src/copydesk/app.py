"""Processes: the API alone, a worker alone, or both in one."""

import asyncio
import contextlib
import ctypes
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import uvicorn
from fastapi import FastAPI

from copydesk.api.application import create_api
from copydesk.services import Services
from copydesk.settings import Settings
from copydesk.web.application import PREFIX, create_web
from copydesk.wiring import Shared, build_services, open_shared, open_worker

HEADER_BYTES = 64 * 1024  # of one request's headers
KEEP_ALIVE_SECONDS = 75
DRAIN_SECONDS = 10  # for requests that run when the process is told to stop
# Seconds after which a thread that computes lets the event loop go on. With Python's 5 ms a round trip to a server
# beside two such threads took 34 to 71 ms on 2 cores, with 0.5 ms it took 1.3, and the threads got no less done.
SWITCH_SECONDS = 0.0005
ARENAS = 2  # of memory, for all threads: with one each, eight articles at once were measured at 375 instead of 336 MB
_M_ARENA_MAX = -8  # mallopt's name for it (malloc.h)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def build_app(shared: Shared) -> FastAPI:
    """The ASGI application over parts that the caller opened and closes."""
    return create_app(shared.settings, build_services(shared))


def create_app(settings: Settings, services: Services) -> FastAPI:
    """The API, and the desk beside it, as one ASGI application over services that the caller owns."""
    api = create_api(settings=settings, services=services)
    api.mount(PREFIX, create_web(settings=settings, services=services))
    return api


async def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    worker: bool,
    ready: Callable[[Services], Awaitable[None]] | None = None,
) -> None:
    """Serve the API, with or without a worker in the same process, until told to stop.

    `ready` is called once the port is open.

    Raises:
        ConfigurationError: Another process is the worker of this `DATA_DIR`, or tables are missing.
        DatabaseError: The database cannot be reached at the start.
    """
    _tune_process()
    async with open_shared(settings) as shared, _maybe_worker(shared, wanted=worker):
        app = build_app(shared)
        server = _Server(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                server_header=False,
                h11_max_incomplete_event_size=HEADER_BYTES,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=DRAIN_SECONDS,
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=list(settings.trusted_proxies),
                lifespan="off",
            ),
            ready=None if ready is None else lambda: ready(build_services(shared)),
            ending=app.state.services.events.close,
        )
        await server.serve()


def _tune_process() -> None:
    """Let threads give way soon, and keep their memory together, which the C library of most Linux systems can."""
    sys.setswitchinterval(SWITCH_SECONDS)
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)


class _Server(uvicorn.Server):
    """uvicorn, but for its signals: it would raise them again and end the process before the worker has stopped."""

    def __init__(
        self, config: uvicorn.Config, *, ready: Callable[[], Awaitable[None]] | None, ending: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port, and say so."""
        await super().startup(sockets)
        if self._ready is not None:
            await self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would go on for as long as tasks do, then wait for the rest."""
        self._ending()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGINT and SIGTERM end serving; what follows is the caller's."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)


async def work(settings: Settings) -> None:
    """Run a worker until told to stop (SIGINT or SIGTERM).

    Raises:
        ConfigurationError: Another process is the worker of this `DATA_DIR`, or tables are missing.
        DatabaseError: The database cannot be reached at the start.
    """
    _tune_process()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    async with open_shared(settings) as shared, open_worker(shared, grace=shared.settings.shutdown_grace):
        await stop.wait()


@contextlib.asynccontextmanager
async def _maybe_worker(shared: Shared, *, wanted: bool) -> AsyncIterator[None]:
    if not wanted:
        yield
        return
    async with open_worker(shared, grace=shared.settings.shutdown_grace):
        yield
