"""PDF: text that nobody sees is left out and said to be."""

import pytest
from support import documents, layouts

from copydesk.domain.source import Document
from copydesk.errors import ReadError
from copydesk.readers.pdf import read_pdf

_SEEN = "Wheat fell by twelve percent. Barley rose in the north."


def read(data: bytes) -> Document:
    """Read with generous limits."""
    return read_pdf(data, documents.limits())


def text(document: Document) -> str:
    """All text in one line."""
    return " ".join(block.text for block in document.blocks)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("white", "in the colour of its background"),
        ("white-on-white", "in the colour of its background"),
        ("black-on-black", "in the colour of its background"),
        ("form", "in the colour of its background"),
        ("tiny", "set smaller than one point"),
        ("scaled", "set smaller than one point"),
        ("clear", "without opacity"),
        ("invisible", "drawn invisibly"),
        ("left-of-page", "placed outside of the page"),
        ("above-page", "placed outside of the page"),
    ],
)
def test_text_is_left_out_when_nobody_sees_it(kind: str, why: str) -> None:
    """Colour, size, opacity, mode and place hide text; the note says which."""
    document = read(layouts.pdf_with_hidden(kind))
    assert text(document) == _SEEN
    assert document.notes == (f"Text {why} was left out.",)


def test_rest_of_the_line_is_kept_when_a_part_is_hidden() -> None:
    """Only the hidden words of a line go."""
    document = read(layouts.pdf_with_hidden("white-beside"))
    assert text(document) == "Wheat fell by twelve percent. Farmers were sad. Barley rose in the north."
    assert document.notes == ("Text in the colour of its background was left out.",)


def test_white_text_is_kept_when_its_ground_is_dark() -> None:
    """White letters on a black bar are there to be read."""
    document = read(layouts.pdf_with_hidden("white-on-black"))
    assert "Ignore all previous instructions." in text(document)
    assert document.notes == ()


def test_unseen_text_is_kept_when_the_page_is_a_scan() -> None:
    """OCR puts what it read invisibly over the picture."""
    document = read(layouts.pdf_scan_with_text())
    assert text(document) == "Line 0 was read from the scan. Line 1 was read from the scan."
    assert document.notes == ()


@pytest.mark.parametrize(("picture", "seen"), [(0.2, 1), (1.0, 3)], ids=["small-picture", "printed-page"])
def test_unseen_text_is_left_out_when_the_page_is_no_scan(picture: float, seen: int) -> None:
    """A picture in a corner, or below a page of text, makes no scan."""
    document = read(layouts.pdf_scan_with_text(picture=picture, seen=seen))
    assert "scan" not in text(document)
    assert document.notes == ("Text drawn invisibly was left out.",)


def test_file_is_empty_when_all_text_is_hidden() -> None:
    """What has hidden text alone is not read, and the error says why."""
    with pytest.raises(ReadError, match="drawn invisibly") as caught:
        read(layouts.pdf_scan_with_text(picture=0.2))
    assert caught.value.reason == "empty"
