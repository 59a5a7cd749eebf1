"""What reading one source comes to, whichever stage reads it."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from copydesk.domain.article import Notice
from copydesk.domain.source import Disposition, Document, Passage, Source, SourceKind
from copydesk.errors import FetchError, ReadError
from copydesk.evidence.passages import cut_passages, document_language

# What a reader's reason means to the caller.
_DISPOSITIONS = {
    "encrypted": Disposition.UNSUPPORTED,
    "damaged": Disposition.UNSUPPORTED,
    "mismatch": Disposition.UNSUPPORTED,
    "unsupported": Disposition.UNSUPPORTED,
    "bomb": Disposition.TOO_LARGE,
    "empty": Disposition.EMPTY,
}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A source after it was read, or after that failed."""

    source: Source  # its disposition is None while it may still be used
    passages: tuple[Passage, ...] = ()
    notices: tuple[Notice, ...] = ()


async def read_document(
    source: Source, document: Document, *, language: str, accessed_at: datetime, about: str = ""
) -> Reading:
    """Cut a document into passages and note on its source what the document says of itself.

    `language` is the article's (BCP 47): statements computed from tables are put in it. `about` is its topic and
    keywords: of a very long document the parts that name them are read.
    """
    # Cutting is pure computation of up to seconds: not on the event loop.
    cut = await asyncio.to_thread(cut_passages, document, source, language=language, about=about)
    known = replace(  # a file keeps its name as title: it is what its owner knows it by
        source,
        title=source.title if source.kind is SourceKind.FILE else document.title or source.title,
        site=document.site,
        author=document.author,
        published_at=document.published_at,
        accessed_at=accessed_at,
        license=document.license,
        language=document_language(document, default=language),
        canonical_url=document.canonical_url,
        left_out=cut.counts(),
    )
    notices = (*cut.filtered, *(_left_out(source, note) for note in document.notes))
    if not cut.passages:
        message = "It holds no passage of whole sentences that could be quoted."
        return unused(known, Disposition.EMPTY, message, notices)
    return Reading(source=known, passages=cut.passages, notices=notices)


def not_fetched(source: Source, error: FetchError) -> Reading:
    """The reading of a source whose address gave nothing."""
    return unused(source, Disposition(error.reason), error.message)


def not_read(source: Source, error: ReadError) -> Reading:
    """The reading of a source that no reader could read."""
    return unused(source, _DISPOSITIONS[error.reason], error.message)


def subject_of(source: Source) -> str | None:
    """What a warning about a source names: its link, or its file's name."""
    return source.url or source.title or source.file_id


def unused(source: Source, disposition: Disposition, message: str, notices: tuple[Notice, ...] = ()) -> Reading:
    """The reading of a source that gives nothing, with the sentence that says why."""
    notice = Notice(code=f"SOURCE_{disposition.name}", subject=subject_of(source), message=message)
    return Reading(source=replace(source, disposition=disposition, message=message), notices=(*notices, notice))


def _left_out(source: Source, note: str) -> Notice:
    return Notice(code="SOURCE_PARTLY_READ", subject=subject_of(source), message=note)
