"""File processing: the caller's uploads, from bytes to passages."""

import asyncio
from hashlib import sha256

from copydesk.domain.clock import now
from copydesk.domain.file import UploadedFile
from copydesk.domain.source import Disposition, Source
from copydesk.errors import ReadError
from copydesk.pipeline.stages.reading import Reading, not_read, read_document, unused
from copydesk.ports import FileReader

_MISSING = "The file's content is missing where files are kept; upload it again."
_DAMAGED = "The file's content was damaged where files are kept; upload it again."


async def read_upload(
    source: Source, *, file: UploadedFile, data: bytes | None, reader: FileReader, language: str, about: str = ""
) -> Reading:
    """Read one uploaded file; whatever goes wrong becomes its disposition.

    `data` is what the store has under the file's key. `about` is the article's topic and keywords.
    """
    if data is None:
        return unused(source, Disposition.UNREACHABLE, _MISSING)
    if await asyncio.to_thread(_digest, data) != file.sha256:
        return unused(source, Disposition.UNREACHABLE, _DAMAGED)
    try:
        document = await reader.read_file(data, file.kind)
    except ReadError as error:
        return not_read(source, error)
    return await read_document(source, document, language=language, accessed_at=now(), about=about)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
