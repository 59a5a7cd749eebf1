"""Whether a text gives orders to whoever makes a text of it: a program, or one who uses it."""

from functools import cache, lru_cache

from copydesk.language.lexicon import ANY, general, lexicon

_KEPT = 4_096  # texts whose answer is remembered: a document's are looked at twice


@lru_cache(_KEPT)
def gives_orders(text: str) -> bool:
    """Whether any part of a text commands, asks or advises what a text about it should say, show or link to."""
    if general("machines").search(text) is not None:
        return True
    lowered = text.lower()
    return any(word in lowered for word in _request_words()) and general("requests").search(text) is not None


@cache
def _request_words() -> tuple[str, ...]:
    return tuple(lexicon(ANY)["request_words"].strip().splitlines())
