# ruff: noqa: RUF001 -- quotation marks, dashes and letters as people write them, not look-alikes by mistake
"""Numbers in running text, by value: "1,5" and "1.5", "12k" and "12,000", "twelve" and "12"."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import regex

from copydesk.domain.language import primary_language
from copydesk.language.lexicon import section

_SPACES = "\u00a0\u202f\u2009"  # no-break, narrow and thin: they group digits in every language
_SPACED = frozenset(
    {"fr", "sv", "no", "nb", "da", "fi", "pl", "cs", "sk", "ru", "uk", "bg", "hu", "et", "lv", "lt", "es", "pt"}
)
_SCALES = {
    "k": 10**3, "thousand": 10**3, "thousands": 10**3, "tsd": 10**3, "tausend": 10**3, "mille": 10**3, "mil": 10**3,
    "mila": 10**3,
    "m": 10**6, "mn": 10**6, "mio": 10**6, "million": 10**6, "millions": 10**6, "millionen": 10**6, "millón": 10**6,
    "millones": 10**6, "milione": 10**6, "milioni": 10**6, "milhão": 10**6, "milhões": 10**6, "miljoen": 10**6,
    "bn": 10**9, "billions": 10**9, "mrd": 10**9, "md": 10**9, "milliarde": 10**9, "milliarden": 10**9,
    "milliard": 10**9,
    "milliards": 10**9, "miliardo": 10**9, "miliardi": 10**9, "bilhão": 10**9, "bilhões": 10**9, "mil millones": 10**9,
    "miljard": 10**9, "tys": 10**3, "tysiąc": 10**3, "tysiące": 10**3, "tysięcy": 10**3, "duizend": 10**3,
    "mln": 10**6, "milion": 10**6, "miliony": 10**6, "milionów": 10**6, "miliona": 10**6, "miljoenen": 10**6,
    "mld": 10**9, "miliard": 10**9, "miliardy": 10**9, "miliardów": 10**9, "miliarda": 10**9, "miljarden": 10**9,
    "nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9,
    "trillion": 10**12, "billionen": 10**12, "billón": 10**12, "billones": 10**12,
}  # fmt: skip
_LONG_SCALE = frozenset({"de", "fr", "es", "nl", "it"})  # their "billion" is 10^12
_HAN_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_TENS = {"十": 10, "百": 100, "千": 1000}
_HAN_SCALES = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
_HAN_LETTERS = "".join((*_HAN_DIGITS, *_HAN_TENS, *_HAN_SCALES))
# What is counted in Chinese and Japanese: characters that make numbers stand in other words as well ("十分", very).
_COUNTERS = (
    "年|月|日|号|個|个|名|人|座|条|條|米|公里|千米|吨|噸|元|円|倍|成|次|位|世紀|世纪|岁|歳|天|小时|時間|时|分钟|分鐘|种|種|部|段|层|層|"
    "省|级|級|道|处|處|艘|扇|多|余|餘|本|台|つ|回|駅|か所|ヶ所|階|両|編成|メートル|キロ|トン|ドル|ユーロ|ヘクタール|％|パーセント|平方|立方|亩|公顷|"
    "美元|欧元|本书|张|張|只|隻|匹|里|丈|尺|度|点|點|家|件|句|页|頁|代|期"
)
_WEAK = 10  # Han numbers below it tell nothing without a counter: "一" and "三" are parts of words and names
_LETTERS = 2  # of a scale that stands after a space; shorter ones ("k", "bn") stand at the number
_SMALLEST = 2  # of spelled-out numbers: "one", "ein", "un" are articles and pronouns as well


@dataclass(frozen=True, kw_only=True)
class Numeral:
    """A number as a text writes it."""

    text: str
    values: frozenset[Decimal | str]  # what it may mean: "1.500" is 1500 or 1.5; "1.2.3" only its text
    start: int
    end: int


@cache
def _pattern(*, spaced: bool) -> regex.Pattern[str]:
    group = f"[{_SPACES}'’ ]" if spaced else f"[{_SPACES}'’]"
    digits = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)"
    scale = "|".join(
        sorted(
            (re.escape(word) for word in _SCALES if len(word) > _LETTERS or word in ("md", "mn")), key=len, reverse=True
        )
    )
    return regex.compile(
        rf"(?<![\p{{Latin}}\p{{Greek}}\p{{Cyrillic}}\p{{N}}.,])(?P<sign>[-−]?)(?P<digits>{digits}(?:[.,]\d+)*)"
        rf"(?:\s?(?P<word>{scale}|billion)(?:\.|\b)|(?P<letter>[kKmM]|bn)\b|\s?(?P<han>[十百千]?[万萬亿億兆]|[百千](?!米|克|瓦)))?",
        regex.IGNORECASE,
    )


def numerals(text: str, language: str) -> Iterator[Numeral]:
    """The numbers of a text in order, in digits or spelled out (from two on); digits inside names ("CO2") are none."""
    language = primary_language(language)
    found = list(_in_digits(text, language))
    found.extend(_spelled_out(text, language))
    if language in ("zh", "ja"):
        found.extend(_in_han(text))
    yield from sorted(found, key=lambda numeral: numeral.start)


def _in_digits(text: str, language: str) -> Iterator[Numeral]:
    for match in _pattern(spaced=language in _SPACED).finditer(text):
        scale = _scale((match["word"] or match["letter"] or "").lower(), language)
        if match["han"]:
            scale = math.prod((_HAN_TENS | _HAN_SCALES)[letter] for letter in match["han"])
        values: frozenset[Decimal | str] = frozenset((v * scale).normalize() for v in readings(match["digits"]))
        yield Numeral(
            text=match[0].strip(), values=values or frozenset({match["digits"]}), start=match.start(), end=match.end()
        )


def _scale(word: str, language: str) -> int:
    if word == "billion":
        return 10**12 if language in _LONG_SCALE else 10**9
    return _SCALES.get(word, 1)


def readings(digits: str) -> frozenset[Decimal]:
    """What a number in digits may mean, with comma or period as decimal or thousands separator.

    Nothing, where it can be neither: "1.2.3" is a version or a section.
    """
    bare = re.sub(rf"[{_SPACES}'’ ]", "", digits)
    marks = re.sub(r"\d", "", bare)
    if not marks:
        return frozenset({Decimal(bare).normalize()})
    values = set()
    head, _, tail = bare.rpartition(marks[-1])
    groups = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})*", head)
    if marks.count(marks[-1]) == 1 and len(set(marks[:-1])) <= 1 and groups:  # the last mark may be the decimal one
        values.add(Decimal(f"{re.sub('[.,]', '', head)}.{tail}"))
    if len(marks) == 1:
        values.add(Decimal(f"{head}.{tail}"))
    if len(set(marks)) == 1 and re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", bare):
        values.add(Decimal(re.sub(r"[.,]", "", bare)))
    return frozenset(value.normalize() for value in values)


@cache
def _words(language: str) -> dict[str, int]:
    """Spelled-out numbers from 2 to 100, lower case; empty where the lexicon has none."""
    table = section(language, "numerals")
    forms = {word: int(value) for value, words in table.get("forms", {}).items() for word in words.split()}
    if "units" not in table:
        return forms
    units, tens = table["units"].split(), table["tens"].split()
    words = {word: value for value, word in enumerate(units)} | {table["hundred"]: 100}
    for place, ten in enumerate(tens, start=2):
        words[ten] = place * 10
        words |= {_compound(ten, units[unit], unit, language): place * 10 + unit for unit in range(1, 10)}
    return {word: value for word, value in (words | forms).items() if value >= _SMALLEST}


def _compound(ten: str, unit_word: str, unit: int, language: str) -> str:
    """How a language joins tens and units: "twenty-one", "einundzwanzig", "ventuno", "treinta y uno"."""
    if language == "de":
        return f"{'ein' if unit == 1 else unit_word}und{ten}"
    if language == "nl":
        return f"{unit_word}{'ën' if unit_word.endswith('e') else 'en'}{ten}"
    if language == "it":
        return (ten[:-1] if unit_word[0] in "uo" else ten) + unit_word
    return ten + {"es": " y ", "pt": " e ", "pl": " "}.get(language, "-") + unit_word


@cache
def _spelled_pattern(language: str) -> regex.Pattern[str] | None:
    words = sorted(_words(language), key=len, reverse=True)
    if not words:
        return None
    scale = "|".join(sorted((re.escape(word) for word in _SCALES if len(word) > _LETTERS), key=len, reverse=True))
    return regex.compile(
        rf"(?<![\p{{L}}\p{{N}}-])(?P<number>{'|'.join(map(re.escape, words))})"
        rf"(?:\s(?P<word>{scale}|billion))?(?![\p{{L}}\p{{N}}-])",
        regex.IGNORECASE,
    )


def _spelled_out(text: str, language: str) -> Iterator[Numeral]:
    pattern = _spelled_pattern(language)
    if pattern is None:
        return
    for match in pattern.finditer(text):
        value = Decimal(_words(language)[match["number"].lower()]) * _scale((match["word"] or "").lower(), language)
        yield Numeral(text=match[0], values=frozenset({value.normalize()}), start=match.start(), end=match.end())


@cache
def _han_pattern() -> regex.Pattern[str]:
    counted = rf"(?P<sure>第)?(?P<number>[{_HAN_LETTERS}]+)(?P<counter>(?:多|余|餘|数)?(?:{_COUNTERS}))?"
    return regex.compile(rf"(?<![\p{{N}}{_HAN_LETTERS}]){counted}")


def _in_han(text: str) -> Iterator[Numeral]:
    """Numbers in Han characters, where a counter, an ordinal mark or a scale shows that they are numbers."""
    for match in _han_pattern().finditer(text):
        value = _han_value(match["number"])
        scaled = len(match["number"]) > 1 and value >= _WEAK and any(map(_HAN_DIGITS.get, match["number"]))
        if value >= _SMALLEST and (match["counter"] or match["sure"] or scaled):
            yield Numeral(
                text=match["number"],
                values=frozenset({Decimal(value).normalize()}),
                start=match.start("number"),
                end=match.end("number"),
            )


def _han_value(number: str) -> int:
    """The value of "一千七百九十四", of "一七九四" and of "三万"; 0 of what is no number."""
    if all(letter in _HAN_DIGITS for letter in number):
        return int("".join(str(_HAN_DIGITS[letter]) for letter in number))
    total = below = digit = 0
    for letter in number:
        if letter in _HAN_DIGITS:
            digit = _HAN_DIGITS[letter]
        elif letter in _HAN_TENS:
            below, digit = below + (digit or 1) * _HAN_TENS[letter], 0
        else:
            total, below, digit = total + (below + digit or 1) * _HAN_SCALES[letter], 0, 0
    return total + below + digit
