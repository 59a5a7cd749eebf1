"""Figures of tables said in sentences: what a table covers, changes, extremes, means and the like.

Every number stated is a cell or is computed from cells with decimal arithmetic and rounded once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from copydesk.domain.source import Block, BlockKind, Document, Passage, Place, Source
from copydesk.evidence.columns import Column, ColumnKind, read_column
from copydesk.evidence.listings import frequency_statements, listing_statements
from copydesk.evidence.noise import addresses_machines, clean_text
from copydesk.evidence.phrases import Phrases, phrases_of
from copydesk.evidence.prose import located_blocks
from copydesk.evidence.series import read_series, series_statements, span_statement

MIN_ROWS = 3  # fewer say nothing that a sentence of the source does not
MAX_COLUMNS = 5  # measures of a table that are told
MAX_PASSAGES = 12  # of one document
MAX_SENTENCES = 4
_MAX_NAME = 80  # characters of a column's or table's name; longer ones are text


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with parsed columns."""

    name: str
    columns: tuple[Column, ...]
    rows: int  # data rows
    place: Place


def state_figures(document: Document, source: Source, *, language: str, first_position: int = 0) -> tuple[Passage, ...]:
    """Say what the document's tables hold, in whole sentences of the article's language.

    Args:
        document: What a reader made of the source.
        source: Whose passages they become; ids are `s<source position>t<number>`.
        language: The article's BCP 47 language; other than en, de, fr and es: no statements.
        first_position: The position of the first passage, after those of the prose.
    """
    phrases = phrases_of(language)
    if phrases is None:
        return ()
    passages: list[Passage] = []
    for block, headings in located_blocks(document):
        table = _read_table(block, headings, document, source)
        if table is None:
            continue
        for sentences in _statements(table, phrases):
            number = len(passages)
            if number == MAX_PASSAGES:
                return tuple(passages)
            passages.append(
                Passage(
                    passage_id=f"s{source.position}t{number}",
                    source_id=source.source_id,
                    sentences=sentences,
                    place=table.place,
                    language=phrases.language,
                    position=first_position + number,
                    computed=True,
                )
            )
    return tuple(passages)


def _read_table(block: Block, headings: tuple[str, ...], document: Document, source: Source) -> Table | None:
    if block.kind is not BlockKind.TABLE or not block.header or len(block.cells) <= MIN_ROWS:
        return None
    header, *rows = block.cells
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    padded = [[*row, *[""] * (len(header) - len(row))] for row in rows]
    columns = [
        read_column(clean_text(name), [row[index] for row in padded])
        for index, name in enumerate(header)
        if _speakable(name)
    ]
    first = block.first_row
    place = Place(
        headings=headings,
        page=block.page,
        sheet=block.sheet,
        first_row=None if first is None else first + 1,
        last_row=None if first is None else first + len(block.cells) - 1,
    )
    return Table(name=_name(block, headings, document, source), columns=tuple(columns), rows=len(rows), place=place)


def _speakable(name: str) -> bool:
    """Whether a cell's text may stand inside a sentence: short, and no order to a machine."""
    text = clean_text(name)
    return 0 < len(text) <= _MAX_NAME and not addresses_machines(text) and not re.search(r"https?://|[<>{}`|]", text)


def _name(block: Block, headings: tuple[str, ...], document: Document, source: Source) -> str:
    """What a reader calls the table: its sheet, heading, or the source's title or file name."""
    candidates = (block.sheet, headings[-1] if headings else None, document.title, source.title)
    generic = re.compile(r"(?:sheet|tabelle|feuil|hoja|table|data)\s*\d*", re.IGNORECASE)
    for candidate in candidates:
        if candidate and _speakable(candidate) and not generic.fullmatch(candidate.strip()):
            stem = re.sub(r"\.(?:csv|xlsx|pdf|docx|txt|md)$", "", clean_text(candidate), flags=re.IGNORECASE)
            return re.sub(r"[-_]+", " ", stem) if " " not in stem else stem
    return ""


def _statements(table: Table, phrases: Phrases) -> Iterator[tuple[str, ...]]:
    """Sentences for each of the first measures, in runs of one to four."""
    measures = [column for column in table.columns if column.kind is ColumnKind.NUMBER][:MAX_COLUMNS]
    axis = next((c for c in table.columns if c.kind in (ColumnKind.YEAR, ColumnKind.DATE)), None)
    opening: list[str] = []
    if not measures:
        said = frequency_statements(table.columns, phrases)
        measures_said = [said] if said else []
    else:
        measures_said = []
    for variant, measure in enumerate(measures):
        series = read_series(axis, measure) if axis is not None else None
        if series is not None:
            measures_said.append(list(series_statements(series, phrases, variant)))
            opening = opening or [span_statement(series, table.name, table.rows, phrases)]
        else:
            measures_said.append(list(listing_statements(table.columns, measure, axis, phrases, variant)))
    opening = opening or [phrases.say("listed", 0, table=table.name, rows=phrases.number(Decimal(table.rows), 0))]
    for number, said in enumerate(sentences for sentences in measures_said if sentences):
        yield from _halves([*opening, *said] if number == 0 and table.name else said)


def _halves(sentences: list[str]) -> Iterator[tuple[str, ...]]:
    """The sentences as one passage, or as two of like length where they are more than four."""
    if len(sentences) <= MAX_SENTENCES:
        yield tuple(sentences)
        return
    middle = (len(sentences) + 1) // 2
    yield tuple(sentences[:middle])
    yield tuple(sentences[middle : middle + MAX_SENTENCES])
