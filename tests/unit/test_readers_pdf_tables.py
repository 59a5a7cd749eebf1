"""PDF: tables come out as rows, also where their cells have several lines."""

from collections.abc import Sequence

import pytest
from support import documents, layouts
from support.layouts import MARGIN, Page

from copydesk.domain.source import BlockKind
from copydesk.readers.pdf import read_pdf

_SEEDS = [
    [["Crop"], ["Remark of the ministry"], ["Tonnes"]],
    [["Wheat"], ["fell by twelve percent, because", "rain came late in June"], ["1,200"]],
    [["Winter", "barley"], ["rose"], ["950"]],
    [["Rye"], ["was sown in forty districts of", "the north, and in three of the", "south"], ["75"]],
]


def draw(rows: Sequence[Sequence[Sequence[str]]], *, gap: float, pitch: float = 12) -> Page:
    """A sentence, a table whose cells are lists of lines, and a sentence."""
    page = Page()
    page.line(MARGIN, 750, "The ministry wrote down what became of the seeds in all districts of the land.")
    y = 720.0
    for row in rows:
        for column, lines in zip((MARGIN, 150, 400), row, strict=False):
            for number, text in enumerate(lines):
                page.line(column, y - pitch * number, text)
        y -= pitch * max(map(len, row)) + gap
    page.line(MARGIN, y - 20, "The text goes on below the table with a sentence that is as long as the page is wide.")
    return page


def tables(data: bytes) -> list[tuple[tuple[str, ...], ...]]:
    """The cells of the tables."""
    document = read_pdf(data, documents.limits())
    return [block.cells for block in document.blocks if block.kind is BlockKind.TABLE]


@pytest.mark.parametrize("order", layouts.ORDERS)
def test_row_is_one_when_its_cells_have_several_lines(order: str) -> None:
    """Wider gaps between rows than inside of them tell where a row ends."""
    expected = tuple(tuple(" ".join(lines) for lines in row) for row in _SEEDS)
    assert tables(draw(_SEEDS, gap=6).pdf(order)) == [expected]


def test_line_goes_on_with_the_row_above_when_it_has_no_first_cell() -> None:
    """Without gaps between rows, what has words below one column alone is the end of a cell."""
    rows = [row for row in _SEEDS if row[0] != ["Winter", "barley"]]
    assert tables(draw(rows, gap=0).pdf()) == [tuple(tuple(" ".join(lines) for lines in row) for row in rows)]


def test_rows_stay_apart_when_cells_are_empty() -> None:
    """A row that leaves the first cell empty, but has numbers, is a row."""
    rows = [
        [["Crop"], ["District"], ["Tonnes"]],
        [["Wheat"], ["North"], ["1,200"]],
        [[], ["South"], ["950"]],
        [["Rye"], ["North"], ["75"]],
    ]
    expected = (
        ("Crop", "District", "Tonnes"),
        ("Wheat", "North", "1,200"),
        ("", "South", "950"),
        ("Rye", "North", "75"),
    )
    assert tables(draw(rows, gap=0).pdf()) == [expected]


def test_text_below_a_table_is_no_row() -> None:
    """A short line below the table in its first column is text."""
    page = draw([*_SEEDS[:1], [["Wheat"], ["fell"], ["1,200"]], [["Rye"], ["rose"], ["75"]]], gap=0)
    page.line(MARGIN, 684 - 2, "Done.")
    (cells,) = tables(page.pdf())
    assert len(cells) == 3


def test_two_columns_of_prose_are_no_table() -> None:
    """Long lines side by side are columns, even when drawn row by row."""
    page = Page()
    page.columns(700, (9, 9))
    assert tables(page.pdf("by_rows")) == []
