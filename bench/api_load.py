"""The API while 200 tasks run: an account of 1,000 tasks and articles beside one of 100,000.

Two databases of each kind, alike but for their size, each behind processes of its own (Postgres: `api` and `worker`;
SQLite: `serve`) in which 200 tasks wait for a slow model. Requests go to the two in turn, so that whatever else the
machine does meets both. Prints the median and the 99th percentile of each request, the ratios of the large to the
small, the cost of a page at the far end, and which indexes the large database's plans use.

    COPYDESK_TEST_POSTGRES=$(scripts/postgres.sh start) .venv/bin/python bench/api_load.py [ROUNDS] [LARGE]
"""

import asyncio
import json
import re
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psutil
import sqlalchemy as sa
from load import (
    POSTGRES,
    Process,
    SlowModel,
    a_database,
    an_account,
    desk,
    fleet,
    model_settings,
    quantile,
    settings_of,
    slow_model,
)
from support.desk import SAMPLES

from copydesk.domain.article import PublicationStatus
from copydesk.domain.clock import new_id, now
from copydesk.domain.task import TaskStatus
from copydesk.store import articles as article_store
from copydesk.store import files as file_store
from copydesk.store import schema
from copydesk.store import tasks as task_store
from copydesk.store.database import Database, database_url

SMALL, LARGE = 1_000, 100_000
ROUNDS = 300
RUNNING = 200
SECONDS_A_CALL = 60.0
TABLES = ("tasks", "sources", "articles", "article_evidence", "article_versions")
FILES = ("carbon-cycle.docx", "reading-the-record.txt")
STATUSES = [TaskStatus.COMPLETED] * 95 + [TaskStatus.FAILED] * 3 + [TaskStatus.CANCELLED] * 2
PUBLISHED = (
    [PublicationStatus.DRAFT] * 70 + [PublicationStatus.PUBLISHED] * 25 + [PublicationStatus.ARCHIVED] * 5
)  # of a hundred


@dataclass(frozen=True, kw_only=True)
class Side:
    """One account and the processes that serve it."""

    size: int
    env: dict[str, str]
    secret: str
    account_id: str
    body: dict[str, Any]
    processes: Sequence[Process]
    tasks: Sequence[str]  # ids of some tasks, from all over its list
    articles: Sequence[str]

    @property
    def port(self) -> int:
        """Of its API."""
        return self.processes[0].port


def template() -> dict[str, list[dict[str, Any]]]:
    """The rows of one real task and its article, by table."""
    with a_database("SQLite") as (env, folder):
        service = Process(kind="serve", env=env, folder=folder)
        with fleet(service):
            return asyncio.run(_template(env))


async def _template(env: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    async with desk(env) as (shared, services):
        account_id, _, body = await an_account(shared, services, "template")
        uploads = []
        for name in FILES:
            data = await asyncio.to_thread((SAMPLES / name).read_bytes)
            file = await services.files.add(account_id=account_id, filename=name, data=data)
            uploads.append({"file_id": file.file_id})
        wanted = {**body, "min_words": 500, "max_words": 900, "uploaded_files": uploads}
        made = await services.tasks.create(account_id=account_id, body=wanted)
        task_id = json.loads(made.body)["task_id"]
        while (await services.tasks.get(account_id=account_id, task_id=task_id))[0].status.active:  # noqa: ASYNC110 - it runs elsewhere
            await asyncio.sleep(0.2)
        rows: dict[str, list[dict[str, Any]]] = {}
        async with shared.database.read() as connection:
            for name in TABLES:
                found = await connection.execute(sa.text(f"SELECT * FROM {name}"))  # noqa: S608 - no input
                rows[name] = [dict(row) for row in found.mappings()]
    if not rows["articles"]:
        message = "the template's task made no article"
        raise RuntimeError(message)
    return rows


def fill(env: dict[str, str], account_id: str, rows: dict[str, list[dict[str, Any]]], count: int) -> list[Any]:
    """Give the account `count` tasks with an article each, copies of the template; answers their ids."""
    url = database_url(settings_of(env)).replace("+aiosqlite", "")
    engine = sa.create_engine(url)
    sqlite = url.startswith("sqlite")
    moment = now()
    fresh = [
        {
            "n": n,
            "task_id": new_id(),
            "article_id": new_id(),
            "at": (moment - timedelta(seconds=count - n)).isoformat(sep=" ")[: 26 if sqlite else None],
            "status": STATUSES[n * 37 % 100].value,
            "published": PUBLISHED[n * 61 % 100].value,
        }
        for n in range(count)
    ]
    with engine.connect() as connection:
        if sqlite:
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
        _copy_template(connection, account_id, rows)
        kind = "TEXT" if sqlite else "TIMESTAMPTZ"
        connection.exec_driver_sql(
            f"CREATE TEMP TABLE fresh (n INT, task_id TEXT, article_id TEXT, at {kind}, status TEXT, published TEXT)"
        )
        connection.execute(
            sa.text("INSERT INTO fresh VALUES (:n, :task_id, :article_id, :at, :status, :published)"), fresh
        )
        for name in TABLES:
            connection.exec_driver_sql(_multiply(name, rows[name][0]))
        _delete_template(connection, rows)
        connection.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if sqlite else "VACUUM ANALYZE")
    engine.dispose()
    return fresh


def _copy_template(connection: sa.Connection, account_id: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    for name in TABLES:
        for row in rows[name]:
            mine = {**row, **({"account_id": account_id} if "account_id" in row else {})}
            columns, values = ", ".join(mine), ", ".join(f":{column}" for column in mine)
            types = {c.name: c.type for c in schema.metadata.tables[name].c if isinstance(c.type, sa.Boolean)}
            mine |= {column: bool(mine[column]) for column in types if mine[column] is not None}
            connection.execute(sa.text(f"INSERT INTO {name} ({columns}) VALUES ({values})"), mine)  # noqa: S608 - no input


def _delete_template(connection: sa.Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    article_id, task_id = rows["articles"][0]["article_id"], rows["tasks"][0]["task_id"]
    for name in reversed(TABLES):
        key, value = ("article_id", article_id) if name.startswith("article") else ("task_id", task_id)
        connection.execute(sa.text(f"DELETE FROM {name} WHERE {key} = :value"), {"value": value})  # noqa: S608 - no input


def _multiply(name: str, row: dict[str, Any]) -> str:
    """A statement that copies the template's rows of one table for each fresh id."""
    changed = {
        "task_id": "f.task_id",
        "article_id": "f.article_id",
        "workflow_id": "f.task_id || ':1'",
        "source_id": "substr(f.task_id, 5) || '-' || t.position",
        "slug": "t.slug || '-' || f.n",
        "status": "f.status",
        "publication_status": "f.published",
        "created_at": "f.at",
        "updated_at": "f.at",
        "finished_at": "f.at",
    }
    columns = ", ".join(row)
    values = ", ".join(changed.get(column, f"t.{column}") for column in row)
    return f"INSERT INTO {name} ({columns}) SELECT {values} FROM fresh f CROSS JOIN {name} t"  # noqa: S608 - no input


@contextmanager
def side(kind: str, model: SlowModel, rows: dict[str, list[dict[str, Any]]], size: int) -> Iterator[Side]:
    """A database of that kind and size with its processes, in which the tasks run."""
    with a_database(kind, **model_settings(model, at_once=RUNNING), COPYDESK_MODEL_SILENCE="3600") as (env, folder):
        begun = time.monotonic()
        account_id, secret, body = asyncio.run(_account(env))
        fresh = fill(env, account_id, rows, size)
        print(f"{kind}: {size:,} tasks and articles after {time.monotonic() - begun:.0f} s", flush=True)
        kinds = ("serve",) if kind == "SQLite" else ("api", "worker")
        processes = [Process(kind=each, env=env, folder=folder) for each in kinds]
        with fleet(*processes):
            yield Side(
                size=size,
                env=env,
                secret=secret,
                account_id=account_id,
                body=body,
                processes=processes,
                tasks=[row["task_id"] for row in fresh[:: max(1, size // 500)]],
                articles=[row["article_id"] for row in fresh[:: max(1, size // 500)]],
            )


async def _account(env: dict[str, str]) -> tuple[str, str, dict[str, Any]]:
    async with desk(env) as (shared, services):
        return await an_account(shared, services, "acme")


class Client:
    """One connection, kept open; so little of its own that it does not show in the figures."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secret: str) -> None:
        self._reader = reader
        self._writer = writer
        self._secret = secret

    async def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[float, Any]:
        """Send a request; answers the seconds until its answer was there, and the answer."""
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} /api/v1{path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {self._secret}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        begun = time.perf_counter()
        self._writer.write(head.encode() + content)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length"))
        answer = await self._reader.readexactly(length)
        seconds = time.perf_counter() - begun
        if not lines[0].split()[1].startswith("2"):
            message = f"{method} {path}: {lines[0]} {answer.decode()[:500]}"
            raise RuntimeError(message)
        return seconds, json.loads(answer)


@asynccontextmanager
async def connected(to: Side) -> AsyncIterator[Client]:
    """A connection to the side's API."""
    reader, writer = await asyncio.open_connection("127.0.0.1", to.port)
    try:
        yield Client(reader, writer, to.secret)
    finally:
        writer.close()


Request = Callable[[Side, int], tuple[str, str, dict[str, Any] | None]]
REQUESTS: dict[str, Request] = {
    "POST /tasks": lambda side, _: ("POST", "/tasks", side.body),
    "GET /tasks/ID": lambda side, n: ("GET", f"/tasks/{side.tasks[n % len(side.tasks)]}", None),
    "GET /articles/ID": lambda side, n: ("GET", f"/articles/{side.articles[n % len(side.articles)]}", None),
    "GET /tasks": lambda _, __: ("GET", "/tasks", None),
    "GET /tasks?status=failed": lambda _, __: ("GET", "/tasks?status=failed", None),
    "GET /articles": lambda _, __: ("GET", "/articles", None),
    "GET /articles?publication_status=published": lambda _, __: (
        "GET",
        "/articles?publication_status=published",
        None,
    ),
    "GET /files": lambda _, __: ("GET", "/files", None),
}


async def measure(sides: Sequence[Side], rounds: int) -> dict[str, list[list[float]]]:
    """The seconds of each request, by name and side; the sides take turns."""
    took: dict[str, list[list[float]]] = {name: [[] for _ in sides] for name in REQUESTS}
    async with connected(sides[0]) as first, connected(sides[1]) as second:
        clients = (first, second)
        for number in range(rounds):
            for name, request in REQUESTS.items():
                for index in (number % 2, 1 - number % 2):
                    seconds, _ = await clients[index].send(*request(sides[index], number))
                    took[name][index].append(seconds)
            if number % 20 == 0:
                await asyncio.gather(*(keep_running(side, client) for side, client in zip(sides, clients, strict=True)))
    return took


async def keep_running(to: Side, client: Client) -> int:
    """Post until the tasks run or wait that are to run; answers how many run."""
    running = (await client.send("GET", "/tasks?status=processing&limit=1"))[1]["total"]
    waiting = (await client.send("GET", "/tasks?status=pending&limit=1"))[1]["total"]
    for _ in range(RUNNING - running - waiting):
        await client.send("POST", "/tasks", to.body)
    return int(running)


async def until_running(to: Side) -> None:
    """Wait until enough tasks run."""
    begun = time.monotonic()
    async with connected(to) as client:
        while await keep_running(to, client) < RUNNING * 0.9:
            if time.monotonic() - begun > 240:
                message = "the tasks do not begin"
                raise TimeoutError(message)
            await asyncio.sleep(1)


async def far_end(sides: Sequence[Side]) -> str:
    """What a page at the far end costs beside the first one."""
    texts = []
    async with connected(sides[1]) as client:
        for path in ("/tasks?offset={}", "/articles?page_size=20&page={}"):
            deep = path.format(sides[1].size - 20 if "offset" in path else sides[1].size // 20)
            first = path.format(0 if "offset" in path else 1)
            pairs = [[(await client.send("GET", each))[0] for each in (first, deep)] for _ in range(15)]
            near, far = (statistics.median(pair[index] for pair in pairs) for index in (0, 1))
            texts.append(f"{path.partition('?')[0]}: {near * 1e3:.1f} and {far * 1e3:.1f} ms")
    return "first page and last page of the large: " + "; ".join(texts)


def plans(to: Side) -> Iterator[str]:
    """Which indexes the statements of each request use."""
    yield from asyncio.run(_plans(to))


async def _plans(to: Side) -> list[str]:
    database = Database(database_url(settings_of(to.env)))
    statements: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, _many: object) -> None:
        if statement.startswith("SELECT"):
            statements.append((statement, parameters))

    sa.event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    page: dict[str, Any] = {"account_id": to.account_id, "limit": 20}
    looks: dict[str, Callable[[Any], Awaitable[Any]]] = {
        "GET /tasks": lambda c: task_store.list_tasks(c, status=None, offset=0, **page),
        "GET /tasks?status=failed": lambda c: task_store.list_tasks(c, status=TaskStatus.FAILED, offset=0, **page),
        "GET /tasks, last page": lambda c: task_store.list_tasks(c, status=None, offset=to.size - 20, **page),
        "GET /articles": lambda c: article_store.list_articles(c, status=None, offset=0, **page),
        "GET /articles?publication_status=published": lambda c: article_store.list_articles(
            c, status=PublicationStatus.PUBLISHED, offset=0, **page
        ),
        "GET /files": lambda c: file_store.list_files(c, offset=0, **page),
        "GET /tasks/ID": lambda c: task_store.get_task(c, account_id=to.account_id, task_id=to.tasks[0]),
        "GET /articles/ID": lambda c: article_store.get_article(c, account_id=to.account_id, article_id=to.articles[0]),
        "POST /tasks, active tasks": lambda c: task_store.count_active(c, to.account_id),
    }
    lines = []
    async with database.read() as connection:
        for name, look in looks.items():
            statements.clear()
            await look(connection)
            found: list[str] = []
            for statement, parameters in statements:
                found += await _indexes(connection, statement, parameters, sqlite=database.is_sqlite)
            lines.append(f"{name:<44} {', '.join(dict.fromkeys(found))}")
    await database.close()
    return lines


async def _indexes(connection: Any, statement: str, parameters: Any, *, sqlite: bool) -> list[str]:
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    rows = (await connection.exec_driver_sql(explain + statement, parameters)).all()
    plan = "\n".join(str(row[-1]) for row in rows)
    if sqlite:
        found = re.findall(r"USING (?:COVERING )?INDEX (\S+)", plan)
        walked = re.findall(r"^SCAN (?!SUBQUERY|\()(\w+)(?! USING)", plan, re.MULTILINE)
    else:
        found = re.findall(r"Index (?:Only )?Scan (?:Backward )?(?:using|on) (\S+)", plan)
        walked = re.findall(r"Seq Scan on (\S+)", plan)
    return [*found, *(f"all of {name}" for name in walked)]


def compare(kind: str, model: SlowModel, rows: dict[str, list[dict[str, Any]]], rounds: int, large: int) -> None:
    """Measure one kind of database, and print the table."""
    with ExitStack() as stack:
        sides = [stack.enter_context(side(kind, model, rows, size)) for size in (SMALL, large)]
        for each in sides:
            asyncio.run(until_running(each))
        took = asyncio.run(measure(sides, rounds))
        small, big = f"{SMALL:,}", f"{large:,}"
        print(
            f"\n{kind}, {rounds} of each, {RUNNING} tasks running in each; milliseconds;"
            f" load of the machine {psutil.getloadavg()[0]:.0f} on {psutil.cpu_count()} cores"
        )
        heads = f"{small + ' p50':>10} {'p99':>7} {big + ' p50':>12} {'p99':>7}  {'p50':>5} {'p90':>6} {'p99':>6}"
        print(f"{'':<44} {heads} ratio")
        for name, (few, many) in took.items():
            low, high = (quantile(few, share) * 1e3 for share in (0.5, 0.99))
            large_low, large_high = (quantile(many, share) * 1e3 for share in (0.5, 0.99))
            ratios = " ".join(f"{quantile(many, share) / quantile(few, share):>6.2f}" for share in (0.5, 0.9, 0.99))
            print(f"{name:<44} {low:>10.1f} {high:>7.1f} {large_low:>12.1f} {large_high:>7.1f} {ratios}")
        print(asyncio.run(far_end(sides)))
        print("\nindexes of the plans, large")
        for line in plans(sides[1]):
            print(line)
        print(flush=True)


def main() -> None:
    """Run it for both kinds."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    large = int(sys.argv[2]) if len(sys.argv) > 2 else LARGE
    kinds = ("Postgres", "SQLite") if POSTGRES else ("SQLite",)
    rows = template()
    for kind in sys.argv[3:] or kinds:
        with slow_model(SECONDS_A_CALL) as model:
            compare(kind, model, rows, rounds, large)


if __name__ == "__main__":
    main()
