"""schema.org JSON-LD of an article."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from copydesk.domain.article import DataSource
from copydesk.domain.source import SourceKind
from copydesk.seo.structured_data import json_ld

INSTANT = datetime(2026, 5, 4, 3, 2, 1, 500_000, tzinfo=UTC)
FAQ = "Opening.[^1]\n\n## What is it?\n\nIt is **this**.\n\n- one\n\n## Plain\n\nText.\n\n## Empty?\n\n## Last?\n\nEnd."


def source(number: int, **changes: Any) -> DataSource:
    """A data source where everything optional is unknown."""
    values: dict[str, Any] = {"number": number, "source_id": "s", "kind": SourceKind.FILE}
    optional = ("url", "file_id", "title", "site", "author", "published_at", "accessed_at", "license")
    return DataSource(**(values | dict.fromkeys(optional) | changes))


def described(**changes: Any) -> dict[str, Any]:
    """The structured data of a small article."""
    values: dict[str, Any] = {
        "title": "A title",
        "description": "A description.",
        "language": "en",
        "author_account": None,
        "published_at": None,
        "updated_at": None,
        "keywords": (),
        "word_count": 7,
        "data_sources": (),
        "content": "Text.",
    }
    return json_ld(**(values | changes))


def leaves(node: Any) -> Iterator[Any]:
    """All values that are no containers, and empty containers."""
    if isinstance(node, dict) and node:
        for value in node.values():
            yield from leaves(value)
    elif isinstance(node, list) and node:
        for value in node:
            yield from leaves(value)
    else:
        yield node


def test_json_ld_when_everything_is_known() -> None:
    """The Article carries each value under its schema.org name."""
    article = described(
        author_account="Acme",
        published_at=INSTANT,
        updated_at=INSTANT,
        keywords=("a", "b"),
        data_sources=(source(1, title="T", url="https://a.org", site="A", author="B", published_at=INSTANT),),
    )["@graph"][0]
    assert article == {
        "@type": "Article",
        "headline": "A title",
        "description": "A description.",
        "inLanguage": "en",
        "wordCount": 7,
        "keywords": ["a", "b"],
        "author": {"@type": "Organization", "name": "Acme"},
        "datePublished": "2026-05-04T03:02:01.500Z",
        "dateModified": "2026-05-04T03:02:01.500Z",
        "citation": [
            {
                "@type": "WebPage",
                "name": "T",
                "url": "https://a.org",
                "author": {"@type": "Person", "name": "B"},
                "publisher": {"@type": "Organization", "name": "A"},
                "datePublished": "2026-05-04T03:02:01.500Z",
            }
        ],
    }


def test_json_ld_when_little_is_known_leaves_it_out() -> None:
    """No null, empty or placeholder value stands anywhere."""
    data = described(data_sources=(source(1), source(2, url="https://a.org")))
    assert data["@context"] == "https://schema.org"
    assert not [value for value in leaves(data) if value in (None, "", [], {})]
    assert data["@graph"][0]["citation"] == [
        {"@type": "CreativeWork", "name": "file 1"},
        {"@type": "WebPage", "url": "https://a.org"},
    ]


def test_json_ld_when_headings_ask_adds_a_faq_page() -> None:
    """Each question with an answer below is listed; one without, and plain headings, are not."""
    faq = described(content=FAQ)["@graph"][1]
    assert faq["@type"] == "FAQPage"
    assert [(question["name"], question["acceptedAnswer"]["text"]) for question in faq["mainEntity"]] == [
        ("What is it?", "It is this.\none"),
        ("Last?", "End."),
    ]


def test_json_ld_when_nothing_asks_has_no_faq_page() -> None:
    """Without question headings the graph is the Article alone."""
    assert [node["@type"] for node in described(content="Is it? Yes.\n\n## Plain\n\nText.")["@graph"]] == ["Article"]


def test_json_ld_when_title_is_long_cuts_the_headline() -> None:
    """A headline has at most 110 characters and ends after a word, where there is one."""
    assert described(title="word " * 40)["@graph"][0]["headline"] == ("word " * 22).strip()
    assert described(title="x" * 200)["@graph"][0]["headline"] == "x" * 110
