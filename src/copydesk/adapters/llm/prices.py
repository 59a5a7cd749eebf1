"""What models cost: by the price list that `genai-prices` bundles, else as the operator states it.

Used by the worker, which buys, and by the API, which only asks whether a price is known: so the clients of providers
are never imported here.
"""

import os
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from copydesk.settings import Settings

MILLION = 1_000_000
OLLAMA = "http://127.0.0.1:11434/v1"  # where Ollama listens by default
_GATEWAY = "gateway/"  # pydantic-ai's gateway, before the provider's name
_OLLAMA = "ollama"  # always a server of one's own


class TokensUsed(Protocol):
    """Tokens of one call, as pydantic-ai and `genai-prices` count them."""

    @property
    def input_tokens(self) -> Any:
        """All of the prompt's, cached ones too."""

    @property
    def output_tokens(self) -> Any:
        """Of the answer, thoughts too."""


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """Where the price of one model is found.

    A model behind an address of the operator's is looked up by that address: one of a known name on a server of one's
    own has no listed price.
    """

    model: str  # without its provider
    provider: str | None = None  # in the price list
    address: str | None = None  # else: the endpoint's
    stated: tuple[Decimal, Decimal] | None = None  # US dollars per million tokens of input and of output

    def price(self, used: TokensUsed, *, answered_by: str | None = None, context: Any = None) -> Decimal | None:
        """US dollars for so many tokens, by the list, else as stated; None where neither knows.

        Args:
            used: The tokens.
            answered_by: The model's name in the answer, which may be more exact.
            context: What the answer tells of how it was made, such as its service tier.
        """
        for name in (answered_by, self.model):
            listed = self._listed(used, name, context) if name else None
            if listed is not None:
                return listed
        if self.stated is None:
            return None
        read, written = self.stated
        return (read * Decimal(used.input_tokens or 0) + written * Decimal(used.output_tokens or 0)) / MILLION

    def of(self, *, input_tokens: int, output_tokens: int = 0, searches: int = 0) -> Decimal | None:
        """US dollars for so many tokens, none of them cached, and searches of the web; see `price`."""
        from genai_prices import Usage  # noqa: PLC0415 - reads its list at import, in a third of a second

        searched = {"web_searches": searches} if searches else {}
        return self.price(Usage(input_tokens=input_tokens, output_tokens=output_tokens, **searched))

    @property
    def known(self) -> bool:
        """Whether there is a price at all."""
        return self.of(input_tokens=1, output_tokens=1) is not None

    def _listed(self, used: Any, model: str, context: Any) -> Decimal | None:
        from genai_prices import calc_price  # noqa: PLC0415 - as above

        where = {"provider_id": self.provider} if self.address is None else {"provider_api_url": self.address}
        try:
            return Decimal(calc_price(used, model, price_context=context, **where).total_price)
        except (LookupError, ValueError):
            return None


def model_tariff(name: str, settings: Settings) -> Tariff:
    """The tariff of a model of `MODEL` or `MODEL_FAST`."""
    return _tariff(name, address=settings.model_base_url, stated=settings.model_price)


def embedding_tariff(settings: Settings) -> Tariff:
    """The tariff of `EMBEDDING_MODEL`, whose output costs nothing."""
    stated = None if settings.embedding_price is None else (settings.embedding_price, Decimal(0))
    return _tariff(settings.embedding_model or "", address=settings.embedding_base_url, stated=stated)


def unpriced_models(settings: Settings) -> tuple[str, ...]:
    """Those of `MODEL` and `MODEL_FAST` whose price nobody knows."""
    names = dict.fromkeys((*settings.models, *settings.fast_models))
    return tuple(name for name in names if not model_tariff(name, settings).known)


def _tariff(name: str, *, address: str | None, stated: tuple[Decimal, Decimal] | None) -> Tariff:
    if address is not None:
        return Tariff(model=name.removeprefix("openai:"), address=address, stated=stated)
    provider, _, model = name.removeprefix(_GATEWAY).partition(":")
    if provider == _OLLAMA:
        return Tariff(model=model, address=os.environ.get("OLLAMA_BASE_URL", OLLAMA), stated=stated)
    # A provider's own variable, such as OPENAI_BASE_URL, sends its calls to another address.
    redirected = os.environ.get(f"{provider.partition('-')[0].upper()}_BASE_URL") or None
    return Tariff(model=model, provider=provider, address=redirected, stated=stated)
