"""An independent reading of workbooks: the raw XML of their visible sheets, rows and columns.

Formulas count by their stored results, error values not at all, numbers by value. A number whose
format is a date's or a time's is the ISO date, time or both that it stands for.
"""

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import reduce
from pathlib import Path

from lxml import etree
from reference.words import Bag, cell

_DATE_IDS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # ECMA-376 part 1, 18.8.30
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]')  # parts of a format that show as they are
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 -- workbooks know no zone
_TRUE = {"1", "true"}
_FALSE_LEAP_DAY = 60  # the serial of 29 February 1900, which the 1900 system counts although it never was


def xlsx_words(path: Path) -> Bag:
    """The words of all cells of the visible sheets."""
    bag: Bag = Counter()
    with zipfile.ZipFile(path) as archive:
        book = _part(archive, "xl/workbook.xml")
        epoch = any(element.get("date1904") in _TRUE for element in book.iter("{*}workbookPr"))
        shared, dated = _shared(archive), _date_styles(archive)
        for name in _sheets(archive, book):
            for element in _cells(_part(archive, name)):
                bag.update(cell(_text(element, shared, dated, date1904=epoch)))
    return bag


def _part(archive: zipfile.ZipFile, name: str) -> etree._Element:
    names = {known.lower(): known for known in archive.namelist()}
    return etree.fromstring(archive.read(names[name.lower()]))


def _sheets(archive: zipfile.ZipFile, book: etree._Element) -> list[str]:
    """Paths of the worksheets that are not hidden."""
    links = {
        link.get("Id"): link
        for link in _part(archive, "xl/_rels/workbook.xml.rels")
        if link.get("Type", "").endswith("/worksheet")
    }
    found = list[str]()
    for sheet in book.iter("{*}sheet"):
        key = next((text for name, text in sheet.attrib.items() if str(name).endswith("}id")), None)
        if key in links and sheet.get("state", "visible") == "visible":
            found.append(posixpath.normpath(posixpath.join("/xl", links[key].get("Target", "")))[1:])
    return found


def _cells(sheet: etree._Element) -> Iterator[etree._Element]:
    """The cells that are not in a hidden row or column."""
    hidden = {
        column
        for columns in sheet.iter("{*}col")
        if columns.get("hidden") in _TRUE
        for column in range(int(columns.get("min", "0")), int(columns.get("max", "0")) + 1)
    }
    for row in sheet.iter("{*}row"):
        column = 0
        for element in row.iterfind("{*}c"):
            letters = element.get("r", "").rstrip("0123456789")
            column = _column(letters) if letters else column + 1
            if column not in hidden and row.get("hidden") not in _TRUE:
                yield element


def _column(letters: str) -> int:
    """1 for A, 27 for AA."""
    return reduce(lambda column, letter: 26 * column + ord(letter) - ord("A") + 1, letters, 0)


def _shared(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedstrings.xml" not in {name.lower() for name in archive.namelist()}:
        return []
    return [_string(item) for item in _part(archive, "xl/sharedStrings.xml").iterfind("{*}si")]


def _string(item: etree._Element) -> str:
    """The text of a string; not its phonetic runs."""
    texts = [t for t in item.iter("{*}t") if not any(etree.QName(up).localname == "rPh" for up in t.iterancestors())]
    return "".join(t.text or "" for t in texts)


def _date_styles(archive: zipfile.ZipFile) -> set[int]:
    """The cell styles, by index, that show a date or a time."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    styles = _part(archive, "xl/styles.xml")
    dates = set(_DATE_IDS)
    for number_format in styles.iter("{*}numFmt"):
        number = int(number_format.get("numFmtId", "0"))
        code = _QUOTED.sub("", number_format.get("formatCode", "")).split(";")[0]
        (dates.add if re.search("[ymdhs]", code, re.IGNORECASE) and "general" not in code.lower() else dates.discard)(
            number
        )
    formats = styles.find("{*}cellXfs")
    return {n for n, xf in enumerate([] if formats is None else formats) if int(xf.get("numFmtId", "0")) in dates}


def _text(element: etree._Element, shared: list[str], dated: set[int], *, date1904: bool) -> str:
    stored = element.findtext("{*}v") or ""
    match element.get("t", "n"):
        case "s":
            return shared[int(stored)]
        case "inlineStr":
            inline = element.find("{*}is")
            return "" if inline is None else _string(inline)
        case "b":
            return "TRUE" if stored.strip() == "1" else "FALSE"
        case "e":
            return ""
        case "n" if stored.strip() and int(element.get("s", "0")) in dated:
            return moment(float(stored), date1904=date1904)
        case _:
            return stored


def moment(serial: float, *, date1904: bool) -> str:
    """The ISO date, time or both of a serial number; what no calendar has stays a number."""
    if serial < 0:
        return f"{serial}"
    if not date1904 and 1 <= serial < _FALSE_LEAP_DAY:
        serial += 1
    try:
        when = _EPOCHS[date1904] + timedelta(milliseconds=round(serial * 86_400_000))
    except OverflowError:
        return f"{serial}"
    when = (when + timedelta(milliseconds=500)).replace(microsecond=0)
    if serial < 1:
        return when.time().isoformat()
    return when.date().isoformat() if when.time() == datetime.min.time() else when.isoformat()
