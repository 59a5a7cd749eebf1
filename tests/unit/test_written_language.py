"""Whether short texts are written in the language that they should be in."""

import tomllib
from functools import cache
from pathlib import Path

import pytest

from copydesk.domain.sentences import split_sentences
from copydesk.language.written import foreign_sentences, other_language, written_in
from copydesk.seo.language import foreign_paragraphs

FOLDER = Path(__file__).parents[1] / "languages"
KNOWN = ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "vi", "zh", "ja")
FURTHER = (
    *("da", "no", "sv", "fi", "tr", "cs", "sk", "ro", "ca", "gl", "hu", "id", "ru", "uk", "el", "ar", "hi", "th", "ko"),
    *("he", "fa"),
)


@cache
def paragraphs(language: str) -> tuple[str, ...]:
    """Paragraphs in a language."""
    if language in KNOWN:
        blocks = (FOLDER / f"{language}.md").read_text(encoding="utf-8").strip().split("\n\n")
        return tuple(block for block in blocks if not block.startswith("#"))
    return tuple(tomllib.loads((FOLDER / "further.toml").read_text(encoding="utf-8"))[language])


@cache
def sentences(language: str) -> tuple[str, ...]:
    """Their sentences."""
    return tuple(text for paragraph in paragraphs(language) for text in split_sentences(paragraph, language))


@pytest.mark.parametrize("language", [*KNOWN, *FURTHER])
def test_written_in_the_right_language(language: str) -> None:
    """No section, paragraph or sentence is refused in its own language."""
    right = [*paragraphs(language), *sentences(language), " ".join(paragraphs(language)[:4])]
    assert [(text, other_language(text, language)) for text in right if not written_in(text, language)] == []
    assert list(foreign_sentences(" ".join(paragraphs(language)[:4]), language)) == []


@pytest.mark.parametrize("language", KNOWN)
def test_written_in_when_a_section_is_in_another_language(language: str) -> None:
    """A section of two or three paragraphs is refused in every other language, and the right one is named."""
    found = paragraphs(language)
    sections = [" ".join(found[start : start + 3]) for start in range(0, len(found) - 2, 3)]
    for wanted in KNOWN:
        for section in sections if wanted != language else ():
            assert other_language(section, wanted) in (language, "Latin", "Han")


@pytest.mark.parametrize("language", KNOWN)
def test_written_in_when_a_sentence_is_in_another_language(language: str) -> None:
    """More than nine of ten sentences are refused in any other language: the rest is names, or reads as both."""
    asked = [(text, wanted) for text in sentences(language) for wanted in KNOWN if wanted != language]
    assert sum(written_in(text, wanted) for text, wanted in asked) < 0.1 * len(asked)


@pytest.mark.parametrize("language", FURTHER)
def test_written_in_when_a_further_language_stands_for_english(language: str) -> None:
    """A paragraph in another language is not taken for English or Chinese."""
    assert not written_in(paragraphs(language)[0], "en")
    assert not written_in(paragraphs(language)[0], "zh")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The song “Non, je ne regrette rien” was sung by Édith Piaf and written by Michel Vaucaire."),
        ("en", "Die Zeit, Der Spiegel and Süddeutsche Zeitung are German papers."),
        ("en", "São Paulo, Rio de Janeiro, Belo Horizonte and Porto Alegre."),
        ("de", "Der Roman „The Old Man and the Sea“ von Ernest Hemingway erschien 1952."),
        ("de", "Google Cloud Platform und Amazon Web Services bieten Machine Learning als Service an."),
        ("fr", "Le groupe The Rolling Stones a joué « You Can't Always Get What You Want » au Stade de France."),
        ("es", "La Gran Vía va de la calle de Alcalá a la plaza de España."),
        ("pt", "A Casa da Música fica na Avenida da Boavista, no Porto."),
        ("it", 'Il film "The Great Beauty" di Paolo Sorrentino vinse l\'Oscar.'),
        ("nl", "Het album van The Beatles heet Sgt. Pepper's Lonely Hearts Club Band."),
        ("pl", "Film „Cold War” wyreżyserował Paweł Pawlikowski."),
        ("vi", "Công ty Samsung Electronics sản xuất điện thoại Galaxy tại Thái Nguyên."),
        ("zh", "Python和JavaScript是GitHub上使用最多的编程语言。"),
        ("zh", "日本作家的小说《ノルウェイの森》在中国很受欢迎。"),
        ("ja", "GoogleとMicrosoftは2023年にAIサービスを発表した。"),
        ("ja", "東京都千代田区丸の内"),
        ("da", "København, Aarhus og Odense er store byer."),
        ("no", "Oslo, Bergen og Trondheim er store byer."),
        ("en", "`SELECT name FROM users WHERE id = 1` returns one row."),
        ("en", "3.14159"),
        ("de", "https://www.example.com/the-best-article-about-everything"),
        ("xx", "This is English, whatever language that tag names."),
    ],
)
def test_written_in_despite_names_quotations_code_and_figures(language: str, text: str) -> None:
    """What may stand in any language does not count against one."""
    assert written_in(text, language)


@pytest.mark.parametrize("language", KNOWN)
def test_foreign_sentences_of_a_mixed_section(language: str) -> None:
    """One sentence in another language is found among right ones."""
    other = "de" if language != "de" else "fr"
    stray = max(sentences(other), key=len)
    mixed = "\n\n".join([paragraphs(language)[1], stray, paragraphs(language)[2]])
    assert list(foreign_sentences(mixed, language)) == [(stray, other)] or language in ("zh", "ja")
    assert [text for text, _ in foreign_sentences(mixed, language)] == [stray]


def test_foreign_paragraphs_of_close_languages() -> None:
    """A Portuguese paragraph in a Spanish article is found, and a short one is left alone."""
    portuguese = paragraphs("pt")[2]
    assert list(foreign_paragraphs([paragraphs("es")[1], portuguese], "es")) == [(portuguese, "pt")]
    assert list(foreign_paragraphs(["Obrigado a todos."], "es")) == []
