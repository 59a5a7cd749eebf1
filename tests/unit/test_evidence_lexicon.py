"""The lexicon files: complete where they are there, and usable as they stand."""

import string

import pytest

from copydesk.evidence.phrases import phrases_of
from copydesk.language.calendar import month_name, month_numbers
from copydesk.language.lexicon import ANY, fragment, general, languages_with, lexicon, pattern, section, words

LANGUAGES = languages_with("stopwords")
FIELDS = frozenset(
    """
    table rows step start end name first last when_first when_last change percent high low when_high when_low when point
    early late high_month low_month count mean high_label low_label a b c label_a label_b label_c column n_a n_b p_a p_b
    label
    """.split()  # noqa: SIM905 - one name a line would fill the page
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("entry", ["openers", "pointers", "first_person"])
def test_patterns_of_leaning_compile(language: str, entry: str) -> None:
    """Every pattern that is there compiles and matches no empty text."""
    compiled = pattern(language, "leaning", entry)
    assert compiled is None or compiled.fullmatch("") is None


@pytest.mark.parametrize("language", languages_with("support"))
@pytest.mark.parametrize("entry", ["denial", "names"])
def test_patterns_of_support_compile(language: str, entry: str) -> None:
    """Every pattern that is there compiles, matches no empty text, and names what it finds."""
    compiled = pattern(language, "support", entry)
    assert compiled is None or compiled.fullmatch("") is None
    assert compiled is None or entry != "names" or "name" in compiled.groupindex


@pytest.mark.parametrize("entry", sorted(lexicon(ANY)))
def test_patterns_of_any_language_compile(entry: str) -> None:
    """Every general pattern compiles and matches no empty text."""
    assert general(entry).fullmatch("") is None


@pytest.mark.parametrize("language", languages_with("months"))
def test_months_of_a_language(language: str) -> None:
    """Twelve months each, known by name and abbreviation."""
    names = words(language, "months")
    assert len(names) == 12
    assert [month_numbers(language)[name.lower()] for name in names] == list(range(1, 13))
    assert [month_numbers(language)[name.lower()] for name in words(language, "months_short")[:12]] == list(
        range(1, 13)
    )
    assert month_name(12, language) == names[11]


@pytest.mark.parametrize("language", languages_with("phrases"))
def test_phrases_of_a_language(language: str) -> None:
    """Every language says every kind of statement, with placeholders that are filled."""
    phrases, english = phrases_of(language), phrases_of("en")
    assert phrases is not None
    assert english is not None
    assert set(phrases.sentences) == set(english.sentences)
    assert set(phrases.points) == set(english.points) == set(phrases.steps)
    for variants in phrases.sentences.values():
        for text in variants:
            names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            assert names <= FIELDS


COUNTING = [language for language in languages_with("numerals") if "units" in section(language, "numerals")]


@pytest.mark.parametrize("language", COUNTING)
def test_numerals_of_a_language(language: str) -> None:
    """Twenty words up to nineteen and eight tens."""
    table = section(language, "numerals")
    assert len(table["units"].split()) == 20
    assert len(table["tens"].split()) == 8


def test_lexicon_of_an_unknown_language_is_empty() -> None:
    """A language without a file has nothing, and asking for it is no error."""
    assert lexicon("xx") == {}
    assert words("xx", "stopwords") == []
    assert pattern("xx", "leaning", "openers") is None
    assert phrases_of("xx") is None


def test_fragment_joins_lines() -> None:
    """Line breaks and indentation do not count in a pattern."""
    assert fragment("\na|b\n  |c d\n") == "a|b|c d"
