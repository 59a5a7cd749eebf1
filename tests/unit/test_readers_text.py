"""Plain text and Markdown: encodings and structure."""

import pytest
from support import documents

from copydesk.domain.source import Document
from copydesk.errors import ReadError
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
