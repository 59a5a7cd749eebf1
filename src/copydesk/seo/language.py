"""Paragraphs in another language than the article's."""

from collections.abc import Iterator, Sequence

import regex

from copydesk.domain.language import primary_language
from copydesk.language.detect import identifier

_MIN_LETTERS = 160  # of a paragraph; shorter ones are names, titles and quotations too often
_SURE = 0.999  # probability of the other language; long paragraphs come out at 1.0
_SAMPLE = 1_500  # characters looked at
# Languages too close to tell apart by letters alone, by one name.
_NEAR = (
    {"no", "nb", "nn", "da"},
    {"hr", "sr", "bs", "hbs"},
    {"id", "ms"},
    {"gl", "pt", "es"},
    {"cs", "sk"},
    {"nl", "af"},
    {"ca", "es"},
    {"ru", "uk", "be", "bg", "mk", "sr"},
    {"hi", "mr", "ne"},
    {"zh", "yue"},
)
_SCRIPTS = ("Latin", "Cyrillic", "Arabic", "Devanagari", "Greek", "Hebrew", "Hangul", "Thai", "Armenian", "Georgian")
_OF_LANGUAGE = {
    "Latin": "af ca cs cy da de en eo es et eu fi fr ga gl hr hu id is it lt lv ms nb nl nn no pl pt ro sk sl sq sv sw "
    "tl tr vi",
    "Cyrillic": "be bg kk ky mk mn ru uk",
    "Arabic": "ar fa ps ug ur",
    "Devanagari": "hi mr ne",
    "Greek": "el",
    "Hebrew": "he yi",
    "Hangul": "ko",
    "Thai": "th",
    "Armenian": "hy",
    "Georgian": "ka",
    "Han": "zh ja yue",
}


def foreign_paragraphs(paragraphs: Sequence[str], language: str) -> Iterator[tuple[str, str]]:
    """Each longer paragraph that is certainly not in `language`, with the language or script it is in.

    The script decides where it can; among the languages of one script a model must be sure.
    """
    wanted = primary_language(language)
    script = _script_of(wanted)
    for paragraph in paragraphs:
        sample = paragraph[:_SAMPLE]
        letters = len(regex.findall(r"\p{L}", sample))
        weight = letters * (3 if regex.search(r"[\p{Han}\p{Hiragana}\p{Katakana}]", sample) else 1)
        if weight < _MIN_LETTERS:
            continue
        found = _main_script(sample, letters)
        if script and found and found != script:
            yield paragraph, found
        elif script == "Latin" and found == "Latin" and (other := _surely_other(sample, wanted)):
            yield paragraph, other


def _script_of(language: str) -> str | None:
    return next((script for script, names in _OF_LANGUAGE.items() if language in names.split()), None)


def _main_script(text: str, letters: int) -> str | None:
    """The script of more than three quarters of the letters, or None."""
    if len(regex.findall(r"[\p{Han}\p{Hiragana}\p{Katakana}]", text)) > letters * 3 // 4:
        return "Han"
    for script in _SCRIPTS:
        if len(regex.findall(rf"\p{{{script}}}", text)) > letters * 3 // 4:
            return script
    return None


def _surely_other(text: str, wanted: str) -> str | None:
    best, probability = identifier().rank(text)[0]
    near = any({best, wanted} <= group for group in _NEAR)
    known = best in _OF_LANGUAGE["Latin"].split()
    return best if known and best != wanted and not near and probability > _SURE else None
