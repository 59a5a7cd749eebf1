"""Finds the encoding of a web page and decodes it."""

import codecs
import re

from copydesk.readers.sniff import looks_utf16
from copydesk.readers.text import decode

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]{2,40})|^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_HTML_LANGUAGE = re.compile(rb"""<html[^>]{0,300}\slang\s*=\s*["']?([A-Za-z]{2})\b""", re.IGNORECASE)
_HEAD = 8_192  # bytes in which a page declares its encoding (HTML standard: 1,024, often overrun)
_ASCII = bytes(range(128))
_BROKEN_SHARE = 0.1  # of the characters beyond ASCII; above, the text is in another encoding
_FOREIGN_SHARE = 0.25  # bytes beyond ASCII for each letter; Western European text has under 0.1
_FEW = 100  # bytes beyond ASCII; fewer say nothing about the rest
_LETTERS = re.compile(rb"[A-Za-z]")
_UNSEEN = re.compile(rb"<(/?)(?:script|style)\b", re.IGNORECASE)
_TAGS = re.compile(rb"<[^<>]*>")
_JAPANESE_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J")

# As browsers read them (WHATWG Encoding Standard, section 4.2): the larger set for each label.
_LABELS = {
    "ascii": "cp1252", "us-ascii": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252", "l1": "cp1252", "x-cp1252": "cp1252",
    "iso-8859-9": "cp1254", "latin5": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "chinese": "gb18030",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "ms_kanji": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "korean": "cp949", "windows-949": "cp949",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs",
    "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "windows-874": "cp874",
}  # fmt: skip
# What servers name when nobody set anything.
_DEFAULTS = frozenset({"cp1252"})
# By the language that a page names, the encodings it was written in before UTF-8, and what its text is made of.
_CYRILLIC = (("cp1251", "koi8_r", "iso8859_5"), "[а-яё]")  # noqa: RUF001 -- Cyrillic is meant
_USUAL: dict[str, tuple[tuple[str, ...], str]] = {
    "ru": _CYRILLIC, "uk": _CYRILLIC, "bg": _CYRILLIC, "be": _CYRILLIC, "sr": _CYRILLIC, "mk": _CYRILLIC,
    "ja": (("cp932", "euc_jp"), "[\u3040-\u30ff]"),
    "zh": (("gb18030", "big5hkscs"), "[\u4e00\u4e0d\u4e86\u5728\u662f\u6709\u4eba\u7684\u570b\u56fd\u4e2d\u5927]"),
    "ko": (("cp949",), "[\uac00-\ud7a3]"),
    "el": (("cp1253",), "[\u03b1-\u03c9]"),
    "he": (("cp1255",), "[\u05d0-\u05ea]"),
    "ar": (("cp1256",), "[\u0627-\u064a]"),
    "fa": (("cp1256",), "[\u0627-\u064a]"),
    "th": (("cp874",), "[\u0e01-\u0e4e]"),
    "tr": (("cp1254",), "[\u011f\u0131\u015f]"),
    "pl": (("iso8859_2", "cp1250"), "[\u0105\u0119\u015b\u0142\u017c\u017a\u0107]"),
    "cs": (("cp1250", "iso8859_2"), "[\u011b\u0161\u010d\u0159\u017e]"),
    "hu": (("cp1250", "iso8859_2"), "[\u0151\u0171\xe1\xe9]"),
}  # fmt: skip


def decode_page(data: bytes, charset: str | None) -> str:
    """Decode a page: byte order mark, UTF-8 if it is that, the header's charset, the page's own, a guess.

    UTF-8 goes before the header because text that is valid as UTF-8 is hardly ever anything else,
    and headers are wrong more often. Likewise a header that names Western European, the default of
    many servers, gives way to what the page says of itself, and is not believed for text that is
    mostly not of Latin letters.

    Args:
        data: The page's bytes.
        charset: As its HTTP header names it.

    Raises:
        ReadError: With `reason` `damaged`: no encoding fits.
    """
    return _decode(data, charset).replace("\0", "")  # the parser ends a page at a NUL


def _decode(data: bytes, charset: str | None) -> str:
    if data.startswith(_MARKS) or (b"\0" in data and looks_utf16(data) is not None):
        return decode(data)
    if b"\x1b$" in data and any(escape in data for escape in _JAPANESE_ESCAPES):
        return data.decode("iso2022_jp_2", "replace")
    text = _nearly(data, "utf-8") or _as_named(data, charset) or _by_language(data)
    return decode(data) if text is None else text


def _as_named(data: bytes, charset: str | None) -> str | None:
    for codec in _named(data, charset):
        text = _nearly(data, codec)
        if text is not None and not (codec in _DEFAULTS and _is_foreign(data)):
            return text
    return None


def _named(data: bytes, charset: str | None) -> list[str]:
    """The codecs that the header and the page name, the likelier first."""
    declared = _DECLARED.search(data[:_HEAD])
    own = (declared[1] or declared[2]).decode("ascii", "replace") if declared else None
    codecs_ = [codec for name in (charset, own) if name is not None and (codec := _codec(name)) is not None]
    if len(codecs_) == 2 and codecs_[0] in _DEFAULTS:  # noqa: PLR2004 -- both are named
        codecs_.reverse()
    return [codec for codec in codecs_ if codec != "utf-8" and not codec.startswith("utf-16")]


def _codec(name: str) -> str | None:
    codec = _LABELS.get(name.strip().lower(), name.strip())
    try:
        "".encode(codec)  # refuses what is no text encoding
        return codecs.lookup(codec).name
    except (LookupError, ValueError):
        return None


def _nearly(data: bytes, codec: str) -> str | None:
    """`data` decoded with `codec` if hardly a character is broken."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        text = data.decode(codec, "replace")
        beyond = len(text) - len(text.encode("ascii", "ignore"))
        return text if text.count("\ufffd") <= _BROKEN_SHARE * beyond else None


def _is_foreign(data: bytes) -> bool:
    """Whether so many bytes are beyond ASCII that the text is not of Latin letters."""
    first, *parts = _UNSEEN.split(data)  # each part behind the slash, if any, of the tag before it
    seen = [first, *(part for slash, part in zip(parts[::2], parts[1::2], strict=True) if slash)]
    text = _TAGS.sub(b" ", b" ".join(seen))
    beyond = len(text.translate(None, _ASCII))
    return beyond > max(_FEW, _FOREIGN_SHARE * len(_LETTERS.findall(text)))


def _by_language(data: bytes) -> str | None:
    """Decode by the encodings that were usual for the language that the page names."""
    named = _HTML_LANGUAGE.search(data[:_HEAD])
    usual = _USUAL.get(named[1].decode().lower()) if named else None
    if usual is None:
        return None
    pattern = re.compile(usual[1])
    texts = [text for codec in usual[0] if (text := _nearly(data, codec)) is not None]
    best = max(texts, key=lambda text: len(pattern.findall(text)), default=None)
    return best if best is not None and pattern.search(best) else None
