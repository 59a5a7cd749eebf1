"""The rules of links: what may be followed, what is public, when two links are one."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from ada_url import URL
from hypothesis import given
from hypothesis import strategies as st

from copydesk.domain.links import canonical_link, check_link, is_public
from copydesk.settings import AllowedRange

LOOPBACK = (AllowedRange(IPv4Network("127.0.0.0/8"), None),)
LOOPBACK_8080 = (AllowedRange(IPv4Network("127.0.0.0/8"), 8080),)

ACCEPTED = [
    "http://example.org",
    "https://example.org/a/b?c=d&e=f#g",
    "HTTPS://Example.ORG/Path",
    "https://example.org:8443/",
    "https://example.org./",
    "https://bücher.example/straße",
    "https://xn--bcher-kva.example/",
    "https://例え.テスト/",
    "https://example.org/👩‍👩‍👧",
    "https://example.org/a\\b",
    "https://example.org/?mail=a@b.example",
    "https://example.org/@user",
    "https://my_host.example.org/",
    "https://93.184.215.14/",
    "https://1.1.1.1:443/",
    "https://[2606:4700:4700::1111]/",
    "https://[2001:4860:4860::8888]:443/",
    "https://[64:ff9b::101:101]/",
    "https://[2002:101:101::1]/",
    "https://localhost.example.org/",
    "https://local.example/",
    "https://127.0.0.1.nip.io/",
    "https://not.locale/",
]

PRIVATE_ADDRESSES = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7F.1",
    "0177.0.0.1",
    "017700000001",
    "00000177.0.0.1",
    "127.0.0.0x1",
    "%31%32%37.0.0.1",
    "127%2E0%2E0%2E1",
    "１２７.0.0.1",  # noqa: RUF001 - full-width digits
    "１２７。０。０。１",  # noqa: RUF001 - full-width digits and ideographic full stops
    "①②⑦.0.0.1",
    "127.0.0\u00ad.1",  # a soft hyphen that names ignore
    "0",
    "0.0.0.0",  # noqa: S104 - refused, not bound
    "0.1.2.3",
    "0x0.0x1",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "0144.0x40.1",
    "168.63.129.16",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "0xA9.254.0251.0xFE",
    "169.254.43518",
    "169.254.169.254.",
    "169。254｡169．254",  # noqa: RUF001 - every full stop that names know
    "①⑥⑨.②⑤④.①⑥⑨.②⑤④",
    "169.254.169.253",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::1.1.1.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:10.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[0000:0000:0000:0000:0000:ffff:a9fe:a9fe]",
    "[::ffff:169.254.169.254]",
    "[::ffff:100.64.0.1]",
    "[::ffff:0.0.0.0]",
    "[::10.0.0.1]",
    "[::a9fe:a9fe]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::1.1.1.1]",
    "[64:ff9b:1:ffff::10.0.0.1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b::c0a8:101]",
    "[64:ff9b::100.64.0.1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2002:c0a8:101::1]",
    "[2002:a9fe:a9fe::1]",
    "[2002:6440:1::]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2001::1]",
    "[2001:0:a9fe:a9fe::1]",
    "[2001:2::1]",
    "[2001:20::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[2606:4700::5efe:10.0.0.1]",
    "[2606:4700::200:5efe:192.168.0.1]",
    "[5f00::1]",
    "[100::1]",
    "[fc00::1]",
    "[fd00::1]",
    "[fd20:ce::254]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
]

PRIVATE_NAMES = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ⓛocalhost",
    "%6cocalhost",
    "api.localhost",
    "printer.local",
    "printer.LOCAL.",
    "metadata.google.internal",
    "metadata.google.internal.",
    "METADATA.Google.INTERNAL",
    "metadata",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.azure.internal",
    "ip-10-0-0-1.eu-west-1.compute.internal",
    "kubernetes.default.svc.cluster.local",
    "host.docker.internal",
    "localhost。",
    "ｌｏｃａｌｈｏｓｔ",  # noqa: RUF001 - full-width letters
    "a.b.localhost.",
    "internal",
    "intranet",
    "intranet.",
    "host",
]

MALFORMED = [
    ("", "must begin"),
    ("example.org", "must begin"),
    ("//example.org", "must begin"),
    ("https:example.org", "must begin"),
    ("https:/example.org", "must begin"),
    ("ftp://example.org/", "must begin"),
    ("file:///etc/passwd", "must begin"),
    ("javascript://example.org/%0aalert(1)", "must begin"),
    ("data:text/html,x", "must begin"),
    ("gopher://example.org", "must begin"),
    ("https://", "not a valid"),
    ("https:///example.org", "not a valid"),
    ("https://example.org\\@127.0.0.1/", "user name"),
    ("https://example.org\\.evil.example/", "not a valid"),
    ("https://user@example.org/", "user name"),
    ("https://user:secret@example.org/", "user name"),
    ("https://:@example.org/", "user name"),
    ("https://@example.org/", "user name"),
    ("https://example.org:99999/", "not a valid"),
    ("https://example.org:port/", "not a valid"),
    ("https://1.2.3.4.5/", "not a valid"),
    ("https://256.1.1.1/", "not a valid"),
    ("https://0x100000000/", "not a valid"),
    ("https://[fe80::1%25eth0]/", "not a valid"),
    ("https://[fe80::1%eth0]/", "not a valid"),
    ("https://[::1/", "not a valid"),
    ("https://exa%00mple.org/", "not a valid"),
    ("https://exa<mple.org/", "not a valid"),
    ("https://a..example/", "host name is not valid"),
    ("https://.example/", "host name is not valid"),
    ("https://example.org../", "host name is not valid"),
    (f"https://{'a' * 64}.example/", "host name is not valid"),
    (f"https://{'a.' * 130}example/", "host name is not valid"),
    ("https://example.org/a b", "space"),
    ("https://exam ple.org/", "space"),
    ("https://example.org/a\u00a0b", "space"),
    ("https://example.org/a\u3000b", "space"),
    ("https://example.org/a\tb", "space"),
    ("https://example.org/a\nb", "space"),
    ("https://example.org/\x00", "space"),
    ("https://example.org/a\x7fb", "space"),
    ("https://example.org/\ud800", "space"),
]


@pytest.mark.parametrize("link", ACCEPTED)
def test_check_link_returns_it_unchanged_when_it_is_public(link: str) -> None:
    """A public link comes back exactly as it was given."""
    assert check_link(link) == link


def test_check_link_trims_the_ends() -> None:
    """Space around a link is no part of it."""
    assert check_link(" \thttps://example.org/a\n") == "https://example.org/a"


@pytest.mark.parametrize("host", PRIVATE_ADDRESSES)
@pytest.mark.parametrize("shape", ["http://{}", "https://{}:8080/path?q=1#f"])
def test_check_link_refuses_when_the_address_is_not_public(host: str, shape: str) -> None:
    """No spelling of a non-public address passes."""
    with pytest.raises(ValueError, match=r"^The link's address is not public\.$"):
        check_link(shape.format(host))


@pytest.mark.parametrize("host", PRIVATE_NAMES)
def test_check_link_refuses_when_the_name_is_private(host: str) -> None:
    """Names of the own machine and network are refused, whatever ranges are allowed."""
    with pytest.raises(ValueError, match="private network"):
        check_link(f"http://{host}/", LOOPBACK)


@pytest.mark.parametrize(("link", "reason"), MALFORMED)
def test_check_link_says_why_when_it_is_malformed(link: str, reason: str) -> None:
    """Each malformed link is refused with its own reason."""
    with pytest.raises(ValueError, match=reason):
        check_link(link)


def test_check_link_counts_characters_at_its_limit() -> None:
    """2,048 characters pass, 2,049 do not."""
    start = "https://example.org/"
    longest = start + "é" * (2_048 - len(start))
    assert check_link(f" {longest} ") == longest
    with pytest.raises(ValueError, match="2049 characters"):
        check_link(longest + "é")


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "0x7f.1"])
def test_check_link_passes_an_allowed_range_in_any_spelling(host: str) -> None:
    """What the operator allowed passes, on every port if the range names none."""
    for port in ("", ":80", ":12345"):
        assert check_link(f"http://{host}{port}/", LOOPBACK) == f"http://{host}{port}/"


def test_check_link_passes_only_the_port_of_an_allowed_range() -> None:
    """A range with a port opens that port alone."""
    assert check_link("http://127.0.0.1:8080/", LOOPBACK_8080)
    for link in ("http://127.0.0.1/", "http://127.0.0.1:8081/", "https://127.0.0.1/", "http://10.0.0.1:8080/"):
        with pytest.raises(ValueError, match="not public"):
            check_link(link, LOOPBACK_8080)


def test_check_link_knows_default_ports_when_a_range_names_one() -> None:
    """Scheme http means port 80 and https 443 to a range with a port."""
    allow = (AllowedRange(IPv6Network("fd00::/8"), 443),)
    assert check_link("https://[fd00::1]/", allow)
    with pytest.raises(ValueError, match="not public"):
        check_link("http://[fd00::1]/", allow)


@given(st.integers(0, 2**32 - 1))
def test_check_link_agrees_with_is_public_in_every_spelling(number: int) -> None:
    """Dotted, decimal, octal, hex and mapped spellings of one address are judged alike."""
    address = IPv4Address(number)
    spellings = [str(address), str(number), f"0x{number:x}", f"0{number:o}", f"[::ffff:{address}]", f"{address}."]
    for spelling in spellings:
        if is_public(address, 80):
            assert check_link(f"http://{spelling}/")
        else:
            with pytest.raises(ValueError, match="not public"):
                check_link(f"http://{spelling}/")


@given(st.integers(0, 2**32 - 1))
def test_is_public_is_never_wider_than_the_standard_library(number: int) -> None:
    """Every address called public is globally reachable to `ipaddress` too."""
    address = IPv4Address(number)
    if is_public(address, 443):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@given(st.integers(0, 2**128 - 1))
def test_is_public_keeps_to_global_unicast_when_the_address_is_ipv6(number: int) -> None:
    """Outside of 2000::/3 only NAT64 and mapped IPv4 addresses can be public."""
    address = IPv6Address(number)
    if is_public(address, 443):
        assert address.is_global
        carries = address.ipv4_mapped is not None or address in IPv6Network("64:ff9b::/96")
        assert carries or address in IPv6Network("2000::/3")


@given(st.integers(0, 2**32 - 1))
def test_is_public_judges_a_carried_address_as_itself(number: int) -> None:
    """Mapped, NAT64 and 6to4 forms are as public as the IPv4 address inside."""
    inner = IPv4Address(number)
    expected = is_public(inner, 80)
    for packed in (0xFFFF << 32 | number, 0x64_FF9B << 96 | number, 0x2002 << 112 | number << 80 | 1):
        assert is_public(IPv6Address(packed), 80) is expected


def test_is_public_passes_an_allowed_range() -> None:
    """A range opens its addresses, on its port."""
    assert is_public(ip_address("127.0.0.1"), 8080, LOOPBACK_8080)
    assert not is_public(ip_address("127.0.0.1"), 80, LOOPBACK_8080)
    assert is_public(ip_address("::ffff:127.0.0.1"), 1, LOOPBACK)
    assert not is_public(ip_address("64:ff9b::7f00:1"), 1, LOOPBACK)


SAME = [
    ("https://Example.ORG", "https://example.org/"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("http://example.org:80/a", "http://example.org/a"),
    ("https://example.org/a#part", "https://example.org/a"),
    ("https://example.org./a", "https://example.org/a"),
    ("https://example.org/a?utm_source=x&UTM_Medium=y&gclid=1&fbclid=2", "https://example.org/a"),
    ("https://example.org/a?b=2&a=1", "https://example.org/a?a=1&b=2"),
    ("https://example.org/a?b=2&utm_campaign=z&a=1#f", "https://example.org/a?a=1&b=2"),
    ("https://example.org/a?", "https://example.org/a"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://example.org/ä", "https://example.org/%C3%A4"),
    ("https://example.org/b/../a", "https://example.org/a"),
]

DIFFERENT = [
    ("https://example.org/a", "https://example.org/A"),
    ("https://example.org/a", "https://example.org/a/"),
    ("https://example.org/a?x=1", "https://example.org/a?x=2"),
    ("https://example.org/?x=1&x=2", "https://example.org/?x=2&x=1"),
    ("https://example.org/", "https://www.example.org/"),
    ("https://example.org:8443/", "https://example.org/"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_canonical_link_is_equal_when_the_page_is_the_same(one: str, other: str) -> None:
    """Spellings of one page have one canonical link."""
    assert canonical_link(one) == canonical_link(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_canonical_link_differs_when_the_page_may(one: str, other: str) -> None:
    """What may be another page keeps another canonical link."""
    assert canonical_link(one) != canonical_link(other)


def test_canonical_link_refuses_when_it_is_no_address() -> None:
    """What cannot be parsed has no canonical link."""
    with pytest.raises(ValueError, match="Invalid"):
        canonical_link("not an address")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs"]), max_size=40))
def test_canonical_link_is_stable_when_applied_twice(tail: str) -> None:
    """A canonical link is its own canonical link."""
    once = canonical_link(f"https://example.org/{tail}")
    assert canonical_link(once) == once


@given(st.text(max_size=60))
def test_check_link_answers_or_refuses_when_given_anything(text: str) -> None:
    """No text makes it raise anything but ValueError, and what passes is what was given."""
    for link in (text, f"http://{text}", f"https://example.org/{text}"):
        try:
            assert check_link(link) == link.strip()
            assert not URL(link).username + URL(link).password
        except ValueError as error:
            assert str(error).startswith("The link")  # noqa: PT017 - either outcome is right, a foreign message is not
