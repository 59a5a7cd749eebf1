"""PDF: words come out in the order in which a person reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import documents, layouts
from support.layouts import MARGIN, WIDTH, Page

from copydesk.domain.source import BlockKind, Document
from copydesk.readers.pdf import read_pdf


def read(data: bytes) -> Document:
    """Read with generous limits."""
    return read_pdf(data, documents.limits())


def words(document: Document) -> list[str]:
    """All words in their order."""
    return " ".join(block.text or " ".join(map(" ".join, block.cells)) for block in document.blocks).split()


@pytest.mark.parametrize("order", layouts.ORDERS)
@pytest.mark.parametrize(
    "counts", [(30,), (30, 30), (20, 25), (40, 7), (4, 4), (30, 30, 30), (20, 25, 30), (40, 7, 22)], ids=str
)
def test_columns_are_read_one_by_one_when_drawn_in_any_order(counts: tuple[int, ...], order: str) -> None:
    """One, two and three columns come out whole, whatever order their lines are drawn in."""
    page = Page()
    page.columns(700, counts)
    document = read(page.pdf(order))
    assert words(document) == page.read
    assert [block.kind for block in document.blocks] == [BlockKind.PARAGRAPH] * len(counts)


@given(
    counts=st.lists(st.lists(st.integers(4, 14), min_size=1, max_size=3), min_size=1, max_size=3),
    order=st.sampled_from(layouts.ORDERS),
    gutter=st.integers(14, 30),
    head=st.booleans(),
    foot=st.integers(0, 3),
)
def test_order_is_the_generators_when_bands_of_columns_follow(
    *, counts: list[list[int]], order: str, gutter: int, head: bool, foot: int
) -> None:
    """A title, bands of one to three columns with full lines between them, and a footnote keep their order."""
    page = Page()
    y = 780.0
    if head:
        y = page.block(MARGIN, y, 380, 1, size=20) - 10
    for number, band in enumerate(counts):
        if number:
            y = page.block(MARGIN, y - 12, WIDTH - 2 * MARGIN, 2) - 12
        y = page.columns(y, band, gutter=gutter)
    if foot:
        page.block(MARGIN, y - 30, WIDTH - 2 * MARGIN, foot, size=7)
    assert words(read(page.pdf(order))) == page.read


@pytest.mark.parametrize("order", layouts.ORDERS)
@pytest.mark.parametrize(("main", "side"), [(MARGIN, 440), (170, MARGIN)], ids=["right", "left"])
def test_sidebar_is_not_mixed_into_the_text(main: float, side: float, order: str) -> None:
    """A narrow column of small letters beside the text stays in one piece."""
    page = Page()
    parts = [(main, 740.0, 350.0, 30, 10.0), (side, 700.0, 95.0, 9, 8.0)]
    for x, y, width, lines, size in sorted(parts):
        page.block(x, y, width, lines, size=size)
    assert words(read(page.pdf(order))) == page.read


@pytest.mark.parametrize("order", layouts.ORDERS)
def test_footnotes_of_columns_stay_in_their_columns(order: str) -> None:
    """A footnote below each column is read after its column."""
    page = Page()
    for x in (MARGIN, 310):
        page.block(x, 740, 225, 30)
        page.block(x, 130, 225, 3, size=7)
    assert words(read(page.pdf(order))) == page.read


@pytest.mark.parametrize("order", layouts.ORDERS)
def test_headings_are_found_inside_of_columns(order: str) -> None:
    """Bold lines head the paragraphs of their own column."""
    page = Page()
    for x in (MARGIN, 310):
        y = page.block(x, 740, 200, 1, font="Helvetica-Bold")
        y = page.block(x, y - 4, 225, 7) - 10
        y = page.block(x, y, 200, 1, font="Helvetica-Bold")
        page.block(x, y - 4, 225, 9)
    document = read(page.pdf(order))
    assert words(document) == page.read
    assert [block.kind for block in document.blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH] * 4


@pytest.mark.parametrize("order", layouts.ORDERS)
def test_table_between_columns_keeps_its_rows(order: str) -> None:
    """Columns above, a table over the whole width, columns below."""
    page = Page()
    y = page.columns(760, (12, 12))
    y -= 20
    rows = [("Year", "Tonnes", "Remark"), ("2021", "1,200", "wet"), ("2022", "950", "dry"), ("2023", "1,010", "mild")]
    for row in rows:
        for column, text in enumerate(row):
            page.line(MARGIN + 180 * column, y, text)
        y -= 14
    page.columns(y - 20, (12, 12))
    document = read(page.pdf(order))
    assert words(document) == page.read
    assert [block.cells for block in document.blocks if block.kind is BlockKind.TABLE] == [tuple(rows)]


@pytest.mark.parametrize("declared", [True, False], ids=["rotate-entry", "turned-text"])
@pytest.mark.parametrize("order", layouts.ORDERS)
def test_turned_page_is_read_upright(order: str, *, declared: bool) -> None:
    """Text that runs up the sheet is read as its reader holds it."""
    data, expected = layouts.pdf_turned(order, declared=declared)
    assert words(read(data)) == expected


def test_forms_are_read_where_they_are_drawn() -> None:
    """Columns that are forms in forms are read from left to right."""
    data, expected = layouts.pdf_in_forms()
    assert words(read(data)) == expected
