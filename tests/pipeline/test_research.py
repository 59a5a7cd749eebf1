"""Research from a search engine's answer to the article, over real HTTP on loopback."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from support.desk import open_desk
from support.servers import answer, serve

from copydesk.domain.source import Disposition, SourceKind
from copydesk.domain.task import StageStatus, TaskStatus
from copydesk.domain.words import count_words
from copydesk.settings import Settings, parse_range

OPEN_PAGE = """<html lang="en"><head><title>Lighthouses</title>
<link rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/"></head><body><article><h1>Lighthouses</h1>
<p>A lighthouse is a tower with a bright light that warns ships of rocks and guides them into harbours. The light is
placed high above the sea so that it can be seen from far away. Each lighthouse shows a rhythm of its own, by which
sailors recognize it.</p>
<h2>History</h2>
<p>The Pharos of Alexandria was built in the third century BC and stood for more than a thousand years. It was about
100 metres high. Earthquakes damaged the tower between the tenth and the fourteenth century.</p>
<h2>The lens</h2>
<p>Augustin Fresnel invented a lens made of rings of prisms for lighthouses in 1822. The Fresnel lens gathers the light
of the lamp into a narrow beam. Ships could see the beam from more than 30 kilometres away.</p>
</article></body></html>"""
CLOSED_PAGE = """<html lang="en"><head><title>Keepers of the lighthouse</title></head><body><article>
<h1>Keepers of the lighthouse</h1>""" + "".join(
    f"""<p>The keeper of lighthouse number {n} trimmed the wick of the lamp every four hours of the night. The keeper
wound the clockwork that turned the lens of lighthouse number {n} by hand. Oil for the lamp of lighthouse number {n}
was carried up the stairs in brass cans.</p>"""
    for n in range(1, 13)
) + "</article></body></html>"  # fmt: skip


@pytest.fixture
def settings(desk_settings: Settings) -> Settings:
    """Loopback may be fetched, as an intranet would be."""
    return desk_settings.model_copy(update={"outbound_allow": (parse_range("127.0.0.1/32"),)})


async def test_pages_are_found_read_and_cited_when_a_search_engine_answers(settings: Settings) -> None:
    """Open pages are quoted at length with their licence; others in quotation marks, 150 words at most."""
    routes = {"/open": answer(OPEN_PAGE.encode()), "/closed": answer(CLOSED_PAGE.encode())}
    async with serve(routes) as site:
        found = {
            "results": [{"url": site.url(path), "title": path, "content": ""} for path in ("/open", "/closed", "/gone")]
        }
        search = {"/search": answer(json.dumps(found).encode(), content_type="application/json")}
        async with serve(search) as engine:
            changes = {"search": ("searxng",), "searxng_url": engine.url("")}
            async with open_desk(settings.model_copy(update=changes)) as desk:
                submitted = await desk.submit(
                    user_prompt="Write about lighthouses", keywords=["lighthouse"], min_words=120, max_words=250
                )
                task = await desk.ended(submitted.task_id)
                assert (task.status, task.failure) == (TaskStatus.COMPLETED, None)
                sources = {source.url: source for source in await desk.sources(task.task_id)}
                assert {source.kind for source in sources.values()} == {SourceKind.WEB}
                assert sources[site.url("/open")].disposition is Disposition.USED
                assert sources[site.url("/gone")].disposition is Disposition.UNREACHABLE
                article = await desk.article(task.task_id)
                numbers = {source.url: source.number for source in article.data_sources}
                assert re.search(r"CC.BY.SA.4.0", article.content)
                assert [source.title for source in article.data_sources if source.license] == ["Lighthouses"]
                if site.url("/closed") in numbers:
                    quoted = [s.text for s in article.evidence if numbers[site.url("/closed")] in s.citations]
                    assert sum(count_words(text) for text in quoted) <= 150
                    set_in = [line for line in article.content.splitlines() if any(text in line for text in quoted)]
                    assert all(line.startswith("\u201c") and line.count("\u201d") for line in set_in)


async def test_task_says_so_when_no_search_engine_answers(settings: Settings) -> None:
    """All engines failing with no other evidence: a warning for each and an honest failure that a retry may mend."""
    async with serve({"/search": answer(b"down", status=503), "/en/w/api.php": answer(status=403)}) as engine:
        changes = {
            "search": ("searxng", "wikipedia"),
            "searxng_url": engine.url(""),
            "wikipedia_url": engine.url("/{language}"),
            "task_tries": 1,
        }
        async with open_desk(settings.model_copy(update=changes)) as desk:
            task = await desk.ended((await desk.submit(user_prompt="Write about lighthouses")).task_id)
            assert task.status is TaskStatus.FAILED
            assert task.failure is not None
            assert (task.failure.code, task.failure.retryable) == ("WORKFLOW_ERROR", True)
            assert "searching the web failed, and there are no links or files" in task.failure.message
            assert "searxng: 127.0.0.1 answered with status 503." in task.failure.message
            assert "set COPYDESK_CONTACT" in task.failure.message
            assert "retry the task" in task.failure.message
            assert [(w.code, w.subject) for w in task.warnings] == [
                ("SEARCH_FAILED", "searxng"),
                ("SEARCH_FAILED", "wikipedia"),
            ]
            assert task.stages[0].status is StageStatus.SKIPPED
            assert task.stages[0].detail == "No search engine answered."


async def test_task_completes_on_its_files_when_no_search_engine_answers(settings: Settings, tmp_path: Path) -> None:
    """A failed search costs pages, not the article."""
    path = tmp_path / "lighthouses.txt"
    text = re.sub(r"<[^>]+>", "", OPEN_PAGE.partition("<body>")[2])
    path.write_text(text)
    async with serve({"/search": answer(b"down", status=503)}) as engine:
        changes = {"search": ("searxng",), "searxng_url": engine.url("")}
        async with open_desk(settings.model_copy(update=changes)) as desk:
            file_id = await desk.upload(path)
            submitted = await desk.submit(
                user_prompt="Write about lighthouses",
                uploaded_files=[{"file_id": file_id}],
                min_words=100,
                max_words=160,
            )
            task = await desk.ended(submitted.task_id)
            assert (task.status, task.failure) == (TaskStatus.COMPLETED, None)
            assert "SEARCH_FAILED" in {warning.code for warning in task.warnings}


async def test_task_is_not_retryable_when_searches_found_nothing(settings: Settings) -> None:
    """No hits are an answer: the same again would give the same."""
    async with serve({"/search": answer(b'{"results": []}', content_type="application/json")}) as engine:
        changes = {"search": ("searxng",), "searxng_url": engine.url("")}
        async with open_desk(settings.model_copy(update=changes)) as desk:
            task = await desk.ended((await desk.submit(user_prompt="Write about lighthouses")).task_id)
            assert task.failure is not None
            assert (task.failure.code, task.failure.retryable) == ("WORKFLOW_ERROR", False)
            assert "no page was found" in task.failure.message
            assert task.warnings == ()


async def test_one_page_is_read_once_when_two_engines_find_it(settings: Settings) -> None:
    """Two engines side by side: a page that both find, and one that is given as a link, is one source."""
    routes = {"/open": answer(OPEN_PAGE.encode()), "/closed": answer(CLOSED_PAGE.encode())}
    async with serve(routes) as site:
        hits = [{"url": site.url(path), "title": "Lighthouses", "content": ""} for path in ("/open/", "/closed")]
        wiki = {"query": {"search": [{"title": "Lighthouse", "snippet": "A lighthouse"}]}}
        search = {
            "/search": answer(json.dumps({"results": hits}).encode(), content_type="application/json"),
            "/en/w/api.php": answer(json.dumps(wiki).encode(), content_type="application/json"),
            "/en/wiki/Lighthouse": answer(OPEN_PAGE.replace("Pharos", "Tower").encode()),
        }
        async with serve(search) as engine:
            changes = {
                "search": ("searxng", "wikipedia"),
                "searxng_url": engine.url(""),
                "wikipedia_url": engine.url("/{language}"),
            }
            async with open_desk(settings.model_copy(update=changes)) as desk:
                submitted = await desk.submit(
                    user_prompt="Write about lighthouses",
                    reference_links=[site.url("/open")],
                    min_words=100,
                    max_words=250,
                )
                task = await desk.ended(submitted.task_id)
                sources = await desk.sources(task.task_id)
        kinds = {source.url: source.kind for source in sources}
        assert kinds == {
            site.url("/open"): SourceKind.REFERENCE,
            site.url("/closed"): SourceKind.WEB,
            engine.url("/en/wiki/Lighthouse"): SourceKind.WEB,
        }


async def test_article_is_in_the_language_of_the_prompt_when_sources_are_in_two(
    settings: Settings, tmp_path: Path
) -> None:
    """A German prompt uses the German file; the English page is off topic, with both languages named."""
    path = tmp_path / "leuchtturm.txt"
    path.write_text(
        "Ein Leuchtturm ist ein Turm mit einem hellen Licht, das Schiffe vor Felsen warnt und in den Hafen leitet."
        " Das Licht steht hoch über dem Meer, damit es von weitem gesehen wird. Jeder Leuchtturm zeigt eine eigene"
        " Kennung, an der ihn die Seeleute erkennen.\n\n"
        "Der Pharos von Alexandria wurde im dritten Jahrhundert vor Christus gebaut und stand mehr als tausend Jahre."
        " Der Turm war etwa 100 Meter hoch. Erdbeben beschädigten den Turm zwischen dem zehnten und dem vierzehnten"
        " Jahrhundert.\n\n"
        "Augustin Fresnel erfand im Jahr 1822 eine Linse aus Ringen von Prismen für Leuchttürme. Die Fresnel-Linse"
        " bündelt das Licht der Lampe zu einem schmalen Strahl. Schiffe sehen den Strahl aus mehr als 30 Kilometern"
        " Entfernung.\n"
    )
    async with serve({"/open": answer(OPEN_PAGE.encode())}) as site, open_desk(settings) as desk:
        submitted = await desk.submit(
            user_prompt="Schreibe einen Artikel über die Geschichte der Leuchttürme",
            reference_links=[site.url("/open")],
            uploaded_files=[{"file_id": await desk.upload(path)}],
            min_words=100,
            max_words=140,
        )
        task = await desk.ended(submitted.task_id)
        assert (task.status, task.failure) == (TaskStatus.COMPLETED, None)
        _, dispositions = await desk.get(task.task_id)
        assert dispositions == {site.url("/open"): Disposition.OFF_TOPIC, "leuchtturm.txt": Disposition.USED}
        article = await desk.article(task.task_id)
        assert article.language == "de"
        assert 100 <= article.word_count <= 140


def about(subject: str) -> bytes:
    """An open page of its own, long enough to write from."""
    return answer(OPEN_PAGE.replace("lighthouse", f"{subject} lighthouse").replace("Lighthouses", subject).encode())


@asynccontextmanager
async def searching(*links: str) -> AsyncIterator[dict[str, object]]:
    """Settings of a search engine that finds these links."""
    found = {"results": [{"url": link, "title": "", "content": ""} for link in links]}
    async with serve({"/search": answer(json.dumps(found).encode(), content_type="application/json")}) as engine:
        yield {"search": ("searxng",), "searxng_url": engine.url("")}


async def test_article_comes_in_time_when_one_found_page_never_does(settings: Settings) -> None:
    """Four pages are here, the fifth gets its grace and no more, though one page may take a minute."""
    never = asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    allow = (parse_range("127.0.0.1/32"), parse_range("127.0.0.2/32"))
    names = ("Stone", "Iron", "Wooden", "Brick")
    async with (
        serve({"/slow": slow}, host="127.0.0.2") as far,
        serve({f"/{name}": about(name) for name in names}) as site,
        searching(far.url("/slow"), *(site.url(f"/{name}") for name in names)) as changes,
        open_desk(settings.model_copy(update={**changes, "outbound_allow": allow, "fetch_seconds": 60})) as desk,
    ):
        body = {"user_prompt": "Write about lighthouses", "min_words": 100, "max_words": 250}
        task = await desk.ended((await desk.submit(**body)).task_id)
        assert (task.status, task.failure) == (TaskStatus.COMPLETED, None)
        research = task.stages[0]
        assert research.detail == "Read 4 of 5."
        assert research.started_at is not None
        assert research.finished_at is not None
        assert (research.finished_at - research.started_at).total_seconds() < 30
        (late,) = [source for source in await desk.sources(task.task_id) if source.url == far.url("/slow")]
        assert late.disposition is Disposition.UNREACHABLE
        assert late.message == "It did not arrive within 1 s of most other pages, and was not waited for."


async def test_robots_keeps_research_out_and_not_the_caller(settings: Settings) -> None:
    """A found page that robots.txt forbids is blocked by name; a given one is read, and the task says so."""
    rules = answer(b"User-agent: *\nDisallow: /closed\nDisallow: /given", content_type="text/plain")
    routes = {"/robots.txt": rules, "/open": about("Stone"), "/closed": about("Iron"), "/given": about("Brick")}
    async with (
        serve(routes) as site,
        searching(site.url("/open"), site.url("/closed")) as changes,
        open_desk(settings.model_copy(update=changes)) as desk,
    ):
        body = {"user_prompt": "Write about lighthouses", "min_words": 100, "max_words": 250}
        submitted = await desk.submit(**body, reference_links=[site.url("/given")])
        task = await desk.ended(submitted.task_id)
        assert (task.status, task.failure) == (TaskStatus.COMPLETED, None)
        sources = {source.url: source for source in await desk.sources(task.task_id)}
        assert sources[site.url("/closed")].disposition is Disposition.BLOCKED
        assert "robots.txt" in (sources[site.url("/closed")].message or "")
        for path in ("/open", "/given"):
            assert sources[site.url(path)].accessed_at is not None
        warnings = {(warning.code, warning.subject) for warning in task.warnings}
        assert ("ROBOTS_OVERRIDDEN", site.url("/given")) in warnings
        assert ("SOURCE_BLOCKED", site.url("/closed")) in warnings
        asked = [request.target for request in site.requests if request.target != "/robots.txt"]
        assert sorted(asked) == ["/given", "/open"]


async def test_pages_are_read_once_when_two_tasks_want_them(settings: Settings) -> None:
    """The second task takes the first one's pages, with the time they were fetched, also after its article is gone."""
    async with (
        serve({"/found": about("Stone"), "/given": about("Brick")}) as site,
        searching(site.url("/found")) as changes,
        open_desk(settings.model_copy(update=changes)) as desk,
    ):
        body = {"user_prompt": "Write about lighthouses", "min_words": 100, "max_words": 250}
        times = []
        for _ in range(2):
            submitted = await desk.submit(**body, reference_links=[site.url("/given")])
            task = await desk.ended(submitted.task_id)
            assert (task.status, task.failure) == (TaskStatus.COMPLETED, None)
            sources = await desk.sources(task.task_id)
            times.append({source.url: source.accessed_at for source in sources})
            article = await desk.article(task.task_id)
            await desk.services.articles.delete(account_id=desk.key.account_id, article_id=article.article_id)
        assert times[0] == times[1]
        assert len(times[0]) == 2
        asked = sorted(request.target for request in site.requests)
        assert [target for target in asked if target != "/robots.txt"] == ["/found", "/given"]


async def test_worker_warns_when_the_unofficial_engine_is_chosen(settings: Settings) -> None:
    """Whoever chooses ddgs is told so in the log at every start."""
    with capture_logs() as logs:
        async with open_desk(settings.model_copy(update={"search": ("ddgs",)})):
            pass
    assert [entry["engine"] for entry in logs if entry["event"] == "unofficial_search_engine"] == ["ddgs"]
