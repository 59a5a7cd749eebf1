"""Sentences that words alone leave in doubt, and the one call that judges them."""

from dataclasses import replace

import pytest
from support.evidence import Given, brief_for, evidence_of, told

from copydesk.domain.article import Paragraph, SectionDraft, Sentence, SupportStatus
from copydesk.evidence.doubt import holds, is_doubtful, is_quoted_from
from copydesk.pipeline.assemble import assemble
from copydesk.pipeline.judging import judged
from copydesk.pipeline.mend import mend
from copydesk.pipeline.review import review
from copydesk.pipeline.settle import settle_section
from copydesk.ports import Bearing
from copydesk.writers.scripted import ScriptedWriter

EVIDENCE = evidence_of(
    [
        Given(
            title="Bees",
            told=told(
                "Honey bees cool their hive by fanning their wings and by spreading drops of water. Foragers bring the "
                "water from ponds and streams. In a hot summer a colony needs up to 4 litres a day."
            ),
        ),
        Given(title="Hives", told=told("Wooden hives keep warmth better than plastic ones do. Straw hives are rare.")),
    ]
)
BRIEF = brief_for("honey bees in summer", 5, 400)
BORNE_OUT = "Bees lower the temperature of their home by fanning with wings and wetting it."
OTHER_FIGURE = "Bees lower the temperature of their home with 9 litres of water."
UNRELATED = "Gardeners plant lavender because visitors enjoy its scent."


def _cites(text: str, *ids: str) -> Sentence:
    return Sentence(text=text, passage_ids=ids or ("s0p0",))


def _section(*sentences: Sentence) -> SectionDraft:
    return SectionDraft(section_id="intro", heading=None, level=2, paragraphs=(Paragraph(sentences=sentences),))


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        (BORNE_OUT, True),
        (OTHER_FIGURE, False),  # a figure that the passage lacks is no matter of judgement
        (UNRELATED, False),  # too few words in common
        ("Honey bees cool their hive by fanning their wings.", False),  # plainly supported
    ],
)
def test_doubt_is_found_when_words_alone_cannot_tell(text: str, *, doubtful: bool) -> None:
    """Only a sentence without a missing fact that shares some words, but not enough, is in doubt."""
    assert is_doubtful(_cites(text), EVIDENCE.passages, "en") is doubtful


def test_doubtful_sentence_holds_when_judged() -> None:
    """The judgement counts where there is a doubt, and nowhere else."""
    assert not holds(_cites(BORNE_OUT), EVIDENCE.passages, "en")
    assert holds(replace(_cites(BORNE_OUT), judged=True), EVIDENCE.passages, "en")
    for text in (OTHER_FIGURE, UNRELATED):
        assert not holds(replace(_cites(text), judged=True), EVIDENCE.passages, "en")


@pytest.mark.parametrize(
    ("words", "stands"),
    [
        ("cool their hive by fanning", True),
        ("Cool their HIVE, by fanning", True),
        ("cool their hive", False),  # too few to name a place
        ("cool their hive with ice", False),
        ("", False),
    ],
)
def test_words_are_looked_up_when_a_judge_names_them(words: str, *, stands: bool) -> None:
    """Words of the passage in a row, four at least."""
    assert is_quoted_from(words, EVIDENCE.by_passage_id["s0p0"]) is stands


async def test_sentence_is_kept_when_the_judge_names_words_that_stand_there() -> None:
    """It is marked, passes the gate, and is shown as supported."""
    bearing = Bearing(passage_id="s0p0", words="cool their hive by fanning their wings")
    writer = ScriptedWriter(borne_out={BORNE_OUT: bearing})
    (section,) = await judged(writer, BRIEF, [_section(_cites(BORNE_OUT))], EVIDENCE)
    assert section.paragraphs[0].sentences[0].judged
    mended = await mend(None, BRIEF, "Bees", [section], EVIDENCE)
    assembled = assemble(mended.sections, EVIDENCE, language="en")
    assert [sentence.text for sentence in assembled.evidence] == [BORNE_OUT]
    assert (assembled.evidence[0].support, assembled.evidence[0].judged) == (SupportStatus.SUPPORTED, True)
    assert review(assembled, BRIEF, "Bees", EVIDENCE) == []


@pytest.mark.parametrize(
    "bearing",
    [
        None,
        Bearing(passage_id="s0p0", words="lower the temperature of their home"),  # not the passage's words
        Bearing(passage_id="s1p0", words="keep warmth better than plastic ones"),  # a passage that it does not cite
        Bearing(passage_id="nowhere", words="cool their hive by fanning their wings"),
    ],
)
async def test_sentence_becomes_its_sources_own_when_the_judge_is_not_to_be_believed(bearing: Bearing | None) -> None:
    """A yes without the passage's own words is none: the source's sentence takes its place."""
    writer = ScriptedWriter(borne_out={BORNE_OUT: bearing} if bearing is not None else {})
    (section,) = await judged(writer, BRIEF, [_section(_cites(BORNE_OUT))], EVIDENCE)
    mended = await mend(None, BRIEF, "Bees", [section], EVIDENCE)
    texts = [sentence.text for sentence in mended.sections[0].paragraphs[0].sentences]
    assert texts == [EVIDENCE.by_passage_id["s0p0"].sentences[0]]
    assert mended.repaired == 1


async def test_all_doubts_go_into_one_call() -> None:
    """Two sections with doubtful sentences make one judging call; without a doubt there is none."""
    other = "Hives of wood hold heat well compared to those of plastic material."
    writer = ScriptedWriter()
    sections = [_section(_cites(BORNE_OUT)), replace(_section(_cites(other, "s1p0")), section_id="s1", heading="H")]
    await judged(writer, BRIEF, sections, EVIDENCE)
    assert writer.asked == [("judge", "")]
    await judged(writer, BRIEF, [_section(_cites("Foragers bring the water from ponds and streams."))], EVIDENCE)
    assert writer.asked == [("judge", "")]


async def test_doubtful_sentences_wait_when_a_section_is_settled() -> None:
    """A section is mended as it arrives: what is plainly wrong goes, what is in doubt stays for the judge."""
    section = replace(_section(_cites(BORNE_OUT), _cites(OTHER_FIGURE), _cites(UNRELATED)), heading="Cooling")
    settled = await settle_section(ScriptedWriter(), BRIEF, "Bees", section, EVIDENCE)
    texts = [sentence.text for paragraph in settled.paragraphs for sentence in paragraph.sentences]
    assert texts[0] == BORNE_OUT
    assert OTHER_FIGURE not in texts
    assert UNRELATED not in texts
    assert (settled.section_id, settled.heading) == ("intro", "Cooling")
    assert settled.repaired + settled.removed == 2


async def test_section_stays_empty_when_nothing_of_it_holds() -> None:
    """A section whose sentences all go is handed on without text; the draft decides what becomes of it."""
    settled = await settle_section(ScriptedWriter(), BRIEF, "Bees", _section(_cites(UNRELATED)), EVIDENCE)
    assert settled.paragraphs == ()
    empty = replace(_section(), paragraphs=())
    assert await settle_section(ScriptedWriter(), BRIEF, "Bees", empty, EVIDENCE) == empty
