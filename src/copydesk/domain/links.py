"""Links: which may be followed, and when two are the same.

Addresses are parsed as browsers do (WHATWG URL standard), so every spelling of a host -- decimal, octal, hex, short,
full-width, percent-encoded -- is judged by what it means.
"""

import unicodedata
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import unquote_plus

from ada_url import URL, HostType

from copydesk.settings import AllowedRange

MAX_LINK_CHARACTERS = 2_048  # contract.md, reference_links
_MAX_NAME, _MAX_LABEL = 253, 63  # characters, RFC 1035 section 2.3.4
_DEFAULT_PORTS = {"http:": 80, "https:": 443}
_PRIVATE_SUFFIXES = ("localhost", "local", "internal")  # RFC 6761, RFC 6762, ICANN's board resolution 2024.07.29.06
_UNSEEN = ("Cc", "Cs", "Zs", "Zl", "Zp")  # Unicode categories: control, surrogate, the three kinds of space

# IANA's special-purpose registries, without the blocks that are globally reachable services.
_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host agent: a public number that means the own machine
        "169.254.0.0/16",  # link-local; the clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_UNICAST_6 = IPv6Network("2000::/3")  # the only space allocated for global unicast
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them: no web sites
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation, RFC 9637
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_SIX_TO_FOUR = IPv6Network("2002::/16")  # RFC 3056: so are bits 16 to 47
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # RFC 5214: so are the last 32 bits after this interface prefix

_TRACKING = frozenset({
    "_ga", "_gl", "_hsenc", "_hsmi", "dclid", "fbclid", "gad_source", "gbraid", "gclid", "gclsrc", "igshid",
    "mc_cid", "mc_eid", "mkt_tok", "msclkid", "oly_anon_id", "oly_enc_id", "srsltid", "ttclid", "twclid", "vero_id",
    "wbraid", "wickedid", "yclid",
})  # fmt: skip


def check_link(url: str, allow: Sequence[AllowedRange] = ()) -> str:
    """Accept a caller's or page's link, and return it trimmed but otherwise as given.

    Names are judged by their spelling alone; what they resolve to is checked when they are fetched.

    Raises:
        ValueError: The link may not be followed, with one sentence that says why.
    """
    link = url.strip()
    _check_text(link)
    try:
        parsed = URL(link)
    except ValueError as error:
        msg = "The link is not a valid web address."
        raise ValueError(msg) from error
    _check_host(parsed, allow)
    return link


def is_public(address: IPv4Address | IPv6Address, port: int, allow: Sequence[AllowedRange] = ()) -> bool:
    """Whether `address` may be connected to on `port`: globally routable unicast, or in an allowed range.

    An IPv6 address that carries an IPv4 one is public only if that one is.
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # the kernel connects to the IPv4 address
    if in_ranges(address, port, allow):
        return True
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    inner = _carried(address)
    if inner is not None and not is_public(inner, port):
        return False
    if address in _NAT64:
        return True
    return address in _UNICAST_6 and not any(address in network for network in _NOT_PUBLIC_6)


def in_ranges(address: IPv4Address | IPv6Address, port: int, allow: Sequence[AllowedRange]) -> bool:
    """Whether one of the operator's ranges names `address` and `port`."""
    return any(address in allowed.network and allowed.port in (None, port) for allowed in allow)


def port_of(url: URL) -> int:
    """The port that a parsed http or https address means."""
    return int(url.port) if url.port else _DEFAULT_PORTS[url.protocol]


def canonical_link(url: str) -> str:
    """Spell a link so that two links to one page are equal strings; for comparison, not for fetching.

    The host is lower-cased, default port, fragment and tracking parameters are dropped, the query is sorted.

    Raises:
        ValueError: It is not a valid address.
    """
    parsed = URL(url.strip())
    parsed.hash = ""
    parsed.hostname = parsed.hostname.rstrip(".") or parsed.hostname
    pairs = [pair for pair in parsed.search.removeprefix("?").split("&") if pair and not _tracks(pair)]
    parsed.search = "&".join(sorted(pairs, key=_parameter))
    return parsed.href


def _parameter(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def _tracks(pair: str) -> bool:
    name = _parameter(pair).lower()
    return name.startswith("utm_") or name in _TRACKING


def _check_text(link: str) -> None:
    """Refuse what is wrong before any parsing, where parsers differ in what they forgive."""
    scheme, separator, rest = link.partition("://")
    authority = rest.replace("?", "/").replace("#", "/").partition("/")[0]
    if len(link) > MAX_LINK_CHARACTERS:
        msg = f"The link has {len(link)} characters; at most {MAX_LINK_CHARACTERS} are allowed."
    elif any(unicodedata.category(character) in _UNSEEN for character in link):
        msg = "The link contains a space, a control character or an invalid character."
    elif not separator or scheme.lower() not in ("http", "https"):
        msg = "The link must begin with http:// or https://."
    elif "@" in authority:
        msg = "The link must not carry a user name or password."
    elif not authority or "\\" in authority:
        msg = "The link is not a valid web address."
    else:
        return
    raise ValueError(msg)


def _check_host(parsed: URL, allow: Sequence[AllowedRange]) -> None:
    """Refuse a literal address that is not public, and a name that means the own machine or network."""
    host = parsed.hostname
    if parsed.host_type != HostType.DEFAULT:
        if is_public(ip_address(host.strip("[]")), port_of(parsed), allow):
            return
        msg = "The link's address is not public."
    else:
        labels = host.removesuffix(".").split(".")
        if len(host) > _MAX_NAME or not all(0 < len(label) <= _MAX_LABEL for label in labels):
            msg = "The link's host name is not valid."
        elif len(labels) == 1 or labels[-1] in _PRIVATE_SUFFIXES:
            msg = "The link's host is a name of a private network, not of a public site."
        else:
            return
    raise ValueError(msg)


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a transition mechanism packed into `address`."""
    bits = int(address)
    if address in _NAT64 or bits >> 32 & 0xFFFF_FFFF in _ISATAP:
        return IPv4Address(bits & 0xFFFF_FFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address(bits >> 80 & 0xFFFF_FFFF)
    return None
