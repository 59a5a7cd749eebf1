"""Connections that a Postgres has closed are replaced before anybody meets them, or at once afterwards."""

import asyncio

import psycopg
import pytest
from sqlalchemy import text

from copydesk.errors import DatabaseError
from copydesk.store.database import Database

IDLE_SECONDS = 1.2  # more than a connection is trusted


def cut_all(url: str) -> None:
    """End every connection to the database but the one that says so."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def busy(database: Database) -> None:
    """Use several connections at once."""

    async def hold() -> None:
        async with database.read() as connection:
            await connection.execute(text("SELECT pg_sleep(0.05)"))

    await asyncio.gather(*(hold() for _ in range(4)))


async def test_dead_connections_are_replaced_when_they_have_idled(postgres_url: str) -> None:
    """After a restart of an idle server the next requests find it: none is told that the database is away."""
    database = Database(f"postgresql+psycopg://{postgres_url.partition('://')[2]}")
    await busy(database)
    cut_all(postgres_url)
    await asyncio.sleep(IDLE_SECONDS)
    await busy(database)
    await database.close()


async def test_one_request_fails_when_the_server_cuts_busy_connections(postgres_url: str) -> None:
    """A connection that was used a moment ago is trusted: one fails, and with it all dead ones are replaced."""
    database = Database(f"postgresql+psycopg://{postgres_url.partition('://')[2]}")
    await busy(database)
    cut_all(postgres_url)
    with pytest.raises(DatabaseError):
        await database.ping()
    await busy(database)
    await database.close()


async def test_statements_of_a_reader_stand_alone_when_on_postgres(postgres_url: str) -> None:
    """A reader begins no transaction: it holds up no vacuum and saves two round trips; a writer's ends in one piece."""
    database = Database(f"postgresql+psycopg://{postgres_url.partition('://')[2]}")
    async with database.read() as connection:
        first = (await connection.execute(text("SELECT now()"))).scalar_one()
        assert (await connection.execute(text("SELECT now()"))).scalar_one() > first
    async with database.write() as connection:
        first = (await connection.execute(text("SELECT now()"))).scalar_one()
        assert (await connection.execute(text("SELECT now()"))).scalar_one() == first
    await database.close()
