"""Request bodies, queries and headers, read within their limits."""

from collections.abc import Callable
from email.message import Message
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from copydesk.api.access import Caller
from copydesk.domain.account import ApiKey
from copydesk.domain.file import MAX_FILE_BYTES
from copydesk.errors import BodyTooLarge, MalformedBody, UnsupportedMedia
from copydesk.wire.problems import parse_json, parse_model, validation_error
from copydesk.wire.text import RequestModel, printable

MAX_JSON_BYTES = 2 * 2**20  # contract.md, Conventions: 2 MiB
_JSON_LIMIT, _FILE_LIMIT = "2 MiB", "25 MB"  # as errors name them
_MAX_FRAME_BYTES = 65_536  # of a multipart body around its file: boundaries, headers
_MAX_FORM_FIELDS = 16  # parts that are no file; each is refused, but named
_MAX_KEY_CHARACTERS = 255  # contract.md, Idempotency-Key

Query = TypeVar("Query", bound=RequestModel)


async def json_body(request: Request) -> Any:
    """The JSON body, parsed.

    Raises:
        UnsupportedMedia: Its type is not JSON in UTF-8.
        BodyTooLarge: It has more than 2 MiB.
        MalformedBody: It is not JSON.
    """
    kind, parameters = _media_type(request)
    if kind != "application/json" or parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        message = "Send the body as application/json in UTF-8."
        raise UnsupportedMedia(message)
    _refuse_encoded(request)
    _refuse_announced(request, MAX_JSON_BYTES, _JSON_LIMIT)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_JSON_BYTES:
            raise _too_large(_JSON_LIMIT)
    return parse_json(bytes(body))


class Upload:
    """One uploaded file as it came."""

    def __init__(self, *, filename: str, data: bytes) -> None:
        self.filename = filename
        self.data = data


async def file_body(request: Request) -> Upload:
    """The one file of a multipart body, in its field `file`.

    Raises:
        UnsupportedMedia: The body is not multipart/form-data.
        BodyTooLarge: The file has more than 25 MB.
        MalformedBody: The body is not what its type says.
        ValidationError: The field `file` is missing, is no file, or is not alone.
    """
    kind, parameters = _media_type(request)
    if kind != "multipart/form-data":
        message = "Send the file as multipart/form-data, in the field 'file'."
        raise UnsupportedMedia(message)
    if not parameters.get("boundary"):
        message = "The Content-Type of a multipart body names its boundary."
        raise MalformedBody(message)
    _refuse_encoded(request)
    _refuse_announced(request, MAX_FILE_BYTES + _MAX_FRAME_BYTES, _FILE_LIMIT)
    parser = _Form(request.headers, _counted(request), max_files=2, max_fields=_MAX_FORM_FIELDS)
    try:
        form = await parser.parse()
        if not parser.ended:
            message = "The body breaks off before the end of its form."
            raise MalformedBody(message)
        return await _only_file(form.multi_items())
    except MultiPartException as error:
        message = f"The body is not valid multipart/form-data: {error.message.rstrip('.')}."
        raise MalformedBody(message) from error
    finally:
        parser.close_files()


class _Form(MultiPartParser):
    """Starlette's parser, which passes over a form that breaks off, and leaves its last file open."""

    ended = False

    def on_end(self) -> None:
        """Note that the closing boundary came."""
        self.ended = True

    def close_files(self) -> None:
        """Close every file that was begun, and so delete what was spooled of it."""
        for file in self._files_to_close_on_error:
            file.close()


def query_of(model: type[Query]) -> Callable[[Request, ApiKey], Query]:
    """A dependency that reads the query by `model`, and refuses unknown and repeated parameters.

    It asks for the key first: who has none learns nothing else.
    """

    def read(request: Request, caller: Caller) -> Query:
        del caller
        pairs = request.query_params.multi_items()
        given = dict(pairs)
        twice = [name for name in given if sum(name == other for other, _ in pairs) > 1]
        if twice:
            message = "This parameter is given more than once"
            raise validation_error([{"field": name, "message": message, "type": "duplicate"} for name in twice])
        return parse_model(model, given)

    return read


class NoQuery(RequestModel):
    """A query without parameters."""


no_query = Depends(query_of(NoQuery))


def idempotency_key(request: Request) -> str | None:
    """The `Idempotency-Key` header, or None.

    Raises:
        ValidationError: It is not 1 to 255 visible ASCII characters, or given more than once.
    """
    given = request.headers.getlist("Idempotency-Key")
    if not given:
        return None
    key = given[0]
    if len(given) > 1 or not 0 < len(key) <= _MAX_KEY_CHARACTERS or not all("!" <= sign <= "~" for sign in key):
        message = f"Input should be given once, as 1 to {_MAX_KEY_CHARACTERS} visible ASCII characters"
        raise validation_error([{"field": "Idempotency-Key", "message": message, "type": "idempotency_key"}])
    return key


def if_match(request: Request) -> frozenset[int] | None:
    """The revisions that `If-Match` names; None where there is no such header, or it is `*`.

    Weak tags and those of other services match nothing (RFC 9110, section 13.1.1).
    """
    given = request.headers.getlist("If-Match")
    tags = [tag.strip() for line in given for tag in line.split(",")]
    if not given or tags == ["*"]:
        return None
    numbers = [tag[1:-1] for tag in tags if len(tag) > 2 and tag[0] == tag[-1] == '"']  # noqa: PLR2004 - two quotes
    return frozenset(int(number) for number in numbers if number.isascii() and number.isdecimal() and len(number) < 20)  # noqa: PLR2004 - revisions are shorter


JsonBody = Annotated[Any, Depends(json_body)]
FileBody = Annotated[Upload, Depends(file_body)]
IdempotencyKey = Annotated[str | None, Depends(idempotency_key)]
IfMatch = Annotated[frozenset[int] | None, Depends(if_match)]


async def _counted(request: Request) -> Any:
    """The body's chunks, until there are too many bytes."""
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > MAX_FILE_BYTES + _MAX_FRAME_BYTES:
            raise _too_large(_FILE_LIMIT)
        yield chunk


async def _only_file(parts: list[tuple[str, Any]]) -> Upload:
    files = [value for name, value in parts if name == "file" and isinstance(value, UploadFile)]
    broken = [
        {"field": printable(name), "message": "There is no field of this name", "type": "extra_forbidden"}
        for name in sorted({name for name, _ in parts if name != "file"})
    ]
    if len(files) != 1 or len([name for name, _ in parts if name == "file"]) != 1:
        kind = "too_many_files" if files else "file_required"
        broken.append({"field": "file", "message": "Input should be one file, with its name", "type": kind})
    if broken:
        raise validation_error(broken)
    data = await files[0].read()
    if len(data) > MAX_FILE_BYTES:
        raise _too_large(_FILE_LIMIT)
    return Upload(filename=files[0].filename or "", data=data)


def _media_type(request: Request) -> tuple[str, dict[str, str]]:
    """The content type and its parameters; the standard library knows quoting and case."""
    message = Message()
    message["Content-Type"] = request.headers.get("Content-Type", "application/octet-stream")
    return message.get_content_type(), {name.lower(): value for name, value in message.get_params([])[1:]}


def _refuse_encoded(request: Request) -> None:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        message = "Send the body without a Content-Encoding."
        raise UnsupportedMedia(message)


def _refuse_announced(request: Request, limit: int, name: str) -> None:
    """Refuse a body by its announced length, before any of it is read."""
    length = request.headers.get("Content-Length", "")
    if length.isascii() and length.isdecimal() and (len(length) > 20 or int(length) > limit):  # noqa: PLR2004 - more digits than any limit
        raise _too_large(name)


def _too_large(limit: str) -> BodyTooLarge:
    message = f"The body is larger than the limit of {limit}."
    return BodyTooLarge(message)
