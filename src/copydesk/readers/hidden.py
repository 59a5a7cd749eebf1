"""Takes out of a page what its visitors do not see."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copydesk.language.orders import gives_orders
from copydesk.readers.colors import Color, background_of, color_of, is_same, is_transparent

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HIDING = re.compile(
    r"(?:^|[;\s])(?:"
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|content-visibility\s*:\s*hidden"
    r"|opacity\s*:\s*(?:0*(?:\.0\d*)?|0+%)\s*(?:;|!|$)"
    r"|font-size\s*:\s*(?:0*(?:\.\d+)?(?:px|pt)|1(?:\.\d+)?px|0*(?:\.[012]\d*)?(?:r?em|vw)|\d?(?:\.\d+)?%|0+)\s*(?:;|!|$)"
    r"|(?:text-indent|left|right|top|bottom|margin-left|margin-top)\s*:\s*-\d{3,}(?:\.\d+)?(?:px|r?em|pt|v[wh])?\s*(?:;|!|$)"
    r"|transform\s*:[^;]*(?:scale[xy]?\(\s*0+(?:\.0+)?\s*[,)]|translate[xy]?\(\s*-\d{4,})"
    r"|clip(?:-path)?\s*:\s*(?:rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)"
    r"|inset\(\s*(?:50|100)%|circle\(\s*0)"
    r")",
    re.IGNORECASE,
)
_NO_SIZE = re.compile(r"(?:^|[;\s])(?:max-)?(?:height|width)\s*:\s*[01](?:px|em|%)?\s*(?:;|!|$)", re.IGNORECASE)
_CLIPPED = re.compile(r"overflow(?:-[xy])?\s*:\s*(?:hidden|clip)", re.IGNORECASE)
_PAINTS = re.compile(r"color|background", re.IGNORECASE)
_BRACES = re.compile(r"[{}]")
_BACKGROUNDS = re.compile(r"background(?:-color)?\s*:\s*([^;!}]+)", re.IGNORECASE)
_SIMPLE = re.compile(r"[.#][\w-]+$")
_MAY_HIDE = re.compile(  # in lower case: a first look, several times as fast
    r"none|hidden|collapse|opacity\s*:\s*[0.]|font-size\s*:\s*[\d.]|(?:left|top|right|bottom|indent)\s*:\s*-|clip|transform"
    r"|(?<![-\w])color"
)
_COMMENT = re.compile(r"/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)")
_MAX_STYLE = 250_000  # characters of style sheets that are looked at
_MAX_NAMES = 20  # of classes and ids that one search looks for
_MAX_DEPTH = 30  # ancestors whose background is looked for
_ROOTS = frozenset({"html", "body", "head", "script", "style", "meta", "link", "title"})
# Names by which the common style sheets (Bootstrap, WordPress, HTML5 Boilerplate) hide text from sight.
_READ_ALOUD = ("sr-only", "visually-hidden", "screen-reader-text")
_SCREEN_READER = " or ".join(f"contains(@class, '{name}')" for name in _READ_ALOUD)
_READ_ALOUD_NAMES = frozenset(f".{name}" for name in _READ_ALOUD)
_FURNITURE = "ancestor-or-self::*[self::nav or self::header or self::footer or self::aside or self::form"
_FURNITURE += " or self::dialog or self::button or self::select or self::menu]"
_MIN_NOTED = 5  # words; shorter hidden texts are labels
_MOSTLY = 0.6  # of a page's text; what holds more is the page, hidden until a script shows it
_NO_TEXT = ("script", "style", "svg", "noscript")
# Marks of references and edit links, seen but no text of the page
_APPARATUS = (
    "//sup[@class][contains(concat(' ', @class, ' '), ' reference ') or contains(@class, 'Inline-Template')]"
    " | //span[contains(concat(' ', @class, ' '), ' mw-editsection ')]"
)
_UNSEEN = ("template", "datalist", "dialog")


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """What the page's own style sheets say of single classes and ids, without condition."""

    hidden: set[str] = field(default_factory=set)  # as ".name" and "#name"
    painted: dict[str, str] = field(default_factory=dict)  # declarations of colours
    body: list[str] = field(default_factory=list)  # declarations for html and body
    linked: bool = False  # whether there are further style sheets, which are not known


def drop_hidden(tree: "HtmlElement") -> bool:
    """Remove hidden elements and all scripts and styles from `tree`; answer whether one of them held text worth a note.

    Hidden are elements with the `hidden` attribute, those that are never shown (`template`,
    closed `dialog`), those meant for screen readers alone by the common class names, and
    those that their own style or a rule for their class or id in the page's own style sheets takes
    out of sight: not displayed, no size, no opacity, outside of the window, in the colour of the
    background. The page's root elements stay, as does an element with most of the page's text: some
    pages hide them until a script shows them. `aria-hidden` text stays: it is seen.

    Worth a note is text of some words outside of menus, forms and the like, and any that gives
    orders to machines.
    """
    from lxml.etree import strip_elements  # noqa: PLC0415 -- heavy; only the sandbox process reads

    sheet = _read_sheets(tree)
    # All that comes after is faster without them, by an eighth on the whole.
    strip_elements(tree, *_NO_TEXT, with_tail=False)
    for mark in tree.xpath(_APPARATUS):
        mark.drop_tree()
    hidden = [element for element in _candidates(tree, sheet) if _is_hidden(element, sheet)]
    noted, whole = False, None
    for element in [*hidden, *(element for element in tree.iter(*_UNSEEN) if element.get("open") is None)]:
        parent = element.getparent()
        if parent is None:
            continue
        text = " ".join(str(element.text_content()).split())
        if len(text) > 1_000:  # noqa: PLR2004 -- shorter texts are no page
            whole = whole if whole is not None else len(str(tree.xpath("normalize-space(string(//body))")))
            if len(text) > _MOSTLY * whole:
                continue
        noted = noted or _is_worth_noting(element, text)
        element.drop_tree()
    return noted


def hides(style: str) -> bool:
    """Whether the declarations of `style` alone take an element's text out of sight."""
    if _MAY_HIDE.search(style.lower()) is None:
        return False
    if _HIDING.search(style) or (_NO_SIZE.search(style) and _CLIPPED.search(style)):
        return True
    if not _PAINTS.search(style):
        return False
    if is_transparent(style):
        return True
    color, background = color_of(style), background_of(style)
    return color is not None and background is not None and is_same(color, background)


def _is_worth_noting(element: "HtmlElement", text: str) -> bool:
    if not text or element.tag == "template":
        return bool(text) and gives_orders(text)
    if len(text.split()) >= _MIN_NOTED and not element.xpath(f"boolean({_FURNITURE})"):
        return True
    return gives_orders(text)


def _candidates(tree: "HtmlElement", sheet: _Sheet) -> Iterator["HtmlElement"]:
    conditions = f"@hidden or @style or {_SCREEN_READER} or self::font[@color]"
    names = sheet.hidden | sheet.painted.keys()
    if len(names) > _MAX_NAMES:
        conditions += " or @class or @id"
    else:  # libxml2 looks for the names much faster than they are compared here
        for name in names:
            conditions += f" or contains(@class, '{name[1:]}')" if name[0] == "." else f" or @id='{name[1:]}'"
    yield from tree.xpath(f"//*[{conditions}]")


def _is_hidden(element: "HtmlElement", sheet: _Sheet) -> bool:
    if element.tag in _ROOTS:
        return False
    if element.get("hidden") is not None and element.get("hidden") != "until-found":
        return True
    style = element.get("style") or ""
    if style and hides(style):
        return True
    names = _names(element)
    if not sheet.hidden.isdisjoint(names) and not re.search(r"display\s*:\s*(?!none)\w", style):
        return True
    if not names.isdisjoint(_READ_ALOUD_NAMES):
        return True
    return _is_unreadable(element, style, names, sheet)


def _names(element: "HtmlElement") -> set[str]:
    names = {f".{name}" for name in (element.get("class") or "").split()}
    if element.get("id"):
        names.add(f"#{element.get('id')}")
    return names


def _is_unreadable(element: "HtmlElement", style: str, names: set[str], sheet: _Sheet) -> bool:
    """Whether the text has the colour of what is behind it."""
    if "color" not in style and element.tag != "font" and names.isdisjoint(sheet.painted):
        return False
    own = _paint(element, style, names, sheet)
    color = color_of(own)
    if color is None or not any(element.itertext()):
        return False
    background = background_of(own)
    node = element.getparent()
    for _ in range(_MAX_DEPTH):
        if background is not None or node is None:
            break
        background = background_of(_paint(node, node.get("style") or "", _names(node), sheet))
        if background is None and (node.get("class") or node.get("id")) and sheet.linked:
            return False  # a style sheet that is not known may paint it
        node = node.getparent()
    if background is None:
        background = background_of(";".join(sheet.body)) or (None if sheet.linked else Color(255, 255, 255))
    return background is not None and is_same(color, background)


def _paint(element: "HtmlElement", style: str, names: set[str], sheet: _Sheet) -> str:
    """The declarations of an element's colours, the strongest last."""
    parts = [f"color:{element.get('color')}"] if element.tag == "font" and element.get("color") else []
    if element.get("bgcolor"):
        parts.append(f"background:{element.get('bgcolor')}")
    parts.extend(sheet.painted[name] for name in names if name in sheet.painted)
    return ";".join([*parts, style])


def _read_sheets(tree: "HtmlElement") -> _Sheet:
    sheet = _Sheet(linked=bool(tree.xpath("boolean(//link[contains(@rel, 'stylesheet')])")))
    texts = tree.xpath("//style[not(@media) or @media='all' or @media='screen']/text()")
    text = _COMMENT.sub("", "\n".join(texts)[:_MAX_STYLE])
    painted: dict[str, str] = {}
    for selectors, declarations in _rules(text):
        hiding = hides(declarations)
        if not hiding and "color" not in declarations and "background" not in declarations:
            continue
        for name in map(str.strip, selectors.split(",")):
            if name in {"body", "html"}:
                sheet.body.append(declarations)
            elif _SIMPLE.match(name):
                if hiding:
                    sheet.hidden.add(name)
                else:
                    painted[name] = f"{painted.get(name, '')};{declarations}"
    sheet.painted.update(_suspicious(painted, text))
    return sheet


def _rules(text: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of the rules that hold without condition, in one pass over `text`."""
    depth, start, selectors = 0, 0, ""
    for brace in _BRACES.finditer(text):
        if brace[0] == "{":
            if depth == 0:
                selectors = text[start : brace.start()].rpartition(";")[2]
            depth += 1
        else:
            if depth == 1 and "@" not in selectors:  # media queries, fonts, animations
                yield selectors, text[start : brace.start()]
            depth = max(0, depth - 1)
        start = brace.end()


def _suspicious(painted: dict[str, str], text: str) -> dict[str, str]:
    """The rules whose text has the colour of any background that the sheets name, and those backgrounds."""
    if not painted:
        return {}
    named = (background_of(f"background:{value}") for value in set(re.findall(_BACKGROUNDS, text)))
    backgrounds = {Color(255, 255, 255), *filter(None, named)}
    colors = {name: color_of(style) for name, style in painted.items()}
    found = {name for name, color in colors.items() if color and any(is_same(color, behind) for behind in backgrounds)}
    if not found:
        return {}
    return {name: style for name, style in painted.items() if name in found or background_of(style)}
