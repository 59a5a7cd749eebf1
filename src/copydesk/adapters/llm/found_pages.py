"""The pages that a provider's own web search found, read from the parts of its answer."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import regex

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse

SEARCHES = 3  # that one answer may take, for the worst price; one is asked for
TOKENS_READ = 20_000  # of found pages that a provider may put before its model and bill, for the worst price
_TOOL = "web_search"
_ADDRESS = regex.compile(r"https?://[^\s<>\"'\)\]]+[^\s<>\"'\)\].,;:!?]")


def found_pages(response: "ModelResponse") -> str:
    """The pages, as a JSON list of objects with `url`, `title` and `snippet`, the cited first.

    Taken from the citations and from what the search tool returned; from the model's words only where neither names a
    page, for then nothing else is there. What is found is fetched and checked like any other search's results.
    """
    pages = list(_merged([*_cited(response), *_returned(response)]).values())
    if not pages:
        pages = [
            {"url": url, "title": url, "snippet": ""} for url in dict.fromkeys(_ADDRESS.findall(response.text or ""))
        ]
    return json.dumps(pages, ensure_ascii=False)


def _merged(pages: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    """Each page once, with the first title and snippet that say something."""
    merged: dict[str, dict[str, str]] = {}
    for page in pages:
        known = merged.setdefault(page["url"], page)
        for name in ("title", "snippet"):
            known[name] = known[name] or page[name]
    return merged


def _cited(response: "ModelResponse") -> Iterator[dict[str, str]]:
    from pydantic_ai.messages import TextPart, WebCitationSource  # noqa: PLC0415 - heavy

    for part in response.parts:
        for citation in (part.citations or ()) if isinstance(part, TextPart) else ():
            for source in citation.sources:
                if isinstance(source, WebCitationSource):
                    yield _page(source.url, source.title, " ".join(source.excerpts))


def _returned(response: "ModelResponse") -> Iterator[dict[str, str]]:
    from pydantic_ai.messages import NativeToolReturnPart  # noqa: PLC0415 - heavy

    for part in response.parts:
        if isinstance(part, NativeToolReturnPart) and part.tool_name == _TOOL:
            yield from _records(part.content)


def _records(content: Any) -> Iterator[dict[str, str]]:
    """OpenAI and Google keep sources by that name, Anthropic and Google answer lists, Groq results."""
    match content:
        case {"sources": [*records]} | {"results": [*records]} | [*records]:
            for record in records:
                if isinstance(record, Mapping) and isinstance(url := record.get("url") or record.get("uri"), str):
                    yield _page(url, record.get("title"), record.get("content"))


def _page(url: str, title: Any, snippet: Any) -> dict[str, str]:
    return {
        "url": url,
        "title": title if isinstance(title, str) else "",
        "snippet": snippet if isinstance(snippet, str) else "",
    }
