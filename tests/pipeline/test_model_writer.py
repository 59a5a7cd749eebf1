"""Articles by a language model that misbehaves: a scripted endpoint over real HTTP, one fault a row."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from support.desk import SAMPLES, Desk, open_desk

from copydesk.adapters.llm.faults import Fault
from copydesk.adapters.llm.scripted import Pace, ScriptedEndpoint, serve_endpoint
from copydesk.adapters.llm.scripted_text import Asked
from copydesk.domain.article import Article, SupportStatus
from copydesk.domain.markdown import count_markdown_words
from copydesk.domain.task import Task, TaskStatus
from copydesk.evidence.support import missing_facts
from copydesk.settings import Settings

TRIES = 2
MOST_CALLS = 45  # of one task, whatever goes wrong
MOST_FAILED = 5  # calls that a task makes of an endpoint that answers none: tries, or rooms for its passages
HOPELESS = {  # the endpoint answers nothing: an honest failure, and whether trying again may help
    Fault.RATE_LIMIT: True,
    Fault.RATE_LIMIT_SECONDS: True,
    Fault.RATE_LIMIT_DATE: True,
    Fault.SERVER_ERROR: True,
    Fault.UNAVAILABLE: True,
    Fault.BAD_KEY: False,
    Fault.NO_SUCH_MODEL: False,
    Fault.CONTEXT_OVERFLOW: False,
    Fault.RESET: True,
    Fault.RESET_IN_STREAM: True,
    Fault.SILENCE: True,
}
FILES = ("carbon-cycle.docx", "reading-the-record.txt")


@dataclass(kw_only=True)
class Bench:
    """A service whose model is the scripted endpoint."""

    desk: Desk
    endpoint: ScriptedEndpoint
    file_ids: list[str]

    async def write(self, *, low: int = 250, high: int = 330) -> Task:
        """Run one task to its end."""
        self.endpoint.served.clear()
        submitted = await self.submit(low=low, high=high)
        return await self.desk.ended(submitted.task_id)

    async def submit(self, *, low: int = 250, high: int = 330) -> Task:
        """Post one task."""
        return await self.desk.submit(
            user_prompt="The Keeling Curve and the carbon cycle, for curious readers",
            keywords=["Keeling Curve", "carbon dioxide"],
            uploaded_files=[{"file_id": file_id} for file_id in self.file_ids],
            min_words=low,
            max_words=high,
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    """One service for all rows: the faults are the endpoint's."""
    endpoint = ScriptedEndpoint()
    async with serve_endpoint(endpoint) as url:
        settings = Settings(
            data_dir=Path(tmp_path_factory.mktemp("model")),
            search=("none",),
            model="scripted",
            model_base_url=url,
            model_seconds=3,
            model_silence=1.5,
            model_tries=TRIES,
        )
        async with open_desk(settings) as desk:
            file_ids = [await desk.upload(SAMPLES / name) for name in FILES]
            yield Bench(desk=desk, endpoint=endpoint, file_ids=file_ids)


async def until(met: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait until `met` holds."""
    async with asyncio.timeout(seconds):
        while not met():  # noqa: ASYNC110 - the endpoint tells nobody
            await asyncio.sleep(0.02)


def check(article: Article, low: int = 250, high: int = 330) -> None:
    """What quality.md promises of every stored article."""
    assert low <= article.word_count <= high
    assert article.word_count == count_markdown_words(article.content)
    marks = re.findall(r"\[\^(\d+)\](?!:)", article.content)
    assert set(marks) == {str(source.number) for source in article.data_sources}
    for sentence in article.evidence:
        assert sentence.support is not SupportStatus.UNSUPPORTED
        assert bool(sentence.passages) is bool(sentence.citations)
        if sentence.passages:
            assert missing_facts(sentence.text, [p.text for p in sentence.passages], "en") == []
    uncited = sum(not sentence.citations for sentence in article.evidence)
    assert uncited <= 0.2 * len(article.evidence)
    for trace in (
        "<script",
        "onerror",
        "javascript:",
        "http://",
        "https://",
        "```",
        "<think",
        "8,417",
        "Lorem",
        "[Insert",
    ):
        assert trace not in article.content


@pytest.mark.asyncio(loop_scope="module")
async def test_article_is_the_models_when_it_behaves(bench: Bench) -> None:
    """Plan, outline, sections and search fields are asked for; what it wrote is stored, cited and in range."""
    bench.endpoint.choose = lambda _number, _asked: None
    bench.endpoint.pace = Pace(first_token=0.2)
    try:
        task = await bench.write()
    finally:
        bench.endpoint.pace = Pace()
    assert task.failure is None, task.failure.message
    article = await bench.desk.article(task.task_id)
    check(article)
    assert article.writer == "model"
    kinds = [served.asked.kind for served in bench.endpoint.served]
    assert {"outline", "section", "seo"} <= set(kinds)
    assert task.usage.llm_calls == len(kinds)
    assert task.usage.output_tokens == sum(served.completion_tokens for served in bench.endpoint.served)
    assert task.usage.cost_usd is None  # nobody lists a price of this model
    assert bench.endpoint.most > 1  # sections are written side by side


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("fault", list(Fault))
async def test_task_ends_well_or_honestly_when_every_answer_has_a_fault(bench: Bench, fault: Fault) -> None:
    """A good article, or LLM_ERROR with the cause and whether a retry may help; few calls either way."""
    bench.endpoint.choose = lambda _number, _asked: fault
    task = await bench.write()
    assert len(bench.endpoint.served) <= MOST_CALLS
    if fault not in HOPELESS:
        assert task.failure is None, task.failure.message
        check(await bench.desk.article(task.task_id))
        return
    assert task.status is TaskStatus.FAILED
    assert task.failure is not None
    assert (task.failure.code, task.failure.retryable) == ("LLM_ERROR", HOPELESS[fault])
    assert "scripted" in task.failure.message
    assert task.article_ids == ()
    assert len(bench.endpoint.served) <= MOST_FAILED


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("fault", [f for f, passing in HOPELESS.items() if passing])
async def test_article_is_written_when_a_fault_passes(bench: Bench, fault: Fault) -> None:
    """A fault of the first call alone costs one more call, and nothing else."""
    bench.endpoint.choose = lambda number, _asked: fault if number == 0 else None
    task = await bench.write()
    assert task.failure is None, task.failure.message
    check(await bench.desk.article(task.task_id))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("schema", "tools"), [(False, True), (True, False), (False, False)])
async def test_structure_is_found_when_the_model_knows_fewer_ways(bench: Bench, *, schema: bool, tools: bool) -> None:
    """Without `response_format`, without functions, or without both, outline and search fields are had all the same."""
    bench.endpoint.choose = lambda _number, _asked: None
    bench.endpoint.schema, bench.endpoint.tools = schema, tools
    try:
        task = await bench.write()
    finally:
        bench.endpoint.schema = bench.endpoint.tools = True
    assert task.failure is None, task.failure.message
    check(await bench.desk.article(task.task_id))


@pytest.mark.asyncio(loop_scope="module")
async def test_structure_is_asked_for_once_when_the_way_is_known(bench: Bench) -> None:
    """How a model answers in structure is found out once: the second article asks the outline once."""

    def tools_alone(_number: int, asked: Asked) -> Fault | None:
        return Fault.CHATTER if asked.structured and asked.tool is None else None

    bench.endpoint.choose = tools_alone
    await bench.write()
    await bench.write()
    assert [served.asked.kind for served in bench.endpoint.served].count("outline") == 1


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("window", [1_600, 1_400])
async def test_passages_go_when_the_window_is_smaller_than_stated(bench: Bench, window: int) -> None:
    """A prompt that the endpoint refuses for its length is sent again with fewer passages, never given up."""
    bench.endpoint.choose = lambda _number, _asked: None
    bench.endpoint.window = window
    try:
        task = await bench.write()
    finally:
        bench.endpoint.window = 128_000
    assert task.failure is None, task.failure.message
    check(await bench.desk.article(task.task_id))
    assert Fault.CONTEXT_OVERFLOW in [served.fault for served in bench.endpoint.served]


@pytest.mark.asyncio(loop_scope="module")
async def test_calls_in_flight_are_closed_when_the_task_is_cancelled(bench: Bench) -> None:
    """Within seconds the connections end, no further call is made, and there is no article."""
    bench.endpoint.choose = lambda _number, _asked: None
    bench.endpoint.pace = Pace(first_token=30)
    try:
        bench.endpoint.served.clear()
        submitted = await bench.submit()
        await until(lambda: bench.endpoint.running > 0)
        account_id = bench.desk.key.account_id
        task, _ = await bench.desk.services.tasks.cancel(account_id=account_id, task_id=submitted.task_id)
        assert task.status is TaskStatus.CANCELLED
        await until(lambda: bench.endpoint.running == 0, seconds=5)
        calls = len(bench.endpoint.served)
        await asyncio.sleep(1.5)
        assert (bench.endpoint.running, len(bench.endpoint.served)) == (0, calls)
        assert not any(served.answered for served in bench.endpoint.served)
    finally:
        bench.endpoint.pace = Pace()
    task, _ = await bench.desk.get(submitted.task_id)
    assert (task.status, task.article_ids) == (TaskStatus.CANCELLED, ())
