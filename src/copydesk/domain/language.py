"""Language tags: what counts as one, and when two mean the same language."""

import re

# RFC 5646, section 2.1: subtags of 1 to 8 letters and digits, joined by hyphens.
_WELL_FORMED = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
# Valid subtags of the IANA registry that name no language to write in.
_NO_LANGUAGE = frozenset({"und", "mul", "mis", "zxx"})
_PRIVATE_USE = re.compile(r"q[a-t][a-z]")


def is_language_tag(tag: str) -> bool:
    """Whether `tag` is a well-formed BCP 47 tag whose subtags are registered and name a language."""
    from langcodes import tag_is_valid  # noqa: PLC0415 - 0.1 s, and most processes never validate a tag

    if not _WELL_FORMED.fullmatch(tag):
        return False
    primary = primary_language(tag)
    if primary in _NO_LANGUAGE or _PRIVATE_USE.fullmatch(primary):
        return False
    return tag_is_valid(tag)


def primary_language(tag: str) -> str:
    """The primary subtag, lower case: `de` of `de-AT`."""
    return tag.split("-", 1)[0].lower()


def same_language(first: str, second: str) -> bool:
    """Whether two BCP 47 tags have the same primary language: `en-GB` and `en-US` do."""
    return primary_language(first) == primary_language(second)


def language_name(tag: str) -> str:
    """The language's English name: `German` of `de-AT`."""
    from langcodes import Language  # noqa: PLC0415 - as above

    return Language.get(primary_language(tag)).display_name("en")
