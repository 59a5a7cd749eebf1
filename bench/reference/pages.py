"""Independent readings of PDF, DOCX and text: by poppler, pandoc, the raw XML and the known encoding."""

import json
import re
import subprocess
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from lxml import etree
from reference.words import Bag, words

SECONDS = 60  # one run of a program
_EDGE_LINES = 2  # lines at a page's top and bottom that may be running heads
_HEAD_PAGES = 3  # pages on which a line stands there that is one
_PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
_UNREAD = {"del", "moveFrom", "Fallback", "instrText", "delText"}  # deleted, doubled, or no text
_COUNT = re.compile(r"^[ \t]*\(?(?:\d{1,3}|[a-z])[.)][ \t]+(?=\S)", re.MULTILINE)
_NO_TEXT = {"RawInline", "RawBlock", "Image"}  # in pandoc's tree
_VERBATIM = {"Code", "CodeBlock", "Math"}
_BLOCKS = {"Para", "Plain", "Header", "CodeBlock", "Note"}
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def pdf_words(path: Path) -> Bag:
    """What pdftotext reads, running heads once."""
    text = _run(["pdftotext", "-q", "-enc", "UTF-8", str(path), "-"])
    return words(without_heads(text))


def without_heads(text: str) -> str:
    """Text of pages parted by form feeds: a line that repeats at their edges stands once, page numbers not at all.

    Numbers count as equal there: "Chapter 2, page 31" and "Chapter 2, page 33" are the same head.
    """
    pages = [[line for line in page.splitlines() if line.strip()] for page in text.split("\f")]
    edges = Counter(key for page in pages for key in {_head(line) for line in _edges(page)})
    heads = {key for key, count in edges.items() if count >= _HEAD_PAGES}
    seen, kept = set[str](), list[str]()
    for page in pages:
        for number, line in enumerate(page):
            key = _head(line)
            edge = number < _EDGE_LINES or number >= len(page) - _EDGE_LINES
            if edge and key in heads and (key in seen or not key.strip("# ")):
                continue
            seen.add(key)
            kept.append(line)
    return "\n".join(kept)


def _edges(page: list[str]) -> list[str]:
    return page[:_EDGE_LINES] + page[-_EDGE_LINES:]


def _head(line: str) -> str:
    """A line without its numbers, Arabic or Roman."""
    return re.sub(r"\b[ivxlc]+\b|\d+", "#", line.strip())


def docx_words(path: Path) -> Bag:
    """The words of pandoc's reading and those of the raw XML, of each the more."""
    tree = json.loads(_run(["pandoc", "--from=docx", "--to=json", str(path)]))
    return words(_pandoc_text(tree["blocks"])) | words(docx_xml_text(path))


def text_words(text: str) -> Bag:
    """The words of plain text; the numbers and letters of list items are structure, as in Word documents."""
    return words(_COUNT.sub("", text))


def markdown_words(text: str) -> Bag:
    """The words of Markdown as its reader sees them: without addresses and comments, as pandoc reads it."""
    tree = json.loads(_run(["pandoc", "--from=gfm-tex_math_dollars-emoji", "--to=json"], text))
    return words(_pandoc_text(tree["blocks"]))


def _pandoc_text(node: Any) -> str:
    """The strings of a pandoc tree; blocks and notes end in a line break."""
    if isinstance(node, list):
        return "".join(_pandoc_text(item) for item in node)
    if not isinstance(node, dict) or node.get("t") in _NO_TEXT:
        return ""
    kind, content = node.get("t"), node.get("c")
    if kind == "Str":
        return str(content)
    if kind in {"Space", "SoftBreak", "LineBreak"}:
        return " " if kind == "Space" else "\n"
    text = content[1] if kind in _VERBATIM and content else _pandoc_text(content)
    return f"\n{text}\n" if kind in _BLOCKS else str(text)


def docx_xml_text(path: Path) -> str:
    """The text runs of body, footnotes and endnotes as they stand in the XML; deleted and hidden ones not."""
    parts = list[str]()
    with zipfile.ZipFile(path) as archive:
        for name in _PARTS:
            if name in archive.namelist():
                _add_runs(etree.fromstring(archive.read(name)), parts)
    return "".join(parts)


def _add_runs(element: etree._Element, parts: list[str]) -> None:
    for child in element.iterchildren("*"):
        name = etree.QName(child).localname
        if name in _UNREAD or (name == "r" and child.find("{*}rPr/{*}vanish") is not None):
            continue
        if name == "t":
            parts.append(child.text or "")
        parts.append(_BREAKS.get(name, "") if etree.QName(element).localname == "r" else "")
        _add_runs(child, parts)
        if name == "p":
            parts.append("\n")


def _run(command: list[str], text: str | None = None) -> str:
    done = subprocess.run(
        command, input=text, capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS, check=True
    )
    return done.stdout
