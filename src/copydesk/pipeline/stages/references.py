"""Reference extraction: the caller's links, and any other page, from address to passages."""

from collections.abc import Callable
from dataclasses import replace

from copydesk.domain.article import Notice
from copydesk.domain.page import Page
from copydesk.domain.source import Source, SourceKind
from copydesk.errors import FetchError, ReadError
from copydesk.pipeline.pages import Pages
from copydesk.pipeline.stages.reading import Reading, not_fetched, not_read, read_document
from copydesk.ports import FileReader

ROBOTS_OVERRIDDEN = (
    "ROBOTS_OVERRIDDEN"  # code of the warning on a link that was read although its site would rather not
)


async def read_link(
    source: Source, *, pages: Pages, reader: FileReader, language: str, arrived: Callable[[], None], about: str = ""
) -> Reading:
    """Fetch and read one address; whatever goes wrong becomes its disposition.

    `arrived` is called once the page is here, before it is read. `about` is the article's topic and keywords.
    """
    assert source.url is not None  # noqa: S101 - links have one by construction
    notices: tuple[Notice, ...] = ()
    try:
        if source.kind is SourceKind.REFERENCE:
            visit = await pages.given(source.url)
            page, notices = visit.page, _overridden(source) if visit.overridden else ()
        else:
            page = await pages.found(source.url)
    except FetchError as error:
        return not_fetched(source, error)
    arrived()
    reading = await _read(source, page, reader, language=language, about=about)
    return replace(reading, notices=(*notices, *reading.notices))


async def _read(source: Source, page: Page, reader: FileReader, *, language: str, about: str) -> Reading:
    try:
        if page.file_kind is None:
            document = await reader.read_page(page.body, url=page.final_url, charset=page.charset)
        else:
            document = await reader.read_file(page.body, page.file_kind)
    except ReadError as error:
        return not_read(source, error)
    return await read_document(source, document, language=language, accessed_at=page.fetched_at, about=about)


def _overridden(source: Source) -> tuple[Notice, ...]:
    message = "The site's robots.txt asks programs not to read this page; it was read once because it was given."
    return (Notice(code=ROBOTS_OVERRIDDEN, subject=source.url, message=message),)
