"""Reading what a language model answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.domain.article import ParagraphKind
from copydesk.writers.model.answers import lines_of, paragraphs_of, plain

IDS = ("a", "b", "c")


def cited(text: str, *, complete: bool = True) -> list[tuple[str, tuple[str, ...]]]:
    """The sentences of an answer with their passages."""
    paragraphs = paragraphs_of(text, IDS, "en", complete=complete)
    return [(s.text, s.passage_ids) for paragraph in paragraphs for s in paragraph.sentences]


@pytest.mark.parametrize(
    "text",
    [
        "The light is bright. [2]",
        "The light is bright [2].",
        "The light is bright.[2]",
        "The light is bright.[^2]",
        "The light is bright. \u30102\u3011",
        "The light is **bright**. [2]",
        "<think>Let me see: [1] or [3]?</think>The light is bright. [2]",
        "no start of thoughts</think>\nThe light is bright. [2]",
        "```markdown\nThe light is bright. [2]\n```",
        "## The Light\n\nThe light is bright. [2]",
        "The Light\n\nThe light is bright. [2]",
        "The light is [bright](https://invented.example/x). [2]",
        "The light is bright. [2]\n\n[2]: https://invented.example",
        "The light is bright. [2]\n\nSources:\n1. Somewhere",
        "<script>alert('x')</script>The light is bright. [2]",
        '<p onclick="x()">The light is bright. [2]</p>',
        "<|im_start|>The light is bright. [2]",
    ],
)
def test_sentence_has_its_passage_when_it_is_wrapped_in_anything(text: str) -> None:
    """However models dress a sentence and its number, the sentence and its passage are found."""
    assert cited(text) == [("The light is bright.", ("b",))]


def test_passages_are_several_when_numbers_are() -> None:
    """Lists and runs of numbers count; numbers that no passage has are dropped."""
    assert cited("One thing is so. [1, 3] Another is not. [2][1] A third may be. [9]") == [
        ("One thing is so.", ("a", "c")),
        ("Another is not.", ("b", "a")),
        ("A third may be.", ()),
    ]


def test_sentences_before_a_mark_are_apart_when_they_are_several() -> None:
    """A mark belongs to the sentence that it follows, and to no other."""
    assert cited("Ships need light. They find the harbour by it. [1]") == [
        ("Ships need light.", ()),
        ("They find the harbour by it.", ("a",)),
    ]


def test_last_sentence_goes_when_the_answer_was_cut_off() -> None:
    """A cut sentence is never kept; a whole one at the end is."""
    assert cited("Ships need light. [1] They find the har", complete=False) == [("Ships need light.", ("a",))]
    assert cited("Ships need light. [1]", complete=False) == [("Ships need light.", ("a",))]
    assert cited("Ships need li", complete=False) == []


def test_items_are_items_when_listed() -> None:
    """A list stays one, without its bullets."""
    paragraphs = paragraphs_of("- Ships need light. [1]\n- Keepers tend it. [2]", IDS, "en", complete=True)
    assert [(p.kind, p.sentences[0].text) for p in paragraphs] == [
        (ParagraphKind.LIST_ITEM, "Ships need light."),
        (ParagraphKind.LIST_ITEM, "Keepers tend it."),
    ]


def test_lines_are_bare_when_a_list_is_answered() -> None:
    """Bullets, numbers, quotation marks, fences and thoughts are no part of a query."""
    text = '<think>hm</think>\n1. "lighthouse keepers"\n2) Fresnel lens\n- oil lamps\n\n```'
    assert lines_of(text) == ["lighthouse keepers", "Fresnel lens", "oil lamps"]


@given(st.text(max_size=300))
def test_anything_is_read_without_error(text: str) -> None:
    """No answer breaks the reader, and no markup of HTML survives it."""
    assert "<script" not in plain(text)
    for paragraph in paragraphs_of(text, IDS, "en", complete=False):
        for sentence in paragraph.sentences:
            assert sentence.text.strip()
            assert set(sentence.passage_ids) <= set(IDS)
