"""Splitting plain text into sentences."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.domain.sentences import split_sentences

CASES = [
    (
        "en",
        ["Dr. Smith met Mr. J. R. R. Tolkien at 5 p.m. in the U.S. embassy.", "It cost $3.50.", "See No. 5 for more."],
    ),
    ("en", ["He left, e.g. by train.", "Apples, pears, etc. are fruit.", "J. Smith wrote it."]),
    ("en", ['He said "Stop. Now."', "Then he left.", '"Is it?" she asked.', "Wait... what?"]),
    ("en", ["This is it\u2026", "Really.", "(See Fig. 3.)", "Next one!", "Version 2.0.1 is out."]),
    ("en", ["1. First item.", "2. Second item.", "Vitamin C.", "It helps."]),
    ("en", ["In the U.S. Supreme Court it was.", "At 3 a.m. he woke.", "Apple Inc. was founded."]),
    ("en", ["It took approx. 5 km of cable.", "Jan. 5 was cold."]),
    ("de", ["Der Vertrag vom 3. Oktober 1990 gilt z. B. hier.", "Prof. Dr. M\u00fcller kam am 5. Mai."]),
    (
        "de",
        ["Er sagte: \u201eHalt. Sofort.\u201c", "Dann ging er.", "Im 19. Jahrhundert war es so.", "Nr. 5 ist hier."],
    ),
    ("fr", ["M. Dupont et Mme. Durand sont l\u00e0.", "Il dit : \u00ab Arr\u00eatez. Maintenant. \u00bb", "Oui !"]),
    (
        "es",
        [
            "El Sr. Garc\u00eda vive en EE. UU. desde 1990.",
            "\u00bfQu\u00e9 pasa?",
            "\u00a1Nada!",
            "N\u00fam. 5 aqu\u00ed.",
        ],
    ),
    ("it", ["Il dott. Rossi \u00e8 qui.", "L'art. 5 vale."]),
    ("pt", ["A Dra. Ana foi.", "P\u00e1g. 5."]),
    ("ru", ["\u0412 1990 \u0433. \u043e\u043d \u0440\u043e\u0434\u0438\u043b\u0441\u044f.", "\u0414\u0430!"]),
    ("ar", ["\u0647\u0630\u0627 \u0647\u0648.", "\u0647\u0644 \u0647\u0630\u0627\u061f", "\u0646\u0639\u0645."]),
    ("xx", ["Hello there.", "Dr. Who came."]),
]
UNSPACED = [
    (
        "zh",
        [
            "\u4ed6\u8bf4\uff1a\u201c\u4e0d\u884c\u3002\u201d",
            "\u7136\u540e\u8d70\u4e86\u3002",
            "3.14\u662f\u6570\u3002",
            "\u2026\u2026\u597d\u7684\u3002",
        ],
    ),
    (
        "ja",
        [
            "\u884c\u304d\u307e\u3057\u3087\u3046\uff01",
            "\u300c\u306f\u3044\u3002\u300d\u3068\u8a00\u3063\u305f\u3002",
            "\u3069\u3046\uff1f",
        ],
    ),
]


@pytest.mark.parametrize(("language", "sentences"), CASES)
def test_split_sentences_when_abbreviations_and_quotes_stand_inside(language: str, sentences: list[str]) -> None:
    """Abbreviations, initials, numbers and quotations do not end a sentence."""
    assert split_sentences(" ".join(sentences), language) == sentences


@pytest.mark.parametrize(("language", "sentences"), UNSPACED)
def test_split_sentences_when_script_has_no_spaces(language: str, sentences: list[str]) -> None:
    """Full-width stops end a sentence, also before a digit; quotations stay whole."""
    assert split_sentences("".join(sentences), language) == sentences


def test_split_sentences_when_lines_wrap_and_paragraphs_end() -> None:
    """A line break is a space, a blank line ends the sentence, a no-break space is kept."""
    assert split_sentences(" One\nsentence here\n \nand\u00a0another ", "en") == [
        "One sentence here",
        "and\u00a0another",
    ]


def test_split_sentences_when_tag_has_a_region() -> None:
    """Only the primary language of the tag matters."""
    assert split_sentences("Im 19. Jahrhundert war es so.", "de-AT") == ["Im 19. Jahrhundert war es so."]


def test_split_sentences_when_a_piece_has_no_word() -> None:
    """No sentence consists of punctuation alone where another is beside it."""
    assert split_sentences("What. ? ! Hello.", "en") == ["What. ? !", "Hello."]


@settings(deadline=None)  # the first call loads a native module
@given(st.text(), st.sampled_from(["en", "de", "ja", "zh", "th", "xx", ""]))
def test_split_sentences_when_joined_loses_only_white_space(text: str, language: str) -> None:
    """Every character but white space comes back in order."""
    assert "".join("".join(split_sentences(text, language)).split()) == "".join(text.split())


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["a. ", "\u201c\u3002a", "[a.] B ", "a.\u00e9", "(\u2026 A", "\u4eca\u5929\u3002"])
def test_split_sentences_when_text_is_hostile_ends_in_time(unit: str) -> None:
    """Repetition of what the mending looks at stays far from quadratic."""
    assert split_sentences(unit * 40_000, "de")


def test_split_sentences_when_paragraph_is_longer_than_a_chunk() -> None:
    """Sentences of a very long paragraph are found as in a short one."""
    sentence = "The caf\u00e9 in Z\u00fcrich is a nice place, is it?"
    assert split_sentences(" ".join([sentence] * 1_000), "en") == [sentence] * 1_000
