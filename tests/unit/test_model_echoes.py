"""What a model was told never becomes text of an article."""

import pytest

from copydesk.writers.model.answers import paragraphs_of
from copydesk.writers.model.echoes import repeats_prompt, without_prompt
from copydesk.writers.model.forms import SeoAnswer
from copydesk.writers.model.prompts import NAMES, fill, instructions_of
from copydesk.writers.model.wording import heading_of


@pytest.mark.parametrize("name", NAMES)
def test_instructions_are_recognized_line_by_line(name: str) -> None:
    """Every longer line of every prompt."""
    lines = [line for line in instructions_of(name).splitlines() if len(line.split()) > 12]
    assert lines
    assert all(repeats_prompt(line) for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "The passages of the canal were measured again in 1903.",
        "Add nothing.",
        "The author asked for a title, a description and an excerpt of the book.",
        "Every section has a short preface in the manuscript.",
        "",
    ],
)
def test_text_is_kept_when_it_says_something_else(text: str) -> None:
    """Single words and short runs of ours are everybody's."""
    assert not repeats_prompt(text)
    assert without_prompt(text) == text


def test_section_loses_the_sentences_that_repeat_its_prompt() -> None:
    """In the middle of a paragraph, cited or not; the others keep their citations."""
    text = (
        "Water rises. [1] State only what the passages say: no other fact, number, name or date. [1] "
        "Use your own words; copy no sentence. It falls again. [2]"
    )
    (paragraph,) = paragraphs_of(text, ("a", "b"), "en", complete=True)
    assert [(s.text, s.passage_ids) for s in paragraph.sentences] == [
        ("Water rises.", ("a",)),
        ("It falls again.", ("b",)),
    ]


def test_titles_lose_the_prompt() -> None:
    """A heading, and the fields that a search engine shows."""
    told = fill("seo", language_name="English", keyword="tides", title="", sections="", request="").instructions
    assert heading_of(f"{told}\nTides of the North Sea") == "Tides of the North Sea"
    answer = SeoAnswer(title=f"Tides. {told}", description=told, excerpt="The sea rises.", slug="tides")
    assert (answer.title, answer.description, answer.excerpt) == ("Tides.", "", "The sea rises.")
