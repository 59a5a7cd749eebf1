"""What a model answered, read leniently: thoughts, fences, remarks and markup go, sentences and citations stay."""

from collections.abc import Iterator, Sequence

import regex

from copydesk.domain.article import Paragraph, ParagraphKind, Sentence
from copydesk.domain.sentences import split_sentences
from copydesk.domain.words import count_words
from copydesk.writers.model.echoes import repeats_prompt

_THOUGHT = regex.compile(r"<(think|thinking|reasoning|thought)\b[^>]*>.*?(?:</\1>|\Z)", regex.DOTALL | regex.IGNORECASE)
_THOUGHT_END = regex.compile(r"^.*</(?:think|thinking|reasoning|thought)>", regex.DOTALL | regex.IGNORECASE)
_FENCE = regex.compile(r"^\s*(?:```|~~~)[^\n]*$", regex.MULTILINE)
_HTML_BLOCK = regex.compile(r"<(script|style|iframe|object)\b.*?(?:</\1\s*>|\Z)", regex.DOTALL | regex.IGNORECASE)
_TAG = regex.compile(r"</?[A-Za-z][^<>]*>|<!--.*?(?:-->|\Z)|<\|[^|<>]*\|>", regex.DOTALL)
_IMAGE_OR_LINK = regex.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = regex.compile(r"(\*\*|__|\*|(?<!\w)_|_(?!\w)|`)")
_HEADING = regex.compile(r"^\s{0,3}#{1,6}\s.*$|^\s{0,3}(?:=+|-{3,}|\*{3,})\s*$", regex.MULTILINE)
_ITEM = regex.compile(r"^\s*(?:[-*+\u2022]|\d{1,3}[.)])\s+")
_FOOTNOTE_LINE = regex.compile(r"^\s*\[\^?\d+\]:.*$", regex.MULTILINE)
_SOURCES = regex.compile(
    r"^\s*(?:sources?|references|quellen|fuentes)\s*:?\s*$.*", regex.MULTILINE | regex.IGNORECASE | regex.DOTALL
)
# A citation as models write it: [3], [3, 7], [^3], [3][7], (3) after a stop is not one, 【3】.
_MARK = regex.compile(r"\s*(?:[\[\u3010]\^?(\d{1,4}(?:\s*[,;]\s*\^?\d{1,4})*)[\]\u3011])+")
_NUMBER = regex.compile(r"\d{1,4}")
_BEFORE_STOP = regex.compile(
    r"((?:\s*[\[\u3010]\^?\d[\d,;^\s]*[\]\u3011])+)([.!?\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019\u00bb)]*)"
)
_SHORT_HEADING = 12  # words; a first line of fewer without a stop is a heading, not a paragraph


def without_thoughts(text: str) -> str:
    """An answer without what the model thought before it."""
    return _THOUGHT_END.sub("", _THOUGHT.sub("", text)).strip()


def plain(text: str) -> str:
    """An answer without thoughts, code fences, markup, addresses of links and footnote definitions."""
    text = without_thoughts(text)
    text = _HTML_BLOCK.sub("", text)
    text = _TAG.sub("", text)
    text = _FENCE.sub("", text)
    text = _FOOTNOTE_LINE.sub("", text)
    text = _SOURCES.sub("", text)
    text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _HEADING.sub("", text)
    return _EMPHASIS.sub("", text).strip()


def lines_of(text: str) -> list[str]:
    """The lines of a list-like answer, without bullets, numbers and quotation marks around them."""
    lines = (_ITEM.sub("", line).strip().strip("\"'\u201c\u201d\u201e").strip() for line in plain(text).splitlines())
    return [line for line in lines if line]


def paragraphs_of(text: str, ids: Sequence[str], language: str, *, complete: bool) -> tuple[Paragraph, ...]:
    """The paragraphs of a written part, each sentence with the passages whose numbers follow it.

    Args:
        text: The model's answer.
        ids: The passage numbered n is `ids[n - 1]`; other numbers are dropped.
        language: Of the text, BCP 47.
        complete: Whether the model ended by itself; else an unfinished last sentence is left out.
    """
    paragraphs: list[Paragraph] = []
    for kind, block in _blocks(plain(text)):
        sentences = tuple(_sentences(block, ids, language))
        if sentences:
            paragraphs.append(Paragraph(sentences=sentences, kind=kind))
    if not complete and paragraphs and not _BEFORE_END.search(paragraphs[-1].sentences[-1].text):
        last = paragraphs.pop()
        if len(last.sentences) > 1:
            paragraphs.append(Paragraph(sentences=last.sentences[:-1], kind=last.kind))
    return tuple(paragraphs)


_BEFORE_END = regex.compile(r"[.!?\u2026\u3002\uff01\uff1f][\"'\u201d\u2019\u00bb)]*$")


def _blocks(text: str) -> Iterator[tuple[ParagraphKind, str]]:
    """Paragraphs and list items, each on one line; a heading that was written as a line of its own is left out."""
    for number, block in enumerate(regex.split(r"\n\s*\n", text)):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if lines and all(_ITEM.match(line) for line in lines):
            for line in lines:
                yield ParagraphKind.LIST_ITEM, _ITEM.sub("", line)
            continue
        joined = " ".join(_ITEM.sub("", line) for line in lines)
        bare = _MARK.sub("", joined)
        if number == 0 and not _BEFORE_END.search(bare) and count_words(bare) <= _SHORT_HEADING and bare == joined:
            continue
        if joined:
            yield ParagraphKind.TEXT, joined


def _sentences(block: str, ids: Sequence[str], language: str) -> Iterator[Sentence]:
    """Sentences with their citations; a mark before the full stop belongs to the sentence that it ends."""
    block = _BEFORE_STOP.sub(r"\2\1", block)
    position = 0
    for mark in _MARK.finditer(block):
        cited = tuple(dict.fromkeys(ids[n - 1] for n in map(int, _NUMBER.findall(mark[0])) if 1 <= n <= len(ids)))
        yield from _cited(block[position : mark.start()], cited, language)
        position = mark.end()
    yield from _cited(block[position:], (), language)


def _cited(text: str, cited: tuple[str, ...], language: str) -> Iterator[Sentence]:
    pieces = [piece for piece in split_sentences(text.strip(), language) if count_words(piece)]
    for number, piece in enumerate(pieces, start=1):
        if not repeats_prompt(piece):
            yield Sentence(text=piece, passage_ids=cited if number == len(pieces) else ())
