"""The text of a Word paragraph as it would be seen with all changes accepted."""

from typing import TYPE_CHECKING

from copydesk.readers.docx_parts import MATH, MC, W
from copydesk.readers.docx_styles import OFF, Style, is_on

if TYPE_CHECKING:
    from lxml.etree import _Element

BOX = f"{W}txbxContent"
_SKIPPED = {
    f"{W}del",  # a tracked deletion
    f"{W}moveFrom",
    f"{W}pPr",
    f"{W}rPr",
    f"{W}instrText",  # a field's formula; its result follows
    f"{W}delInstrText",
    f"{W}delText",
    f"{W}rt",  # how a base text is pronounced
    f"{W}sdtPr",
    f"{W}ffData",
    f"{W}fldData",
    f"{W}p",  # of a text box or a table inside
    f"{W}tbl",
    BOX,  # read after the paragraph it is anchored in
}
_CHARACTERS = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
    f"{MATH}den": "/",  # before the denominator
    f"{MATH}mr": " ",  # before the row of a matrix
}
_RAISED = {  # signs before what stands higher or lower, where it belongs to a letter or number
    (f"{MATH}sSup", f"{MATH}sup"): "^",
    (f"{MATH}sSub", f"{MATH}sub"): "_",
    (f"{MATH}sSubSup", f"{MATH}sup"): "^",
    (f"{MATH}sSubSup", f"{MATH}sub"): "_",
}
_TINY = 2  # half-points; smaller letters are for machines
_WHITE = {"FFFFFF", "FEFEFE", "FFFFFE"}
# Adobe's Symbol encoding, which Word moves to the private area from U+F000 on
_SYMBOL = dict(
    zip(
        [*range(0x41, 0x5B), *range(0x61, 0x7B)],
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ",
        strict=True,
    )
) | dict(zip(b"\xa3\xa5\xae\xb0\xb1\xb3\xb4\xb7\xb8\xb9\xbb\xd6\xe5\xf2", "≤∞→°±≥×•÷≠≈√∑∫", strict=True))  # noqa: RUF001 -- signs
_PRIVATE = range(0xF000, 0xF100)


class TextReader:
    """Takes the texts of paragraphs; remembers whether something hidden was left out.

    Args:
        styles: By their ids.
        grounded: Whether the whole page has a ground of its own, on which white letters are seen.
    """

    def __init__(self, styles: dict[str, Style], *, grounded: bool) -> None:
        self._styles = styles
        self._grounded = grounded
        self.hidden = False

    def text(self, paragraph: "_Element") -> str:
        """The paragraph's own text, without text boxes and tables in it."""
        hidden = (style := self._styles.get(style_of(paragraph))) is not None and style.hidden
        parts: list[str] = []
        pending = list(reversed(paragraph))
        while pending:
            element = pending.pop()
            tag = element.tag
            if tag in {f"{W}t", f"{MATH}t"}:
                parts.append(element.text or "")
            elif tag == f"{W}r":
                if not self._is_hidden(element, inherited=hidden):
                    pending.extend(reversed(element))
                elif element.find(f"{W}t") is not None:
                    self.hidden = True
            elif tag == f"{W}sym":
                parts.append(_symbol(element))
            elif tag not in _SKIPPED and not _is_aside(element):
                parts.append(_sign(element))
                pending.extend(reversed(element))
        return "".join(parts)

    def _is_hidden(self, run: "_Element", *, inherited: bool) -> bool:
        properties = run.find(f"{W}rPr")
        if properties is None:
            return inherited
        vanish = properties.find(f"{W}vanish")
        if vanish is not None:
            return is_on(vanish)
        style = properties.find(f"{W}rStyle")
        if inherited or (style is not None and self._styles.get(style.get(f"{W}val", ""), Style()).hidden):
            return True
        size = _value(properties, "sz")
        return (size.isdecimal() and int(size) <= _TINY) or (
            _value(properties, "color").upper() in _WHITE and not self._is_grounded(run, properties)
        )

    def _is_grounded(self, run: "_Element", properties: "_Element") -> bool:
        """Whether white letters may stand on something darker: a shade, a table's style, a box's filling."""
        if self._grounded or properties.find(f"{W}shd") is not None or properties.find(f"{W}highlight") is not None:
            return True
        for above in run.iterancestors():
            if above.tag in {f"{W}tbl", BOX} or (above.tag == f"{W}p" and above.find(f"{W}pPr/{W}shd") is not None):
                return True
            if above.tag == f"{W}p" and style_of(above):
                return True  # the style may shade its paragraphs
        return False


def style_of(paragraph: "_Element") -> str:
    """The id of a paragraph's style, or nothing."""
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else style.get(f"{W}val", "")


def _value(properties: "_Element", name: str) -> str:
    found = properties.find(f"{W}{name}")
    return "" if found is None else found.get(f"{W}val", "")


def _is_aside(element: "_Element") -> bool:
    """Whether an element repeats another or only asks for text: a fallback, a control's placeholder."""
    if element.tag == f"{MC}Fallback":
        parent = element.getparent()
        return parent is not None and parent.find(f"{MC}Choice") is not None
    return element.tag == f"{W}sdt" and is_placeholder(element)


def is_placeholder(control: "_Element") -> bool:
    """Whether a content control shows the text that asks for its content."""
    shown = control.find(f"{W}sdtPr/{W}showingPlcHdr")
    return shown is not None and shown.get(f"{W}val", "1") not in OFF


def _sign(element: "_Element") -> str:
    """What stands for an element that has no text of its own, or before its text."""
    parent = element.getparent()
    raised = _RAISED.get((str(parent.tag), str(element.tag))) if parent is not None else None
    return raised or _CHARACTERS.get(str(element.tag), "")


def _symbol(element: "_Element") -> str:
    """The character of a w:sym; of fonts of pictures there is none."""
    code, font = element.get(f"{W}char", ""), element.get(f"{W}font", "")
    try:
        number = int(code, 16)
        plain = chr(number)
    except (ValueError, OverflowError):
        return ""
    if number not in _PRIVATE:
        return plain
    return _SYMBOL.get(number - _PRIVATE.start, "") if font.casefold() == "symbol" else ""
