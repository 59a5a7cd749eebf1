"""Where the price of a model is found."""

import os
from dataclasses import dataclass
from decimal import Decimal

import pytest
from genai_prices import Usage

from copydesk.adapters.llm.prices import Tariff, embedding_tariff, model_tariff, unpriced_models
from copydesk.settings import Settings

STATED = (Decimal("0.5"), Decimal(2))


@dataclass(frozen=True, kw_only=True)
class Used:
    """Tokens of a call."""

    input_tokens: int
    output_tokens: int


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No endpoint of the caller's."""
    for name in list(os.environ):
        if name.endswith("_BASE_URL"):
            monkeypatch.delenv(name)
    return monkeypatch


def settings_of(model: str = "openai:gpt-4o", **changes: object) -> Settings:
    """Settings that name a model."""
    return Settings.model_validate({"model": model, "search": "none", **changes})


@pytest.mark.parametrize(
    ("name", "provider", "model"),
    [
        ("openai:gpt-4o", "openai", "gpt-4o"),
        ("openai-responses:gpt-4o", "openai-responses", "gpt-4o"),
        ("gateway/anthropic:claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
        ("bedrock:us.anthropic.claude-sonnet-4-20250514-v1:0", "bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
    ],
)
def test_price_is_listed_when_the_provider_is_known(name: str, provider: str, model: str) -> None:
    """By provider and name, as the setting has them."""
    tariff = model_tariff(name, settings_of(name))
    assert tariff == Tariff(provider=provider, model=model)
    assert tariff.known


def test_listed_price_is_that_of_the_list_when_tokens_are_counted() -> None:
    """GPT-4o: 2.50 US dollars for a million tokens of input, 10 of output; a stated price does not replace it."""
    tariff = model_tariff("openai:gpt-4o", settings_of(model_price=STATED))
    assert tariff.of(input_tokens=1_000_000) == Decimal("2.5")
    assert tariff.of(input_tokens=0, output_tokens=1_000_000) == Decimal(10)


def test_cached_tokens_are_cheaper_when_the_list_says_so() -> None:
    """GPT-4o: half price."""
    tariff = model_tariff("openai:gpt-4o", settings_of())
    assert tariff.price(Usage(input_tokens=1_000_000, cache_read_tokens=1_000_000)) == Decimal("1.25")


def test_the_answers_own_name_counts_when_it_is_listed() -> None:
    """An endpoint says which of its models answered; where that is unknown, the name in the settings decides."""
    tariff = model_tariff("openai:gpt-4o", settings_of())
    used = Used(input_tokens=1_000_000, output_tokens=0)
    assert tariff.price(used, answered_by="gpt-4o-mini-2024-07-18") == Decimal("0.15")
    assert tariff.price(used, answered_by="nobody-lists-this") == Decimal("2.5")


@pytest.mark.parametrize("name", ["gpt-4o", "openai:gpt-4o"])
def test_price_is_unknown_when_the_server_is_ones_own(name: str) -> None:
    """A model of a known name behind another address is another model, until the operator states what it costs."""
    own = {"model_base_url": "http://127.0.0.1:8080/v1"}
    assert not model_tariff(name, settings_of(name, **own)).known
    stated = model_tariff(name, settings_of(name, **own, model_price="0.5,2"))
    assert stated.of(input_tokens=2_000_000, output_tokens=1_000_000) == Decimal(3)
    free = model_tariff(name, settings_of(name, **own, model_price="0,0"))
    assert (free.known, free.of(input_tokens=5, output_tokens=5)) == (True, Decimal(0))


def test_price_is_listed_when_the_address_is_a_providers() -> None:
    """The list knows the addresses of hosted models."""
    settings = settings_of("llama-3.3-70b-versatile", model_base_url="https://api.groq.com/openai/v1")
    assert model_tariff("llama-3.3-70b-versatile", settings).known


def test_price_is_unknown_when_a_variable_sends_calls_elsewhere(clean: pytest.MonkeyPatch) -> None:
    """The provider's own variable counts as an address of the operator's."""
    clean.setenv("OPENAI_BASE_URL", "http://10.0.0.5/v1")
    assert not model_tariff("openai-responses:gpt-4o", settings_of()).known
    assert model_tariff("anthropic:claude-sonnet-4-5", settings_of()).known
    clean.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
    assert model_tariff("openai:gpt-4o", settings_of()).known


def test_ollama_is_ones_own_when_a_price_is_looked_up() -> None:
    """Whatever its models are called."""
    assert not model_tariff("ollama:gpt-4o", settings_of("ollama:gpt-4o")).known
    assert model_tariff("ollama:gpt-4o", settings_of("ollama:gpt-4o", model_price="0,0")).known


def test_models_of_both_settings_are_named_when_unpriced() -> None:
    """Each once, in their order; none without a model."""
    settings = settings_of("ollama:a,openai:gpt-4o", model_fast="ollama:b,ollama:a")
    assert unpriced_models(settings) == ("ollama:a", "ollama:b")
    assert unpriced_models(settings_of("extractive")) == ()


def test_embeddings_have_a_price_of_their_own_when_looked_up() -> None:
    """Listed for the providers', stated for one's own; MODEL_PRICE says nothing of them."""
    listed = settings_of(embedding_model="openai:text-embedding-3-small")
    assert embedding_tariff(listed).of(input_tokens=1_000_000) == Decimal("0.02")
    own = {"embedding_model": "text-embedding-3-small", "embedding_base_url": "http://127.0.0.1:1/v1"}
    assert not embedding_tariff(settings_of(**own, model_price="1,1")).known
    assert embedding_tariff(settings_of(**own, embedding_price="0.1")).of(input_tokens=1_000_000) == Decimal("0.1")
