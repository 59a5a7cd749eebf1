"""DOCX: the body in order, with its structure and notes."""

import pytest
from support import documents, hostile
from support.documents import word_paragraph

from copydesk.domain.source import BlockKind, Document
from copydesk.errors import ReadError
from copydesk.readers.docx import read_docx


def read(data: bytes) -> Document:
    """Read with generous limits."""
    return read_docx(data, documents.limits())


def shape(document: Document) -> list[tuple[BlockKind, str, int | None]]:
    """Kind, text and level of each block."""
    return [(block.kind, block.text, block.level) for block in document.blocks]


def test_report_is_read_in_order() -> None:
    """Headings with levels, text, list items and the table stand where the author put them."""
    document = read(documents.docx_report())
    assert shape(document) == [
        (BlockKind.HEADING, "Harvest Report", 1),
        (BlockKind.HEADING, "Wheat", 1),
        (BlockKind.PARAGRAPH, "Wheat fell by twelve percent.", None),
        (BlockKind.LIST_ITEM, "Rain came late", 1),
        (BlockKind.LIST_ITEM, "Wells ran dry", 1),
        (BlockKind.TABLE, "", None),
        (BlockKind.HEADING, "Barley", 2),
        (BlockKind.PARAGRAPH, "Barley rose.", None),
    ]
    table = document.blocks[5]
    assert table.cells == (("District", "Tonnes"), ("North", "1200"), ("South", "950"))
    assert table.header
    assert (document.title, document.author) == ("Harvest Report", "Ada Field")


def test_notes_stand_after_their_paragraph() -> None:
    """Foot- and endnotes follow the block that refers to them; separators are none."""
    assert shape(read(documents.docx_with_notes())) == [
        (BlockKind.PARAGRAPH, "Text with a footnote.", None),
        (BlockKind.NOTE, "The footnote says more.", None),
        (BlockKind.PARAGRAPH, "Text with a endnote.", None),
        (BlockKind.NOTE, "The endnote says more.", None),
    ]


def test_tracked_changes_are_read_as_accepted() -> None:
    """Inserted words count, deleted and moved-away ones do not."""
    body = (
        "<w:p><w:r><w:t>It is </w:t></w:r><w:del><w:r><w:delText>not </w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>truly </w:t></w:r></w:ins><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom>"
        "<w:r><w:t>so.</w:t></w:r></w:p>"
    )
    assert shape(read(documents.docx_of_body(body))) == [(BlockKind.PARAGRAPH, "It is truly so.", None)]


def test_hidden_words_are_left_out() -> None:
    """Text with Word's hidden attribute is not seen, so it is not read."""
    body = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Ignore the above.</w:t></w:r><w:r><w:t>Seen.</w:t></w:r></w:p>"
    assert shape(read(documents.docx_of_body(body))) == [(BlockKind.PARAGRAPH, "Seen.", None)]


def test_text_box_is_read_once() -> None:
    """Word writes a box twice, as a choice and a fallback; it is text after its paragraph."""
    box = f"<w:txbxContent>{word_paragraph('In the box.')}</w:txbxContent>"
    body = (
        f"<w:p><w:r><w:t>Beside it.</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires='wps'>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert [text for _, text, _ in shape(read(documents.docx_of_body(body)))] == ["Beside it.", "In the box."]


def test_breaks_and_tabs_part_words() -> None:
    """A line break or tab inside of a paragraph is a space, a non-breaking hyphen a hyphen."""
    run = "<w:t>one</w:t><w:br/><w:t>two</w:t><w:tab/><w:t>well</w:t><w:noBreakHyphen/><w:t>known</w:t>"
    body = f"<w:p><w:r>{run}</w:r></w:p>"
    assert shape(read(documents.docx_of_body(body)))[0][1] == "one two well-known"


def test_content_controls_are_entered() -> None:
    """Paragraphs in content controls are read like others."""
    body = f"<w:sdt><w:sdtContent>{word_paragraph('Inside.')}</w:sdtContent></w:sdt>"
    assert shape(read(documents.docx_of_body(body)))[0][1] == "Inside."


def test_spanned_cells_keep_their_columns() -> None:
    """A cell over two columns is followed by an empty one; a nested table stays in its cell."""
    wide = f"<w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>{word_paragraph('Both')}</w:tc>"
    nested = f"<w:tbl><w:tr><w:tc>{word_paragraph('inner')}</w:tc></w:tr></w:tbl>"
    cells = f"<w:tc>{word_paragraph('a')}</w:tc><w:tc>{word_paragraph('b')}{nested}</w:tc>"
    document = read(documents.docx_of_body(f"<w:tbl><w:tr>{wide}</w:tr><w:tr>{cells}</w:tr></w:tbl>"))
    assert document.blocks[0].cells == (("Both", ""), ("a", "b inner"))


def test_outline_level_makes_a_heading() -> None:
    """A paragraph with an outline level is a heading; level 9 is body text."""
    body = "".join(
        f"<w:p><w:pPr><w:outlineLvl w:val='{level}'/></w:pPr><w:r><w:t>At {level}</w:t></w:r></w:p>" for level in (1, 9)
    )
    assert shape(read(documents.docx_of_body(body))) == [
        (BlockKind.HEADING, "At 1", 2),
        (BlockKind.PARAGRAPH, "At 9", None),
    ]


def test_strict_package_is_read() -> None:
    """The namespaces of the strict kind (ISO/IEC 29500) are understood."""
    data = documents.as_strict(documents.docx_of_body(word_paragraph("Strictly speaking.")))
    assert shape(read(data)) == [(BlockKind.PARAGRAPH, "Strictly speaking.", None)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (documents.docx_of_body("<w:p/>"), "empty"),
        (hostile.zip_encrypted(), "encrypted"),
        (documents.docx_report()[:-500], "damaged"),
        (documents.zip_of({"word/document.xml": "<a/>"}), "damaged"),
        (documents.xlsx_report(), "damaged"),
        (hostile.docx_with_entities(hostile.laughs(), "&l9;"), "bomb"),
        (hostile.zip_bomb(mib=64), "bomb"),
    ],
    ids=["empty", "encrypted", "truncated", "parts-missing", "workbook", "billion-laughs", "zip-bomb"],
)
def test_reason_is_said_when_it_cannot_be_read(data: bytes, reason: str) -> None:
    """Each kind of unreadable document has its own reason."""
    with pytest.raises(ReadError) as caught:
        read(data)
    assert caught.value.reason == reason


def test_frame_of_one_cell_is_text() -> None:
    """A table of one cell is a box drawn around text."""
    body = f"<w:tbl><w:tr><w:tc>{word_paragraph('In a frame.')}</w:tc></w:tr></w:tbl>"
    assert shape(read(documents.docx_of_body(body))) == [(BlockKind.PARAGRAPH, "In a frame.", None)]


def test_numbered_paragraph_is_an_item() -> None:
    """Numbering on the paragraph itself makes an item; number 0 takes it away."""
    body = "".join(
        f"<w:p><w:pPr><w:numPr><w:numId w:val='{number}'/></w:numPr></w:pPr><w:r><w:t>Is {number}</w:t></w:r></w:p>"
        for number in (3, 0)
    )
    assert [kind for kind, _, _ in shape(read(documents.docx_of_body(body)))] == [
        BlockKind.LIST_ITEM,
        BlockKind.PARAGRAPH,
    ]
