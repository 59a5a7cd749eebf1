"""The article at the desk in a real browser: typed, checked, saved, compared and deleted."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect
from support.api import new_article
from support.browsing import NARROW, Visits
from support.desk import Desk
from support.stored import stored_task

from copydesk.domain.article import Article
from copydesk.errors import ArticleNotFound
from copydesk.store import articles

HOSTILE = (
    "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'> [run](javascript:window.ran=3)\n\n"
    "<svg onload='window.ran = 4'></svg> ![picture](https://elsewhere.test/p.png)\n"
)
UNDONE = "() => window.ran === undefined"


async def _stored(desk: Desk, **changes: Any) -> Article:
    """An article of the desk's account, as the pipeline stores it."""
    task_id = await stored_task(desk.shared.database, desk.key.account_id)
    article = new_article(task_id, desk.key.account_id, **changes)
    async with desk.shared.database.write() as connection:
        await articles.insert_article(connection, article)
    return article


async def _now(desk: Desk, article: Article) -> Article:
    return await desk.services.articles.get(account_id=desk.key.account_id, article_id=article.article_id)


async def _open(page: Page, desk: Desk, **changes: Any) -> Article:
    article = await _stored(desk, **changes)
    await page.goto(f"/desk/articles/{article.article_id}")
    return article


def _text(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text", exact=True)


async def _type_at_end(page: Page, text: str) -> None:
    await _text(page).press("Control+End")
    await page.keyboard.type(text)


async def test_preview_and_checks_follow_the_typing(page: Page, desk: Desk) -> None:
    """What is typed stands rendered beside, and the checks change, without a save."""
    article = await _open(page, desk)
    await _text(page).press("Control+Home")
    await page.keyboard.type("## Keeling Curve begun\n\nThe *first* sentence of Bob in 1999.\n\n")
    await expect(page.locator("#text em")).to_have_text("first")
    await expect(page.locator("#checks tbody td").nth(1)).to_have_text("2")
    await expect(page.locator("#flaws")).to_contain_text("The first sentence of Bob in 1999.")
    await expect(page.locator("#save-state")).to_have_text("Unsaved changes")
    await page.get_by_label("Slug").fill("Not A Slug")
    await expect(page.locator("#slug-problem")).to_contain_text("lower case words")
    assert await page.get_by_label("Slug").get_attribute("aria-invalid") == "true"
    assert (await _now(desk, article)).revision == 1


async def test_search_result_is_measured(page: Page, desk: Desk) -> None:
    """A title that is too wide for a desktop's result is cut in its preview and said to be."""
    await _open(page, desk)
    desktop = page.locator(".result.desktop")
    await expect(desktop.locator("[data-width=seo_title]")).to_contain_text("fits")
    await page.get_by_label("Search title", exact=True).fill("Wide words " * 12)
    await expect(desktop.locator("[data-width=seo_title]")).to_contain_text("too wide")
    await expect(desktop.locator("[data-part=seo_title]")).to_contain_text("…")
    await expect(page.locator("#seo_title-count")).to_have_text("131 characters")


async def test_footnote_shows_what_supports_it(page: Page, desk: Desk) -> None:
    """Enter on a footnote shows the passage with the words marked, and moves the focus to it."""
    await _open(page, desk)
    await page.locator("#text .footnote-ref a").nth(1).press("Enter")
    await expect(page.locator("#support mark").first).to_have_text("station stands")
    await expect(page.locator("#support")).to_contain_text("page 2, The Station")
    await expect(page.locator("#evidence")).to_be_focused()
    await page.locator("#text .footnote-ref a").first.click()
    await expect(page.locator("#support")).to_contain_text("changed or added after")


async def test_save_by_keyboard_keeps_the_place(page: Page, desk: Desk) -> None:
    """Ctrl+S saves without leaving the text; typing goes on from there, and is saved again."""
    article = await _open(page, desk)
    await _type_at_end(page, "\nOne more line.")
    await page.keyboard.press("Control+s")
    await expect(page.locator("#save-state")).to_have_text("Saved")
    await expect(_text(page)).to_be_focused()
    await page.keyboard.type(" And another.")
    await page.keyboard.press("Control+s")
    await expect(page.locator("#state")).to_contain_text("Version 3")
    assert (await _now(desk, article)).content.endswith("One more line. And another.")


async def test_article_is_published_and_back_by_keyboard(page: Page, desk: Desk) -> None:
    """The button is there again after it was pressed, with the other meaning."""
    article = await _open(page, desk)
    await page.get_by_role("button", name="Publish", exact=True).press("Enter")
    await expect(page.locator("#state .status")).to_have_text("Published")
    assert (await _now(desk, article)).published_at is not None
    await page.get_by_role("button", name="Unpublish").press("Enter")
    await expect(page.locator("#state .status")).to_have_text("Draft")


async def test_refused_save_loses_nothing(page: Page, desk: Desk, visits: Visits) -> None:
    """What is wrong is said at its field, which has the focus; the text stands as it was typed."""
    article = await _open(page, desk)
    await _type_at_end(page, "\nKept.")
    await page.get_by_label("Slug").fill("No Slug")
    with visits.watch.expecting("422"):
        await page.keyboard.press("Control+s")
        await expect(page.locator("#save-state")).to_have_text("Not saved")
    await expect(page.get_by_label("Slug")).to_be_focused()
    await expect(_text(page)).to_have_value(re.compile("Kept\\.$"))
    assert (await _now(desk, article)).revision == 1


async def test_conflict_shows_both_texts_and_loses_neither(page: Page, desk: Desk, visits: Visits) -> None:
    """A dialog with both; saving one's own over it keeps the other among the versions."""
    article = await _open(page, desk)
    await _type_at_end(page, "\nMine.")
    await desk.services.articles.edit(
        account_id=desk.key.account_id, article_id=article.article_id, body={"content": "Theirs."}
    )
    dialog = page.get_by_role("dialog", name="Somebody else saved")
    with visits.watch.expecting("412"):
        await page.keyboard.press("Control+s")
        await expect(dialog).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        await expect(_text(page)).to_be_focused()
        await page.keyboard.press("Control+s")
        await expect(dialog).to_be_visible()
    await expect(dialog.get_by_label("As it was saved meanwhile")).to_have_value("Theirs.")
    await expect(dialog.get_by_label("Yours")).to_have_value(re.compile("Mine\\.$"))
    await dialog.get_by_label("Yours").press("Control+End")
    await page.keyboard.type(" Merged.")
    await dialog.get_by_role("button", name="Save mine over it").press("Enter")
    await expect(page.locator("#save-state")).to_have_text("Saved")
    await expect(_text(page)).to_have_value(re.compile("Mine\\. Merged\\.$"))
    versions, _ = await desk.services.articles.versions(
        account_id=desk.key.account_id, article_id=article.article_id, limit=10, offset=0
    )
    assert [version.content.rpartition("\n")[2] for version in versions[:2]] == ["Mine. Merged.", "Theirs."]


async def test_other_text_is_taken_and_the_own_one_offered(page: Page, desk: Desk, visits: Visits) -> None:
    """Taking the other text leaves one's own in the browser; brought back and saved, both are shown again."""
    article = await _open(page, desk)
    await _type_at_end(page, "\nMine.")
    await desk.services.articles.edit(
        account_id=desk.key.account_id, article_id=article.article_id, body={"content": "Theirs."}
    )
    with visits.watch.expecting("412"):
        await page.keyboard.press("Control+s")
        await page.get_by_role("link", name="Take the other one").click()
        await expect(_text(page)).to_have_value("Theirs.")
        await expect(page.locator("#unsaved")).to_contain_text("will show you both")
        await page.get_by_role("button", name="Bring it back").click()
        await expect(_text(page)).to_have_value(re.compile("Mine\\.$"))
        await page.keyboard.press("Control+s")
        await expect(page.get_by_role("dialog", name="Somebody else saved")).to_be_visible()


async def test_unsaved_text_is_offered_after_a_reload(page: Page, desk: Desk) -> None:
    """Text that was typed and not saved comes back when it is asked for, and goes when it is discarded."""
    await _open(page, desk)
    await _type_at_end(page, "\nNot saved.")
    await page.reload()
    await expect(_text(page)).not_to_have_value(re.compile("Not saved"))
    await page.get_by_role("button", name="Bring it back").press("Enter")
    await expect(_text(page)).to_have_value(re.compile("Not saved\\.$"))
    await expect(page.locator("#text")).to_contain_text("Not saved.")
    await page.reload()
    await page.get_by_role("button", name="Discard it").press("Enter")
    await page.reload()
    await expect(page.locator("#unsaved")).to_be_hidden()


async def test_text_stays_when_the_session_has_ended(page: Page, desk: Desk, visits: Visits) -> None:
    """A save without a session says so and leaves the text where it is."""
    await _open(page, desk)
    await _type_at_end(page, "\nStill here.")
    await page.context.clear_cookies()
    with visits.watch.expecting("401"):
        await page.keyboard.press("Control+s")
        await expect(page.get_by_role("alert")).to_contain_text("sign in again")
    await expect(_text(page)).to_have_value(re.compile("Still here\\.$"))


async def test_delete_is_confirmed_by_keyboard(page: Page, desk: Desk) -> None:
    """Escape and the first button keep the article, the other deletes it; the list says so."""
    article = await _open(page, desk)
    dialog = page.get_by_role("dialog", name="Delete")
    await page.get_by_role("link", name="Delete", exact=True).press("Enter")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_role("link", name="Keep it")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_role("link", name="Delete", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Shift+Tab")
    await expect(dialog.get_by_role("button", name="Delete for good")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("1 article was deleted.")
    with pytest.raises(ArticleNotFound):
        await _now(desk, article)


async def test_nothing_in_a_text_runs(page: Page, desk: Desk) -> None:
    """Script, handlers, addresses that run and pictures of other hosts are text, stored and while typing."""
    await _open(page, desk, content=HOSTILE, title="<img src=x onerror='window.ran = 5'>")
    await expect(page.locator("#text")).to_contain_text("<script>window.ran = 1</script>")
    await expect(page.locator("#heading")).to_have_text("<img src=x onerror='window.ran = 5'>")
    await _type_at_end(page, "\n\n<iframe src='javascript:window.ran=6'></iframe> *typed*")
    await expect(page.locator("#text em")).to_have_text("typed")
    assert await page.evaluate(UNDONE)
    assert await page.locator("#text").locator("script, iframe, svg, [onerror], [src]").count() == 0


@pytest.mark.parametrize("below", ["", "/versions/1", "/evidence", "/delete"])
async def test_nothing_is_wider_than_a_phone(visits: Visits, desk: Desk, below: str) -> None:
    """At 390 px no page has to be moved sideways."""
    page = await visits.open(desk, size=NARROW)
    article = await _stored(desk, content=f"{'Long' * 60} text.\n\n| a | b |\n| - | - |\n| {'x' * 80} | {'y' * 80} |\n")
    for path in (f"/desk/articles/{article.article_id}{below}", "/desk/articles"):
        await page.goto(path)
        assert await page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


async def test_article_is_edited_without_scripts(visits: Visits, desk: Desk) -> None:
    """Forms alone save, show a conflict with both texts, and delete."""
    page = await visits.open(desk, scripts=False)
    article = await _open(page, desk)
    await _text(page).fill("Written without scripts.")
    await desk.services.articles.edit(
        account_id=desk.key.account_id, article_id=article.article_id, body={"content": "Theirs."}
    )
    with visits.watch.expecting("412"):
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Somebody else saved this article meanwhile")
    await page.get_by_role("button", name="Save mine over it").click()
    await expect(_text(page)).to_have_value("Written without scripts.")
    await page.get_by_role("link", name="Delete", exact=True).click()
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.get_by_text("1 article was deleted.")).to_be_visible()


async def test_many_are_archived_by_keyboard(page: Page, desk: Desk) -> None:
    """Chosen with the space bar, confirmed with Enter."""
    chosen = [await _stored(desk, title=f"Article {number}") for number in range(2)]
    await page.goto("/desk/articles")
    for article in chosen:
        await page.get_by_label(f"Choose {article.title}").press("Space")
    await page.get_by_role("button", name="Archive").press("Enter")
    await page.get_by_role("button", name="Archive").press("Enter")
    await expect(page.get_by_text("2 articles were archived.")).to_be_visible()
    states = await asyncio.gather(*(_now(desk, article) for article in chosen))
    assert {article.publication_status for article in states} == {"archived"}
