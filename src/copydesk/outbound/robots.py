"""The Robots Exclusion Protocol (RFC 9309): what a site asks of programs that read it."""

import re
from dataclasses import dataclass

from ada_url import URL
from protego import Protego

MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309, 2.5: what follows is not read
MAX_CRAWL_DELAY = 5.0  # seconds: a longer one is cut to this, or a task would wait for a single site
PRODUCT = "copydesk"  # the token that addresses us; matched as a whole (RFC 9309, 2.2.1)

_OTHERS = "others"  # stands for every product that is not ours
_AGENT_LINE = re.compile(r"\s*user(?:-|\s+)?agent(?:\s*:|\s)(?P<name>[^#]*)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class RobotsFile:
    """What a site answered for its robots.txt."""

    status: int
    body: bytes  # of a success: at most MAX_ROBOTS_BYTES


def robots_link(url: str) -> str:
    """The address of the robots.txt that speaks for `url`."""
    parsed = URL(url)
    return URL("/robots.txt", base=parsed.origin).href


class RobotsRules:
    """The rules of one site for Copydesk."""

    def __init__(self, text: str) -> None:
        self._parser = Protego.parse(_addressed(text))

    @classmethod
    def read(cls, body: bytes) -> "RobotsRules":
        """Parse the file; it is UTF-8 by definition, and what is not is skipped."""
        return cls(body[:MAX_ROBOTS_BYTES].decode("utf-8-sig", errors="replace"))

    def allow(self, url: str) -> bool:
        """Whether the site lets us read `url`."""
        return bool(self._parser.can_fetch(url, PRODUCT))

    @property
    def crawl_delay(self) -> float:
        """Seconds that the site wants between two requests, at most `MAX_CRAWL_DELAY`; 0 where it says nothing."""
        return min(self._parser.crawl_delay(PRODUCT) or 0.0, MAX_CRAWL_DELAY)


def _addressed(text: str) -> str:
    """The file with all other products under one name.

    The parser copies each rule to each product of its group, so a small file of many products and rules would fill
    the memory; and it takes part of our name for ours.
    """
    return "\n".join(_addressed_line(line) for line in text.splitlines())


def _addressed_line(line: str) -> str:
    match = _AGENT_LINE.match(line)
    if match is None:
        return line
    name = match["name"].strip().lower()
    token = re.split(r"[/\s]", name, maxsplit=1)[0]
    return f"User-agent: {token if token in ('*', PRODUCT) else _OTHERS}"
