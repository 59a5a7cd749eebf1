"""What an article says of where its sentences come from."""

from support.evidence import Given, evidence_of, told

from copydesk.domain.article import Notice, Paragraph, SectionDraft, Sentence
from copydesk.pipeline.assemble import assemble
from copydesk.pipeline.origin import SOURCES_QUOTED, UNGROUNDED, origin_notices

COPIED = "Honey bees cool their hive by fanning their wings."
EVIDENCE = evidence_of([Given(title="Bees", told=told(f"{COPIED} They are busy."))])


def _notices(writer: str, *sentences: Sentence) -> list[Notice]:
    section = SectionDraft(section_id="intro", heading=None, level=2, paragraphs=(Paragraph(sentences=sentences),))
    return list(origin_notices(writer, assemble([section], EVIDENCE, language="en")))


def test_copied_sentences_are_counted_when_a_model_wrote_the_article() -> None:
    """A sentence that stands in its passage word by word is its source's; a short or reworded one is not."""
    (notice,) = _notices(
        "model",
        Sentence(text=COPIED, passage_ids=("s0p0",)),
        Sentence(text="They are busy.", passage_ids=("s0p0",)),
        Sentence(text="By fanning their wings, honey bees cool their hive.", passage_ids=("s0p0",)),
    )
    assert notice.code == SOURCES_QUOTED
    assert notice.message.startswith("1 of 3 sentences")


def test_nothing_is_said_when_the_extractive_writer_quotes() -> None:
    """Its own notice says already that it quotes."""
    assert _notices("extractive", Sentence(text=COPIED, passage_ids=("s0p0",))) == []


def test_ungrounded_sentences_are_counted() -> None:
    """What comes from the model's own knowledge is said, with how much it is."""
    (notice,) = _notices("model", Sentence(text="Many people like honey on bread.", ungrounded=True))
    assert notice.code == UNGROUNDED
    assert notice.message.startswith("1 of 1 sentences")
    assert "allow_ungrounded" in notice.message
