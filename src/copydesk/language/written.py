# ruff: noqa: RUF001 -- quotation marks as people write them, not look-alikes by mistake
"""Whether a text, down to one sentence, is written in the language that it should be in.

Careful by design: names, quotations, code, addresses and figures are set aside first, and where what is left does
not tell, the text is taken for right. Measured on the texts in tests/languages: no right paragraph or sentence is
refused, all paragraphs and more than nine in ten sentences in another of their languages are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import regex

from copydesk.domain.language import primary_language
from copydesk.domain.sentences import split_sentences
from copydesk.language.detect import identifier
from copydesk.language.stopwords import stopwords

_KEPT = 2_048  # texts whose language a process remembers: each is looked at several times
_SAMPLE = 1_500  # characters looked at
_MIN_LETTERS = 20  # left to judge by; fewer are a label, a name or a quotation
_WIDE_WEIGHT = 3  # letters that a Han character, a kana or a Hangul syllable stands for
_MAIN = 0.75  # of the letters: a text's script
_WIDE_MAIN = 0.3  # of the letters: texts in Chinese, Japanese and Korean are full of Latin names
_KANA, _NO_KANA = 0.15, 0.02  # of Japanese letters at least (0.3 to 0.6 in prose), of Chinese at most
_LONG_WIDE = 12  # Han characters from which a sentence without kana is no Japanese
_SURE = 1_000.0  # how many times likelier than the wanted language another must be
_LIKELIER = 10.0  # the same, where its function words stand there and those of the wanted language do not
_TELLING_WORDS = 3  # such words
_CHANCE = 8  # among so many words, one is a function word of any language by chance
_NEAR_WORDS = 2  # of near languages, where there is none of the wanted one
_CANDIDATES = 3  # likeliest languages looked at
_LEAST = 1e-12  # probability
# Languages too close to tell apart by letters: here only function words decide.
_NEAR = (
    frozenset({"no", "nb", "nn", "da", "sv"}),
    frozenset({"hr", "sr", "bs", "hbs", "sl"}),
    frozenset({"id", "ms"}),
    frozenset({"gl", "pt", "es", "ca"}),
    frozenset({"cs", "sk"}),
    frozenset({"nl", "af"}),
    frozenset({"ru", "uk", "be", "bg", "mk", "sr"}),
    frozenset({"hi", "mr", "ne"}),
)
_ALIASES = {"nb": "no", "nn": "no", "yue": "zh", "wuu": "zh", "cmn": "zh", "fil": "tl", "iw": "he", "in": "id"}
_OF_SCRIPT = {
    "Latin": "af ca cs cy da de en eo es et eu fi fr ga gl hr hu id is it lt lv ms nl no pl pt ro sk sl sq sv sw tl tr "
    "vi az",
    "Cyrillic": "be bg kk ky mk mn ru uk",
    "Arabic": "ar fa ps ug ur",
    "Devanagari": "hi mr ne",
    "Greek": "el",
    "Hebrew": "he yi",
    "Hangul": "ko",
    "Thai": "th",
    "Armenian": "hy",
    "Georgian": "ka",
    "Bengali": "bn as",
    "Tamil": "ta",
    "Han": "zh ja",
}
_HAN = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
_ASIDE = regex.compile(
    r"“[^”]{1,400}”|„[^“”]{1,400}[“”]|«[^»]{1,400}»|\"[^\"]{1,400}\"|「[^」]{1,400}」|『[^』]{1,400}』|《[^》]{1,400}》"
    r"|`[^`]+`|\([^()]{1,80}\)|\[[^\]]{0,80}\]|https?://\S+|www\.\S+|\S+@\S+"
)
_NAMES = regex.compile(
    r"(?<=[\p{Ll}\d,;:)»”] )\p{Lu}[\p{L}\p{M}'’.-]*"
    r"(?: (?:(?:de|da|do|dos|di|del|della|la|le|du|des|von|van|der|den|of|y|e|&) )?\p{Lu}[\p{L}\p{M}'’.-]*)*"
)
_LATIN_NAMES = regex.compile(r"[\p{Latin}\d][\p{Latin}\p{M}\d.'’&+ -]*")
_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*")


def written_in(text: str, language: str) -> bool:
    """Whether `text` is written in `language` (BCP 47), or too little is left of it to say that it is not.

    Args:
        text: Plain text of one sentence up to a section; of a longer one the first 1,500 characters count.
        language: The language that is wanted; any text is taken for right in one that nothing is known of.
    """
    return other_language(text, language) is None


@lru_cache(_KEPT)
def other_language(text: str, language: str) -> str | None:
    """The primary language, or the script, that `text` is certainly written in instead of `language`; else None."""
    wanted = _named(language)
    script = _script_of(wanted)
    if script is None:
        return None
    prose = _ASIDE.sub(" ", text[:_SAMPLE])
    wide = len(regex.findall(rf"{_HAN}|\p{{Hangul}}", prose))
    if wide and script != "Latin":
        prose = _LATIN_NAMES.sub(" ", prose)
    letters = len(regex.findall(r"\p{L}", prose))
    if letters + (_WIDE_WEIGHT - 1) * wide < _MIN_LETTERS:
        return None
    found = _main_script(prose, letters)
    if found is None:
        return None
    if found != script:
        return found
    if script == "Han":
        return _other_of_han(prose, wanted)
    return _likelier(prose, wanted, script)


def foreign_sentences(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Each sentence of `text` that is certainly not in `language`, with the language or script that it is in."""
    for sentence in split_sentences(text, language):
        other = other_language(sentence, language)
        if other is not None:
            yield sentence, other


def _named(language: str) -> str:
    primary = primary_language(language)
    return _ALIASES.get(primary, primary)


@cache
def _script_of(language: str) -> str | None:
    return next((script for script, names in _OF_SCRIPT.items() if language in names.split()), None)


def _main_script(text: str, letters: int) -> str | None:
    """The script of most letters, or None where none has most."""
    counts = {script: len(regex.findall(rf"\p{{{script}}}", text)) for script in _OF_SCRIPT if script != "Han"}
    counts["Han"] = len(regex.findall(_HAN, text))
    for script in ("Han", "Hangul"):
        if counts[script] > _WIDE_MAIN * letters:
            return script
    best = max(counts, key=lambda script: counts[script])
    return best if counts[best] > _MAIN * letters else None


def _other_of_han(text: str, wanted: str) -> str | None:
    letters = len(regex.findall(_HAN, text))
    kana = len(regex.findall(r"[\p{Hiragana}\p{Katakana}]", text)) / letters
    if wanted == "ja":
        return "zh" if kana < _NO_KANA and letters >= _LONG_WIDE else None
    return "ja" if kana > _KANA else None


def _likelier(text: str, wanted: str, script: str) -> str | None:
    """Another language of the script that the text is far likelier to be in, or None."""
    bare = text if wanted == "de" else _NAMES.sub(" ", text)
    named = len(regex.findall(r"\p{L}", bare)) < max(_MIN_LETTERS, len(regex.findall(r"\p{L}", text)) // 2)
    chances = _chances(text if named else bare)
    if wanted not in chances:
        return None
    words = {word.lower().replace("’", "'") for word in _WORD.findall(bare)}
    candidates = [name for name in _OF_SCRIPT[script].split() if name != wanted and name in chances]
    for other in sorted(candidates, key=lambda name: -chances[name])[:_CANDIDATES]:
        found = _Found(
            times=chances[other] / max(chances[wanted], _LEAST),
            theirs=len(words & (stopwords(other) - stopwords(wanted))),
            ours=len(words & (stopwords(wanted) - stopwords(other))),
            words=len(words),
            known=bool(stopwords(other)),
        )
        near = any({other, wanted} <= group for group in _NEAR)
        if found.is_certain_if_near() if near else found.is_certain(named=named):
            return other
    return None


def _chances(text: str) -> dict[str, float]:
    """How likely each language is, 0 to 1."""
    chances: dict[str, float] = {}
    for name, share in identifier().rank(text):
        named = _ALIASES.get(name, name)
        chances[named] = chances.get(named, 0.0) + share
    return chances


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What speaks for another language than the wanted one."""

    times: float  # how much likelier the model takes it to be
    theirs: int  # function words of that language alone
    ours: int  # function words of the wanted language alone
    words: int  # different words in all
    known: bool  # whether the other language's function words are known

    def is_certain(self, *, named: bool) -> bool:
        """Whether it is certain; in a text that is half names, only if function words tell."""
        if self._telling and self.times > _LIKELIER:
            return True
        if not self.known:
            return self.times > _SURE and not named and self.ours * _CHANCE <= self.words
        return self.times > _SURE and self.theirs >= self.ours and (self.theirs > 0 or not named)

    def is_certain_if_near(self) -> bool:
        """The same for two languages that share most words."""
        if self._telling and self.times > 1:
            return True
        return self.ours == 0 and self.theirs >= _NEAR_WORDS and self.times > _LIKELIER

    @property
    def _telling(self) -> bool:
        return self.theirs >= _TELLING_WORDS and self.ours * _TELLING_WORDS <= self.theirs
