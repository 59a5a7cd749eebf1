"""The structured answers that the writer asks for, each also readable from lines of text."""

from typing import Annotated, ClassVar, Self

import regex
from pydantic import AfterValidator, BaseModel, Field

from copydesk.writers.model.echoes import without_prompt
from copydesk.writers.model.structured import Form

_FIELD = regex.compile(
    r"^\W*(title|description|excerpt|slug)\W*?[:=][\s*_]*(.+?)[\s*_]*$", regex.IGNORECASE | regex.MULTILINE
)
_SECTION = regex.compile(
    r"^\s*(?:[-*+\u2022]|\d+[.)])?\s*(?P<heading>[^|\n]+?)\s*\|\s*(?P<numbers>[\d\s,;\[\]]+)$", regex.MULTILINE
)

_Said = Annotated[str, AfterValidator(without_prompt)]


class SectionAnswer(BaseModel):
    """One section of the outline."""

    heading: str = Field(description="at most 60 characters, no number")
    passages: list[int] = Field(description="numbers of the passages that carry it, best first")


class OutlineAnswer(Form):
    """The outline as a model answers it."""

    form: ClassVar[str] = "Title: the title\nheading of a section | numbers of its passages, separated by commas"

    title: str
    sections: list[SectionAnswer]

    @classmethod
    def from_lines(cls, text: str) -> Self:
        """Read "Title: ..." and a line "heading | 1, 2" for each section."""
        title = next((value for name, value in _FIELD.findall(text) if name.lower() == "title"), "")
        sections = [
            SectionAnswer(heading=found["heading"], passages=[int(n) for n in regex.findall(r"\d+", found["numbers"])])
            for found in _SECTION.finditer(text)
        ]
        if not sections:
            message = "no section with its passages"
            raise ValueError(message)
        return cls(title=title, sections=sections)


class SeoAnswer(Form):
    """The search fields as a model answers them."""

    form: ClassVar[str] = "Title: ...\nDescription: ...\nExcerpt: ...\nSlug: ..."

    title: _Said
    description: _Said
    excerpt: _Said
    slug: str

    @classmethod
    def from_lines(cls, text: str) -> Self:
        """Read a line "Name: value" for each field."""
        return cls.model_validate({name.lower(): value for name, value in _FIELD.findall(text)})
