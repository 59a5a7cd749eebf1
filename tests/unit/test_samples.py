"""The checked-in samples: made by the script from their sources, small, licensed, and true to their data."""

import csv
import hashlib
import io
import math
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pypdfium2
import pytest

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
SOURCES = SAMPLES / "sources"
FILES = (
    "keeling-curve-history.pdf",
    "carbon-cycle.docx",
    "reading-the-record.txt",
    "mauna-loa-monthly-carbon-dioxide.csv",
    "carbon-dioxide-and-temperature.xlsx",
)
SIZE_LIMIT = 300_000  # bytes, of the files together


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files as the script makes them now."""
    folder = tmp_path_factory.mktemp("samples")
    script = [sys.executable, str(ROOT / "scripts" / "make_samples.py"), str(folder)]
    subprocess.run(script, check=True, capture_output=True, timeout=60)
    return folder


def pdf_content(path: Path) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(path)
    try:
        return [document.get_page(number).get_textpage().get_text_bounded() for number in range(len(document))]
    finally:
        document.close()


def docx_content(path: Path) -> list[Any]:
    """Styles and texts of the paragraphs, cells of the tables, and the footnotes."""
    document = docx.Document(str(path))
    with zipfile.ZipFile(path) as archive:
        notes = archive.read("word/footnotes.xml")
    return [
        [(getattr(paragraph.style, "name", None), paragraph.text) for paragraph in document.paragraphs],
        [[cell.text for cell in row.cells] for table in document.tables for row in table.rows],
        notes,
    ]


def xlsx_content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each sheet."""
    book = openpyxl.load_workbook(path)
    try:
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    finally:
        book.close()


CONTENT: dict[str, Callable[[Path], Any]] = {
    ".pdf": pdf_content,
    ".docx": docx_content,
    ".xlsx": xlsx_content,
    ".csv": Path.read_bytes,
    ".txt": Path.read_bytes,
}


def yearly_means() -> dict[int, float]:
    """Year to the mean of its seasonally adjusted months (ppm), straight from the source data."""
    months: dict[int, list[Fraction]] = {}
    for row in csv.DictReader(io.StringIO((SOURCES / "co2-concentration.csv").read_text(encoding="utf-8"))):
        months.setdefault(int(row["Date"][:4]), []).append(Fraction(row["adjusted CO2"]))
    return {year: math.floor(sum(values) / len(values) * 100 + Fraction(1, 2)) / 100 for year, values in months.items()}


def sentences(text: str) -> set[str]:
    """The sentences of a text, roughly; short pieces such as headings left out."""
    return {piece.strip() for piece in re.split(r"(?<=[.?!])\s+", text) if len(piece.split()) > 5}


@pytest.mark.parametrize("name", FILES)
def test_checked_in_file_equals_what_the_script_makes(name: str, made: Path) -> None:
    """Nobody edits a sample by hand: its content is that of its sources."""
    content = CONTENT[Path(name).suffix]
    assert content(SAMPLES / name) == content(made / name)


def test_script_makes_same_bytes_when_run_again(made: Path, tmp_path: Path) -> None:
    """The formats hold no time of day, so a second run changes nothing."""
    script = [sys.executable, str(ROOT / "scripts" / "make_samples.py"), str(tmp_path)]
    subprocess.run(script, check=True, capture_output=True, timeout=60)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {p.name: p.read_bytes() for p in made.iterdir()}


def test_brief_names_every_file_and_a_valid_range() -> None:
    """The brief can be posted as it is: its files exist and its limits are the contract's."""
    brief = tomllib.loads((SAMPLES / "brief.toml").read_text(encoding="utf-8"))
    assert sorted(brief["files"]) == sorted(FILES)
    assert all((SAMPLES / name).is_file() for name in brief["files"])
    assert 1 <= len(brief["prompt"]) <= 1_000
    assert brief["prompt"] == brief["prompt"].strip()
    assert 1 <= len(brief["keywords"]) <= 10
    assert 100 <= brief["min_words"] <= brief["max_words"] <= 10_000
    assert brief["language"] == "en"


def test_samples_are_small() -> None:
    """A clone stays light."""
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < SIZE_LIMIT


@pytest.mark.parametrize("name", FILES)
def test_licences_name_every_file(name: str) -> None:
    """Every sample has its licence and origin beside it."""
    assert f"`{name}`" in (SAMPLES / "LICENSES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["co2-concentration.csv", "global-temp.csv"])
def test_source_data_have_the_digest_in_the_licences(name: str) -> None:
    """The data are the very files whose origin is stated."""
    digest = hashlib.sha256((SOURCES / name).read_bytes()).hexdigest()
    assert digest in (SAMPLES / "LICENSES.md").read_text(encoding="utf-8")


def test_csv_holds_the_source_values_from_1990_on() -> None:
    """The CSV is a cut of the record, not a change of it."""
    source = list(csv.reader(io.StringIO((SOURCES / "co2-concentration.csv").read_text(encoding="utf-8"))))[1:]
    text = (SAMPLES / "mauna-loa-monthly-carbon-dioxide.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))[1:]
    assert rows == [row for row in source if row[0] >= "1990"]
    assert len(rows) == 364


def test_yearly_sheet_holds_means_dates_and_anomalies() -> None:
    """Every complete year stands in the sheet once, its peak month as a date."""
    header, *rows = xlsx_content(SAMPLES / "carbon-dioxide-and-temperature.xlsx")["Yearly means"]
    means = yearly_means()
    assert header[0] == "Year"
    assert [row[0] for row in rows] == list(range(1959, 2020))
    assert all(row[1] == means[row[0]] for row in rows)
    assert all(isinstance(row[3], datetime) and row[3].year == row[0] for row in rows)
    assert rows[-1] == (2019, 411.49, 414.83, datetime(2019, 5, 1), 0.98)  # noqa: DTZ001 - as openpyxl reads dates


def test_decade_sheet_is_computed_from_the_years() -> None:
    """A decade's rise per year spans exactly ten years."""
    rows = xlsx_content(SAMPLES / "carbon-dioxide-and-temperature.xlsx")["Decade means"][1:]
    means = yearly_means()
    assert [row[0] for row in rows] == ["1960s", "1970s", "1980s", "1990s", "2000s", "2010s"]
    assert rows[-1][2] == pytest.approx((means[2019] - means[2009]) / 10, abs=0.005)
    assert rows[0][1] == pytest.approx(sum(means[year] for year in range(1960, 1970)) / 10, abs=0.005)


def test_figures_in_the_texts_agree_with_the_data() -> None:
    """The table of the history and the yearly steps in the carbon cycle are those of the record."""
    means = yearly_means()
    history = (SOURCES / "keeling-curve-history.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (\d{4}) \| ([\d.]+) \|", history, flags=re.MULTILINE)
    assert len(table) == 5
    assert all(float(value) == means[int(year)] for year, value in table)
    cycle = (SOURCES / "carbon-cycle.md").read_text(encoding="utf-8")
    steps = re.findall(r"by (?:only )?([\d.]+) ppm from (\d{4}) to (\d{4})", cycle)
    assert len(steps) == 3
    assert all(float(step) == round(means[int(end)] - means[int(start)], 1) for step, start, end in steps)


def test_round_figures_were_passed_when_the_history_says() -> None:
    """1988 and 2015 are the first yearly means above 350 and 400 ppm, April 2014 the first month above 400."""
    means = yearly_means()
    assert min(year for year, mean in means.items() if mean > 350) == 1988
    assert min(year for year, mean in means.items() if mean > 400) == 2015
    rows = csv.DictReader(io.StringIO((SOURCES / "co2-concentration.csv").read_text(encoding="utf-8")))
    assert next(date.fromisoformat(row["Date"]) for row in rows if float(row["CO2"]) > 400) == date(2014, 4, 1)


def test_texts_do_not_repeat_one_another() -> None:
    """The three texts are complementary: no sentence stands in two of them."""
    names = ("keeling-curve-history.md", "carbon-cycle.md", "reading-the-record.txt")
    found = [sentences((SOURCES / name).read_text(encoding="utf-8")) for name in names]
    assert all(len(part) > 25 for part in found)
    assert not found[0] & found[1] | found[0] & found[2] | found[1] & found[2]


def test_pdf_has_head_and_number_on_every_page() -> None:
    """Readers must cope with page furniture, so the sample has it."""
    pages = pdf_content(SAMPLES / "keeling-curve-history.pdf")
    assert len(pages) == 3
    for number, text in enumerate(pages, start=1):
        assert text.startswith("The Keeling Curve: A History of the Measurement")
        assert re.search(rf"^{number}\s*$", text, flags=re.MULTILINE)


def test_docx_has_three_heading_levels_a_list_a_table_and_a_footnote() -> None:
    """The DOCX exercises the structures that a reader must know."""
    paragraphs, cells, notes = docx_content(SAMPLES / "carbon-cycle.docx")
    assert {"Heading 1", "Heading 2", "Heading 3", "List Bullet", "Normal"} == {style for style, _ in paragraphs}
    assert cells[0] == ["Destination", "Approximate share of emissions", "How the share is measured"]
    assert b"Cement is made from limestone" in notes
    body = zipfile.ZipFile(SAMPLES / "carbon-cycle.docx").read("word/document.xml")
    assert body.count(b"<w:footnoteReference ") == 1
