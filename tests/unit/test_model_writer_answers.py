"""What the model writer makes of single answers: judgements, corrections, text without sources."""

from dataclasses import replace

import pytest
from support.answering import Given
from support.evidence import brief_for, heat_pumps

from copydesk.domain.article import Outline, Paragraph, SectionDraft, SectionPlan, Sentence
from copydesk.domain.source import Evidence
from copydesk.errors import LlmError
from copydesk.ports import Bearing, Problem
from copydesk.writers.model import ModelWriter

EVIDENCE = heat_pumps()
BRIEF = brief_for("heat pumps in old houses", 100, 200, keywords=("heat pump",))
FREE = replace(BRIEF, allow_ungrounded=True)
NONE = Evidence(sources=(), passages=())
FIRST, SECOND = EVIDENCE.passages[:2]
PLAN = SectionPlan(section_id="s1", heading="How", level=2, words=60, passage_ids=(FIRST.passage_id,))
OUTLINE = Outline(title="Heat Pumps", sections=(PLAN,))
UNSOURCED = "A heat pump moves warmth from outside into a house. It needs power to do so, and a good deal of patience."


def _draft(*texts: str) -> SectionDraft:
    sentences = tuple(Sentence(text=text, passage_ids=(FIRST.passage_id,)) for text in texts)
    return SectionDraft(section_id="s1", heading="How", level=2, paragraphs=(Paragraph(sentences=sentences),))


def _texts(draft: SectionDraft) -> list[str]:
    return [sentence.text for paragraph in draft.paragraphs for sentence in paragraph.sentences]


async def test_judgement_is_read_when_words_and_number_are_given() -> None:
    """Letters name the sentences; a dash, an unknown number and a missing number are no support."""
    said = "a: words of the passage [1]\nb: -\nc: more words [9]\nd: words without a number"
    sentences = [Sentence(text=f"Sentence {n}.", passage_ids=(FIRST.passage_id,)) for n in range(5)]
    verdicts = await ModelWriter(Given(said), known={}).judge(BRIEF, sentences, [FIRST, SECOND])
    assert verdicts == [Bearing(passage_id=FIRST.passage_id, words="words of the passage"), None, None, None, None]


async def test_sentences_beyond_the_letters_are_not_judged() -> None:
    """One call names 26 sentences; others stay in doubt."""
    sentences = [Sentence(text=f"Sentence {n}.", passage_ids=(FIRST.passage_id,)) for n in range(30)]
    said = "\n".join(f"{letter}: words of the passage [1]" for letter in "abcdefghijklmnopqrstuvwxyz")
    verdicts = await ModelWriter(Given(said), known={}).judge(BRIEF, sentences, [FIRST])
    assert [verdict is None for verdict in verdicts] == [False] * 26 + [True] * 4


async def test_wording_stays_when_the_model_gives_none() -> None:
    """A true sentence that was only to be worded otherwise is not lost by a dash; an unsupported one goes."""
    problems = [
        Problem(kind="wording", message="Use the phrase.", sentence="One is true."),
        Problem(kind="unsupported", message="No.", sentence="Two is false."),
    ]
    writer = ModelWriter(Given("a: -\nb: -"), known={})
    mended = await writer.repair(BRIEF, _draft("One is true.", "Two is false."), problems, [FIRST])
    assert _texts(mended) == ["One is true."]


async def test_cited_passages_come_first_when_sentences_are_corrected() -> None:
    """The passages that the failing sentences cite are shown before others, and no more than a prompt should hold."""
    model = Given("a: -")
    problem = Problem(kind="unsupported", message="No.", sentence="Two is false.")
    others = [passage for passage in EVIDENCE.passages if passage is not FIRST]
    await ModelWriter(model, known={}).repair(BRIEF, _draft("Two is false."), [problem], [*others, FIRST])
    shown = [line for line in model.calls[0].prompt.splitlines() if line.startswith("[")]
    assert shown[0].startswith(f"[1] {FIRST.text[:20]}")
    assert len(shown) == 8


async def test_section_is_ungrounded_when_it_has_no_passage_and_may_be() -> None:
    """Every sentence is marked, whatever it seems to cite."""
    writer = ModelWriter(Given(f"{UNSOURCED} [3]"), known={})
    draft = await writer.section(FREE, OUTLINE, replace(PLAN, passage_ids=()), NONE)
    sentences = draft.paragraphs[0].sentences
    assert len(sentences) == 2
    assert all(sentence.ungrounded and not sentence.passage_ids for sentence in sentences)


@pytest.mark.parametrize("useless", ["", "Je ne peux répondre qu'en français, et voici pourquoi je le fais ainsi."])
async def test_second_answer_counts_when_the_first_is_of_no_use(useless: str) -> None:
    """An empty answer, or one in another language, is asked for again with the reason; a second is an LLM_ERROR."""
    plan = replace(PLAN, passage_ids=())
    model = Given(useless, UNSOURCED)
    assert _texts(await ModelWriter(model, known={}).section(FREE, OUTLINE, plan, NONE))
    assert "could not be used" in model.calls[1].instructions
    with pytest.raises(LlmError, match="twice") as raised:
        await ModelWriter(Given(useless, useless), known={}).section(FREE, OUTLINE, plan, NONE)
    assert raised.value.retryable


async def test_outline_without_sources_is_the_models() -> None:
    """Its headings make the sections, without passages; none, however it is asked, is an LLM_ERROR."""
    lines = '{"title": "Warm Houses", "sections": [{"heading": "How It Works", "passages": [1]}]}'
    outline = await ModelWriter(Given(lines), known={}).outline(FREE, NONE)
    assert outline.title == "Heat pump: Warm Houses"
    assert "Heat pump: How It Works" in [plan.heading for plan in outline.sections]
    assert all(plan.passage_ids == () for plan in outline.sections)
    with pytest.raises(LlmError):
        await ModelWriter(Given(*["No."] * 4), known={}).outline(FREE, NONE)


async def test_section_grows_from_knowledge_when_no_passage_is_left_and_it_may() -> None:
    """Where every passage is used, the rest comes from the model; something of no use leaves the section as it was."""
    draft = _draft("One is true.")
    problem = Problem(kind="too_short", message="Short.", words=40)
    longer = await ModelWriter(Given(UNSOURCED), known={}).repair(FREE, draft, [problem], [FIRST])
    added = longer.paragraphs[1].sentences
    assert all(sentence.ungrounded for sentence in added)
    assert await ModelWriter(Given(""), known={}).repair(FREE, draft, [problem], [FIRST]) == draft
