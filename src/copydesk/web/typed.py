"""The form of a new article as it was typed, and the request that it makes; what is right is the service's to say."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Self

from starlette.datastructures import FormData

from copydesk.domain.task import TaskInput

LINKS = 5  # fields for links; contract.md allows as many
_SEPARATOR = re.compile(r"[,;\n]")
_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{0,18})?|-?\.[0-9]{1,18}", re.ASCII)
_FIELDS = {"user_prompt": "prompt", "uploaded_files": "files"}  # the service's names of what is named otherwise here


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What stands in the form."""

    prompt: str = ""
    keywords: str = ""  # apart by commas, semicolons or lines
    links: tuple[str, ...] = ()  # one a field, also empty ones
    files: tuple[str, ...] = ()  # ids of files that were uploaded
    min_words: str = ""
    max_words: str = ""
    language: str = ""
    tone: str = ""
    audience: str = ""
    max_cost_usd: str = ""
    allow_ungrounded: bool = False

    @classmethod
    def of(cls, form: FormData) -> Self:
        """Read a form, its line ends as a page counts them."""
        names = [field.name for field in fields(cls) if field.name not in ("links", "files", "allow_ungrounded")]
        return cls(
            **{name: _text(form, name) for name in names},
            links=tuple(_texts(form, "link")),
            files=tuple(dict.fromkeys(_texts(form, "file"))),
            allow_ungrounded="allow_ungrounded" in form,
        )

    @classmethod
    def of_task(cls, given: TaskInput, files: Iterable[str]) -> Self:
        """What makes a task like another one, with those of its files that are still there."""
        return cls(
            prompt=given.user_prompt,
            keywords="\n".join(given.keywords),
            links=given.reference_links,
            files=tuple(files),
            min_words=_shown(given.min_words),
            max_words=_shown(given.max_words),
            language=given.language or "",
            tone=given.tone or "",
            audience=given.audience or "",
            max_cost_usd=_shown(given.max_cost_usd),
            allow_ungrounded=given.allow_ungrounded,
        )

    @property
    def keyword_list(self) -> list[str]:
        """The keywords, without white space around them."""
        return [word.strip() for word in _SEPARATOR.split(self.keywords) if word.strip()]

    @property
    def more(self) -> bool:
        """Whether something stands under "More"."""
        return bool(self.max_cost_usd.strip()) or self.allow_ungrounded

    def body(self) -> dict[str, Any]:
        """The request; fields that were left empty are absent, and what is no number stays as it was typed."""
        numbers = {
            "min_words": _number(self.min_words, _WHOLE, int),
            "max_words": _number(self.max_words, _WHOLE, int),
            "max_cost_usd": _number(self.max_cost_usd, _NUMBER, float),
        }
        texts = {name: getattr(self, name).strip() for name in ("language", "tone", "audience")}
        lists: dict[str, list[Any]] = {
            "keywords": self.keyword_list,
            "reference_links": [link for link in self.links if link.strip()],
            "uploaded_files": [{"file_id": file_id} for file_id in self.files],
        }
        given = {**lists, **numbers, **texts}
        body = {name: value for name, value in given.items() if value not in ("", [])}
        if self.allow_ungrounded:
            body["allow_ungrounded"] = True
        return {"user_prompt": self.prompt, **body}

    def at_fields(self, details: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
        """What the service said, by the form's field: `prompt`, `link-0`, `files`, ..."""
        said: dict[str, list[str]] = {}
        for detail in details:
            name, _, rest = detail["field"].partition(".")
            field, sentence = self._at_field(name, rest.partition(".")[0], f"{detail['message'].rstrip('.')}.")
            said.setdefault(field, []).append(sentence)
        return said

    def _at_field(self, name: str, index: str, sentence: str) -> tuple[str, str]:
        number = int(index) if index.isdecimal() else None
        if name == "reference_links":
            filled = [place for place, link in enumerate(self.links) if link.strip()]
            return (f"link-{filled[number]}" if number is not None else "links"), sentence
        if name == "keywords" and number is not None:
            keyword = self.keyword_list[number]
            return name, f"“{keyword if len(keyword) <= LONGEST_NAMED else keyword[:LONGEST_NAMED] + '…'}”: {sentence}"
        return _FIELDS.get(name, name), sentence


LONGEST_NAMED = 40  # characters of a keyword that a sentence about it repeats


def _text(form: FormData, name: str) -> str:
    return next(iter(_texts(form, name)), "")


def _texts(form: FormData, name: str) -> list[str]:
    """Browsers send line ends as CRLF (HTML standard, 4.10.21.4); people count them as one character."""
    return [value.replace("\r\n", "\n") for value in form.getlist(name) if isinstance(value, str)]


def _number(text: str, pattern: re.Pattern[str], kind: type[int] | type[float]) -> int | float | str:
    found = text.strip()
    return kind(found) if pattern.fullmatch(found) else found


def _shown(number: float | None) -> str:
    return "" if number is None else f"{Decimal(str(number)):f}"
