"""`max_cost_usd`: a ceiling that cannot be held is refused before anything is accepted."""

import json
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from support.api import running

from copydesk.store.database import Database

BODY = {"user_prompt": "Explain the Keeling Curve.", "max_cost_usd": 0.5}
OWN = "http://127.0.0.1:9/v1"  # never asked: prices are looked up, not models


@pytest.mark.parametrize(
    ("settings", "unknown"),
    [
        ({"model": "gpt-5", "model_base_url": OWN}, "gpt-5"),
        ({"model": "openai:gpt-5", "model_base_url": OWN}, "openai:gpt-5"),
        ({"model": "openai:gpt-5, ollama:llama3.2:3b"}, "ollama:llama3.2:3b"),
        ({"model": "openai:gpt-5", "model_fast": "openai:nobody-lists-this"}, "openai:nobody-lists-this"),
        ({"model": "ollama:a", "model_fast": "ollama:b,ollama:a"}, "ollama:a, ollama:b"),
    ],
    ids=["own-server", "own-server-named-as-listed", "fallback", "fast", "several"],
)
async def test_ceiling_is_refused_when_a_price_is_unknown(
    database: Database, settings: dict[str, Any], unknown: str
) -> None:
    """Of any model that may be called; the field, the models and what to do are named, and no task is made."""
    async with running(database, **settings) as api:
        acme = await api.caller()
        response = await acme.post("/tasks", json=BODY, headers={"Idempotency-Key": "once"})
        assert (response.status_code, response.json()["code"]) == (422, "VALIDATION_ERROR")
        (detail,) = response.json()["details"]
        assert (detail["field"], detail["type"]) == ("max_cost_usd", "price_unknown")
        assert f"no price of {unknown} is known. Leave it out" in detail["message"]
        assert "COPYDESK_MODEL_PRICE" in response.json()["error"]
        assert (await acme.get("/tasks")).json()["total"] == 0
        assert api.queue.enqueued == []
        accepted = await acme.post("/tasks", json={"user_prompt": BODY["user_prompt"]})
        assert accepted.status_code == 202


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"model": "openai:gpt-5,anthropic:claude-sonnet-4-5", "model_fast": "google:gemini-2.5-flash"},
        {"model": "gpt-5", "model_base_url": OWN, "model_price": (Decimal(1), Decimal(2))},
        {"model": "ollama:llama3.2:3b", "model_price": (Decimal(0), Decimal(0))},
        {"model": "gpt-5", "model_base_url": "https://api.openai.com/v1"},
    ],
    ids=["extractive", "listed", "stated", "free", "listed-by-address"],
)
async def test_ceiling_is_accepted_when_every_price_is_known(database: Database, settings: dict[str, Any]) -> None:
    """Without a model nothing is spent; listed and stated prices will do."""
    async with running(database, **settings) as api:
        task = await (await api.caller()).create_task(max_cost_usd=0.5)
    assert task["max_cost_usd"] == 0.5


_IMPORTS = """
import json, sys
from copydesk.api.application import create_api
from copydesk.settings import Settings
from copydesk.wiring import build_services, unpriced
heavy = ("pydantic_ai", "openai", "anthropic", "genai_prices")
names = unpriced(Settings(_env_file=None, model="openai:gpt-5,ollama:mine"))
before = [name for name in heavy if name in sys.modules]
found = list(names())
after = [name for name in heavy if name in sys.modules]
print(json.dumps([before, found, after]))
"""


def test_no_client_is_imported_when_prices_are_looked_up() -> None:
    """The API starts without any of it; the first ceiling reads the price list alone."""
    done = subprocess.run([sys.executable, "-c", _IMPORTS], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == [[], ["ollama:mine"], ["genai_prices"]]
