"""Outlines and sections of the extractive writer."""

from dataclasses import replace

import pytest
from support.evidence import Given, Told, brief_for, evidence_of, heat_pumps, honey_bees, large, tea

from copydesk.domain.article import Outline, SectionDraft
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence, SourceKind
from copydesk.domain.words import count_words
from copydesk.errors import WorkflowError
from copydesk.pipeline.fit import words_of_sections
from copydesk.writers.composing import title_of
from copydesk.writers.extractive import ExtractiveWriter
from copydesk.writers.terms import mentions


async def _written(brief: Brief, evidence: Evidence) -> tuple[Outline, list[SectionDraft]]:
    writer = ExtractiveWriter()
    outline = await writer.outline(brief, evidence)
    return outline, [await writer.section(brief, outline, plan, evidence) for plan in outline.sections]


def _texts(sections: list[SectionDraft]) -> list[str]:
    return [s.text for section in sections for paragraph in section.paragraphs for s in paragraph.sentences]


HEAT_PUMPS = brief_for("heat pumps in old houses", 500, 700, keywords=("heat pump",))


async def test_article_has_its_parts_when_evidence_is_plenty() -> None:
    """An opening with the keyword, headed sections, a summary; budgets sum to the target."""
    outline, sections = await _written(HEAT_PUMPS, heat_pumps())
    assert outline.title == "Heat Pumps in Old Houses"
    body = [f"s{number}" for number in range(1, len(outline.sections) - 1)]
    assert [plan.section_id for plan in outline.sections] == ["intro", *body, "summary"]
    assert outline.sections[0].heading is None
    assert outline.sections[-1].heading == "Summary"
    assert sum(plan.words for plan in outline.sections) == HEAT_PUMPS.words.target
    assert mentions(sections[0].paragraphs[0].sentences[0].text, "heat pump")
    assert "History" in [plan.heading for plan in outline.sections]


async def test_sentences_are_verbatim_and_cited_when_written() -> None:
    """Every sentence stands in the passage that it cites, none twice, restricted ones in quotation marks."""
    evidence = heat_pumps()
    _, sections = await _written(HEAT_PUMPS, evidence)
    texts = _texts(sections)
    assert len(texts) == len(set(texts))
    for section in sections:
        for sentence in (s for paragraph in section.paragraphs for s in paragraph.sentences):
            (passage_id,) = sentence.passage_ids
            assert sentence.text in evidence.by_passage_id[passage_id].sentences
            assert sentence.quoted is not evidence.source_of(passage_id).quotable


async def test_every_source_is_used_when_there_is_room() -> None:
    """The caller's files, the open page and the restricted one are all cited."""
    evidence = heat_pumps()
    outline, _ = await _written(HEAT_PUMPS, evidence)
    ids = {passage_id for plan in outline.sections for passage_id in plan.passage_ids}
    assert {evidence.source_of(passage_id).source_id for passage_id in ids} == set(evidence.by_source_id)


async def test_restricted_page_is_quoted_briefly_when_it_is_long() -> None:
    """At most 150 words come from a page without an open licence."""
    told = tuple(Told(text=f"The owner of house {i} praises warm rooms. Cold walls were the worst of house {i}, "
                           f"where {i} windows leaked.") for i in range(20))  # fmt: skip
    pages = [Given(title=f"Page {n}", told=told, kind=SourceKind.WEB, url=f"https://p.org/{n}") for n in range(1)]
    handbook = Given(title="a.txt", told=tuple(Told(text=f"Room {i} has a stove of brick. It burned {i} logs a day, as "
                                                    f"visitors of year {i} wrote.") for i in range(20)))  # fmt: skip
    evidence = evidence_of([*pages, handbook])
    _, sections = await _written(brief_for("warm rooms", 300, 450), evidence)
    quoted = [s for section in sections for p in section.paragraphs for s in p.sentences if s.quoted]
    assert 0 < sum(count_words(sentence.text) for sentence in quoted) <= 150


@pytest.mark.parametrize(("low", "high"), [(100, 100), (101, 103), (137, 137), (250, 255), (500, 501), (640, 660)])
async def test_narrow_range_is_hit_when_sentences_can_make_it(low: int, high: int) -> None:
    """The sections have exactly the words asked for, by whole sentences."""
    _, sections = await _written(brief_for("heat pumps", low, high, keywords=("heat pump",)), heat_pumps())
    assert low <= words_of_sections(sections) <= high


@pytest.mark.parametrize("words", [800, 3_000, 10_000])
async def test_long_article_is_composed_when_evidence_is_large(words: int) -> None:
    """Up to 10,000 words, no heading twice and no section out of bounds."""
    evidence = large(sources=30, passages=24)
    _, sections = await _written(brief_for("old harbours", words, words + words // 10), evidence)
    assert words <= words_of_sections(sections) <= words + words // 10
    headings = [section.heading for section in sections if section.heading]
    assert len(headings) == len(set(headings))
    assert max(words_of_sections([section]) for section in sections) < 600


async def test_headings_are_made_when_sources_have_none() -> None:
    """Passages of plain text without headings still make sections with headings of their own."""
    evidence = large(sources=3, passages=20, headed=False)
    _, sections = await _written(brief_for("old harbours", 800, 1000), evidence)
    headings = [section.heading for section in sections[1:]]
    assert None not in headings
    assert len(set(headings)) == len(headings) >= 3


async def test_article_is_chinese_when_evidence_is() -> None:
    """Where each character counts a word, the range holds as well."""
    _, sections = await _written(brief_for("茶", 120, 160, language="zh"), tea())
    assert 120 <= words_of_sections(sections) <= 160


async def test_article_is_german_when_evidence_is() -> None:
    """The fixed heading is German, and the table's figures are in."""
    outline, sections = await _written(brief_for("Honigbienen", 200, 300, language="de"), honey_bees())
    assert outline.sections[-1].heading == "Zusammenfassung"
    assert any("27,1 Kilogramm" in text for text in _texts(sections))


async def test_closing_heading_is_the_topic_when_the_language_has_no_fixed_words() -> None:
    """In a language without fixed words the closing section is headed by the topic."""
    evidence = heat_pumps()
    swedish = replace(evidence, passages=tuple(replace(p, language="sv") for p in evidence.passages))
    outline, _ = await _written(brief_for("värmepumpar", 300, 400, language="sv"), swedish)
    assert outline.sections[-1].heading == "Värmepumpar"


async def test_outline_fails_when_the_evidence_is_too_little() -> None:
    """The error says how many words there are and what would help."""
    with pytest.raises(WorkflowError, match=r"carries \d{3} words .* at least 5000 .* lower min_words"):
        await ExtractiveWriter().outline(brief_for("heat pumps", 5_000, 6_000), heat_pumps())


async def test_outline_fails_when_there_is_no_evidence() -> None:
    """No passage in the article's language is an honest failure."""
    with pytest.raises(WorkflowError, match="add reference links or files"):
        await ExtractiveWriter().outline(brief_for("Wärmepumpen", 100, 200, language="de"), heat_pumps())


async def test_outline_fails_when_whole_sentences_cannot_make_the_range() -> None:
    """A range that no choice of sentences meets is refused, saying so."""
    told = tuple(Told(text=f"The bell of the tower rings at noon on every day of {i}.") for i in range(10, 60))
    evidence = evidence_of([Given(title="a.txt", told=told)], "en")
    with pytest.raises(WorkflowError, match="whole sentences"):
        await ExtractiveWriter().outline(brief_for("bells", 103, 103), evidence)


async def test_section_is_near_its_budget_when_evidence_is_its_own_alone() -> None:
    """A writer that is handed the section's passages alone still writes it."""
    evidence = heat_pumps()
    writer = ExtractiveWriter()
    outline = await writer.outline(HEAT_PUMPS, evidence)
    plan = outline.sections[1]
    part = replace(evidence, passages=tuple(p for p in evidence.passages if p.passage_id in plan.passage_ids))
    section = await writer.section(HEAT_PUMPS, outline, plan, part)
    assert section.heading == plan.heading
    assert 0 < words_of_sections([section]) <= 2 * plan.words


async def test_same_input_gives_the_same_article() -> None:
    """The writer is deterministic."""
    assert await _written(HEAT_PUMPS, heat_pumps()) == await _written(HEAT_PUMPS, heat_pumps())


@pytest.mark.parametrize(
    ("topic", "keywords", "title"),
    [
        ("heat pumps in old houses", ("heat pump",), "Heat Pumps in Old Houses"),
        ("old houses", ("heat pump",), "Heat Pump: Old Houses"),
        ("Wärmepumpen im Altbau", (), "Wärmepumpen im Altbau"),
        ("heat pumps: " + "a very long explanation of everything " * 4, (), "Heat Pumps"),
    ],
)
def test_title_names_the_keyword(topic: str, keywords: tuple[str, ...], title: str) -> None:
    """The topic in title case; the keyword before it where it is not in it; cut at a clause where too long."""
    language = "de" if "ä" in topic else "en"
    assert title_of(brief_for(topic, 100, 200, keywords=keywords, language=language)) == title
