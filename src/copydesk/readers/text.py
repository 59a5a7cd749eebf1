"""Reads plain text and Markdown."""

import codecs
import io
import re
from collections.abc import Iterator
from itertools import chain, pairwise

from copydesk.domain.source import BlockKind, Document
from copydesk.errors import ReadError
from copydesk.readers.blocks import Collector, Limits
from copydesk.readers.markdown import add_markdown, looks_markdown
from copydesk.readers.sniff import looks_utf16

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESS_FROM = 256 * 1024  # bytes; more does not make the guess better, only slower
_TELLING = re.compile(rb"[\x00-\x09\x0b-\x7f]*[\x80-\xff][^\n]*")
_BROKEN_SHARE = 0.1  # of the characters beyond ASCII; in other encodings nearly all are broken
_ASCII = bytes(range(128))
_FEW = 4  # bytes beyond ASCII; with fewer, a guess is a throw of dice, and Western Europe the likeliest
_MAX_MARKDOWN = 2 * 2**20  # characters; beyond, text is read as plain
_UNWRAPPED = 150  # characters; a longer line is a paragraph of its own

_UNDERLINE = re.compile(r"\s*([=\-~^#*])\1{2,}\s*$")
_BULLET = re.compile(r"\s*(?:[-*+•‣◦▪\u2013]|\(?(?:\d{1,3}|[a-z])[.)])\s+(?=\S)")
_NUMBERED = re.compile(r"(?:\d{1,2}\.)+\d{0,2}\s+\S|(?:chapter|section|part|appendix)\s+[\divxlc]+\b", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[.!?:;,\u2026\u3002\uff01\uff1f][\"'\u201d\u2019\u00bb)\]]*$")
_HEADING_CHARACTERS = 80
_HEADING_WORDS = 12


def read_text(data: bytes, limits: Limits) -> Document:
    """Read plain text: paragraphs, lists and headings; Markdown where the text is Markdown.

    Raises:
        ReadError: With `reason` `empty` or `damaged`.
    """
    text = decode(data)
    collector = Collector(limits)
    with collector.until_enough("lines"):
        if len(text) <= _MAX_MARKDOWN and looks_markdown(text):
            add_markdown(collector, text)
        else:
            _add_plain(collector, text)
    first = next((block for block in collector.blocks if block.kind is BlockKind.HEADING), None)
    title = first.text if first is not None and first.level == 1 else None
    return collector.document(title=title, empty="The file holds no text.")


def decode(data: bytes) -> str:
    """Decode text of unknown encoding: a byte order mark, else UTF-8, else what fits best.

    Raises:
        ReadError: With `reason` `damaged`: no encoding fits.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data.decode(codec, "replace")
    unmarked = looks_utf16(data[:_GUESS_FROM]) if b"\0" in data else None
    if unmarked is not None:
        return data.decode(unmarked, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(data)


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 -- heavy; only the sandbox process reads

    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") <= _BROKEN_SHARE * sum(1 for character in text if character > "\x7f"):
        return text  # UTF-8 with a few broken characters, as a cut or patched file has them
    if len(data.translate(None, _ASCII)) < _FEW:
        return data.decode("cp1252", "replace")
    best = from_bytes(_telling(data)).best()
    if best is None:
        msg = "The file is damaged: it is not text in any known encoding."
        raise ReadError(msg, reason="damaged")
    return data.decode(best.encoding, "replace")


def _telling(data: bytes) -> bytes:
    """The lines that tell encodings apart: ASCII is the same in all of them."""
    lines = (found[0] for found in _TELLING.finditer(data))
    size, sample = 0, list[bytes]()
    while size < _GUESS_FROM and (line := next(lines, b"")):
        sample.append(line[: _GUESS_FROM - size])
        size += len(line)
    return b"\n".join(sample)


def _add_plain(collector: Collector, text: str) -> None:
    for index, (group, after) in enumerate(pairwise(chain(_groups(text), [[]]))):
        collector.check_time()
        lines = group[1:] if _UNDERLINE.match(group[0]) else group  # without a ruler or an overline
        if len(lines) > 1 and _UNDERLINE.match(lines[1]):
            collector.add(BlockKind.HEADING, lines[0], level=1 if lines[1].strip()[0] == "=" else 2)
            lines = lines[2:]
        if len(lines) == 1 and after and _is_heading(lines[0]):
            collector.add(BlockKind.HEADING, lines[0], level=1 if index == 0 else 2)
        else:
            _add_lines(collector, lines)


def _groups(text: str) -> Iterator[list[str]]:
    """Runs of lines without an empty one between them."""
    run: list[str] = []
    for line in io.StringIO(text, newline=None):  # lines one by one: a list of all takes ten times the text
        if line.strip():
            run.append(line.expandtabs())
        elif run:
            yield run
            run = []
    if run:
        yield run


def _is_heading(line: str) -> bool:
    line = line.strip()
    short = len(line) <= _HEADING_CHARACTERS and len(line.split()) <= _HEADING_WORDS
    if not short or _ENDS_SENTENCE.search(line) or not any(character.isalpha() for character in line):
        return False
    return line[0].isupper() or not line[0].isalpha() or _NUMBERED.match(line) is not None


def _add_lines(collector: Collector, lines: list[str]) -> None:
    """Join wrapped lines; items of lists and unwrapped lines stay apart."""
    unwrapped = any(len(line) > _UNWRAPPED for line in lines)
    kind, run = BlockKind.PARAGRAPH, list[str]()
    for line in lines:
        bullet = _BULLET.match(line)
        if bullet or unwrapped:
            collector.add(kind, " ".join(run))
            kind, run = (BlockKind.LIST_ITEM if bullet else BlockKind.PARAGRAPH), []
        run.append(line[bullet.end() :] if bullet else line)
    collector.add(kind, " ".join(run))
