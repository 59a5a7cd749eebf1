"""Every English text of the desk, in one file, ready for translation."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _texts(language: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "texts" / f"{language}.toml").read_text(encoding="utf-8"))


def text(key: str, /, *, language: str = "en", **values: object) -> str:
    """The text under a dotted key ("tasks.empty.title"), its `{placeholders}` filled in.

    A text in two forms is a table with `one` and `other`, chosen by the value `count`.

    Raises:
        KeyError: There is no such text, or a value is missing.
    """
    found: Any = _texts(language)
    for part in key.split("."):
        found = found[part]
    if isinstance(found, dict):
        found = found["one" if values["count"] == 1 else "other"]
    return str(found).format(**values)
