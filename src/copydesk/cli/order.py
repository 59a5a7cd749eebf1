"""What one call of `write` is to do: its options and its brief, joined and checked before anything is opened."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from copydesk.domain.file import MAX_FILE_BYTES
from copydesk.domain.markdown import CitationStyle
from copydesk.errors import BodyTooLarge, ConfigurationError

_SUFFIXES = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html"}
# Names in a brief file, and the API's names for them.
_BRIEF_NAMES = {"prompt": "user_prompt", "references": "reference_links"}
_BRIEF_FIELDS = frozenset(
    {
        "user_prompt", "keywords", "reference_links", "min_words", "max_words", "language", "tone", "audience",
        "metadata", "allow_ungrounded",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Order:
    """What one call of `write` is to do."""

    body: Mapping[str, Any]  # the API's POST body without its files
    files: tuple[Path, ...]
    outputs: tuple[Path, ...]
    citations: CitationStyle
    as_json: bool


def read_order(
    given: Mapping[str, Any],
    *,
    brief: Path | None,
    files: Sequence[Path],
    outputs: Sequence[Path],
    citations: str,
    as_json: bool,
) -> Order:
    """Join options and brief; an option wins over the brief's value.

    Raises:
        ConfigurationError: A file cannot be read or written, an ending or a name is unknown; says which.
        BodyTooLarge: A file has more than 25 MB.
    """
    body, named = _read_brief(brief) if brief else ({}, [])
    body |= {name: value for name, value in given.items() if value is not None}
    if "user_prompt" not in body:
        message = "Say what to write about: copydesk write PROMPT, or --brief FILE."
        raise ConfigurationError(message)
    if citations not in get_args(CitationStyle):
        message = f"--citations is one of {', '.join(get_args(CitationStyle))}, unlike {citations!r}."
        raise ConfigurationError(message)
    style = cast("CitationStyle", citations)
    paths = (*named, *files)
    for path in paths:
        _check_file(path)
    for path in outputs:
        _check_output(path)
    return Order(body=body, files=paths, outputs=tuple(outputs), citations=style, as_json=as_json)


def read_file(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        ConfigurationError: It cannot be read.
        BodyTooLarge: It has more than 25 MB.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        message = f"{str(path)!r} cannot be read: {error.strerror}."
        raise ConfigurationError(message) from error
    _refuse_large(path, len(data))
    return data


def form_of(path: Path) -> str | None:
    """What an output file is written as, `md` or `html` by its ending; None where that is neither."""
    return _SUFFIXES.get(path.suffix.lower())


def _read_brief(path: Path) -> tuple[dict[str, Any], list[Path]]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"The brief {str(path)!r} cannot be read: {error}."
        raise ConfigurationError(message) from error
    names = values.pop("files", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        message = f"The brief {str(path)!r}: files is a list of file names."
        raise ConfigurationError(message)
    body = {_BRIEF_NAMES.get(name, name): value for name, value in values.items()}
    for name in body.keys() - _BRIEF_FIELDS:
        known = ", ".join(sorted({*_BRIEF_FIELDS, "files", *_BRIEF_NAMES} - set(_BRIEF_NAMES.values())))
        message = f"The brief {str(path)!r} has an unknown entry {name!r}; known are {known}."
        raise ConfigurationError(message)
    return body, [path.parent / name for name in names]


def _check_file(path: Path) -> None:
    try:
        size = path.stat().st_size
        found = path.is_file()
    except (OSError, ValueError):  # ValueError: a NUL in its name
        size, found = 0, False
    if not found:
        message = f"{str(path)!r} is not a file."
        raise ConfigurationError(message)
    _refuse_large(path, size)


def _refuse_large(path: Path, size: int) -> None:
    if size > MAX_FILE_BYTES:
        message = f"{str(path)!r} is larger than the limit of {MAX_FILE_BYTES // 10**6} MB."
        raise BodyTooLarge(message)


def _check_output(path: Path) -> None:
    """Try the output now, so that no work is done for one that cannot be written; its folder is made."""
    if form_of(path) is None:
        message = f"{str(path)!r}: the output ends with .md or .html."
        raise ConfigurationError(message)
    if path.is_dir():
        message = f"{str(path)!r} cannot be written: it is a folder."
        raise ConfigurationError(message)
    existed = path.exists() or path.is_symlink()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() or not existed:  # opening a pipe would wait for its reader
            path.open("ab").close()
        if not existed:
            path.unlink()
    except OSError as error:
        message = f"{str(path)!r} cannot be written: {error.strerror}."
        raise ConfigurationError(message) from error
