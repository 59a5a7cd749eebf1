"""The one round of rewriting for search."""

from dataclasses import replace

from support.evidence import Given, brief_for, evidence_of, told

from copydesk.domain.article import Assembled, Outline, Paragraph, SectionDraft, Sentence
from copydesk.domain.brief import Brief
from copydesk.pipeline.assemble import assemble
from copydesk.pipeline.polish import polished
from copydesk.pipeline.review import review
from copydesk.writers.extractive import ExtractiveWriter
from copydesk.writers.scripted import ScriptedWriter

EVIDENCE = evidence_of(
    [
        Given(
            title="Bees",
            told=told(
                "Honey bees cool their hive by fanning their wings and by spreading drops of water. Foragers of the "
                "honey bees bring the water from ponds and streams.\n\nA beekeeper can help with a shallow bowl of "
                "water in the shade. Bees drown in deep bowls, so stones are laid in."
            ),
        )
    ]
)
OUTLINE = Outline(title="How Honey Bees Keep Cool", sections=())


def _section(*texts: str, passage: str = "s0p0", number: int = 0, heading: str | None = None) -> SectionDraft:
    sentences = tuple(Sentence(text=text, passage_ids=(passage,)) for text in texts)
    return SectionDraft(section_id=f"s{number}", heading=heading, level=2, paragraphs=(Paragraph(sentences=sentences),))


BEFORE = (
    _section("They cool their hive by fanning their wings.", "Foragers bring the water from ponds and streams."),
    _section("A beekeeper can help with a shallow bowl of water.", passage="s0p1", number=1, heading="Help"),
)
BETTER = _section("Honey bees cool their hive by fanning their wings.", "Foragers bring the water from ponds.")


def _brief(*keywords: str) -> Brief:
    return brief_for("honey bees", 10, 400, keywords=keywords)


async def _polished(writer: ScriptedWriter | ExtractiveWriter, brief: Brief) -> tuple[Assembled, Assembled]:
    before = assemble(BEFORE, EVIDENCE, language="en")
    assert review(before, brief, OUTLINE.title, EVIDENCE) == []
    return before, await polished(writer, brief, OUTLINE, BEFORE, before, EVIDENCE)


async def test_keyword_comes_into_the_text_when_the_writer_rewords_a_sentence() -> None:
    """The sentence concerned is named with the phrase to use, and the better text is kept."""
    writer = ScriptedWriter(repairs=[BETTER])
    before, after = await _polished(writer, _brief("honey bees"))
    assert "Honey bees cool their hive" not in before.content
    assert "Honey bees cool their hive" in after.content
    assert {problem.kind for problem in writer.problems} == {"wording"}
    assert any("honey bees" in problem.message for problem in writer.problems)


async def test_article_stays_when_the_rewriting_is_not_borne_out() -> None:
    """A reworded sentence with an invented figure is refused by the gate, and the article is the one before."""
    invented = _section("Honey bees cool their hive with 9 litres of water.", "Foragers bring the water from ponds.")
    before, after = await _polished(ScriptedWriter(repairs=[invented]), _brief("honey bees"))
    assert after == before


async def test_article_stays_when_the_rewriting_meets_no_further_check() -> None:
    """Another wording that still lacks the keyword is not worth a change."""
    same = _section("They cool it by fanning their wings.", "Foragers bring the water from ponds and streams.")
    before, after = await _polished(ScriptedWriter(repairs=[same]), _brief("honey bees"))
    assert after == before


async def test_article_stays_when_the_rewriting_leaves_the_range() -> None:
    """A rewriting that makes the article too short does not count."""
    brief = replace(_brief("honey bees"), words=replace(_brief().words, minimum=24, maximum=40))
    short = _section("Honey bees cool their hive.")
    before, after = await _polished(ScriptedWriter(repairs=[short]), brief)
    assert after == before


async def test_nobody_is_asked_when_the_checks_are_met() -> None:
    """Without an unmet check that a rewrite can mend there is no call."""
    writer = ScriptedWriter()
    before = assemble((BETTER, BEFORE[1]), EVIDENCE, language="en")
    after = await polished(writer, _brief("honey bees"), OUTLINE, (BETTER, BEFORE[1]), before, EVIDENCE)
    assert (after, writer.asked) == (before, [])


async def test_every_missing_keyword_is_asked_for() -> None:
    """Keywords that stand nowhere are each wished for in a sentence close to them."""
    writer = ScriptedWriter()
    await _polished(writer, _brief("honey bees", "garden pond", "bee stings"))
    messages = " ".join(problem.message for problem in writer.problems)
    assert all(keyword in messages for keyword in ("honey bees", "garden pond", "bee stings"))


async def test_sources_own_words_stay_when_the_writer_has_no_model() -> None:
    """The extractive writer words nothing otherwise, and takes nothing out."""
    before, after = await _polished(ExtractiveWriter(), _brief("honey bees"))
    assert after == before


async def test_long_sentences_are_to_be_split_when_most_are_long() -> None:
    """Where more than half of the sentences are too long, the longest are named."""
    long = (
        "Honey bees cool their hive by fanning their wings and by spreading drops of water, and foragers of the honey "
        "bees bring the water from ponds and streams to the hive."
    )
    section = _section(long)
    writer = ScriptedWriter()
    assembled = assemble([section], EVIDENCE, language="en")
    await polished(writer, _brief("honey bees"), OUTLINE, [section], assembled, EVIDENCE)
    assert any("two short sentences" in problem.message for problem in writer.problems)
