"""Structured answers of models that know more or fewer ways to give them."""

from collections.abc import Sequence

import pytest
from support.answering import Given

from copydesk.errors import CallRejected, ContextOverflow, LlmError, UnusableAnswer
from copydesk.ports import ModelCall
from copydesk.writers.model.forms import OutlineAnswer, SeoAnswer
from copydesk.writers.model.structured import Asker

CALL = ModelCall(purpose="outline", instructions="Plan.", prompt="Tea", max_tokens=100)
GOOD = '{"title": "Tea", "sections": [{"heading": "Leaves", "passages": [1, 2]}]}'
LINES = "Title: Tea\nLeaves | 1, 2"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"<think>{{}}</think>{GOOD}",
        f"Sure! Here it is:\n{GOOD}\nHope this helps [really].",
        GOOD[:-1],
        GOOD[:-2],
    ],
)
async def test_json_is_found_when_it_is_dressed_or_cut(text: str) -> None:
    """Fences, thoughts, chatter around it and a cut end do not hide the values."""
    answer = await Asker(Given(text), {}).ask(CALL, OutlineAnswer)
    assert (answer.title, answer.sections[0].heading, answer.sections[0].passages) == ("Tea", "Leaves", [1, 2])


@pytest.mark.parametrize(
    ("answers", "way"),
    [
        ((GOOD,), "native"),
        (("no", GOOD), "tool"),
        ((CallRejected("no tools"), CallRejected("none"), GOOD), "json"),
        (("no", "no", "no", LINES), "lines"),
    ],
)
async def test_next_way_is_tried_when_one_fails(answers: Sequence[str | LlmError], way: str) -> None:
    """Schema, function, JSON in words, lines: the first that works is remembered and asked first from then on."""
    known: dict[str, str] = {}
    model = Given(*answers)
    await Asker(model, known).ask(CALL, OutlineAnswer)
    assert known == {"given": way}
    again = Given(LINES if way == "lines" else GOOD)
    await Asker(again, known).ask(CALL, OutlineAnswer)
    assert len(again.calls) == 1


async def test_answer_is_unusable_when_no_way_works() -> None:
    """After a bounded number of ways the answer counts as of no use; the error names the call."""
    model = Given(*["nonsense"] * 9)
    with pytest.raises(UnusableAnswer, match="outline"):
        await Asker(model, {}).ask(CALL, OutlineAnswer)
    assert len(model.calls) <= 4


@pytest.mark.parametrize("error", [ContextOverflow("too long"), LlmError("away")])
async def test_failure_is_raised_when_it_is_no_matter_of_form(error: LlmError) -> None:
    """An endpoint that is away, or a prompt that is too long, is not asked again in another way."""
    model = Given(error)
    with pytest.raises(type(error)):
        await Asker(model, {}).ask(CALL, OutlineAnswer)
    assert len(model.calls) == 1


def test_fields_are_read_when_given_as_lines() -> None:
    """Names in any case, with colons and bold marks, in any order; a missing one is an error."""
    answer = SeoAnswer.from_lines("**Slug:** tea\nTITLE: Tea for All\nDescription: All about tea.\nexcerpt: Tea.")
    assert (answer.title, answer.slug) == ("Tea for All", "tea")
    with pytest.raises(ValueError, match="description"):
        SeoAnswer.from_lines("Title: x\nSlug: y\nExcerpt: z")
