"""How a brief, an outline and a section are put into a prompt."""

import langcodes
import regex

from copydesk.domain.article import Outline, SectionDraft, SectionPlan, Sentence
from copydesk.domain.brief import Brief
from copydesk.writers.model.answers import plain
from copydesk.writers.model.echoes import without_prompt
from copydesk.writers.model.fencing import defused


def language_name(language: str) -> str:
    """A language as prompts name it: "German", "Portuguese (Brazil)"."""
    return langcodes.Language.get(language).display_name("en")


def request_of(brief: Brief) -> str:
    """The caller's prompt on one line; the caller is who the article is for, so it keeps its characters."""
    return " ".join(brief.prompt.split())


def wishes_of(brief: Brief) -> str:
    """What the text should do beside stating facts: keywords, tone, readers; empty where nothing is wished for."""
    wishes = []
    if brief.keywords:
        wishes.append(f"Use these phrases where they fit naturally: {', '.join(brief.keywords)}.")
    if brief.tone:
        wishes.append(f"Tone: {brief.tone}.")
    if brief.audience:
        wishes.append(f"Readers: {brief.audience}.")
    return " ".join(wishes)


def parts_of(outline: Outline) -> str:
    """The article's parts, so that each keeps to its own."""
    names = [f"{number}. {_named(plan)}" for number, plan in enumerate(outline.sections, start=1)]
    return "Parts of the article, each written apart:\n" + "\n".join(names)


def part_of(brief: Brief, outline: Outline, plan: SectionPlan) -> str:
    """The part that is to be written now, numbered as in `parts_of`; the opening is to hold the main keyword."""
    number = next(n for n, other in enumerate(outline.sections, start=1) if other.section_id == plan.section_id)
    keyword = f'; its first sentence has the phrase "{defused(brief.keywords[0])}"' if brief.keywords else ""
    return f"{number}. {_named(plan)}{keyword if number == 1 else ''}"


def _named(plan: SectionPlan) -> str:
    if plan.section_id == "intro":
        return "Opening: what the article is about and why it matters"
    if plan.section_id == "summary":
        return f"{plan.heading or 'Summary'}: the most important points, said briefly"
    return defused(plan.heading or "")


def text_of(draft: SectionDraft, numbers: dict[str, int] | None = None) -> str:
    """A section as it is shown to the model, with passage numbers where they are given."""
    return "\n\n".join(
        " ".join(_marked(sentence, numbers or {}) for sentence in paragraph.sentences) for paragraph in draft.paragraphs
    )


def _marked(sentence: Sentence, numbers: dict[str, int]) -> str:
    marks = "".join(f" [{numbers[i]}]" for i in sentence.passage_ids if i in numbers)
    return defused(sentence.text) + marks


def heading_of(text: str) -> str:
    """A heading on one line, without markup, numbering, or the stop that ends a sentence."""
    bare = " ".join(without_prompt(plain(text)).replace("\n", " ").split())
    bare = regex.sub(r"^(?:\d+(?:\.\d+)*[.):]|section \d+:?)\s+", "", bare, flags=regex.IGNORECASE)
    return bare.strip("\"'\u201c\u201d ").rstrip(".:;,")
