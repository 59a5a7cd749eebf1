"""What makes a page good to use, looked at in the browser: axe's rules, room, targets, focus."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

AXE = Path(__file__).parents[1] / "browser" / "axe" / "axe.min.js"
TARGET = 24  # pixels, WCAG 2.2 success criterion 2.5.8
MOST_STOPS = 200  # of the Tab key on one page

_RUN_AXE = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  return found.violations.map((one) => ({ rule: one.id, help: one.help,
    at: one.nodes.map((node) => `${node.html} ${node.failureSummary}`) }));
}"""
_OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const pushes = (element) => element.getBoundingClientRect().right > wide + 1
    || (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === "visible");
  return [`${document.documentElement.scrollWidth} pixels in ${wide}`,
    ...[...document.querySelectorAll("body *")].filter(pushes).map((element) => element.outerHTML.slice(0, 200))];
}"""
_SMALL_TARGETS = """(least) => {
  const targets = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex='0']";
  const inText = (element) => getComputedStyle(element).display === "inline"
    && element.parentElement.textContent.trim().length > element.textContent.trim().length;
  return [...document.querySelectorAll(targets)].filter((element) => {
    const box = element.getBoundingClientRect();
    const seen = element.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.right > 0;
    return seen && !inText(element) && (box.width < least - 0.5 || box.height < least - 0.5);
  }).map((element) => {
    const box = element.getBoundingClientRect();
    return `${element.outerHTML.slice(0, 200)}: ${box.width} x ${box.height}`;
  });
}"""
_FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return null;
  window.stops ??= new Map();
  const again = window.stops.has(element);
  window.stops.set(element, true);
  const box = element.getBoundingClientRect();
  const marked = (one) => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  };
  const frame = element.closest(":is(label, div, fieldset, section):focus-within");  // of a field drawn as a box
  const shown = marked(element) || (frame !== null && marked(frame));
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0;
  return { again, shown, inside, html: element.outerHTML.slice(0, 200) };
}"""


async def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds wrong: by rule, with the elements."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = await page.evaluate(_RUN_AXE)
    return found


async def overflowing(page: Page) -> list[str]:
    """The elements that make the page wider than its window; none if it is not."""
    found: list[str] = await page.evaluate(_OVERFLOWING)
    return found


async def small_targets(page: Page) -> list[str]:
    """What can be pressed and is smaller than `TARGET` either way, but for links within a text."""
    found: list[str] = await page.evaluate(_SMALL_TARGETS, TARGET)
    return found


async def tab_through(page: Page) -> tuple[int, list[str]]:
    """Press Tab from the page's start to its end; answers the stops, and those that do not show the focus."""
    await page.wait_for_timeout(200)  # keys that are pressed before the page was first painted go nowhere
    for _ in range(MOST_STOPS):  # to the end, and so to the start: something may have the focus already
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement === document.body"):
            break
    hidden: list[str] = []
    await page.evaluate("() => { delete window.stops }")
    for count in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        found = await page.evaluate(_FOCUSED)
        if found is None or found["again"]:
            return count, hidden
        if not (found["shown"] and found["inside"]):
            hidden.append(found["html"])
    return MOST_STOPS, [*hidden, "the focus does not come to the end"]
