"""The contract's definition of a word, and the width of search fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.domain.words import count_words, display_width, words_of, writes_without_spaces


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("  \n\t ", 0),
        ("- -- ... , ' \u2019 & # * _", 0),
        ("state-of-the-art", 1),
        ("3.14", 1),
        ("1,000,000.50", 1),
        ("don't", 1),
        ("l\u2019eau", 1),
        ("U.S.", 1),
        ("x_y", 2),
        ("a--b", 2),
        ("well-", 1),
        ("'quoted'", 1),
        ("50%", 1),
        ("and/or", 2),
        ("caf\u00e9 cafe\u0301", 2),
        ("H\u2082O m\u00b2", 2),
        ("\u2764\ufe0f \U0001f600", 0),
        ("1\ufe0f\u20e3", 1),
        ("\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002", 6),
        ("iPhone\u624b\u673a", 3),
        ("A-\u80a1", 2),
        ("\u30b3\u30fc\u30d2\u30fc", 4),
        ("\u304b\u3099", 1),
        ("\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", 4),
        ("\u0ea5\u0eb2\u0ea7", 3),
        ("\u1797\u17b6\u179f\u17b6", 2),
        ("\u1019\u103c\u1014\u103a\u1019\u102c", 3),
        ("\ud55c\uad6d\uc5b4 \ubb38\uc7a5", 2),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", 1),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", 1),
        ("hy\u00adphen", 1),
        ("A\uff0cB", 2),
    ],
)
def test_count_words_when_text_is_plain(text: str, words: int) -> None:
    """Each text counts as contract.md's definition says."""
    assert count_words(text) == words


def test_words_of_when_joined_inside() -> None:
    """Words keep their joiners and lose what stands at their ends."""
    assert words_of("The U.S. state-of-the-art (don't!)") == ["The", "U.S", "state-of-the-art", "don't"]


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_words_of_when_ascii_agrees_with_the_general_rule(text: str) -> None:
    """The fast path for ASCII finds what the Unicode rule finds."""
    assert words_of(text + " \u00e9")[:-1] == words_of(text)


@given(st.text(), st.text())
def test_count_words_when_texts_are_separated_is_additive(left: str, right: str) -> None:
    """Words of two texts with white space between add up."""
    assert count_words(f"{left}\n{right}") == count_words(left) + count_words(right)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("caf\u00e9", 4),
        ("cafe\u0301", 5),
        ("\u6771\u4eac", 4),
        ("\uff21", 2),
        ("\uff76", 1),
        ("\U0001f600", 2),
    ],
)
def test_display_width_when_characters_are_wide(text: str, width: int) -> None:
    """Wide and fullwidth characters count two, every other code point one."""
    assert display_width(text) == width


def test_writes_without_spaces_when_scripts_differ() -> None:
    """Han, kana and Thai do; Latin, Cyrillic, Hangul and Devanagari do not."""
    assert writes_without_spaces("\u6771\u4eac tower")
    assert writes_without_spaces("\u0e44\u0e17\u0e22")
    assert not writes_without_spaces("caf\u00e9 \u041c\u043e\u0441\u043a\u0432\u0430 \ud55c\uad6d\uc5b4 \u0939\u093f")
