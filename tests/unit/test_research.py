"""Which pages research chooses from several engines' answers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from copydesk.adapters.search.scripted import ScriptedSearch
from copydesk.domain.brief import Brief, WordRange
from copydesk.errors import LlmError, SearchError
from copydesk.pipeline.stages.research import PER_SITE, Found, first_queries, search_web
from copydesk.ports import SearchProvider, SearchResult


def page(url: str, title: str = "Tea", snippet: str = "All about tea.") -> SearchResult:
    """One hit."""
    return SearchResult(url=url, title=title, snippet=snippet)


def brief(*keywords: str, topic: str = "tea") -> Brief:
    """A brief about tea."""
    return Brief(
        prompt=f"Write about {topic}",
        topic=topic,
        subject=topic,
        keywords=keywords,
        language="en",
        words=WordRange(minimum=800, maximum=1200),
        tone=None,
        audience=None,
        allow_ungrounded=False,
    )


async def no_plan() -> Sequence[str]:
    """A writer that plans nothing."""
    return ()


async def search(
    *engines: SearchProvider,
    given: Sequence[str] = (),
    keywords: Sequence[str] = (),
    plan: Callable[[], Awaitable[Sequence[str]]] = no_plan,
    seconds: float = 30,
    limit: int = 10,
) -> Found:
    """Search for pages about tea."""
    return await search_web(brief(*keywords), plan=plan, engines=engines, given=given, seconds=seconds, limit=limit)


def urls(found: Found) -> list[str]:
    """The addresses found, in order."""
    return [result.url for result in found.results]


async def test_pages_that_several_engines_find_come_first() -> None:
    """Reciprocal rank fusion: second and first of two engines beats the first of one."""
    one = ScriptedSearch([page("https://a.test/"), page("https://b.test/")], name="one")
    two = ScriptedSearch([page("https://b.test/"), page("https://c.test/")], name="two")
    assert urls(await search(one, two)) == ["https://b.test/", "https://a.test/", "https://c.test/"]


async def test_every_engine_is_asked_the_topic_and_each_keyword() -> None:
    """Once each, however they are spelled, in the article's language."""
    one, two = ScriptedSearch([], name="one"), ScriptedSearch([], name="two")
    await search(one, two, keywords=["Green  tea", "TEA", "green tea"])
    for engine in (one, two):
        assert [(asked.query, asked.language) for asked in engine.asked] == [("tea", "en"), ("Green  tea", "en")]


async def test_page_counts_once_when_it_is_found_in_several_editions() -> None:
    """Ranks add up over all addresses of a page; the plain, encrypted one is read."""
    one = ScriptedSearch([page("https://x.test/"), page("http://m.a.test/tea")], name="one")
    two = ScriptedSearch([page("https://www.a.test/tea/"), page("https://amp.a.test/tea")], name="two")
    assert urls(await search(one, two)) == ["https://www.a.test/tea/", "https://x.test/"]


async def test_voices_of_other_sites_come_before_more_of_one() -> None:
    """Three pages of a registered domain, then others, then the rest of the domain."""
    many = [page(f"https://n{n}.big.co.uk/tea") for n in range(6)]
    engine = ScriptedSearch([*many, page("https://small.test/"), page("https://other.test/")])
    found = urls(await search(engine))
    assert found[:PER_SITE] == [f"https://n{n}.big.co.uk/tea" for n in range(PER_SITE)]
    assert found[PER_SITE : PER_SITE + 2] == ["https://small.test/", "https://other.test/"]
    assert len(found) == 8
    assert urls(await search(engine, limit=5)) == found[:5]


async def test_pages_that_name_nothing_of_the_query_come_last() -> None:
    """Neither title nor snippet shares a term; other forms of a word count as the word."""
    engine = ScriptedSearch(
        [
            page("https://a.test/", "Cars", "All about engines."),
            page("https://b.test/", "Cars", "Drivers drink teas."),
            page("https://c.test/", "The Tea Board", "Welcome."),
        ]
    )
    assert urls(await search(engine)) == ["https://b.test/", "https://c.test/", "https://a.test/"]


async def test_pages_stay_in_order_when_there_is_nothing_to_judge_by() -> None:
    """A hit without words is not judged."""
    engine = ScriptedSearch([page("https://a.test/", "", ""), page("https://b.test/")])
    assert urls(await search(engine)) == ["https://a.test/", "https://b.test/"]


async def test_files_that_no_reader_reads_are_left_out() -> None:
    """Pictures, sound, video, archives and programs; documents that are read stay."""
    endings = ["mp4", "JPG", "zip", "pptx", "pdf", "docx", "html", "php?v=x.mp4"]
    engine = ScriptedSearch([page(f"https://s{n}.test/tea.{ending}") for n, ending in enumerate(endings)])
    assert urls(await search(engine)) == [
        "https://s4.test/tea.pdf",
        "https://s5.test/tea.docx",
        "https://s6.test/tea.html",
        "https://s7.test/tea.php?v=x.mp4",
    ]


async def test_links_that_were_given_are_not_found_again() -> None:
    """In whatever edition; the limit counts what is left."""
    engine = ScriptedSearch([page("https://m.a.test/tea"), page("https://b.test/"), page("https://c.test/")])
    assert urls(await search(engine, given=["https://www.a.test/tea/"], limit=1)) == ["https://b.test/"]


async def test_engine_that_fails_is_a_warning_when_another_answers() -> None:
    """With its name and its sentence, once for all queries."""
    bad = ScriptedSearch(SearchError("It has no quota left.", reason="quota"), name="bad")
    found = await search(bad, ScriptedSearch([page("https://a.test/")]), keywords=["green tea"])
    assert urls(found) == ["https://a.test/"]
    assert [(n.code, n.subject) for n in found.notices] == [("SEARCH_FAILED", "bad")]
    assert found.notices[0].message == "It has no quota left."
    assert not found.failed


async def test_warning_counts_when_only_some_queries_failed() -> None:
    """One notice for each reason."""
    script: dict[str, Sequence[SearchResult] | SearchError] = {
        "tea": [page("https://a.test/")],
        "green tea": SearchError("Too fast.", reason="quota"),
    }
    found = await search(ScriptedSearch(script), keywords=["green tea", "black tea"])
    assert [n.message for n in found.notices] == ["1 of 3 queries failed. Too fast."]
    assert not found.failed


async def test_search_has_failed_when_every_engine_did() -> None:
    """Nothing is found, and it is said that this is no lack of pages."""
    found = await search(ScriptedSearch(SearchError("Down."), name="a"), ScriptedSearch(SearchError("Down."), name="b"))
    assert (found.results, found.failed) == ((), True)
    assert [n.subject for n in found.notices] == ["a", "b"]


async def test_search_has_not_failed_when_nothing_was_found() -> None:
    """No hits are an answer."""
    assert await search(ScriptedSearch([])) == Found(results=(), notices=(), failed=False)


async def test_slow_engine_holds_nobody_when_the_time_is_over() -> None:
    """The others' pages are there in time; the late answer is dropped with a warning."""
    slow = ScriptedSearch([page("https://late.test/")], delay=60, name="slow")
    loop = asyncio.get_running_loop()
    start = loop.time()
    found = await search(slow, ScriptedSearch([page("https://a.test/")]), seconds=0.2)
    assert loop.time() - start < 10
    assert urls(found) == ["https://a.test/"]
    assert [(n.subject, n.message) for n in found.notices] == [
        ("slow", "It did not answer within the 0.2 seconds that research has for searching.")
    ]


async def test_planned_queries_are_searched_as_well() -> None:
    """Beyond those that are known."""

    async def plan() -> Sequence[str]:
        return ["Tea", "history of tea", " ", "history of  TEA"]

    engine = ScriptedSearch({"tea": [page("https://a.test/")], "history of tea": [page("https://b.test/")]})
    found = await search(engine, plan=plan)
    assert urls(found) == ["https://a.test/", "https://b.test/"]
    assert [asked.query for asked in engine.asked] == ["tea", "history of tea"]


async def test_first_queries_do_not_wait_for_the_plan() -> None:
    """The topic has been searched before the plan is there."""
    engine = ScriptedSearch([page("https://a.test/")])

    before: list[str] = []

    async def plan() -> Sequence[str]:
        await asyncio.sleep(0.05)
        before.extend(asked.query for asked in engine.asked)
        return ["history of tea"]

    await search(engine, plan=plan)
    assert before == ["tea"]
    assert [asked.query for asked in engine.asked] == ["tea", "history of tea"]


async def test_late_plan_is_a_warning_when_the_time_is_over() -> None:
    """What the first queries found stands."""

    async def plan() -> Sequence[str]:
        await asyncio.sleep(60)
        return ()

    found = await search(ScriptedSearch([page("https://a.test/")]), plan=plan, seconds=0.2)
    assert urls(found) == ["https://a.test/"]
    assert [n.code for n in found.notices] == ["PLAN_LATE"]


async def test_failed_plan_is_a_warning() -> None:
    """A model that fails costs the further queries alone."""

    async def plan() -> Sequence[str]:
        msg = "The model is overloaded."
        raise LlmError(msg)

    found = await search(ScriptedSearch([page("https://a.test/")]), plan=plan)
    assert urls(found) == ["https://a.test/"]
    assert [n.code for n in found.notices] == ["PLAN_FAILED"]
    assert found.notices[0].message.endswith("The model is overloaded.")


def test_first_queries_are_eight_at_most() -> None:
    """Ten keywords are more than engines should be asked for one article."""
    assert first_queries(brief(*(f"tea {n}" for n in range(10)))) == ["tea", *(f"tea {n}" for n in range(7))]


@pytest.mark.parametrize(
    ("language", "topic", "fitting", "other"),
    [
        ("ja", "緑茶", "緑茶の歴史", "自動車"),
        ("de", "Teekanne", "Zwei Teekannen", "Autos"),
        ("ar", "شاي", "شاي أخضر", "سيارة"),
    ],
)
async def test_pages_are_judged_in_any_language(language: str, topic: str, fitting: str, other: str) -> None:
    """Scripts without spaces and languages with other forms: what names the topic comes first."""
    engine = ScriptedSearch([page("https://a.test/", other, other), page("https://b.test/", fitting, "")])
    asked = replace(brief(topic=topic), language=language)
    found = await search_web(asked, plan=no_plan, engines=[engine], given=(), seconds=30, limit=5)
    assert urls(found) == ["https://b.test/", "https://a.test/"]


async def test_best_pages_of_the_first_queries_are_told_when_the_plan_takes_time() -> None:
    """Half of the pages at most, before the plan is there; they stay the first of the answer."""
    told: list[str] = []

    async def plan() -> Sequence[str]:
        while not told:  # noqa: ASYNC110 - what is tested
            await asyncio.sleep(0.01)
        return ["history of tea"]

    first = [page(f"https://{name}.test/") for name in "abc"]
    engine = ScriptedSearch({"tea": first, "history of tea": [page("https://d.test/"), page("https://c.test/")]})
    found = await search_web(
        brief(),
        plan=plan,
        engines=[engine],
        given=(),
        seconds=30,
        limit=4,
        early=lambda results: told.extend(result.url for result in results),
    )
    assert told == ["https://a.test/", "https://b.test/"]
    assert urls(found)[:2] == told
    assert sorted(urls(found)[2:]) == ["https://c.test/", "https://d.test/"]
