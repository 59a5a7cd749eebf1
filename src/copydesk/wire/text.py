"""Strings, numbers and times as they go over the wire."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints
from pydantic.json_schema import WithJsonSchema
from pydantic_core import PydanticCustomError

from copydesk.domain.clock import rfc3339

_SURROGATE = re.compile("[\ud800-\udfff]")


def has_surrogate(text: str) -> bool:
    """Whether the text holds a lone surrogate, which no encoding can carry."""
    return _SURROGATE.search(text) is not None


def printable(text: str) -> str:
    """The text with NUL and lone surrogates spelled out, fit for an answer or a log."""
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).replace("\0", "\\u0000")


def _storable(value: Any) -> Any:
    """Refuse what a database or an encoder cannot hold (contract.md, Conventions)."""
    if isinstance(value, str):
        if "\0" in value:
            kind, message = "string_nul", "Input must not contain the character NUL"
            raise PydanticCustomError(kind, message)
        if has_surrogate(value):
            kind, message = "string_surrogate", "Input must not contain a lone surrogate"
            raise PydanticCustomError(kind, message)
    return value


def _trimmed(value: Any) -> Any:
    value = _storable(value)
    return value.strip() if isinstance(value, str) else value


def _nameable(value: Any) -> Any:
    """Refuse keys that no error could name, before each is looked at."""
    if isinstance(value, dict):
        for key in value:
            _storable(key)
    return value


VERBATIM = BeforeValidator(_storable)  # a string is stored exactly as it came
TRIMMED = BeforeValidator(_trimmed)  # a string is trimmed, then counted and stored
# What these say to clients: no NUL; and that white space alone is trimmed to nothing. Python counts the
# separators U+001C to U+001F and U+0085 as white space; \s means them in some dialects of patterns only.
NO_NUL = Field(json_schema_extra={"pattern": r"^[^\u0000]*$"})
VISIBLE = Field(json_schema_extra={"pattern": r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"})

Keyword = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500), TRIMMED, VISIBLE]

MAX_METADATA = 16  # pairs, contract.md
MetadataKey = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255), VERBATIM, NO_NUL]
MetadataValue = Annotated[str, StringConstraints(strict=True, max_length=10_000), VERBATIM, NO_NUL]
Metadata = Annotated[
    dict[MetadataKey, MetadataValue],
    Field(strict=True, max_length=MAX_METADATA, json_schema_extra={"additionalProperties": False}),
    BeforeValidator(_nameable),
]
"""The caller's own string pairs, kept as they came: keys of 1 to 255 characters, values of up to 10,000."""

Instant = Annotated[
    datetime,
    PlainSerializer(rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-14T09:26:53.589Z"]}),
]
"""An instant as RFC 3339 in UTC, with milliseconds and `Z`."""


def fold_keywords(keywords: Iterable[str]) -> tuple[str, ...]:
    """Keep the first of keywords that differ in case alone."""
    return tuple({keyword.casefold(): keyword for keyword in reversed(list(keywords))}.values())[::-1]


class RequestModel(BaseModel):
    """A body or query: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AnswerModel(BaseModel):
    """An answer: every member is always there, null where it has no value."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    def to_json(self) -> bytes:
        """The answer's body, UTF-8; the same value gives the same bytes."""
        return self.model_dump_json().encode()


MAX_OFFSET = 2_147_483_647  # contract.md, Conventions
_DIGITS = re.compile(r"-?[0-9]+", re.ASCII)
_LONGEST = 20  # digits; more are out of any range


def _query_integer(value: Any) -> Any:
    if isinstance(value, str) and _DIGITS.fullmatch(value) and len(value) <= _LONGEST:
        return int(value)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return -(10**_LONGEST) if value.startswith("-") else 10**_LONGEST
    return value


WHOLE = BeforeValidator(_query_integer)
"""Reads a whole number in a query: digits alone, so neither `1.0` nor `+1` nor a space."""

Offset = Annotated[int, Field(strict=True, ge=0, le=MAX_OFFSET), WHOLE]
PageNumber = Annotated[int, Field(strict=True, ge=1, le=MAX_OFFSET), WHOLE]
Hundred = Annotated[int, Field(strict=True, ge=1, le=100), WHOLE]  # how many rows a page may have


def whole_number(value: object) -> object:
    """A float without a fraction as the integer it is; anything else as it came."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
