"""What every writer must do, and what the pipeline makes of writers that do not."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace

import pytest
from support.evidence import brief_for, heat_pumps, honey_bees, large

from copydesk.adapters.llm.build import build_model
from copydesk.adapters.llm.scripted import ScriptedEndpoint, serve_endpoint
from copydesk.domain.article import Drafted, Notice, Outline, Paragraph, SectionDraft, SectionPlan, Sentence, SeoFields
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence, Passage
from copydesk.errors import WorkflowError
from copydesk.pipeline.review import review
from copydesk.pipeline.stages.draft import draft_article
from copydesk.ports import Bearing, Problem, Writer
from copydesk.settings import Settings
from copydesk.writers.extractive import ExtractiveWriter
from copydesk.writers.model import ModelWriter
from copydesk.writers.scripted import ScriptedWriter

BRIEF = brief_for("heat pumps in old houses", 300, 450, keywords=("heat pump",))


@pytest.fixture(params=["extractive", "scripted", "model"])
async def writer(request: pytest.FixtureRequest) -> AsyncIterator[Writer]:
    """Every writer that ships, the model writer before the scripted endpoint."""
    if request.param != "model":
        yield ExtractiveWriter() if request.param == "extractive" else ScriptedWriter()
        return
    async with serve_endpoint(ScriptedEndpoint()) as url:
        settings = Settings(_env_file=None, model="scripted", model_base_url=url, model_tries=1)
        async with build_model(settings) as model:
            yield ModelWriter(model, known={})


class TestWriter:
    """The port's promises, for every writer."""

    def test_name_and_notices_are_given(self, writer: Writer) -> None:
        """A writer says what it is, and what readers should know."""
        assert writer.name
        assert all(notice.code.isupper() and notice.message.endswith(".") for notice in writer.notices)

    async def test_queries_are_strings_when_planned(self, writer: Writer) -> None:
        """A plan is a list of queries, possibly empty."""
        assert all(query.strip() for query in await writer.plan(BRIEF))

    async def test_outline_names_passages_and_budgets(self, writer: Writer) -> None:
        """Budgets sum to the target, passages exist, ids and headings are unlike one another, the opening has none."""
        evidence = heat_pumps()
        outline = await writer.outline(BRIEF, evidence)
        assert outline.title
        assert sum(plan.words for plan in outline.sections) == BRIEF.words.target
        assert all(plan.words > 0 and plan.passage_ids and plan.level in (2, 3) for plan in outline.sections)
        assert {i for plan in outline.sections for i in plan.passage_ids} <= evidence.by_passage_id.keys()
        assert outline.sections[0].heading is None
        for values in ([plan.section_id for plan in outline.sections], [plan.heading for plan in outline.sections]):
            assert len(values) == len(set(values))

    async def test_section_keeps_its_plan_when_written(self, writer: Writer) -> None:
        """Id, heading and level are the plan's; every cited passage is one of the section's own."""
        evidence = heat_pumps()
        outline = await writer.outline(BRIEF, evidence)
        for plan in outline.sections:
            draft = await writer.section(BRIEF, outline, plan, evidence)
            assert (draft.section_id, draft.heading, draft.level) == (plan.section_id, plan.heading, plan.level)
            assert draft.paragraphs
            cited = {i for paragraph in draft.paragraphs for s in paragraph.sentences for i in s.passage_ids}
            assert cited <= set(plan.passage_ids)

    async def test_repair_answers_a_section_whatever_the_problem(self, writer: Writer) -> None:
        """Each kind of problem is taken, and the section's identity stays."""
        evidence = heat_pumps()
        outline = await writer.outline(BRIEF, evidence)
        draft = await writer.section(BRIEF, outline, outline.sections[1], evidence)
        sentence = draft.paragraphs[0].sentences[0].text
        for kind in ("too_short", "too_long", "unsupported", "repeated", "unclean"):
            problem = Problem(kind=kind, message="It is so.", words=30, sentence=sentence)
            repaired = await writer.repair(BRIEF, draft, [problem], evidence.passages)
            assert (repaired.section_id, repaired.heading) == (draft.section_id, draft.heading)

    async def test_every_sentence_gets_a_verdict_when_judged(self, writer: Writer) -> None:
        """One answer a sentence, in order: what bears it out, or nothing."""
        evidence = heat_pumps()
        passage = evidence.passages[0]
        sentences = [Sentence(text=text, passage_ids=(passage.passage_id,)) for text in passage.sentences]
        verdicts = await writer.judge(BRIEF, sentences, [passage])
        assert len(verdicts) == len(sentences)
        assert all(verdict is None or verdict.words for verdict in verdicts)

    async def test_search_fields_are_proposed_or_left(self, writer: Writer) -> None:
        """A writer proposes search fields, or leaves them to the pipeline."""
        outline = await writer.outline(BRIEF, heat_pumps())
        fields = await writer.seo(BRIEF, outline)
        assert fields is None or fields.seo_title

    async def test_article_passes_the_gate_when_drafted(self, writer: Writer) -> None:
        """The pipeline makes an article of it that holds sections 1 to 3 of quality.md."""
        evidence = heat_pumps()
        _passes(await _drafted(writer, BRIEF, evidence), BRIEF, evidence)


async def _drafted(writer: Writer, brief: Brief, evidence: Evidence) -> Drafted:
    outline = await writer.outline(brief, evidence)
    sections = [await writer.section(brief, outline, plan, evidence) for plan in outline.sections]
    return await draft_article(writer, brief, outline, sections, evidence)


def _passes(drafted: Drafted, brief: Brief, evidence: Evidence) -> None:
    assert review(drafted.assembled, brief, drafted.outline.title, evidence) == []
    assert drafted.assembled.word_count in brief.words


async def test_repair_of_the_extractive_writer_does_what_is_asked() -> None:
    """It drops the named sentence and what leans on it, shortens by whole sentences, and adds unused passages."""
    evidence = heat_pumps()
    passage = evidence.by_passage_id["s0p1"]
    sentences = tuple(Sentence(text=text, passage_ids=("s0p1",)) for text in passage.sentences)
    draft = SectionDraft(section_id="s1", heading="A", level=2, paragraphs=(Paragraph(sentences=sentences),))
    writer = ExtractiveWriter()
    dropped = await writer.repair(
        BRIEF, draft, [Problem(kind="unsupported", message="", sentence=passage.sentences[1])], evidence.passages
    )
    assert dropped.paragraphs[0].sentences == sentences[:1]
    shorter = await writer.repair(BRIEF, draft, [Problem(kind="too_long", message="", words=5)], evidence.passages)
    assert shorter.paragraphs[0].sentences == sentences[:2]
    hopeless = await writer.repair(BRIEF, draft, [Problem(kind="too_long", message="", words=90)], evidence.passages)
    assert hopeless.paragraphs[0].sentences == sentences[:1]
    longer = await writer.repair(BRIEF, draft, [Problem(kind="too_short", message="", words=40)], evidence.passages)
    assert len(longer.paragraphs) > 1
    same = await writer.repair(BRIEF, draft, [Problem(kind="too_short", message="", words=40)], [passage])
    assert same == draft


@dataclass(frozen=True)
class _Misbehaving:
    """A writer whose sections, and repairs, go through a fault."""

    fault: Callable[[SectionDraft], SectionDraft]
    good: ExtractiveWriter
    repairs: bool  # whether it repairs as asked; else its repairs are faulty too

    @property
    def name(self) -> str:
        return "misbehaving"

    @property
    def notices(self) -> tuple[Notice, ...]:
        return ()

    @property
    def prompts(self) -> str | None:
        return None

    async def plan(self, brief: Brief) -> Sequence[str]:
        return await self.good.plan(brief)

    async def outline(self, brief: Brief, evidence: Evidence) -> Outline:
        return await self.good.outline(brief, evidence)

    async def section(self, brief: Brief, outline: Outline, plan: SectionPlan, evidence: Evidence) -> SectionDraft:
        return self.fault(await self.good.section(brief, outline, plan, evidence))

    async def repair(
        self, brief: Brief, draft: SectionDraft, problems: Sequence[Problem], passages: Sequence[Passage]
    ) -> SectionDraft:
        repaired = await self.good.repair(brief, draft, problems, passages)
        return repaired if self.repairs else self.fault(repaired)

    async def judge(
        self, brief: Brief, sentences: Sequence[Sentence], passages: Sequence[Passage]
    ) -> Sequence[Bearing | None]:
        return await self.good.judge(brief, sentences, passages)

    async def seo(self, brief: Brief, outline: Outline) -> SeoFields | None:
        return await self.good.seo(brief, outline)


def _each(draft: SectionDraft, change: Callable[[Sentence], Sentence]) -> SectionDraft:
    return replace(
        draft,
        paragraphs=tuple(
            replace(paragraph, sentences=tuple(change(sentence) for sentence in paragraph.sentences))
            for paragraph in draft.paragraphs
        ),
    )


def _empty(draft: SectionDraft) -> SectionDraft:
    return replace(draft, paragraphs=())


def _blank(draft: SectionDraft) -> SectionDraft:
    return _each(draft, lambda sentence: replace(sentence, text=" "))


def _too_short(draft: SectionDraft) -> SectionDraft:
    first = draft.paragraphs[0]
    return replace(draft, paragraphs=(replace(first, sentences=first.sentences[:1]),))


def _too_long(draft: SectionDraft) -> SectionDraft:
    padding = tuple(
        Paragraph(sentences=(Sentence(text=f"That is a matter of taste for {'very ' * n}many people in town."),))
        for n in range(40)
    )
    return replace(draft, paragraphs=(*draft.paragraphs, *padding))


def _loop(draft: SectionDraft) -> SectionDraft:
    return replace(draft, paragraphs=draft.paragraphs * 12)


def _cut_off(draft: SectionDraft) -> SectionDraft:
    last = draft.paragraphs[-1]
    broken = replace(last.sentences[-1], text=last.sentences[-1].text[: len(last.sentences[-1].text) // 2])
    return replace(draft, paragraphs=(*draft.paragraphs[:-1], replace(last, sentences=(*last.sentences[:-1], broken))))


def _numbers(draft: SectionDraft) -> SectionDraft:
    return _each(draft, lambda s: replace(s, text=s.text.removesuffix(".") + ", by 73 percent since 1931."))


def _names(draft: SectionDraft) -> SectionDraft:
    return _each(draft, lambda s: replace(s, text=s.text.removesuffix(".") + ", according to Professor Hugo Marwitz."))


def _uncited(draft: SectionDraft) -> SectionDraft:
    return _each(draft, lambda sentence: replace(sentence, passage_ids=()))


def _false_citation(draft: SectionDraft) -> SectionDraft:
    return _each(draft, lambda sentence: replace(sentence, passage_ids=("s9p9",)))


def _wrong_citation(draft: SectionDraft) -> SectionDraft:
    return _each(draft, lambda sentence: replace(sentence, passage_ids=("s3p0",)))


def _talk(draft: SectionDraft) -> SectionDraft:
    says = (
        "Here is the section you asked for:",
        "As an AI language model, I hope this helps!",
        "<think>Let me see</think>.",
    )
    talk = Paragraph(sentences=tuple(Sentence(text=text) for text in says))
    return replace(draft, paragraphs=(talk, *draft.paragraphs))


def _markup(draft: SectionDraft) -> SectionDraft:
    hostile = Sentence(text="# Heading <script>alert(1)</script> [x](https://evil.org)[^9] is ```all``` one needs.")
    return replace(draft, paragraphs=(*draft.paragraphs, Paragraph(sentences=(hostile,))), level=6, heading="A\n\n# B")


def _renamed(draft: SectionDraft) -> SectionDraft:
    return replace(draft, section_id="other", heading="Same Heading")


FAULTS = [
    _empty, _blank, _too_short, _too_long, _loop, _cut_off, _numbers, _names, _uncited, _false_citation,
    _wrong_citation, _talk, _markup, _renamed,
]  # fmt: skip


_HOPELESS = (_empty, _blank, _too_short, _uncited, _false_citation, _wrong_citation)


@pytest.mark.parametrize("repairs", [True, False], ids=["repairs", "never repairs"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_article_is_good_or_fails_honestly_when_the_writer_misbehaves(
    fault: Callable[[SectionDraft], SectionDraft], *, repairs: bool
) -> None:
    """Whatever a writer returns, what comes out holds quality.md or is a WorkflowError that says what would help."""
    evidence = heat_pumps()
    writer = _Misbehaving(fault=fault, good=ExtractiveWriter(), repairs=repairs)
    failure: WorkflowError | None = None
    try:
        _passes(await _drafted(writer, BRIEF, evidence), BRIEF, evidence)
    except WorkflowError as error:
        failure = error
    if failure is not None:
        assert fault in _HOPELESS
        assert "at least 300 are asked for; add" in failure.message or "did not pass its checks" in failure.message


@pytest.mark.parametrize("fault", [_too_long, _loop, _cut_off, _numbers, _names, _talk, _markup, _renamed])
async def test_article_is_made_when_the_fault_can_be_mended(fault: Callable[[SectionDraft], SectionDraft]) -> None:
    """Surplus, loops, broken ends, inventions, talk and markup are taken out, and the article still stands."""
    writer = _Misbehaving(fault=fault, good=ExtractiveWriter(), repairs=True)
    _passes(await _drafted(writer, BRIEF, heat_pumps()), BRIEF, heat_pumps())


@pytest.mark.parametrize(("low", "high"), [(100, 100), (150, 152), (400, 405)])
async def test_narrow_ranges_hold_through_the_gate(low: int, high: int) -> None:
    """An exact length survives checks and assembly."""
    brief = brief_for("heat pumps", low, high, keywords=("heat pump",))
    _passes(await _drafted(ExtractiveWriter(), brief, heat_pumps()), brief, heat_pumps())


async def test_other_languages_and_lengths_pass_the_gate() -> None:
    """A German article, and one of 5,000 words, hold."""
    german = brief_for("Honigbienen", 200, 300, language="de")
    _passes(await _drafted(ExtractiveWriter(), german, honey_bees()), german, honey_bees())
    evidence = large(sources=20, passages=20)
    long = brief_for("old harbours", 5_000, 5_500)
    _passes(await _drafted(ExtractiveWriter(), long, evidence), long, evidence)


async def test_scripted_writer_answers_what_it_was_given() -> None:
    """Given answers come back in order, errors are raised, and calls are noted."""
    evidence = heat_pumps()
    section = SectionDraft(section_id="intro", heading=None, level=2, paragraphs=())
    fields = SeoFields(seo_title="T", seo_description="D", slug="t", excerpt="E", keywords=())
    writer = ScriptedWriter(queries=["a"], sections={"intro": section}, repairs=[section], fields=fields)
    outline = await writer.outline(BRIEF, evidence)
    assert await writer.plan(BRIEF) == ("a",)
    assert await writer.section(BRIEF, outline, outline.sections[0], evidence) == section
    other = await writer.section(BRIEF, outline, outline.sections[1], evidence)
    assert await writer.repair(BRIEF, other, [], []) == section
    assert await writer.repair(BRIEF, other, [], []) == other
    assert await writer.seo(BRIEF, outline) == fields
    assert [method for method, _ in writer.asked] == [
        "outline", "plan", "section", "section", "repair", "repair", "seo",
    ]  # fmt: skip
    with pytest.raises(WorkflowError):
        await ScriptedWriter(outline=WorkflowError("No.")).outline(BRIEF, evidence)
