"""Endpoints that embed: one that speaks like OpenAI's from the scripted embedder, and a real small model."""

import asyncio
import base64
import json
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from support.servers import Handler, LocalServer, answer, serve

from copydesk.adapters.llm.scripted_embeddings import ScriptedEmbedder

PATH = "/v1/embeddings"


def vectors_answer(vectors: Sequence[Sequence[float]], *, tokens: int = 7, packed: bool = False) -> bytes:
    """An answer in OpenAI's shape; `packed` as base64 of floats, which its client asks for."""
    data = [
        {"object": "embedding", "index": n, "embedding": _packed(vector) if packed else list(vector)}
        for n, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return as_json({"object": "list", "data": data, "model": "scripted", "usage": usage})


def as_json(value: Any, *, status: int = 200) -> bytes:
    """A JSON answer; NaN as Python writes it."""
    return answer(json.dumps(value).encode(), status=status, content_type="application/json")


def _packed(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


@asynccontextmanager
async def serve_embeddings() -> AsyncIterator[tuple[LocalServer, dict[str, bytes | Handler]]]:
    """An endpoint on loopback with its routes, which a test may change."""
    embedder = ScriptedEmbedder()
    routes: dict[str, bytes | Handler] = {}
    async with serve(routes) as server:

        async def good(writer: asyncio.StreamWriter) -> None:
            asked = json.loads(server.requests[-1].body)
            made = await embedder.embed(asked["input"])
            packed = asked.get("encoding_format") == "base64"
            writer.write(vectors_answer(made.vectors, tokens=made.input_tokens, packed=packed))

        routes[PATH] = good
        yield server, routes
