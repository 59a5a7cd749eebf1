"""The gate, and mending what fails it."""

from dataclasses import replace

import pytest
from support.evidence import Given, brief_for, evidence_of, heat_pumps, told

from copydesk.domain.article import Assembled, DataSource, Paragraph, ParagraphKind, SectionDraft, Sentence
from copydesk.domain.source import SourceKind
from copydesk.domain.words import count_words
from copydesk.pipeline.assemble import assemble
from copydesk.pipeline.mend import mend, normalized
from copydesk.pipeline.review import review
from copydesk.pipeline.rights import respect_rights
from copydesk.writers.scripted import ScriptedWriter

EVIDENCE = heat_pumps()
BRIEF = brief_for("heat pumps", 20, 400)
TITLE = "Heat Pumps"
FACT = "In 1855 Peter von Rittinger built the first heat pump in Austria."


def _said(text: str, *ids: str, quoted: bool = False) -> Sentence:
    return Sentence(text=text, passage_ids=ids, quoted=quoted)


def _text(*sentences: Sentence, kind: ParagraphKind = ParagraphKind.TEXT) -> Paragraph:
    return Paragraph(sentences=sentences, kind=kind)


def _copy(passage_id: str) -> Paragraph:
    return _text(*(_said(text, passage_id) for text in EVIDENCE.by_passage_id[passage_id].sentences))


def _section(*paragraphs: Paragraph, heading: str | None = None, level: int = 2, number: int = 0) -> SectionDraft:
    return SectionDraft(section_id=f"s{number}", heading=heading, level=level, paragraphs=paragraphs)


GOOD = (_section(_copy("s0p0")), _section(_copy("s0p1"), _copy("s1p1"), heading="How It Works", number=1))


def _kinds(*sections: SectionDraft, low: int = 20, high: int = 400) -> list[str]:
    assembled = assemble(sections, EVIDENCE, language="en")
    return [problem.kind for problem in review(assembled, brief_for("heat pumps", low, high), TITLE, EVIDENCE)]


def _texts(sections: tuple[SectionDraft, ...]) -> list[str]:
    return [s.text for section in sections for paragraph in section.paragraphs for s in paragraph.sentences]


def test_review_is_silent_when_the_article_is_good() -> None:
    """A whole, supported, clean article of the right length has no problem."""
    assert _kinds(*GOOD) == []


@pytest.mark.parametrize(("low", "high", "kind"), [(300, 400, "too_short"), (20, 40, "too_long")])
def test_review_counts_words_when_the_range_is_missed(low: int, high: int, kind: str) -> None:
    """Both ends are checked."""
    assert _kinds(*GOOD, low=low, high=high) == [kind]


@pytest.mark.parametrize(
    "sentence",
    [
        _said("In 1856 Peter von Rittinger built the first heat pump in Austria.", "s1p1"),
        _said("In 1855 Anna Bergmann built the first heat pump in Austria.", "s1p1"),
        _said("In 1855 Peter von Rittinger did not build the first heat pump in Austria.", "s1p1"),
        _said("The violin sonata begins with a slow movement of rare beauty.", "s1p1"),
        _said("The device costs 9,400 euros."),
    ],
    ids=["number", "name", "denial", "other matter", "uncited fact"],
)
def test_review_finds_what_is_not_supported(sentence: Sentence) -> None:
    """Numbers, names, denials, other matters and facts without a citation are refused."""
    assert _kinds(*GOOD, _section(_text(sentence), heading="More", number=2)) == ["unsupported"]


def test_review_counts_uncited_sentences_when_they_are_many() -> None:
    """More than a fifth without a citation is too many."""
    loose = [_said(f"That is a matter of {what} for each household alone.") for what in ("taste", "habit", "patience")]
    assert _kinds(_section(_copy("s0p0")), _section(_text(*loose), heading="More", number=1)) == ["uncited"]


def test_review_finds_unclean_text() -> None:
    """Clean-text flaws keep an article from being stored."""
    assert _kinds(*GOOD, _section(_copy("s0p0"), heading="Again", number=2)) == ["unclean"] * 4
    assert "unclean" in _kinds(
        *GOOD, _section(_text(_said("The heat pump takes energy from the air and", "s0p0")), number=2)
    )


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("[^1]: ", "[^3]: ", "mark"),
        ("same principle.[^1]", "same principle.[^1][^7]", "mark"),
        ("same principle.[^1]", "same principle.", "mark"),
        ("A heat pump moves heat", "A heat pump shifts heat", "mark"),
        ("same principle.", "same [principle](https://evil.org/).", "url"),
    ],
)
def test_review_finds_marks_and_links_that_do_not_resolve(old: str, new: str, kind: str) -> None:
    """Each mark has its definition and source, the evidence is the text's, and no foreign link stands in it."""
    assembled = assemble(GOOD, EVIDENCE, language="en")
    changed = replace(assembled, content=assembled.content.replace(old, new, 1))
    assert kind in [problem.kind for problem in review(changed, BRIEF, TITLE, EVIDENCE)]


def test_review_finds_a_source_that_is_never_cited() -> None:
    """Every listed source is used."""
    assembled: Assembled = assemble(GOOD, EVIDENCE, language="en")
    extra: DataSource = replace(assembled.data_sources[0], number=3, source_id="other")
    changed = replace(assembled, data_sources=(*assembled.data_sources, extra))
    assert [problem.kind for problem in review(changed, BRIEF, TITLE, EVIDENCE)] == ["mark"]


async def test_mend_leaves_a_good_article_alone() -> None:
    """Nothing is repaired or removed, and the writer is not asked."""
    writer = ScriptedWriter()
    mended = await mend(writer, BRIEF, TITLE, GOOD, EVIDENCE)
    assert mended.sections == GOOD
    assert (mended.repaired, mended.removed, writer.asked) == (0, 0, [])


async def test_mend_takes_the_writers_repair_when_it_holds() -> None:
    """The writer is told what is wrong and with which sentence, and its repair is kept."""
    wrong = _said("In 1856 Peter von Rittinger built the first heat pump in Austria.", "s1p1")
    bad = _section(_text(wrong), heading="History", number=2)
    writer = ScriptedWriter(repairs=[replace(bad, paragraphs=(_text(_said(FACT, "s1p1")),), heading="Ignored")])
    mended = await mend(writer, BRIEF, TITLE, (GOOD[0], bad), EVIDENCE)
    assert mended.sections[1].paragraphs[0].sentences[0].text == FACT
    assert mended.sections[1].heading == "History"
    assert [(problem.kind, problem.sentence) for problem in writer.problems] == [("unsupported", wrong.text)]
    assert "1856" in writer.problems[0].message
    assert (mended.repaired, mended.removed) == (1, 0)


async def test_mend_takes_the_sources_sentence_when_the_writer_fails() -> None:
    """A wrong sentence becomes the source's own."""
    wrong = _said("In 1856 Peter von Rittinger built the first heat pump in Austria.", "s1p1")
    bad = _section(_text(wrong), heading="History", number=2)
    mended = await mend(ScriptedWriter(), BRIEF, TITLE, (GOOD[0], bad), EVIDENCE)
    assert mended.sections[1].paragraphs[0].sentences[0] == _said(FACT, "s1p1")
    assert (mended.repaired, mended.removed) == (1, 0)


@pytest.mark.parametrize(
    "sentence",
    [
        _said("The violin sonata begins with a slow movement of rare beauty.", "s1p1"),
        _said("The device costs 9,400 euros."),
        _said("The heat pump takes energy from the", "s0p0"),
        _said("As an AI language model, I cannot judge heat pumps.", "s0p0"),
        _said("Heat pumps are explained at https://evil.org/heat today.", "s0p0"),
        _said("The heat pump is described in [insert source here].", "s0p0"),
        _said("It costs 5,000 euros.", "s9p9"),
        _said("A heat pump moves heat from a colder place to a warmer one!", "s0p0"),
        _said("It takes energy from the air and so on ...", "s0p0"),
    ],
    ids=["off", "uncited", "cut off", "model talk", "url", "placeholder", "unknown passage", "repeated", "trailing"],
)
async def test_mend_removes_a_sentence_when_nothing_replaces_it(sentence: Sentence) -> None:
    """What cannot be repaired goes, and nothing else."""
    last = GOOD[1]
    first = last.paragraphs[0]
    bad = replace(last, paragraphs=(replace(first, sentences=(*first.sentences, sentence)), *last.paragraphs[1:]))
    mended = await mend(None, BRIEF, TITLE, (GOOD[0], bad), EVIDENCE)
    assert mended.sections == GOOD
    assert (mended.repaired, mended.removed) == (0, 1)


async def test_mend_removes_the_later_paragraph_when_two_are_alike() -> None:
    """Of two near-repeated paragraphs the first stays."""
    long = " ".join(f"The heat pump of house {i} takes its heat from the garden and the air around." for i in "abcdef")
    evidence = evidence_of([Given(title="a", told=told(f"{long}\n\n{long.replace('house', 'farm house')}"))])
    paragraphs = [
        _text(*(_said(text, passage.passage_id) for text in passage.sentences)) for passage in evidence.passages
    ]
    sections = (_section(paragraphs[0]), _section(paragraphs[1], heading="More", number=1))
    mended = await mend(None, BRIEF, TITLE, sections, evidence)
    assert mended.sections == sections[:1]


async def test_mend_removes_foreign_paragraphs() -> None:
    """A paragraph in another language goes."""
    german = (
        "Die Wärmepumpe entzieht der Umgebung Wärme und gibt sie an das Heizungswasser im Haus ab. Sie arbeitet wie "
        "ein Kühlschrank, nur in umgekehrter Richtung, und braucht dafür elektrischen Strom aus dem Netz der Stadt."
    )
    evidence = evidence_of([Given(title="a", told=told(german)), Given(title="b", told=told("Heat pumps move heat."))])
    alien = _text(*(_said(text, "s0p0") for text in evidence.by_passage_id["s0p0"].sentences))
    sections = (_section(_text(_said("Heat pumps move heat.", "s1p0"))), _section(alien, heading="More", number=1))
    mended = await mend(None, BRIEF, TITLE, sections, evidence)
    assert _texts(mended.sections) == ["Heat pumps move heat."]


async def test_mend_thins_uncited_sentences_when_they_are_many() -> None:
    """The last ones go until a fifth at most is uncited."""
    loose = [_said(f"That is a matter of {what} for each household.") for what in ("taste", "habit", "patience")]
    sections = (_section(_copy("s0p0")), _section(_copy("s0p1"), _text(*loose), heading="More", number=1))
    mended = await mend(None, BRIEF, TITLE, sections, EVIDENCE)
    assert _texts(mended.sections)[-1] == loose[0].text
    assert len(_texts(mended.sections)) == 7


def test_normalized_sets_headings_right_when_they_are_wrong() -> None:
    """No heading before the opening, none twice or like the title, no level skipped, no empty section."""
    sections = [
        _section(heading="Empty"),
        _section(_copy("s0p0"), heading="First"),
        _section(_copy("s0p1"), heading="Deep", level=4),
        _section(_copy("s0p2"), heading="deep", level=2),
        _section(_copy("s0p3"), heading="HEAT pumps", level=2),
        _section(_copy("s1p0"), heading="Below", level=5),
        _section(_text(_said(" "), _said("--")), heading="Nothing said"),
        _section(_copy("s1p1"), heading="***", level=3),
    ]
    assert [(section.heading, section.level) for section in normalized(sections, TITLE)] == [
        (None, 2), ("Deep", 2), (None, 2), (None, 2), ("Below", 3), (None, 3),
    ]  # fmt: skip


def test_rights_put_quotation_marks_when_a_page_is_repeated() -> None:
    """Verbatim sentences of a restricted page are quoted; open sources and own words are not."""
    verbatim = _copy("s2p0")
    own = _text(_said("After about twelve years the device has earned its price, say owners.", "s2p0"))
    (section,) = respect_rights([_section(verbatim, own, _copy("s1p0"), _copy("s0p0"))], EVIDENCE)
    flags = [[sentence.quoted for sentence in paragraph.sentences] for paragraph in section.paragraphs]
    assert flags == [[True] * len(verbatim.sentences), [False], [False] * 2, [False] * 3]


def test_rights_end_a_quotation_when_its_words_are_used_up() -> None:
    """No more than 150 words of a restricted page stay, over all sections."""
    texts = "\n\n".join(f"The owner of house {i} praises the {i} warm rooms of the old place." for i in range(40))
    page = Given(title="p", told=told(texts), kind=SourceKind.WEB, url="https://p.org/")
    evidence = evidence_of([page])
    sections = [_section(_text(*(_said(p.text, p.passage_id) for p in evidence.passages[n::2]))) for n in range(2)]
    kept = respect_rights(sections, evidence)
    assert 130 < sum(count_words(text) for text in _texts(kept)) <= 150
