# ruff: noqa: RUF001 -- quotation marks, dashes and letters as people write them, not look-alikes by mistake
"""Which language a text is written in."""

import math
from functools import cache
from typing import Protocol

import regex

from copydesk.domain.language import primary_language
from copydesk.language.stopwords import languages_with_stopwords, stopwords

_SAMPLE = 4_000  # characters looked at; the model's answer does not change beyond
_MIN_SHARE = 0.3  # of a text's letters: below, a script is taken for quoted words
_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*")

# Scripts that one living language writes, or that need no model to tell their languages apart.
_ONE_LANGUAGE = {
    "Hangul": "ko", "Thai": "th", "Greek": "el", "Hebrew": "he", "Armenian": "hy", "Georgian": "ka", "Tamil": "ta",
    "Telugu": "te", "Kannada": "kn", "Malayalam": "ml", "Gujarati": "gu", "Gurmukhi": "pa", "Sinhala": "si",
    "Khmer": "km", "Lao": "lo", "Myanmar": "my", "Ethiopic": "am", "Bengali": "bn", "Tibetan": "bo", "Oriya": "or",
}  # fmt: skip
# Languages of shared scripts, the likeliest first; the model chooses among them alone.
_SHARED = {
    "Cyrillic": ("ru", "uk", "bg", "sr", "be", "mk", "kk", "ky", "mn"),
    "Arabic": ("ar", "fa", "ur", "ug", "ps"),
    "Devanagari": ("hi", "mr", "ne"),
    "Latin": (
        "en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "sk", "hu", "ro", "tr", "id",
        "vi", "ca", "hr", "sl", "lt", "lv", "et", "sq", "is", "eu", "gl", "ga", "cy", "ms", "tl", "sw", "af", "az",
        "eo",
    ),
}  # fmt: skip
# Written by one language of its script alone.
_TELLING = {"і": "uk", "ї": "uk", "є": "uk", "ґ": "uk", "ў": "be", "ђ": "sr", "ћ": "sr", "ѓ": "mk", "ќ": "mk"}
_COMMON = 8  # of a script's list: so many are likelier than the rest
_PRIOR_REST = 0.2  # how much likelier, so that "best coffee" is not Afrikaans
_PRIOR_DEFAULT = 3.0  # the caller's default, in a text too short to tell
_STOPWORD_WEIGHT = 1.2  # natural logarithm a function word adds; measured on the prompts in the tests
_STOPWORD_TEXT = 60  # words; longer texts need no help


class Identifier(Protocol):
    """A model that tells languages apart."""

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Languages with their probabilities, the likeliest first."""


@cache
def identifier() -> Identifier:
    """The model, loaded once a process (0.5 to 1 s)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - loads numpy

    model: Identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return model


def detect_language(text: str, default: str = "en") -> str:
    """The primary language (BCP 47) that `text` is written in; `default` where there are no letters to tell.

    The script decides where it can; otherwise the model's probabilities, weighted by how common a
    language is and, in texts of up to 60 words, by the function words found.
    """
    sample = regex.sub(r"https?://\S+", " ", text[:_SAMPLE])
    script = _script(sample)
    if script is None:
        return default
    if script == "Han":
        return "ja" if regex.search(r"[\p{Hiragana}\p{Katakana}]", sample) else "zh"
    if script in _ONE_LANGUAGE:
        return _ONE_LANGUAGE[script]
    if script == "Cyrillic":
        for letter in sample.lower():
            if letter in _TELLING:
                return _TELLING[letter]
    return _likeliest(sample, _SHARED[script], primary_language(default))


def _script(text: str) -> str | None:
    """The script of most letters; one that shares its text with Latin wins from a third on."""
    letters = len(regex.findall(r"\p{L}", text))
    if not letters:
        return None
    counts = {"Han": len(regex.findall(r"[\p{Han}\p{Hiragana}\p{Katakana}]", text))}
    for script in (*_ONE_LANGUAGE, *_SHARED):
        if script != "Latin":
            counts[script] = len(regex.findall(rf"\p{{{script}}}", text))
    best = max(counts, key=lambda script: counts[script])
    if counts[best] >= _MIN_SHARE * letters:
        return best
    return "Latin" if regex.search(r"\p{Latin}", text) else None


def _likeliest(text: str, candidates: tuple[str, ...], default: str) -> str:
    probabilities = dict(identifier().rank(text))
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    known = set(languages_with_stopwords())
    favoured = default if default in candidates else candidates[0]

    def score(rank: int, language: str) -> float:
        value = math.log(max(probabilities.get(language, 0.0), 1e-6))
        value += 0.0 if rank < _COMMON else math.log(_PRIOR_REST)
        value += math.log(_PRIOR_DEFAULT) if language == favoured else 0.0
        if language in known and len(words) <= _STOPWORD_TEXT:
            value += _STOPWORD_WEIGHT * sum(word in stopwords(language) for word in words)
        return value

    ranked = [(score(rank, language), -rank, language) for rank, language in enumerate(candidates)]
    return max(ranked)[2]
