"""Language models of any provider, through pydantic-ai: retries, fallbacks, usage and prices."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from copydesk.adapters.llm.failures import explain, is_passing
from copydesk.adapters.llm.found_pages import SEARCHES, TOKENS_READ, found_pages
from copydesk.adapters.llm.prices import Tariff
from copydesk.errors import LlmError
from copydesk.ports import AnswerMode, CallUsage, ModelAnswer, ModelCall, TextListener
from copydesk.telemetry import get_logger

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelRequest, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
    from pydantic_ai.models.openai import OpenAIResponsesModelSettings
    from pydantic_ai.settings import ModelSettings

DEFAULT_WINDOW = 8_192  # tokens of a model whose window nobody states: what small local models are often started with
_ANSWER = "answer"  # the function that a model calls in tool mode
_LONGEST_WAIT = 60.0  # seconds before another try; a provider that asks for more is given up
_FIRST_WAIT = 0.5  # seconds, doubled with each try, with jitter


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one call may take."""

    seconds: float  # one try, from request to the answer's end
    silence: float  # without a further piece of the answer
    tries: int  # of each model
    concurrency: int  # calls of one endpoint at the same time


class ProviderModel:
    """Implements `ports.LanguageModel` over a chain of pydantic-ai models, the first that answers wins.

    An async context manager: its connections are open within it.

    Args:
        models: The chain; not empty.
        fast: The chain of cheaper models for calls that may be answered by them; empty: `models`.
        name: Its name in the settings.
        window: Tokens of prompt and answer; None: what pydantic-ai knows of the first model, else `DEFAULT_WINDOW`.
        limits: Of one call.
        tariff_of: Where the price of each model is found; by default in the list, by its provider and name.
        secrets: What no error may show, whatever the endpoint says.
    """

    def __init__(
        self,
        models: "Sequence[Model[Any]]",
        *,
        fast: "Sequence[Model[Any]]" = (),
        name: str,
        window: int | None,
        limits: Limits,
        tariff_of: "Callable[[Model[Any]], Tariff] | None" = None,
        secrets: Sequence[str] = (),
    ) -> None:
        self._models = tuple(models)
        self._fast = tuple(fast) or self._models
        self._name = name
        self._window = window or _known_window(self._models[0])
        self._limits = limits
        self._tariff_of = tariff_of or _listed_tariff
        self._secrets = tuple(secrets)
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._log = get_logger("copydesk.llm")
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for model in {id(model): model for model in (*self._models, *self._fast)}.values():
            await self._open.enter_async_context(model)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    @property
    def name(self) -> str:
        """Its name in the `MODEL` setting."""
        return self._name

    @property
    def window(self) -> int:
        """Tokens that prompt and answer may have together."""
        return self._window

    @property
    def modes(self) -> tuple[AnswerMode, ...]:
        """What the first model's profile says it knows."""
        profile = self._models[0].profile
        known = []
        if profile.get("supports_json_schema_output"):
            known.append(AnswerMode.NATIVE)
        if profile.get("supports_tools", True):
            known.append(AnswerMode.TOOL)
        return (*known, AnswerMode.TEXT)

    @property
    def searches(self) -> bool:
        """Whether a model of the fast chain can search the web (`AnswerMode.SEARCH`)."""
        return bool(_searching(self._fast))

    def worst_price(self, call: ModelCall) -> Decimal | None:
        """What the dearest model of the chain can cost, each of its tries being paid for."""
        # A token is at least a byte of UTF-8 or so: no tokenizer makes more tokens than bytes.
        most = len(call.instructions.encode()) + len(call.prompt.encode()) + len(str(call.schema or ""))
        searches = SEARCHES if call.mode is AnswerMode.SEARCH else 0
        most += TOKENS_READ * searches
        prices = [
            self._tariff_of(model).of(input_tokens=most, output_tokens=call.max_tokens, searches=searches)
            for model in self._chain(call)
        ]
        known = [price for price in prices if price is not None]
        return max(known) * self._limits.tries if len(known) == len(prices) else None

    async def complete(self, call: ModelCall, *, on_text: TextListener | None = None) -> ModelAnswer:
        """Answer one call; see `ports.LanguageModel`."""
        last: LlmError | None = None
        for model in self._chain(call):
            try:
                return await self._tried(model, call, on_text)
            except LlmError as error:
                if not error.retryable:
                    raise
                last = error
                self._log.warning("model_failed", model=model.model_name, purpose=call.purpose, reason=error.message)
        assert last is not None  # noqa: S101 - the chain is not empty
        raise last

    def _chain(self, call: ModelCall) -> "Sequence[Model[Any]]":
        chain = self._fast if call.fast else self._models
        return _searching(chain) if call.mode is AnswerMode.SEARCH else chain

    async def _tried(self, model: "Model[Any]", call: ModelCall, on_text: TextListener | None) -> ModelAnswer:
        """Ask one model, again after passing failures."""
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._limits.tries),
            wait=_wait,
            retry=retry_if_exception(_is_worth_another_try),
            reraise=True,
        )
        tries = 0
        try:
            async for attempt in retrying:
                with attempt:
                    tries += 1
                    return await self._asked(model, call, on_text, retries=tries - 1)
        except _FAILURES() as error:
            raise explain(error, model.model_name, self._limits.seconds, secrets=self._secrets) from None
        message = f"{model.model_name} was not asked."
        raise LlmError(message)

    async def _asked(
        self, model: "Model[Any]", call: ModelCall, on_text: TextListener | None, *, retries: int
    ) -> ModelAnswer:
        started = time.monotonic()
        async with self._slots, asyncio.timeout(self._limits.seconds):
            response = await self._streamed(model, call, on_text)
        if not response.text and not response.tool_calls and response.finish_reason == "content_filter":
            message = f"{model.model_name} refused to answer."
            raise LlmError(message, retryable=False)
        return ModelAnswer(
            text=found_pages(response) if call.mode is AnswerMode.SEARCH else _text(response),
            complete=response.finish_reason != "length",
            usage=_usage(response, model, self._tariff_of(model), seconds=time.monotonic() - started, retries=retries),
        )

    async def _streamed(self, model: "Model[Any]", call: ModelCall, on_text: TextListener | None) -> "ModelResponse":
        if on_text is not None:
            on_text.restart()
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(self._limits.silence):
                stream = await stack.enter_async_context(_stream(model, call))
            await self._follow(stream, on_text)
            return stream.get()

    async def _follow(self, stream: "StreamedResponse", on_text: TextListener | None) -> None:
        """Read the stream to its end; each piece may take `silence` seconds."""
        from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta  # noqa: PLC0415 - heavy

        events = aiter(stream)
        while True:
            try:
                async with asyncio.timeout(self._limits.silence):
                    event = await anext(events)
            except StopAsyncIteration:
                return
            if on_text is None:
                continue
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                on_text.piece(event.part.content)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                on_text.piece(event.delta.content_delta)


@asynccontextmanager
async def _stream(model: "Model[Any]", call: ModelCall) -> "AsyncIterator[StreamedResponse]":
    from pydantic_ai.direct import model_request_stream  # noqa: PLC0415 - heavy

    async with model_request_stream(
        model,
        [_request(call)],
        model_settings=_settings(call, model),
        model_request_parameters=_parameters(call),
    ) as stream:
        yield stream


def _request(call: ModelCall) -> "ModelRequest":
    from pydantic_ai.messages import ModelRequest, UserPromptPart  # noqa: PLC0415 - heavy

    return ModelRequest(parts=[UserPromptPart(content=call.prompt)], instructions=call.instructions)


def _settings(call: ModelCall, model: "Model[Any]") -> "ModelSettings":
    """The answer's limit, and the call's key where one can be sent; the provider's client does not retry, we do."""
    settings: OpenAIResponsesModelSettings = {"max_tokens": call.max_tokens, "max_retries": 0}
    if call.key is not None and "extra_headers" not in model.unsupported_settings:
        # Models of one endpoint are sent other bodies, which one key must not name.
        named = hashlib.sha256(f"{call.key}:{model.model_name}".encode()).hexdigest()
        settings["extra_headers"] = {"Idempotency-Key": named}
    if call.mode is AnswerMode.SEARCH:
        settings["openai_include_web_search_sources"] = True  # other providers pass it over
    return settings


def _parameters(call: ModelCall) -> "ModelRequestParameters":
    from pydantic_ai.models import ModelRequestParameters  # noqa: PLC0415 - heavy
    from pydantic_ai.native_tools import WebSearchTool  # noqa: PLC0415 - heavy
    from pydantic_ai.output import OutputObjectDefinition  # noqa: PLC0415 - heavy
    from pydantic_ai.tools import ToolDefinition  # noqa: PLC0415 - heavy

    schema = dict(call.schema or {})
    if call.mode is AnswerMode.NATIVE:
        return ModelRequestParameters(
            output_mode="native", output_object=OutputObjectDefinition(name=_ANSWER, json_schema=schema)
        )
    if call.mode is AnswerMode.TOOL:
        tool = ToolDefinition(
            name=_ANSWER, parameters_json_schema=schema, description="Give the answer.", kind="output"
        )
        return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)
    if call.mode is AnswerMode.SEARCH:
        return ModelRequestParameters(native_tools=[WebSearchTool(search_context_size="low")])
    return ModelRequestParameters()


def _searching(models: "Sequence[Model[Any]]") -> "Sequence[Model[Any]]":
    """Those whose provider searches the web for them."""
    from pydantic_ai.native_tools import WebSearchTool  # noqa: PLC0415 - heavy

    return tuple(model for model in models if WebSearchTool in model.profile.get("supported_native_tools", ()))


def _text(response: "ModelResponse") -> str:
    for part in response.tool_calls:
        return part.args_as_json_str()
    return response.text or ""


def _usage(
    response: "ModelResponse", model: "Model[Any]", tariff: Tariff, *, seconds: float, retries: int
) -> CallUsage:
    return CallUsage(
        model=response.model_name or model.model_name,
        input_tokens=response.usage.input_tokens,
        output_tokens=response.usage.output_tokens,
        cached_tokens=response.usage.cache_read_tokens,
        cost_usd=_price(response, tariff),
        seconds=seconds,
        retries=retries,
    )


def _price(response: "ModelResponse", tariff: Tariff) -> Decimal | None:
    """What the answer cost; None where no price is known, or the endpoint did not say how many tokens it took."""
    if response.usage.unmeasured_requests:
        return None
    return tariff.price(response.usage, answered_by=response.model_name, context=response.provider_details)


def _listed_tariff(model: "Model[Any]") -> Tariff:
    return Tariff(model=model.model_name, provider=model.system)


def _known_window(model: "Model[Any]") -> int:
    return model.profile.get("context_window") or DEFAULT_WINDOW


def _FAILURES() -> tuple[type[Exception], ...]:  # noqa: N802 - a constant, made late since its import is heavy
    from pydantic_ai.exceptions import AgentRunError  # noqa: PLC0415 - heavy

    return (AgentRunError, TimeoutError)


def _is_worth_another_try(error: BaseException) -> bool:
    after = getattr(error, "retry_after", None)
    return is_passing(error) and (after is None or after <= _LONGEST_WAIT)


def _wait(state: RetryCallState) -> float:
    """Exponential, with jitter; what the provider asks for where it says so."""
    error = state.outcome.exception() if state.outcome is not None else None
    after = getattr(error, "retry_after", None)
    if after is not None:
        return float(after)
    return float(wait_random_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT)(state))
