"""Routes of files."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from copydesk.api.access import Caller, ServicesOf
from copydesk.api.answers import kept, shown
from copydesk.api.bodies import FileBody, IdempotencyKey, no_query, query_of
from copydesk.api.documents import accepts_file, answers, links_to, parameters
from copydesk.wire.files import FileList, FileListQuery, FileOut

router = APIRouter(prefix="/api/v1/files", tags=["Files"])
_MISSING = "FILE_NOT_FOUND"


@router.post(
    "",
    operation_id="uploadFile",
    summary="Upload a file",
    status_code=201,
    dependencies=[no_query],
    responses=answers(
        {201: FileOut},
        *(400, 409, 413, 415, 422, 429, 503),
        writes=True,
        links=links_to("file_id", "getFile", "deleteFile"),
    ),
    openapi_extra=accepts_file(),
)
async def upload_file(caller: Caller, services: ServicesOf, key: IdempotencyKey, upload: FileBody) -> Response:
    """Keep a PDF, DOCX, CSV, XLSX, TXT or MD file of at most 25 MB (25,000,000 bytes) that can be read."""
    answer = await services.files.upload(
        account_id=caller.account_id, filename=upload.filename, data=upload.data, idempotency_key=key
    )
    return kept(answer)


@router.get(
    "",
    operation_id="listFiles",
    summary="List files",
    responses=answers({200: FileList}, 422, 429, 503),
    openapi_extra=parameters(FileListQuery),
)
async def list_files(
    caller: Caller, services: ServicesOf, query: Annotated[FileListQuery, Depends(query_of(FileListQuery))]
) -> Response:
    """The account's files, newest first."""
    found, total = await services.files.list(account_id=caller.account_id, limit=query.limit, offset=query.offset)
    return shown(
        FileList(files=[FileOut.of(file) for file in found], total=total, limit=query.limit, offset=query.offset)
    )


@router.get(
    "/{file_id}",
    operation_id="getFile",
    summary="Show a file",
    dependencies=[no_query],
    responses=answers({200: FileOut}, 404, 422, 429, 503, missing=_MISSING),
)
async def get_file(caller: Caller, services: ServicesOf, file_id: str) -> Response:
    """A file's record."""
    return shown(FileOut.of(await services.files.get(account_id=caller.account_id, file_id=file_id)))


@router.delete(
    "/{file_id}",
    operation_id="deleteFile",
    summary="Delete a file",
    status_code=204,
    dependencies=[no_query],
    responses=answers({204: None}, 404, 409, 422, 429, 503, missing=_MISSING, writes=True),
)
async def delete_file(caller: Caller, services: ServicesOf, file_id: str) -> Response:
    """Delete a file; tasks that used it keep showing its id."""
    await services.files.delete(account_id=caller.account_id, file_id=file_id)
    return Response(status_code=204)
