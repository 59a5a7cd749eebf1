"""A language model whose provider searches the web: OpenAI's Responses API, as its documentation and SDK shape it."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pydantic_ai.models.openai import OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider
from support.search_answers import PAGES
from support.servers import answer

from copydesk.adapters.llm.provider import Limits, ProviderModel

MODEL = "gpt-5-mini"  # has a listed price
LIMITS = Limits(seconds=30, silence=30, tries=1, concurrency=16)
TOKENS = {
    "input_tokens": 8_000,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 200,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 8_200,
}


def search_stream(pages: Sequence[str] = PAGES, *, cited: int = 3, text: str | None = None) -> bytes:
    """A whole streamed answer: one search whose sources are `pages`, and a text that cites the first of them."""
    return answer(_stream(pages, cited=cited, text=text), content_type="text/event-stream; charset=utf-8")


def refused(status: int, code: str, message: str, *, headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """An error answer."""
    error = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    body = json.dumps(error).encode()
    return answer(body, status=status, content_type="application/json", headers=headers)


def _stream(pages: Sequence[str], *, cited: int, text: str | None) -> bytes:
    said, annotations = _said(pages[:cited]) if text is None else (text, [])
    search = {
        "id": "ws_1",
        "type": "web_search_call",
        "status": "completed",
        "action": {
            "type": "search",
            "query": "coffee",
            "queries": ["coffee"],
            "sources": [{"type": "url", "url": url} for url in pages],
        },
    }
    part = {"type": "output_text", "text": said, "annotations": annotations, "logprobs": []}
    message = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [part]}
    begun = {**message, "status": "in_progress", "content": []}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": _response([], status="in_progress")},
        {"type": "response.in_progress", "response": _response([], status="in_progress")},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {"id": "ws_1", "type": "web_search_call", "status": "in_progress"},
        },
        {"type": "response.web_search_call.in_progress", "output_index": 0, "item_id": "ws_1"},
        {"type": "response.web_search_call.searching", "output_index": 0, "item_id": "ws_1"},
        {"type": "response.web_search_call.completed", "output_index": 0, "item_id": "ws_1"},
        {"type": "response.output_item.done", "output_index": 0, "item": search},
        {"type": "response.output_item.added", "output_index": 1, "item": begun},
        {"type": "response.content_part.added", **_AT, "part": {**part, "text": "", "annotations": []}},
        {"type": "response.output_text.delta", **_AT, "delta": said, "logprobs": []},
        *(
            {"type": "response.output_text.annotation.added", **_AT, "annotation_index": n, "annotation": annotation}
            for n, annotation in enumerate(annotations)
        ),
        {"type": "response.output_text.done", **_AT, "text": said, "logprobs": []},
        {"type": "response.content_part.done", **_AT, "part": part},
        {"type": "response.output_item.done", "output_index": 1, "item": message},
        {"type": "response.completed", "response": _response([search, message], status="completed")},
    ]
    numbered = [{**event, "sequence_number": number} for number, event in enumerate(events)]
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in numbered).encode()


_AT = {"item_id": "msg_1", "output_index": 1, "content_index": 0}


def _said(pages: Sequence[str]) -> tuple[str, list[dict[str, Any]]]:
    said, annotations = "Here are pages on coffee.", []
    for number, url in enumerate(pages):
        start = len(said) + 1
        said += f" Page {number} speaks of beans ([source]({url}))."
        annotations.append(
            {
                "type": "url_citation",
                "url": url,
                "title": f"Title {number}",
                "start_index": start,
                "end_index": len(said),
            }
        )
    return said, annotations


def _response(output: Sequence[dict[str, Any]], *, status: str) -> dict[str, Any]:
    done = status == "completed"
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_700_000_000,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": MODEL,
        "output": list(output),
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [{"type": "web_search", "search_context_size": "low"}],
        "top_p": 1.0,
        "usage": TOKENS if done else None,
    }


@asynccontextmanager
async def open_searching_model(
    base: str, *, key: str, limits: Limits = LIMITS, fast: Sequence[str] = ()
) -> AsyncIterator[ProviderModel]:
    """The model before the server at `base`."""
    models = {
        name: OpenAIResponsesModel(name, provider=OpenAIProvider(base_url=f"{base}/v1", api_key=key))
        for name in (MODEL, *fast)
    }
    made = ProviderModel(
        [models[MODEL]], fast=[models[name] for name in fast], name=f"openai:{MODEL}", window=None, limits=limits
    )
    async with made:
        yield made
