"""Tries the endpoints that the settings name, with a few tiny calls each, for `copydesk doctor`."""

import asyncio
import json

from copydesk.adapters.llm.prices import embedding_tariff, model_tariff
from copydesk.domain.checkup import EmbeddingCheck, ModelCheck
from copydesk.errors import ConfigurationError, LlmError
from copydesk.ports import AnswerMode, LanguageModel, ModelCall
from copydesk.settings import Settings

_PURPOSE = "doctor"
_INSTRUCTIONS = "You are tried out. Answer briefly."
_PROMPT = "Write the numbers from one to twelve as words."
_TEXTS = ("Coffee grows in the highlands of Ethiopia.", "The tide follows the moon.")
_SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "description": "The numbers."}},
    "required": ["answer"],
    "additionalProperties": False,
}
_MAX_TOKENS = 400  # some models think before they answer


async def check_model(name: str, settings: Settings) -> ModelCheck:
    """Try one model of `MODEL` or `MODEL_FAST`: no retry, and no longer than a call of an article."""
    from copydesk.adapters.llm.build import build_model  # noqa: PLC0415 - heavy
    from copydesk.adapters.llm.provider import DEFAULT_WINDOW  # noqa: PLC0415 - likewise

    priced = model_tariff(name, settings).known
    alone = {"model": name, "model_fast": None, "model_tries": 1, "search": ("none",)}
    heard = _Pieces()
    try:
        async with build_model(settings.model_copy(update=alone)) as model:
            answer = await model.complete(_call(AnswerMode.TEXT), on_text=heard)
            schema, functions = await asyncio.gather(_takes(model, AnswerMode.NATIVE), _takes(model, AnswerMode.TOOL))
    except (LlmError, ConfigurationError) as error:
        return ModelCheck(name=name, priced=priced, problem=error.message)
    return ModelCheck(
        name=name,
        priced=priced,
        seconds=answer.usage.seconds,
        answered_by=answer.usage.model,
        streams=heard.count > 1,
        takes_schema=schema,
        takes_functions=functions,
        window=model.window,
        window_known=settings.model_window is not None or model.window != DEFAULT_WINDOW,
    )


async def check_embedding(settings: Settings) -> EmbeddingCheck:
    """Try the model of `EMBEDDING_MODEL`, which must be set."""
    from copydesk.adapters.llm.embeddings import open_embedder  # noqa: PLC0415 - heavy

    name, priced = settings.embedding_model or "", embedding_tariff(settings).known
    try:
        async with open_embedder(settings) as embedder:
            embedded = await embedder.embed(_TEXTS)
    except (LlmError, ConfigurationError) as error:
        return EmbeddingCheck(name=name, priced=priced, problem=error.message)
    return EmbeddingCheck(name=name, priced=priced, seconds=embedded.seconds, length=len(embedded.vectors[0]))


class _Pieces:
    """Counts the pieces in which a text comes."""

    count = 0

    def restart(self) -> None:
        """Another try begins."""
        self.count = 0

    def piece(self, text: str) -> None:
        """A piece came; empty ones are none."""
        self.count += bool(text)


def _call(mode: AnswerMode) -> ModelCall:
    return ModelCall(
        purpose=_PURPOSE,
        instructions=_INSTRUCTIONS,
        prompt=_PROMPT,
        max_tokens=_MAX_TOKENS,
        mode=mode,
        schema=None if mode is AnswerMode.TEXT else _SCHEMA,
    )


async def _takes(model: LanguageModel, mode: AnswerMode) -> bool:
    """Whether the model is said to know the mode, and answers in it with what the schema asks for."""
    if mode not in model.modes:
        return False
    try:
        answer = await model.complete(_call(mode))
        value = json.loads(answer.text)
    except (LlmError, json.JSONDecodeError):
        return False
    return isinstance(value, dict) and isinstance(value.get("answer"), str)
