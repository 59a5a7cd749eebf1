"""Vectors of texts from an embedding model: any that pydantic-ai knows, or any OpenAI-compatible endpoint."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from copydesk.adapters.llm.failures import explain
from copydesk.adapters.llm.prices import Tariff, embedding_tariff
from copydesk.adapters.llm.redaction import redacted, secrets_of
from copydesk.errors import ConfigurationError, LlmError
from copydesk.ports import Embedded
from copydesk.settings import Settings

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.embeddings import EmbeddingModel
    from pydantic_ai.providers import Provider

BATCH = 64  # texts a call: about 13,000 tokens, far below what endpoints take at once
RETRIES = 1  # by the client library; what fails twice is a warning and no article waits for it
_NO_KEY = "none"  # sent to endpoints that ask for no key: the client insists on one


class ModelEmbedder:
    """An embedding model; each call of `embed` is one paid request (and one retry)."""

    def __init__(
        self, model: "EmbeddingModel", *, name: str, seconds: float, tariff: Tariff, secrets: Sequence[str] = ()
    ) -> None:
        """Wrap a model.

        Args:
            model: Of pydantic-ai.
            name: Its name in the `EMBEDDING_MODEL` setting.
            seconds: Time one call may take, its retry included.
            tariff: Where its price is found.
            secrets: What no error may show, whatever the endpoint says.
        """
        self._model = model
        self._name = name
        self._seconds = seconds
        self._tariff = tariff
        self._secrets = tuple(secrets)

    @property
    def name(self) -> str:
        """Its name in the `EMBEDDING_MODEL` setting."""
        return self._name

    @property
    def batch(self) -> int:
        """Texts one call may have."""
        return BATCH

    def worst_price(self, texts: Sequence[str]) -> Decimal | None:
        """What a call and its retry can cost: a token is at least a byte of UTF-8."""
        price = self._tariff.of(input_tokens=sum(len(text.encode()) for text in texts))
        return None if price is None else price * (1 + RETRIES)

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Embedded:
        """The vectors of texts, in their order; see the port."""
        from openai import OpenAIError  # noqa: PLC0415 - heavy, and of use with a model alone
        from pydantic_ai.exceptions import AgentRunError, UserError  # noqa: PLC0415 - likewise

        if not texts:
            return Embedded(vectors=(), input_tokens=0)
        kind = "query" if query else "document"
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._seconds):
                result = await self._model.embed(list(texts), input_type="query" if query else "document")
        except (AgentRunError, UserError, OpenAIError, TimeoutError) as error:
            raise explain(error, self._name, self._seconds, family="EMBEDDING", secrets=self._secrets) from None
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            message = f"{self._name} answered something that is no list of vectors ({kind})."
            raise LlmError(message) from error
        return Embedded(
            vectors=_checked(result.embeddings, len(texts), self._name),
            input_tokens=result.usage.input_tokens,
            model=result.model_name,
            cost_usd=self._cost(result.usage.input_tokens),
            seconds=time.monotonic() - started,
        )

    def _cost(self, tokens: int) -> Decimal | None:
        """What so many tokens cost; an endpoint that does not count them leaves it unknown, but where all is free."""
        price = self._tariff.of(input_tokens=tokens or 1)
        return price if tokens or price == 0 else None


def _checked(vectors: Sequence[Sequence[float]], count: int, name: str) -> tuple[tuple[float, ...], ...]:
    """The vectors, if there is one for each text, all of one length and of finite numbers."""
    if len(vectors) != count:
        message = f"{name} answered {len(vectors)} vectors for {count} texts."
        raise LlmError(message)
    if len({len(vector) for vector in vectors}) != 1 or not vectors[0]:
        message = f"{name} answered vectors of different lengths, or empty ones."
        raise LlmError(message)
    try:
        finite = all(math.isfinite(number) for vector in vectors for number in vector)
    except TypeError as error:
        message = f"{name} answered something that is no list of vectors."
        raise LlmError(message) from error
    if not finite:
        message = f"{name} answered vectors with numbers that are none."
        raise LlmError(message)
    return tuple(tuple(vector) for vector in vectors)


@asynccontextmanager
async def open_embedder(settings: Settings) -> AsyncIterator[ModelEmbedder]:
    """The embedder of `EMBEDDING_MODEL`, which must be set; its connections are closed with the block.

    As for every endpoint that stands in the settings: no redirect is followed, and time is limited.

    Raises:
        ConfigurationError: A name, a key or a package is missing; says which.
    """
    import httpx2  # noqa: PLC0415 - heavy, and of use with a model alone
    from openai import OpenAIError  # noqa: PLC0415 - likewise
    from pydantic_ai.embeddings import infer_embedding_model  # noqa: PLC0415 - likewise
    from pydantic_ai.exceptions import UserError  # noqa: PLC0415 - likewise

    name, secrets = settings.embedding_model or "", secrets_of(settings)
    async with httpx2.AsyncClient(follow_redirects=False, timeout=settings.embedding_seconds) as client:
        compatible = settings.embedding_base_url is not None
        qualified = f"openai:{name.removeprefix('openai:')}" if compatible else name
        try:
            model = infer_embedding_model(qualified, provider_factory=lambda kind: _provider(kind, settings, client))
        except (UserError, OpenAIError, ImportError, ValueError) as error:
            message = f"COPYDESK_EMBEDDING_MODEL: {name!r} cannot be used: {redacted(str(error), secrets)}"
            raise ConfigurationError(message) from None
        yield ModelEmbedder(
            model, name=name, seconds=settings.embedding_seconds, tariff=embedding_tariff(settings), secrets=secrets
        )


def _provider(kind: str, settings: Settings, client: "httpx2.AsyncClient") -> "Provider[Any]":
    from openai import AsyncOpenAI  # noqa: PLC0415 - heavy
    from pydantic_ai.providers import infer_provider  # noqa: PLC0415 - likewise
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415 - likewise

    if kind != "openai":
        return infer_provider(kind)
    key = settings.embedding_api_key.get_secret_value() if settings.embedding_api_key is not None else None
    if key is None and settings.embedding_base_url is not None:
        key = _NO_KEY
    openai = AsyncOpenAI(
        base_url=settings.embedding_base_url,
        api_key=key,  # None: OPENAI_API_KEY
        max_retries=RETRIES,
        timeout=settings.embedding_seconds,
        http_client=client,
    )
    return OpenAIProvider(openai_client=openai)
