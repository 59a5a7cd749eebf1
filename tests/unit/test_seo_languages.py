# ruff: noqa: RUF001 -- commas, quotation marks and letters as the languages write them
"""Search fields and checks in the languages that are known well, and in others."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.domain.article import CheckStatus, SeoFields
from copydesk.domain.brief import Brief, WordRange
from copydesk.domain.words import count_words, display_width
from copydesk.seo.checks import check_article
from copydesk.seo.clean import find_unclean
from copydesk.seo.fields import slugify, valid_fields
from copydesk.seo.keywords import KeywordText
from copydesk.seo.phrases import breaks, dangling_words
from copydesk.seo.phrasing import is_complete, shorten_phrase
from copydesk.seo.slugs import is_slug
from copydesk.seo.tells import model_talk_in, placeholder_in

FOLDER = Path(__file__).parents[1] / "languages"
KEYWORDS = {
    "en": "Thames Barrier",
    "de": "Kölner Dom",
    "fr": "canal du Midi",
    "es": "Alhambra",
    "pt": "Ponte 25 de Abril",
    "it": "cupola del Duomo",
    "nl": "Afsluitdijk",
    "pl": "kopalnia soli",
    "vi": "vịnh Hạ Long",
    "zh": "京杭大运河",
    "ja": "東海道新幹線",
}
LONG_TITLES = {
    "en": "The Thames Barrier and the Protection of London against Storm Surges since the Flood of 1953",
    "de": "Der Kölner Dom und seine Türme im Wandel der Jahrhunderte zwischen Gotik und Gegenwart",
    "fr": "Le canal du Midi et ses écluses entre Toulouse et la Méditerranée depuis le XVIIe siècle",
    "es": "La Alhambra de Granada y los palacios nazaríes desde la Edad Media hasta nuestros días",
    "pt": "A Ponte 25 de Abril e a travessia do Tejo entre Lisboa e Almada desde os anos sessenta",
    "it": "La cupola del Duomo di Firenze e la tecnica di Brunelleschi per costruire senza armature",
    "nl": "De Afsluitdijk en de strijd tegen het water tussen Noord-Holland en Friesland sinds 1932",
    "pl": "Kopalnia soli w Wieliczce i jej podziemne kaplice oraz komory od średniowiecza do dzisiaj",
    "vi": "Vịnh Hạ Long và những hang động nổi tiếng trong di sản thiên nhiên của tỉnh Quảng Ninh",
    "zh": "京杭大运河的历史与沿岸城市的发展，以及漕运制度对南北经济文化交流的深远影响和意义",
    "ja": "東海道新幹線の歴史と速度の向上、安全を支える技術、そして環境への取り組みとこれからの計画",
}
SHORTENED = {
    "en": "The Thames Barrier and the Protection of London",
    "zh": "京杭大运河的历史与沿岸城市的发展",
    "ja": "東海道新幹線の歴史と速度の向上、安全を支える技術",
}
LANGUAGES = tuple(KEYWORDS)
OTHERS = ("sv", "tr", "fi", "ar", "th", "hi", "ko", "ru", "hu", "he", "cs", "el", "fa", "id")


def body_of(language: str) -> str:
    """The language's text without its title."""
    return (FOLDER / f"{language}.md").read_text(encoding="utf-8").split("\n", 1)[1].strip()


def fields_of(language: str, *, title: str, body: str, keyword: str = "", **offered: str) -> SeoFields:
    """The fields for a title and text, with a proposal."""
    brief = Brief(
        prompt=title,
        topic=keyword or title,
        keywords=(keyword,) if keyword else (),
        language=language,
        words=WordRange(minimum=100, maximum=200),
    )
    values: dict[str, Any] = {"seo_title": "", "seo_description": "", "slug": "", "excerpt": "", "keywords": ()}
    proposed = SeoFields(**(values | offered))
    return valid_fields(brief=brief, title=title, opening=body.split("\n", 1)[0], body=body, proposed=proposed)


def assert_valid(fields: SeoFields, language: str) -> None:
    """The limits hold, and title and description are complete."""
    assert 30 <= display_width(fields.seo_title) <= 60
    assert 120 <= display_width(fields.seo_description) <= 156
    assert is_complete(fields.seo_title, language)
    assert is_complete(fields.seo_description, language)
    assert is_slug(fields.slug)


@pytest.mark.parametrize("language", LANGUAGES)
def test_valid_fields_of_a_text_in_the_language(language: str) -> None:
    """Title, description and slug are valid and have the keyword; the slug keeps the language's letters."""
    keyword = KEYWORDS[language]
    fields = fields_of(language, title=LONG_TITLES[language], body=body_of(language), keyword=keyword)
    assert_valid(fields, language)
    assert keyword in KeywordText(fields.seo_title, language)
    assert keyword in KeywordText(fields.seo_description, language)
    assert keyword in KeywordText(fields.slug.replace("-", " "), language) or fields.slug == slugify(keyword)


@settings(deadline=None, max_examples=60)
@given(data=st.data(), language=st.sampled_from(LANGUAGES))
def test_valid_fields_when_a_proposed_title_is_of_any_words(data: st.DataObject, language: str) -> None:
    """Whatever words of the language a title is made of, the fields are complete and cut in no word."""
    words = body_of(language).replace("#", "").split()
    start = data.draw(st.integers(0, max(0, len(words) - 30)))
    size = data.draw(st.integers(1, 30))
    text = ("" if language in ("zh", "ja") else " ").join(words[start : start + size])
    fields = fields_of(language, title=text, body=body_of(language), seo_title=text, seo_description=text)
    assert_valid(fields, language)
    if text.startswith(fields.seo_title) and language not in ("zh", "ja"):
        after = text[len(fields.seo_title) : len(fields.seo_title) + 1]
        assert not after.isalnum()


@pytest.mark.parametrize("language", LANGUAGES)
def test_shorten_phrase_of_a_long_title(language: str) -> None:
    """A title that is too long ends before what only adds to it: no word is cut, none dangles."""
    title = LONG_TITLES[language]
    short = shorten_phrase(title, 20, 60, language)
    assert short is not None
    assert title.startswith(short)
    assert breaks(language).match(title, len(short)) is not None
    assert short.split()[-1].lower() not in dangling_words(language)
    offered = fields_of(language, title="Neutral", body=body_of(language), seo_title=title)
    assert_valid(offered, language)
    assert short == SHORTENED.get(language, short)


def test_shorten_phrase_without_a_place_to_end() -> None:
    """Where nothing shows that a beginning is whole, there is none; a comma in a number shows nothing."""
    assert shorten_phrase("The Barrier and How Engineers in London Keep the North Sea Out", 20, 50, "en") is None
    assert shorten_phrase("Wonderful 3,300 tonnes steel gates everywhere today", 5, 30, "en") is None


def test_valid_fields_when_a_proposed_description_is_too_long_takes_its_first_sentences() -> None:
    """The whole sentences that fit stay, the rest goes."""
    first = (
        "The Thames Barrier keeps storm surges of the North Sea out of London, with ten gates that turn between piers."
    )
    long = f"{first} It was opened by the Queen. {'It is a very long barrier indeed, and wide. ' * 3}"
    fields = fields_of(
        "en", title="The Thames Barrier in London", body=body_of("en"), keyword="Thames Barrier", seo_description=long
    )
    assert fields.seo_description == f"{first} It was opened by the Queen."


@pytest.mark.parametrize(
    ("language", "text", "keyword", "count"),
    [
        ("pl", "W kopalni soli pracują górnicy, a kopalnie soli są stare.", "kopalnia soli", 2),
        ("nl", "Oude dijken en een nieuwe dijk.", "dijk", 2),
        ("it", "Le cupole e la cupola di Firenze.", "cupola", 2),
        ("pt", "As pontes e a ponte sobre o Tejo.", "ponte", 2),
        ("vi", "Vịnh Hạ Long rộng lớn; thăm vịnh Hạ Long vào mùa thu.", "vịnh Hạ Long", 2),
        ("zh", "京杭大运河很长。游客沿京杭大运河旅行。", "京杭大运河", 2),
        ("ja", "東海道新幹線の駅と東海道新幹線の列車。", "東海道新幹線", 2),
        ("ja", "コーヒーの産地", "コーヒー", 1),
        ("de", "Der Dom und die Dome des Rheinlands.", "Dom", 2),
    ],
)
def test_keywords_are_found_in_the_language(language: str, text: str, keyword: str, count: int) -> None:
    """In their inflections where there is a dictionary, as characters where no spaces are written."""
    assert KeywordText(text, language).count(keyword) == count


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Kopalnia soli w Wieliczce", "kopalnia-soli-w-wieliczce"),
        ("Vịnh Hạ Long", "vịnh-hạ-long"),
        ("京杭大运河的历史", "京杭大运河的历史"),
        ("東海道新幹線：歴史と技術", "東海道新幹線-歴史と技術"),
        ("L'été à Paris", "lété-à-paris"),
    ],
)
def test_slugify_keeps_letters(title: str, slug: str) -> None:
    """Slugs keep the letters of every language."""
    assert slugify(title) == slug
    assert is_slug(slug)


def report_of(language: str, content: str, *, keyword: str) -> dict[str, CheckStatus]:
    """How each check comes out."""
    fields = fields_of(language, title=keyword, body=content, keyword=keyword)
    report = check_article(
        title=keyword,
        content=content,
        seo_title=fields.seo_title,
        seo_description=fields.seo_description,
        slug=fields.slug,
        keywords=[keyword],
        primary_keyword=keyword,
        language=language,
        words=None,
        json_ld=None,
    )
    return {check.id: check.status for check in report.checks}


@pytest.mark.parametrize("language", LANGUAGES)
def test_check_article_of_a_text_in_the_language(language: str) -> None:
    """Plain prose is readable and has its keyword by the language's own measure, and is clean."""
    content = body_of(language)
    checks = report_of(language, content, keyword=KEYWORDS[language])
    names = ("sentence_length", "paragraph_length", "subheading_distance", "keyword_in_first_paragraph", "title_length")
    assert {name: checks[name] for name in names} == dict.fromkeys(names, CheckStatus.PASS)
    assert checks["keyword_density"] in (CheckStatus.PASS, CheckStatus.WARN)
    assert find_unclean(content, title="T", language=language, prompt=None) == []


@pytest.mark.parametrize("language", OTHERS)
def test_checks_of_another_language(language: str) -> None:
    """Where no word list is known, nothing fails for it and the fields are valid."""
    paragraph, sentence = tomllib.loads((FOLDER / "further.toml").read_text(encoding="utf-8"))[language]
    keyword = paragraph.split()[0].strip(".,")
    content = f"{paragraph}\n\n## {sentence[:20].strip()}\n\n{sentence}\n"
    checks = report_of(language, content, keyword=keyword)
    for name in ("title_length", "description_length", "slug_form", "keyword_in_first_paragraph", "paragraph_length"):
        assert checks[name] is CheckStatus.PASS
    assert checks.get("sentence_length", CheckStatus.PASS) is CheckStatus.PASS
    assert ("sentence_length" in checks) is (language != "th")
    flaws = find_unclean(content, title="T", language=language, prompt=None)
    assert [flaw.kind for flaw in flaws] == []


def test_sentence_length_follows_the_language_and_not_a_word_in_it() -> None:
    """An English text that names something in Japanese keeps the limit of English."""
    long = f"The word 木漏れ日 {'is one that many people know well ' * 5}."
    assert count_words(long) > 25
    assert report_of("en", f"{long}\n", keyword="word")["sentence_length"] is CheckStatus.FAIL
    assert report_of("vi", f"{'một câu dài vừa phải ' * 6}.\n", keyword="câu")["sentence_length"] is CheckStatus.PASS


def test_repeated_sentences_of_wide_characters() -> None:
    """Short phrases may come again in Chinese; whole sentences may not."""
    short = "运河很长。北京很大。运河很长。天津在北方。"
    assert find_unclean(short, title="T", language="zh", prompt=None) == []
    long = "京杭大运河全长约1794公里，经过四个省。"
    flaws = find_unclean(f"{long}北京很大。{long}", title="T", language="zh", prompt=None)
    assert [flaw.kind for flaw in flaws] == ["repeated"]


@pytest.mark.parametrize(
    "text",
    [
        "Come modello linguistico, non posso dare consigli.",
        "Como modelo de linguagem, não posso responder.",
        "Als taalmodel kan ik geen mening geven.",
        "Jako model językowy nie mogę tego ocenić.",
        "Là một mô hình ngôn ngữ, tôi không thể trả lời.",
        "作为一个人工智能语言模型，我无法回答。",
        "AI言語モデルとして、私は答えられません。",
        "Ecco l'articolo sulla cupola.",
        "Aqui está o artigo sobre a ponte.",
        "Hier is het artikel over de dijk.",
        "Oto artykuł o kopalni.",
        "Dưới đây là bài viết về vịnh.",
        "好的，以下是关于大运河的文章：",
        "はい、以下に記事を書きます。",
    ],
)
def test_model_talk_in_the_language(text: str) -> None:
    """What a model says of itself or its task is found."""
    assert model_talk_in(text) is not None


@pytest.mark.parametrize("text", ["[wstaw nazwę]", "[invoegen]", "[在此插入标题]", "[ここに挿入]", "[chèn ảnh]"])
def test_placeholder_in_the_language(text: str) -> None:
    """Placeholders in brackets are found."""
    assert placeholder_in(text) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_tells_in_true_text(language: str) -> None:
    """Plain facts are no model talk and no placeholder."""
    for paragraph in body_of(language).split("\n\n"):
        assert model_talk_in(paragraph) is None
        assert placeholder_in(paragraph) is None
