"""Every page from all sides: accessible in light and dark, wide and narrow, by keyboard, within its window."""

from collections.abc import Mapping, Sequence
from pprint import pformat

import pytest
import pytest_asyncio
from playwright.async_api import Page
from support.browsing import NARROW, WIDE, Served, Visits
from support.desk_pages import NOBODY, PAGES, STATUS, Stock, stock_of
from support.looking import overflowing, small_targets, tab_through, violations

WRONG = {  # what each look must notice
    "axe": "<img src='data:,'>",
    "wide": "<div class='card'><pre>{}</pre></div>".format("too_wide_" * 80),
    "target": "<button></button>",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stock(served: Served) -> Stock:
    """One account with a finished article, for all pages."""
    return await stock_of(await served.own())


@pytest.mark.parametrize("name", PAGES)
async def test_page_from_all_sides(visits: Visits, stock: Stock, name: str) -> None:
    """Axe finds nothing, nothing is too wide or too small, and the Tab key shows where it stands."""
    page = await visits.open(None if name in NOBODY else stock.desk)
    expected = STATUS.get(name, 200)
    with visits.watch.expecting(f"status of {expected}"):
        answer = await page.goto(stock.address(name))
    assert answer is not None
    assert answer.status == expected
    stops, unseen = await tab_through(page)
    assert stops > 1
    found: dict[str, Sequence[object]] = {"the focus is not seen at": unseen}
    for size in (WIDE, NARROW):
        await page.set_viewport_size(size)
        found |= await seen(page, f"at {size['width']} pixels")
    wrong = {what: where for what, where in found.items() if where}
    assert not wrong, pformat(wrong, width=200)


async def seen(page: Page, where: str) -> Mapping[str, Sequence[object]]:
    """What is wrong at the page's present size, in light and in dark."""
    found: dict[str, Sequence[object]] = {
        f"wider than the window {where}": await overflowing(page),
        f"too small {where}": await small_targets(page),
    }
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found[f"axe, {scheme}, {where}"] = await violations(page)
    return found


async def test_what_is_wrong_is_seen(page: Page) -> None:
    """The looks above notice a picture without a text, a wide block, a small button and a hidden focus."""
    await page.goto("/desk/tasks")
    await page.set_viewport_size(NARROW)
    await page.evaluate("(html) => { document.querySelector('main').innerHTML += html }", "".join(WRONG.values()))
    await page.evaluate(
        """() => {
          const [button, block] = ["main button:last-of-type", "main pre"].map((one) => document.querySelector(one));
          Object.assign(button.style, { minHeight: "0", height: "12px", padding: "0", outline: "none" });
          Object.assign(block.style, { overflowWrap: "normal" });
        }"""
    )
    assert {one["rule"] for one in await violations(page)} >= {"image-alt", "button-name"}
    assert await overflowing(page) != []
    assert await small_targets(page) != []
    _, unseen = await tab_through(page)
    assert len(unseen) == 1
