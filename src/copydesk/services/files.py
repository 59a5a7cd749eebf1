"""Files: uploaded, read once in the sandbox, listed, deleted."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath

from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.clock import new_id, now
from copydesk.domain.file import FileKind, UploadedFile
from copydesk.domain.source import Document
from copydesk.domain.words import count_words
from copydesk.errors import Conflict, DatabaseError, FileNotFound, ReadError, ValidationError
from copydesk.ports import BlobStore, FileReader
from copydesk.readers.sniff import clean_filename, detect_kind
from copydesk.services.identity import is_id, shown
from copydesk.services.replay import PATIENCE, Claims, RequestIdentity, content_digest
from copydesk.settings import Settings
from copydesk.store import files
from copydesk.store.database import Database
from copydesk.store.idempotency import Answer
from copydesk.store.tasks import lock_account
from copydesk.telemetry import get_logger
from copydesk.wire.files import FileOut

log = get_logger(__name__)

PREVIEW_CHARACTERS = 500
_UPLOAD = "POST /api/v1/files"
_CONTENT_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.CSV: "text/csv",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.TXT: "text/plain",
}


class FileService:
    """What an account does with its files."""

    def __init__(
        self,
        *,
        database: Database,
        blobs: BlobStore,
        reader: FileReader,
        settings: Settings,
        patience: float = PATIENCE,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._reader = reader
        self._capacity = settings.max_storage_mb * 2**20  # bytes per account
        self._claims = Claims(database=database, patience=patience)

    async def add(self, *, account_id: str, filename: str, data: bytes) -> UploadedFile:
        """Read and keep a file.

        Raises:
            ValidationError: It cannot be read, or the account's storage is full; says which.
            DatabaseError: Nothing was stored.
        """
        file = await self._read(account_id, filename, data)
        async with self._kept(file, data), self._database.write() as connection:
            await self._store(connection, file)
        return file

    async def find(self, *, account_id: str, filename: str, data: bytes) -> UploadedFile | None:
        """The account's file of that name and content, if it has one."""
        digest = await asyncio.to_thread(_sha256, data)
        async with self._database.read() as connection:
            return await files.find_file(
                connection, account_id=account_id, filename=clean_filename(filename), sha256=digest
            )

    async def upload(
        self, *, account_id: str, filename: str, data: bytes, idempotency_key: str | None = None
    ) -> Answer:
        """Read and keep a file; the answer is kept under the key with the file.

        Raises:
            ValidationError: As `add`.
            Conflict: The key was used with another file, or its first request takes longer than the patience.
            DatabaseError: Nothing was stored.
        """
        if idempotency_key is None:
            return _created(await self.add(account_id=account_id, filename=filename, data=data))
        digest = content_digest([clean_filename(filename), await asyncio.to_thread(_sha256, data)])
        request = RequestIdentity(account_id=account_id, key=idempotency_key, operation=_UPLOAD, content_sha256=digest)
        claim = await self._claims.claim(request)
        if isinstance(claim, Answer):
            return claim
        return await self._upload_claimed(request, claim, filename, data)

    async def list(self, *, account_id: str, limit: int, offset: int) -> tuple[Sequence[UploadedFile], int]:
        """A page of the account's files, newest first, and how many there are in all."""
        async with self._database.read() as connection:
            return await files.list_files(connection, account_id=account_id, limit=limit, offset=offset)

    async def get(self, *, account_id: str, file_id: str) -> UploadedFile:
        """A file's record. Raises FileNotFound."""
        async with self._database.read() as connection:
            return await _find(connection, account_id, file_id)

    async def delete(self, *, account_id: str, file_id: str) -> None:
        """Delete a file and its bytes.

        Raises:
            FileNotFound: It is not the account's.
            Conflict: A pending or processing task uses it.
        """
        async with self._database.write() as connection:
            await lock_account(connection, account_id)
            file = await _find(connection, account_id, file_id)
            if await files.is_file_in_use(connection, file.file_id):
                message = f"The file {file.filename!r} is in use by an active task; cancel the task or wait for it."
                raise Conflict(message)
            await files.delete_file(connection, file.file_id)
        await self._drop(file)

    async def _upload_claimed(self, request: RequestIdentity, claim: datetime, filename: str, data: bytes) -> Answer:
        done = False
        try:
            file = await self._read(request.account_id, filename, data)
            answer = _created(file)
            async with self._kept(file, data), self._database.write() as connection:
                await self._store(connection, file)
                await self._claims.complete(connection, request, claim, answer)
            done = True
        finally:
            if not done:
                await self._claims.release(request, claim)
        return answer

    async def _read(self, account_id: str, filename: str, data: bytes) -> UploadedFile:
        name = clean_filename(filename)
        async with self._database.read() as connection:
            await self._refuse_full(connection, account_id, len(data))
        try:
            kind = await asyncio.to_thread(detect_kind, name, data)
            document = await self._reader.read_file(data, kind)
        except ReadError as error:
            raise ValidationError(error.message, [_detail(error.message, error.reason)]) from error
        return await asyncio.to_thread(_describe, account_id, name, data, kind, document)

    @asynccontextmanager
    async def _kept(self, file: UploadedFile, data: bytes) -> AsyncIterator[None]:
        """Keep bytes for the block that stores their record: a record without bytes is never to be seen.

        Where the block is refused, they go again. After any other failure nobody knows whether the record was
        stored: they stay, and retention finds them if it was not.
        """
        await self._blobs.put(file.key, data)
        try:
            yield
        except (ValidationError, Conflict):
            await self._drop(file)
            raise

    async def _drop(self, file: UploadedFile) -> None:
        """Delete bytes that have no record any more; where that fails now, retention finds them."""
        try:
            await self._blobs.delete(file.key)
        except DatabaseError as error:
            log.warning("bytes of a file left over", file_id=file.file_id, reason=error.message)

    async def _store(self, connection: AsyncConnection, file: UploadedFile) -> None:
        await lock_account(connection, file.account_id)
        await self._refuse_full(connection, file.account_id, file.size)
        await files.insert_file(connection, file)

    async def _refuse_full(self, connection: AsyncConnection, account_id: str, size: int) -> None:
        used = await files.stored_bytes(connection, account_id)
        if used + size > self._capacity:
            message = (
                f"The account's storage of {self._capacity // 2**20} MiB is full: {used} bytes are used and the file"
                f" has {size}; delete files that are not needed."
            )
            raise ValidationError(message, [_detail(message, "storage_full")])


async def _find(connection: AsyncConnection, account_id: str, file_id: str) -> UploadedFile:
    file = None
    if is_id(file_id):
        file = await files.get_file(connection, account_id=account_id, file_id=file_id)
    if file is None:
        message = f"There is no file {shown(file_id)}, or you do not have access to it."
        raise FileNotFound(message)
    return file


def _describe(account_id: str, name: str, data: bytes, kind: FileKind, document: Document) -> UploadedFile:
    text = _text_of(document)
    markdown = PurePosixPath(name).suffix.lower() == ".md"
    return UploadedFile(
        file_id=new_id(),
        account_id=account_id,
        filename=name,
        kind=kind,
        content_type="text/markdown" if markdown else _CONTENT_TYPES[kind],
        size=len(data),
        sha256=_sha256(data),
        words=count_words(text),
        pages=document.pages,
        sheets=document.sheets,
        rows=document.rows,
        preview=text[:PREVIEW_CHARACTERS],
        created_at=now(),
    )


def _text_of(document: Document) -> str:
    """The document's text, a block or a table's row a line."""
    lines: list[str] = []
    for block in document.blocks:
        lines += [" | ".join(row) for row in block.cells] if block.cells else [block.text]
    return "\n".join(lines).replace("\0", "")


def _created(file: UploadedFile) -> Answer:
    headers = {"Location": f"/api/v1/files/{file.file_id}"}
    return Answer(status=201, headers=headers, body=FileOut.of(file).to_json())


def _sha256(data: bytes) -> str:
    return sha256(data).hexdigest()


def _detail(message: str, kind: str) -> dict[str, str]:
    return {"field": "file", "message": message, "type": kind}
