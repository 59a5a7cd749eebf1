"""Many topics against a model that misbehaves at random: every task ends, and what is stored keeps its promises."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from local_topics import TOPICS
from local_web import LocalWeb, serve_web
from simulated import at_random
from support.checking import broken_promises
from support.desk import Desk, open_desk

from copydesk.adapters.llm.faults import Fault
from copydesk.adapters.llm.scripted import ScriptedEndpoint, serve_endpoint
from copydesk.domain.task import Task, TaskStatus
from copydesk.settings import Settings, parse_range
from copydesk.wire.articles import ArticleOut, EvidenceOut

COUNT = int(os.environ.get("RANDOM_FAULT_TOPICS", "12"))  # of the fifty; all of them: `make bench-writing`
SHARE = 0.1  # of the calls that go wrong
LOW, HIGH = 350, 450
AT_ONCE = 4
HONEST = {"LLM_ERROR", "WORKFLOW_ERROR"}
_STRIDE = 17  # through the topics, so that each run has something of all subjects


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A service between the small local web and the endpoint."""
    endpoint = ScriptedEndpoint(choose=at_random(tuple(Fault), SHARE, seed=7))
    web = LocalWeb(seconds=0.0, hosts=("127.0.0.1", "127.0.0.2", "127.0.0.3"))
    async with serve_endpoint(endpoint) as url, serve_web(web):
        settings = Settings(
            _env_file=None,
            data_dir=tmp_path / "data",
            search=("searxng",),
            searxng_url=web.search_url,
            outbound_allow=(parse_range("127.0.0.0/8"),),
            host_pause=0,
            model="scripted",
            model_base_url=url,
            model_seconds=5,
            model_silence=1.5,
            model_tries=3,
        )
        async with open_desk(settings) as opened:
            yield opened


async def written(desk: Desk, number: int, turns: asyncio.Semaphore) -> tuple[Task, list[str]]:
    """One topic's task, and the promises that its article breaks."""
    prompt, keyword = TOPICS[number * _STRIDE % len(TOPICS)]
    async with turns:
        posted = await desk.submit(user_prompt=prompt, keywords=[keyword], min_words=LOW, max_words=HIGH)
        task = await desk.ended(posted.task_id, seconds=110)
    if not task.article_ids:
        return task, []
    article = await desk.article(task.task_id)
    shown = ArticleOut.of(article, "footnotes").model_dump(mode="json")
    sentences = EvidenceOut.of(article.evidence).model_dump(mode="json")["sentences"]
    return task, [f"{prompt}: {promise}" for promise in broken_promises(shown, sentences, low=LOW, high=HIGH)]


@pytest.mark.timeout(600)
async def test_every_task_ends_well_or_honestly_when_faults_come_at_random(desk: Desk) -> None:
    """All end; most with an article; each article in its range, its facts supported, no footnote without a source."""
    turns = asyncio.Semaphore(AT_ONCE)
    outcomes = await asyncio.gather(*(written(desk, number, turns) for number in range(COUNT)))
    assert [promise for _, broken in outcomes for promise in broken] == []
    failed = [task.failure for task, _ in outcomes if task.status is not TaskStatus.COMPLETED]
    assert all(failure is not None and failure.code in HONEST for failure in failed), failed
    assert len(failed) <= COUNT // 4, failed  # a refused key or model cannot be written around; all else can
