"""Tasks in a browser: started, watched live, cancelled, reloaded in the middle, heard again after a restart."""

import re

import pytest
from playwright.async_api import FilePayload, Page, expect
from support.browsing import Served, Visits
from support.desk import SAMPLES, Desk

from copydesk.adapters.llm.scripted import Pace
from copydesk.domain.task import Task, TaskStatus

SLOW = Pace(first_token=0.3, per_second=40)  # seconds; tokens: an article takes long enough to be watched
FILES = ("keeling-curve-history.pdf", "carbon-cycle.docx")
LONG = 60_000  # milliseconds that an article may take on a busy machine
_TEXT = "[...document.querySelectorAll('[data-section]')].map((place) => place.textContent).join('\\n')"
MARKUP = "<img src=x onerror=document.title='broken'>"


@pytest.fixture(scope="module")
def writer() -> str:
    """A language model, so that text comes as it is written."""
    return "model"


@pytest.fixture
def slow(served: Served) -> None:
    """A model that takes its time."""
    assert served.endpoint is not None
    served.endpoint.pace = SLOW


async def submitted(desk: Desk, **changes: object) -> Task:
    """A task over two sample files."""
    files = [{"file_id": await desk.upload(SAMPLES / name)} for name in FILES]
    prompt = "The Keeling Curve: how carbon dioxide has been measured at Mauna Loa."
    fields = {"user_prompt": prompt, "uploaded_files": files, "min_words": 300, "max_words": 500, "language": "en"}
    return await desk.submit(**{**fields, **changes})


async def text_of(page: Page) -> str:
    """All text of the sections so far."""
    return "\n".join(await page.locator("[data-section]").all_text_contents())


async def written(page: Page) -> None:
    """Wait until a section holds some text."""
    await expect(page.locator("[data-section]").first).to_have_text(re.compile(r"\w{3,}"), timeout=LONG)


@pytest.mark.usefixtures("slow")
async def test_task_is_watched_from_start_to_end(page: Page, desk: Desk) -> None:
    """Stages, sources, text as it grows, tokens; in the end the checked text and the way to the article."""
    task = await submitted(desk)
    await page.goto(f"/desk/tasks/{task.task_id}")
    await written(page)
    before = await text_of(page)
    await page.wait_for_function(f"(before) => {_TEXT}.length > before.length", arg=before)
    await expect(page.locator("#sources li")).to_have_count(len(FILES))
    await expect(page.locator(".stage.running strong")).to_have_text("Draft")
    await expect(page.locator("#result h2")).to_have_text("The article is ready", timeout=LONG)
    await expect(page.locator(".stage.completed strong").last).to_have_text("Search optimization")
    await expect(page.locator("#text")).to_contain_text("Checked; citations stand in the article")
    await expect(page.locator("[data-section]")).to_have_count(0)
    await expect(page.locator("#cancel")).to_have_count(0)
    await expect(page.locator("#said")).to_contain_text("Completed")
    ended = await desk.ended(task.task_id)
    await expect(page.locator(".figures")).to_contain_text(f"{ended.usage.llm_calls}")
    await page.get_by_role("link", name="Read the article").click()
    await expect(page).to_have_url(re.compile(f"/desk/articles/{ended.article_ids[0]}$"))


@pytest.mark.usefixtures("slow")
async def test_task_is_right_after_a_reload_in_the_middle(page: Page, desk: Desk) -> None:
    """The page begins with what was written, and goes on without a gap or a repetition."""
    task = await submitted(desk)
    await page.goto(f"/desk/tasks/{task.task_id}")
    await written(page)
    before = (await text_of(page)).split("\n")
    await page.reload()
    after = (await text_of(page)).split("\n")
    assert all(new.startswith(old) for old, new in zip(before, after, strict=False))
    await page.wait_for_timeout(1_500)
    told = await page.evaluate(
        "async () => { const answer = await fetch(location.pathname, { headers: { 'HX-Request': 'true' } });"
        " const found = new DOMParser().parseFromString(await answer.text(), 'text/html');"
        " return [...found.querySelectorAll('[data-section]')].map((place) => place.textContent) }"
    )
    for server, shown in zip(told, await page.locator("[data-section]").all_text_contents(), strict=False):
        assert shown.startswith(server) or server.startswith(shown)
    await expect(page.locator("#result h2")).to_have_text("The article is ready", timeout=LONG)


@pytest.mark.usefixtures("slow")
async def test_task_is_heard_again_when_the_server_was_restarted(
    page: Page, desk: Desk, served: Served, visits: Visits
) -> None:
    """The page says that the connection is lost, finds it again by itself, and shows the end."""
    task = await submitted(desk)
    await page.goto(f"/desk/tasks/{task.task_id}")
    await written(page)
    with visits.watch.expecting("console: Failed to load resource"):
        await served.stop()
        try:
            await expect(page.locator("#lost")).to_be_visible()
        finally:
            await served.start()
        await expect(page.locator("#lost")).to_be_hidden(timeout=LONG)
        await expect(page.locator("#result h2")).to_have_text("The article is ready", timeout=LONG)


@pytest.mark.usefixtures("slow")
async def test_task_is_cancelled_in_the_middle(page: Page, desk: Desk) -> None:
    """One press, by keyboard; the page says so and offers to start again."""
    task = await submitted(desk)
    await page.goto(f"/desk/tasks/{task.task_id}")
    await written(page)
    await page.locator("#cancel").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#result h2")).to_have_text("The task was cancelled")
    assert (await desk.get(task.task_id))[0].status is TaskStatus.CANCELLED
    await page.locator("#again").click()
    await expect(page.locator("#prompt")).to_have_value(task.input.user_prompt)
    await expect(page.locator("#files .file")).to_have_count(len(FILES))


@pytest.mark.usefixtures("slow")
async def test_focus_stays_when_parts_are_asked_for_anew(page: Page, desk: Desk) -> None:
    """Whoever stands on Cancel still does while the page changes around it."""
    task = await submitted(desk)
    await page.goto(f"/desk/tasks/{task.task_id}")
    await page.locator("#cancel").focus()
    await written(page)
    await expect(page.locator("#cancel")).to_be_focused()
    await desk.services.tasks.cancel(account_id=desk.key.account_id, task_id=task.task_id)
    await expect(page.locator("#result h2")).to_have_text("The task was cancelled")
    assert await page.evaluate("document.activeElement !== document.body")


@pytest.mark.usefixtures("slow")
async def test_list_is_live_while_a_task_runs(page: Page, desk: Desk) -> None:
    """Its row changes by itself, is asked for no more when the task has ended, and cancels from the list."""
    task = await submitted(desk)
    await page.goto("/desk/tasks?status=")
    await expect(page.locator(".status.processing")).to_be_visible()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.locator(".status.cancelled")).to_be_visible()
    assert (await desk.get(task.task_id))[0].status is TaskStatus.CANCELLED
    other = await submitted(desk)
    await page.reload()
    await expect(page.locator(".status.processing")).to_be_visible()
    await desk.services.tasks.cancel(account_id=desk.key.account_id, task_id=other.task_id)
    await expect(page.locator(".status.cancelled")).to_have_count(2)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.wait_for_timeout(2_500)
    assert asked == []


async def test_task_is_shown_without_scripts(visits: Visits, desk: Desk) -> None:
    """The page is whole, and loads itself again while the task is active."""
    task = await submitted(desk)
    await desk.services.tasks.cancel(account_id=desk.key.account_id, task_id=task.task_id)
    page = await visits.open(desk, scripts=False)
    await page.goto(f"/desk/tasks/{task.task_id}")
    await expect(page.locator("#result h2")).to_have_text("The task was cancelled")


async def test_article_is_started_with_everything_that_the_form_takes(page: Page, desk: Desk, visits: Visits) -> None:
    """Chips, links checked as typed, files with what was read of them; a double click makes one task."""
    await page.goto("/desk/new")
    await page.locator("#prompt").fill("The Keeling Curve 🌍")
    await expect(page.locator("#prompt-count")).to_have_text(re.compile(r"^19 of"))
    await page.locator("#keyword-new").press_sequentially("keeling curve, carbon,")
    await page.locator("#keyword-new").fill("air")
    await page.locator("#keyword-new").press("Enter")
    await expect(page.locator(".chips li")).to_have_count(3)
    await page.get_by_role("button", name="Remove keyword carbon").click()
    await page.locator("#link-0").fill("http://127.0.0.1/")
    await expect(page.locator("#link-0-said")).to_contain_text("not public")
    await page.locator("#link-0").fill("")
    await expect(page.locator("#link-0-said")).to_be_hidden()
    await page.locator("#min_words").fill("50")
    await expect(page.locator("#min_words-said")).to_contain_text("greater than or equal to 100")
    await page.locator("#min_words").fill("300")
    wrong = FilePayload(name=f"{MARKUP}.pdf", mimeType="application/pdf", buffer=b"no pdf")
    with visits.watch.expecting("status of 422"):
        await page.locator("#upload").set_input_files(wrong)
        await expect(page.locator(".file.refused")).to_contain_text(MARKUP)
    await page.get_by_role("button", name="Dismiss").click()
    await page.locator("#upload").set_input_files(SAMPLES / FILES[0])
    await expect(page.locator("#files .file")).to_contain_text("3 pages", timeout=LONG)
    await page.locator("#start").dblclick()
    await expect(page).to_have_url(re.compile(r"/desk/tasks/[0-9a-f-]{36}$"))
    found, total = await desk.services.tasks.list(account_id=desk.key.account_id, status=None, limit=5, offset=0)
    assert total == 1
    assert found[0].input.keywords == ("keeling curve", "air")
    assert len(found[0].input.file_ids) == 1
    assert await page.title() != "broken"


async def test_file_is_dropped_and_taken_back(page: Page, desk: Desk) -> None:
    """A file that was dropped is read; taken back, it is deleted; the focus goes on."""
    await page.goto("/desk/new")
    given = await page.evaluate_handle(
        "() => { const given = new DataTransfer();"
        " given.items.add(new File(['Air on Mauna Loa has been measured since 1958.'], 'note.txt')); return given }"
    )
    await page.locator("#drop").dispatch_event("drop", {"dataTransfer": given})
    await expect(page.locator("#files .file")).to_contain_text("9 words", timeout=LONG)
    await page.get_by_role("button", name="Remove note.txt").press("Enter")
    await expect(page.locator("#files .file")).to_have_count(0)
    await expect(page.locator("#upload")).to_be_focused()
    for _ in range(50):
        _, total = await desk.services.files.list(account_id=desk.key.account_id, limit=5, offset=0)
        if not total:
            break
        await page.wait_for_timeout(100)
    assert total == 0


async def test_what_was_typed_stays_when_the_article_is_refused(page: Page, visits: Visits) -> None:
    """The service's word stands at the field, the focus on what is said, and all that was typed in its place."""
    await page.goto("/desk/new")
    await page.locator("#prompt").fill(MARKUP)
    await page.locator("#keyword-new").fill(MARKUP)
    await page.locator("#max_words").fill("5")
    with visits.watch.expecting("status of 422"):
        await page.locator("#start").click()
        await expect(page.locator("#wrong")).to_be_focused()
    await expect(page.locator("#max_words-said")).to_contain_text("greater than or equal to 100")
    await expect(page.locator("#prompt")).to_have_value(MARKUP)
    await expect(page.locator(".chips li")).to_contain_text([MARKUP])
    await expect(page.locator("#max_words")).to_have_attribute("aria-invalid", "true")
    assert await page.title() != "broken"
