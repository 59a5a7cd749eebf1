"""The topic of a prompt, without its instructions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.evidence.topic import MAX_CHARACTERS, names_only_material, subject_of, topic_phrase

TOPICS = [
    ("en", "Write an article about heat pumps for beginners, 500 words", "heat pumps"),
    (
        "en",
        "Write a 1,200-word blog post on the history of coffee in Ethiopia. Be friendly.",
        "the history of coffee in Ethiopia",
    ),
    ("en", "Explain how photosynthesis works in simple language", "how photosynthesis works"),
    ("en", "best coffee grinders 2024", "best coffee grinders 2024"),
    (
        "en",
        "Please write a comprehensive, SEO-optimized guide to growing tomatoes indoors, including examples",
        "growing tomatoes indoors",
    ),
    ("en", "How do heat pumps work?", "How do heat pumps work"),
    ("en", "Create an in-depth report on air quality in Delhi based on the attached files", "air quality in Delhi"),
    ("en", "I need a blog post about the best laptops for students", "the best laptops for students"),
    ("en", "Topic: Rust vs Go\nAudience: developers", "Rust vs Go"),
    ("en", "An introduction to Kubernetes", "Kubernetes"),
    ("en", "The columns of the Parthenon", "The columns of the Parthenon"),
    ("en", 'Write a post titled "10 Ways to Save Energy at Home"', "10 Ways to Save Energy at Home"),
    (
        "de",
        "Schreibe einen ausführlichen Artikel über Wärmepumpen im Altbau für Einsteiger, 800 Wörter",
        "Wärmepumpen im Altbau",
    ),
    ("de", "Bitte erstelle einen Ratgeber zum Thema Balkonkraftwerke", "Balkonkraftwerke"),
    ("de", "Erkläre, wie Photovoltaik funktioniert", "wie Photovoltaik funktioniert"),
    ("de", "Write an article about Berlin", "Berlin"),
    ("fr", "Écris un article sur l'énergie solaire en France pour débutants", "l'énergie solaire en France"),
    ("fr", "Rédigez un guide de 800 mots sur les pompes à chaleur, avec des exemples", "les pompes à chaleur"),
    (
        "es",
        "Escribe un artículo sobre la historia del café en Colombia, de 800 palabras",
        "la historia del café en Colombia",
    ),
    ("it", "Scrivi un articolo sulla storia del caffè per principianti", "storia del caffè"),
    ("pt", "Escreva um artigo sobre energia solar em Portugal para iniciantes", "energia solar em Portugal"),
    ("zh", "写一篇关于咖啡历史的文章。要求800字。", "咖啡历史"),
    ("ja", "コーヒーの歴史について記事を書いてください。", "コーヒーの歴史"),
    ("ru", "История кофе", "История кофе"),
    ("en", "...", "..."),
]


@pytest.mark.parametrize(("language", "prompt", "topic"), TOPICS)
def test_topic_phrase_of_a_prompt(language: str, prompt: str, topic: str) -> None:
    """The topic is what stands between what is asked for and how it is to be written."""
    assert topic_phrase(prompt, language) == topic


def test_topic_phrase_of_a_long_prompt_ends_with_a_whole_word() -> None:
    """A long topic is cut before a clause or between words."""
    prompt = (
        "Seattle weather: how much rain and sun the city gets through the year, from daily measurements of four years"
    )
    assert topic_phrase(prompt, "en") == "Seattle weather"
    prompt = "How much rain and sun the city of Seattle gets through the year, from daily measurements of four years"
    assert topic_phrase(prompt, "en") == "How much rain and sun the city of Seattle gets through the year"
    assert topic_phrase("Rust vs Go: which is faster?", "en") == "Rust vs Go: which is faster"
    words = "photosynthesis " * 12
    assert topic_phrase(words, "en") == " ".join(["photosynthesis"] * 5)


@settings(deadline=None)  # the first example loads dictionaries
@given(st.text(min_size=1, max_size=300), st.sampled_from(["en", "de", "fr", "es", "it", "pt", "ja", "xx"]))
def test_topic_phrase_of_any_text(prompt: str, language: str) -> None:
    """Whatever the prompt, the topic is short, and empty only for blank text."""
    topic = topic_phrase(prompt, language)
    assert len(topic) <= MAX_CHARACTERS
    assert topic or not prompt.strip()


def test_names_only_material_for_a_prompt_about_a_file() -> None:
    """A topic such as "the attached report" names no subject."""
    assert names_only_material("the attached report", "en")
    assert names_only_material("die angehängte Datei", "de")
    assert not names_only_material("the attached report on coffee", "en")


@pytest.mark.parametrize(
    ("topic", "language", "subject"),
    [
        ("The carbon cycle", "en", "carbon cycle"),
        ("Die Geschichte der Leuchttürme", "de", "Geschichte der Leuchttürme"),
        ("heat pumps", "en", "heat pumps"),
        ("The", "en", "The"),
        ("Der Spiegel", "xx", "Der Spiegel"),
    ],
)
def test_subject_is_named_without_its_article(topic: str, language: str, subject: str) -> None:
    """A text that is about "the carbon cycle" need not repeat the article to name it."""
    assert subject_of(topic, language) == subject
