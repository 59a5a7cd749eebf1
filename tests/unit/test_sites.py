"""Which addresses show one page, and which pages come from one site."""

import pytest

from copydesk.domain.sites import is_edition, page_key, site_of


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("https://News.BBC.co.uk./x", "bbc.co.uk"),
        ("https://en.m.wikipedia.org/wiki/Tea", "wikipedia.org"),
        ("https://anna.github.io/tea", "anna.github.io"),
        ("https://github.io/", "github.io"),
        ("https://чай.пример.рф/", "xn--e1afmkfd.xn--p1ai"),
        ("https://news.desk.test/", "desk.test"),
        ("http://127.0.0.2:8080/tea", "127.0.0.2"),
        ("http://[2001:db8::1]/tea", "[2001:db8::1]"),
        ("http://intranet/tea", "intranet"),
        ("http://co.uk/", "co.uk"),
    ],
)
def test_site_is_the_registered_domain(url: str, site: str) -> None:
    """The Public Suffix List decides, hosting services included; without a suffix it is the host."""
    assert site_of(url) == site


SAME = (
    "https://www.example.com/tea/green?id=1",
    "http://example.com/tea/green/?id=1",
    "https://example.com:443/tea/green?id=1#history",
    "https://m.example.com/tea/green?id=1&utm_source=x",
    "https://amp.example.com/tea/green?id=1",
    "https://www.example.com/tea/green/amp?id=1",
    "https://www.example.com/tea/green/amp/?id=1",
    "https://example.com/tea/green?amp=1&id=1",
    "https://example.com/tea/green?id=1&outputType=amp",
    "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/tea/green?id=1",
    "https://www.google.com/amp/s/www.example.com/tea/green?id=1",
    "http://www.google.de/amp/www.example.com/tea/green?id=1",
)


@pytest.mark.parametrize("url", SAME)
def test_page_is_the_same_when_only_its_edition_differs(url: str) -> None:
    """Scheme, www., mobile and AMP editions, caches, tracking and a closing slash make no difference."""
    assert page_key(url) == "example.com/tea/green?id=1"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://example.com/a", "https://example.com/b"),
        ("https://example.com/a?id=1", "https://example.com/a?id=2"),
        ("https://example.com/a", "https://example.com:8080/a"),
        ("https://a.example.com/", "https://b.example.com/"),
        ("https://example.com/amps", "https://example.com/"),
        ("https://example.com/amp/volt", "https://example.com/volt"),
        ("https://example.com/Tea", "https://example.com/tea"),
        ("https://m.com/", "https://example.com/"),
        ("http://127.0.0.1/a", "http://127.0.0.2/a"),
        ("https://www.google.com/amp/s/", "https://www.google.com/"),
        ("https://en.wikipedia.org/wiki/Tea", "https://de.wikipedia.org/wiki/Tea"),
    ],
)
def test_pages_differ_when_more_than_the_edition_does(first: str, second: str) -> None:
    """Two pages stay two."""
    assert page_key(first) != page_key(second)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://en.m.wikipedia.org/wiki/Tea", "en.wikipedia.org/wiki/Tea"),
        ("https://example.com/tea.amp.html", "example.com/tea.html"),
        ("https://example.com/tea.amp", "example.com/tea"),
        ("https://example.com/", "example.com"),
        ("https://www.co.uk/", "www.co.uk"),
        ("https://m.com/tea", "m.com/tea"),
        ("http://intranet:8080/tea", "intranet:8080/tea"),
    ],
)
def test_key_is_the_plain_address(url: str, key: str) -> None:
    """What is left when the edition is taken away."""
    assert page_key(url) == key


@pytest.mark.parametrize("url", ["https://m.example.com/a", *SAME[4:]])
def test_edition_is_seen(url: str) -> None:
    """Mobile and AMP editions and copies in caches."""
    assert is_edition(url)


@pytest.mark.parametrize("url", ["https://www.example.com/a", "https://m.com/", "https://example.com/amplifier"])
def test_page_itself_is_no_edition(url: str) -> None:
    """The plain page, with or without www."""
    assert not is_edition(url)


@pytest.mark.parametrize("url", ["", "no address", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """As everywhere, by ValueError."""
    for judge in (site_of, page_key, is_edition):
        with pytest.raises(ValueError, match=r"\S"):
            judge(url)
