"""The measure of bench/corpus.py: it must not flatter."""

import zipfile
from collections import Counter
from pathlib import Path

import pytest
from reference.pages import docx_xml_text, text_words, without_heads
from reference.sheets import moment, xlsx_words
from reference.words import cell, recall, value, words

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
P = "http://schemas.openxmlformats.org/package/2006/relationships"


def archive(path: Path, parts: dict[str, str]) -> Path:
    """A zip archive with these parts."""
    with zipfile.ZipFile(path, "w") as target:
        for name, text in parts.items():
            target.writestr(name, text)
    return path


def test_recall_is_one_when_texts_are_the_same() -> None:
    """Order and case do not matter."""
    assert recall(words("The rain fell. The end"), words("the END the fell rain")) == 1


def test_recall_is_half_when_half_is_missing() -> None:
    """Each occurrence counts."""
    assert recall(words("rain rain fell down"), words("rain down")) == 0.5


def test_recall_is_no_higher_when_the_reading_says_more() -> None:
    """What is too much, or said too often, makes up for nothing that is missing."""
    assert recall(words("rain fell"), words("rain rain rain and more")) == 0.5


def test_recall_is_zero_when_nothing_was_read() -> None:
    """An empty reading holds nothing."""
    assert recall(words("rain"), Counter()) == 0


@pytest.mark.parametrize("text", ["exam-\n  ple", "example", "exam-ple", "exam\u00adple", "EXAM\u2010\nPLE"])
def test_hyphenated_words_are_the_same_when_parted_or_whole(text: str) -> None:
    """A hyphen in a word says nothing about whether it was read."""
    assert words(text) == Counter(["example"])


def test_hyphens_part_words_when_they_stand_alone() -> None:
    """A dash between spaces and a minus join nothing."""
    assert words("rain - sun -5 a_b") == Counter(["rain", "sun", "5", "a", "b"])


def test_numbers_of_cells_are_compared_by_value() -> None:
    """Notation does not matter, value does."""
    assert value("2") == value("2.0") == value("2e0") == "2"
    assert value("0.1") == value("0.10000000000000001")
    assert value("-0.0") == value("0")
    assert cell("12.50") == cell("12.5") != cell("125")
    assert cell("12 apples") == Counter(["12", "apples"])


def test_running_heads_count_once_when_they_repeat() -> None:
    """A line at the edge of three pages is a head whatever its number; page numbers go, the body stays."""
    pages = [f"A Paper, page {n}\nbody of {word}\nsame line\n{n}" for n, word in enumerate(("one", "two", "three"), 1)]
    kept = words(without_heads("\f".join(pages)))
    assert kept["paper"] == 1
    assert kept["body"] == 3
    assert kept["three"] == 1


def test_lines_count_each_time_when_they_repeat_on_two_pages_only() -> None:
    """Two pages make no running head."""
    assert words(without_heads("Rain\nbody\nmore\fRain\nother\ntext"))["rain"] == 2


def test_numbers_of_list_items_are_no_words() -> None:
    """They are structure; numbers within lines count."""
    assert text_words("1. rain in 2 months\n(b) hail\nin 1912. Then") == words("rain in 2 months hail in 1912 then")


def test_raw_docx_text_is_without_deleted_hidden_and_doubled_text(tmp_path: Path) -> None:
    """What a reader of the accepted document sees, each paragraph on its own line."""
    body = (
        f'<w:document xmlns:w="{W}" xmlns:mc="urn:mc"><w:body><w:p><w:r><w:t>Rain</w:t><w:tab/><w:t>fell</w:t></w:r>'
        "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        "<mc:Fallback><w:r><w:t>doubled</w:t></w:r></mc:Fallback></w:p><w:p><w:r><w:t>End</w:t></w:r></w:p>"
        "</w:body></w:document>"
    )
    notes = f'<w:footnotes xmlns:w="{W}"><w:footnote><w:p><w:r><w:t>Note</w:t></w:r></w:p></w:footnote></w:footnotes>'
    path = archive(tmp_path / "a.docx", {"word/document.xml": body, "word/footnotes.xml": notes})
    assert docx_xml_text(path) == "Rain\tfell\nEnd\nNote\n"


def test_raw_sheets_are_read_when_visible(tmp_path: Path) -> None:
    """Shared and inline strings, numbers by value, dates as dates; no errors, phonetics and nothing hidden."""
    sheet = (
        f'<worksheet xmlns="{S}"><cols><col min="8" max="27" hidden="1"/></cols><sheetData><row>'
        '<c t="s"><v>0</v></c><c t="inlineStr"><is><t>inline</t></is></c><c><v>1.50</v></c><c s="1"><v>45292</v></c>'
        '<c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c r="AA1"><v>7</v></c><c><v>8</v></c></row>'
        '<row hidden="true"><c><v>9</v></c></row></sheetData></worksheet>'
    )
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}"><sheets><sheet name="A" r:id="r1"/>'
        '<sheet name="B" state="hidden" r:id="r2"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{P}">'
        f'<Relationship Id="r1" Type="{R}/worksheet" Target="worksheets/a.xml"/>'
        f'<Relationship Id="r2" Type="{R}/worksheet" Target="/xl/worksheets/b.xml"/></Relationships>',
        "xl/worksheets/a.xml": sheet,
        "xl/worksheets/b.xml": sheet.replace("inline</t>", "unseen</t>"),
        "xl/sharedStrings.xml": f'<sst xmlns="{S}"><si><r><t>sha</t></r><r><t>red</t></r>'
        "<rPh><t>x</t></rPh></si></sst>",
        "xl/styles.xml": f'<styleSheet xmlns="{S}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
        "</styleSheet>",
    }
    assert xlsx_words(archive(tmp_path / "a.xlsx", parts)) == Counter(
        ["shared", "inline", "1.5", "20240101", "true", "8"]
    )


def test_serial_numbers_become_dates() -> None:
    """Both calendars, with the day that never was; times alone, and what no calendar has."""
    assert moment(45292, date1904=False) == "2024-01-01"
    assert moment(43830, date1904=True) == "2024-01-01"
    assert moment(1, date1904=False) == "1900-01-01"
    assert moment(45292.5, date1904=False) == "2024-01-01T12:00:00"
    assert moment(0.25, date1904=False) == "06:00:00"
    assert moment(1e9, date1904=False) == "1000000000.0"
