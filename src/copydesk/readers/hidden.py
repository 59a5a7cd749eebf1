"""Takes out of a page what its visitors do not see."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HIDING = re.compile(
    r"(?:^|[;\s])(?:"
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0+(?:\.0+)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*(?:0+(?:\.0+)?(?:px|pt|em|rem|%)?|[01](?:\.\d+)?px)\s*(?:;|!|$)"
    r"|(?:text-indent|left|top)\s*:\s*-\d{3,}"
    r"|clip(?:-path)?\s*:\s*(?:rect\(\s*0|inset\(\s*(?:50|100)%)"
    r")",
    re.IGNORECASE,
)
_NO_HEIGHT = re.compile(r"(?:^|[;\s])(?:max-)?(?:height|width)\s*:\s*0(?:px|em|%)?\s*(?:;|!|$)", re.IGNORECASE)
_CLIPPED = re.compile(r"overflow\s*:\s*(?:hidden|clip)", re.IGNORECASE)
_COLOR = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"(?:^|[;\s])background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_TRANSPARENT = re.compile(r"transparent|rgba\([^)]*,\s*0?(?:\.0+)?\s*\)$", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"[.#][\w-]+$")
_AT_BLOCK = re.compile(r"@[^{};]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")  # media queries, fonts, animations
_MAX_STYLE = 500_000  # characters of style sheets that are looked at
# Marks of references and edit links, seen but no text of the page
_APPARATUS = (
    "//sup[contains(concat(' ', @class, ' '), ' reference ')]"
    " | //*[contains(concat(' ', @class, ' '), ' mw-editsection ')]"
    " | //*[contains(concat(' ', @class, ' '), ' noprint ') and contains(@class, 'Inline-Template')]"
)


def drop_hidden(tree: "HtmlElement") -> bool:
    """Remove hidden elements from `tree`; answer whether one of them held text.

    Hidden are elements with the `hidden` attribute, and those that their own style or a rule for
    their class or id in the page's own style sheets takes out of sight: not displayed, no size, no
    opacity, outside of the window, in the colour of the background. The page's root elements stay:
    some pages hide them until a script shows them.
    """
    for mark in tree.xpath(_APPARATUS):
        mark.drop_tree()
    rules = _hiding_rules(tree)
    hidden = [element for element in tree.iter() if isinstance(element.tag, str) and _is_hidden(element, rules)]
    dropped = False
    for element in hidden:
        if element.getparent() is not None:
            dropped = dropped or bool(element.text_content().strip())
            element.drop_tree()
    return dropped


def _is_hidden(element: "HtmlElement", rules: set[str]) -> bool:
    if element.tag in {"html", "body", "head", "script", "style", "meta", "link", "title"}:
        return False
    if "hidden" in element.attrib and element.get("hidden") != "until-found":
        return True
    style = element.get("style")
    if style and hides(style):
        return True
    if not rules:
        return False
    names = {f".{name}" for name in (element.get("class") or "").split()} | {f"#{element.get('id')}"}
    return not rules.isdisjoint(names)


def hides(style: str) -> bool:
    """Whether the declarations of `style` take an element's text out of sight."""
    if _HIDING.search(style) or (_NO_HEIGHT.search(style) and _CLIPPED.search(style)):
        return True
    color = _COLOR.search(style)
    if color is None:
        return False
    value = re.sub(r"\s", "", color[1]).lower()
    background = _BACKGROUND.search(style)
    if background is None:
        return _TRANSPARENT.match(value) is not None
    return re.sub(r"\s", "", background[1]).lower() == value


def _hiding_rules(tree: "HtmlElement") -> set[str]:
    """Classes and ids that the page's own style sheets hide, without condition."""
    names: set[str] = set()
    for sheet in tree.xpath("//style[not(@media) or @media='all' or @media='screen']/text()"):
        for found in _RULE.finditer(_AT_BLOCK.sub("", sheet[:_MAX_STYLE])):
            if hides(found[2]):
                names.update(name for part in found[1].split(",") if _SIMPLE.match(name := part.strip()))
    return names
