"""The brief that a task's input comes to."""

import pytest

from copydesk.domain.brief import WordRange
from copydesk.domain.task import TaskInput
from copydesk.pipeline.workflow import brief_of


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(None, None, (800, 1_200)), (101, None, (101, 152)), (None, 999, (699, 999)), (100, 100, (100, 100))],
)
def test_range_is_derived_when_a_bound_is_missing(low: int | None, high: int | None, expected: tuple[int, int]) -> None:
    """Neither: 800 to 1,200; the minimum alone: up to its half more, rounded up; the maximum alone: from 0.7 of it."""
    words = WordRange.derive(low, high)
    assert (words.minimum, words.maximum) == expected


def test_control_characters_are_spaces_when_text_becomes_a_title() -> None:
    """What commands a terminal reaches neither topic nor keyword; a keyword of nothing else is none."""
    brief = brief_of(
        TaskInput(user_prompt="The \x1btides\x07 of the sea\n\nWrite it well.", keywords=("ti\x1bde", "\x07"))
    )
    assert brief.topic == "The tides of the sea"
    assert brief.subject == "tides of the sea"
    assert brief.keywords == ("ti de",)


def test_language_is_the_prompts_own_when_none_is_given() -> None:
    """German prompt, German article; a tag that is given wins."""
    prompt = "Schreibe einen Artikel über die Geschichte der Leuchttürme"
    assert brief_of(TaskInput(user_prompt=prompt)).language == "de"
    assert brief_of(TaskInput(user_prompt=prompt, language="fr")).language == "fr"
