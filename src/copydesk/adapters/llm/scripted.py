"""An OpenAI-compatible endpoint without a model: it writes from the passages it is shown, and misbehaves on demand.

The test double of every language model, over real HTTP: tests, demonstrations of failures and benchmarks use it.
"""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import regex
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from copydesk.adapters.llm.faults import Fault, Order, failed_response, obeyed, spoiled
from copydesk.adapters.llm.scripted_text import Asked, read_request, write_answer

MODEL = "scripted"
_CHARACTERS_PER_TOKEN = 4
_PIECE = 24  # characters of one streamed piece
_ON_PURPOSE = "the connection is cut on purpose"
_CUT_TOKENS = 24  # after which a reset connection ends


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How quick the endpoint answers."""

    first_token: float = 0.0  # seconds
    per_second: float = 0.0  # tokens; 0: all at once


@dataclass(frozen=True, kw_only=True)
class Served:
    """One request as it arrived, and what was done to it."""

    asked: Asked
    fault: Fault | None
    answered: bool  # whether the answer was sent to its end
    prompt_tokens: int
    completion_tokens: int
    started: float  # of the system's monotonic clock, which other processes share: the request was read
    ended: float  # the last of the answer was sent


Choice = Callable[[int, Asked], Fault | None]


@dataclass(kw_only=True)
class ScriptedEndpoint:
    """What the endpoint does, and what it has been asked.

    Args:
        choose: The fault of the request numbered from 0, or None; by default there is none.
        pace: How quick it is.
        window: Tokens of prompt and answer; longer prompts are refused as providers refuse them.
        schema: Whether it obeys `response_format`; else it ignores it and answers in words.
        tools: Whether it calls functions; else it ignores them and answers in words.
        orders: Orders of sources that it obeys; none, and it writes what it is told by us alone.
    """

    choose: Choice = field(default=lambda _number, _asked: None)
    pace: Pace = field(default_factory=Pace)
    window: int = 128_000
    schema: bool = True
    tools: bool = True
    orders: Sequence[Order] = ()
    served: list[Served] = field(default_factory=list)
    running: int = 0  # requests in flight
    most: int = 0  # of them at the same time

    def app(self) -> Starlette:
        """The ASGI application: `/v1/chat/completions` and `/v1/models`."""
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/v1/models", self._models, methods=["GET"]),
            ]
        )

    async def _models(self, _request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "copydesk"}]})

    async def _complete(self, request: Request) -> Response:
        started = time.monotonic()
        body = await request.json()
        asked = read_request(body, schema=self.schema, tools=self.tools)
        asked = replace(asked, key=request.headers.get("Idempotency-Key"))
        fault = self.choose(len(self.served), asked)
        prompt_tokens = _prompt_tokens(body)
        limit = int(body.get("max_tokens") or body.get("max_completion_tokens") or 4_096)
        if prompt_tokens + limit > self.window:
            fault = Fault.CONTEXT_OVERFLOW
        failed = failed_response(fault) if fault is not None else None
        if failed is not None:
            self._note(asked, fault, prompt_tokens, 0, started, answered=True)
            return failed
        answer = _Answer.of(asked, fault, limit, self.orders)
        stream = bool(body.get("stream"))
        if stream:
            events = self._events(asked, fault, answer, prompt_tokens, started)
            return StreamingResponse(events, media_type="text/event-stream")
        await self._wait(answer.tokens, fault, started)
        if fault is Fault.RESET:
            raise ConnectionResetError(_ON_PURPOSE)
        self._note(asked, fault, prompt_tokens, answer.tokens, started, answered=True)
        return JSONResponse(answer.whole(prompt_tokens))

    async def _events(
        self, asked: Asked, fault: Fault | None, answer: "_Answer", prompt_tokens: int, started: float
    ) -> AsyncIterator[str]:
        self.running += 1
        self.most = max(self.most, self.running)
        answered = False
        try:
            await self._wait(0, fault, started)
            if fault is Fault.RESET:
                raise ConnectionResetError(_ON_PURPOSE)
            for number, chunk in enumerate(answer.chunks(prompt_tokens)):
                if fault is Fault.RESET_IN_STREAM and number * _PIECE > _CUT_TOKENS * _CHARACTERS_PER_TOKEN:
                    raise ConnectionResetError(_ON_PURPOSE)
                await self._wait(min(number * _PIECE // _CHARACTERS_PER_TOKEN, answer.tokens), None, started)
                yield f"data: {json.dumps(chunk)}\n\n"
            answered = True
            yield "data: [DONE]\n\n"
        finally:
            self.running -= 1
            self._note(asked, fault, prompt_tokens, answer.tokens, started, answered=answered)

    async def _wait(self, tokens: int, fault: Fault | None, started: float) -> None:
        """Until so many tokens are due, counted from the request's start: late wake-ups do not add up."""
        if fault is Fault.SILENCE:
            await asyncio.sleep(3_600)
        seconds = self.pace.first_token + (tokens / self.pace.per_second if self.pace.per_second else 0)
        await asyncio.sleep(max(0.0, started + seconds - time.monotonic()))

    def _note(
        self,
        asked: Asked,
        fault: Fault | None,
        prompt_tokens: int,
        completion_tokens: int,
        started: float,
        *,
        answered: bool,
    ) -> None:
        self.served.append(
            Served(
                asked=asked,
                fault=fault,
                answered=answered,
                prompt_tokens=prompt_tokens,
                completion_tokens=completion_tokens,
                started=started,
                ended=time.monotonic(),
            )
        )


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What is sent back."""

    text: str
    tool: str | None  # the function that is called with `text` as its arguments
    finish: str
    model: str  # as it was asked for

    @classmethod
    def of(cls, asked: Asked, fault: Fault | None, limit: int, orders: Sequence[Order]) -> "_Answer":
        text = obeyed(write_answer(asked), asked, orders)
        if fault is not None:
            text = spoiled(text, fault, asked)
        cut = _tokens(text) > limit or fault is Fault.LENGTH
        if cut:
            keep = min(limit * _CHARACTERS_PER_TOKEN, len(text) * 2 // 3 if fault is Fault.LENGTH else len(text))
            text = text[:keep]
        tool = asked.tool if fault is None or not fault.breaks_structure else None
        finish = "length" if cut else "tool_calls" if tool else "stop"
        return cls(text=text, tool=tool, finish=finish, model=asked.model or MODEL)

    @property
    def tokens(self) -> int:
        return _tokens(self.text)

    def whole(self, prompt_tokens: int) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        if self.tool:
            function = {"name": self.tool, "arguments": self.text}
            message = {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
            }
        choice = {"index": 0, "message": message, "finish_reason": self.finish}
        return {
            **_head("chat.completion", self.model),
            "choices": [choice],
            "usage": _usage(prompt_tokens, self.tokens),
        }

    def chunks(self, prompt_tokens: int) -> Sequence[dict[str, Any]]:
        head = _head("chat.completion.chunk", self.model)
        pieces = [self.text[start : start + _PIECE] for start in range(0, len(self.text), _PIECE)]
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        if self.tool:
            first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": self.tool, "arguments": ""}}
            deltas = [{"role": "assistant", "content": None, "tool_calls": [first]}]
            deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces]
        else:
            deltas += [{"content": piece} for piece in pieces]
        chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": self.finish}]})
        chunks.append({**head, "choices": [], "usage": _usage(prompt_tokens, self.tokens)})
        return chunks


def _head(kind: str, model: str) -> dict[str, Any]:
    return {"id": "chatcmpl-scripted", "object": kind, "created": 1_700_000_000, "model": model}


def _usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def _prompt_tokens(body: dict[str, Any]) -> int:
    """Of everything that a model reads: messages, functions, the schema of the answer."""
    read = [body.get(name) for name in ("messages", "tools", "response_format") if body.get(name)]
    return sum(_tokens(json.dumps(part, ensure_ascii=False)) for part in read)


def _tokens(text: str) -> int:
    return -(-len(regex.sub(r"\s+", " ", text)) // _CHARACTERS_PER_TOKEN)


@asynccontextmanager
async def serve_endpoint(endpoint: ScriptedEndpoint, *, port: int = 0) -> AsyncIterator[str]:
    """Serve on a port of loopback, a free one by default, until the block ends; gives the address for `MODEL_BASE_URL`.

    Answers that are being sent then get a second, and are cut.
    """
    import uvicorn  # noqa: PLC0415 - only those who serve need it

    with socket.create_server(("127.0.0.1", port)) as listening:
        config = uvicorn.Config(endpoint.app(), log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        finally:
            server.should_exit = True
            await running
