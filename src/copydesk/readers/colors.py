"""Colours in the declarations of a style, as far as they tell whether text is seen."""

import re
from typing import NamedTuple

_COLOR = re.compile(r"(?:^|[;\s])(?:-webkit-text-fill-)?color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"(?:^|[;\s])background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_HEX = re.compile(r"#([0-9a-f]{3,8})\b")
_RGB = re.compile(r"rgba?\(([\d.%\s,/]+)\)")
_SEEN_APART = 12  # of 255 in any channel; less is no contrast that anybody sees
_NAMED = {
    "white": (255, 255, 255), "black": (0, 0, 0), "red": (255, 0, 0), "lime": (0, 255, 0), "green": (0, 128, 0),
    "blue": (0, 0, 255), "yellow": (255, 255, 0), "gray": (128, 128, 128), "grey": (128, 128, 128),
    "silver": (192, 192, 192), "snow": (255, 250, 250), "ivory": (255, 255, 240), "whitesmoke": (245, 245, 245),
    "ghostwhite": (248, 248, 255), "navy": (0, 0, 128), "maroon": (128, 0, 0),
}  # fmt: skip


class Color(NamedTuple):
    """Red, green and blue, 0 to 255 each."""

    red: int
    green: int
    blue: int


def color_of(style: str) -> Color | None:
    """The text's colour as the last declaration has it; None where it names none that is known."""
    found = _COLOR.findall(style)
    return _parse(found[-1]) if found else None


def background_of(style: str) -> Color | None:
    """The background's colour likewise; None also for a picture or gradient."""
    found = _BACKGROUND.findall(style)
    return None if not found or "(" in found[-1].replace("rgb", "").split("(")[0] else _parse(found[-1])


def is_transparent(style: str) -> bool:
    """Whether the text's colour lets everything through, without a picture cut to its shape."""
    found = _COLOR.findall(style)
    if not found or "background-clip" in style.lower():
        return False
    value = re.sub(r"\s", "", found[-1]).lower()
    return value == "transparent" or re.match(r"(?:rgba|hsla)\([^)]*[,/]0*(?:\.0+)?%?\)$", value) is not None


def is_same(one: Color, other: Color) -> bool:
    """Whether no eye tells the two apart."""
    return all(abs(left - right) < _SEEN_APART for left, right in zip(one, other, strict=True))


def _parse(value: str) -> Color | None:
    text = value.strip().lower()
    if (found := _HEX.search(text)) is not None:
        digits = found[1]
        if len(digits) in {3, 4}:
            digits = "".join(digit * 2 for digit in digits)
        return Color(*(int(digits[start : start + 2], 16) for start in (0, 2, 4))) if len(digits) in {6, 8} else None
    if (found := _RGB.search(text)) is not None:
        parts = re.findall(r"[\d.]+%?", found[1])
        if len(parts) < 3 or not all(re.fullmatch(r"\d+(?:\.\d+)?%?", part) for part in parts):  # noqa: PLR2004 -- three channels
            return None
        return Color(*(_channel(part) for part in parts[:3]))
    name = re.match(r"[a-z]+", text)
    return Color(*_NAMED[name[0]]) if name and name[0] in _NAMED else None


def _channel(part: str) -> int:
    value = float(part.rstrip("%"))
    return min(255, round(value * 2.55 if part.endswith("%") else value))
