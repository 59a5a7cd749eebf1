# ruff: noqa: RUF001 -- commas and signs as the languages write them
"""What passages bear out, in each of the languages that are known well: paraphrases pass, untrue sentences do not."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.cutting import a_passage

from copydesk.domain.article import Sentence
from copydesk.evidence.support import contradicts, is_supported, missing_facts

FOLDER = Path(__file__).parents[1] / "languages"
LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "vi", "zh", "ja")
FACTS = ("number", "date", "name")


@cache
def pairs() -> dict[str, Any]:
    """The sentences by language."""
    return tomllib.loads((FOLDER / "support.toml").read_text(encoding="utf-8"))


def paragraph(language: str, number: int) -> str:
    """A paragraph of the language's text."""
    blocks = (FOLDER / f"{language}.md").read_text(encoding="utf-8").split("\n\n")
    return [block.strip() for block in blocks if not block.startswith("#")][number]


def borne_out(language: str, number: int, text: str) -> bool:
    """Whether a sentence is supported by the paragraph it cites."""
    passage = a_passage(0, paragraph(language, number), language=language)
    return is_supported(Sentence(text=text, passage_ids=("s0p0",)), [passage], language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_faithful_paraphrases_of_a_language(language: str) -> None:
    """At least eleven of twelve paraphrases stand."""
    paraphrases = pairs()[language]["paraphrases"]
    refused = [text for number, text in paraphrases if not borne_out(language, number, text)]
    assert len(paraphrases) == 12
    assert len(refused) <= 1, refused


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FACTS)
def test_untrue_facts_of_a_language(language: str, kind: str) -> None:
    """No sentence with another number, date or name stands."""
    untrue = pairs()[language]["untrue"][kind]
    assert untrue
    assert [text for number, text in untrue if borne_out(language, number, text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_claims_of_a_language(language: str) -> None:
    """No sentence that says something else on the subject stands."""
    untrue = pairs()[language]["untrue"]["claim"]
    assert [text for number, text in untrue if borne_out(language, number, text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_denials_of_a_language(language: str) -> None:
    """Of three sentences that deny what the passage says, at least two are refused."""
    untrue = pairs()[language]["untrue"]["negated"]
    assert sum(not borne_out(language, number, text) for number, text in untrue) >= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_sources_own_sentences_of_a_language(language: str) -> None:
    """Each paragraph bears out itself: no fact is missing and nothing is contradicted."""
    number = 0
    blocks = (FOLDER / f"{language}.md").read_text(encoding="utf-8").split("\n\n")
    for number in range(sum(not block.startswith("#") for block in blocks)):
        text = paragraph(language, number)
        assert missing_facts(text, [text], language) == []
        assert not contradicts(text, [text], language)
    assert number > 10


@pytest.mark.parametrize(
    ("language", "sentence", "passage"),
    [
        ("zh", "运河全长一千七百九十四公里。", "运河全长1794公里。"),
        ("zh", "有三十万人参加工程。", "30万人参加工程。"),
        ("zh", "百分之三十的船经过这里。", "30%的船经过这里。"),
        ("zh", "工程耗资1.2亿美元。", "工程耗资120000000美元。"),
        ("zh", "大运河2014年6月22日入选。", "2014年6月22日入选的大运河。"),
        ("ja", "乗客は四十三万人である。", "乗客は43万人である。"),
        ("ja", "1964年10月に開業した。", "1964年10月1日に開業した。"),
        ("ja", "四十パーセントの乗客が使う。", "乗客の40％が使う。"),
        ("vi", "Vịnh được công nhận ngày 17 tháng 12 năm 1994.", "Ngày 17/12/1994, vịnh được công nhận."),
        ("vi", "Có hai hang động trong vịnh.", "Vịnh có 2 hang động."),
        ("vi", "Khoảng 30 phần trăm du khách đến từ xa.", "30% du khách đến từ xa."),
        ("pl", "Trzech górników zginęło w maju 1978 roku.", "Zginęło 3 górników 8 maja 1978 roku."),
        ("pl", "Mieszkał w Krakowie dwadzieścia jeden lat.", "Kraków był jego domem przez 21 lat."),
        ("pl", "Budowa kosztowała 2 tys. złotych.", "Zapłacono 2000 zł za budowę."),
        ("nl", "De dijk kostte vijfentwintig miljoen gulden.", "De kosten waren 25 miljoen gulden."),
        ("nl", "Hij opende op 28 mei 1932.", "De opening was op 28-05-1932, dus 28 mei 1932."),
        ("pt", "A ponte abriu a 6 de agosto de 1966.", "Abertura: 6/8/1966."),
        ("it", "La festa fu il 25 marzo.", "Il 25/03/1436 ci fu la festa."),
    ],
)
def test_missing_facts_in_another_notation_of_the_language(language: str, sentence: str, passage: str) -> None:
    """The same number or date is found however it is written."""
    assert missing_facts(sentence, [passage], language) == []


@pytest.mark.parametrize(
    ("language", "sentence", "passage"),
    [
        ("zh", "运河全长一千八百九十四公里。", "运河全长1794公里。"),
        ("zh", "百分之四十的船经过这里。", "30%的船经过这里。"),
        ("zh", "巴西的咖啡最多。", "越南的咖啡最多。"),
        ("zh", "北京的李华教授主持工程。", "王明教授在北京主持工程。"),
        ("ja", "乗客は四十四万人である。", "乗客は43万人である。"),
        ("ja", "ブラジルの珈琲が多い。", "ベトナムの珈琲が多い。"),
        ("ja", "田中教授が設計した。", "山田教授が設計した。"),
        ("vi", "Vịnh được công nhận tháng 11 năm 1994.", "Ngày 17/12/1994, vịnh được công nhận."),
        ("vi", "Có bốn hang động trong vịnh.", "Vịnh có 2 hang động."),
        ("pl", "Mieszkał w Gdańsku.", "Mieszkał w Krakowie."),
        ("pl", "Zginęło czterech górników.", "Zginęło trzech górników."),
        ("de", "Ludwig Erhard hielt die Rede.", "Konrad Adenauer hielt die Rede."),
        ("de", "Die Glocke wurde in Weimar gegossen.", "Die Glocke wurde in Apolda gegossen."),
    ],
)
def test_missing_facts_of_another_value_in_the_language(language: str, sentence: str, passage: str) -> None:
    """Another number, date or name is missing."""
    assert missing_facts(sentence, [passage], language) != []


@pytest.mark.parametrize(
    ("language", "sentence", "other", "contradicted"),
    [
        ("en", "It does not work without power.", "It works without power.", True),
        ("en", "It does not work without power.", "It never works without power.", False),
        ("zh", "这个结果非常重要。", "这个结果重要。", False),
        ("zh", "桥不仅坚固，也美观。", "桥坚固美观。", False),
        ("zh", "船没有到达杭州。", "船到达杭州。", True),
        ("ja", "列車は必ず停止する。", "列車は停止する。", False),
        ("ja", "列車は停止しない。", "列車は停止する。", True),
        ("ja", "列車は停止しなければならない。", "列車は停止する。", False),
        ("vi", "Không khí trong hang rất lạnh.", "Trong hang không khí rất lạnh.", False),
        ("vi", "Tàu không được neo trong vịnh.", "Tàu được neo trong vịnh.", True),
        ("nl", "De sluis is niet open.", "De sluis is open.", True),
        ("pl", "Woda nie zalała kopalni.", "Woda zalała kopalnię.", True),
    ],
)
def test_contradicts_in_the_language(language: str, sentence: str, other: str, *, contradicted: bool) -> None:
    """A negation more or less contradicts; words that only look like one do not."""
    assert contradicts(sentence, [other], language) is contradicted
