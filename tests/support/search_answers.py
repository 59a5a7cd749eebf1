"""Answers of search engines in their real shapes, made of few records so that a test can read them."""

import html
from collections.abc import Sequence
from typing import Any

TITLES = ("Coffee", "Coffee bean", "History of coffee", "Café & bar: what's C++?", "Coffea arabica")

# What engines find: more than is asked for, one page twice, one that is no web page.
ADDRESSES = (
    "https://en.wikipedia.org/wiki/Coffee",
    "https://en.wikipedia.org/wiki/Coffee?utm_source=x#History",
    "magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a",
    "https://www.ncausa.org/about-coffee/what-is-coffee",
    "https://www.britannica.com/topic/coffee",
    "https://coffee.test/a",
    "https://coffee.test/b",
)
PAGES = (ADDRESSES[0], *ADDRESSES[3:])  # what of them is to be read


def wikipedia_answer(limit: int = 10) -> dict[str, Any]:
    """MediaWiki 1.46, `list=search`, `formatversion=2`."""
    hits = [
        {
            "ns": 0,
            "title": title,
            "pageid": 604_727 + place,
            "snippet": f'<span class="searchmatch">{title.replace("&", "&amp;")}</span> is &quot;brewed&quot;  from'
            ' roasted <span class="searchmatch">beans</span>\nof the tree',
        }
        for place, title in enumerate(TITLES[:limit])
    ]
    return {
        "batchcomplete": True,
        "continue": {"sroffset": limit, "continue": "-||"},
        "query": {"searchinfo": {"totalhits": 14_221}, "search": hits},
    }


def wikipedia_error(code: str, info: str) -> dict[str, Any]:
    """MediaWiki's error: status 200, the sentence in `info`."""
    return {
        "error": {"code": code, "info": info, "docref": "See https://en.wikipedia.org/w/api.php for API usage."},
        "servedby": "mw-api-ext.eqiad.main-5f9d",
    }


def searxng_answer(addresses: Sequence[str] = ADDRESSES) -> dict[str, Any]:
    """SearXNG 2026.2, `format=json`."""
    results = [
        {
            "url": address,
            "title": f"Title <b>{place}</b>",
            "content": "Coffee is a beverage &amp; more." if place else None,
            "publishedDate": None,
            "thumbnail": "",
            "engine": "brave",
            "template": "default.html",
            "parsed_url": ["https", "en.wikipedia.org", "/wiki/Coffee", "", "", ""],
            "img_src": "",
            "priority": "",
            "engines": ["brave", "startpage"],
            "positions": [place + 1],
            "score": 4.0 / (place + 1),
            "category": "general",
        }
        for place, address in enumerate(addresses)
    ]
    return {
        "query": "coffee",
        "number_of_results": 0,
        "results": results,
        "answers": [],
        "corrections": [],
        "infoboxes": [],
        "suggestions": ["coffee beans"],
        "unresponsive_engines": [["google", "Suspended: access denied"]],
    }


def searxng_nothing(*, silent: bool) -> dict[str, Any]:
    """SearXNG without results: because there are none, or because no engine answered."""
    engines = [["google", "timeout"], ["brave", "Suspended: too many requests"]] if silent else []
    return {**searxng_answer(), "results": [], "suggestions": [], "unresponsive_engines": engines}


def brave_answer(addresses: Sequence[str] = ADDRESSES) -> dict[str, Any]:
    """Brave's `/res/v1/web/search`; `text_decorations=false` leaves entities, older answers carry `<strong>` too."""
    results = [
        {
            "title": f"Title <strong>{place}</strong>",
            "url": address,
            "is_source_local": False,
            "is_source_both": False,
            "description": "<strong>Coffee</strong> is a beverage &amp; more.",
            "page_age": "2026-03-02T10:11:12",
            "profile": {"name": "Wikipedia", "url": address, "long_name": "en.wikipedia.org", "img": "https://i.test/"},
            "language": "en",
            "family_friendly": True,
            "type": "search_result",
            "subtype": "generic",
            "meta_url": {"scheme": "https", "netloc": "en.wikipedia.org", "hostname": "en.wikipedia.org"},
            "age": "March 2, 2026",
            "extra_snippets": ["It is brewed from beans.", "Beans are roasted."],
        }
        for place, address in enumerate(addresses)
    ]
    return {
        "query": {"original": "coffee", "show_strict_warning": False, "more_results_available": True, "country": "us"},
        "mixed": {"type": "mixed", "main": [{"type": "web", "index": 0, "all": False}], "top": [], "side": []},
        "type": "search",
        "web": {"type": "search", "results": results, "family_friendly": True},
    }


def brave_nothing() -> dict[str, Any]:
    """Brave without hits: `web` is missing."""
    return {"query": {"original": "qwxyz", "more_results_available": False}, "type": "search"}


def brave_error(status: int, code: str) -> dict[str, Any]:
    """Brave's error."""
    return {
        "type": "ErrorResponse",
        "id": "7d2e9a1c-51e2-4f0a-9f0a-1d6f0c5b8a11",
        "status": status,
        "error": {
            "id": "7d2e9a1c-51e2-4f0a-9f0a-1d6f0c5b8a11",
            "status": status,
            "code": code,
            "detail": "The provided subscription token is invalid.",
            "meta": {"component": "authentication"},
        },
        "time": 1_790_000_000,
    }


def tavily_answer(addresses: Sequence[str] = ADDRESSES) -> dict[str, Any]:
    """Tavily's `POST /search`."""
    results = [
        {
            "title": f"Title <b>{place}</b>",
            "url": address,
            "content": "Coffee is a beverage\n& more.",
            "score": 0.98 - place / 100,
            "raw_content": None,
        }
        for place, address in enumerate(addresses)
    ]
    return {
        "query": "coffee",
        "follow_up_questions": None,
        "answer": None,
        "images": [],
        "results": results,
        "response_time": 1.31,
        "request_id": "123e4567-e89b-12d3-a456-426614174111",
    }


def tavily_error(sentence: str) -> dict[str, Any]:
    """Tavily's error."""
    return {"detail": {"error": sentence}}


def exa_answer(addresses: Sequence[str] = ADDRESSES) -> dict[str, Any]:
    """Exa's `POST /search` with highlights; titles may be null."""
    results = [
        {
            "id": address,
            "title": f"Title <i>{place}</i>" if place else None,
            "url": address,
            "publishedDate": "2025-11-16T01:36:32.547Z",
            "author": None,
            "highlights": ["Coffee is a beverage\n\n& more.", "It is brewed from beans."],
            "highlightScores": [0.46, 0.31],
        }
        for place, address in enumerate(addresses)
    ]
    return {
        "requestId": "b5947044c4b78efa9552a7c89b306d95",
        "resolvedSearchType": "neural",
        "results": results,
        "costDollars": {"total": 0.005},
    }


def exa_error(tag: str, sentence: str) -> dict[str, Any]:
    """Exa's error."""
    return {"requestId": "b5947044c4b78efa9552a7c89b306d95", "error": sentence, "tag": tag}


def serper_answer(addresses: Sequence[str] = ADDRESSES) -> dict[str, Any]:
    """Serper's `POST /search`; a hit may have no snippet."""
    organic: list[dict[str, Any]] = [
        {
            "title": f"Title {place}",
            "link": address,
            "snippet": "Coffee is a beverage & more.",
            "date": "Mar 2, 2026",
            "sitelinks": [{"title": "History", "link": "https://en.wikipedia.org/wiki/History_of_coffee"}],
            "position": place + 1,
        }
        for place, address in enumerate(addresses)
    ]
    if organic:
        del organic[0]["snippet"]
    return {
        "searchParameters": {"q": "coffee", "hl": "en", "type": "search", "num": 10, "engine": "google"},
        "organic": organic,
        "peopleAlsoAsk": [{"question": "What is coffee?", "snippet": "A beverage.", "link": "https://a.test/"}],
        "relatedSearches": [{"query": "coffee beans"}],
        "credits": 1,
    }


def serper_error(status: int, sentence: str) -> dict[str, Any]:
    """Serper's error."""
    return {"message": sentence, "statusCode": status}


def mojeek_page(addresses: Sequence[str] = ADDRESSES) -> str:
    """A result page of Mojeek, one of the engines that ddgs reads."""
    hits = "".join(
        f"""<li class="r{place}"><a class="ob" href="{html.escape(address)}"><p class="i">{html.escape(address)}</p></a>
<h2><a class="title" href="{html.escape(address)}">Title <strong>{place}</strong></a></h2>
<p class="s"><strong>Coffee</strong> is a beverage &amp; more.</p></li>"""
        for place, address in enumerate(addresses)
    )
    return f'<!DOCTYPE html><html lang="en"><body><ul class="results-standard">{hits}</ul></body></html>'
