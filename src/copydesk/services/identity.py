"""What an id may look like."""

import re

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)


def is_id(text: str) -> bool:
    """Whether `text` is a UUIDv7 as the service writes them (RFC 9562); whatever else is no row's id."""
    return _UUID7.fullmatch(text) is not None


def shown(text: str) -> str:
    """An id as an error names it: quoted, and cut where it is none of ours."""
    longest = 64
    return repr(text if len(text) <= longest else f"{text[:longest]}...")
