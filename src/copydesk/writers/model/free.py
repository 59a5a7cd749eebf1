"""What a model writes from its own knowledge, where a request allows it: uncited, and marked as such."""

from collections.abc import Sequence
from dataclasses import replace

from copydesk.domain.article import Outline, Paragraph, SectionDraft, SectionPlan
from copydesk.domain.brief import Brief
from copydesk.errors import LlmError, UnusableAnswer
from copydesk.language.written import written_in
from copydesk.ports import ModelAnswer, TextListener
from copydesk.writers.model.answers import paragraphs_of
from copydesk.writers.model.calls import Calls, answer_tokens
from copydesk.writers.model.fencing import defused
from copydesk.writers.model.forms import OutlineAnswer
from copydesk.writers.model.planning import Proposed, asked_words, plan_freely, sections_wanted, titled
from copydesk.writers.model.prompts import fill
from copydesk.writers.model.wording import heading_of, language_name, part_of, parts_of, request_of, text_of, wishes_of

_OUTLINE_TOKENS = 120  # of the title and what surrounds the headings
_HEADING_TOKENS = 30


class Free:
    """Writes without evidence.

    Args:
        calls: To the model.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def outline(self, brief: Brief) -> Outline:
        """Title and sections without passages.

        Raises:
            LlmError: The model names no section, however it is asked.
        """
        wanted = sections_wanted(brief.words.target)
        prompt = fill(
            "outline_free",
            count=str(wanted),
            language_name=language_name(brief.language),
            keyword_rule=f', with the phrase "{defused(brief.primary_keyword)}"' if brief.keywords else "",
            topic=defused(brief.topic),
            request=request_of(brief),
            wishes=wishes_of(brief),
        )
        limit = _HEADING_TOKENS * wanted + _OUTLINE_TOKENS
        try:
            answer = await self._calls.bare_form("outline", prompt, OutlineAnswer, max_tokens=limit)
        except UnusableAnswer as error:
            raise LlmError(error.message, retryable=True) from error
        proposed = [Proposed(heading=heading_of(section.heading), passage_ids=()) for section in answer.sections]
        return plan_freely(
            brief, titled(brief, heading_of(answer.title)), [section for section in proposed if section.heading]
        )

    async def section(
        self, brief: Brief, outline: Outline, plan: SectionPlan, *, on_text: TextListener | None
    ) -> SectionDraft:
        """Write one section.

        Raises:
            LlmError: What the model answers is of no use, twice.
        """
        words = asked_words(brief, plan)
        for again in ("", "Your last answer could not be used. Keep to the rules above."):
            prompt = fill(
                "section_free",
                words=str(words),
                title=defused(outline.title),
                language_name=language_name(brief.language),
                request=request_of(brief),
                wishes=wishes_of(brief),
                parts=parts_of(outline),
                part=part_of(brief, outline, plan),
                again=again,
            )
            answer = await self._calls.bare(
                f"section:{plan.section_id}", prompt, max_tokens=answer_tokens(words), on_text=on_text
            )
            paragraphs = _ungrounded(answer, brief.language)
            if paragraphs and written_in(_text(paragraphs), brief.language):
                return SectionDraft(
                    section_id=plan.section_id, heading=plan.heading, level=plan.level, paragraphs=paragraphs
                )
        message = f"The model answered nothing of use for the section {plan.heading or plan.section_id!r}, twice."
        raise LlmError(message, retryable=True)

    async def longer(self, brief: Brief, draft: SectionDraft, words: int) -> SectionDraft:
        """The section with about `words` more words; as it was where the model adds nothing of use."""
        prompt = fill("extend_free", words=str(words), language_name=language_name(brief.language), text=text_of(draft))
        answer = await self._calls.bare(f"extend:{draft.section_id}", prompt, max_tokens=answer_tokens(2 * words))
        added = _ungrounded(answer, brief.language)
        if not added or not written_in(_text(added), brief.language):
            return draft
        return replace(draft, paragraphs=(*draft.paragraphs, *added))


def _ungrounded(answer: ModelAnswer, language: str) -> tuple[Paragraph, ...]:
    """The answer's paragraphs; whatever they seem to cite is invented and goes."""
    return tuple(
        replace(paragraph, sentences=tuple(replace(sentence, ungrounded=True) for sentence in paragraph.sentences))
        for paragraph in paragraphs_of(answer.text, (), language, complete=answer.complete)
    )


def _text(paragraphs: Sequence[Paragraph]) -> str:
    return " ".join(sentence.text for paragraph in paragraphs for sentence in paragraph.sentences)
