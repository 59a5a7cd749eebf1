# ruff: noqa: RUF001 -- quotation marks, dashes and letters as people write them, not look-alikes by mistake
"""The facts of a text that can be looked up: numbers, dates, percentages, money, quotations, names.

quality.md, section 2: each of them must occur in the passages that a sentence cites.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from string import ascii_uppercase

import regex

from copydesk.domain.language import primary_language
from copydesk.evidence.numerals import numerals
from copydesk.language.calendar import month_numbers
from copydesk.language.lexicon import pattern, words
from copydesk.language.stopwords import stopwords
from copydesk.language.terms import lemma_language

# Languages whose script has no case, or whose case marks no names: Latin tokens and quotations stand for names.
_CASELESS = frozenset(
    {"zh", "ja", "ko", "ar", "fa", "ur", "he", "th", "hi", "mr", "ne", "bn", "ta", "te", "km", "lo", "my", "ka"}
)
_KEPT = 4_096  # texts whose facts are remembered: the passages of a task are asked for again and again
_PERCENT = (
    r"(?:%|percent\b|per cent\b|prozent\b|pour cent\b|por ciento\b|per cento\b|por cento\b|procent(?:a|ów|u)?\b|proc\."
    r"|phần trăm\b|％|パーセント)"
)
_CURRENCIES = {
    "$": "usd", "usd": "usd", "us$": "usd", "dollar": "usd", "dollars": "usd", "dólares": "usd", "dollari": "usd",
    "€": "eur", "eur": "eur", "euro": "eur", "euros": "eur", "£": "gbp", "gbp": "gbp", "pound": "gbp", "pounds": "gbp",
    "pfund": "gbp", "livres": "gbp", "libras": "gbp", "¥": "jpy", "yen": "jpy", "jpy": "jpy",
    "chf": "chf", "franken": "chf", "zł": "pln", "pln": "pln", "złoty": "pln", "złotych": "pln", "złote": "pln",
    "euro's": "eur", "dolarów": "usd", "dolary": "usd", "dolar": "usd", "funtów": "gbp", "pond": "gbp", "đồng": "vnd",
    "vnd": "vnd", "đô": "usd", "sterline": "gbp", "escudos": "pte", "contos": "pte", "florin": "nlg",
    "gulden": "nlg",
    "美元": "usd", "ドル": "usd", "欧元": "eur", "歐元": "eur", "ユーロ": "eur", "英镑": "gbp", "ポンド": "gbp",
    "日元": "jpy", "円": "jpy", "人民币": "cny", "元": "cny",
}  # fmt: skip
_WIDE_CURRENCY = "|".join(sorted((name for name in _CURRENCIES if name[0] > "\u3000"), key=len, reverse=True))
_MONEY_NEAR = 25  # characters between a number and its currency or percent sign ("5 to 7 percent")
_QUOTE = regex.compile(
    r"“([^“”]+)”|„([^„“”]+)[“”]|«\s?([^«»]+?)\s?»|\"([^\"]+)\"|「([^「」]+)」|『([^『』]+)』|‹([^‹›]+)›"
)
_TOKEN = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:[-'’.&][\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*")
_OPENS = regex.compile(r"(?:^|[.!?:;…]|[.!?]['\"”»)]|[“„«「『\"(\[–—])\s*['\"“„«(\[¿¡]*$")
_PRONOUNS = frozenset({("en", "I"), ("en", "I'm"), ("en", "I've"), ("en", "I'd"), ("en", "I'll")})
_TWO_NOUNS = regex.compile(r"(?P<first>\p{Lu}\p{Ll}+) (?P<name>\p{Lu}\p{Ll}{2,})\b")
# A katakana word that is looked up like a name: three letters or more, and no unit behind a number.
_KATAKANA = r"(?<![\p{N}十百千万億兆\p{Katakana}ー・])[\p{Katakana}ー]{3,}"
_COMPOUND_PART = 4  # letters of a compound's part, at least
_POSSESSIVE = regex.compile(r"(?:['’]s|['’])$")
_NUMBER_SUFFIX = regex.compile(r"\d+(?:st|nd|rd|th|s|er|e|ème|º|ª|º)", regex.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of one text, each by its wording and by what it is looked up as."""

    numbers: tuple[tuple[str, frozenset[Decimal | str]], ...] = ()
    percentages: tuple[tuple[str, frozenset[Decimal | str]], ...] = ()  # also among the numbers
    currencies: tuple[tuple[str, str], ...] = ()  # wording, ISO code
    dates: tuple[tuple[str, tuple[int | None, int | None, int | None]], ...] = ()  # year, month, day
    quotations: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()  # wording, folded tokens
    # What may be a name where no capitals mark one; not among the wordings, for it may be none.
    likely_names: tuple[str, ...] = ()

    @property
    def wordings(self) -> list[str]:
        """All facts as the text words them, without repeats."""
        groups = (self.numbers, self.percentages, self.currencies, self.dates, self.quotations, self.names)
        return list(dict.fromkeys(entry[0] for group in groups for entry in group))


def folded(text: str) -> str:
    """Compatibility forms folded (`CO₂` to `CO2`), case folded, quotation marks and hyphens made plain."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    text = regex.sub(r"[‐‑‒–—−]", "-", text)
    return regex.sub(r"\s+", " ", text).strip().casefold()


@lru_cache(_KEPT)
def find_facts(text: str, language: str) -> Facts:
    """All facts of a text."""
    language = primary_language(language)
    text = unicodedata.normalize("NFC", text)
    dates = tuple(_dates(text, language))
    rest = text
    for _, _, start, end in dates:
        rest = rest[:start] + " " * (end - start) + rest[end:]
    numbers: list[tuple[str, frozenset[Decimal | str]]] = []
    percentages: list[tuple[str, frozenset[Decimal | str]]] = []
    currencies: list[tuple[str, str]] = []
    for numeral in numerals(rest, language):
        numbers.append((numeral.text, numeral.values))
        after = rest[numeral.end : numeral.end + _MONEY_NEAR]
        if regex.match(
            rf"\s?(?:(?:[-–]|to|bis|à|a|und|and|or|oder|et|y|e|en|do|đến)\s?[\d.,]+\s?)?{_PERCENT}",
            after,
            regex.IGNORECASE,
        ) or rest[: numeral.start].endswith("百分之"):
            percentages.append((f"{numeral.text} percent", numeral.values))
        currencies.extend(_currency(rest, numeral.start, numeral.end, numeral.text))
    return Facts(
        numbers=tuple(numbers),
        percentages=tuple(percentages),
        currencies=tuple(currencies),
        dates=tuple((wording, date) for wording, date, _, _ in dates),
        quotations=tuple(_quotations(text)),
        names=tuple(_names(rest, language)),
        likely_names=tuple(_likely_names(text, language)),
    )


def _currency(text: str, start: int, end: int, wording: str) -> Iterator[tuple[str, str]]:
    before = regex.search(
        r"(us\$|[$€£¥]|\b(?:usd|eur|gbp|chf|jpy))\s?$", text[max(0, start - 5) : start], regex.IGNORECASE
    )
    if before:
        yield before[0].strip() + wording, _CURRENCIES[before[1].lower()]
        return
    after = regex.match(rf"\s?([$€£¥]|{_WIDE_CURRENCY}|[\p{{L}}']+)", text[end : end + _MONEY_NEAR])
    if after and after[1].lower() in _CURRENCIES:
        yield f"{wording}{after[0]}", _CURRENCIES[after[1].lower()]


_NUMBER_OF_MONTH = r"(?P<number>1[0-2]|0?[1-9])"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])"
_DAY_FIRST = rf"\b{_DAY}/{_NUMBER_OF_MONTH}/(?P<year>[12]\d{{3}})\b"
_WIDE_DATES = (
    rf"(?P<year>[12]\d{{3}})\s?年\s?{_NUMBER_OF_MONTH}\s?月(?:\s?{_DAY}\s?[日号號])?",
    rf"(?<!\d){_NUMBER_OF_MONTH}\s?月\s?{_DAY}\s?[日号號]",
)
# Dates of languages whose months are numbers.
_FURTHER_DATES = {
    "zh": _WIDE_DATES,
    "ja": _WIDE_DATES,
    "ko": (
        rf"(?P<year>[12]\d{{3}})년\s?{_NUMBER_OF_MONTH}월(?:\s?{_DAY}일)?",
        rf"(?<!\d){_NUMBER_OF_MONTH}월\s?{_DAY}일",
    ),
    "vi": (
        _DAY_FIRST,
        rf"\b(?:{_DAY}\s+)?tháng\s+{_NUMBER_OF_MONTH}(?:\s+năm\s+|,\s*|/)(?P<year>[12]\d{{3}})\b",
        rf"\b{_DAY}\s+tháng\s+{_NUMBER_OF_MONTH}\b",
        rf"\btháng\s+{_NUMBER_OF_MONTH}\b",
        rf"\b{_NUMBER_OF_MONTH}/(?P<year>[12]\d{{3}})\b",
    ),
}


@cache
def _date_patterns(language: str) -> tuple[regex.Pattern[str], ...]:
    months = "|".join(sorted(month_numbers(language), key=len, reverse=True))
    month = rf"(?P<month>{months})\b\.?"
    day = r"(?P<day>0?[1-9]|[12]\d|3[01])"
    year = r"(?P<year>[12]\d{3})"
    patterns = (
        rf"\b{year}-(?P<number>0[1-9]|1[0-2])(?:-{day})?\b",
        r"\b(?P<day>0?[1-9]|[12]\d|3[01])\.(?P<number>0?[1-9]|1[0-2])\.(?P<year>[12]\d{3})\b",
        rf"\b{day}(?:\.|st|nd|rd|th|er|º)?\s+(?:of\s+|de\s+|di\s+)?{month}(?:,?\s+(?:de\s+|del\s+)?{year})?\b",
        rf"\b{month}\s+{day}(?:st|nd|rd|th)?(?:,?\s+{year})?\b",
        rf"\b{month}\s+(?:de\s+|del\s+|of\s+)?{year}\b",
        *_FURTHER_DATES.get(language, () if language == "en" else (_DAY_FIRST,)),
    )
    return tuple(regex.compile(pattern, regex.IGNORECASE) for pattern in patterns)


def _dates(text: str, language: str) -> Iterator[tuple[str, tuple[int | None, int | None, int | None], int, int]]:
    """Dates with at least a month; what one form took, the next leaves alone."""
    taken = list[tuple[int, int]]()
    for form in _date_patterns(language):
        for match in form.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            groups = match.groupdict()
            if groups.get("month") and groups["month"][0].islower() and language in ("en", "de"):
                continue  # "may 5" is no date where months have a capital
            month = int(groups["number"]) if groups.get("number") else month_numbers(language)[groups["month"].lower()]
            year, day = groups.get("year"), groups.get("day")
            taken.append(match.span())
            yield match[0], (int(year) if year else None, month, int(day) if day else None), match.start(), match.end()


def _quotations(text: str) -> Iterator[tuple[str, str]]:
    for match in _QUOTE.finditer(text):
        inner = next(group for group in match.groups() if group)
        key = folded(inner).strip(" .,;:!?…'\"")
        if key:
            yield match[0], key


def _names(text: str, language: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Capitalized runs that do not open a sentence; in scripts without case, Latin tokens."""
    if language in _CASELESS:
        for match in regex.finditer(r"(?<![\p{Latin}\p{N}])\p{Latin}[\p{Latin}\p{M}\p{N}.'-]+", text):
            yield match[0], name_key(match[0])
        return
    for run, before in _capitalized_runs(text, language):
        name = _german_name(run, before) if language == "de" else run
        if name:
            wording = " ".join(name)
            yield wording, name_key(wording)


def _likely_names(text: str, language: str) -> Iterator[str]:
    """What stands where names do, countries, and katakana, which writes names and words from abroad.

    That is before a title or a kind of place, behind a preposition, or behind a first name.
    """
    names = pattern(language, "support", "names")
    if names is not None:
        yield from (match["name"] for match in names.finditer(text))
    if language == "de" and (opening := _TWO_NOUNS.match(text)) and _is_no_adjective(opening["first"]):
        yield opening["name"]
    if language in ("zh", "ja"):
        yield from (name for name in _countries(language) if name in text)
    if language == "ja":
        yield from regex.findall(_KATAKANA, text)


@cache
def _countries(language: str) -> tuple[str, ...]:
    """The names of the world's countries and regions in a language."""
    from langcodes import Language, tag_is_valid  # noqa: PLC0415 - 0.1 s, needed for few languages

    codes = (f"{first}{second}" for first in ascii_uppercase for second in ascii_uppercase)
    known = (Language.make(territory=code).territory_name(language) for code in codes if tag_is_valid(f"und-{code}"))
    return tuple(sorted({name for name in known if regex.fullmatch(r"\p{Han}+", name)}))


@cache
def _is_no_adjective(token: str) -> bool:
    """Whether a word with a capital at the start of a German sentence is a noun or name, as far as it shows."""
    from simplemma import lemmatize  # noqa: PLC0415 - loads a dictionary

    return token.lower() not in words("de", "measures") and lemmatize(token.lower(), lang="de")[0].isupper()


def _capitalized_runs(text: str, language: str) -> Iterator[tuple[list[str], str]]:
    """Runs of capitalized words with nothing but spaces between, each with the word before it."""
    run: list[str] = []
    before, previous, end = "", "", 0
    for match in _TOKEN.finditer(text):
        goes_on = _capitalized(match[0], language) and not (_opens(text, match.start()) and not _telling_case(match[0]))
        if run and (not goes_on or text[end : match.start()] != " "):
            yield run, before
            run = []
        if goes_on:
            before = before if run else previous.lower()
            run.append(match[0])
        previous, end = match[0], match.end()
    if run:
        yield run, before


def _german_name(run: list[str], before: str) -> list[str]:
    """The part of a capitalized run that is a name, of which at least one word is no dictionary noun.

    Two nouns in a row are a name as well ("sagte Karl Müller"), but not behind a measure ("drei Liter Wasser")
    or an article ("hebt die Pumpe Wasser").
    """
    while run and run[0].lower() in words("de", "measures"):
        run = run[1:]
    if any(not _is_german_noun(token) for token in run):
        return run
    return run if len(run) > 1 and before not in words("de", "articles") else []


def name_key(wording: str) -> tuple[str, ...]:
    """A name's tokens, folded, without possessive endings."""
    return tuple(_POSSESSIVE.sub("", folded(token)) for token in _TOKEN.findall(wording))


def _capitalized(token: str, language: str) -> bool:
    if not (token[0].isupper() or _telling_case(token)) or _NUMBER_SUFFIX.fullmatch(token):
        return False
    lowered = token.lower()
    return lowered not in stopwords(language) and (language, token) not in _PRONOUNS


def _telling_case(token: str) -> bool:
    """Whether a token's capitals mark a name wherever it stands: `NASA`, `iPhone`, `CO2`."""
    return sum(letter.isupper() for letter in token) > 1 or (token[0].islower() and any(map(str.isupper, token)))


def _opens(text: str, start: int) -> bool:
    return _OPENS.search(text[max(0, start - 4) : start]) is not None if start else True


@cache
def _is_german_noun(token: str) -> bool:
    """Whether a German dictionary has the word, or the parts of a compound."""
    from simplemma import is_known  # noqa: PLC0415 - loads a dictionary

    name = lemma_language("de") or "de"
    parts = token.split("-")
    if len(parts) > 1:
        return all(_is_german_noun(part) for part in parts)
    if _telling_case(token):
        return False
    if is_known(token, lang=name) or is_known(token.lower(), lang=name):
        return True
    cuts = range(_COMPOUND_PART, len(token) - _COMPOUND_PART + 1)
    return any(is_known(token[cut:].capitalize(), lang=name) and _is_first_part(token[:cut], name) for cut in cuts)


def _is_first_part(part: str, name: str) -> bool:
    """Whether a dictionary has the first part of a compound, with or without its joint (`Grundwasser-`, `Arbeits-`)."""
    from simplemma import is_known  # noqa: PLC0415 - as above

    forms = {part, part.removesuffix("s"), part.removesuffix("n"), part.removesuffix("en"), part.removesuffix("es")}
    return any(is_known(form, lang=name) for form in forms if len(form) >= _COMPOUND_PART - 1)
