"""Articles by a language model that misbehaves: a scripted endpoint over real HTTP, one fault a row."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from copydesk.writers.model.prompts import prompts_version

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

    async def write(self, *, low: int = 250, high: int = 330, **changes: Any) -> Task:
        """Run one task to its end."""
        self.endpoint.served.clear()
        submitted = await self.submit(low=low, high=high, **changes)
        return await self.desk.ended(submitted.task_id)

    async def submit(self, *, low: int = 250, high: int = 330, **changes: Any) -> Task:
        """Post one task."""
        body: dict[str, Any] = {
            "user_prompt": "The Keeling Curve and the carbon cycle, for curious readers",
            "keywords": ["Keeling Curve", "carbon dioxide"],
            "uploaded_files": [{"file_id": file_id} for file_id in self.file_ids],
            "min_words": low,
            "max_words": high,
        }
        return await self.desk.submit(**body | changes)


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
            task_tries=1,
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
    assert article.prompts == prompts_version()
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


@pytest.mark.asyncio(loop_scope="module")
async def test_free_paraphrases_are_judged_in_one_call_when_words_leave_a_doubt(bench: Bench) -> None:
    """The doubtful sentences of all sections go to the model at once; what it can show the words for stays."""
    bench.endpoint.choose = lambda _number, _asked: Fault.LOOSE
    task = await bench.write()
    assert task.failure is None, task.failure.message
    article = await bench.desk.article(task.task_id)
    check(article)
    kinds = [served.asked.kind for served in bench.endpoint.served]
    assert kinds.count("judge") == 1
    (judging,) = [served for served in bench.endpoint.served if served.asked.kind == "judge"]
    assert len(re.findall(r"^[a-z]: ", judging.asked.prompt, re.MULTILINE)) > 1
    assert any(sentence.judged for sentence in article.evidence)


@pytest.mark.asyncio(loop_scope="module")
async def test_section_is_asked_for_again_when_it_is_in_another_language(bench: Bench) -> None:
    """Told why, the model gets one more chance; its second answer is the article's text."""
    first: set[str] = set()

    def once(_number: int, asked: Asked) -> Fault | None:
        if asked.kind != "section":
            return None
        part = asked.prompt.rpartition("Now write this part:")[2]
        if part in first:
            return None
        first.add(part)
        return Fault.OTHER_LANGUAGE

    bench.endpoint.choose = once
    task = await bench.write()
    assert task.failure is None, task.failure.message
    article = await bench.desk.article(task.task_id)
    check(article)
    again = [served for served in bench.endpoint.served if "not written in English" in served.asked.instructions]
    assert len(again) == len(first) > 1


@pytest.mark.asyncio(loop_scope="module")
async def test_reader_is_told_when_the_sources_speak_for_the_model(bench: Bench) -> None:
    """Where the model refuses every section, the article is its sources' own sentences, and says so."""
    bench.endpoint.choose = lambda _number, asked: Fault.REFUSAL if asked.kind == "section" else None
    task = await bench.write()
    assert task.failure is None, task.failure.message
    article = await bench.desk.article(task.task_id)
    check(article)
    assert "SOURCES_QUOTED" in [notice.code for notice in article.warnings]


@pytest.mark.asyncio(loop_scope="module")
async def test_model_writes_on_its_own_when_the_request_allows_it_and_there_is_no_source(bench: Bench) -> None:
    """Without evidence and with `allow_ungrounded`: an article in range, nothing cited, labelled in its warnings."""
    bench.endpoint.choose = lambda _number, _asked: None
    task = await bench.write(uploaded_files=[], allow_ungrounded=True)
    assert task.failure is None, task.failure.message
    article = await bench.desk.article(task.task_id)
    assert 250 <= article.word_count <= 330
    assert (article.data_sources, "[^" in article.content) == ((), False)
    assert {sentence.support for sentence in article.evidence} == {SupportStatus.UNGROUNDED}
    assert "UNGROUNDED" in [notice.code for notice in article.warnings]
    shown, _ = await bench.desk.get(task.task_id)
    assert "UNGROUNDED" in [notice.code for notice in shown.warnings]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "fault",
    [Fault.REFUSAL, Fault.EMPTY, Fault.LOOP, Fault.OTHER_LANGUAGE, Fault.INVENTED_MARKS, Fault.INVENTED_LINKS],
)
async def test_nothing_is_invented_when_a_faulty_model_writes_without_sources(bench: Bench, fault: Fault) -> None:
    """An article without a citation or an address, or an honest LLM_ERROR or WORKFLOW_ERROR."""
    bench.endpoint.choose = lambda _number, _asked: fault
    task = await bench.write(uploaded_files=[], allow_ungrounded=True)
    if task.failure is not None:
        assert task.failure.code in {"LLM_ERROR", "WORKFLOW_ERROR"}
        return
    article = await bench.desk.article(task.task_id)
    assert 250 <= article.word_count <= 330
    assert not re.search(r"\[\^|https?://", article.content)


@pytest.mark.asyncio(loop_scope="module")
async def test_model_goes_on_from_its_knowledge_when_the_evidence_is_too_little(bench: Bench) -> None:
    """With a little evidence and `allow_ungrounded`, what the sources say is cited, the rest is labelled."""
    bench.endpoint.choose = lambda _number, _asked: None
    little = [{"file_id": bench.file_ids[1]}]  # fewer than 800 words
    task = await bench.write(low=1_800, high=2_100, uploaded_files=little, allow_ungrounded=True)
    assert task.failure is None, task.failure.message
    article = await bench.desk.article(task.task_id)
    assert 1_800 <= article.word_count <= 2_100
    supports = {sentence.support for sentence in article.evidence}
    assert {SupportStatus.SUPPORTED, SupportStatus.UNGROUNDED} <= supports
    assert all(not s.citations for s in article.evidence if s.support is SupportStatus.UNGROUNDED)
    assert len(article.data_sources) == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_task_fails_honestly_when_there_is_no_evidence(bench: Bench) -> None:
    """Without `allow_ungrounded`, no source means no article, and not one call for its text."""
    bench.endpoint.choose = lambda _number, _asked: None
    task = await bench.write(uploaded_files=[])
    assert task.failure is not None
    assert task.failure.code == "WORKFLOW_ERROR"
    assert "no evidence to write from" in task.failure.message
    assert not {"outline", "section"} & {served.asked.kind for served in bench.endpoint.served}
