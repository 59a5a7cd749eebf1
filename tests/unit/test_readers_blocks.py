"""Collecting blocks within limits, packing them into answers, and vetting packages."""

import io
import json
import struct
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import documents, hostile

from copydesk.domain.source import Block, BlockKind, Document
from copydesk.errors import ReadError
from copydesk.readers.blocks import Collector, Enough, one_line
from copydesk.readers.frames import (
    AnswerParser,
    FrameBroken,
    ReaderSpent,
    encode_document,
    encode_error,
)
from copydesk.readers.package import vet_package


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a \n b\t c ", "a b c"),
        ("soft\u00adhyphen", "softhyphen"),
        ("e\ufb03cient", "efficient"),
        ("a\u00a0b\u2028c", "a b c"),
        ("bell\x07\x00", "bell"),
        ("un\ud800paired", "unpaired"),
        ("a  b", "a b"),
    ],
)
def test_text_is_put_on_one_line(text: str, line: str) -> None:
    """Spaces are folded, invisible characters go, ligatures are undone."""
    assert one_line(text) == line


@given(st.text())
def test_text_on_one_line_stays_as_it_is(text: str) -> None:
    """Cleaning twice changes nothing, and the result can be stored."""
    line = one_line(text)
    assert one_line(line) == line
    assert "\n" not in line
    line.encode()


def test_heading_levels_stay_between_one_and_six() -> None:
    """Word has nine levels, Markdown six."""
    collector = Collector(documents.limits())
    for level in (0, 3, 9):
        collector.add(BlockKind.HEADING, "Heading", level=level)
    assert [block.level for block in collector.blocks] == [1, 3, 6]


def test_table_keeps_the_rows_that_fit() -> None:
    """A table over the limit is cut at a row."""
    collector = Collector(documents.limits(text_bytes=200))
    with pytest.raises(Enough):
        collector.add_table([["a" * 50], ["b" * 50], ["c" * 50], ["d" * 50]], header=True)
    assert [row[0][0] for row in collector.blocks[0].cells] == ["a", "b", "c"]
    assert collector.data_rows == 2


DOCUMENT = Document(
    blocks=(
        Block(kind=BlockKind.HEADING, text='Title "quoted" \u2028', level=1, page=3),
        Block(
            kind=BlockKind.TABLE,
            text="",
            sheet="S",
            first_row=2,
            header=True,
            cells=tuple((str(number), "x") for number in range(5_000)),
        ),
        Block(kind=BlockKind.TABLE, text="", cells=(("only", "row"),)),
        Block(kind=BlockKind.PARAGRAPH, text="Text."),
    ),
    title="Title",
    published_at=datetime(2024, 1, 2, tzinfo=UTC),
    pages=2,
    notes=("A note.",),
)


def test_answer_carries_a_document() -> None:
    """What the process packs is what the service unpacks."""
    assert AnswerParser().parse(encode_document(DOCUMENT)) == DOCUMENT


def test_long_tables_are_sent_in_pieces() -> None:
    """No line of an answer takes long to parse."""
    assert max(len(line) for line in encode_document(DOCUMENT).split(b"\n")) < 40_000


@pytest.mark.parametrize("kind", [ReadError, ReaderSpent])
def test_answer_carries_an_error(kind: type[ReadError]) -> None:
    """The error comes out with its reason, and whether the process is spent."""
    with pytest.raises(ReadError, match="It is empty") as caught:
        AnswerParser().parse(encode_error(kind("It is empty.", reason="empty")))
    assert caught.value.reason == "empty"
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"null",
        b"not json",
        b'{"document": null}',
        b'{"reason": "bomb"}',
        b'{"document": {"blocks": [], "pages": "7"}}',
        b'{"document": {"blocks": []}}\n{"blocks": [{"kind": "script", "text": "x"}]}',
        b'{"document": {"blocks": []}}\n{"blocks": [{"kind": "paragraph", "text": 5}]}',
        b'{"document": {"blocks": []}}\n{"cells": [["x"]]}',
        b'{"document": {"blocks": [{"kind": "paragraph", "text": "x"}]}}\n{"cells": [["x"]]}',
        b'{"document": {"blocks": []}}\n{"other": 1}',
        b'{"document": {"blocks": [], "published_at": "2024-01-02T00:00:00"}}',
        b'{"document": {"blocks": [{"kind": "paragraph", "text": "\\ud800"}]}}',
        b'{"document": {"blocks": []}}\n' + b"[" * 100_000,
        b"\x80\x04\x95cos\nsystem\n.",
    ],
)
def test_answer_is_refused_when_it_is_of_another_shape(answer: bytes) -> None:
    """Nothing but a document or an error comes out of an answer."""
    with pytest.raises(FrameBroken):
        AnswerParser().parse(answer)


@settings(max_examples=200)
@given(st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps).map(str.encode))
def test_answer_is_refused_whatever_it_is(answer: bytes) -> None:
    """Any bytes are a document, an error, or refused."""
    with pytest.raises((FrameBroken, ReadError)):
        AnswerParser().parse(answer)


def vet(data: bytes, *, unpacked_bytes: int = 2**26) -> bytes:
    """Vet with small limits."""
    return vet_package(data, documents.limits(unpacked_bytes=unpacked_bytes))


def test_package_is_passed_on_when_it_is_harmless() -> None:
    """A package without anything wrong stays as it is."""
    data = documents.docx_report()
    assert vet(data) is data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (hostile.zip_bomb(mib=65), "bomb"),
        (hostile.zip_bomb(mib=20), "bomb"),
        (documents.zip_of({f"part{number}": "" for number in range(10_001)}), "bomb"),
        (hostile.zip_with_stated_size(documents.docx_report(), "word/document.xml", 10), "damaged"),
        (hostile.docx_with_entities("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>", "&a;"), "bomb"),
        (hostile.docx_with_entities("<!--" + " " * 2**20 + "--><!DOCTYPE x>", ""), "bomb"),
        (
            documents.zip_of({"a.xml": "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE x><x/>".encode("utf-16-be")}),
            "bomb",
        ),
        (documents.zip_of({"a.xml": "<?xml version='1.0' encoding='cp037'?><x/>"}), "damaged"),
        (hostile.zip_encrypted(), "encrypted"),
        (b"PK\x03\x04 and no more", "damaged"),
    ],
    ids=["size", "ratio", "parts", "lies", "entity", "late", "utf-16", "ebcdic", "encrypted", "no-zip"],
)
def test_package_is_refused_when_it_is_hostile(data: bytes, reason: str) -> None:
    """Bombs, definitions in any encoding, passwords and damage are found before a library opens it."""
    with pytest.raises(ReadError) as caught:
        vet(data)
    assert caught.value.reason == reason


def test_definition_is_found_when_it_lies_across_two_chunks() -> None:
    """Parts are searched in pieces that overlap."""
    for shift in range(0, 12, 3):
        part = "<x>" + " " * (2**20 - 3 - shift) + "<!DOCTYPE x>"
        with pytest.raises(ReadError, match="document type definition"):
            vet(documents.zip_of({"a.xml": part + "y" * 2_000}), unpacked_bytes=2**30)


def test_overlapping_parts_are_refused() -> None:
    """Parts that share their bytes are how small archives become huge ones."""
    data = documents.zip_of({"a.xml": "<a/>" * 1_000, "b.xml": "<b/>" * 1_000})
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert len(package.infolist()) == 2
    second = data.rfind(b"PK\x01\x02")
    overlapping = bytearray(data)
    struct.pack_into("<I", overlapping, second + 42, 0)
    with pytest.raises(ReadError) as caught:
        vet(bytes(overlapping))
    assert caught.value.reason == "damaged"
