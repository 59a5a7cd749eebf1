"""The fixtures themselves: a page that errs is noticed, and the desk is signed in to."""

import pytest
from playwright.async_api import Page, expect
from support.browsing import Served, Visits
from support.desk import Desk


async def test_page_is_signed_in(page: Page, desk: Desk) -> None:
    """The page stands at the desk of the test's own account."""
    await page.goto("/desk/tasks")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tasks")
    await expect(page.get_by_text(desk.key.account_name)).to_be_visible()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("() => console.error('broken')", "broken"),
        ("() => { setTimeout(() => { throw new Error('thrown') }, 0) }", "thrown"),
        ("() => { new Image().src = 'http://127.0.0.2:9/pixel.png' }", "another host"),
        ("() => { fetch('/desk/nowhere') }", "404"),
    ],
)
async def test_errors_are_noticed(page: Page, visits: Visits, script: str, said: str) -> None:
    """An error on the console or in a script, a failed request and one to another host are all seen."""
    await page.goto("/desk/tasks")
    await page.evaluate(script)
    for _ in range(100):
        if any(said in problem for problem in visits.watch.problems):
            break
        await page.wait_for_timeout(50)
    assert any(said in problem for problem in visits.watch.problems)
    await visits.close(None)
    visits.watch.problems.clear()


async def test_expected_errors_are_left_out(page: Page, visits: Visits) -> None:
    """What a test says that it expects is no problem, as long as it says so."""
    await page.goto("/desk/tasks")
    with visits.watch.expecting("404"):
        await page.goto("/desk/nowhere")
    assert visits.watch.problems == []


async def test_desk_is_served_again_after_it_was_stopped(page: Page, served: Served) -> None:
    """The same port and the same session, as after a restart."""
    await page.goto("/desk/tasks")
    await served.stop()
    await served.start()
    answer = await page.reload()
    assert answer is not None
    assert answer.status == 200
