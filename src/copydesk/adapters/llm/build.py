"""Builds the language model that the settings name."""

import os
from typing import TYPE_CHECKING, Any

from copydesk.adapters.llm.prices import OLLAMA, model_tariff
from copydesk.adapters.llm.provider import Limits, ProviderModel
from copydesk.adapters.llm.redaction import redacted, secrets_of
from copydesk.errors import ConfigurationError
from copydesk.settings import Settings

if TYPE_CHECKING:
    from pydantic_ai.models import Model

_NO_KEY = "none"  # sent to endpoints that ask for no key: the client insists on one


def build_model(settings: Settings) -> ProviderModel:
    """The chain of `MODEL`, with `MODEL_FAST` beside it. Nothing is asked of an endpoint yet.

    Raises:
        ConfigurationError: A name, a key or a package is missing; says which.
    """
    made = {name: _model(name, settings) for name in dict.fromkeys((*settings.models, *settings.fast_models))}
    tariffs = {id(model): model_tariff(name, settings) for name, model in made.items()}
    model = ProviderModel(
        [made[name] for name in settings.models],
        fast=[made[name] for name in settings.fast_models],
        name=settings.model,
        window=settings.model_window,
        limits=Limits(
            seconds=settings.model_seconds,
            silence=settings.model_silence,
            tries=settings.model_tries,
            concurrency=settings.model_concurrency,
        ),
        tariff_of=lambda model: tariffs[id(model)],
        secrets=secrets_of(settings),
    )
    if "model" in settings.search and not model.searches:
        names = ", ".join(settings.fast_models or settings.models)
        message = f"SEARCH names model, but {names} cannot search the web: name another one, or take model out of it."
        raise ConfigurationError(message)
    return model


def _model(name: str, settings: Settings) -> "Model[Any]":
    from pydantic_ai.exceptions import UserError  # noqa: PLC0415 - heavy, and needed by this writer alone
    from pydantic_ai.models import infer_model  # noqa: PLC0415 - likewise

    try:
        if settings.model_base_url is not None:
            return _compatible(name.removeprefix("openai:"), settings.model_base_url, settings)
        if name.startswith("ollama:"):
            return _compatible(name.removeprefix("ollama:"), os.environ.get("OLLAMA_BASE_URL", OLLAMA), settings)
        return infer_model(name)
    except (UserError, ImportError) as error:
        message = f"COPYDESK_MODEL: {name!r} cannot be used: {redacted(str(error), secrets_of(settings))}"
        raise ConfigurationError(message) from None


def _compatible(name: str, base_url: str, settings: Settings) -> "Model[Any]":
    """A model behind an OpenAI-compatible endpoint: chat completions, which every such server knows."""
    from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415 - heavy
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415 - heavy

    key = settings.model_api_key.get_secret_value() if settings.model_api_key is not None else _NO_KEY
    return OpenAIChatModel(name, provider=OpenAIProvider(base_url=base_url, api_key=key))
