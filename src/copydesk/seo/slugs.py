"""Slugs: lower-case words and hyphens that keep their Unicode letters."""

import unicodedata
from collections.abc import Collection
from itertools import count

import regex

from copydesk.domain.words import hyphenate

MAX_SLUG_CHARACTERS = 75  # quality.md, section 4
FALLBACK_SLUG = "article"
_WELL_FORMED = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:-[\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*")


def slugify(text: str) -> str:
    """A well-formed slug of `text`: NFC, at most 75 characters, cut after a whole word; never empty."""
    return _cut(hyphenate(text), MAX_SLUG_CHARACTERS) or FALLBACK_SLUG


def is_slug(text: str) -> bool:
    """Whether `text` is a well-formed slug, as PATCH accepts it."""
    return (
        len(text) <= MAX_SLUG_CHARACTERS
        and _WELL_FORMED.fullmatch(text) is not None
        and text == text.lower()
        and unicodedata.is_normalized("NFC", text)
    )


def unique_slug(slug: str, taken: Collection[str]) -> str:
    """`slug`, or with the first free suffix `-2`, `-3`, ...; never over 75 characters."""
    if slug not in taken:
        return slug
    candidates = (f"{_cut(slug, MAX_SLUG_CHARACTERS - len(suffix))}{suffix}" for suffix in map("-{}".format, count(2)))
    return next(candidate for candidate in candidates if candidate not in taken)


def _cut(slug: str, characters: int) -> str:
    """Cut after a whole word; a single word that is too long, after a whole grapheme cluster."""
    if len(slug) <= characters:
        return slug
    whole = slug[: characters + 1].rpartition("-")[0]
    if whole:
        return whole
    short = ""
    for cluster in regex.findall(r"\X", slug[: characters + 1])[:-1]:
        short += cluster if len(short) + len(cluster) <= characters else ""
    return short or slug[:characters]
