"""What looks like a key is not shown."""

import time

import pytest
from pydantic import SecretStr

from copydesk.adapters.llm.redaction import REDACTED, redacted, secrets_of
from copydesk.settings import Settings


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("Incorrect API key provided: sk-abc123DEF456.", "sk-abc123DEF456"),
        ("Incorrect API key provided: sk-proj-Ab1*********************yz9Q. You can find", "yz9Q"),
        ("invalid x-api-key: sk-ant-api03-Xy_z-12", "Xy_z-12"),
        ("API key not valid: AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY", "SyD-9tSrke72PouQMnMX"),
        ('{"authorization": "Bearer abc.DEF-123"}', "abc.DEF-123"),
        ("header authorization: bearer QWxhZGRpbjpvcGVu refused", "QWxhZGRpbjpvcGVu"),
        ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ== refused", "QWxhZGRpbjpvcGVuIHNlc2FtZQ"),
        ("key=gsk_a1B2c3D4e5F6g7H8 is revoked", "a1B2c3D4e5F6g7H8"),
        ("token hf_AbCdEfGhIj is not valid", "AbCdEfGhIj"),
        ("the key 0123456789abcdef0123456789abcdef is unknown", "0123456789abcdef"),
        ("the key Zk9/Qw3+eR7tY1uI5oP2aS4dF6gH8jK0= is unknown", "Qw3+eR7tY1uI5oP2"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc expired", "eyJzdWIiOiIxIn0"),
        ("key abcd********wxyz refused", "wxyz"),
    ],
)
def test_key_is_redacted_when_it_looks_like_one(said: str, key: str) -> None:
    """By its beginning, by the scheme before it, or by its randomness; the rest of the sentence stays."""
    shown = redacted(said)
    assert key not in shown
    assert REDACTED in shown
    assert shown.split()[0] == said.split(maxsplit=1)[0] or said.startswith(("Basic", "{", "key="))


@pytest.mark.parametrize(
    "said",
    [
        "The model `gpt-5-2025-08-07` does not exist or you do not have access to it.",
        "claude-sonnet-4-5-20250929 is overloaded",
        "no such model: accounts/fireworks/models/llama-v3p1-405b-instruct",
        "Set the `OPENAI_API_KEY` environment variable or pass it via `OpenAIProvider(api_key=...)`",
        "This model's maximum context length is 128000 tokens; you requested 131072 (127000 in the messages).",
        "Bearer authentication is required",
        "request 550e8400-e29b-41d4-a716-446655440000 failed",
        "connect to http://127.0.0.1:8080/v1/chat/completions failed: [Errno 111] Connection refused",
        "Donaudampfschifffahrtsgesellschaftskapitaen",
    ],
)
def test_text_stays_when_it_is_no_key(said: str) -> None:
    """Names of models and variables, numbers, identifiers and addresses are what a person needs."""
    assert redacted(said) == said


def test_configured_secrets_are_redacted_whatever_they_look_like(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the settings, and those that the environment names as a key; not what is no secret."""
    monkeypatch.setenv("SOMEBODYS_API_KEY", "plain-words-as-key")
    monkeypatch.setenv("USE_KEY", "true")
    settings = Settings.model_validate({"model_api_key": SecretStr("open sesame"), "brave_api_key": SecretStr("x")})
    secrets = secrets_of(settings)
    assert {"plain-words-as-key", "open sesame"} <= set(secrets)
    assert not {"true", "x"} & set(secrets)
    assert redacted("It is true: open sesame, plain-words-as-key.", secrets) == (f"It is true: {REDACTED}, {REDACTED}.")


def test_longer_secret_goes_first_when_one_contains_another() -> None:
    """No end of a key is left over."""
    settings = Settings.model_validate(
        {"model_api_key": SecretStr("abcd"), "embedding_api_key": SecretStr("abcd-efgh")}
    )
    assert redacted("abcd-efgh abcd", secrets_of(settings)) == f"{REDACTED} {REDACTED}"


@pytest.mark.parametrize("said", ["A1b" * 400_000, "*" * 1_000_000, "sk-" * 300_000, "abc " * 300_000])
def test_time_is_short_when_an_endpoint_says_much(said: str) -> None:
    """A page of a megabyte is not read to its end, nor any part of it twice."""
    started = time.process_time()
    assert len(redacted(said)) < 25_000
    assert time.process_time() - started < 1
