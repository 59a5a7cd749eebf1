"""A new article: the form, what is said of it as one types, and its files."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, RedirectResponse, Response

from copydesk.domain.brief import MAX_WORDS_DEFAULT, MIN_WORDS_DEFAULT
from copydesk.domain.clock import new_id
from copydesk.domain.file import MAX_FILE_BYTES, UploadedFile
from copydesk.domain.language import language_name
from copydesk.errors import (
    BodyTooLarge,
    Conflict,
    CopydeskError,
    DatabaseError,
    FileNotFound,
    RateLimited,
    ValidationError,
)
from copydesk.services import Services
from copydesk.web.access import ServicesOf, Visitor
from copydesk.web.rendering import renderer_of
from copydesk.web.texts import text
from copydesk.web.typed import LINKS, Typed

router = APIRouter()

_FORM_BYTES = MAX_FILE_BYTES + 2 * 2**20  # of a form with its files, sent without a script
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "vi", "zh", "ja")  # suggested; any tag may be typed
_KEY_CHARACTERS = 64  # of a form's own key, at most
MAX_PROMPT_CHARACTERS = 1_000  # shown beside the field; the service judges


async def bounded(request: Request) -> AsyncIterator[None]:
    """Refuse a form by its announced length before any of it is read; afterwards close the files that came with it.

    Raises:
        BodyTooLarge: It is longer than one file may be, or does not say how long it is.
    """
    length = request.headers.get("Content-Length", "")
    known = length.isascii() and length.isdecimal() and "Transfer-Encoding" not in request.headers
    if not known or len(length) > 20 or int(length) > _FORM_BYTES:  # noqa: PLR2004 - more digits than any limit
        raise BodyTooLarge(text("new.form_too_large"))
    try:
        yield
    finally:
        await request.close()


@router.get("/new")
async def show_new(request: Request, services: ServicesOf, session: Visitor) -> Response:
    """The form: empty, or filled as an earlier task (`?from=`) was asked for."""
    earlier = request.query_params.get("from")
    if not earlier:
        return await _form(request, services, session.key.account_id, Typed())
    task, _ = await services.tasks.get(account_id=session.key.account_id, task_id=earlier)
    return await _form(request, services, session.key.account_id, Typed.of_task(task.input, task.input.file_ids))


@router.post("/new", dependencies=[Depends(bounded)])
async def start(request: Request, services: ServicesOf, session: Visitor) -> Response:
    """Start the article; what is refused is said at its field, and what was typed stays."""
    account_id = session.key.account_id
    form = await request.form()
    typed = Typed.of(form)
    dropped = form.get("drop")
    if isinstance(dropped, str):
        typed = _with_files(typed, [file_id for file_id in typed.files if file_id != dropped])
        return await _form(request, services, account_id, typed)
    uploads = [file for file in form.getlist("upload") if isinstance(file, UploadFile) and file.filename]
    added, refused = await _add_all(services, account_id, uploads)
    typed = _with_files(typed, [*typed.files, *added])
    if refused or "add" in form:
        code = ValidationError.status if refused else 200
        return await _form(request, services, account_id, typed, code=code, problems=_at_files(refused))
    return await _start(request, services, account_id, typed, str(form.get("key", "")))


@router.post("/new/check", dependencies=[Depends(bounded)])
async def check(request: Request, services: ServicesOf, session: Visitor) -> Response:
    """What the service would say of the form as it stands, by field."""
    del session
    typed = Typed.of(await request.form())
    try:
        services.tasks.check(typed.body())
    except ValidationError as error:
        return JSONResponse({"problems": typed.at_fields(error.details)})
    return JSONResponse({"problems": {}})


@router.post("/new/files")
async def add_file(request: Request, services: ServicesOf, session: Visitor, name: str = "") -> Response:
    """Keep one file, its bytes being the body; answers what was read of it, or why it was refused."""
    page = renderer_of(request).page
    try:
        data = await _bytes(request.stream())
        file = await services.files.add(account_id=session.key.account_id, filename=name, data=data)
    except (ValidationError, DatabaseError) as error:
        return page(request, "new_file_refused.html", code=error.status, name=name, message=error.message)
    return page(request, "new_file.html", file=file, fresh=True)


@router.delete("/new/files/{file_id}")
async def drop_file(services: ServicesOf, session: Visitor, file_id: str) -> Response:
    """Delete a file that was uploaded for nothing."""
    await services.files.delete(account_id=session.key.account_id, file_id=file_id)
    return Response(status_code=204)


async def _start(request: Request, services: Services, account_id: str, typed: Typed, key: str) -> Response:
    """Start once, however often the form is sent: its key makes all but the first a repetition."""
    key = key if 0 < len(key) <= _KEY_CHARACTERS and all("!" <= sign <= "~" for sign in key) else new_id()
    try:
        answer = await services.tasks.create(account_id=account_id, body=typed.body(), idempotency_key=key)
    except ValidationError as error:
        problems = typed.at_fields(error.details)
        return await _form(request, services, account_id, typed, code=error.status, problems=problems, key=key)
    except Conflict as error:  # the form has started another article: it gets a key of its own
        return await _form(request, services, account_id, typed, code=error.status, message=text("new.again"))
    except (RateLimited, DatabaseError) as error:
        return await _form(request, services, account_id, typed, code=error.status, message=error.message, key=key)
    task_id = answer.headers["Location"].rpartition("/")[2]
    return RedirectResponse(f"{request.scope.get('root_path', '')}/tasks/{task_id}", status_code=303)


async def _form(
    request: Request,
    services: Services,
    account_id: str,
    typed: Typed,
    *,
    code: int = 200,
    problems: Mapping[str, Sequence[str]] | None = None,
    message: str | None = None,
    key: str | None = None,
) -> Response:
    files = await _found(services, account_id, typed.files)
    said = dict(problems or {})
    if len(files) < len(typed.files) and "files" not in said:
        said["files"] = [text("new.files_gone")]
    return renderer_of(request).page(
        request,
        "new.html",
        code=code,
        typed=typed,
        files=files,
        problems=said,
        message=message,
        key=key or new_id(),
        links=[*typed.links, *[""] * (LINKS - len(typed.links))],
        words=(MIN_WORDS_DEFAULT, MAX_WORDS_DEFAULT),
        prompt_limit=MAX_PROMPT_CHARACTERS,
        link_limit=LINKS,
        largest=MAX_FILE_BYTES,
        languages=[(tag, language_name(tag)) for tag in _LANGUAGES],
    )


async def _found(services: Services, account_id: str, file_ids: Sequence[str]) -> list[UploadedFile]:
    """Those of the files that are the account's."""
    found: list[UploadedFile] = []
    for file_id in file_ids[:100]:  # the service refuses far fewer; a made-up form must not ask for thousands
        try:
            found.append(await services.files.get(account_id=account_id, file_id=file_id))
        except FileNotFound:
            continue
    return found


async def _add_all(services: Services, account_id: str, uploads: Sequence[UploadFile]) -> tuple[list[str], list[str]]:
    """Keep files that came with the form; answers their ids, and what is said of those that were refused."""
    added: list[str] = []
    refused: list[str] = []
    for upload in uploads:
        name = upload.filename or ""
        try:
            if (upload.size or 0) > MAX_FILE_BYTES:
                raise _too_large()
            file = await services.files.add(account_id=account_id, filename=name, data=await upload.read())
            added.append(file.file_id)
        except CopydeskError as error:
            refused.append(f"{name}: {error.message}")
    return added, refused


async def _bytes(chunks: AsyncIterator[bytes]) -> bytes:
    """A body that is no longer than a file may be."""
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > MAX_FILE_BYTES:
            raise _too_large()
    return bytes(data)


def _at_files(refused: Sequence[str]) -> dict[str, Sequence[str]]:
    return {"files": refused} if refused else {}


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(text("new.file_too_large"))


def _with_files(typed: Typed, files: Sequence[str]) -> Typed:
    return replace(typed, files=tuple(dict.fromkeys(files)))
