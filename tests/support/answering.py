"""A language model that gives the answers it is told to, in order."""

from copydesk.errors import LlmError
from copydesk.ports import AnswerMode, CallUsage, ModelAnswer, ModelCall, TextListener

USAGE = CallUsage(model="m", input_tokens=1, output_tokens=1, cached_tokens=0, cost_usd=None, seconds=0.1, retries=0)


class Given:
    """Implements `ports.LanguageModel` with given answers; an error among them is raised."""

    def __init__(self, *answers: str | LlmError, modes: tuple[AnswerMode, ...] = tuple(AnswerMode)) -> None:
        self._answers: list[str | LlmError] = list(answers)
        self.name = "given"
        self.window = 8_000
        self.modes = modes
        self.calls: list[ModelCall] = []

    def worst_price(self, call: ModelCall) -> None:
        """Unknown."""
        del call

    async def complete(self, call: ModelCall, *, on_text: TextListener | None = None) -> ModelAnswer:
        """The next answer."""
        del on_text
        self.calls.append(call)
        answer = self._answers.pop(0)
        if isinstance(answer, LlmError):
            raise answer
        return ModelAnswer(text=answer, complete=True, usage=USAGE)
