"""Rows that other rows need: accounts, tasks and files."""

from dataclasses import replace

from copydesk.domain.account import Account
from copydesk.domain.clock import new_id, now
from copydesk.domain.file import FileKind, UploadedFile
from copydesk.domain.task import Task, TaskInput, TaskStatus, Usage, fresh_stages
from copydesk.store import keys, tasks
from copydesk.store.database import Database


async def stored_account(database: Database, name: str = "acme") -> str:
    """The id of a new account."""
    account = Account(account_id=new_id(), name=name, created_at=now())
    async with database.write() as connection:
        await keys.insert_account(connection, account)
    return account.account_id


async def stored_task(database: Database, account_id: str) -> str:
    """The id of a new pending task."""
    task = Task(
        task_id=new_id(),
        account_id=account_id,
        input=TaskInput(user_prompt="Explain the Keeling Curve."),
        status=TaskStatus.PENDING,
        stages=fresh_stages(),
        percent=0,
        message=None,
        warnings=(),
        failure=None,
        usage=Usage(),
        article_ids=(),
        attempt=1,
        created_at=now(),
        started_at=None,
        finished_at=None,
    )
    async with database.write() as connection:
        await tasks.insert_task(connection, task)
    return task.task_id


def new_file(account_id: str, **changes: object) -> UploadedFile:
    """A file that is not stored yet."""
    file = UploadedFile(
        file_id=new_id(),
        account_id=account_id,
        filename="\u0645\u0646\u062d\u0646\u0649.csv",
        kind=FileKind.CSV,
        content_type="text/csv",
        size=3,
        sha256="a" * 64,
        words=2,
        pages=None,
        sheets=None,
        rows=1,
        preview="a \U0001f30d",
        created_at=now(),
    )
    return replace(file, **changes)  # type: ignore[arg-type] # any of its fields
