"""What pages state about themselves."""

import json
from datetime import UTC, datetime

import pytest
from support import documents
from support.documents import HTML_TEXT

from copydesk.domain.source import Document
from copydesk.readers.html import read_html
from copydesk.readers.metadata import parse_date

URL = "https://www.field-notes.example.org/2024/wheat-falls"


def read(head: str = "", body: str = "", *, url: str = URL, root: str = "<html>") -> Document:
    """Read a page with this head, and this before its text."""
    page = f"{root}<head>{head}</head><body><article>{body}<p>{HTML_TEXT}</p><p>{HTML_TEXT} Again.</p></article></body>"
    return read_html(page.encode(), documents.limits(), url=url, charset=None)


def described(**fields: object) -> str:
    """A JSON-LD description of an article."""
    text = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", **fields})
    return f"<script type='application/ld+json'>{text}</script>"


SITE = "<meta property='og:site_name' content='Field Notes'>"


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (f"{SITE}<title>Wheat falls | Field Notes</title>", "", "Wheat falls"),
        (f"{SITE}<title>Wheat falls - Field Notes</title>", "", "Wheat falls"),
        (f"{SITE}<title>Wheat falls – Farming – The Field Notes</title>", "", "Wheat falls – Farming"),  # noqa: RUF001 -- as people write
        (f"{SITE}<title>Field Notes: Wheat falls</title>", "", "Field Notes: Wheat falls"),
        (f"{SITE}<title>Field Notes | Wheat falls</title>", "", "Wheat falls"),
        ("<title>Wheat falls · field-notes.example.org</title>", "", "Wheat falls"),
        ("<title>Wheat falls | Farming news of the north</title>", "<h1>Wheat falls</h1>", "Wheat falls"),
        ("<title>Wheat - a short history</title>", "<h1>Welcome</h1>", "Wheat - a short history"),
        (f"{SITE}<title>Field Notes</title>", "<h1>Wheat falls</h1>", "Wheat falls"),
        (f"{SITE}<meta property='og:title' content='Wheat falls'><title>Other</title>", "", "Wheat falls"),
        (described(headline="Wheat &amp; barley"), "", "Wheat &amp; barley"),
        ("", "<h1>Wheat <em>falls</em></h1>", "Wheat falls"),
        ("", "", None),
    ],
)
def test_title_is_without_the_name_of_the_site(head: str, body: str, title: str | None) -> None:
    """The site's name goes where it stands before or behind, whichever way it is known."""
    assert read(head, body).title == title


@pytest.mark.parametrize(
    ("head", "body", "author"),
    [
        (described(author={"@type": "Person", "name": "Ada Field"}), "", "Ada Field"),
        (described(author=[{"name": "Ada Field"}, {"name": "Ben Hill"}]), "", "Ada Field, Ben Hill"),
        (described(author="By Ada Field and Ben Hill"), "", "Ada Field, Ben Hill"),
        (SITE + described(author={"@type": "Organization", "name": "Field Notes"}), "", None),
        ("<meta name='author' content='Von Ada Field'>", "", "Ada Field"),
        ("<meta property='article:author' content='https://social.example/ada'>", "", None),
        ("<meta name='author' content='admin'>", "", None),
        ("", "<a rel='author' href='/ada'>Ada Field</a>", "Ada Field"),
        ("", "<p class='byline'>By Ada Field</p>", "Ada Field"),
        ("", "<div class='comments'><span class='author'>Troll</span></div>", None),
        ("", "<div class='author-box-wrapper'>About our many authors</div>", None),
    ],
)
def test_author_is_who_the_page_names(head: str, body: str, author: str | None) -> None:
    """Names of persons, without what stands before them; no addresses, roles or sites."""
    assert read(head, body).author == author


@pytest.mark.parametrize(
    ("head", "body", "url"),
    [
        (described(datePublished="2024-03-05T23:30:00-08:00"), "", URL),
        ("<meta property='article:published_time' content='2024-03-05T10:00:00Z'>", "", URL),
        ("<meta name='citation_publication_date' content='2024/03/05'>", "", URL),
        ("<meta name='date' content='Tue, 05 Mar 2024 10:00:00 GMT'>", "", URL),
        ("", "<time itemprop='datePublished' datetime='2024-03-05'>5 March</time>", URL),
        ("", "<time class='entry-date published' datetime='2024-03-05'>5 March</time>", URL),
        ("<meta name='date' content='soon'>", "", "https://example.org/2024/03/05/wheat"),
        ("", "<p class='post-date'>2024-03-05</p>", "https://example.org/wheat"),
    ],
)
def test_date_is_the_day_that_the_page_names(head: str, body: str, url: str) -> None:
    """Whatever form it has; a time zone moves it to no other day."""
    assert read(head, body, url=url).published_at == datetime(2024, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "1970-01-01", "2024-13-45", "2999-01-01", "0000-00-00", "5", "1,2,3"])
def test_date_that_cannot_be_is_none(text: str) -> None:
    """Dates before the web, after tomorrow or of no calendar are none."""
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("root", "head", "language"),
    [
        ("<html lang='de-AT'>", "", "de-AT"),
        ("<html xml:lang='fr'>", "", "fr"),
        ("<html>", "<meta property='og:locale' content='pt_BR'>", "pt-BR"),
        ("<html>", "<meta http-equiv='Content-Language' content='es'>", "es"),
        ("<html lang='und'>", described(inLanguage="it"), "it"),
        ("<html lang='{{ lang }}'>", "", None),
    ],
)
def test_language_is_a_tag_that_the_page_states(root: str, head: str, language: str | None) -> None:
    """Wherever it is stated, in the form of BCP 47."""
    assert read(head, root=root).language == language


@pytest.mark.parametrize(
    ("link", "url", "canonical"),
    [
        ("/2024/wheat", URL, "https://www.field-notes.example.org/2024/wheat"),
        ("https://example.org/wheat#top", "https://m.example.org/wheat?utm=1", "https://example.org/wheat"),
        ("https://other.example.net/wheat", URL, None),
        ("https://b.github.io/wheat", "https://a.github.io/wheat", None),
        ("https://example.co.uk/wheat", "https://other.co.uk/wheat", None),
        ("https://www.field-notes.example.org/", URL, None),
        ("https://www.example.org/", "https://example.org/", "https://www.example.org/"),
        ("javascript:alert(1)", URL, None),
        ("https://user@example.org/wheat", "https://www.example.org/wheat", None),
        ("https://example.org:8443/wheat", "https://www.example.org/wheat", None),
        ("http://127.0.0.1/wheat", "http://10.0.0.1/wheat", None),
        ("http://127.0.0.2:8080/wheat", "http://127.0.0.2:8080/wheat?a=1", "http://127.0.0.2:8080/wheat"),
        ("http://[broken", URL, None),
    ],
)
def test_canonical_address_is_of_the_same_domain(link: str, url: str, canonical: str | None) -> None:
    """A page may speak for its own site only, and not name the site's root for all."""
    assert read(f"<link rel='canonical' href='{link}'>", url=url).canonical_url == canonical


@pytest.mark.parametrize(
    "script",
    [
        "{broken",
        "[" * 100_000,
        '{"@type": "NewsArticle", "headline": 7, "author": 7, "datePublished": {}, "publisher": [null]}',
        '{"@graph": [7, null, {"@type": 7}, {"@type": ["Article", null]}]}',
        '"text"',
    ],
)
def test_odd_description_spoils_nothing(script: str) -> None:
    """JSON-LD of any shape is read as far as it makes sense."""
    assert read(f"<script type='application/ld+json'>{script}</script><title>Wheat</title>").title == "Wheat"


def test_site_is_named_by_the_publisher_too() -> None:
    """The publisher of the article, where nothing else names the site."""
    assert read(described(publisher={"@type": "Organization", "name": "Field Notes"})).site == "Field Notes"
