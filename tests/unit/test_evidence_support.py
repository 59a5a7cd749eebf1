"""Facts of sentences, their normal forms, and whether passages support a sentence."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cutting import a_passage

from copydesk.domain.article import Sentence
from copydesk.evidence.facts import find_facts, folded
from copydesk.evidence.numerals import numerals, readings
from copydesk.evidence.support import (
    MIN_OVERLAP,
    contradicts,
    facts_of,
    is_supported,
    missing_facts,
    needs_citation,
    overlap,
)

CURVE = (
    "Carbon dioxide at Mauna Loa rose by a little less than 1 ppm a year in the 1960s and by about 2.4 ppm a year in "
    "the 2010s. The emissions of the world became more than three times as large between 1960 and 2019. Economic "
    "crises are hard to see in the Keeling Curve."
)
PUMP = (
    "Eine Wärmepumpe entzieht der Umgebung Wärme und hebt sie mit Strom auf ein höheres Temperaturniveau. Entscheidend "
    "ist die Vorlauftemperatur der Heizung. Sie sollte auch an kalten Tagen nicht über 55 Grad liegen."
)
FAITHFUL = [
    ("en", CURVE, "In the 1960s the gas rose by less than 1 ppm each year, in the 2010s by about 2.4 ppm."),
    ("en", CURVE, "World emissions more than tripled between 1960 and 2019."),
    ("en", CURVE, "Carbon dioxide rose faster in the 2010s than in the 1960s."),
    ("en", CURVE, "Between 1960 and 2019 the world's emissions grew to more than three times their size."),
    ("en", CURVE, "The Keeling Curve hardly shows economic crises."),
    ("de", PUMP, "Die Wärmepumpe entzieht der Umgebung Wärme und bringt sie mit Strom auf ein höheres Niveau."),
    ("de", PUMP, "Auch an kalten Tagen sollte die Vorlauftemperatur nicht über 55 Grad liegen."),
    ("de", PUMP, "Mit Strom hebt die Pumpe Wärme aus der Umgebung auf eine höhere Temperatur."),
]
OTHER = [
    ("en", CURVE, "Planting forests could remove much of the carbon dioxide from the air."),
    ("en", CURVE, "Emissions of the world must fall to protect coral reefs and coastal cities."),
    ("en", CURVE, "Mauna Loa is an active volcano on a large island."),
    ("en", CURVE, "The Keeling Curve was named after the chemist who started the measurements."),
    ("en", CURVE, "Economic growth depends on trade, education and stable institutions."),
    ("de", PUMP, "Eine Wärmepumpe kostet mit Einbau oft mehr als eine Gasheizung."),
    ("de", PUMP, "Viele Eigentümer tauschen im Sommer ihre alte Heizung aus."),
    ("de", PUMP, "Der Strom stammt an sonnigen Tagen aus der eigenen Photovoltaikanlage."),
]


def cited(text: str) -> Sentence:
    """A sentence that cites passage s0p0."""
    return Sentence(text=text, passage_ids=("s0p0",))


@pytest.mark.parametrize(("language", "passage", "sentence"), FAITHFUL)
def test_overlap_of_faithful_paraphrases(language: str, passage: str, sentence: str) -> None:
    """Paraphrases share at least two thirds of their content words, and are supported."""
    assert overlap(sentence, [passage], language) >= 0.66 > MIN_OVERLAP
    assert is_supported(cited(sentence), [a_passage(0, passage, language=language)], language)


@pytest.mark.parametrize(("language", "passage", "sentence"), OTHER)
def test_overlap_of_other_statements_on_the_subject(language: str, passage: str, sentence: str) -> None:
    """Sentences that say something else share at most half, and are not supported."""
    assert overlap(sentence, [passage], language) <= 0.5 < MIN_OVERLAP
    assert not is_supported(cited(sentence), [a_passage(0, passage, language=language)], language)


@pytest.mark.parametrize(
    ("language", "sentence", "facts"),
    [
        (
            "en",
            "The Keeling Curve rose from 315.98 ppm in 1959 to 411.49 ppm in May 2019, said Ralph Keeling in “Nature”.",
            ["315.98", "1959", "411.49", "May 2019", "“Nature”", "Keeling Curve", "Ralph Keeling", "Nature"],
        ),
        ("en", "It cost $5 billion, 12 percent of the budget.", ["5 billion", "12", "12 percent", "$5 billion"]),
        ("en", "Twenty-one ships left the port, and three came back.", ["Twenty-one", "three"]),
        ("en", "NASA measures CO2 with an iPhone.", ["NASA", "CO2", "iPhone"]),
        ("en", "Trees grow slowly in cold places.", []),
        ("en", "One of them is a shrub, which I like.", []),
        (
            "de",
            "Die Pumpe spart laut Karl Müller am 3. Mai 2019 rund 30 Prozent.",
            ["30", "30 percent", "3. Mai 2019", "Karl Müller"],
        ),
        ("de", "Die Grundwasserwärmepumpe braucht zwei Brunnen und drei Liter Wasser.", ["zwei", "drei"]),
        (
            "fr",
            "Selon Météo-France, il a plu 35\u202f361 fois le 3 mai 2017.",
            ["35\u202f361", "3 mai 2017", "Météo-France"],
        ),
        ("es", "El valor subió a 1.437 en 2001 según Juan Pérez.", ["1.437", "2001", "Juan Pérez"]),
        ("zh", "根据NASA的数据\uff0c2019年浓度为411 ppm。", ["2019", "411", "NASA", "ppm"]),
    ],
)
def test_facts_of_a_sentence(language: str, sentence: str, facts: list[str]) -> None:
    """Numbers, dates, percentages, money, quotations and names are found as they are worded."""
    found = facts_of(sentence, language)
    assert sorted(fact for fact in found if fact != "Nature") == sorted(fact for fact in facts if fact != "Nature")
    assert needs_citation(sentence, language) is bool(facts)
    assert missing_facts(sentence, [sentence], language) == []


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("It grew to 1.5 percent.", "Es waren 1,5 %."),
        ("About 12,000 people came.", "Some 12k people came."),
        ("About 12k people came.", "Some 12 000 people came.".replace(" 0", "\u00a00")),
        ("Twelve ships sank.", "12 ships sank."),
        ("It holds 3 million books.", "It holds 3,000,000 books."),
        ("It holds 2.5 million books.", "It holds 2,500,000 books."),
        ("It cost 5 dollars.", "It cost $5."),
        ("It cost €5 in all.", "It cost 5 euros in all."),
        ("It opened on 1 May 2019.", "It opened on May 1st, 2019."),
        ("It opened in May 2019.", "Opening: 2019-05-01."),
        ("It opened in May.", "Opening: 2019-05-01."),
        ("It opened in 2019.", "Opening: 2019-05-01."),
        ("It opened on 1 May 2019.", "Eröffnung am 01.05.2019."),
        ("In the 1960s it rained.", "Rain fell in the 1960s."),
        ("Shares fell by 5 to 7 percent.", "Shares fell 5\u20137%."),
        ("He called it “a Great  step”.", "It was 'a great step', he said."),
        ("She met Keeling's team.", "Charles Keeling led the team."),
        ("It stood on the Mauna-Loa slope.", "The slope of Mauna Loa was bare."),
        ("The concentration of CO₂ rose.", "CO2 rose."),
        ("Rain is common, they say, in late May.", "The rain came on 2019-05-01."),
        ("It stood near Rhein-Main once.", "It stood where Rhein and Main meet."),
    ],
)
def test_missing_facts_in_another_notation(sentence: str, passage: str) -> None:
    """The same fact is found in whatever notation the passage has it."""
    assert missing_facts(sentence, [passage], "en") == []


@pytest.mark.parametrize(
    ("sentence", "passage", "missing"),
    [
        ("It grew to 1.6 percent.", "It was 1.5 percent.", ["1.6", "1.6 percent"]),
        ("It grew to 15 percent.", "15 people came.", ["15 percent"]),
        ("It cost $12 at the door.", "It cost 12 euros.", ["$12"]),
        ("About 12k people came.", "Some 12 people came.", ["12k"]),
        ("It holds 3 million books.", "It holds 3 billion books.", ["3 million"]),
        ("Thirteen ships sank.", "Twelve ships sank.", ["Thirteen"]),
        ("It opened on 2 May 2019.", "It opened on 1 May 2019.", ["2 May 2019"]),
        ("It opened in June 2019.", "It opened in May 2019.", ["June 2019"]),
        ("He called it “a bad step”.", "He called it “a great step”.", ["“a bad step”"]),
        ("It was built by Roger Revelle.", "It was built by Roger Smith.", ["Roger Revelle"]),
        ("It runs on version 1.2.3 now.", "It runs on version 1.2.4 now.", ["1.2.3"]),
    ],
)
def test_missing_facts_that_the_passage_lacks(sentence: str, passage: str, missing: list[str]) -> None:
    """What the passage does not have is named as the sentence words it."""
    assert missing_facts(sentence, [passage], "en") == missing


def test_missing_facts_over_several_passages() -> None:
    """Facts may come from different passages; without any passage all are missing."""
    sentence = "It grew from 3 to 8."
    assert missing_facts(sentence, ["It was 3.", "It is 8."], "en") == []
    assert missing_facts(sentence, [], "en") == ["3", "8"]


def test_missing_facts_of_german_names() -> None:
    """Dictionary nouns and compounds are no names; other capitalized words are."""
    passage = "Die Firma baut Anlagen."
    assert missing_facts("Im Altbau senkt die Grundwasserwärmepumpe den Verbrauch.", [passage], "de") == []
    assert missing_facts("Die Anlage stammt von Vaillant.", [passage], "de") == ["Vaillant"]
    assert missing_facts("Das sagte Karl Müller.", [passage], "de") == ["Karl Müller"]


def test_missing_facts_of_german_compounds_with_hyphens() -> None:
    """A compound of dictionary nouns with a hyphen is no name, one with a name is."""
    assert missing_facts("Das liegt an der Wasser-Pumpe.", ["Kalt."], "de") == []
    assert missing_facts("Das liegt an der Vaillant-Pumpe.", ["Kalt."], "de") == ["Vaillant-Pumpe"]


def test_missing_facts_of_months_in_names() -> None:
    """A month alone is looked up among the passage's dates."""
    assert missing_facts("Rain came late in May.", ["Rain came on 2019-05-01."], "en") == []
    assert missing_facts("Rain came late in June.", ["Rain came on 2019-05-01."], "en") == ["June"]
    assert missing_facts("They may 5 times refuse.", ["They refuse 5 times."], "en") == []


def test_overlap_of_function_words() -> None:
    """A sentence without content words has nothing to miss."""
    assert overlap("It is so.", [], "en") == 1.0


def test_is_supported_without_citation() -> None:
    """An uncited sentence may stand where it states no fact."""
    assert is_supported(Sentence(text="The story has a long history."), [], "en")
    assert not is_supported(Sentence(text="The story began in 1671."), [], "en")


def test_is_supported_by_the_cited_passages_only() -> None:
    """Passages that the sentence does not cite do not help it, nor do ids without a passage."""
    sentence = cited("The Keeling Curve hardly shows economic crises.")
    assert not is_supported(sentence, [a_passage(1, CURVE)], "en")
    assert is_supported(sentence, [a_passage(1, "Rain fell."), a_passage(0, CURVE)], "en")


def test_is_supported_verbatim_whatever_it_says() -> None:
    """A passage's own sentences are supported by it."""
    for sentence in CURVE.split(". "):
        assert is_supported(cited(sentence.rstrip(".") + "."), [a_passage(0, CURVE)], "en")


@pytest.mark.parametrize(
    ("language", "sentence", "passage"),
    [
        (
            "en",
            "Cores from the ice do not cover all of that long time.",
            "Cores from the ice cover all of that long time.",
        ),
        (
            "en",
            "Wind mixes the air of the northern hemisphere.",
            "Wind never mixes the air of the northern hemisphere.",
        ),
        ("de", "Die Heizung braucht keine große Fläche im Keller.", "Die Heizung braucht eine große Fläche im Keller."),
        ("fr", "Le gaz n'est pas dissous dans l'eau de mer froide.", "Le gaz est dissous dans l'eau de mer froide."),
    ],
)
def test_contradicts_with_a_negation_more_or_less(language: str, sentence: str, passage: str) -> None:
    """Nearly the same words with a negation more or less contradict each other."""
    assert contradicts(sentence, [passage], language)
    assert not contradicts(sentence, [sentence], language)
    assert not is_supported(cited(sentence), [a_passage(0, passage, language=language)], language)


def test_contradicts_of_sentences_without_content() -> None:
    """Nothing is contradicted by function words."""
    assert not contradicts("It is not so.", ["It is so."], "en")


@pytest.mark.parametrize(
    ("digits", "values"),
    [
        ("12", {"12"}),
        ("1,5", {"1.5"}),
        ("1.500", {"1.5", "1500"}),
        ("1.234.567", {"1234567"}),
        ("1,234.50", {"1234.5"}),
        ("1.234,50", {"1234.5"}),
        ("12\u202f345,6", {"12345.6"}),
        ("1'000", {"1000"}),
        ("1.2.3", set()),
    ],
)
def test_readings_of_digits(digits: str, values: set[str]) -> None:
    """Separators are read in every way that they allow."""
    assert readings(digits) == {Decimal(value).normalize() for value in values}


@settings(deadline=None)  # the first example loads dictionaries
@given(st.integers(0, 10**9), st.sampled_from([",", ".", "\u00a0", "\u202f", "'"]))
def test_readings_of_grouped_integers(number: int, separator: str) -> None:
    """An integer is among the readings of itself with thousands separators."""
    assert Decimal(number).normalize() in readings(f"{number:,}".replace(",", separator))


@settings(deadline=None)  # the first example loads dictionaries
@given(st.decimals(0, 10**6, places=2), st.booleans())
def test_readings_of_decimals(number: Decimal, comma: bool) -> None:  # noqa: FBT001 - hypothesis passes by position
    """A decimal number is among the readings of itself with either mark."""
    text = f"{number:.2f}".replace(".", ",") if comma else f"{number:.2f}"
    assert number.normalize() in readings(text)


@settings(deadline=None)  # the first example loads dictionaries
@given(st.integers(2, 99), st.sampled_from(["en", "de", "es", "it", "pt"]))
def test_numerals_spelled_out(number: int, language: str) -> None:
    """Numbers from 2 to 99 are found as words of the language."""
    from copydesk.evidence.numerals import _words  # noqa: PLC0415 - the table to draw from

    word = {value: word for word, value in _words(language).items()}[number]
    (found,) = numerals(f"x {word} x", language)
    assert found.values == {Decimal(number).normalize()}


@settings(deadline=None)  # the first example loads dictionaries
@given(st.text(max_size=120), st.sampled_from(["en", "de", "fr", "zh", "xx"]))
def test_find_facts_of_any_text(text: str, language: str) -> None:
    """Whatever the text, its own facts are found in it."""
    find_facts(text, language)
    assert missing_facts(text, [text], language) == []


@settings(deadline=None)  # the first example loads dictionaries
@given(st.text(max_size=60))
def test_folded_is_idempotent(text: str) -> None:
    """Folding what is folded changes nothing."""
    assert folded(folded(text)) == folded(text)
