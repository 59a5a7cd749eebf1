"""The first page of a list walks an index, newest first: no database sorts or reads what it does not show."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection
from support.stored import new_file, stored_account

from copydesk.domain.clock import new_id, now
from copydesk.domain.task import TaskInput, TaskStatus, Usage, fresh_stages
from copydesk.store import files as file_store
from copydesk.store import tasks as task_store
from copydesk.store.database import Database
from copydesk.store.schema import files, tasks

ROWS = 3_000

Look = Callable[[AsyncConnection, str], Awaitable[Any]]


def _tasks(status: TaskStatus | None, offset: int) -> Look:
    return lambda connection, account_id: task_store.list_tasks(
        connection, account_id=account_id, status=status, limit=20, offset=offset
    )


LOOKS: dict[str, tuple[Look, str]] = {
    "first": (_tasks(None, 0), "ix_tasks_account_id_created_at_task_id"),
    "failed": (_tasks(TaskStatus.FAILED, 0), "ix_tasks_account_id_status_created_at_task_id"),
    "files": (
        lambda connection, account_id: file_store.list_files(connection, account_id=account_id, limit=20, offset=0),
        "ix_files_account_id_created_at_file_id",
    ),
}


@pytest.mark.parametrize("name", LOOKS)
async def test_page_is_found_by_an_index_when_there_are_many_rows(database: Database, name: str) -> None:
    """The plan names the index of that list, and neither sorts the account's rows nor reads all of them."""
    account_id = await stored_account(database)
    await _fill(database, account_id)
    look, index = LOOKS[name]
    async with database.read() as connection:
        plan = await _plan(connection, account_id, look)
    assert index in plan, plan
    assert not any(walk in plan for walk in ("Seq Scan on tasks", "Seq Scan on files", "SCAN tasks\n")), plan


async def _fill(database: Database, account_id: str) -> None:
    moment = now()
    ids = [new_id() for _ in range(ROWS)]
    common = {
        "account_id": account_id,
        "input": TaskInput(user_prompt="Explain the Keeling Curve."),
        "stages": fresh_stages(),
        "percent": 0,
        "warnings": (),
        "usage": Usage(),
        "attempt": 1,
    }
    rows = [
        {
            **common,
            "task_id": task_id,
            "workflow_id": f"{task_id}:1",
            "status": (TaskStatus.FAILED if number % 10 == 0 else TaskStatus.COMPLETED).value,
            "created_at": moment - timedelta(seconds=number),
        }
        for number, task_id in enumerate(ids)
    ]
    file = new_file(account_id)
    values = {column.name: getattr(file, column.name) for column in files.c} | {"kind": file.kind.value}
    uploads = [
        {**values, "file_id": file_id, "created_at": moment - timedelta(seconds=number)}
        for number, file_id in enumerate(ids)
    ]
    async with database.write() as connection:
        await connection.execute(insert(tasks), rows)
        await connection.execute(insert(files), uploads)
    async with database.write() as connection:
        await connection.execute(text("ANALYZE"))


async def _plan(connection: AsyncConnection, account_id: str, look: Look) -> str:
    """How the database finds the page: the plan of the statement with an offset."""
    said: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, _many: object) -> None:
        said.append((statement, parameters))

    event.listen(connection.sync_connection, "before_cursor_execute", note)
    await look(connection, account_id)
    event.remove(connection.sync_connection, "before_cursor_execute", note)
    ((statement, parameters),) = [one for one in said if "OFFSET" in one[0]]
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    rows = (await connection.exec_driver_sql(explain + statement, parameters)).all()
    return "\n".join(str(row[-1]) for row in rows) + "\n"
