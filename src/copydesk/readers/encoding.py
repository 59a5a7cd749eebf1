"""Finds the encoding of text that does not say what it is in.

Byte order marks, Unicode without one, and escapes of ISO 2022 are told by their bytes. Of the encodings
with eight bits the right one is guessed by what its text would look like: charset-normalizer knows the
scripts; among the many for Latin letters it errs by a letter here and there ("săo" for "são"), so a
table of alphabets has the last word there: a text has the letters of its language and no others.
"""

import codecs
import re
from collections import Counter

from copydesk.errors import ReadError
from copydesk.readers.sniff import looks_utf16

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPES = (
    (re.compile(rb"\x1b\$\)C"), "iso2022_kr"),
    (re.compile(rb"\x1b\$(?:[@B]|\([DOPQ])|\x1b\([IJ]"), "iso2022_jp_ext"),
)
_GUESS_FROM = 256 * 1024  # bytes; more does not make the guess better, only slower
_FIT_FROM = 32 * 1024  # bytes; letters are compared for ten encodings
_HEAD = 1_024  # bytes, at whose start a text may declare its encoding
_NEAR = 1_000  # bytes
_LAST_SINGLE = re.compile(rb"([\x00-?])[^\x00-?]*\Z")
_HIGH = re.compile(rb"[\x80-\xff]")
_BROKEN_SHARE = 0.1  # of the characters beyond ASCII; in other encodings nearly all are broken
_ASCII = bytes(range(128))
_FOREIGN = re.compile("[^\x00-\x7f]+")
_FEW = 4  # bytes beyond ASCII; with fewer, a guess is a throw of dice, and Western Europe the likeliest

# Encodings whose text is a subset of another's, and those that differ from it where nobody looks.
_WIDER = {
    "shift_jis": "cp932", "shift_jis_2004": "cp932", "shift_jisx0213": "cp932",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
# Encodings that hardly a file is in, but whose letters often look right; asked when no other fits.
_RARE = (
    "mac_greek",
    "cp869",
    "cp775",
    "hp_roman8",
    "iso8859_3",
    "iso8859_4",
    "iso8859_10",
    "iso8859_14",
    "mac_iceland",
)
_EAST_ASIAN = ("cp932", "euc_jp", "cp949", "gb18030", "big5hkscs")
_EAST_ASIAN_TEXT = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uff9f]")
_FIT_EAST_ASIAN = 0.8  # of the characters beyond ASCII
_LATIN = ("cp1252", "cp1250", "iso8859_2", "cp1254", "iso8859_15", "cp1257", "mac_roman", "cp850", "cp437", "cp852")
_FIT_LATIN = 0.97  # of the characters beyond ASCII; texts quote a foreign name now and then
# The small letters beyond ASCII of each language, by Unicode's CLDR (main exemplars, and those of old spellings).
_ALPHABETS = (
    "äöüß",  # German
    "àâæçéèêëîïôœùûüÿ",  # French
    "áéíñóúü¿¡ªº",  # Spanish
    "áâãàçéêíóôõúüªº",  # Portuguese
    "àèéìíîòóùú",  # Italian
    "àçéèíïóòúü·",  # Catalan
    "áéíóúäëïöüèê",  # Dutch
    "åäöéšž",  # Swedish, Finnish
    "æøåéèêóòâôü",  # Danish, Norwegian
    "áðéíóúýþæö",  # Icelandic
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "ăâîșțşţ",  # Romanian
    "čćđšž",  # Croatian, Slovene
    "çğ\u0131öşüâîû",  # Turkish
    "äöõüšž",  # Estonian
    "āčēģīķļņšūž",  # Latvian
    "ąčęėįšųūž",  # Lithuanian
    "çë",  # Albanian
    "áéíóú",  # Irish
)
_SIGNS = (
    "\xa0\xad\xab\xbb\xb0\xa7\xa9\xae\xa3\xb4\xb7\xb2\xb3\xb1\xd7\xbd"
    "\u2018\u2019\u201a\u201c\u201d\u201e\u2039\u203a\u2013\u2014\u2026\u2022\u2122\u20ac"
)
# Signs in the middle of a word, and capitals there: what letters look like in a wrong encoding.
_ODD = re.compile(
    r"(?<=[^\W\d_])[^\w\s\x00-\x7f\xad\xb7\u2019\u2013\u2014](?=[^\W\d_])|(?<=[a-z])[À-ÖØ-ÞĀĂĄČĆĎĐĚĘĞĽŁŃŇŐŘŚŠŞŤŢŮŰŹŻŽ](?=[a-z])"
)


def decode(data: bytes) -> str:
    """Decode text of unknown encoding: a byte order mark, else UTF-8, else what fits best.

    Raises:
        ReadError: With `reason` `damaged`: no encoding fits.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data.decode(codec, "replace")
    unmarked = looks_utf16(data[:_GUESS_FROM]) if b"\0" in data else None
    if unmarked is not None:
        return data.decode(unmarked, "replace")
    for escape, codec in _ESCAPES:
        if b"\x1b" in data and escape.search(data, 0, _GUESS_FROM) and _decodes(data, codec):
            return data.decode(codec)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(data)


def _guess(data: bytes) -> str:
    sample = _telling(data)
    text = sample.decode("utf-8", "replace")
    if text.count("\ufffd") <= _BROKEN_SHARE * sum(1 for character in text if character > "\x7f"):
        return data.decode("utf-8", "replace")  # with a few broken characters, as a cut or patched file has them
    if len(sample.translate(None, _ASCII)) < _FEW:
        return data.decode("cp1252", "replace")
    codec = _best_codec(sample)
    if codec is None:
        msg = "The file is damaged: it is not text in any known encoding."
        raise ReadError(msg, reason="damaged")
    return data.decode(codec, "replace")


def _best_codec(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes  # noqa: PLC0415 -- heavy; only the sandbox process reads

    best = from_bytes(sample, cp_exclusion=list(_RARE)).best() or from_bytes(sample).best()
    codec = None if best is None else best.encoding
    if codec is not None and _decodes(sample, wider := _WIDER.get(codec, codec)):
        codec = wider
    part = _cut(sample, _FIT_FROM)
    counts = Counter(part.translate(None, _ASCII))
    shares = {candidate: _latin_share(counts, candidate) for candidate in _LATIN}
    fits = {name: _without_odd(part, name, share) for name, share in shares.items() if share >= _FIT_LATIN}
    likely = max(fits, key=lambda name: fits[name], default=None)  # the first of equals: the more usual one
    if likely is not None and fits[likely] >= _FIT_LATIN and _decodes(sample, likely):
        return likely
    return codec or next((candidate for candidate in _EAST_ASIAN if _fits_east_asian(sample, candidate)), None)


def _latin_share(counts: Counter[int], codec: str) -> float:
    """The share of the bytes beyond ASCII that are letters of one language, or signs."""
    letters = Counter[str]()
    for byte, count in counts.items():
        letters[bytes([byte]).decode(codec, "replace").replace("\u0130", "\u0131").lower()] += count
    signs = sum(letters[sign] for sign in _SIGNS)
    best = max(sum(letters[letter] for letter in alphabet) for alphabet in _ALPHABETS)
    return (best + signs) / max(1, counts.total())


def _without_odd(part: bytes, codec: str, share: float) -> float:
    text = part.decode(codec, "replace")
    return share - len(_ODD.findall(text)) / sum(1 for character in text if character > "\x7f")


def _fits_east_asian(sample: bytes, codec: str) -> bool:
    if not _decodes(sample, codec):
        return False
    foreign = "".join(_FOREIGN.findall(sample.decode(codec)))
    return len(_EAST_ASIAN_TEXT.findall(foreign)) >= _FIT_EAST_ASIAN * len(foreign)


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _telling(data: bytes) -> bytes:
    """The lines that tell encodings apart, for ASCII is the same in all of them, and the head, which may say so."""
    sample = [data[:_HEAD].translate(None, bytes(range(128, 256))), b"\n"]
    size, end = 0, 0
    while size < _GUESS_FROM and (high := _HIGH.search(data, end)):
        start = data.rfind(b"\n", end, high.start()) + 1 or end
        end = data.find(b"\n", high.end()) + 1 or len(data)
        line = data[start:end]
        sample.append(_cut(line, _GUESS_FROM - size))
        size += len(line)
    return b"".join(sample)


def _cut(data: bytes, size: int) -> bytes:
    """The start of `data`, not ending in half a character.

    Second bytes of East Asian characters are above "?"; where no other byte is near, all characters have two.
    """
    if len(data) <= size:
        return data
    found = _LAST_SINGLE.search(data, max(0, size - _NEAR), size)
    return data[: found.end(1)] if found else data[: size - size % 2]
