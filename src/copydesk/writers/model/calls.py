"""How the writer calls its model: prompts filled in, passages fenced, the room for them kept within its window."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from copydesk.domain.article import Paragraph
from copydesk.domain.source import Evidence, Passage
from copydesk.errors import ContextOverflow
from copydesk.ports import LanguageModel, ModelAnswer, ModelCall, TextListener
from copydesk.writers.model.answers import paragraphs_of
from copydesk.writers.model.fencing import Fenced, estimate_tokens, fence
from copydesk.writers.model.prompts import Prompt, fill
from copydesk.writers.model.structured import Asker, Form
from copydesk.writers.model.wording import language_name

T = TypeVar("T")
F = TypeVar("F", bound=Form)

_TOKENS_PER_WORD = 2.0  # of an answer, on the safe side; English takes 1.3, other languages more
_OVERHEAD_TOKENS = 60  # of an answer: thoughts, marks, a remark
_SHARES = (1.0, 0.5, 0.25, 0.1, 0.03)  # of the window: windows are stated wrongly, and tokens are estimated


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Passages that one prompt is to show."""

    passages: Sequence[Passage]  # best first
    evidence: Evidence  # what names their sources
    words: int | None = None  # shown of each; None: all


class Calls:
    """Every call of one writer.

    Args:
        model: Answers them; its endpoint's failures are raised, unusable answers are not.
        known: How each model is best asked for structure, by name.
    """

    def __init__(self, model: LanguageModel, known: dict[str, str]) -> None:
        self._model = model
        self._asker = Asker(model, known)

    async def bare(
        self,
        purpose: str,
        prompt: Prompt,
        *,
        max_tokens: int,
        fast: bool = False,
        on_text: TextListener | None = None,
    ) -> ModelAnswer:
        """The answer to a prompt without passages."""
        return await self._model.complete(_call(purpose, prompt, max_tokens, fast=fast), on_text=on_text)

    async def bare_form(self, purpose: str, prompt: Prompt, shape: type[F], *, max_tokens: int) -> F:
        """The same of a structured answer, by the fast model.

        Raises:
            UnusableAnswer: It answers, but in no way with such values.
        """
        return await self._asker.ask(_call(purpose, prompt, max_tokens, fast=True), shape)

    async def form(
        self, purpose: str, name: str, shown: Shown, shape: type[F], *, max_tokens: int, **values: str
    ) -> tuple[F, Fenced]:
        """A structured answer over passages, by the fast model.

        Raises:
            UnusableAnswer: It answers, but in no way with such values.
        """

        async def ask(share: float) -> tuple[F, Fenced]:
            prompt, fenced = self._with_passages(name, shown, share=share, max_tokens=max_tokens, **values)
            return await self._asker.ask(_call(purpose, prompt, max_tokens, fast=True), shape), fenced

        return await _in_less_room(ask)

    async def over(
        self,
        purpose: str,
        name: str,
        shown: Shown,
        *,
        max_tokens: int,
        on_text: TextListener | None = None,
        **values: str,
    ) -> tuple[ModelAnswer, Fenced]:
        """An answer in words over passages."""

        async def ask(share: float) -> tuple[ModelAnswer, Fenced]:
            prompt, fenced = self._with_passages(name, shown, share=share, max_tokens=max_tokens, **values)
            return await self._model.complete(_call(purpose, prompt, max_tokens), on_text=on_text), fenced

        return await _in_less_room(ask)

    async def written(
        self,
        purpose: str,
        name: str,
        shown: Shown,
        *,
        language: str,
        max_tokens: int,
        on_text: TextListener | None = None,
        **values: str,
    ) -> tuple[Paragraph, ...]:
        """Paragraphs that the model writes from passages."""
        answer, fenced = await self.over(
            purpose,
            name,
            shown,
            max_tokens=max_tokens,
            on_text=on_text,
            language_name=language_name(language),
            **values,
        )
        return paragraphs_of(answer.text, fenced.ids, language, complete=answer.complete)

    def _with_passages(
        self, name: str, shown: Shown, *, share: float, max_tokens: int, **values: str
    ) -> tuple[Prompt, Fenced]:
        """A prompt with as many passages as `share` of the model's window holds beside it and its answer."""
        bare = fill(name, passages="", **values)
        room = self._model.window - max_tokens - estimate_tokens(bare.instructions) - estimate_tokens(bare.task)
        fenced = fence(shown.passages, shown.evidence, tokens=round(room * share), words=shown.words)
        return fill(name, passages=fenced.text, **values), fenced


def answer_tokens(words: int) -> int:
    """Tokens that an answer of `words` may take."""
    return round(words * _TOKENS_PER_WORD) + _OVERHEAD_TOKENS


def unnamed(passages: Sequence[Passage]) -> Shown:
    """Passages without what is known of their sources."""
    return Shown(passages=passages, evidence=Evidence(sources=(), passages=tuple(passages)))


def _call(purpose: str, prompt: Prompt, max_tokens: int, *, fast: bool = False) -> ModelCall:
    return ModelCall(
        purpose=purpose, instructions=prompt.instructions, prompt=prompt.task, max_tokens=max_tokens, fast=fast
    )


async def _in_less_room(ask: Callable[[float], Awaitable[T]]) -> T:
    """Ask; where the prompt is longer than the model's window after all, ask again with fewer passages.

    Raises:
        ContextOverflow: Even the least of the room is too much.
    """
    for share in _SHARES[:-1]:
        try:
            return await ask(share)
        except ContextOverflow:
            continue
    return await ask(_SHARES[-1])
