"""Search fields are valid whatever the input."""

import unicodedata
from collections.abc import Mapping

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.domain.article import SeoFields
from copydesk.domain.brief import Brief, WordRange
from copydesk.domain.words import count_words, display_width, words_of
from copydesk.seo.fields import is_slug, slugify, unique_slug, valid_fields
from copydesk.seo.keywords import contains_literally
from copydesk.seo.phrases import phrases_of
from copydesk.seo.phrasing import cut_phrase, ends_sentence, is_complete, lengthen
from copydesk.seo.tells import is_unfit_as_field

BODY = """The Keeling Curve is a graph of carbon dioxide in the air, measured at Mauna Loa since 1958.[^1] It is long.

## How it is measured

Infrared analysers look at dry air several times an hour, and flasks are filled once a week to check them.[^1]

[^1]: Scripps.
"""
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "ru", "pl", "ko", "zh", "ja", "th", "hi", "ar", "sv", "en-GB")


def brief_of(keyword: str, language: str = "en", topic: str = "the Keeling Curve") -> Brief:
    """A brief with one keyword, or none if it is empty."""
    return Brief(
        prompt=f"Write about {topic}",
        topic=topic,
        keywords=(keyword,) if keyword else (),
        language=language,
        words=WordRange(minimum=100, maximum=200),
    )


def fields_of(
    keyword: str, title: str, body: str = BODY, language: str = "en", offer: Mapping[str, object] | None = None
) -> SeoFields:
    """The fields for one keyword, title and body."""
    values: dict[str, object] = {"seo_title": "", "seo_description": "", "slug": "", "excerpt": "", "keywords": ()}
    proposed = SeoFields(**(values | dict(offer))) if offer else None  # type: ignore[arg-type] # values of a test
    opening = body.split("\n", 1)[0]
    return valid_fields(brief=brief_of(keyword, language), title=title, opening=opening, body=body, proposed=proposed)


def assert_lengths(fields: SeoFields) -> None:
    """Every limit of length and form holds."""
    assert 30 <= display_width(fields.seo_title) <= 60
    assert 120 <= display_width(fields.seo_description) <= 156
    assert is_slug(fields.slug)
    assert 0 < len(fields.excerpt) <= 300 or not fields.seo_title.strip()
    assert len(fields.keywords) <= 10


@settings(deadline=None, max_examples=150)
@given(
    keyword=st.text(max_size=300),
    title=st.text(max_size=200),
    body=st.text(max_size=400),
    language=st.sampled_from(LANGUAGES),
)
def test_valid_fields_when_input_is_anything_keeps_the_limits(
    keyword: str, title: str, body: str, language: str
) -> None:
    """Title, description and slug have their lengths and form for any text in any language."""
    fields = valid_fields(
        brief=brief_of(keyword, language, topic=title), title=title, opening="", body=body, proposed=None
    )
    assert 30 <= display_width(fields.seo_title) <= 60
    assert 120 <= display_width(fields.seo_description) <= 156
    assert is_slug(fields.slug)
    assert len(fields.excerpt) <= 300


WORD = st.sampled_from(
    ["heat", "pump", "solar", "roof", "Energie", "für", "Häuser", "the", "of", "and", "wind", "power", "cost", "2024"]
)


@settings(deadline=None, max_examples=200)
@given(
    keyword=st.lists(WORD, min_size=1, max_size=7).map(" ".join).filter(lambda text: len(text) <= 45),
    title=st.lists(WORD, min_size=1, max_size=25).map(" ".join),
    sentences=st.lists(st.lists(WORD, min_size=3, max_size=30).map(lambda words: f"{' '.join(words)}."), max_size=6),
    language=st.sampled_from(("en", "de", "fr", "es", "it", "pt")),
)
def test_valid_fields_when_keyword_fits_holds_it_in_complete_phrases(
    keyword: str, title: str, sentences: list[str], language: str
) -> None:
    """A keyword of ordinary length stands in both; both are complete; no word or number is invented."""
    body = " ".join(sentences)
    fields = fields_of(keyword, title, body, language)
    assert contains_literally(fields.seo_title, keyword)
    assert contains_literally(fields.seo_description, keyword)
    assert is_complete(fields.seo_title, language)
    assert is_complete(fields.seo_description, language)
    phrases = phrases_of(language)
    assert phrases is not None
    given_words = {word.casefold() for word in words_of(f"{keyword} {title} {body}")}
    neutral = {word.casefold() for word in words_of(" ".join((*phrases.titles, *phrases.sentences)))}
    used = {word.casefold() for word in words_of(f"{fields.seo_title} {fields.seo_description}")}
    assert used <= given_words | neutral


def test_valid_fields_when_article_has_fitting_sentences_uses_them() -> None:
    """The description is made of the article's own sentences where they fit."""
    fields = fields_of("Keeling Curve", "The Keeling Curve and How It Is Measured")
    assert fields.seo_title == "The Keeling Curve and How It Is Measured"
    assert fields.seo_description.startswith("The Keeling Curve is a graph of carbon dioxide in the air")
    assert ends_sentence(fields.seo_description)
    assert "[^1]" not in fields.seo_description
    assert fields.slug == "the-keeling-curve-and-how-it-is-measured"
    assert fields.excerpt.startswith("The Keeling Curve is a graph")


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "nl", "ru", "pl", "ko", "zh", "ja"])
def test_valid_fields_when_there_is_no_text_uses_neutral_phrases(language: str) -> None:
    """From a short keyword alone, in every language with phrases, both fields are complete."""
    for keyword in ("CO\u2082", "热泵"):
        fields = fields_of(keyword, keyword, "", language)
        assert_lengths(fields)
        assert contains_literally(fields.seo_title, keyword)
        assert contains_literally(fields.seo_description, keyword)
        assert fields.seo_title.count(keyword) == 1
        assert not is_unfit_as_field(fields.seo_title)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "nl", "ru", "pl", "ko", "zh", "ja"])
def test_phrases_of_when_known_can_fill_every_gap(language: str) -> None:
    """No sentence is wider than the window less a space, and together they reach it."""
    phrases = phrases_of(language)
    assert phrases is not None
    assert max(map(display_width, phrases.sentences)) <= 36
    assert display_width(phrases.space.join(phrases.sentences)) >= 120
    for width in range(1, 31):
        ends = [width + display_width(f"{phrases.colon}{phrase}") for phrase in phrases.titles]
        assert any(30 <= end <= 60 for end in ends)


@pytest.mark.parametrize(
    "keyword",
    [
        "\u00b7 " * 150,
        "\u00b7" * 300,
        "x" * 300,
        "word " * 60,
        "a, b, c, " * 30,
        "日" * 150,
        "e\u0301" * 100,
        "k" + "\u0301" * 299,
        "of the " * 42,
    ],
)
def test_valid_fields_when_keyword_is_too_long_keeps_the_limits(keyword: str) -> None:
    """What cannot hold the keyword still has its length."""
    for title in ("t", keyword):
        assert_lengths(fields_of(keyword, title, BODY))
        assert_lengths(fields_of(keyword, title, "", "xx"))


@pytest.mark.parametrize("width", range(100, 160, 3))
def test_valid_fields_when_keyword_is_as_long_as_the_description(width: int) -> None:
    """A keyword that alone fills the description stands in it, in every width that fits."""
    keyword = ("climate " * 30)[: width - 1] + "e"
    fields = fields_of(keyword, "A title", "")
    assert_lengths(fields)
    assert contains_literally(fields.seo_description, keyword) == (width <= 156)


def test_valid_fields_when_keyword_asks_puts_no_colon_after_it() -> None:
    """A question keeps its mark and is followed by a new phrase."""
    fields = fields_of("What is it?", "What is it?", "")
    assert fields.seo_title.startswith("What is it? The Main Points")
    assert "?:" not in fields.seo_title + fields.seo_description


def test_valid_fields_when_brand_begins_small_keeps_its_letters() -> None:
    """A keyword with capitals of its own is not changed."""
    assert fields_of("iPhone repair", "Repair", "").seo_title.startswith("iPhone repair: ")
    assert fields_of("heat pump", "Pumps", "").seo_title.startswith("Heat pump: ")


def test_valid_fields_when_proposal_is_valid_takes_it() -> None:
    """A writer's own fields are kept where they hold."""
    offer: dict[str, object] = {
        "seo_title": "Keeling Curve: Six Decades of Carbon Dioxide",
        "seo_description": "Why the Keeling Curve rises from year to year, how the station on Mauna Loa measures it, "
        "and what the seasons have to do with its shape.",
        "slug": "keeling-curve-explained",
        "excerpt": "A short text.",
        "keywords": ("carbon dioxide", "unknown thing"),
    }
    fields = fields_of("Keeling Curve", "The Keeling Curve", offer=offer)
    assert (fields.seo_title, fields.seo_description) == (offer["seo_title"], offer["seo_description"])
    assert (fields.slug, fields.excerpt) == ("keeling-curve-explained", "A short text.")
    assert fields.keywords == ("Keeling Curve",)


@pytest.mark.parametrize(
    "offer",
    [
        {"seo_title": "Keeling Curve: 99 Facts About Carbon Dioxide"},
        {"seo_title": "Carbon Dioxide Over Six Decades at Mauna Loa"},
        {"seo_title": "Keeling Curve"},
        {"seo_title": "Keeling Curve: Six Decades of Carbon Dioxide,"},
        {"seo_title": "Keeling Curve: Six Decades of Carbon Dioxide and"},
        {"seo_title": "Keeling Curve: Six Decades [insert subtitle here]"},
        {"seo_title": "Keeling Curve: Six Decades (of carbon dioxide"},
        {"seo_title": "Keeling Curve: Six Decades of Carbon Diox\u2026"},
        {"slug": "Keeling Curve"},
        {"slug": "something-else"},
        {"excerpt": "It rose by 77 per cent."},
        {"seo_description": "Keeling Curve " + "x" * 120 + " and"},
    ],
)
def test_valid_fields_when_proposal_breaks_a_rule_replaces_it(offer: dict[str, str]) -> None:
    """Invented numbers, a missing keyword, wrong lengths and fragments are not taken."""
    fields = fields_of("Keeling Curve", "The Keeling Curve", offer=offer)
    assert_lengths(fields)
    for name, value in offer.items():
        assert getattr(fields, name) != value


def test_valid_fields_when_no_keywords_are_given_takes_the_topic_and_those_in_the_text() -> None:
    """The topic phrase comes first, then proposed keywords that the article contains."""
    fields = fields_of(
        "", "The Keeling Curve", offer={"keywords": ("carbon dioxide", "space travel", "Carbon Dioxide")}
    )
    assert fields.keywords == ("the Keeling Curve", "Carbon Dioxide")


def test_valid_fields_when_sentences_are_unfit_leaves_them_out() -> None:
    """Placeholders, model talk and URLs of a text never reach a field."""
    body = (
        "As an AI language model, I wrote on the Keeling Curve. Lorem ipsum dolor. See https://a.org/x now. Good text."
    )
    fields = fields_of("Keeling Curve", "The Keeling Curve", body)
    text = f"{fields.seo_description} {fields.excerpt}"
    assert "AI" not in text
    assert "ipsum" not in text
    assert "https" not in text


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("The Keeling Curve: How It's Measured!", "the-keeling-curve-how-its-measured"),
        ("Wärmepumpen für Häuser", "wärmepumpen-für-häuser"),
        ("cafe\u0301", "caf\u00e9"),
        ("热泵的原理", "热泵的原理"),
        ("हिन्दी में", "हिन्दी-में"),
        ("  a__b  c ", "a-b-c"),
        ("C++ & C#", "c-c"),
        ("3.14 or 1,000", "3-14-or-1-000"),
        ("", "article"),
        ("!!!", "article"),
        ("\U0001f600", "article"),
        ("x" * 100, "x" * 75),
        ("word " * 30, "-".join(["word"] * 15)),
    ],
)
def test_slugify_when_text_is_odd(text: str, slug: str) -> None:
    """Lower-case words and hyphens; Unicode letters stay; cut after a word; never empty."""
    assert slugify(text) == slug


@given(st.text(max_size=200))
def test_slugify_when_text_is_anything_is_well_formed(text: str) -> None:
    """Every slug that is made passes the check of PATCH, and slugging it again changes nothing."""
    slug = slugify(text)
    assert is_slug(slug)
    assert len(slug) <= 75
    assert slugify(slug) == slug


@pytest.mark.parametrize(
    "text", ["", "-a", "a-", "a--b", "A", "a b", "a_b", "a.b", "a/b", "x" * 76, "cafe\u0301", "\u0301a", "a\n", "É"]
)
def test_is_slug_when_malformed_refuses(text: str) -> None:
    """Anything but lower-case NFC words joined by single hyphens is refused."""
    assert not is_slug(text)


def test_unique_slug_when_taken_counts_up_within_the_limit() -> None:
    """The first free suffix is taken, and the whole has at most 75 characters."""
    assert unique_slug("a", set()) == "a"
    assert unique_slug("a", {"a", "a-2"}) == "a-3"
    long = "-".join(["word"] * 15)
    assert len(long) == 74
    assert unique_slug(long, {long}) == f"{'-'.join(['word'] * 14)}-2"
    assert unique_slug("x" * 75, {"x" * 75}) == f"{'x' * 73}-2"
    many = {"a", *(f"a-{number}" for number in range(2, 1_000))}
    assert unique_slug("a", many) == "a-1000"


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("A whole phrase", True),
        ("A whole sentence.", True),
        ("It is what it is.", True),
        ("A phrase with", False),
        ("A phrase,", False),
        ("A phrase:", False),
        ("A phrase...", False),
        ("A (phrase", False),
        ("A (phrase)", True),
        ("The", True),
        ("", False),
        ("?", False),
    ],
)
def test_is_complete_when_ends_differ(text: str, complete: bool) -> None:  # noqa: FBT001 - an expectation
    """A phrase ends in a content word or a sentence's mark, with brackets closed."""
    assert is_complete(text, "en") is complete


def test_cut_phrase_when_text_is_long_ends_after_a_content_word() -> None:
    """The longest complete beginning is taken, never a part of a word."""
    assert cut_phrase("The rise of carbon dioxide in the air", 10, 34, "en") == "The rise of carbon dioxide"
    assert cut_phrase("short", 3, 10, "en") == "short"
    assert cut_phrase("of the of the of the", 5, 13, "en") == "of the of the"


@given(st.text(min_size=1, max_size=80), st.sampled_from([(30, 60), (120, 156)]))
def test_lengthen_when_phrase_is_any_reaches_the_window(phrase: str, window: tuple[int, int]) -> None:
    """Whatever is joined comes out within the window."""
    tidy = " ".join(phrase.split()) or "x"
    assert window[0] <= display_width(lengthen([tidy], *window, "xx")) <= window[1]


def test_slugs_when_normalized_stay_nfc() -> None:
    """No slug holds a decomposed letter, and words stay words."""
    slug = slugify("A\u030angstro\u0308m Unit")
    assert unicodedata.is_normalized("NFC", slug)
    assert regex.fullmatch(r"[\p{Ll}-]+", slug)
    assert count_words(slug) == 1
