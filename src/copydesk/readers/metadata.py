"""What a page states about itself: title, site, author, dates, language and canonical address."""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from copydesk.readers.blocks import one_line
from copydesk.readers.structured import Node, is_article, strings, types_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
_SEPARATOR = re.compile(r"\s+[|\u2502\u00b7\u2022\u2013\u2014\u00bb\u203a\u2039\u00ab\u2013~-]+\s+|\s+::\s+|\s*\|\s*")
_BY = re.compile(
    r"(?:(?:written|posted|published|reported|story|text|artikel) )?(?:by|von|par|por|di|door|av|af)\b:?\s+"
    r"|(?:authors?|autore?n?s?|autorin|auteure?s?|autora)\s*:\s*",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"https?:|www\.|@|\.(?:com|org|net|de)\b|\d{3}|^(?:admin(?:istrator)?|user|guest|staff|author|editor|editorial"
    r"|redaktion|none|null|unknown|anonymous|webmaster|super user)$",
    re.IGNORECASE,
)
_MAX_AUTHOR, _MAX_AUTHORS, _MAX_TITLE = 80, 6, 400
_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title", "parsely-title")
_SITES = ("og:site_name", "application-name", "apple-mobile-web-app-title", "citation_journal_title", "dc.publisher")
_AUTHORS = (
    "author", "article:author", "dc.creator", "dcterms.creator", "citation_author", "parsely-author", "sailthru.author",
    "og:article:author", "book:author", "byl", "article.author", "authors",
)  # fmt: skip
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "citation_publication_date",
    "citation_date", "citation_online_date", "dcterms.created", "dcterms.issued", "dc.date.issued", "dc.date.created",
    "dc.date", "dcterms.date", "parsely-pub-date", "sailthru.date", "article.published", "published-date",
    "publish-date", "publish_date", "publication_date", "pubdate", "ptime", "pdate", "creation_date", "date",
    "originalpublicationdate", "og:pubdate", "rnews:datepublished",
)  # fmt: skip
_DATE = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?!\d{3})|(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_IN_ADDRESS = re.compile(r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?=[/-]|$)")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # the web's first year
_BYLINE = "//*[@itemprop='author' or @rel='author' or contains(@class, 'byline') or contains(@class, 'author')]"
_BYLINE_NAMES = frozenset(
    {"byline", "author", "byline-name", "author-name", "byline__name", "p-author", "article-author"}
)
_NOT_BYLINE = (
    "boolean(ancestor::aside or ancestor::footer or ancestor::nav or ancestor::*[contains(@class, 'comment')])"
)
_MAX_BYLINES = 20
_STATED_DATES = (
    "//*[@itemprop='datePublished' or (self::time and (@pubdate or contains(@class, 'published')"
    " or contains(@class, 'entry-date'))) or (self::abbr and contains(@class, 'published'))]"
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a page states about itself; None where it does not."""

    title: str | None  # without the site's name
    site: str | None
    author: str | None  # several are joined by ", "
    published_at: datetime | None  # midnight UTC of the calendar day that the page names
    language: str | None  # BCP 47
    canonical_url: str | None  # of the same registrable domain as the page


def page_facts(tree: "HtmlElement", nodes: Sequence[Node], url: str) -> Facts:
    """Take the facts from JSON-LD, Open Graph, other meta elements and microdata, in this order.

    Args:
        tree: The page.
        nodes: What its JSON-LD describes.
        url: Where it was fetched.
    """
    metas = _metas(tree)
    article = next((node for node in nodes if is_article(node)), {})
    site = _site(metas, article, nodes)
    return Facts(
        title=_title(tree, metas, article, site, url),
        site=site,
        author=_author(tree, metas, article, site),
        published_at=_published(tree, metas, article, url),
        language=_language(tree, metas, article),
        canonical_url=_canonical(tree, metas, url),
    )


def _canonical(tree: "HtmlElement", metas: Mapping[str, list[str]], url: str) -> str | None:
    """The address that the page gives as its own, if that can be true; without fragment.

    It must be http(s), of the same registrable domain, on a public host or the page's own, and may
    not be the site's root for a page below it: some sites name their root everywhere.
    """
    links = tree.xpath("//link[contains(@rel, 'canonical')]/@href")
    for link in [*links, *metas.get("og:url", ())]:
        try:
            address = urljoin(url, str(link).strip())
            canonical, own = urlsplit(address), urlsplit(url)
            fits = _may_stand_for(canonical, own)
        except ValueError:
            continue
        if fits:
            return canonical._replace(fragment="").geturl()
    return None


def _may_stand_for(canonical: SplitResult, own: SplitResult) -> bool:
    if canonical.scheme not in {"http", "https"} or not canonical.hostname or "@" in canonical.netloc:
        return False
    if own.path.strip("/") and not canonical.path.strip("/") and not canonical.query:
        return False
    if canonical.netloc.lower() == own.netloc.lower():
        return True
    if canonical.port not in {None, 80, 443} or _is_number(canonical.hostname):
        return False
    return _registrable(canonical.hostname) == _registrable(own.hostname or "") != ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdecimal()
    return True


def _registrable(host: str) -> str:
    return str(_domains()(host).top_domain_under_public_suffix)


@functools.cache
def _domains() -> Any:
    """The public suffix list that comes with the library; nothing is fetched or cached on disk."""
    from tldextract import TLDExtract  # noqa: PLC0415 -- heavy; only the sandbox process reads

    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


def _metas(tree: "HtmlElement") -> Mapping[str, list[str]]:
    """The contents of the meta elements by name, in lower case."""
    metas: dict[str, list[str]] = {}
    for meta in tree.xpath("//meta[@content]"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
        metas.setdefault(name.strip().lower(), []).append(meta.get("content", ""))
    return metas


def _first(metas: Mapping[str, list[str]], names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield from (line for content in metas.get(name, ()) if (line := one_line(content)))


def _names(value: object) -> Iterator[str]:
    """The names of persons or organizations in JSON-LD, as text or as things."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from strings(item.get("name"))


def _site(metas: Mapping[str, list[str]], article: Node, nodes: Sequence[Node]) -> str | None:
    sites = [node for node in nodes if "website" in types_of(node)]
    stated = (*_first(metas, _SITES[:1]), *(name for node in sites for name in _names(node)))
    publisher = _names(article.get("publisher"))
    return next((one_line(name) for name in (*stated, *publisher, *_first(metas, _SITES)) if one_line(name)), None)


def _title(
    tree: "HtmlElement", metas: Mapping[str, list[str]], article: Node, site: str | None, url: str
) -> str | None:
    heads = [line for head in tree.xpath("//h1[not(ancestor::header[not(ancestor::article)])]")[:4]
             if (line := one_line(head.text_content()))]  # fmt: skip
    named = [one_line(text) for text in tree.xpath("//title/text()")[:1]]
    stated = [*_first(metas, _TITLES), *map(one_line, strings(article.get("headline"))), *named]
    for title in filter(None, stated):
        bare = _without_site(title[:_MAX_TITLE], site, url, heads)
        if bare is not None:
            return bare
    return next((head[:_MAX_TITLE] for head in heads), None)


def _without_site(title: str, site: str | None, url: str, heads: Sequence[str]) -> str | None:
    """The title without its site's name before or behind it; None if it is that name alone."""
    names = {_plain(name) for name in (site or "", *_host_names(url))} - {""}
    if _plain(title) in names and heads:
        return None
    for head in heads:
        if head and len(head) < len(title) and title.startswith(head) and _SEPARATOR.match(title, len(head)):
            return head
    cuts = list(_SEPARATOR.finditer(title))
    if not cuts:
        return title
    first, last = cuts[0], cuts[-1]
    if _is_name(title[last.end() :], names):
        return _without_site(title[: last.start()], site, url, heads) if len(cuts) > 1 else title[: last.start()]
    if _is_name(title[: first.start()], names):
        return title[first.end() :]
    return title


def _is_name(part: str, names: set[str]) -> bool:
    plain = _plain(part)
    return plain in names or any(len(name) > 3 and (plain.startswith(name) or plain.endswith(name)) for name in names)  # noqa: PLR2004 -- shorter names are parts of words


def _plain(text: str) -> str:
    return re.sub(r"^the|[\W_]+", "", text.lower())


def _host_names(url: str) -> tuple[str, ...]:
    host = urlsplit(url).hostname or ""
    name = re.sub(r"^(?:www\d?|m|en|de|fr|es)\.", "", host)
    return name, name.rpartition(".")[0]


def _author(tree: "HtmlElement", metas: Mapping[str, list[str]], article: Node, site: str | None) -> str | None:
    for candidates in (_names(article.get("author")), _first(metas, _AUTHORS), _bylines(tree)):
        authors = [name for text in candidates for name in _persons(text)]
        kept = [name for name in dict.fromkeys(authors) if name.lower() != (site or "").lower()]
        if kept:
            return ", ".join(kept[:_MAX_AUTHORS])
    return None


def _bylines(tree: "HtmlElement") -> Iterator[str]:
    for element in tree.xpath(_BYLINE)[:_MAX_BYLINES]:
        marked = element.get("itemprop") == "author" or element.get("rel") == "author"
        if (marked or not _BYLINE_NAMES.isdisjoint(element.get("class", "").split())) and not element.xpath(
            _NOT_BYLINE
        ):
            yield str(element.get("content") or element.text_content())


def _persons(text: str) -> Iterator[str]:
    line = _BY.sub("", one_line(text), count=1)
    for part in re.split(r"\s*[,;|]\s+|\s+(?:and|und|et|y)\s+", line):
        name = part.strip(" .,;|")
        if 1 < len(name) <= _MAX_AUTHOR and not _NO_AUTHOR.search(name) and len(name.split()) <= 6:  # noqa: PLR2004 -- longer is a sentence
            yield name


def _published(tree: "HtmlElement", metas: Mapping[str, list[str]], article: Node, url: str) -> datetime | None:
    stated = _stated_dates(tree, metas, article, url)
    return next((date for text in stated if (date := parse_date(text)) is not None), None) or _searched(tree, url)


def _stated_dates(tree: "HtmlElement", metas: Mapping[str, list[str]], article: Node, url: str) -> Iterator[str]:
    yield from strings(article.get("datePublished"))
    yield from _first(metas, _PUBLISHED)
    for element in tree.xpath(_STATED_DATES)[:_MAX_BYLINES]:
        yield element.get("content") or element.get("datetime") or element.get("title") or ""
    in_address = _IN_ADDRESS.search(unquote(urlsplit(url).path))
    if in_address is not None:
        yield "-".join(in_address.groups())


def parse_date(text: str) -> datetime | None:
    """Midnight UTC of the calendar day that `text` names (ISO 8601 or RFC 5322), if a page can be of it."""
    line = one_line(text)[:60]
    found = _DATE.search(line)
    try:
        if found is not None:
            year, month, day = (int(part) for part in found.groups() if part)
            date = datetime(year, month, day, tzinfo=UTC)
        else:
            date = parsedate_to_datetime(line).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    except (ValueError, TypeError, IndexError):
        return None
    return date if _EARLIEST <= date <= datetime.now(UTC) + timedelta(days=1) else None


def _searched(tree: "HtmlElement", url: str) -> datetime | None:
    """The date that htmldate finds in the page's text and markup."""
    from htmldate import find_date  # noqa: PLC0415 -- heavy; only the sandbox process reads

    try:
        found = find_date(tree, url=url, extensive_search=False, original_date=True, deferred_url_extractor=True)
    except (ValueError, TypeError, AttributeError, OverflowError):  # of the dates that strangers write
        return None
    return None if found is None else parse_date(found)


def _language(tree: "HtmlElement", metas: Mapping[str, list[str]], article: Node) -> str | None:
    locale = (one_line(text).split("@")[0] for text in metas.get("og:locale", ()))
    stated = (
        tree.get("lang"),
        tree.get("xml:lang"),
        *tree.xpath("//body/@lang"),
        *metas.get("content-language", ()),
        *strings(article.get("inLanguage")),
        *locale,
    )
    tags = (text.strip().replace("_", "-") for text in stated if text)
    return next((tag for tag in tags if _LANGUAGE.match(tag) and tag.lower() != "und"), None)
