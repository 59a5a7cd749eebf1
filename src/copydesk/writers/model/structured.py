"""Structured answers from any model: the best way that it knows is found out once and remembered."""

from dataclasses import replace
from json import dumps
from typing import Any, ClassVar, Self, TypeVar

import regex
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from copydesk.errors import CallRejected, ContextOverflow, UnusableAnswer
from copydesk.ports import AnswerMode, LanguageModel, ModelCall
from copydesk.writers.model.answers import without_thoughts

_JSON, _LINES = "json", "lines"  # the ways beside the modes: words alone
_OPENING = regex.compile(r"[{\[]")


class Form(BaseModel):
    """A structured answer that can also be given as lines of text."""

    form: ClassVar[str]  # how the lines look, as a model is told

    @classmethod
    def from_lines(cls, text: str) -> Self:
        """Read the lines leniently.

        Raises:
            ValueError: They do not hold the answer.
        """
        raise NotImplementedError


F = TypeVar("F", bound=Form)


class Asker:
    """Asks one model for structured answers.

    Args:
        model: Who is asked.
        known: The mode that was found to work, by model name; shared by all askers of a process.
    """

    def __init__(self, model: LanguageModel, known: dict[str, str]) -> None:
        self._model = model
        self._known = known

    async def ask(self, call: ModelCall, shape: type[F]) -> F:
        """The values of `shape`, asked for in one way after another.

        Raises:
            UnusableAnswer: It answers, but in no way with such values.
            LlmError: The endpoint fails.
        """
        for way in self._ways():
            try:
                answer = await self._model.complete(_asked(call, shape, way))
                value = (_from_lines if way == _LINES else _from_json)(answer.text, shape)
            except ContextOverflow:
                raise
            except (CallRejected, ValueError):
                continue
            self._known[self._model.name] = way
            return value
        message = f"{self._model.name} gave no usable answer to the call {call.purpose!r}, however it was asked."
        raise UnusableAnswer(message)

    def _ways(self) -> list[str]:
        """Ways to ask, the one that worked before first."""
        ways = [mode.value for mode in self._model.modes if mode in {AnswerMode.NATIVE, AnswerMode.TOOL}]
        ways = [*ways, _JSON, _LINES]
        known = self._known.get(self._model.name)
        return ways if known is None else [known, *(way for way in ways if way != known)]


def _asked(call: ModelCall, shape: type[Form], way: str) -> ModelCall:
    schema: dict[str, Any] = shape.model_json_schema()
    if way in {AnswerMode.NATIVE, AnswerMode.TOOL}:
        return replace(call, mode=AnswerMode(way), schema=schema)
    if way == _JSON:
        wanted = f"Answer with one JSON object alone, of this schema: {dumps(schema, separators=(',', ':'))}"
    else:
        wanted = f"Answer with these lines alone:\n{shape.form}"
    return replace(call, instructions=f"{call.instructions}\n{wanted}")


def _from_json(text: str, shape: type[F]) -> F:
    """The first JSON value in the text that fits; a cut-off one is closed where it was cut."""
    text = without_thoughts(text)
    for opening in _OPENING.finditer(text):
        end = text.rfind("}")
        for piece in (text[opening.start() : end + 1], text[opening.start() :]):
            try:
                return shape.model_validate(from_json(piece, allow_partial="trailing-strings"))
            except (ValueError, ValidationError):
                continue
    message = "no JSON of the schema"
    raise ValueError(message)


def _from_lines(text: str, shape: type[F]) -> F:
    return shape.from_lines(without_thoughts(text))
