"""The one shape of every error, and how broken rules become it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import pydantic
from pydantic import Field

from copydesk.errors import MalformedBody, ValidationError
from copydesk.wire.text import AnswerModel, RequestModel, has_surrogate, printable

MAX_DETAILS = 100  # broken rules named in one answer; a body may break thousands
_MAX_SHOWN = 100  # characters of a field's name, which is the caller's for unknown fields

_MESSAGES = {  # where Pydantic's own speak of Python
    "extra_forbidden": "There is no field of this name",
    "missing": "This field is required",
    "model_type": "Input should be a JSON object",
    "dict_type": "Input should be a JSON object",
    "list_type": "Input should be a JSON array",
}

Model = TypeVar("Model", bound=RequestModel)


class ProblemDetail(AnswerModel):
    """One broken rule."""

    field: str = Field(description="The field, list items and members after dots: `uploaded_files.0.file_id`.")
    message: str
    type: str = Field(description="What kind of rule, for programs: `missing`, `string_too_long`, ...")


class Problem(AnswerModel):
    """Every error of every layer."""

    error: str = Field(description="One sentence a person can act on.")
    code: str = Field(description="One of the documented codes.")
    details: list[ProblemDetail] = Field(description="The broken rules of a validation error, else empty.")
    request_id: str = Field(description="Names this request in the log; also in `X-Request-Id`.")


def parse_json(body: bytes) -> Any:
    """Read a JSON text in UTF-8.

    Raises:
        MalformedBody: It is none, is not UTF-8, or is nested too deeply.
        ValidationError: An object names a member twice.
    """
    try:
        return json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=_integer)
    except UnicodeDecodeError as error:
        message = "The body is not valid UTF-8."
        raise MalformedBody(message) from error
    except json.JSONDecodeError as error:
        message = f"The body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        raise MalformedBody(message) from error
    except RecursionError as error:
        message = "The body is nested too deeply."
        raise MalformedBody(message) from error


def parse_model(model: type[Model], data: Any, *, context: Mapping[str, Any] | None = None) -> Model:
    """Read a request model, and report every broken rule at once.

    Raises:
        ValidationError: With a detail for each broken rule.
    """
    broken: list[dict[str, str]] = []
    if isinstance(data, dict):
        odd = [key for key in data if has_surrogate(key)]  # Pydantic cannot name them in an error
        broken = [_detail((key,), _MESSAGES["extra_forbidden"], "extra_forbidden") for key in odd]
        data = {key: value for key, value in data.items() if key not in odd}
    try:
        parsed = model.model_validate(data, context=dict(context or {}))
    except pydantic.ValidationError as error:
        broken += _details(error)
    else:
        if not broken:
            return parsed
    raise validation_error(broken)


def validation_error(details: list[dict[str, str]]) -> ValidationError:
    """One error for all broken rules; its sentence names their fields."""
    first = details[0]
    if len(details) == 1:
        return ValidationError(f"{first['field']}: {first['message'].rstrip('.')}.", details)
    fields = list(dict.fromkeys(detail["field"] for detail in details))
    named = ", ".join(fields[:5]) + (" and more" if len(fields) > 5 else "")  # noqa: PLR2004 - a sentence to read
    return ValidationError(f"The request breaks {len(details)} rules: see details for {named}.", details[:MAX_DETAILS])


def _details(error: pydantic.ValidationError) -> Iterator[dict[str, str]]:
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        message = _MESSAGES.get(found["type"], found["msg"].removeprefix("Value error, "))
        yield _detail(found["loc"], message, found["type"])


def _detail(location: tuple[int | str, ...], message: str, kind: str) -> dict[str, str]:
    parts = [printable(str(part)) for part in location if part != "[key]"]
    if len(parts) == 2 and parts[0] == "uploaded_files":  # noqa: PLR2004 - the list and the index
        parts.append("file_id")  # contract.md: whatever is wrong with an item is said of its id
    field = ".".join(parts) or "body"
    if len(field) > _MAX_SHOWN:
        field = f"{field[:_MAX_SHOWN]}..."
    return {"field": field, "message": printable(message), "type": kind}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value] # add() answers None
        raise validation_error([_detail((twice,), "This member is given more than once", "duplicate")])
    return members


def _refuse_constant(name: str) -> Any:
    message = f"The body is not valid JSON: {name} is no JSON number."
    raise MalformedBody(message)


_LONGEST_INTEGER = 400  # digits; longer ones are refused by every rule, and Python reads them slowly


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)
