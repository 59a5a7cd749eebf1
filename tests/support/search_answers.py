"""Answers of search engines in their real shapes, made of few records so that a test can read them."""

from typing import Any

TITLES = ("Coffee", "Coffee bean", "History of coffee", "Café & bar: what's C++?", "Coffea arabica")


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


def searxng_answer() -> dict[str, Any]:
    """SearXNG 2026.2, `format=json`: more than was asked for, one page twice, one that is no web page."""
    addresses = [
        "https://en.wikipedia.org/wiki/Coffee",
        "https://en.wikipedia.org/wiki/Coffee?utm_source=x#History",
        "magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a",
        "https://www.ncausa.org/about-coffee/what-is-coffee",
        "https://www.britannica.com/topic/coffee",
        "https://coffee.test/a",
        "https://coffee.test/b",
    ]
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
