"""Whether passages support a sentence, checked mechanically (quality.md, section 2)."""

import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import cache, lru_cache
from itertools import takewhile

import regex

from copydesk.domain.article import Sentence
from copydesk.domain.sentences import split_sentences
from copydesk.domain.source import Passage
from copydesk.evidence.facts import Facts, find_facts, folded, name_key
from copydesk.language.calendar import month_numbers
from copydesk.language.lexicon import pattern, section, words
from copydesk.language.terms import content_terms

# The share of a sentence's content words that its passages must have. Measured on the pairs in
# tests/unit/test_evidence_support.py: faithful paraphrases reach 0.66 to 1, sentences on the same subject
# that say something else at most 0.5.
MIN_OVERLAP = 0.6
_KEPT = 1_024  # passages of which a process remembers what they hold: every sentence is checked several times
_NAME_STEM = 3  # letters that all forms of a name share
_STEM_CHANGE = 2  # letters of the shorter form that another ending may change ("Wieliczka", "Wieliczce")
_SAME_STATEMENT = 0.8  # of content words: so alike that one of the two being negated is a contradiction


def facts_of(sentence: str, language: str) -> list[str]:
    """The numbers, dates, percentages, money amounts, quotations and names of a sentence, as it words them."""
    return find_facts(sentence, language).wordings


def needs_citation(sentence: str, language: str) -> bool:
    """Whether a sentence holds a number, date, name or quotation, and so may not stand without a citation."""
    return bool(facts_of(sentence, language))


def missing_facts(sentence: str, passages: Sequence[str], language: str) -> list[str]:
    """The facts of a sentence that do not occur in its passages' texts, as the sentence words them.

    Compared normalized: numbers by value in any notation, dates by year, month and day, names by their
    tokens without possessive endings, quotations as runs of characters without case and outer punctuation.
    """
    stated = find_facts(sentence, language)
    if not stated.wordings and not stated.likely_names:
        return []
    return list(dict.fromkeys(_looked_up(tuple(passages), language).missing(stated)))


def overlap(sentence: str, passages: Sequence[str], language: str) -> float:
    """The share, 0 to 1, of a sentence's content words (as lemmas) that its passages have; 1 without any."""
    terms = set(content_terms(sentence, language))
    if not terms:
        return 1.0
    known = frozenset[str]().union(*(_terms(passage, language) for passage in passages))
    return len(terms & known) / len(terms)


@lru_cache(_KEPT)
def _terms(passage: str, language: str) -> frozenset[str]:
    return frozenset(content_terms(passage, language))


def is_supported(sentence: Sentence, passages: Sequence[Passage], language: str) -> bool:
    """Whether a sentence stands as it is: uncited and without facts, or borne out by its passages.

    Borne out means: no fact is missing, at least `MIN_OVERLAP` of the content words occur, and it does not
    deny what a passage says, or say what a passage denies.

    Args:
        sentence: With the ids of the passages that it cites.
        passages: Any passages; those that the sentence does not cite are ignored.
        language: The article's BCP 47 language.
    """
    if not sentence.passage_ids:
        return not needs_citation(sentence.text, language)
    cited = [passage.text for passage in passages if passage.passage_id in sentence.passage_ids]
    if not cited or missing_facts(sentence.text, cited, language):
        return False
    return overlap(sentence.text, cited, language) >= MIN_OVERLAP and not contradicts(sentence.text, cited, language)


def contradicts(sentence: str, passages: Sequence[str], language: str) -> bool:
    """Whether the passages' closest sentence says nearly the same with a negation more or less."""
    terms = _stated_terms(sentence, language)
    if not terms:
        return False
    for passage in passages:
        for other, others in _statements(passage, language):
            alike = len(terms & others) / max(len(terms), len(others), 1)
            if alike >= _SAME_STATEMENT:
                return _negated(sentence, language) != _negated(other, language)
    return False


@lru_cache(_KEPT)
def _statements(passage: str, language: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """A passage's sentences, each with its content words but for negations."""
    return tuple((sentence, _stated_terms(sentence, language)) for sentence in split_sentences(passage, language))


@cache
def _negations(language: str) -> frozenset[str]:
    return frozenset(words(language, "negations"))


@lru_cache(_KEPT * 8)
def _stated_terms(sentence: str, language: str) -> frozenset[str]:
    """The content words but for those that deny."""
    denial = pattern(language, "support", "denial")
    bare = denial.sub(" ", sentence) if denial else sentence
    return frozenset(content_terms(bare, language)) - _negations(language)


def _negated(sentence: str, language: str) -> int:
    """0 of a sentence that denies nothing, 1 of one that does, 2 of one that says "not without"."""
    denial = pattern(language, "support", "denial")
    if denial:
        return int(denial.search(folded(sentence)) is not None)
    found = regex.findall(r"\p{L}+(?:'\p{L}+)?|n'", folded(sentence))
    denied = _negations(language).intersection(found)
    privatives = denied.intersection(words(language, "privatives"))
    return bool(denied - privatives) + bool(privatives)


@lru_cache(_KEPT)
def _looked_up(passages: tuple[str, ...], language: str) -> "_Lookup":
    return _Lookup(passages, language)


class _Lookup:
    """The facts of passages, ready to look others up in."""

    def __init__(self, passages: Sequence[str], language: str) -> None:
        self._language = language
        self._text = folded(" ".join(passages))
        facts = [find_facts(passage, language) for passage in passages]
        self._dates = {date for found in facts for _, date in found.dates}
        self._numbers: set[Decimal | str] = {
            value for found in facts for _, values in found.numbers for value in values
        }
        self._numbers |= {Decimal(part) for date in self._dates for part in date if part is not None}
        self._percentages = {value for found in facts for _, values in found.percentages for value in values}
        self._currencies = {code for found in facts for _, code in found.currencies}
        self._endings = int(section(language, "support").get("name_endings", 0))
        self._tokens = set(name_key(" ".join(passages)))
        self._tokens |= {part for token in self._tokens for part in token.split("-")}

    def missing(self, stated: Facts) -> list[str]:
        """The wordings of facts that the passages lack."""
        lacking = [text for text, values in stated.numbers if self._numbers.isdisjoint(values)]
        lacking += [text for text, values in stated.percentages if self._percentages.isdisjoint(values)]
        lacking += [text for text, code in stated.currencies if code not in self._currencies]
        lacking += [text for text, date in stated.dates if not self._has_date(date)]
        lacking += [text for text, key in stated.quotations if key not in self._text]
        lacking += [text for text, key in stated.names if not self._has_name(key)]
        plain = _plain(self._text) if stated.likely_names else ""
        lacking += [name for name in stated.likely_names if _plain(folded(name)) not in plain]
        return lacking

    def _has_date(self, date: tuple[int | None, int | None, int | None]) -> bool:
        return any(
            all(mine in (None, theirs) for mine, theirs in zip(date, other, strict=True)) for other in self._dates
        )

    def _has_name(self, tokens: tuple[str, ...]) -> bool:
        return all(self._has_token(token) for token in tokens)

    def _has_token(self, token: str) -> bool:
        """Whether the passages have a name's token; its plural or genitive s may differ."""
        if {token, token.removesuffix("s"), f"{token}s"} & self._tokens:
            return True
        month = month_numbers(self._language).get(token)
        if month is not None and any(date[1] == month for date in self._dates):
            return True
        if self._endings and any(_same_name(token, other, self._endings) for other in self._tokens):
            return True
        if "-" in token and all(part in self._tokens for part in token.split("-")):
            return True
        # In scripts without spaces a Latin name stands inside a run of other letters.
        inside = rf"(?<![\p{{Latin}}\p{{N}}]){regex.escape(token)}(?![\p{{Latin}}\p{{N}}])"
        return regex.search(inside, self._text) is not None


def _same_name(one: str, other: str, endings: int) -> bool:
    """Whether two tokens are forms of one name in a language that declines names ("Wieliczka", "Wieliczce")."""
    pairs = zip(_plain(one), _plain(other), strict=False)
    stem = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    shorter, longer = sorted((len(one), len(other)))
    return stem >= _NAME_STEM and longer - stem <= endings and shorter - stem <= _STEM_CHANGE


@cache
def _plain(token: str) -> str:
    """Without marks over letters, which change with the ending ("Kraków", "Krakowa")."""
    return regex.sub(r"\p{M}", "", unicodedata.normalize("NFD", token))
