"""What a robots.txt says to Copydesk (RFC 9309)."""

import time
import tracemalloc

import pytest

from copydesk.outbound.robots import MAX_CRAWL_DELAY, MAX_ROBOTS_BYTES, RobotsRules, robots_link

PAGE = "https://site.test/private/page.html?q=1"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (PAGE, "https://site.test/robots.txt"),
        ("http://site.test:8080/a", "http://site.test:8080/robots.txt"),
        ("https://site.test:443", "https://site.test/robots.txt"),
        ("http://[::1]:8080/a/../b", "http://[::1]:8080/robots.txt"),
    ],
)
def test_robots_link_is_at_the_root_of_the_site(url: str, link: str) -> None:
    """One file for scheme, host and port."""
    assert robots_link(url) == link


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /private/", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /\nAllow: /private/", True),
        ("User-agent: *\nDisallow: /private/\nAllow: /private/page.html", True),
        ("User-agent: *\nDisallow: /*.html?", False),
        ("User-agent: *\nDisallow: /*.html$", True),
        ("User-agent: copydesk\nDisallow: /", False),
        ("User-agent: Copydesk/1.0\nDisallow: /", False),
        ("user-agent:COPYDESK # us\ndisallow:/private", False),
        ("User-agent: copydesk\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: copydesk\nDisallow: /other", True),
        ("User-agent: a\nUser-agent: copydesk\nUser-agent: b\nDisallow: /", False),
        ("User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\nUser-agent: *\nDisallow: /other", True),
        ("User-agent: copy\nDisallow: /", True),
        ("User-agent: desk\nDisallow: /", True),
        ("User-agent: copydeskbot\nDisallow: /", True),
        ("User-agent: copydesk-news\nDisallow: /", True),
        ("User-agent:\nDisallow: /", True),
        ("Disallow: /", True),
        ("<html><body>Not found</body></html>", True),
        ("\x00\x01\xff", True),
        ("Sitemap: https://site.test/sitemap.xml\nUser-agent: *\nDisallow: /private", False),
    ],
)
def test_rules_are_those_for_copydesk(text: str, allowed: bool) -> None:  # noqa: FBT001 - an expectation
    """Our own group if there is one, else that for all; names are compared whole; the longest rule wins."""
    assert RobotsRules.read(text.encode()).allow(PAGE) is allowed


def test_rules_are_read_when_the_file_begins_with_a_mark() -> None:
    """A byte order mark is no part of the first line, and bytes that are no UTF-8 spoil only their line."""
    assert not RobotsRules.read(b"\xef\xbb\xbfUser-agent: *\nDisallow: /\xff\nDisallow: /private").allow(PAGE)


def test_rules_end_at_500_kibibytes() -> None:
    """What follows the limit is not read."""
    head = b"User-agent: *\n"
    rule = b"\nDisallow: /"
    filler = b"#" * (MAX_ROBOTS_BYTES - len(head) - len(rule))
    assert not RobotsRules.read(head + filler + rule).allow(PAGE)
    assert RobotsRules.read(head + filler + b"#" + rule).allow(PAGE)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("86400", MAX_CRAWL_DELAY), ("inf", 0.0), ("nan", 0.0), ("-1", 0.0), ("soon", 0.0)],
)
def test_crawl_delay_is_honoured_up_to_a_limit(value: str, seconds: float) -> None:
    """A sane delay as it is, a long one cut, nonsense ignored."""
    assert RobotsRules.read(f"User-agent: *\nCrawl-delay: {value}".encode()).crawl_delay == seconds
    assert RobotsRules.read(f"User-agent: other\nCrawl-delay: {value}".encode()).crawl_delay == 0.0


HOSTILE = {
    "products-times-rules": "".join(f"User-agent: {n:x}\n" for n in range(17_000))
    + "".join(f"Disallow:/{n:x}\n" for n in range(15_000)),
    "products-without-colons": "".join(f"useragent {n:x}\n" for n in range(17_000))
    + "".join(f"Disallow:/{n:x}\n" for n in range(15_000)),
    "wildcards": "User-agent: *\n" + "Disallow: /" + "*a" * 250_000 + "b\n",
    "many-wildcards": "User-agent: *\n" + "".join(f"Disallow: *{n:x}*a*a*a*$\n" for n in range(20_000)),
    "dollars": "User-agent: *\nDisallow: /" + "$" * 400_000,
    "one-line": "User-agent: *" + " " * 500_000,
    "blank-lines": "\n" * 500_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_cost_little(kind: str) -> None:
    """No file of the size that is read takes seconds or a lot of memory."""
    body = HOSTILE[kind].encode()
    tracemalloc.start()
    try:
        begun = time.process_time()
        rules = RobotsRules.read(body)
        rules.allow("https://site.test/" + "a" * 2_000)
        seconds = time.process_time() - begun
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seconds < 10  # traced memory makes it several times slower than it is
    assert peak < 64 * 2**20
