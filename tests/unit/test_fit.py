"""The length guarantee."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.evidence import Given, brief_for, evidence_of, heat_pumps, large, told

from copydesk.domain.article import Paragraph, SectionDraft, Sentence
from copydesk.domain.brief import WordRange
from copydesk.domain.markdown import count_markdown_words
from copydesk.domain.source import Evidence, SourceKind
from copydesk.errors import WorkflowError
from copydesk.pipeline.assemble import assemble
from copydesk.pipeline.fit import count_sentences, fit, fit_to_range, words_of_sections
from copydesk.writers.extractive import ExtractiveWriter
from copydesk.writers.scripted import ScriptedWriter


def _section(number: int, *passage_ids: str, evidence: Evidence, heading: str | None = None) -> SectionDraft:
    paragraphs = tuple(
        Paragraph(
            sentences=tuple(
                Sentence(text=text, passage_ids=(passage_id,)) for text in evidence.by_passage_id[passage_id].sentences
            )
        )
        for passage_id in passage_ids
    )
    return SectionDraft(section_id=f"s{number}", heading=heading, level=2, paragraphs=paragraphs)


def _handbook() -> tuple[Evidence, list[SectionDraft]]:
    evidence = heat_pumps()
    return evidence, [
        _section(0, "s0p0", evidence=evidence),
        _section(1, "s0p1", "s0p2", "s0p3", evidence=evidence, heading="How It Works"),
        _section(2, "s0p4", "s0p5", evidence=evidence, heading="Planning"),
    ]


def _range(low: int, high: int) -> WordRange:
    return WordRange(minimum=low, maximum=high)


def test_words_are_the_contracts_when_counted_on_sections() -> None:
    """The sum over sentences and headings is what the assembled Markdown counts."""
    evidence, sections = _handbook()
    assert words_of_sections(sections) == count_markdown_words(assemble(sections, evidence, language="en").content)


def test_sections_stay_when_they_fit() -> None:
    """Nothing is touched inside the range."""
    evidence, sections = _handbook()
    words = words_of_sections(sections)
    assert fit(sections, evidence, _range(words, words)) == tuple(sections)


@pytest.mark.parametrize("over", [1, 20, 60, 130])
def test_paragraphs_lose_their_end_when_the_text_is_too_long(over: int) -> None:
    """Each kept paragraph is a beginning of what it was, the first of each section stays, sentences are whole."""
    evidence, sections = _handbook()
    words = words_of_sections(sections)
    fitted = fit(sections, evidence, _range(words - over - 20, words - over))
    assert fitted is not None
    assert words - over - 20 <= words_of_sections(fitted) <= words - over
    for before, after in zip(sections, fitted, strict=True):
        assert after.paragraphs[0].sentences[0] == before.paragraphs[0].sentences[0]
        starts = {paragraph.sentences[0]: paragraph.sentences for paragraph in before.paragraphs}
        for paragraph in after.paragraphs:
            assert starts[paragraph.sentences[0]][: len(paragraph.sentences)] == paragraph.sentences


def test_uncited_paragraph_goes_first_when_the_text_is_too_long() -> None:
    """What has no support goes before what has."""
    evidence, sections = _handbook()
    loose = Paragraph(sentences=(Sentence(text="Much has been said about this elsewhere by many a writer of today."),))
    paragraphs = (sections[1].paragraphs[0], loose, *sections[1].paragraphs[1:])
    padded = [sections[0], replace(sections[1], paragraphs=paragraphs)]
    words = words_of_sections(padded)
    fitted = fit(padded, evidence, _range(words - 14, words - 5))
    assert fitted is not None
    assert fitted[1].paragraphs == sections[1].paragraphs


def test_whole_sections_go_when_first_sentences_are_too_many() -> None:
    """Where even one sentence a section is too much, the weakest sections go, never the opening."""
    evidence, sections = _handbook()
    fitted = fit(sections, evidence, _range(10, 25))
    assert fitted is not None
    assert fitted[0].section_id == "s0"
    assert len(fitted) < len(sections)


def test_none_is_answered_when_there_is_too_little_or_no_sentence_fits() -> None:
    """Trimming adds nothing and cuts no sentence."""
    evidence, sections = _handbook()
    assert fit(sections, evidence, _range(5_000, 6_000)) is None
    assert fit(sections[:1], evidence, _range(3, 5)) is None


@pytest.mark.parametrize(("low", "high"), [(420, 470), (400, 400), (433, 433)])
async def test_text_grows_when_evidence_is_left(low: int, high: int) -> None:
    """The extractive writer adds unused passages until the range is met, even an exact one."""
    evidence, sections = _handbook()
    fitted = await fit_to_range(ExtractiveWriter(), brief_for("heat pumps", low, high), sections, evidence)
    assert low <= words_of_sections(fitted.sections) <= high
    assert fitted.repaired >= 1
    texts = [s.text for section in fitted.sections for p in section.paragraphs for s in p.sentences]
    assert len(texts) == len(set(texts))


async def test_much_text_is_asked_of_several_sections_when_much_is_missing() -> None:
    """A text of a tenth of the length grows to it, no passage twice."""
    evidence = large(sources=6, passages=30)
    sections = [_section(i, f"s{i}p0", evidence=evidence, heading=f"Part {i}" if i else None) for i in range(5)]
    brief = brief_for("old harbours", 2_000, 2_400)
    fitted = await fit_to_range(ExtractiveWriter(), brief, sections, evidence)
    assert words_of_sections(fitted.sections) in brief.words
    ids = [i for section in fitted.sections for p in section.paragraphs for i in p.sentences[0].passage_ids]
    assert len(ids) == len(set(ids))


async def test_error_tells_the_words_when_the_writer_adds_nothing() -> None:
    """A writer that returns the same is asked no more; the failure says how many words there are."""
    evidence, sections = _handbook()
    writer = ScriptedWriter()
    with pytest.raises(WorkflowError, match=rf"has {words_of_sections(sections)} words .* at least 3000"):
        await fit_to_range(writer, brief_for("heat pumps", 3_000, 3_500), sections, evidence)
    assert len(writer.asked) == 1


async def test_error_is_raised_when_there_is_no_text() -> None:
    """No section, no article."""
    with pytest.raises(WorkflowError, match="has 0 words"):
        await fit_to_range(ExtractiveWriter(), brief_for("heat pumps", 100, 200), [], heat_pumps())


async def test_error_names_the_range_when_no_whole_sentence_fits() -> None:
    """One long sentence cannot be brought under its length."""
    evidence = evidence_of(
        [Given(title="a", told=told("The bell of the old tower rings at noon on every single day."))]
    )
    sections = [_section(0, "s0p0", evidence=evidence)]
    with pytest.raises(WorkflowError, match="between 5 and 6; widen the range"):
        await fit_to_range(ExtractiveWriter(), brief_for("bells", 5, 6), sections, evidence)


async def test_writer_is_asked_a_bounded_number_of_times_when_it_never_fits() -> None:
    """A writer whose answers never fit is given up after three rounds."""
    evidence, sections = _handbook()
    answers = [_section(9, *ids, evidence=evidence) for ids in (["s0p6"], ["s0p7"], ["s0p6"], ["s0p7"], ["s0p6"])]
    writer = ScriptedWriter(repairs=answers)
    with pytest.raises(WorkflowError):
        await fit_to_range(writer, brief_for("heat pumps", 3_000, 3_500), sections, evidence)
    assert len(writer.asked) <= 6


async def test_headings_stay_when_a_writer_changes_them() -> None:
    """Only the text of a section is the writer's to repair."""
    evidence, sections = _handbook()
    longer = _section(9, "s0p1", "s0p2", "s0p3", "s0p4", "s0p6", evidence=evidence, heading="Changed")
    low = words_of_sections(sections) + 20
    fitted = await fit_to_range(ScriptedWriter(repairs=[longer]), brief_for("x", low, low + 40), sections, evidence)
    assert [section.heading for section in fitted.sections] == [section.heading for section in sections]


async def test_restricted_text_is_quoted_when_it_is_added() -> None:
    """Growing keeps the rights: quotation marks, and 150 words a source."""
    texts: Sequence[str] = [f"The owner of house {i} praises the {i} warm rooms of the old place." for i in range(60)]
    page = Given(title="p", told=told("\n\n".join(texts)), kind=SourceKind.WEB, url="https://p.org/")
    evidence = evidence_of([page])
    start = [_section(0, "s0p0", evidence=evidence)]
    with pytest.raises(WorkflowError, match="lower min_words"):
        await fit_to_range(ExtractiveWriter(), brief_for("rooms", 300, 400), start, evidence)
    fitted = await fit_to_range(ExtractiveWriter(), brief_for("rooms", 100, 140), start, evidence)
    added = [s for p in fitted.sections[0].paragraphs[1:] for s in p.sentences]
    assert added
    assert all(sentence.quoted for sentence in added)
    assert count_sentences(fitted.sections) > 1
