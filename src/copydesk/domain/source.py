"""What was read: documents, sources, passages, and where each stands."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from copydesk.domain.profile import Profile


class SourceKind(StrEnum):
    """How a source came to the task."""

    WEB = "web"  # found by research
    REFERENCE = "reference"  # a link of the caller's
    FILE = "file"  # a file of the caller's


class Disposition(StrEnum):
    """What became of a link or file; every one ends with exactly one of these."""

    USED = "used"  # cited in the article
    READ = "read"  # read, not used
    DUPLICATE = "duplicate"  # says what another source says
    OFF_TOPIC = "off_topic"  # read, not about the topic (or in another language)
    BLOCKED = "blocked"  # an address that is not public, or a page that its site's robots.txt keeps from programs
    UNREACHABLE = "unreachable"  # no answer, or an error
    TOO_LARGE = "too_large"  # over a limit of bytes, time or memory
    UNSUPPORTED = "unsupported"  # a kind that no reader reads
    EMPTY = "empty"  # no readable text


class BlockKind(StrEnum):
    """The structural kinds a reader reports."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    CODE = "code"
    TABLE = "table"
    NOTE = "note"  # a footnote or endnote


@dataclass(frozen=True, kw_only=True)
class Block:
    """One structural piece of a document, in reading order."""

    kind: BlockKind
    text: str  # its text on one line; of a table: empty
    level: int | None = None  # of a heading: 1 to 6; of a DOCX's list item: its depth, from 1
    page: int | None = None  # of a PDF: 1-based
    sheet: str | None = None  # of an XLSX: the sheet's name
    first_row: int | None = None  # of a table: 1-based row of cells[0] in its sheet or file
    header: bool = False  # of a table: whether cells[0] names the columns
    cells: tuple[tuple[str, ...], ...] = ()  # of a table: rows of cell texts (ISO dates, plain numbers)
    first_column: int | None = None  # of a table: 1-based column of its cells in its sheet or file
    row_numbers: tuple[int, ...] = ()  # of a table: the rows of its cells, where hidden ones between were left out
    typed: bool = False  # of a table: whether its numbers and dates were stored as such and not as text
    profile: Profile | None = None  # of a table: what its columns hold, where it has named ones and rows enough

    @property
    def linear(self) -> str:
        """Its text in Unicode's composed form (NFC); of a table the rows on lines, their cells apart by tabs."""
        text = "\n".join("\t".join(row) for row in self.cells) if self.kind is BlockKind.TABLE else self.text
        return unicodedata.normalize("NFC", text)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file or page as a reader returns it."""

    blocks: tuple[Block, ...]
    title: str | None = None
    site: str | None = None  # of a page: its site's name
    author: str | None = None
    published_at: datetime | None = None
    license: str | None = None  # an open licence stated in the page, by its SPDX id or its URL
    language: str | None = None  # as the document declares it, BCP 47
    canonical_url: str | None = None
    pages: int | None = None  # PDF
    sheets: int | None = None  # XLSX
    rows: int | None = None  # CSV, XLSX: data rows of all sheets
    notes: tuple[str, ...] = ()  # what the reader left out and why, a sentence each

    @cached_property
    def text(self) -> str:
        """The blocks' linear texts, joined by line ends: what the offsets of passages count in, by characters."""
        return "\n".join(block.linear for block in self.blocks)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in its source a passage stands; what does not apply is None or empty."""

    headings: tuple[str, ...] = ()  # the path of headings above it
    page: int | None = None
    sheet: str | None = None
    first_row: int | None = None
    last_row: int | None = None
    columns: tuple[str, ...] = ()  # of a statement on a table: the names of the columns it was computed from
    # Of prose: where in the document's text its sentences stand, as (start, end); one run, or several where
    # text between them was left out. `clean_text` of each run gives the words of the passage.
    spans: tuple[tuple[int, int], ...] = ()

    def describe(self) -> str:
        """The place in a reader's words: "page 3, Results" or "sheet Prices, columns “Day” and “Price”, rows 2-40"."""
        parts: list[str] = []
        if self.page is not None:
            parts.append(f"page {self.page}")
        if self.sheet is not None:
            parts.append(f"sheet {self.sheet}")
        if self.columns:
            *others, last = (f"“{name}”" for name in self.columns)
            parts.append(f"columns {', '.join(others)} and {last}" if others else f"column {last}")
        if self.first_row is not None:
            same = self.last_row in (None, self.first_row)
            parts.append(f"row {self.first_row}" if same else f"rows {self.first_row}-{self.last_row}")
        if self.headings:
            parts.append(" > ".join(self.headings))
        return ", ".join(parts)


class Omission(StrEnum):
    """Why a sentence of a source became no part of a passage."""

    BOILERPLATE = "boilerplate"  # of the page: cookies, subscriptions, rights, captions
    INSTRUCTIONS = "instructions"  # gives orders to programs that read it
    FRAGMENT = "fragment"  # no whole sentence: a catchword, a list, code
    DIRECTIONS = "directions"  # only sends the reader elsewhere
    END_MATTER = "end_matter"  # under references, links, comments
    TERSE = "terse"  # too few words to say anything alone
    BEYOND_LIMIT = "beyond_limit"  # of a source too long to be read in full
    UNPLACED = "unplaced"  # not found again in the text as read


class Brevity(StrEnum):
    """Why a passage has fewer words than others."""

    SECTION = "section"  # all that stands under its heading
    NEIGHBOURS = "neighbours"  # what stands beside it is long, of another kind, or belongs to other sentences
    POINTS = "points"  # speaks of a figure, table or part of its document, and would spoil its neighbours
    COMPUTED = "computed"  # a statement computed from a table


@dataclass(frozen=True, kw_only=True)
class Source:
    """One link, page or file of a task and what became of it."""

    source_id: str  # UUIDv7
    position: int  # order within the task, from 0
    kind: SourceKind
    url: str | None = None  # of a page: the address asked for
    file_id: str | None = None  # of a file
    title: str | None = None
    site: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    accessed_at: datetime | None = None
    license: str | None = None  # an open licence, by its SPDX id or its URL
    language: str | None = None  # BCP 47, declared or detected
    disposition: Disposition | None = None  # None while the task still reads
    message: str | None = None  # a sentence on the disposition
    canonical_url: str | None = None  # of a page: the address that it gives as its own
    left_out: tuple[tuple[Omission, int], ...] = ()  # how many runs of sentences were left out, by reason

    @property
    def quotable(self) -> bool:
        """Whether whole passages may be quoted: the caller's own files, and openly licensed pages."""
        return self.kind is SourceKind.FILE or self.license is not None


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A run of whole sentences of one source, of 40 to 150 words where it can be: the unit of evidence."""

    passage_id: str  # unique in its task, e.g. "s2p14"
    source_id: str
    sentences: tuple[str, ...]  # its sentences, verbatim and in order
    place: Place
    language: str  # BCP 47 primary language
    position: int  # order within its source, from 0
    stands_alone: bool = True  # False where it leans on text before it ("this", "however")
    computed: bool = False  # True for a statement computed from a table's cells
    brevity: Brevity | None = None  # why it has fewer than 40 words
    score: float = 0.0  # relevance to the brief after ranking, 0 to 1
    corroborated_by: tuple[str, ...] = field(default=())  # source ids that say the same

    @property
    def text(self) -> str:
        """The passage as one string."""
        return " ".join(self.sentences)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a task knows: its sources and their passages, best first."""

    sources: tuple[Source, ...]
    passages: tuple[Passage, ...]

    def source_of(self, passage_id: str) -> Source:
        """The source of a passage. Raises KeyError for an unknown id."""
        return self.by_source_id[self.by_passage_id[passage_id].source_id]

    @cached_property
    def by_passage_id(self) -> dict[str, Passage]:
        """Passages by id."""
        return {passage.passage_id: passage for passage in self.passages}

    @cached_property
    def by_source_id(self) -> dict[str, Source]:
        """Sources by id."""
        return {source.source_id: source for source in self.sources}
