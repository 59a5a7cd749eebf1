"""File processing: the caller's uploads, from bytes to passages."""

from copydesk.domain.clock import now
from copydesk.domain.file import FileKind
from copydesk.domain.source import Source
from copydesk.errors import ReadError
from copydesk.pipeline.stages.reading import Reading, not_read, read_document
from copydesk.ports import FileReader


async def read_upload(
    source: Source, *, data: bytes, kind: FileKind, reader: FileReader, language: str, about: str = ""
) -> Reading:
    """Read one uploaded file; whatever goes wrong becomes its disposition.

    `about` is the article's topic and keywords.
    """
    try:
        document = await reader.read_file(data, kind)
    except ReadError as error:
        return not_read(source, error)
    return await read_document(source, document, language=language, accessed_at=now(), about=about)
