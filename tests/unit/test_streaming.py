"""What may be shown of an unfinished answer, and the text of an article by its sections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.domain.article import Outline, SectionPlan
from copydesk.pipeline.events import section_texts
from copydesk.writers.model.streaming import shown_so_far


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("The air holds carbon dioxide [1, 2]. It rises [3].", "The air holds carbon dioxide. It rises."),
        ("It rises【4】.", "It rises."),
        ("<think>Let me see. The passages say", ""),
        ("<think>Let me see.</think>The air", "The air"),
        ("<thi", ""),
        ("The air holds <", "The air holds"),
        ("Where 3 < 4 holds, the air", "Where 3 < 4 holds, the air"),
        ("It rises [", "It rises"),
        ("It rises [1", "It rises"),
        ("See [the curve](https://example.org/a", "See"),
        ("A **strong", "A strong"),
        ("A strong*", "A strong"),
        ("## Heading\n\nThe air", "The air"),
        ("<script>alert(1)", ""),
    ],
)
def test_only_text_is_shown_when_an_answer_is_unfinished(raw: str, shown: str) -> None:
    """No thought, mark or markup, nor the beginning of one."""
    assert shown_so_far(raw) == shown


@given(st.integers(min_value=0, max_value=400))
def test_thoughts_are_never_shown_when_the_answer_is_cut_anywhere(end: int) -> None:
    """Whatever the piece ends with: nothing that stands inside the tags is shown, and what is shown only grows."""
    raw = "<think>SECRET plan: [1] and 2 < 3, *SECRET* `SECRET`</think>The **air** holds [1] more.\n\nAnd [2, 3] so on."
    shown = shown_so_far(raw[:end])
    assert "SECRET" not in shown
    assert "The air holds more.\n\nAnd so on.".startswith(shown.rstrip())


def test_sections_are_found_again_when_the_article_is_set() -> None:
    """Each heading's text without footnote definitions; a section that was left out is empty."""
    plans = [("intro", None), ("s1", "The *station*"), ("s2", "Gone"), ("s3", "The curve")]
    outline = Outline(
        title="Air",
        sections=tuple(
            SectionPlan(section_id=name, heading=heading, level=2, words=50, passage_ids=()) for name, heading in plans
        ),
    )
    content = (
        "Opening.[^1]\n\n## The \\*station\\*\n\nIt stands.[^1]\n\n- One\n- Two\n\n## The curve\n\nIt rises.\n\n"
        "[^1]: A source.\n"
    )
    assert section_texts(outline, content) == {
        "intro": "Opening.[^1]",
        "s1": "It stands.[^1]\n\n- One\n- Two",
        "s2": "",
        "s3": "It rises.",
    }
