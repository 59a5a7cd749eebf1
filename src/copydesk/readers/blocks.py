"""Collects the blocks of one document within its limits of text and time."""

import re
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from copydesk.domain.source import Block, BlockKind, Document
from copydesk.errors import ReadError

_BLOCK_COST = 100  # bytes of a block's frame in the answer, counted as text
_CELL_COST = 4  # bytes of a cell's quotes and comma
MAX_HEADING = 6

# Left out wherever they stand: control characters, soft hyphens, zero-width and direction
# characters, tag characters (a channel for hidden instructions) and unpaired surrogates. The
# joiners U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_LIGATURES = re.compile("[\ufb00-\ufb06]")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What reading one document may take."""

    deadline: float  # of time.monotonic(); after it, what was read is handed in as it is
    text_bytes: int  # UTF-8 bytes of text in the answer, frames of blocks and cells included
    unpacked_bytes: int  # of all parts of a zip archive together


class Enough(Exception):
    """A limit is reached; what was collected so far is the document."""


def one_line(text: str) -> str:
    """Put `text` on one line: spaces folded, invisible characters left out, ligatures undone, NFC."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")  # nearly every cell and most lines; the steps below take ten times as long
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
        text = _LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
        text = unicodedata.normalize("NFC", text)
    else:
        text = _INVISIBLE.sub("", text)
    return _SPACES.sub(" ", text).strip()


class Collector:
    """Takes blocks in reading order and makes the `Document`."""

    def __init__(self, limits: Limits) -> None:
        self._left = limits.text_bytes
        self._text_bytes = limits.text_bytes
        self._expected = 0  # cost of rows that `fits` was asked about
        self._begun = time.monotonic()
        self._deadline = limits.deadline
        self._blocks: list[Block] = []
        self._notes: list[str] = []

    @contextmanager
    def until_enough(self, unit: str = "parts") -> Iterator[None]:
        """Collect inside; a limit ends the block and leaves a note instead of an error.

        Args:
            unit: What the note says was read, as in "the first {unit}".
        """
        try:
            yield
        except Enough as reached:
            self.note(f"Only the first {unit} were read: {reached}.")

    def fits(self, row: Sequence[str]) -> bool:
        """Whether a row that is still to be added has room, and time is left; if not, leave a note.

        Readers of sheets ask while they collect a table, whose cells take many times their text's
        bytes in memory.
        """
        self._expected += sum(map(len, row)) + _CELL_COST * (len(row) + 1) if row else 0
        try:
            self.check_time()
            if self._expected > self._text_bytes:
                self._charge(self._expected)
        except Enough as reached:
            self.note(f"Only the first rows were read: {reached}.")
            return False
        return True

    def check_time(self, share: float = 1.0) -> None:
        """Say that time is up. Readers call it where they may stay long without a block.

        Args:
            share: Of the time, for a first step that must leave some to the next.
        """
        if time.monotonic() > self._begun + share * (self._deadline - self._begun):
            msg = "reading all of it takes too long"
            raise Enough(msg)

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        level: int | None = None,
        page: int | None = None,
        sheet: str | None = None,
    ) -> None:
        """Take a block of text; one without text is left out."""
        line = one_line(text)
        if not line:
            return
        reached: Enough | None = None
        try:
            self._charge(len(line.encode()) + _BLOCK_COST)
        except Enough as error:
            line, reached = self._cut(line), error
        level = None if level is None else min(max(level, 1), MAX_HEADING)
        if line:
            self._blocks.append(Block(kind=kind, text=line, level=level, page=page, sheet=sheet))
        if reached is not None:
            raise reached

    def add_table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        header: bool,
        page: int | None = None,
        sheet: str | None = None,
        first_row: int | None = None,
        first_column: int | None = None,
        row_numbers: Sequence[int] = (),
        typed: bool = False,
    ) -> None:
        """Take a table, its rows filled up to the same width; rows over the limit are left out."""
        width = max((len(row) for row in rows), default=0)
        cells: list[tuple[str, ...]] = []
        try:
            for row in rows:
                line = tuple(one_line(cell) for cell in row) + ("",) * (width - len(row))
                self._charge(sum(len(cell.encode()) for cell in line) + _CELL_COST * (width + 1))
                cells.append(line)
        finally:
            if any(cell for row in cells for cell in row):
                self._blocks.append(
                    Block(
                        kind=BlockKind.TABLE,
                        text="",
                        page=page,
                        sheet=sheet,
                        first_row=first_row,
                        header=header,
                        cells=tuple(cells),
                        first_column=first_column,
                        row_numbers=tuple(row_numbers[: len(cells)]),
                        typed=typed,
                    )
                )

    def note(self, sentence: str) -> None:
        """Record what was left out, and why; the same sentence once."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    @property
    def data_rows(self) -> int:
        """Rows of the tables so far, without headers."""
        tables = [block for block in self._blocks if block.kind is BlockKind.TABLE]
        return sum(len(table.cells) - table.header for table in tables)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What was collected so far."""
        return tuple(self._blocks)

    def document(
        self,
        *,
        title: str | None = None,
        author: str | None = None,
        language: str | None = None,
        published_at: datetime | None = None,
        pages: int | None = None,
        sheets: int | None = None,
        rows: int | None = None,
        empty: str,
    ) -> Document:
        """Make the document.

        Args:
            title: As the document declares it; so the others.
            author: Likewise.
            language: Likewise, BCP 47.
            published_at: Likewise.
            pages: Of a PDF.
            sheets: Of an XLSX.
            rows: Of a CSV or XLSX, without header rows.
            empty: The sentence that is raised where there is no text.

        Raises:
            ReadError: With `reason` `empty`.
        """
        if not self._blocks:
            raise ReadError(self._notes[-1] if self._notes else empty, reason="bomb" if self._notes else "empty")
        return Document(
            blocks=self.blocks,
            title=one_line(title or "") or None,
            author=one_line(author or "") or None,
            language=language,
            published_at=published_at,
            pages=pages,
            sheets=sheets,
            rows=rows,
            notes=tuple(self._notes),
        )

    def _cut(self, line: str) -> str:
        """What fits of a line that does not, in whole words."""
        head = line.encode()[: max(0, self._left - _BLOCK_COST)].decode("utf-8", "ignore")
        self._left = 0
        return head.rpartition(" ")[0]

    def _charge(self, cost: int) -> None:
        self.check_time()
        if cost > self._left:
            msg = f"it holds more than {self._text_bytes / 2**20:g} MiB of text"
            raise Enough(msg)
        self._left -= cost
