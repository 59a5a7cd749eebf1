"""What the styles of a Word document make of a paragraph or run."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from copydesk.readers.docx_parts import W

if TYPE_CHECKING:
    from lxml.etree import _Element

# Names of heading styles as Word, LibreOffice and Google write them, in the languages they speak.
_HEADING = re.compile(
    r"(?:heading|head|überschrift|berschrift|uberschrift|titre|título|titulo|ttulo|titolo|kop|rubrik|otsikko|overskrift"
    r"|nagłówek|naglowek|nagwek|nadpis|címsor|cmsor|başlık|balk|antraštė|virsraksts|pealkiri|naslov|titlu|cabeçalho"  # noqa: RUF001 -- Turkish
    r"|encabezado|intestazione|заголовок|заглавие|επικεφαλίδα|כותרת|عنوان|標題|标题|見出し|제목)\s*(\d)$",
    re.IGNORECASE,
)
_TITLE = re.compile(r"title|titel|titre|título|titulo|titolo|titul|tytuł|cím|název|заголовок|название", re.IGNORECASE)
_CONTENTS = re.compile(
    r"(?:toc|contents|verzeichnis|inhaltsverzeichnis|tdm|tm|sommario|indholdsfortegnelse)\s*\d$", re.IGNORECASE
)
_BODY_LEVEL = 9  # of w:outlineLvl: body text
_CHAIN = 12  # styles based on styles based on styles
OFF = {"0", "false", "off", "none"}


@dataclass(frozen=True, kw_only=True)
class Style:
    """What a style says, with the styles it is based on."""

    heading: int | None = None  # 1 to 9
    item: int | None = None  # depth of a list item, from 1
    hidden: bool = False


def styles(root: "_Element | None") -> dict[str, Style]:
    """Styles by their ids."""
    if root is None:
        return {}
    elements = {style.get(f"{W}styleId", ""): style for style in root.iter(f"{W}style")}
    return {name: _resolved(name, elements, 0) for name in elements}


def _resolved(name: str, elements: "dict[str, _Element]", depth: int) -> Style:
    element = elements.get(name)
    if element is None or depth > _CHAIN:
        return Style()
    based = element.find(f"{W}basedOn")
    style = _resolved(based.get(f"{W}val", ""), elements, depth + 1) if based is not None else Style()
    outline = element.find(f"{W}pPr/{W}outlineLvl")
    number = element.find(f"{W}pPr/{W}numPr")
    if outline is not None:
        style = replace(style, heading=outline_level(outline))
    else:
        style = replace(style, heading=_named_level(name, element) or style.heading)
    if number is not None:
        style = replace(style, item=item_depth(number))
    elif _is_listed(element):
        style = replace(style, item=style.item or 1)
    vanish = element.find(f"{W}rPr/{W}vanish")
    return style if vanish is None else replace(style, hidden=is_on(vanish))


def _names(style_id: str, element: "_Element") -> list[str]:
    name, aliases = element.find(f"{W}name"), element.find(f"{W}aliases")
    given = [] if name is None else [name.get(f"{W}val", "")]
    return [*given, *("" if aliases is None else aliases.get(f"{W}val", "")).split(","), style_id]


def _named_level(style_id: str, element: "_Element") -> int | None:
    """The level that a style's name, another name of it or its id says; a document's title is of level 1."""
    if element.get(f"{W}type", "paragraph") != "paragraph":
        return None
    names = [name.strip() for name in _names(style_id, element)]
    levels = [int(found[1]) for name in names if (found := _HEADING.match(name)) is not None and found[1] != "0"]
    return levels[0] if levels else 1 if any(_TITLE.fullmatch(name) for name in names) else None


def _is_listed(element: "_Element") -> bool:
    name = element.find(f"{W}name")
    label = "" if name is None else name.get(f"{W}val", "").strip()
    return _CONTENTS.match(label) is not None


def outline_level(outline: "_Element") -> int | None:
    """The heading level of a w:outlineLvl; None for body text."""
    value = outline.get(f"{W}val", "")
    return int(value) + 1 if value.isdecimal() and int(value) < _BODY_LEVEL else None


def item_depth(number: "_Element") -> int | None:
    """The depth of a w:numPr from 1; None where it takes the numbering away (ECMA-376 part 1, 17.9.18)."""
    identity, level = number.find(f"{W}numId"), number.find(f"{W}ilvl")
    if identity is not None and identity.get(f"{W}val") == "0":
        return None
    value = "" if level is None else level.get(f"{W}val", "")
    return int(value) + 1 if value.isdecimal() else 1


def is_on(switch: "_Element") -> bool:
    """Whether a switch such as w:vanish is on; without a value it is."""
    return switch.get(f"{W}val", "1") not in OFF
