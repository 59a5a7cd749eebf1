"""Which language a text is in, and what a language tag is."""

import pytest

from copydesk.domain.language import is_language_tag, language_name, same_language
from copydesk.language.detect import detect_language

PROMPTS = [
    ("en", "Solar power"),
    ("en", "best coffee grinders 2024"),
    ("en", "Introduction to Kubernetes"),
    ("en", "Write about the Japanese word 木漏れ日"),
    ("de", "Schreibe einen Artikel über Wärmepumpen"),
    ("de", "Wärmepumpe kaufen"),
    ("de", "Klimawandel"),
    ("fr", "Vélo électrique"),
    ("fr", "Réchauffement climatique"),
    ("es", "La historia del café"),
    ("es", "Cambio climático"),
    ("it", "Storia del caffè"),
    ("pt", "História do café"),
    ("pt", "Energia solar em Portugal"),
    ("nl", "De geschiedenis van koffie"),
    ("tr", "kahvenin tarihi"),
    ("ru", "История кофе"),
    ("uk", "Історія кави"),
    ("ar", "تاريخ القهوة"),
    ("el", "Η ιστορία του καφέ"),  # noqa: RUF001 - Greek letters
    ("th", "ประวัติศาสตร์กาแฟ"),
    ("zh", "咖啡的历史"),
    ("zh", "写一篇关于Python的文章"),
    ("ja", "コーヒーの歴史"),
    ("ko", "커피의 역사"),
]


@pytest.mark.parametrize(("language", "prompt"), PROMPTS)
def test_detect_language_of_short_prompts(language: str, prompt: str) -> None:
    """The language of prompts of a few words is found."""
    assert detect_language(prompt) == language


def test_detect_language_of_prose_whatever_the_default() -> None:
    """A paragraph's language does not follow the caller's default."""
    text = (
        "Eine Wärmepumpe entzieht der Umgebung Wärme und hebt sie mit Strom auf ein höheres Temperaturniveau. "
        "Entscheidend ist die Vorlauftemperatur der Heizung, die auch an kalten Tagen niedrig bleiben sollte."
    )
    assert detect_language(text, default="fr") == "de"


@pytest.mark.parametrize("text", ["", "  ", "123 / 456", "🙂🙂", "https://example.test/de/artikel"])
def test_detect_language_without_letters_to_tell(text: str) -> None:
    """Where nothing tells, the default is answered."""
    assert detect_language(text, default="pt") == "pt"


def test_detect_language_of_an_ambiguous_word_favours_the_default() -> None:
    """A name that is the same in many languages is taken for the caller's."""
    assert detect_language("Berlin", default="de") == "de"


@pytest.mark.parametrize("tag", ["en", "de-AT", "zh-Hant", "sr-Latn-RS", "pt-BR", "EN", "gsw", "de-1996"])
def test_is_language_tag_for_registered_tags(tag: str) -> None:
    """Registered tags of languages are accepted."""
    assert is_language_tag(tag)


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "x",
        "english",
        "en_US",
        "en-",
        "-en",
        "xx",
        "qaa",
        "und",
        "mul",
        "zxx",
        "de-QQQQQ",
        "en US",
        "x-private",
        "é",
    ],
)
def test_is_language_tag_for_anything_else(tag: str) -> None:
    """Malformed and unregistered tags, and those that name no language, are refused."""
    assert not is_language_tag(tag)


def test_same_language_across_regions() -> None:
    """Regions and scripts do not matter, languages do."""
    assert same_language("en-GB", "en")
    assert same_language("PT-br", "pt-PT")
    assert not same_language("en", "de")


def test_language_name_of_a_tag() -> None:
    """A tag's language has an English name."""
    assert language_name("de-AT") == "German"
