"""Setting sections as Markdown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.evidence import Given, evidence_of, heat_pumps, told

from copydesk.domain.article import Paragraph, ParagraphKind, SectionDraft, Sentence, SupportStatus
from copydesk.domain.markdown import headings_of, links_of, parse, visible_text
from copydesk.domain.source import Evidence, SourceKind
from copydesk.pipeline.assemble import assemble, escape, join_sentences, license_name

A_FACT = "It takes energy from the air, the ground or water and raises it to a temperature that can heat a building."


def section(*paragraphs: Paragraph, heading: str | None = None, level: int = 2) -> SectionDraft:
    """A section of paragraphs."""
    return SectionDraft(section_id="intro", heading=heading, level=level, paragraphs=paragraphs)


def said(text: str, *passage_ids: str, quoted: bool = False) -> Sentence:
    """A sentence with its citations."""
    return Sentence(text=text, passage_ids=passage_ids, quoted=quoted)


def paragraph(*sentences: Sentence, kind: ParagraphKind = ParagraphKind.TEXT) -> Paragraph:
    """A paragraph of sentences."""
    return Paragraph(sentences=sentences, kind=kind)


def test_marks_are_numbered_when_sources_are_first_used() -> None:
    """One number a source, by first use; every cited sentence has its own marks after its punctuation."""
    evidence = heat_pumps()
    first, second = evidence.by_passage_id["s1p0"], evidence.by_passage_id["s0p0"]
    draft = section(
        paragraph(
            said(first.sentences[0], "s1p0"),
            said(second.sentences[0], "s0p0"),
            said(first.sentences[1], "s1p0", "s0p0"),
        )
    )
    assembled = assemble([draft], evidence, language="en")
    line = assembled.content.splitlines()[0]
    assert line == f"{first.sentences[0]}[^1] {second.sentences[0]}[^2] {first.sentences[1]}[^1][^2]"
    assert [source.source_id for source in assembled.data_sources] == ["source-1", "source-0"]
    assert [source.number for source in assembled.data_sources] == [1, 2]
    assert [sentence.citations for sentence in assembled.evidence] == [(1,), (2,), (1, 2)]
    assert assembled.evidence[0].passages[0].place == "History"
    assert {sentence.support for sentence in assembled.evidence} == {SupportStatus.SUPPORTED}


def test_definitions_name_their_source_when_set() -> None:
    """Title, author, site, date, address, licence and access stand under the text."""
    page = Given(
        title="Heat [pumps] & more",
        told=told(A_FACT),
        kind=SourceKind.WEB,
        url="https://a.org/x (1)",
        site="A.org",
        license="https://creativecommons.org/licenses/by-sa/4.0/",
    )
    evidence = evidence_of([page])
    source = replace(evidence.sources[0], author="Ann *Bee*", published_at=datetime(2020, 5, 3, tzinfo=UTC))
    evidence = Evidence(sources=(source,), passages=evidence.passages)
    content = assemble([section(paragraph(said(A_FACT, "s0p0")))], evidence, language="en").content
    assert content.splitlines()[-1] == (
        r"[^1]: Heat \[pumps\] & more. Ann \*Bee\*. A.org. 2020-05-03. <https://a.org/x%20(1)>. "
        "Licence: CC BY-SA 4.0. Accessed 2026-03-01."
    )
    assert [link.url for link in links_of(content)] == ["https://a.org/x%20(1)"]


def test_evidence_shows_place_date_and_corroboration_when_they_are_known() -> None:
    """Each passage with its heading path, offsets, language and date, and the other sources that say the same."""
    page = Given(title="Pumps", told=told(A_FACT), kind=SourceKind.WEB, url="https://a.org/x")
    copies = [
        Given(title="B", told=told(A_FACT), kind=SourceKind.WEB, url="https://b.org/y"),
        Given(title="c.pdf", told=told(A_FACT)),
    ]
    given = evidence_of([page, *copies])
    first, *others = given.sources
    dated = replace(first, published_at=datetime(2020, 5, 3, tzinfo=UTC))
    place = replace(given.passages[0].place, page=3, spans=((7, 60),))
    known = replace(given.passages[0], place=place, corroborated_by=tuple(other.source_id for other in others))
    evidence = Evidence(sources=(dated, *others), passages=(known,))
    (sentence,) = assemble([section(paragraph(said(A_FACT, "s0p0")))], evidence, language="en").evidence
    (shown,) = sentence.passages
    assert (shown.page, shown.spans, shown.headings) == (3, ((7, 60),), place.headings)
    assert (shown.language, shown.published_at) == ("en", datetime(2020, 5, 3, tzinfo=UTC))
    assert shown.corroborated_by == ("https://b.org/y", "c.pdf")


def test_definition_is_german_when_the_article_is() -> None:
    """The footnotes' own words are the article's language's."""
    evidence = heat_pumps()
    content = assemble([section(paragraph(said("X.", "s1p0")))], evidence, language="de-AT").content
    assert "Lizenz: CC-BY-SA-4.0. Abgerufen 2026-03-01." in content


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "\u201cOne.[^1] Two.\u201d[^1] Three."),
        ("de", "\u201eOne.[^1] Two.\u201c[^1] Three."),
        ("fr", "\u00ab\u00a0One.[^1] Two.\u00a0\u00bb[^1] Three."),
        ("pl", "\u201cOne.[^1] Two.\u201d[^1] Three."),
    ],
)
def test_quotation_marks_are_the_languages_when_sentences_are_quoted(language: str, expected: str) -> None:
    """A run of quoted sentences of one passage shares a pair of marks."""
    run = (said("One.", "s2p0", quoted=True), said("Two.", "s2p0", quoted=True), said("Three."))
    content = assemble([section(paragraph(*run))], heat_pumps(), language=language).content
    assert content.splitlines()[0] == expected


def test_kinds_are_set_when_paragraphs_are_lists_and_quotes() -> None:
    """List items make one list; a quote is a block quotation; headings have their level."""
    draft = section(
        paragraph(said("Before.")),
        paragraph(said("One."), kind=ParagraphKind.LIST_ITEM),
        paragraph(said("Two."), kind=ParagraphKind.LIST_ITEM),
        paragraph(said("Said."), kind=ParagraphKind.QUOTE),
        heading="Things # to *know*",
        level=3,
    )
    content = assemble([draft], heat_pumps(), language="en").content
    assert content == "### Things \\# to \\*know\\*\n\nBefore.\n\n- One.\n- Two.\n\n> Said.\n"
    assert [(heading.level, heading.text) for heading in headings_of(content)] == [(3, "Things # to *know*")]


def test_sections_are_left_out_when_they_are_empty() -> None:
    """No heading stands without text."""
    assert assemble([section(heading="Alone")], heat_pumps(), language="en").content == "\n"


def test_unknown_passages_are_dropped_when_cited() -> None:
    """A citation of what does not exist makes no mark; a fact that it carried is unsupported."""
    assembled = assemble([section(paragraph(said("It cost 400 euros.", "s9p9")))], heat_pumps(), language="en")
    assert assembled.content == "It cost 400 euros.\n"
    assert assembled.evidence[0].support is SupportStatus.UNSUPPORTED
    assert assembled.data_sources == ()


@pytest.mark.parametrize(
    "hostile",
    [
        "# Not a heading", "- no item", "+ no item", "1. no item", "2) no item", "> no quote", "a | b | c",
        "*a* _b_ `c`",
        "<script>alert(1)</script>", "[link](https://evil.org)", "![x](https://evil.org/x.png)", "text[^1] [^1]: note",
        "https://evil.org/a www.evil.org me@evil.org", "&lt;b&gt; &#60; &amp;copy;", "~~gone~~", "\\*escaped\\*",
        "=== under", "--- rule", "a\n\nb", "    code", "```\nfence\n```", "AT&T; R&D", "C# and F#", "a_b_c 2*3*4",
    ],
)  # fmt: skip
def test_source_text_makes_no_structure_when_escaped(hostile: str) -> None:
    """The text shows as it is, in one paragraph, without links, marks or markup."""
    content = assemble([section(paragraph(said(hostile)))], heat_pumps(), language="en").content
    text = parse(content)
    assert len(text.blocks) == 1
    assert text.blocks[0].text == " ".join(hostile.split())
    assert text.links == ()
    assert text.marks == ()
    assert text.definitions == ()


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60))
def test_any_text_shows_as_it_is_when_escaped(text: str) -> None:
    """Whatever a source says, the reader sees exactly that, as one block."""
    line = " ".join(text.split())
    if line:
        blocks = parse(f"X {escape(text)}\n").blocks
        assert [block.text for block in blocks] == [f"X {line}"]


def test_word_count_is_the_contracts_when_assembled() -> None:
    """Footnotes do not count, headings do."""
    draft = section(paragraph(said(A_FACT, "s0p0")), heading="Two words")
    assembled = assemble([draft], heat_pumps(), language="en")
    assert assembled.word_count == 2 + len(A_FACT.split())
    assert "heat-pump-handbook" not in visible_text(assembled.content)


def test_sentences_are_joined_without_space_when_the_stop_is_wide() -> None:
    """East Asian sentences follow one another; others are parted by a space."""
    assert join_sentences(["茶好。[^1]", "茶香。[^1]"]) == "茶好。[^1]茶香。[^1]"
    assert join_sentences(["版本为3.", "5个。"]) == "版本为3. 5个。"


@pytest.mark.parametrize(
    ("given_", "name"),
    [
        ("CC-BY-4.0", "CC-BY-4.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/de/", "CC BY-NC-SA 3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("https://a.org/licence", "a.org/licence"),
    ],
)
def test_licence_is_named_when_given_by_address(given_: str, name: str) -> None:
    """Creative Commons licences by name; no other address becomes a link."""
    assert license_name(given_) == name
