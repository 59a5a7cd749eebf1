"""XLSX and CSV: tables with their place, header and cell texts."""

import io
import time as time_module
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from support import documents, hostile
from support.sheets import profile_of, profiled_csv, workbook_of

from copydesk.domain.source import Block, BlockKind, Document
from copydesk.errors import ReadError
from copydesk.readers.sheet_layout import Layout, Range, read_layout
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


def test_merged_title_and_groups_of_columns() -> None:
    """A merged title is a caption; merged group names go before the names of their columns."""
    data = workbook_of(
        [
            ["Trade of Freedonia"],
            ["Region", "2023", None, "2024"],
            [None, "Exports", "Imports", "Exports", "Imports"],
            ["North", 10.5, 3, 12, 4],
            ["South", 8, 2, 9, 1],
            ["Source: customs office"],
        ],
        lambda sheet: [sheet.merge_cells(area) for area in ("A1:E1", "A2:A3", "B2:C2", "D2:E2")],
    )
    title, block, source = xlsx(data).blocks
    assert (title.text, source.text) == ("Trade of Freedonia", "Source: customs office")
    assert block.cells == (
        ("Region", "2023 Exports", "2023 Imports", "2024 Exports", "2024 Imports"),
        ("North", "10.5", "3", "12", "4"),
        ("South", "8", "2", "9", "1"),
    )
    assert (block.first_row, block.first_column, block.header, block.typed) == (3, 1, True, True)


def test_merged_names_of_rows_stand_in_each_of_them() -> None:
    """A text merged over rows is repeated; a number is not, because it would count several times."""
    rows: list[list[object]] = [
        ["Area", "Town", "People"],
        ["North", "Ulm", 5],
        [None, "Kiel", None],
        ["South", "Bonn", 1],
    ]
    data = workbook_of(rows, lambda sheet: [sheet.merge_cells(area) for area in ("A2:A3", "C2:C3")])
    assert table(xlsx(data)).cells[1:] == (("North", "Ulm", "5"), ("North", "Kiel", ""), ("South", "Bonn", "1"))


def test_merged_titles_side_by_side_do_not_join_tables() -> None:
    """Each title is the caption of the table below it."""
    rows: list[list[object]] = [
        ["Wheat", None, None, "Rye"],
        ["year", "t", None, "year", "t"],
        ["2023", 5, None, "2023", 7],
    ]
    data = workbook_of(rows, lambda sheet: [sheet.merge_cells(area) for area in ("A1:B1", "D1:E1")])
    assert [(block.text, block.first_column, block.cells[1:]) for block in xlsx(data).blocks] == [
        ("Wheat", None, ()),
        ("", 1, (("2023", "5"),)),
        ("Rye", None, ()),
        ("", 4, (("2023", "7"),)),
    ]


def test_merged_box_of_text_is_read_once() -> None:
    """A note over many cells is one paragraph."""
    note = "These figures were collected by hand in every district, and later checked by two readers."
    data = workbook_of([["a", "b"], ["x", 1], [], [note]], lambda sheet: sheet.merge_cells("A4:F9"))
    assert [block.text for block in xlsx(data).blocks] == ["", note]


@pytest.mark.parametrize("reference", ["A1:XFD1048576", "B2:A1", "A0:", "A1", "AAAA1:AAAB2", ""])
def test_merged_ranges_that_make_no_sense_are_passed_over(reference: str) -> None:
    """Ranges as wide as the sheet, upside down or malformed are none."""
    xml = f'<mergeCells><mergeCell ref="{reference}"/><x:mergeCell ref="$A$2:B3"/></mergeCells><row r="x" hidden="1"/>'
    with zipfile.ZipFile(io.BytesIO(documents.zip_of({"sheet.xml": xml}))) as package:
        layout = read_layout(package, "sheet.xml", lambda: None)
    assert layout == Layout(merged=(Range(top=2, bottom=3, left=1, right=2),))


def test_merged_range_over_all_rows_fills_those_that_are_there() -> None:
    """A column merged to the end of the sheet costs nothing and names each row."""
    rows: list[list[object]] = [["area", "ships"], ["North", 1], [None, 2]]
    data = workbook_of(rows, lambda sheet: sheet.merge_cells("A2:A1048576"))
    assert table(xlsx(data)).cells[1:] == (("North", "1"), ("North", "2"))


def test_hidden_sheets_rows_and_columns_are_left_out() -> None:
    """What a reader of the sheet does not see is not read, and a note says so; rows keep their numbers."""

    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True
        assert sheet.parent is not None
        secret = sheet.parent.create_sheet("Margins")
        secret.append(["secret", 5])
        secret.sheet_state = "veryHidden"

    document = xlsx(workbook_of([["town", "cost", "price"], ["Ulm", 1, 5], ["Kiel", 2, 6], ["Bonn", 3, 7]], hide))
    block = table(document)
    assert block.cells == (("town", "price"), ("Ulm", "5"), ("Bonn", "7"))
    assert (block.row_numbers, block.first_column) == ((1, 2, 4), None)
    assert document.notes == (
        "The hidden sheet “Margins” was left out.",
        "Hidden rows and columns of the sheet “Data” were left out.",
    )


def test_workbook_of_nothing_but_hidden_cells_is_empty() -> None:
    """Nothing to be seen is nothing to read."""
    data = workbook_of([["a", 1], ["b", 2]], lambda sheet: sheet.column_dimensions.group("A", "B", hidden=True))
    with pytest.raises(ReadError) as caught:
        xlsx(data)
    assert caught.value.reason == "empty"


def test_text_above_a_header_is_no_part_of_the_table() -> None:
    """Lines of a preamble, also with delimiters in them, are text; the header follows."""
    document = csv("Extract of 2024; all data\nCreated;2024-01-01\nland;year;value\nA;2001;5\nB;2002;6\nC;2003;7\n")
    assert [(block.text, block.first_row, block.cells[:1]) for block in document.blocks] == [
        ("Extract of 2024 all data", None, ()),
        ("Created 2024-01-01", None, ()),
        ("", 3, (("land", "year", "value"),)),
    ]


def test_remark_below_a_table_is_no_row() -> None:
    """A lone last cell that names a source or is long is text; a short label stays a row."""
    document = csv("town,ships\nUlm,5\nKiel,7\nOther\nSource: port office\n")
    assert [(block.text, len(block.cells)) for block in document.blocks] == [("", 4), ("Source: port office", 0)]


def test_sheet_with_two_tables_below_one_another() -> None:
    """An empty row parts them, and each has its own header."""
    first, second = csv("a,b\n1,2\n\nc,d\n3,4\n").blocks
    assert (first.cells, second.cells, second.first_row) == ((("a", "b"), ("1", "2")), (("c", "d"), ("3", "4")), 4)


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        ("'name','v'\n'x, y','1'\n'z','2'\n", (("name", "v"), ("x, y", "1"), ("z", "2"))),
        ('name,says\nx,"he \\"said, so\\" then"\ny,b\n', (("name", "says"), ("x", 'he "said, so" then'), ("y", "b"))),
        ("name,says\nx,it's\ny,'tis\n", (("name", "says"), ("x", "it's"), ("y", "'tis"))),
        ('"sep=|"\nname|v\nx|1,5;2\n', (("name", "v"), ("x", "1,5;2"))),
        ('a;b\n"1;5";2,5\n"2;7";3,5\n', (("a", "b"), ("1;5", "2,5"), ("2;7", "3,5"))),
    ],
    ids=["single-quotes", "backslashes", "apostrophes", "declared", "delimiter-in-quotes"],
)
def test_csv_quotes_are_detected(content: str, cells: tuple[tuple[str, ...], ...]) -> None:
    """Single quotes and backslashes are read as quotes only where they are."""
    assert table(csv(content)).cells == cells


def test_csv_header_one_short_is_aligned_where_rows_are_numbered() -> None:
    """Statistics programs leave out the name of the row numbers; with anything else no name is trusted."""
    block = table(csv("x y\n1 5 9\n2 6 8\n3 7 7\n".replace(" ", "\t")))
    assert (block.header, block.cells[0]) == (True, ("", "x", "y"))
    assert not table(csv("x,y\nUlm,5,9\nKiel,6,8\nBonn,7,7\n")).header


def test_csv_cells_keep_their_notation() -> None:
    """Numbers and dates stay as they were written; only the profile reads them."""
    assert table(csv("date;v\n31.12.2024;1.234,5\n")).cells[1] == ("31.12.2024", "1.234,5")


def test_csv_of_two_hundred_thousand_rows_is_read_in_time() -> None:
    """A large file is read and profiled well before a reader's deadline of 8 s, and every row counts."""
    days = (f"{1900 + n // 400}-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(200_000))
    lines = ["day;town;rain", *(f"{day};T{n % 9};{n % 977},{n % 10}" for n, day in enumerate(days))]
    begun = time_module.process_time()
    document = profiled_csv("\n".join(lines))
    spent = time_module.process_time() - begun
    print(f"200,000 rows: {spent:.2f} s of CPU time")  # noqa: T201 -- a figure for the log
    profile = profile_of(document)
    assert (profile.rows, profile.last_row) == (200_000, 200_001)
    assert profile.columns[2].spread is not None
    assert profile.columns[2].spread.mean.count == 200_000
    assert spent < 8
