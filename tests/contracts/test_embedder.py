"""What every embedder promises, over all of them: the scripted one, an endpoint like OpenAI's, and a real model."""

import asyncio
import math
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr
from support.embedding import PATH, as_json, serve_embeddings, vectors_answer
from support.real_model import embedding_model
from support.servers import Handler, LocalServer, answer, redirect

from copydesk.adapters.llm.embeddings import ModelEmbedder, open_embedder
from copydesk.adapters.llm.scripted_embeddings import ScriptedEmbedder
from copydesk.errors import ConfigurationError, LlmError
from copydesk.ports import Embedder
from copydesk.settings import Settings

TEXTS = ("Coffee grows in Ethiopia.", "Rain falls in Seattle.", "Coffee grows in Ethiopia.", "Ein Satz, déjà vu 咖啡.")


def settings_of(base: str, *, seconds: float = 10) -> Settings:
    """Settings that name an endpoint."""
    return Settings(
        _env_file=None,
        embedding_model="scripted",
        embedding_base_url=base,
        embedding_api_key=SecretStr("secret-key"),
        embedding_seconds=seconds,
    )


@pytest.fixture(scope="module")
def model_address() -> Iterator[str]:
    """The real model's endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server: Any = embedding_model(port)
    yield f"{server.listening_address}/v1"
    del server


@pytest.fixture(params=["scripted", "endpoint", "real"])
async def embedder(request: pytest.FixtureRequest) -> AsyncIterator[Embedder]:
    """Each implementation in turn."""
    if request.param == "scripted":
        yield ScriptedEmbedder()
    elif request.param == "endpoint":
        async with serve_embeddings() as (server, _), open_embedder(settings_of(server.url("/v1"))) as made:
            yield made
    else:
        address = request.getfixturevalue("model_address")
        async with open_embedder(settings_of(address, seconds=60)) as made:
            yield made


class TestEmbedder:
    """One expectation a test, for every embedder."""

    async def test_one_vector_a_text_in_order_when_asked(self, embedder: Embedder) -> None:
        """Each text has its own vector, whichever texts stand beside it; all have one length and finite numbers."""
        together = await embedder.embed(TEXTS)
        assert len(together.vectors) == len(TEXTS)
        assert len({len(vector) for vector in together.vectors}) == 1
        assert all(math.isfinite(number) for vector in together.vectors for number in vector)
        for text, vector in zip(TEXTS, together.vectors, strict=True):
            (alone,) = (await embedder.embed([text])).vectors
            assert _cosine(alone, vector) == pytest.approx(1, abs=1e-3)

    async def test_equal_texts_have_equal_vectors_when_asked_together(self, embedder: Embedder) -> None:
        """The first and the third text are one; the second is another."""
        first, second, third, _ = (await embedder.embed(TEXTS)).vectors
        assert _cosine(first, third) == pytest.approx(1, abs=1e-3)
        assert _cosine(first, second) < 0.999

    async def test_tokens_are_counted_when_texts_are_embedded(self, embedder: Embedder) -> None:
        """More text takes more tokens."""
        few, many = await embedder.embed(TEXTS[:1]), await embedder.embed(TEXTS)
        assert 0 < few.input_tokens < many.input_tokens

    async def test_nothing_is_asked_when_there_are_no_texts(self, embedder: Embedder) -> None:
        """No texts have no vectors and cost nothing."""
        answered = await embedder.embed([])
        assert (answered.vectors, answered.input_tokens) == ((), 0)

    async def test_a_question_has_a_vector_of_the_same_length_when_embedded(self, embedder: Embedder) -> None:
        """Questions and passages can be compared; the batch it takes is stated."""
        (question,) = (await embedder.embed(["coffee"], query=True)).vectors
        (passage,) = (await embedder.embed(["coffee"])).vectors
        assert len(question) == len(passage)
        assert embedder.batch >= 1
        assert embedder.name == "scripted"


def _cosine(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    lengths = math.hypot(*one) * math.hypot(*other)
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths


@asynccontextmanager
async def spoiled(route: bytes | Handler, *, seconds: float = 10) -> AsyncIterator[tuple[ModelEmbedder, LocalServer]]:
    """An embedder whose endpoint answers `route`."""
    async with serve_embeddings() as (server, routes):
        routes[PATH] = route
        async with open_embedder(settings_of(server.url("/v1"), seconds=seconds)) as made:
            yield made, server


async def _silent(writer: asyncio.StreamWriter) -> None:
    del writer
    await asyncio.sleep(60)


ERROR = {
    "error": {"message": "Incorrect API key provided.", "type": "invalid_request_error", "code": "invalid_api_key"}
}


@pytest.mark.parametrize(
    ("route", "said", "requests"),
    [
        (as_json(ERROR, status=401), "refused the key", 1),
        (as_json({"error": {"message": "Too many requests."}}, status=429), "answers no more calls", 2),
        (as_json({"error": {"message": "Oops."}}, status=500), "failed", 2),
        (as_json({"error": {"message": "No such model."}}, status=404), "knows no model", 1),
        (redirect("http://127.0.0.1:1/v1/embeddings", status=307), "scripted", 1),
        (answer(b"<html>Welcome</html>"), "scripted", 1),
        (answer(b"{", content_type="application/json"), "scripted", 1),
        (as_json({"data": None}), "scripted", 1),
        (as_json({"data": [{"index": 0}]}), "scripted", 1),
        (as_json({"data": [{"index": 0, "embedding": ["a"]}, {"index": 1, "embedding": ["b"]}]}), "scripted", 1),
        (as_json([]), "scripted", 1),
        (vectors_answer([(1.0, 2.0)]), "1 vectors for 2 texts", 1),
        (vectors_answer([(1.0, 2.0), (1.0,)]), "different lengths", 1),
        (vectors_answer([(), ()]), "empty", 1),
        (vectors_answer([(1.0, math.nan), (1.0, 2.0)]), "numbers that are none", 1),
        (vectors_answer([(1.0, math.inf), (1.0, 2.0)], packed=True), "numbers that are none", 1),
    ],
    ids=[
        "key", "quota", "broken", "model", "redirect", "page", "cut", "no-data", "no-vector", "letters", "list",
        "count", "ragged", "empty", "nan", "infinite",
    ],
)  # fmt: skip
async def test_embedding_fails_with_a_sentence_when_the_endpoint_misbehaves(
    route: bytes, said: str, requests: int
) -> None:
    """Whatever comes instead of vectors is one kind of error; what may pass is asked for once more."""
    async with spoiled(route) as (embedder, server):
        with pytest.raises(LlmError, match=said):
            await embedder.embed(["one", "two"])
        assert len(server.requests) == requests


async def test_embedding_ends_when_the_endpoint_stays_silent() -> None:
    """One call, its retry included, takes no longer than the setting says."""
    async with spoiled(_silent, seconds=0.3) as (embedder, _):
        async with asyncio.timeout(5):
            with pytest.raises(LlmError, match="did not answer within"):
                await embedder.embed(["one"])


async def test_the_key_and_the_model_are_sent_when_they_are_set() -> None:
    """As the endpoint expects them."""
    async with serve_embeddings() as (server, _), open_embedder(settings_of(server.url("/v1"))) as embedder:
        await embedder.embed(["one"])
        (request,) = server.requests
        assert request.headers["authorization"] == "Bearer secret-key"
        assert b'"model":"scripted"' in request.body.replace(b" ", b"")


@pytest.mark.parametrize("name", ["text-embedding-3-small", "nobody:model", "cohere:embed-v4.0"])
async def test_opening_fails_when_the_model_cannot_be_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without provider, an unknown provider, and one whose package is missing are said to be that."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    settings = Settings(_env_file=None, embedding_model=name)
    with pytest.raises(ConfigurationError, match="COPYDESK_EMBEDDING_MODEL"):
        async with open_embedder(settings):
            pass


async def test_opening_fails_when_the_providers_key_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A known provider without a key is said at the start."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    settings = Settings(_env_file=None, embedding_model="openai:text-embedding-3-small")
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        async with open_embedder(settings):
            pass
