"""Figures of tables said in sentences: what a table covers, changes, extremes, means and the like.

Every number stated stands in the table's profile, exact, and is rounded once. A statement names its
measure by the column's name, and its sheet where another has the like; its passage's place gives sheet,
columns and rows.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from copydesk.domain.profile import ColumnKind, Profile, Trend
from copydesk.domain.source import Block, BlockKind, Document, Passage, Place, Source
from copydesk.evidence.columns import Naming, is_speakable
from copydesk.evidence.listings import (
    Said,
    category_statements,
    entry_statements,
    frequency_statements,
    spread_statements,
)
from copydesk.evidence.noise import clean_text
from copydesk.evidence.phrases import phrases_of
from copydesk.evidence.placing import located_blocks
from copydesk.evidence.series import listed_statement, series_statements, span_statement

MIN_ROWS = 3  # fewer say nothing that a sentence of the source does not
MAX_COLUMNS = 5  # measures of a table that are told
MAX_PASSAGES = 12  # of one document
MAX_SENTENCES = 4
_GENERIC = re.compile(r"(?:sheet|tabelle|feuil|hoja|table|data)\s*\d*", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?:csv|xlsx|pdf|docx|txt|md)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that has a profile."""

    name: str  # or empty
    profile: Profile
    place: Place  # of its data, without columns


def state_figures(document: Document, source: Source, *, language: str, first_position: int = 0) -> tuple[Passage, ...]:
    """Say what the document's tables hold, in whole sentences of the article's language.

    Args:
        document: What a reader made of the source, with profiles on its tables.
        source: Whose passages they become; ids are `s<source position>t<number>`.
        language: The article's BCP 47 language; other than en, de, fr and es: no statements.
        first_position: The position of the first passage, after those of the prose.
    """
    phrases = phrases_of(language)
    if phrases is None:
        return ()
    tables = list(_tables(document, source))
    shared = _shared_names(tables)
    passages: list[Passage] = []
    for table in tables:
        naming = Naming(profile=table.profile, phrases=phrases, table=table.name, shared=shared)
        for statements in _statements(naming):
            number = len(passages)
            if number == MAX_PASSAGES:
                return tuple(passages)
            columns = sorted({index for _, indexes in statements for index in indexes})
            passages.append(
                Passage(
                    passage_id=f"s{source.position}t{number}",
                    source_id=source.source_id,
                    sentences=tuple(sentence for sentence, _ in statements),
                    place=_placed(table, columns),
                    language=phrases.language,
                    position=first_position + number,
                    computed=True,
                )
            )
    return tuple(passages)


def _tables(document: Document, source: Source) -> Iterator[Table]:
    above: Block | None = None
    blocks = list(located_blocks(document))
    per_sheet = Counter(block.sheet for block, _ in blocks if block.profile is not None)
    for block, headings in blocks:
        profile = block.profile
        if profile is not None and profile.rows >= MIN_ROWS:
            placed = block.first_row is not None
            place = Place(
                headings=headings,
                page=block.page,
                sheet=block.sheet,
                first_row=profile.first_row if placed else None,
                last_row=profile.last_row if placed else None,
            )
            caption = (
                above.text if above is not None and _is_caption(above, block) and per_sheet[block.sheet] > 1 else ""
            )
            names = (caption, block.sheet, headings[-1] if headings else None, document.title, source.title)
            yield Table(name=_name(names), profile=profile, place=place)
        above = block


def _is_caption(above: Block, table: Block) -> bool:
    return above.kind is BlockKind.PARAGRAPH and above.sheet == table.sheet and table.first_row is not None


def _name(candidates: Iterable[str | None]) -> str:
    """What a reader calls the table: its caption, sheet, heading, or the source's title or file name."""
    for candidate in candidates:
        if candidate and is_speakable(candidate) and not _GENERIC.fullmatch(candidate.strip()):
            stem = _EXTENSION.sub("", clean_text(candidate))
            return re.sub(r"[-_]+", " ", stem) if " " not in stem else stem
    return ""


def _shared_names(tables: Iterable[Table]) -> frozenset[str]:
    """Names that measures of more than one table have, in lower case."""
    counts: Counter[str] = Counter()
    for table in tables:
        columns = table.profile.columns
        counts.update({column.name.casefold() for column in columns if column.kind is ColumnKind.NUMBER})
    return frozenset(name for name, count in counts.items() if count > 1)


def _placed(table: Table, columns: list[int]) -> Place:
    """The place of statements made from some of the columns."""
    headers = tuple(clean_text(table.profile.columns[index].header) for index in columns)
    place = table.place
    return Place(
        headings=place.headings,
        page=place.page,
        sheet=place.sheet,
        columns=headers,
        first_row=place.first_row,
        last_row=place.last_row,
    )


def _statements(naming: Naming) -> Iterator[tuple[Said, ...]]:
    """Sentences for each of the first measures, in runs of one to four."""
    profile, phrases = naming.profile, naming.phrases
    opening: list[Said] = []
    told: list[list[Said]] = []
    years = profile.years
    if years:
        told.append(_by_years(naming, years))
    measures = [index for index in naming.tellable(ColumnKind.NUMBER) if index not in years][:MAX_COLUMNS]
    if not measures and not years:
        told.append(frequency_statements(naming))
    for variant, index in enumerate(measures):
        trends = tuple(trend for trend in profile.trends if trend.measure == index)
        told.append(
            [(sentence, (index, *columns)) for sentence, columns in _of_measure(naming, index, trends, variant)]
        )
        if trends and not trends[0].label and not opening:
            opening = [(span_statement(trends[0], naming.table, profile, phrases), _axis(naming))]
    opening = opening or [(listed_statement(naming.table, profile, phrases), ())]
    for number, said in enumerate(statements for statements in told if statements):
        yield from _halves([*opening, *said] if number == 0 and naming.table else said)


def _axis(naming: Naming) -> tuple[int, ...]:
    return () if naming.profile.axis is None else (naming.profile.axis,)


def _of_measure(naming: Naming, index: int, trends: tuple[Trend, ...], variant: int) -> Iterator[Said]:
    measure = naming.measure(index)
    if trends and not trends[0].label:
        for sentence in series_statements(trends[0], measure, variant, without_totals=bool(naming.profile.totals)):
            yield sentence, _axis(naming)
        return
    by_category = list(category_statements(trends, measure, variant))
    if by_category:
        grouping = naming.profile.grouping
        columns = _axis(naming) if grouping is None else (*_axis(naming), grouping)
        yield from ((sentence, columns) for sentence in by_category)
    else:
        yield from spread_statements(naming, index, variant)


def _by_years(naming: Naming, years: tuple[int, ...]) -> list[Said]:
    """What the first rows do over the years that name the columns, and who is first and last in the latest."""
    profile = naming.profile
    if not naming.table or profile.names is None:
        return []
    latest = max(years, key=lambda index: profile.columns[index].header)
    of_latest = naming.by_years(years, profile.columns[latest].header.strip())
    rows = tuple(trend for trend in profile.trends if trend.measure is None)
    said: list[Said] = [(sentence, (profile.names, latest)) for sentence in entry_statements(naming, latest, of_latest)]
    ends = (profile.names, years[0], years[-1])
    said += [(sentence, ends) for sentence in category_statements(rows, naming.by_years(years), 0)]
    return said


def _halves(statements: list[Said]) -> Iterator[tuple[Said, ...]]:
    """The sentences as one passage, or as two of like length where they are more than four."""
    if len(statements) <= MAX_SENTENCES:
        yield tuple(statements)
        return
    middle = (len(statements) + 1) // 2
    yield tuple(statements[:middle])
    yield tuple(statements[middle : middle + MAX_SENTENCES])
