"""Documents, sources and briefs for the tests of evidence."""

from collections.abc import Sequence

from support.documents import limits

from copydesk.domain.brief import Brief, WordRange
from copydesk.domain.source import Block, BlockKind, Document, Passage, Place, Source, SourceKind
from copydesk.readers.profile import with_profiles


def a_source(position: int = 0, *, kind: SourceKind = SourceKind.FILE, title: str | None = None) -> Source:
    """A source whose id is `source-<position>`."""
    url = None if kind is SourceKind.FILE else f"https://site-{position}.test/page"
    return Source(source_id=f"source-{position}", position=position, kind=kind, url=url, title=title)


def a_document(text: str, **fields: str) -> Document:
    """A document from plain text: `#` opens a heading, `-` a list item, a blank line ends a paragraph."""
    return Document(blocks=tuple(_block(part) for part in text.strip().split("\n\n")), **fields)  # type: ignore[arg-type] # all text fields


def _block(part: str) -> Block:
    line = " ".join(part.split())
    marks, _, rest = line.partition(" ")
    if marks and set(marks) == {"#"}:
        return Block(kind=BlockKind.HEADING, text=rest, level=len(marks))
    if marks == "-":
        return Block(kind=BlockKind.LIST_ITEM, text=rest)
    return Block(kind=BlockKind.PARAGRAPH, text=line)


def a_table(rows: Sequence[Sequence[str]], *, sheet: str | None = None, header: bool = True) -> Document:
    """A document of one table that begins in row 1, with its profile."""
    cells = tuple(tuple(row) for row in rows)
    table = Block(kind=BlockKind.TABLE, text="", sheet=sheet, first_row=1, header=header, cells=cells)
    return with_profiles(Document(blocks=(table,)), limits())


def a_passage(number: int, text: str, *, source: int = 0, language: str = "en", alone: bool = True) -> Passage:
    """A passage of one sentence with the id `s<source>p<number>`."""
    return Passage(
        passage_id=f"s{source}p{number}",
        source_id=f"source-{source}",
        sentences=(text,),
        place=Place(),
        language=language,
        position=number,
        stands_alone=alone,
    )


def a_brief(topic: str, *keywords: str, language: str = "en", maximum: int = 1_200) -> Brief:
    """A brief whose prompt is its topic."""
    words = WordRange(minimum=800, maximum=maximum)
    return Brief(prompt=topic or "?", topic=topic, keywords=keywords, language=language, words=words)
