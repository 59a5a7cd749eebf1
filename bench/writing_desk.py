"""The service that the writing benchmark measures, as its user and its operator see it."""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import psutil
from local_topics import TOPICS
from simulated import World

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.checking import broken_promises
from support.service import Service, client, create_key, ended, environment, running

LOW, HIGH = 800, 1_000  # words
_STRIDE = 17  # through the topics, so that neighbours are of different subjects


@dataclass(frozen=True, kw_only=True)
class Written:
    """One task that ended, with what is known of it."""

    task: dict[str, Any]
    article: dict[str, Any] | None
    promises: tuple[str, ...]  # of quality.md that the stored article breaks

    @property
    def seconds(self) -> float:
        """From the request's acceptance to the end."""
        return instant_of(self.task["finished_at"]) - instant_of(self.task["created_at"])

    def stage(self, name: str) -> tuple[float, float]:
        """When a stage began and ended, in seconds of the day's clock."""
        (stage,) = (stage for stage in self.task["progress"]["stages"] if stage["name"] == name)
        return instant_of(stage["started_at"]), instant_of(stage["finished_at"])


class Desk:
    """The running service, as its user sees it."""

    def __init__(self, service: Service, key: str) -> None:
        self._service = service
        self._key = key
        assert service.process is not None  # noqa: S101 - it runs
        self.process = psutil.Process(service.process.pid)

    def write(self, count: int, *, at_once: int, first: int = 0, words: tuple[int, int] = (LOW, HIGH)) -> list[Written]:
        """Write `count` articles, so many at a time."""
        return asyncio.run(self._write(count, at_once, first, words))

    async def _write(self, count: int, at_once: int, first: int, words: tuple[int, int]) -> list[Written]:
        turns = asyncio.Semaphore(at_once)
        async with client(self._service, self._key) as api:

            async def one(number: int) -> Written:
                async with turns:
                    return await _written(api, number, words)

            return await asyncio.gather(*(one(first + number) for number in range(count)))

    def cpu(self) -> float:
        """Seconds of processor time that the process itself has used."""
        times = self.process.cpu_times()
        return times.user + times.system

    def readers_cpu(self) -> float:
        """The same of its sandbox workers that are alive."""
        total = 0.0
        for child in self.process.children(recursive=True):
            try:
                times = child.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        return total

    def memory_mb(self) -> float:
        """Its resident memory."""
        return float(self.process.memory_info().rss) / 2**20


def instant_of(text: str) -> float:
    """Seconds of the day's clock that a timestamp of the API says."""
    return datetime.fromisoformat(text).timestamp()


def body(number: int, words: tuple[int, int] = (LOW, HIGH)) -> dict[str, Any]:
    """The request of an article; no two of a run are alike."""
    prompt, keyword = TOPICS[number * _STRIDE % len(TOPICS)]
    return {"user_prompt": prompt, "keywords": [keyword], "min_words": words[0], "max_words": words[1]}


async def _written(api: httpx2.AsyncClient, number: int, words: tuple[int, int]) -> Written:
    answer = await api.post("/api/v1/tasks", json=body(number, words))
    answer.raise_for_status()
    (task,) = (await ended(api, [answer.json()["task_id"]], seconds=600, pause=0.5)).values()
    if not task["article_ids"]:
        return Written(task=task, article=None, promises=())
    path = f"/api/v1/articles/{task['article_ids'][0]}"
    article = (await api.get(path)).json()
    sentences = (await api.get(f"{path}/evidence")).json()["sentences"]
    promises = tuple(broken_promises(article, sentences, low=words[0], high=words[1]))
    return Written(task=task, article=article, promises=promises)


@contextmanager
def desk(world: World, **settings: str) -> Iterator[Desk]:
    """A service that writes with the simulated endpoint and reads the local web, nothing cached between articles."""
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder) / "data", **{**settings_of(world), **settings})
        key = create_key("bench", env)
        with running(Service(env=env, log=Path(folder) / "service.log")) as service:
            yield Desk(service, key)


def settings_of(world: World) -> dict[str, str]:
    """Of a service that writes with the simulated endpoint and reads the local web, nothing cached."""
    return {
        "COPYDESK_MODEL": "scripted",
        "COPYDESK_MODEL_BASE_URL": world.model_url,
        "COPYDESK_MODEL_CONCURRENCY": "200",
        "COPYDESK_MODEL_WINDOW": "128000",
        "COPYDESK_SEARCH": "searxng",
        "COPYDESK_SEARXNG_URL": world.searxng_url,
        "COPYDESK_OUTBOUND_ALLOW": "127.0.0.0/8",
        "COPYDESK_HOST_PAUSE": "0",
        "COPYDESK_PAGE_CACHE_HOURS": "0",
        "COPYDESK_MAX_ACTIVE_TASKS": "100",
        "COPYDESK_WORKER_CONCURRENCY": "16",
        "COPYDESK_ACCOUNT_CONCURRENCY": "16",
        "COPYDESK_REQUESTS_PER_MINUTE": "100000",
    }


def tokens(text: str) -> int:
    """As the endpoint counts them."""
    return -(-len(" ".join(text.split())) // 4)


def final_tokens(article: dict[str, Any]) -> int:
    """Of the text without the list of sources, which no model writes."""
    return tokens(article["content"].partition("\n[^1]: ")[0])
