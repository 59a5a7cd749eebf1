"""Headings of extractive articles."""

from collections import Counter

import pytest

from copydesk.writers.headings import is_apparatus, own_heading, salient_phrase, titled


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("Report", "2.1 How heat pumps work"), "How Heat Pumps Work"),
        (("Costs", "Introduction"), "Costs"),
        (("Costs", "It is known that the price of copper rose again over the last ten years"), "Costs"),
        (("Costs", "Figure 3: share | 2020"), "Costs"),
        (("LIMITS OF THE METHOD",), "Limits of the Method"),
        (("Growth in 2019",), None),
        (("Contents",), None),
        ((), None),
    ],
)
def test_own_heading_is_the_deepest_fit_one(path: tuple[str, ...], expected: str | None) -> None:
    """Numbering goes; generic, long, damaged and number-bearing headings are passed over."""
    assert own_heading(path, language="en", taken=["Report"]) == expected


def test_own_heading_keeps_its_case_when_the_language_is_not_english() -> None:
    """Only English sets titles in title case."""
    assert own_heading(["Das Leben im Stock"], language="de", taken=[]) == "Das Leben im Stock"
    assert own_heading(["el ciclo del agua"], language="es", taken=[]) == "El ciclo del agua"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("state-of-the-art sensors for the iPhone", "State-of-the-Art Sensors for the iPhone"),
        ("what is a heat pump?", "What Is a Heat Pump?"),
        ("NASA and the moon", "NASA and the Moon"),
        ("growth: the record", "Growth: The Record"),
    ],
)
def test_titled_sets_title_case_in_english(text: str, expected: str) -> None:
    """Small words stay small inside; capitals inside words stay."""
    assert titled(text, "en") == expected


def test_salient_phrase_is_whole_when_a_verb_stands_beside() -> None:
    """A phrase is a whole noun phrase that comes back, not a piece cut from a clause."""
    texts = [
        "Match the stored value first. The solar panels of the roof face south. Dust on the solar panels is a loss.",
        "Match the stored value again. Rain cleans the solar panels in winter.",
    ]
    assert salient_phrase(texts, Counter(), language="en", taken=[]) == "Solar Panels"


def test_salient_phrase_is_a_noun_when_the_text_is_german() -> None:
    """German nouns are known by their capital."""
    texts = [
        "Im Stock wohnt die Königin. Dort lebt die Königin drei Jahre.",
        "Die Königin stirbt, das Jahr endet.",
    ]
    assert salient_phrase(texts, Counter(), language="de", taken=[]) == "Königin"


def test_salient_phrase_is_none_when_nothing_comes_back_or_the_language_is_unknown() -> None:
    """A phrase that occurs once is no heading, and without function words none can be told."""
    assert salient_phrase(["The bridge is old."], Counter(), language="en", taken=[]) is None
    assert salient_phrase(["Most a régi híd. Most a régi híd."], Counter(), language="hu", taken=[]) is None


def test_apparatus_is_known_when_a_heading_names_it() -> None:
    """Lists of references are no text about the topic."""
    assert is_apparatus(["Heat pump", "See also"])
    assert not is_apparatus(["Heat pump", "History"])
