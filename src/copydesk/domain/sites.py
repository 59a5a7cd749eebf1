"""Sites and their pages: when two addresses show the same page, and when two pages come from the same site."""

import re
from functools import cache
from typing import TYPE_CHECKING

from ada_url import URL, HostType

from copydesk.domain.links import canonical_link

if TYPE_CHECKING:
    from tldextract import TLDExtract

_EDITIONS = frozenset({"www", "m", "mobile", "amp"})  # labels before a site's name that show the same pages
_AMP_PATH = re.compile(r"(?:/amp|\.amp)(?=(?:\.html?)?/?$)", re.IGNORECASE)
_AMP_PARAMETERS = ("amp", "amp=1", "amp=true", "outputtype=amp", "output=amp")
# Copies of AMP pages: https://developers.google.com/amp/cache/overview and Google's own viewer.
_AMP_CACHE = re.compile(
    r"https?://(?:[^/]+\.cdn\.ampproject\.org/[a-z]|(?:www\.)?google\.[a-z.]{2,6}/amp)/(?P<secure>s/)?(?P<rest>[^/]+/.*)",
    re.IGNORECASE,
)


def site_of(url: str) -> str:
    """The domain that somebody registered, `bbc.co.uk` of `news.bbc.co.uk`, or the host of an address by number.

    Hosts of one hosting service (`a.github.io`, `b.github.io`) are sites of their own. Source: the Public Suffix
    List as bundled with tldextract.

    Raises:
        ValueError: It is not a valid address.
    """
    return _split(URL(url))[1]


def page_key(url: str) -> str:
    """What addresses of the same page have in common; for comparison, not for fetching.

    Beyond `canonical_link`: the scheme, `www.` and mobile hosts, AMP editions and a closing slash make no difference.

    Raises:
        ValueError: It is not a valid address.
    """
    parsed = URL(canonical_link(_origin(url)))
    path = _AMP_PATH.sub("", parsed.pathname).rstrip("/")
    pairs = [pair for pair in parsed.search.removeprefix("?").split("&") if pair.lower() not in _AMP_PARAMETERS]
    port = f":{parsed.port}" if parsed.port else ""
    query = "&".join(pair for pair in pairs if pair)
    labels, site = _split(parsed)
    host = ".".join([*(label for label in labels if label not in _EDITIONS), site])
    return f"{host}{port}{path}{'?' if query else ''}{query}"


def is_edition(url: str) -> bool:
    """Whether an address is the AMP or mobile edition of a page, or a copy in a cache.

    Raises:
        ValueError: It is not a valid address.
    """
    parsed = URL(url)
    pairs = parsed.search.removeprefix("?").lower().split("&")
    return bool(
        _AMP_CACHE.fullmatch(url)
        or (_EDITIONS - {"www"}).intersection(_split(parsed)[0])
        or _AMP_PATH.search(parsed.pathname)
        or set(_AMP_PARAMETERS).intersection(pairs)
    )


def _origin(url: str) -> str:
    """The address that a copy in an AMP cache was made of."""
    found = _AMP_CACHE.fullmatch(url.strip())
    if found is None:
        return url
    origin = f"http{'s' if found['secure'] else ''}://{found['rest']}"
    return origin if URL.can_parse(origin) else url


def _split(url: URL) -> tuple[list[str], str]:
    """The labels before a site's name, and the site."""
    host = url.hostname.rstrip(".")
    parts = _suffixes().extract_str(host)
    if parts.top_domain_under_public_suffix:
        return parts.subdomain.split(".") if parts.subdomain else [], parts.top_domain_under_public_suffix
    if parts.suffix or url.host_type != HostType.DEFAULT:
        return [], host
    labels = host.split(".")  # the list's last rule: an end that it does not name is a suffix of one label
    return labels[:-2], ".".join(labels[-2:])


@cache
def _suffixes() -> "TLDExtract":
    """The bundled list: nothing is fetched, nothing is written. Loading takes 0.2 s, and many processes never do."""
    from tldextract import TLDExtract  # noqa: PLC0415

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
