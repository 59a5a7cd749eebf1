"""Plain text and Markdown: encodings and structure."""

import math
import struct

import pytest
from support import documents

from copydesk.domain.source import Document
from copydesk.errors import ReadError
from copydesk.readers.sniff import looks_utf16
from copydesk.readers.text import decode, read_text

GERMAN = "Die größte Brücke über den Fluss führt nach Köln, und sie ist schön. Später wird sie länger."


def read(text: str | bytes, *, text_bytes: int = 2**20) -> Document:
    """Read with generous limits."""
    data = text.encode() if isinstance(text, str) else text
    return read_text(data, documents.limits(text_bytes=text_bytes))


def shape(document: Document) -> list[tuple[str, str, int | None]]:
    """Kind, text and level of each block."""
    return [(block.kind.value, block.text, block.level) for block in document.blocks]


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp437"]
)
def test_encoding_is_found(codec: str) -> None:
    """The text comes out as it was written, with or without a byte order mark."""
    assert decode(GERMAN.encode(codec)).removeprefix("\ufeff") == GERMAN


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1252", "As missões da poesia contemporânea não são tão profundas como então."),
        ("cp1252", "Le séjour envisagé dépend de la durée et des motifs, à l'été déjà passé."),
        (
            "iso8859_2",
            "Naukowcy zauważyli, że zmiana rytmu snu prowadzi do rozregulowania wewnętrznego zegara, więc śpią.",
        ),
        ("cp1250", "Už týdny cloumá českou veřejností skandál s dětmi, odebranými české matce žijící v cizině."),
        ("cp1254", "İstanbul'daki köprü çok güzel, çünkü başka bir gerekçe düşündü; şimdi gün doğdu, ağaç büyüdü."),
        ("mac_roman", "Die größte Brücke über den Fluss führt nach Köln, und sie ist schön."),
    ],
)
def test_encoding_is_found_when_letters_are_latin(codec: str, text: str) -> None:
    """No letter is exchanged for one of another language's."""
    assert decode(text.encode(codec)) == text


def test_encoding_is_found_when_alphabet_is_not_latin() -> None:
    """Hungarian and Turkish letters do not stand in for Greek ones."""
    text = "Η σοδειά φέτος μετρήθηκε σε σαράντα περιοχές και η βροχή ήρθε αργά. " * 5  # noqa: RUF001 -- Greek is meant
    assert decode(text.encode("iso8859_7")) == text


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp932", "今年の収穫は四十の地域で測定され、雨は遅く降った。"),
        ("euc_jp", "今年の収穫は四十の地域で測定され、雨は遅く降った。"),
        ("gb18030", "今年的收成在四十个地区进行了测量。雨来得很晚。我们没有见过这样的夏天。"),
        ("cp949", "올해의 수확은 마흔 개 지역에서 측정되었고 비는 늦게 내렸다."),
    ],
)
def test_encoding_is_found_when_script_is_east_asian(codec: str, text: str) -> None:
    """The encodings of two bytes, in their larger sets."""
    assert decode((text * 5).encode(codec)) == text * 5


def test_special_characters_are_read_when_charset_is_the_larger_one() -> None:
    """Signs that only the larger Japanese set has do not make the file unreadable."""
    text = "読めない字ばかり ｱｲｳｴｵ ⅰⅱⅲ ㈱ № ℡ 纊褜鍈銈蓜" * 5
    assert decode(text.encode("cp932")) == text


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_unmarked_utf16_is_found_when_script_is_not_latin(codec: str) -> None:
    """Only spaces and line ends have a zero byte there."""
    text = "Урожай этого года измеряли в сорока районах, и дождь пришёл поздно.\n"
    assert decode(text.encode(codec)) == text


def test_sound_is_no_utf16() -> None:
    """Pairs of bytes whose upper half is often zero are text only if they are letters and spaces."""
    samples = b"".join(struct.pack("<h", 1_500 + round(1_490 * math.sin(n / 9)) | 1) for n in range(4_000))
    assert looks_utf16(samples) is None


@pytest.mark.parametrize(
    ("codec", "text"),
    [("iso2022_jp", "コンソール・アプリケーション: universal"), ("iso2022_kr", "신학적 신앙, 20세기")],
)
def test_escapes_are_understood_when_bytes_are_ascii(codec: str, text: str) -> None:
    """ISO 2022 is made of ASCII bytes, and no plain text for that."""
    assert decode(text.encode(codec)) == text


def test_escapes_of_terminals_are_no_encoding() -> None:
    """Colours are left out, and what was overstruck stands once."""
    assert shape(read("\x1b[1;31mRed\x1b[0m rain.\n\nB\x08Bo\x08ol\x08ld, _\x08u.")) == [
        ("paragraph", "Red rain.", None),
        ("paragraph", "Bold, u.", None),
    ]


def test_encoding_is_found_when_one_long_line_is_cut_for_the_guess() -> None:
    """The sample does not end in half a character."""
    text = "日本語のテキストです。" * 40_000
    assert decode(text.encode("cp932")) == text


def test_encoding_is_found_when_script_is_cyrillic() -> None:
    """Legacy encodings of other scripts are told from Western ones."""
    text = "Урожай этого года измеряли в сорока районах, и дождь пришёл поздно. " * 5
    assert decode(text.encode("cp1251")) == text


def test_encoding_is_found_when_accents_come_late() -> None:
    """A long stretch of ASCII at the start says nothing about the rest."""
    text = "Only plain words in this line.\n" * 20_000 + f"{GERMAN}\n" * 5
    assert decode(text.encode("cp1252")) == text


def test_utf8_stays_utf8_when_a_few_characters_are_broken() -> None:
    """A file cut in the middle of a character is read as what it was."""
    assert decode(GERMAN.encode() * 3 + "ö".encode()[:1]) == GERMAN * 3 + "\ufffd"


def test_wrapped_lines_are_joined() -> None:
    """Paragraphs are parted by empty lines, in any line ending."""
    assert shape(read("One paragraph\r\non two lines.\r\n\r\nAnother one\rhere.")) == [
        ("paragraph", "One paragraph on two lines.", None),
        ("paragraph", "Another one here.", None),
    ]


def test_long_lines_are_paragraphs() -> None:
    """Where lines are not wrapped, each is a paragraph."""
    long = "word " * 60 + "end."
    assert len(read(f"{long}\n{long}\nshort one.").blocks) == 3


def test_headings_of_plain_text_are_recognized() -> None:
    """Short lines on their own, and underlined ones, head what follows."""
    text = "The Harvest\n\nIt was small.\n\nCauses\n------\nRain came late.\n\n2.1 Outlook\n\nIt may be better."
    assert shape(read(text)) == [
        ("heading", "The Harvest", 1),
        ("paragraph", "It was small.", None),
        ("heading", "Causes", 2),
        ("paragraph", "Rain came late.", None),
        ("heading", "2.1 Outlook", 2),
        ("paragraph", "It may be better.", None),
    ]


def test_lists_of_plain_text_are_recognized() -> None:
    """Bullets and numbers begin items; wrapped lines belong to theirs."""
    assert shape(read("Causes are:\n- late rain\n  in June\n- dry wells\n1) hail")) == [
        ("paragraph", "Causes are:", None),
        ("list_item", "late rain in June", None),
        ("list_item", "dry wells", None),
        ("list_item", "hail", None),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\x0b"], ids=ascii)
def test_lines_end_in_every_way(end: str) -> None:
    """Wrapped lines are joined whatever parts them."""
    assert shape(read(f"One line{end}and more.{end}{end}Another.")) == [
        ("paragraph", "One line and more.", None),
        ("paragraph", "Another.", None),
    ]


def test_pages_part_paragraphs_when_form_feeds_do() -> None:
    """A form feed ends a page and its paragraph."""
    assert [block.text for block in read("The end of it.\fThe next page is this.").blocks] == [
        "The end of it.",
        "The next page is this.",
    ]


def test_hyphenated_words_are_put_together_when_lines_are_joined() -> None:
    """Without the hyphen where the text has the word so, with it elsewhere; dashes stay dashes."""
    text = "The measure-\nment of well-\nknown rain -\na measurement, state-\nof-\nthe-\nart."
    assert read(text).blocks[0].text == "The measurement of well-known rain - a measurement, state-of-the-art."


def test_numbers_stay_text_when_they_begin_a_wrapped_line() -> None:
    """Only a first number, or one that follows the last, begins an item."""
    assert shape(read("It rained in\n12. June and later.\n\n1. hail\n2. snow\n7. not an item\n\n12. May was dry.")) == [
        ("paragraph", "It rained in 12. June and later.", None),
        ("list_item", "hail", None),
        ("list_item", "snow 7. not an item", None),
        ("paragraph", "12. May was dry.", None),
    ]


def test_items_are_found_when_lists_stand_in_lists() -> None:
    """The outer list goes on after the inner one."""
    text = "1. rain\n   1) in June\n   2) in July\n   3) in August\n2. hail\n   a) large\n   b) small\n3. snow"
    assert [block.text for block in read(text).blocks if block.kind == "list_item"] == [
        "rain", "in June", "in July", "in August", "hail", "large", "small", "snow",
    ]  # fmt: skip


def test_paragraphs_begin_when_a_line_is_indented() -> None:
    """Books print no empty lines between paragraphs."""
    assert [block.text for block in read("He came\nin late.\n   She left\nat once.\n   It rained.").blocks] == [
        "He came in late.",
        "She left at once.",
        "It rained.",
    ]


def test_levels_follow_the_order_of_underlines() -> None:
    """The first character underlines the upper level; overlines belong to it, rulers head nothing."""
    text = "====\nBook\n====\n\nPart\n----\nText.\n\nChapter\n~~~~~~~\nText.\n\n*****\n\nOther part\n----------\nText."
    assert [(block.text, block.level) for block in read(text).blocks if block.level] == [
        ("Book", 1),
        ("Part", 2),
        ("Chapter", 3),
        ("Other part", 2),
    ]


def test_lines_are_read_in_order_when_every_line_is_underlined() -> None:
    """Many headings in one run are no depth of calls."""
    assert len(read("A title\n-----\n" * 5_000).blocks) == 5_000


def test_long_paragraphs_are_parted_at_sentences() -> None:
    """Text without a line break comes in blocks that can be worked with, and whole."""
    text = "The rain came late this year. " * 2_000
    blocks = read(text).blocks
    assert max(len(block.text) for block in blocks) < 8_000
    assert all(block.text.endswith(".") for block in blocks)
    assert " ".join(block.text for block in blocks) == text.strip()


def test_long_words_are_parted_when_nothing_parts_them() -> None:
    """A megabyte without a space is not one block."""
    assert max(len(block.text) for block in read("x" * 2**20, text_bytes=2**21).blocks) <= 8_000


def test_reading_stops_when_there_are_too_many_paragraphs() -> None:
    """A text of crumbs is cut with a note, not handed on crumb by crumb."""
    document = read("a\n\n" * 150_000, text_bytes=20 * 2**20)
    assert len(document.blocks) == 100_000
    assert document.notes == ("Only the first lines were read: it has more than 100,000 paragraphs.",)


MARKDOWN = """---
title: hidden
---
# Harvest

The yield **fell** by `12` percent, says [the ministry](https://example.org "t").[^1]

## Causes

* late rain
  * in June
1. dry wells

> We saw no such summer.

```
yield = tonnes / area
```

| District | Tonnes |
|----------|-------:|
| North    | 1,200  |

![a picture](x.png)
<!-- hidden -->

[^1]: In its report.
"""


def test_markdown_is_read_by_its_structure() -> None:
    """Headings, items, quotes, code, tables and notes, without the marks."""
    document = read(MARKDOWN)
    assert shape(document) == [
        ("heading", "Harvest", 1),
        ("paragraph", "The yield fell by 12 percent, says the ministry.[^1]", None),
        ("heading", "Causes", 2),
        ("list_item", "late rain", None),
        ("list_item", "in June", None),
        ("list_item", "dry wells", None),
        ("quote", "We saw no such summer.", None),
        ("code", "yield = tonnes / area", None),
        ("table", "", None),
        ("note", "In its report.", None),
    ]
    assert document.blocks[8].cells == (("District", "Tonnes"), ("North", "1,200"))
    assert document.title == "Harvest"


def test_invisible_characters_are_left_out() -> None:
    """Direction marks, zero-width spaces and tag characters carry nothing that a reader sees."""
    assert shape(read("vis\u200bible \u202etext\U000e0041 e\u0301")) == [("paragraph", "visible text é", None)]


def test_joiners_stay() -> None:
    """Persian and emoji need the zero-width joiners."""
    text = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 👩\u200d🔬"
    assert shape(read(text)) == [("paragraph", text, None)]


def test_text_is_cut_when_it_is_over_the_limit() -> None:
    """Whole words up to the limit, and a note."""
    document = read("word " * 10_000, text_bytes=2**10)
    assert document.blocks[0].text.endswith("word")
    assert 800 < len(document.blocks[0].text) < 1_024
    assert document.notes == ("Only the first lines were read: it holds more than 0.000976562 MiB of text.",)


@pytest.mark.parametrize("data", [b"", b"\n \n", "\ufeff".encode("utf-16")], ids=["nothing", "blank", "mark"])
def test_reason_is_empty_when_there_is_no_text(data: bytes) -> None:
    """Spaces and marks are no text."""
    with pytest.raises(ReadError) as caught:
        read(data)
    assert caught.value.reason == "empty"


def test_html_in_markdown_is_read_without_its_tags() -> None:
    """Tags and comments are no text."""
    text = "# Title\n\n<!-- hidden -->\n\n<div align='center'>\n<b>Seen</b> text\n</div>\n"
    assert shape(read(text)) == [("heading", "Title", 1), ("paragraph", "Seen text", None)]


def test_reason_is_damaged_when_no_encoding_fits() -> None:
    """Bytes that are text in no encoding are not guessed at."""
    with pytest.raises(ReadError) as caught:
        decode(bytes(range(1, 256)) * 20)
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize(
    "text",
    [
        "Title\n`````\n\nSee :ref:`other`_ and ``<ENTER>``.\n\n.. note:: Press **it**.\n",
        "git-fetch(1)\n============\n\nDESCRIPTION\n-----------\n\n----\n# not a heading\n\n----\nUse <name> here.\n",
        "Use a script:\n\n# a comment\nrun <name>\n",
        "The call [index](argument) is none.",
        '<?xml version="1.0"?>\n<rss>\n\n# item\n\n</rss>',
    ],
    ids=["rst", "asciidoc", "script", "brackets", "xml"],
)
def test_text_is_plain_when_only_its_cousins_look_alike(text: str) -> None:
    """Nothing in angle brackets is lost where the text is no Markdown."""
    words = " ".join(block.text for block in read(text).blocks)
    for found in ("<ENTER>", "<name>", "<rss>", "[index](argument)"):
        assert (found in words) == (found in text)


def test_words_in_angle_brackets_stay_when_they_are_no_elements() -> None:
    """In Markdown too: keys and placeholders are text, elements are not."""
    text = "# Keys\n\nPress <ENTER>, type <name>, see <b>bold</b>H<sub>2</sub>O.\n\n<file> is read.\n"
    assert [block.text for block in read(text).blocks] == [
        "Keys",
        "Press <ENTER>, type <name>, see boldH2O.",
        "<file> is read.",
    ]


def test_scripts_and_styles_are_no_text_when_markdown_holds_them() -> None:
    """What a browser does not show is left out, references are what they stand for."""
    text = "# Page\n\n<style>\nb { color: red }\n</style>\n\n<div>a &amp; b<br>c</div>\n"
    assert [block.text for block in read(text).blocks] == ["Page", "a & b c"]


def test_markdown_is_read_whole_when_it_is_long() -> None:
    """Sections are parsed one by one; code and comments are not torn, nothing is lost or doubled."""
    section = "## Part {}\n\nText of part {}.\n\n```\n\n# code {}\n\n```\n\n<!-- hidden\n\n# {} -->\n\n"
    text = "# Book\n\n" + "".join(section.format(n, n, n, n) for n in range(2_000))
    blocks = read(text, text_bytes=20 * 2**20).blocks
    assert [block.text for block in blocks if block.level == 2] == [f"Part {n}" for n in range(2_000)]
    assert [block.text for block in blocks if block.kind == "code"] == [f"# code {n}" for n in range(2_000)]
    assert not any("hidden" in block.text for block in blocks)


@pytest.mark.parametrize("line", ["- item {}\n", "word {} ", "- item {}\n\n"], ids=["lines", "words", "gaps"])
def test_markdown_is_read_whole_when_it_has_no_sections(line: str) -> None:
    """A part that is too long to be parsed at once is parted where it can be."""
    text = "# Book\n\n" + "".join(line.format(n) for n in range(8_000))
    words = " ".join(block.text for block in read(text, text_bytes=20 * 2**20).blocks).split()
    assert sum(word.isdigit() for word in words) >= 7_990
