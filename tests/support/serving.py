"""The application behind a real server on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from support.api import ScriptedReader, build_services

from copydesk.api.application import create_api
from copydesk.engine.scripted import ScriptedQueue
from copydesk.settings import Settings
from copydesk.store.database import Database


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[int]:
    """Serve in this event loop; answers the port."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, server_header=False, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def serving_api(database: Database) -> AsyncIterator[tuple[int, str]]:
    """Serve the API; answers the port and a key."""
    settings = Settings(_env_file=None)
    services = build_services(database, ScriptedQueue(), ScriptedReader(), settings)
    _, secret = await services.access.create_key("acme")
    async with serving(create_api(settings=settings, services=services)) as port:
        yield port, secret
