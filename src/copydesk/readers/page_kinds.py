"""Recognizes pages that hold no text of their own: walls, challenges, log-ins, error messages and empty shells.

A page whose extracted text is long is an article, whatever it speaks of. Of a short one the extracted
text is looked at, and of one with hardly any text all that it shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copydesk.language.lexicon import general
from copydesk.readers.structured import Node

if TYPE_CHECKING:
    from lxml.html import HtmlElement

ARTICLE_WORDS = 150  # a page with more has text of its own
_OWN_WORDS = 25  # from here on, the extracted text tells what the page is, not what stands around it
_MIN_WORDS = 5  # a page with fewer has no content
_SHELL_SCRIPTS = 3  # scripts from which a page without text is taken for an application's shell
_SHELL_WORDS = 50  # menus at most
_MAX_SHOWN, _MAX_HEAD = 5_000, 300  # characters that are looked at
_UNSPACED = 3  # characters of a word, in scripts that do not part words

CHALLENGE = "The page is a check for robots instead of its text."
CONSENT = "The page is a consent wall: it asks to accept cookies or terms before it shows its text."
PAYWALL = "The page is a paywall: its text is shown to subscribers only."
LOGIN = "The page is a log-in form: its text is shown to signed-in users only."
NOT_FOUND = "The page says that it was not found, although its server says that all is well."
FAILURE = "The page is an error message of its server."
SHELL = "The page is an empty shell: its text is loaded by scripts, which are not run."
NOTHING = "The page has no readable text."

_ROOTS = (
    "//*[@id='root' or @id='app' or @id='__next' or @id='__nuxt' or @id='___gatsby' or @id='svelte' or @id='main-app'"
)
_ROOTS += " or self::app-root or @ng-app or @data-reactroot]"


@dataclass(frozen=True, kw_only=True)
class Scripting:
    """How much of a page is left to scripts; taken before they are removed."""

    scripts: int
    noscript: str  # what the page says to those without scripts
    data: str  # what a page of the Next.js framework hands its scripts, as JSON


def scripting_of(tree: "HtmlElement") -> Scripting:
    """Count a page's scripts, and read what it says without them."""
    return Scripting(
        scripts=int(tree.xpath("count(//script)")),
        noscript=" ".join(str(tree.xpath("string(//body//noscript)")[:2_000]).split()),
        data=str(tree.xpath("string(//script[@id='__NEXT_DATA__'])")),
    )


@dataclass(frozen=True, kw_only=True)
class _Look:
    """What a page shows, as far as it tells its kind."""

    heads: tuple[str, ...]  # its title and first headings
    shown: str  # the text that tells what it is
    scripting: Scripting
    has_root: bool  # an element that scripts fill
    has_password: bool
    for_subscribers: bool  # the page's own description says so


def is_for_subscribers(nodes: Sequence[Node]) -> bool:
    """Whether the page's own description says that not everybody sees all of its text."""
    return any(str(node.get("isAccessibleForFree")).lower() in {"false", "no"} for node in nodes)


def count(text: str) -> int:
    """Words of `text`, roughly: three characters make one where words are not parted."""
    words = len(text.split())
    if words > ARTICLE_WORDS or text.isascii():
        return words
    return max(words, sum(character > "\u0e00" for character in text) // _UNSPACED)


def fault_of(tree: "HtmlElement", nodes: Sequence[Node], scripting: Scripting, text: str) -> str | None:
    """The sentence that says why a page has no text of its own; None for one that has.

    Args:
        tree: The page without what is hidden.
        nodes: What its JSON-LD describes.
        scripting: Of the page.
        text: What was extracted from it.
    """
    words = count(text)
    if words > ARTICLE_WORDS:
        return None
    look = _look(tree, nodes, scripting, text if words >= _OWN_WORDS else _shown(tree))
    found = next((fault for fault, holds in _FAULTS.items() if holds(look)), None)
    if found is not None or words >= _MIN_WORDS:
        return found
    empty = look.scripting.scripts >= _SHELL_SCRIPTS or (look.has_root and look.scripting.scripts > 0)
    return SHELL if empty and count(look.shown) < _SHELL_WORDS else NOTHING


def _look(tree: "HtmlElement", nodes: Sequence[Node], scripting: Scripting, shown: str) -> _Look:
    heads = (str(tree.xpath("string(//title)")), *(str(head.text_content()) for head in tree.xpath("//h1")[:2]))
    return _Look(
        heads=tuple(" ".join(head.split())[:_MAX_HEAD] for head in heads),
        shown=shown[:_MAX_SHOWN],
        scripting=scripting,
        has_root=bool(tree.xpath(f"boolean({_ROOTS})")),
        has_password=bool(tree.xpath("boolean(//input[@type='password'])")),
        for_subscribers=is_for_subscribers(nodes),
    )


def _is_challenge(look: _Look) -> bool:
    return any(general("page_challenge").search(line) for line in (*look.heads, look.shown))


def _is_not_found(look: _Look) -> bool:
    return (
        any(map(general("page_not_found_title").search, look.heads))
        or general("page_not_found_text").search(look.shown) is not None
    )


def _is_failure(look: _Look) -> bool:
    return any(general("page_failure").search(line) for line in (*look.heads, look.shown))


def _is_paywall(look: _Look) -> bool:
    return look.for_subscribers or general("page_paywall").search(look.shown) is not None


def _is_consent(look: _Look) -> bool:
    return (
        general("page_consent").search(look.shown) is not None
        and general("page_consent_asks").search(look.shown) is not None
    )


def _is_login(look: _Look) -> bool:
    return look.has_password and any(general("page_login").search(line) for line in (*look.heads, look.shown))


def _is_shell(look: _Look) -> bool:
    if count(look.shown) >= _SHELL_WORDS or not (look.scripting.scripts or look.scripting.noscript):
        return False
    return general("page_scripted").search(f"{look.shown}\n{look.scripting.noscript}") is not None


# In this order: a challenge asks to switch JavaScript on too, a paywall to sign in.
_FAULTS: dict[str, Callable[[_Look], bool]] = {
    CHALLENGE: _is_challenge,
    NOT_FOUND: _is_not_found,
    FAILURE: _is_failure,
    PAYWALL: _is_paywall,
    CONSENT: _is_consent,
    LOGIN: _is_login,
    SHELL: _is_shell,
}


def _shown(tree: "HtmlElement") -> str:
    texts = tree.xpath("//body//text()")
    return " ".join(" ".join(texts[:5_000]).split())[:_MAX_SHOWN]
