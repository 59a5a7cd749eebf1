"""What the pipeline works with; built by `wiring`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from copydesk.domain.task import Task
from copydesk.outbound.fetch import Fetcher
from copydesk.pipeline.events import SectionTexts
from copydesk.pipeline.paid import Purses
from copydesk.ports import BlobStore, Embedder, FileReader, SearchProvider, Writer
from copydesk.settings import Settings
from copydesk.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The seams of one worker."""

    settings: Settings
    database: Database
    fetcher: Fetcher  # for every address that a user, a page or a search result supplied
    reader: FileReader  # the sandbox
    blobs: BlobStore  # the bytes of uploaded files
    searches_of: Callable[[Task], Sequence[SearchProvider]]  # a task's, asked side by side; empty: no research
    writer_of: Callable[[Task], Writer]  # a task's own, so that its calls are counted as its
    texts: SectionTexts  # tells what sections hold while they are written
    purses: Purses = field(default_factory=Purses)  # what the tasks that run here may still spend
    embedder: Embedder | None = None  # helps to rank the evidence; None: by words alone
