"""Finding keywords whatever their case, hyphens and inflection."""

import pytest

from copydesk.seo.keywords import KeywordText, contains_literally


@pytest.mark.parametrize(
    ("text", "keyword", "language", "times"),
    [
        ("Heat pumps heat. A heat-pump cools. HEAT PUMP!", "heat pump", "en", 3),
        ("An electric car and electric cars", "Electric Cars", "en", 2),
        ("Heat the pump", "heat pump", "en", 0),
        ("category", "cat", "en", 0),
        ("Die Wärmepumpen und eine Wärmepumpe", "wärmepumpe", "de", 2),
        ("Les voitures électriques", "voiture électrique", "fr", 1),
        ("state of the art", "state-of-the-art", "en", 1),
        ("热泵的原理。热 泵很好", "热泵", "zh", 2),
        ("コーヒーの淹れ方", "コーヒー", "ja", 1),
        ("aa aa aa aa", "aa aa", "en", 2),
        ("C++ and C", "C++", "en", 2),
        ("any text", "", "en", 0),
        ("any text", "!!!", "en", 0),
        ("任何", "。", "zh", 0),
        ("Straße", "STRASSE", "de", 1),
        ("caf\u00e9", "cafe\u0301", "fr", 1),
        ("열펌프는 좋다", "열펌프는", "ko", 1),
    ],
)
def test_keyword_text_counts_when_spelled_another_way(text: str, keyword: str, language: str, times: int) -> None:
    """Each occurrence counts once, and only as whole words where words are separated."""
    assert KeywordText(text, language).count(keyword) == times
    assert (keyword in KeywordText(text, language)) == (times > 0)


def test_contains_literally_when_case_and_spaces_differ() -> None:
    """Case and the width of spaces do not matter, inflection does."""
    assert contains_literally("The  Heat\u00a0Pump", "heat pump")
    assert not contains_literally("heat pumps", "heat pump s")
    assert not contains_literally("anything", "")
