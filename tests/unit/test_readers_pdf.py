"""PDF: text, structure, and what is said of files without text."""

import re
from datetime import UTC, datetime

import pytest
from support import documents, hostile, layouts

from copydesk.domain.source import Block, BlockKind, Document
from copydesk.errors import ReadError
from copydesk.readers.pdf import read_pdf


def read(data: bytes) -> Document:
    """Read with generous limits."""
    return read_pdf(data, documents.limits())


def texts(document: Document, kind: BlockKind) -> list[str]:
    """The texts of the blocks of one kind."""
    return [block.text for block in document.blocks if block.kind is kind]


def test_report_has_headings_paragraphs_and_pages() -> None:
    """Headings are found by size, paragraphs are whole, every block knows its page."""
    document = read(documents.pdf_report(pages=3))
    headings = [block for block in document.blocks if block.kind is BlockKind.HEADING]
    assert [(block.text, block.level, block.page) for block in headings] == [
        ("Harvest Report", 1, 1),
        ("District 1", 2, 1),
        ("District 2", 2, 2),
        ("District 3", 2, 3),
    ]
    assert texts(document, BlockKind.PARAGRAPH) == [(documents.LOREM * 3).strip()] * 12
    assert (document.title, document.author, document.pages) == ("Harvest Report 2024", "Ada Field", 4)


def test_running_heads_and_page_numbers_are_left_out() -> None:
    """What stands on every page's margin is no text of the report."""
    words = " ".join(block.text for block in read(documents.pdf_report(pages=3)).blocks)
    assert "Ministry" not in words
    assert "Page" not in words


def test_words_are_mended_when_hyphenated_at_line_ends() -> None:
    """A hyphen goes unless the text writes the compound with one elsewhere."""
    lines = ["The govern-", "ment asked for a well-", "known and well-known expert."]
    assert texts(read(documents.pdf_of_lines(lines)), BlockKind.PARAGRAPH) == [
        "The government asked for a well-known and well-known expert."
    ]


def test_paragraph_goes_on_over_a_page_break() -> None:
    """A sentence that ends on the next page is one sentence, placed where it begins."""
    pages = (["A first line of text that fills the page", "and a second line that is"], ["finished over the leaf."])
    blocks = read(documents.pdf_of_lines(*pages)).blocks
    assert [(block.text, block.page) for block in blocks] == [
        ("A first line of text that fills the page and a second line that is finished over the leaf.", 1)
    ]


def test_paragraphs_part_at_gaps() -> None:
    """An empty line parts paragraphs."""
    lines = ["One paragraph of text,", "on two lines.", "", "", "Another paragraph."]
    assert texts(read(documents.pdf_of_lines(lines)), BlockKind.PARAGRAPH) == [
        "One paragraph of text, on two lines.",
        "Another paragraph.",
    ]


def test_columns_are_read_one_after_the_other() -> None:
    """Lines of two columns are not mixed."""
    left = ["The left column comes first and", "is read to its end."]
    right = ["The right column follows and", "is read after it."]
    assert texts(read(documents.pdf_two_columns(left, right)), BlockKind.PARAGRAPH) == [
        "The left column comes first and is read to its end.",
        "The right column follows and is read after it.",
    ]


def test_list_items_are_told_apart() -> None:
    """Bullets and numbers begin items, wrapped lines belong to theirs."""
    lines = ["Causes:", "• late rain, which", "fell in June", "• dry wells", "1. hail"]
    assert texts(read(documents.pdf_of_lines(lines)), BlockKind.LIST_ITEM) == [
        "late rain, which fell in June",
        "dry wells",
        "hail",
    ]


def test_table_is_rows_of_cells() -> None:
    """Cells that stand below one another are a table with its header."""
    rows = [("Year", "Tonnes", "Remark"), ("2022", "1,200", "wet"), ("2023", "950", "very dry")]
    tables = [block for block in read(documents.pdf_table(rows)).blocks if block.kind is BlockKind.TABLE]
    assert tables == [Block(kind=BlockKind.TABLE, text="", page=1, header=True, cells=tuple(rows))]


@pytest.mark.parametrize(
    ("data", "reason", "words"),
    [
        (documents.pdf_scan(), "empty", "scan"),
        (documents.pdf_of_lines(["Secret"], password="open"), "encrypted", "password"),
        (b"%PDF-1.7 and nothing else", "damaged", "cannot be opened"),
        (
            documents.pdf_of_objects([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 1>>"]),
            "damaged",
            "none of its pages",
        ),
    ],
    ids=["scan", "encrypted", "damaged", "no-pages"],
)
def test_reason_is_said_when_there_is_no_text(data: bytes, reason: str, words: str) -> None:
    """A scan, a password and damage are different answers."""
    with pytest.raises(ReadError, match=words) as caught:
        read(data)
    assert caught.value.reason == reason


def test_text_is_cut_when_it_is_over_the_limit() -> None:
    """The first part is kept, with a note that says so."""
    document = read_pdf(documents.pdf_report(pages=5), documents.limits(text_bytes=2_000))
    assert document.blocks
    assert document.notes == ("Only the first pages were read: it holds more than 0.00190735 MiB of text.",)


def test_error_is_a_bomb_when_time_is_up_before_the_first_page() -> None:
    """Without any text there is nothing to hand in."""
    with pytest.raises(ReadError, match="takes too long") as caught:
        read_pdf(documents.pdf_report(), documents.limits(seconds=-1))
    assert caught.value.reason == "bomb"


def test_first_pages_are_kept_when_time_is_up() -> None:
    """Taking lines from pages leaves time to make something of them."""
    document = read_pdf(hostile.pdf_many_pages(20_000), documents.limits(seconds=0.6))
    assert document.pages == 20_000
    assert 0 < len(document.blocks) < 20_000
    first, second = document.notes
    assert re.fullmatch(r"Only the first [\d,]+ of 20,000 pages were read: reading all of it takes too long\.", first)
    assert second == "It has many pages: from page 41 on, bold headings and tables were not looked for."


@pytest.mark.parametrize(
    ("declared", "title"),
    [
        ("Microsoft Word - draft7.docx", None),
        ("Microsoft Word - Harvest Report", "Harvest Report"),
        ("untitled", None),
        ("C:\\texts\\harvest", None),
        ("2024", None),
        ("Wheat and/or barley", "Wheat and/or barley"),
    ],
)
def test_title_is_left_out_when_a_program_made_it_up(declared: str, title: str | None) -> None:
    """A file's name or a placeholder is no title."""
    assert read(documents.pdf_of_lines(["Text of the page."], title=declared)).title == title


def test_date_is_that_of_making() -> None:
    """The creation date counts; one that cannot be is none."""
    made = read(documents.pdf_report()).published_at
    assert made is not None
    assert abs((datetime.now(tz=UTC) - made).days) <= 1


@pytest.mark.parametrize("date", [b"D:20241399", b"D:19010101", b"soon", b"D:29990101"])
def test_date_is_left_out_when_it_cannot_be(date: bytes) -> None:
    """A month 13, a year before PDF, words and the future are no dates."""
    assert read(layouts.pdf_with_date(date)).published_at is None


def test_ligatures_and_soft_hyphens_are_undone() -> None:
    """Words are words, however their letters are joined or may be parted."""
    document = read(layouts.pdf_of_characters(("f", "\ufb03", "o", "\xad", "g")))
    assert texts(document, BlockKind.PARAGRAPH) == ["fffiog"]


def test_right_to_left_lines_keep_their_order() -> None:
    """Hebrew, drawn from left to right as printers do, is read from right to left."""
    drawn = "\u05d0\u05d1\u05d2 \u05d3\u05d4"[::-1]
    document = read(layouts.pdf_of_characters(tuple(drawn)))
    assert texts(document, BlockKind.PARAGRAPH) == ["\u05d0\u05d1\u05d2 \u05d3\u05d4"]


def test_encrypted_file_is_read_when_its_password_is_empty() -> None:
    """A file that anybody may open is no secret."""
    document = read(layouts.pdf_with_owner_password(["Anybody may read this."]))
    assert texts(document, BlockKind.PARAGRAPH) == ["Anybody may read this."]


def test_other_pages_are_read_when_one_is_damaged() -> None:
    """A page that cannot be loaded is noted, the rest is text."""
    document = read(documents.pdf_with_broken_page())
    assert [(block.text, block.page) for block in document.blocks] == [("The first page is whole.", 1)]
    assert document.notes == ("1 of 2 pages are damaged and were left out.",)


def test_lines_of_contents_are_items() -> None:
    """A table of contents is no paragraph and no heading."""
    lines = ["Contents of the report", "", "Wheat . . . . . . . . . . . . . 3", "Barley . . . . . . . . . . . . . 12"]
    assert len(texts(read(documents.pdf_of_lines(lines)), BlockKind.LIST_ITEM)) == 2


def test_characters_beyond_the_basic_plane_keep_places_right() -> None:
    """Text after an emoji or a mathematical letter still knows its size: the heading is found."""
    document = read(documents.pdf_with_astral_letters())
    assert [(block.kind, block.text) for block in document.blocks] == [
        (BlockKind.HEADING, "\U0001d400\U0001d400 Title"),
        (BlockKind.PARAGRAPH, "\U0001d400 is a letter of the body, which goes on for some more words."),
    ]


def test_bold_line_is_a_heading() -> None:
    """A short bold line of the body's size heads what follows."""
    document = read(documents.pdf_with_bold_line())
    assert [(block.kind, block.text) for block in document.blocks] == [
        (BlockKind.HEADING, "A bold line"),
        (BlockKind.PARAGRAPH, "Below it stands the text."),
    ]


def test_two_lines_of_a_large_heading_are_one() -> None:
    """Large lines stand further apart, and still belong together."""
    document = read(documents.pdf_with_large_heading())
    assert document.blocks[0].text == "A Long Heading That Goes On to a Second Line"


def test_line_is_a_heading_when_the_outline_names_it() -> None:
    """Numbers and case aside, on the page that the entry leads to; a number of several parts heads as well."""
    headings = [block for block in read(layouts.pdf_with_outline()).blocks if block.kind is BlockKind.HEADING]
    assert [(block.text, block.level) for block in headings] == [
        ("2 Causes of the Loss", 1),
        ("3.1 Methods of measuring", 2),
    ]


def test_number_of_a_note_is_no_part_of_its_first_word() -> None:
    """A small raised number stands apart; one of the word's own size does not."""
    assert texts(read(layouts.pdf_with_note_mark()), BlockKind.PARAGRAPH) == ["1 Rain in 3D"]
