"""Reference extraction: the caller's links, and any other page, from address to passages."""

from copydesk.domain.source import Source
from copydesk.errors import FetchError, ReadError
from copydesk.outbound.fetch import Fetcher
from copydesk.pipeline.stages.reading import Reading, not_fetched, not_read, read_document
from copydesk.ports import FileReader


async def read_link(source: Source, *, fetcher: Fetcher, reader: FileReader, language: str) -> Reading:
    """Fetch and read one address; whatever goes wrong becomes its disposition."""
    assert source.url is not None  # noqa: S101 - links have one by construction
    try:
        page = await fetcher.fetch(source.url)
        if page.file_kind is None:
            document = await reader.read_page(page.body, url=page.final_url, charset=page.charset)
        else:
            document = await reader.read_file(page.body, page.file_kind)
    except FetchError as error:
        return not_fetched(source, error)
    except ReadError as error:
        return not_read(source, error)
    return await read_document(source, document, language=language, accessed_at=page.fetched_at)
