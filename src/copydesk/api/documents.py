"""What the OpenAPI document says of each operation: bodies, parameters, and every status it can answer."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from copydesk.api.examples import EXAMPLES
from copydesk.wire.problems import Problem
from copydesk.wire.text import RequestModel

_ALWAYS = (401, 405, 500)
_JSON = "application/json"
_REF = "#/components/schemas/{model}"

_PROBLEMS: Mapping[int, tuple[str, str, str]] = {  # status: description, code, example sentence
    400: ("The body cannot be parsed.", "VALIDATION_ERROR", "The body is not valid JSON: Expecting value at line 1."),
    401: ("The key is missing or not valid.", "UNAUTHORIZED", "The API key is not valid: it is unknown or revoked."),
    403: ("The key is read-only.", "FORBIDDEN", "This key is read-only; use one that may write."),
    404: ("It does not exist, or is another account's.", "NOT_FOUND", "It does not exist, or you do not have access."),
    405: ("The path answers other methods.", "METHOD_NOT_ALLOWED", "PUT is not allowed here; allowed: GET, POST."),
    409: ("The state of things forbids it.", "CONFLICT", "The task is completed; only an active one can be cancelled."),
    412: ("If-Match names another version.", "PRECONDITION_FAILED", "The article has changed since it was read."),
    413: ("The body is over its limit.", "VALIDATION_ERROR", "The body is larger than the limit of 2 MiB."),
    415: ("The body is of another media type.", "VALIDATION_ERROR", "Send the body as application/json in UTF-8."),
    422: ("The request breaks rules; details names them.", "VALIDATION_ERROR", "min_words: Input is not an integer."),
    429: ("Too many requests or active tasks.", "RATE_LIMIT_ERROR", "The account has 20 active tasks, its limit."),
    500: ("A defect of the service.", "INTERNAL_ERROR", "Something went wrong on our side."),
    503: ("The database is away or full.", "DATABASE_ERROR", "The database cannot be reached; try again."),
}
_RETRY = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
_PROBLEM_HEADERS: Mapping[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    405: {"Allow": {"description": "What the path answers.", "schema": {"type": "string"}}},
    409: {"Retry-After": {"description": "Seconds, where waiting helps.", "schema": {"type": "integer"}}},
    429: _RETRY,
    503: _RETRY,
}
_MEANINGS = {200: "OK", 201: "Created", 202: "Accepted", 204: "Deleted"}
_REQUEST_ID = {"X-Request-Id": {"description": "Names the request in the log.", "schema": {"type": "string"}}}


def answers(
    models: Mapping[int, type[BaseModel] | None],
    *statuses: int,
    missing: str = "NOT_FOUND",
    writes: bool = False,
    tagged: bool = False,
    open_to_all: bool = False,
    links: Mapping[str, dict[str, Any]] | None = None,
) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route.

    Args:
        models: What it answers in success, by status.
        statuses: The errors it can answer, besides those that every route can.
        missing: The code of its 404.
        writes: Whether a read-only key is refused.
        tagged: Whether its answer carries an `ETag`.
        open_to_all: Whether it needs no key.
        links: What can be done with what it made, by name (OpenAPI links).
    """
    found: dict[int | str, dict[str, Any]] = {
        status: _success(status, model, tagged=tagged) | ({"links": dict(links)} if links else {})
        for status, model in models.items()
    }
    errors = {*statuses, *_ALWAYS, *((403,) if writes else ())} - ({401} if open_to_all else set())
    for status in sorted(errors):
        found[status] = _problem(status, missing)
    return found


def streams(models: Mapping[str, type[BaseModel]]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that sends events: by name, what the data of each hold."""
    data = {name: {"$ref": _REF.format(model=model.__name__)} for name, model in models.items()}
    schema = {"type": "string", "description": "Server-Sent Events; `x-event-data` has the JSON of each by its name."}
    content = {"text/event-stream": {"schema": schema, "x-event-data": data}}
    return {
        200: {"description": "Events, until one is `end`.", "headers": dict(_REQUEST_ID), "content": content},
        204: {"description": "Nothing follows: the task has ended.", "headers": dict(_REQUEST_ID)},
    }


def links_to(parameter: str, *operations: str) -> dict[str, dict[str, Any]]:
    """Links from the answer that names `parameter` in its body to the operations that take it in their path."""
    value = f"$response.body#/{parameter}"
    return {name: {"operationId": name, "parameters": {parameter: value}} for name in operations}


def accepts_json(model: type[RequestModel], *, idempotent: bool = False) -> dict[str, Any]:
    """The `openapi_extra` of a route with a JSON body; `custom_document` adds the model's schema."""
    content = {_JSON: {"schema": {"$ref": _REF.format(model=model.__name__)}, "examples": EXAMPLES[model.__name__]}}
    extra: dict[str, Any] = {"requestBody": {"required": True, "content": content}}
    return {**extra, "parameters": [_IDEMPOTENCY]} if idempotent else extra


def idempotent() -> dict[str, Any]:
    """The `openapi_extra` of a route without a body whose repetition an `Idempotency-Key` makes harmless."""
    return {"parameters": [_IDEMPOTENCY]}


def accepts_file() -> dict[str, Any]:
    """The `openapi_extra` of the upload."""
    schema = {
        "type": "object",
        "required": ["file"],
        "additionalProperties": False,
        "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
    }
    body = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    return {"requestBody": body, "parameters": [_IDEMPOTENCY]}


def parameters(model: type[RequestModel]) -> dict[str, Any]:
    """The `openapi_extra` of a route whose query is read by `model`."""
    schema = model.model_json_schema(ref_template=_REF)
    found = []
    for name, field in schema["properties"].items():
        given = _without_null(field)
        if "$ref" in given:
            given = {**schema["$defs"][given.pop("$ref").rpartition("/")[2]], **given}
        description = given.pop("description", None)
        for noise in ("title", "default"):
            if given.get(noise, ...) is None or noise == "title":
                given.pop(noise, None)
        entry = {"name": name, "in": "query", "required": False, "schema": given}
        found.append(entry if description is None else {**entry, "description": description})
    return {"parameters": found}


def conditional(extra: dict[str, Any]) -> dict[str, Any]:
    """The `openapi_extra` of a route that minds `If-Match`."""
    return {**extra, "parameters": [*extra.get("parameters", []), _IF_MATCH]}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is left out where it has no value; null cannot be sent."""
    if "anyOf" not in schema:
        return dict(schema)
    (first,) = [choice for choice in schema["anyOf"] if choice.get("type") != "null"]
    return {**{name: value for name, value in schema.items() if name != "anyOf"}, **first}


def _success(status: int, model: type[BaseModel] | None, *, tagged: bool) -> dict[str, Any]:
    headers = dict(_REQUEST_ID)
    if tagged:
        headers["ETag"] = {"description": "Names this version; send it in If-Match.", "schema": {"type": "string"}}
    if status in (201, 202):
        headers["Location"] = {"description": "Where it stands, relative.", "schema": {"type": "string"}}
    entry: dict[str, Any] = {"description": _MEANINGS[status], "headers": headers}
    if model is not None:
        entry["model"] = model
        if model.__name__ in EXAMPLES:
            entry["content"] = {_JSON: {"examples": EXAMPLES[model.__name__]}}
    return entry


def _problem(status: int, missing: str) -> dict[str, Any]:
    description, code, sentence = _PROBLEMS[status]
    code = missing if status == 404 else code  # noqa: PLR2004 - the one status with several codes
    details = [{"field": "min_words", "message": "Input should be a valid integer", "type": "int_type"}]
    value = {
        "error": sentence,
        "code": code,
        "details": details if status == 422 else [],  # noqa: PLR2004 - broken rules
        "request_id": "6f1c0a2f4f0d4b7c9f0e2d3c4b5a6978",
    }
    return {
        "description": description,
        "model": Problem,
        "headers": {**_REQUEST_ID, **_PROBLEM_HEADERS.get(status, {})},
        "content": {_JSON: {"examples": {code: {"value": value}}}},
    }


_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 255 visible ASCII characters. The same request with the same key is answered as the first.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "Entity tags that the article may have, or `*`.",
    "schema": {"type": "string"},
}
