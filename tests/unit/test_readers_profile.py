# ruff: noqa: RUF001 -- signs and spaces as people write numbers, not look-alikes by mistake
"""Profiles of tables: notations, kinds of columns, and rows that are no data."""

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from support.cutting import a_table
from support.documents import limits
from support.sheets import profile_of, profiled_csv, profiled_xlsx, said_of, workbook_of

from copydesk.domain.profile import Column, ColumnKind, column_letter
from copydesk.domain.source import Document
from copydesk.readers.frames import AnswerParser, encode_document
from copydesk.readers.profile import with_profiles


def column(header: str, cells: list[str], *, language: str | None = None, beside: list[str] | None = None) -> Column:
    """The profile of one column, read in a table that has another one beside."""
    rows = [
        [header, "Beside"],
        *([cell, other] for cell, other in zip(cells, beside or ["x"] * len(cells), strict=True)),
    ]
    bare = a_table(rows).blocks[0]
    document = Document(blocks=(replace(bare, profile=None),), language=language)
    return profile_of(with_profiles(document, limits())).columns[0]


def ends(found: Column) -> tuple[Decimal, Decimal]:
    """Lowest and highest value."""
    assert found.spread is not None
    return found.spread.lowest.value, found.spread.highest.value


def pair(low: float, high: float) -> tuple[Decimal, Decimal]:
    """Two numbers that are exact as they stand here."""
    return Decimal(str(low)), Decimal(str(high))


@pytest.mark.parametrize(
    ("header", "cells", "kind", "unit"),
    [
        ("Price", ["$1,200.50", "$900", "$1,000"], ColumnKind.NUMBER, "$"),
        ("Share", ["12.5%", "13%", "-"], ColumnKind.NUMBER, "%"),
        ("Preis (EUR)", ["1.200,50", "900,25", "1.000"], ColumnKind.NUMBER, "EUR"),
        ("Anteil", ["1,5", "2,25", "3"], ColumnKind.NUMBER, ""),
        ("Year", ["1999", "2000", "2001"], ColumnKind.YEAR, ""),
        ("Units sold", ["1999", "2000", "2001"], ColumnKind.NUMBER, ""),
        ("Decade", ["1960s", "1970s", "1980s"], ColumnKind.YEAR, ""),
        ("Date", ["2020-01-01T00:00:00", "2020/02/01", "Mar 1 2020"], ColumnKind.DATE, ""),
        ("Date", ["2020-02-30", "2020-13-01", "soon"], ColumnKind.LABEL, ""),
        ("zip_code", ["10115", "20095", "80331"], ColumnKind.OTHER, ""),
        ("Number", ["007", "012", "100"], ColumnKind.OTHER, ""),
        ("Row", ["1", "2", "3"], ColumnKind.OTHER, ""),
        ("Flag", ["0", "1", "0"], ColumnKind.OTHER, ""),
        ("Same", ["5", "5", "5"], ColumnKind.OTHER, ""),
        ("Size (10³)", ["1", "5", "3"], ColumnKind.OTHER, ""),
        ("Mixed", ["1", "5", "many"], ColumnKind.OTHER, ""),
        ("Money", ["$5", "€7", "$9"], ColumnKind.LABEL, ""),
        ("Part", ["5%", "7", "9%"], ColumnKind.LABEL, ""),
        ("Name", ["Ann", "Bob", "Cleo"], ColumnKind.LABEL, ""),
        ("Nothing", ["", "NA", "-"], ColumnKind.OTHER, ""),
        ("Huge", ["1E+100", "2E+90", "3E+300"], ColumnKind.LABEL, ""),
        ("Versions", ["1.2.3", "1.2.4", "2.0.0"], ColumnKind.LABEL, ""),
    ],
)
def test_column_kind(header: str, cells: list[str], kind: ColumnKind, unit: str) -> None:
    """Columns are told apart by their cells and names."""
    found = column(header, cells)
    assert found.kind is kind
    assert kind is ColumnKind.OTHER or found.unit == unit


@pytest.mark.parametrize(
    ("cells", "low", "high"),
    [
        (["1,200.50", "900", "1,000"], "900", "1200.5"),
        (["1.234,56", "7", "-3"], "-3", "1234.56"),
        (["1 234,56", "12,5", "1 000"], "12.5", "1234.56"),
        (["1'234.56", "3"], "3", "1234.56"),
        (["1’234’567", "3"], "3", "1234567"),
        (["12,5 %", "13 %"], "12.5", "13"),
        (["(1,234)", "5", "1,234,567"], "-1234", "1234567"),
        (["€ 1.200", "€ 900"], "900", "1200"),
        (["1.200 EUR", "15 EUR"], "15", "1200"),
        (["1.234", "0.5"], "0.5", "1.234"),
        (["1.234", "56789"], "1.234", "56789"),
        (["1.234.567", "1.234"], "1234", "1234567"),
        (["1.5e-3", "2"], "0.0015", "2"),
        (["−2", "+3"], "-2", "3"),
        ([".5", "1.25"], "0.5", "1.25"),
    ],
)
def test_numbers_are_read_in_their_columns_notation(cells: list[str], low: str, high: str) -> None:
    """What a column's cells have in common decides between thousands and decimals."""
    assert ends(column("Value", cells)) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    "cells",
    [["1.234", "2.345"], ["1,234", "2,345"], ["1.234", "2,345"], ["12.345", "1500", "1.200"], ["1,234", "900", "1234"]],
)
def test_numbers_stay_text_when_they_can_be_read_in_two_ways(cells: list[str]) -> None:
    """Without proof nothing is guessed: the column is no measure."""
    found = column("Value", cells)
    assert found.kind is ColumnKind.OTHER
    assert found.spread is None


def test_numbers_are_grouped_by_spaces_that_do_not_break() -> None:
    """A file's narrow and no-break spaces group digits as plain ones do."""
    found = profile_of(profiled_csv("town;people\nUlm;1\u202f234,5\nKiel;2\u00a0345\nBonn;7\n")).columns[1]
    assert ends(found) == pair(7, 2345)


def test_numbers_are_read_as_another_column_proves() -> None:
    """One column with a decimal comma decides for the whole file; two that contradict decide nothing."""
    assert ends(column("Value", ["1.234", "2.345"], beside=["0,5", "1,75"])) == pair(1234, 2345)
    assert ends(column("Value", ["1.234", "2.345"], beside=["0.5", "1.75"])) == (Decimal("1.234"), Decimal("2.345"))
    csv = profiled_csv("a;b;c\n1.234;0,5;0.5\n2.345;1,7;1.7\n3.456;2,9;2.5\n")
    assert [found.kind for found in profile_of(csv).columns] == [ColumnKind.OTHER, ColumnKind.NUMBER, ColumnKind.NUMBER]


def test_numbers_are_read_as_the_declared_language_writes_them() -> None:
    """A page that says it is German has decimal commas; Spanish has both, so nothing follows from it."""
    assert ends(column("Value", ["1.234", "2.345"], language="de")) == pair(1234, 2345)
    assert ends(column("Value", ["1.234", "2.345"], language="en-GB")) == (Decimal("1.234"), Decimal("2.345"))
    assert column("Value", ["1.234", "2.345"], language="es").kind is ColumnKind.OTHER


@pytest.mark.parametrize(
    ("cells", "first", "last"),
    [
        (["31.12.2025", "1.2.2025"], date(2025, 2, 1), date(2025, 12, 31)),
        (["12/31/2025", "1/2/2025"], date(2025, 1, 2), date(2025, 12, 31)),
        (["31/12/2025", "1/2/2025"], date(2025, 2, 1), date(2025, 12, 31)),
        (["31-12-2025", "1-2-2025"], date(2025, 2, 1), date(2025, 12, 31)),
        (["03/2020", "11/2019"], date(2019, 11, 1), date(2020, 3, 1)),
        (["3. März 2020", "1. Mai 2019"], date(2019, 5, 1), date(2020, 3, 3)),
        (["3 de marzo de 2020", "1 août 2019"], date(2019, 8, 1), date(2020, 3, 3)),
        (["2020-05", "2021-06"], date(2020, 5, 1), date(2021, 6, 1)),
    ],
)
def test_dates_are_read_in_their_columns_order(cells: list[str], first: date, last: date) -> None:
    """A day beyond the twelfth in one cell decides for all of them."""
    found = column("Date", cells)
    assert (found.kind, found.first, found.last) == (ColumnKind.DATE, first, last)


@pytest.mark.parametrize("cells", [["1/2/2025", "3/4/2025"], ["31/12/2025", "12/31/2025"], ["31.12/2025", "1.2/2025"]])
def test_dates_stay_text_when_their_order_is_open(cells: list[str]) -> None:
    """Neither order proven, or both: no date is read."""
    assert column("Date", cells).kind is ColumnKind.LABEL


def test_dates_are_read_as_another_column_proves() -> None:
    """The order of one column holds for the other ones of the file."""
    found = column("Date", ["1/2/2025", "3/4/2025"], beside=["25/12/2024", "26/12/2024"])
    assert (found.first, found.last) == (date(2025, 2, 1), date(2025, 4, 3))


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("net_generation", "net generation"),
        ("temp_max", "maximum temperature"),
        ("unitPrice", "unit Price"),
        ("Rain (mm)", "Rain"),
        ("Rain [3]", "Rain"),
    ],
)
def test_names_become_readable(header: str, name: str) -> None:
    """Machine-made headers become words; units and footnote marks are taken off."""
    assert column(header, ["1", "2"]).name == name


def test_remarks_are_left_out_and_odd_numbers_spoil_a_column() -> None:
    """A word among ten numbers is no value; a number that cannot be read makes extremes unknown."""
    assert column("Rain", [*map(str, range(20, 31)), "closed"]).unread == 1
    assert column("Rain", [*map(str, range(20, 31)), "> 500"]).kind is ColumnKind.OTHER


def test_counts_of_a_column() -> None:
    """Present, missing and different values are counted."""
    found = column("Rain", ["4", "", "n/a", "4", "9"])
    assert (found.present, found.missing, found.unread, found.distinct) == (3, 2, 0, 2)


def test_row_of_units_is_no_data() -> None:
    """Units below the header go to the columns."""
    profile = profile_of(profiled_csv("month,Temp,Rain\n,[°C],mm\n2024-01,5,10\n2024-02,6,20\n2024-03,8,10\n"))
    assert [found.unit for found in profile.columns] == ["", "°C", "mm"]
    assert (profile.first_row, profile.last_row, profile.rows) == (3, 5, 3)


@pytest.mark.parametrize(
    ("lines", "totals"),
    [
        (["Ulm;5", "Bonn;7", "Total;12"], (4,)),
        (["Ulm;5", "Bonn;7", "Insgesamt:;13"], (4,)),
        (["Total;12", "Ulm;5", "Bonn;7"], (2,)),
        (["Ulm;5", "Bonn;7", "Total;12", "Average;6"], (4, 5)),
        (["Ulm;5", "Bonn;7", ";12"], (4,)),
        (["Ulm;5", "Bonn;7", "Total 2024;12"], (4,)),
        (["Ulm;5", "Bonn;7", "TotalEnergies;13"], ()),
        (["Ulm;5", "Bonn;7", ";13"], ()),
        (["Ulm;5", "Bonn;7", "Subtotal;12", "Köln;1", "Essen;2", "Subtotal;3", "Total;15"], (4, 7, 8)),
        (["partial;5", "total;7", "partial;9", "total;3", "annular;1"], ()),
        (["m;5", "f;7", "total;12", "m;9", "f;3", "total;12"], (4, 7)),
    ],
)
def test_totals_are_no_data(lines: list[str], totals: tuple[int, ...]) -> None:
    """Rows that sum up others are left out, by name at the ends and by their numbers elsewhere."""
    profile = profile_of(profiled_csv("\n".join(["town;ships", *lines]) + "\n"))
    assert profile.totals == totals
    assert profile.rows == len(lines) - len(totals)


def test_totals_do_not_count_in_a_mean() -> None:
    """The mean is that of the rows, and says that totals stand aside."""
    document = profiled_csv("month,ships\n2024-01,5\n2024-02,9\n2024-03,4\nTotal,18\n")
    (spread,) = [found.spread for found in profile_of(document).columns if found.spread is not None]
    assert (int(spread.mean.total), spread.mean.count, int(spread.highest.value)) == (18, 3, 9)
    assert "The mean of ships over all 3 rows with a value, rows of totals aside, is 6." in said_of(document)


def test_ragged_rows_are_left_out_when_they_are_longer_than_the_header() -> None:
    """A cell too many shifts the others; shorter rows only miss values."""
    profile = profile_of(profiled_csv("name,ships,boats\na,5,6\nb,7\nc,1,5,9\nd,8,2\n"))
    assert (profile.ragged, profile.rows) == ((4,), 3)
    assert [(found.present, found.missing) for found in profile.columns[1:3]] == [(3, 0), (2, 1)]


def test_columns_of_one_name_are_not_told() -> None:
    """Two columns of one name cannot be told apart in a sentence."""
    document = profiled_csv("town,ships,ships,boats\nUlm,1,5,2\nBonn,2,6,3\nKiel,3,9,5\n")
    assert [found.position for found in profile_of(document).columns] == [1, 2, 3, 4]
    sentences = said_of(document)
    assert sentences
    assert not [sentence for sentence in sentences if "ships" in sentence.lower()]


def test_columns_without_name_are_not_told() -> None:
    """A column that has no name is counted and not told."""
    document = profiled_csv("town,,,boats\nUlm,1,5,2\nBonn,2,6,3\nKiel,4,9,5\n")
    assert [found.header for found in profile_of(document).columns] == ["town", "", "", "boats"]
    assert all("boats" in sentence.lower() or "table" in sentence for sentence in said_of(document))


def test_empty_column_has_no_values() -> None:
    """A name over nothing is a column of nothing."""
    found = profile_of(profiled_csv("town,gap,boats\nUlm,,2\nBonn,,3\nKiel,,5\n")).columns[1]
    assert (found.kind, found.present, found.missing) == (ColumnKind.OTHER, 0, 3)


def test_table_of_one_row_has_a_profile_and_says_nothing() -> None:
    """One row is counted; a sentence on it would say nothing."""
    document = profiled_csv("town,boats\nUlm,2\n")
    assert profile_of(document).rows == 1
    assert said_of(document) == []


def test_columns_named_by_years_are_one_measure_over_time() -> None:
    """Rows are followed over the years that name the columns, and compared in the last one."""
    document = profiled_csv("Country,2000,2010,2020\nPeru,1,2,4\nChile,5,4,3\nBolivia,7,8,9\n")
    profile = profile_of(document)
    assert profile.years == (1, 2, 3)
    assert [
        (trend.label, int(trend.first.value), int(trend.last.value), trend.last.row) for trend in profile.trends
    ] == [
        ("Peru", 1, 4, 2),
        ("Chile", 5, 3, 3),
        ("Bolivia", 7, 9, 4),
    ]
    assert said_of(document, title="goats.csv") == [
        "The table “goats” has 3 rows.",
        "Goats in 2020 is highest for Bolivia, at 9, and lowest for Chile, at 3.",
        "For Peru, goats rose from 1 in 2000 to 4 in 2020, an increase of 3, or 300 percent.",
        "For Chile, goats fell from 5 in 2000 to 3 in 2020, a decrease of 2, or 40 percent.",
        "For Bolivia, goats rose from 7 in 2000 to 9 in 2020, an increase of 2, or 28.6 percent.",
    ]


def test_tables_with_the_same_measure_are_named_in_each_sentence() -> None:
    """Two tables of one sheet are told apart by their captions."""
    rows: list[list[object]] = [["month", "revenue"], ["2023-01", 5], ["2023-02", 6], ["2023-03", 9]]
    document = profiled_xlsx(workbook_of([["Sales in Ulm"], *rows, [], ["Sales in Kiel"], *rows]))
    sentences = said_of(document)
    assert len([sentence for sentence in sentences if "Revenue in “Sales in Ulm” rose" in sentence]) == 1
    assert len([sentence for sentence in sentences if "Revenue in “Sales in Kiel” rose" in sentence]) == 1
    assert "„revenue“ in „Sales in Kiel“" in " ".join(said_of(document, "de"))


def test_numbers_of_a_workbook_are_not_taken_for_thousands() -> None:
    """Cells that are stored as numbers have decimal points; texts among them make a column doubtful."""
    rows: list[list[object]] = [["town", "ratio"], ["Ulm", 1.234], ["Bonn", 2.345], ["Kiel", 3.456]]
    assert ends(profile_of(profiled_xlsx(workbook_of(rows))).columns[1]) == (Decimal("1.234"), Decimal("3.456"))
    texts: list[list[object]] = [*rows[:3], ["Kiel", "3.456"]]
    assert profile_of(profiled_xlsx(workbook_of(texts))).columns[1].kind is ColumnKind.OTHER


def test_profile_travels_with_its_document() -> None:
    """What a reader process sends arrives equal, numbers exact."""
    document = profiled_csv('date,town,rain (mm)\n31.12.2024,Ulm,"1.234,5"\n1.1.2025,Kiel,"7,25"\n2.1.2025,Bonn,3\n')
    assert AnswerParser().parse(encode_document(document)) == document
    assert profile_of(document).trends


def test_tables_after_the_deadline_have_no_profile() -> None:
    """Time that is up leaves tables without profile, and a note says so."""
    bare = Document(blocks=tuple(replace(a_table([["a", "b"], ["x", "1"]]).blocks[0], profile=None) for _ in range(3)))
    late = replace(limits(), deadline=time.monotonic() - 1)
    document = with_profiles(bare, late)
    assert all(block.profile is None for block in document.blocks)
    assert document.notes == (
        "The figures of only some of its tables were computed, because all of them take too long.",
    )


@pytest.mark.parametrize(("position", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (703, "AAA")])
def test_column_letter(position: int, letters: str) -> None:
    """Columns are lettered as spreadsheets do."""
    assert column_letter(position) == letters
