"""XLSX and CSV: tables with their place, header and cell texts."""

from datetime import date, datetime, time, timedelta

import pytest
from support import documents, hostile

from copydesk.domain.source import Block, BlockKind, Document
from copydesk.errors import ReadError
from copydesk.readers.sheets import cell_text, read_csv, read_xlsx
from copydesk.readers.tables import has_header, is_value


def xlsx(data: bytes, *, text_bytes: int = 2**20) -> Document:
    """Read a workbook with generous limits."""
    return read_xlsx(data, documents.limits(text_bytes=text_bytes))


def csv(data: bytes | str, *, text_bytes: int = 2**20) -> Document:
    """Read a table with generous limits."""
    content = data.encode() if isinstance(data, str) else data
    return read_csv(content, documents.limits(text_bytes=text_bytes))


def table(document: Document) -> Block:
    """The only block, a table."""
    (block,) = document.blocks
    assert block.kind is BlockKind.TABLE
    return block


def test_workbook_is_one_table_per_range() -> None:
    """Each contiguous range is a table with its sheet, first row and header; a caption is text."""
    document = xlsx(documents.xlsx_report())
    assert [(block.kind, block.sheet, block.first_row, block.header, block.text) for block in document.blocks] == [
        (BlockKind.TABLE, "Prices", 1, True, ""),
        (BlockKind.PARAGRAPH, "Stock", None, False, "Stock by district"),
        (BlockKind.TABLE, "Stock", 2, True, ""),
        (BlockKind.TABLE, "Stock", 5, True, ""),
    ]
    assert document.blocks[0].cells == (
        ("Day", "Price", "Open"),
        ("2024-01-02", "10.5", "TRUE"),
        ("2024-01-03", "11", "FALSE"),
    )
    assert (document.sheets, document.rows) == (2, 4)


def test_tables_side_by_side_are_two() -> None:
    """An empty column parts tables, and each begins at its own first row."""
    rows = [["a", "b", None, None], ["1", "2", None, "x"], ["3", "4", None, "5"]]
    blocks = xlsx(documents.xlsx_of({"S": rows})).blocks
    assert [(block.first_row, block.cells) for block in blocks] == [
        (1, (("a", "b"), ("1", "2"), ("3", "4"))),
        (2, (("x",), ("5",))),
    ]


def test_column_of_sentences_is_text() -> None:
    """Notes in a single column are paragraphs of their sheet."""
    notes = "These figures were collected by hand in every district, and later checked."
    blocks = xlsx(documents.xlsx_of({"Notes": [[notes], [notes + " Twice."]]})).blocks
    assert [(block.kind, block.sheet) for block in blocks] == [(BlockKind.PARAGRAPH, "Notes")] * 2


def test_stated_dimensions_are_not_believed() -> None:
    """The rows say what there is, not the dimension that the file states."""
    cells = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
    assert table(xlsx(documents.xlsx_of_sheet(documents.sheet_xml(cells, dimension="A1:A1")))).cells == (("1", "2"),)


def test_strict_workbook_is_read() -> None:
    """The namespaces of the strict kind (ISO/IEC 29500) are understood."""
    data = documents.as_strict(documents.xlsx_of_sheet(documents.sheet_xml('<row r="1"><c r="A1"><v>7</v></c></row>')))
    assert table(xlsx(data)).cells == (("7",),)


def test_cells_at_opposite_corners_are_two_tables() -> None:
    """A billion empty cells in between cost nothing."""
    blocks = xlsx(hostile.xlsx_corners()).blocks
    assert [(block.first_row, block.cells) for block in blocks] == [(1, (("1",),)), (1_048_576, (("2",),))]


def test_wide_sparse_rows_are_cut() -> None:
    """Rows of thousands of empty cells are read as far as the limit goes, with a note."""
    document = xlsx(hostile.xlsx_wide_rows(200), text_bytes=200_000)
    assert document.notes == ("Only the first rows were read: it holds more than 0.190735 MiB of text.",)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "TRUE"),
        (0.1 + 0.2, "0.3"),
        (1e21, "1000000000000000000000"),
        (1.5e-7, "0.00000015"),
        (3.0, "3"),
        (12, "12"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29), "2024-02-29"),  # noqa: DTZ001 -- sheets know no zones
        (datetime(2024, 2, 29, 13, 30), "2024-02-29T13:30:00"),  # noqa: DTZ001 -- likewise
        (time(7, 5), "07:05:00"),
        (timedelta(hours=30), "1 day, 6:00:00"),
        ("#DIV/0!", ""),
        ("text", "text"),
    ],
)
def test_cell_values_have_plain_texts(value: object, text: str) -> None:
    """ISO dates, plain numbers of fifteen digits, no error values."""
    assert cell_text(value) == text


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        ("a,b\n1,2\n", (("a", "b"), ("1", "2"))),
        ("a;b\n1,5;2,5\n", (("a", "b"), ("1,5", "2,5"))),
        ("a\tb\r\n1\t2\r\n", (("a", "b"), ("1", "2"))),
        ("a|b\r1|2\r", (("a", "b"), ("1", "2"))),
        ("sep=;\na;b\n1;2\n", (("a", "b"), ("1", "2"))),
        ('name,says\nada,"one, ""two""\nthree"\n', (("name", "says"), ("ada", 'one, "two" three'))),
        ("name, value\nx, 1\n", (("name", "value"), ("x", "1"))),
        ("name\nada\nbob\n", (("name",), ("ada",), ("bob",))),
        ("\ufeffa,b\n1,2\n", (("a", "b"), ("1", "2"))),
        ("a,b\n1\n2,3\n", (("a", "b"), ("1", ""), ("2", "3"))),
    ],
    ids=["comma", "semicolon", "tab", "pipe-old-mac", "sep-line", "quoted", "spaced", "one-column", "mark", "ragged"],
)
def test_csv_dialect_is_detected(content: str, cells: tuple[tuple[str, ...], ...]) -> None:
    """Delimiter, quotes and line ends of any usual kind."""
    block = table(csv(content))
    assert block.cells == cells
    assert block.header


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig", "cp1252"])
def test_csv_encoding_is_detected(codec: str) -> None:
    """Umlauts and accents come out as they were."""
    text = "Stadt;Straße\nKöln;Größte Brücke über den Fluss\nMünchen;Schöne Häuser für alle\n"
    assert table(csv(text.encode(codec))).cells[1] == ("Köln", "Größte Brücke über den Fluss")


def test_csv_rows_are_counted_as_a_spreadsheet_counts() -> None:
    """Captions, empty lines and a second table keep their row numbers; headers are no data rows."""
    document = csv("Harvest\nyear,tonnes\n2022,5\n\nyear,loss\n2023,1\n2024,2\n")
    assert [(block.text, block.first_row, block.header) for block in document.blocks] == [
        ("Harvest", None, False),
        ("", 2, True),
        ("", 5, True),
    ]
    assert document.rows == 3


def test_csv_is_cut_when_it_is_over_the_limit() -> None:
    """The first rows are kept, with a note that says so."""
    document = csv("a,b\n" * 10_000, text_bytes=20_000)
    assert 100 < len(table(document).cells) < 10_000
    assert document.notes == ("Only the first rows were read: it holds more than 0.0190735 MiB of text.",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"x" * (5 * 2**20), "bomb"),
        (b'"' + b"a,b\n" * 2_000_000, "damaged"),
        (b"\n\n\n", "empty"),
        (b",,,\n,,,\n", "empty"),
    ],
    ids=["one-line", "one-cell", "blank", "no-values"],
)
def test_csv_reason_is_said_when_it_cannot_be_read(content: bytes, reason: str) -> None:
    """A line without end, a quote without end and nothing at all are different answers."""
    with pytest.raises(ReadError) as caught:
        csv(content)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (documents.xlsx_of({"Empty": []}), "empty"),
        (documents.xlsx_report()[:-300], "damaged"),
        (hostile.zip_bomb("xl/worksheets/sheet1.xml", mib=64), "bomb"),
    ],
    ids=["empty", "truncated", "zip-bomb"],
)
def test_workbook_reason_is_said_when_it_cannot_be_read(data: bytes, reason: str) -> None:
    """Each kind of unreadable workbook has its own reason."""
    with pytest.raises(ReadError) as caught:
        xlsx(data)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,200", True),
        ("-3.5 %", True),
        ("€ 12", True),
        ("2024-01-02", True),
        ("3/4/2024", True),
        ("(12)", True),
        ("Year 1", False),
        ("B12", False),
        ("", False),
        ("North", False),
    ],
)
def test_values_are_told_from_names(text: str, expected: bool) -> None:  # noqa: FBT001 -- a parameter
    """Numbers and dates in any notation are values."""
    assert is_value(text) is expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["a", "b"], ["1", "2"]], True),
        ([["", "b"], ["x", "2"]], True),
        ([["Country", "2022", "2023"], ["Peru", "1", "2"]], True),
        ([["a", "b"]], False),
        ([["a", "a"], ["1", "2"]], False),
        ([["a", "5"], ["b", "6"]], False),
        ([["2022", "2023"], ["1", "2"]], False),
        ([["a", "", ""], ["1", "2", "3"]], False),
        ([["x" * 200, "b"], ["1", "2"]], False),
    ],
)
def test_header_is_recognized(rows: list[list[str]], expected: bool) -> None:  # noqa: FBT001 -- a parameter
    """A header has distinct, short names, also years beside a name, and rows below it."""
    assert has_header(rows) is expected
