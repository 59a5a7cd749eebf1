"""Cut prose into passages: runs of whole sentences that stand on their own, each with its place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from copydesk.domain.article import Notice
from copydesk.domain.language import primary_language
from copydesk.domain.sentences import split_sentences
from copydesk.domain.source import BlockKind, Document, Omission, Passage, Place, Source, SourceKind
from copydesk.domain.words import count_words
from copydesk.evidence.excerpts import choose_parts
from copydesk.evidence.foreign import paragraph_language
from copydesk.evidence.leaning import opens_as_orphan, points_elsewhere, sends_on, speaks_in_first_person
from copydesk.evidence.merging import MAX_SENTENCES, MAX_WORDS, MIN_WORDS, Chunk, Run, Said, chunks_of
from copydesk.evidence.noise import (
    addresses_machines,
    clean_text,
    is_boilerplate,
    is_whole_sentence,
    speaks_of_the_page,
)
from copydesk.evidence.orders import names_in_orders, points_on, speaks_of
from copydesk.evidence.placing import Placed, Span, located_blocks, pieces_of, placed_blocks, sentence_spans
from copydesk.language.detect import detect_language

__all__ = ["MAX_SENTENCES", "MAX_WORDS", "MIN_WORDS", "Prose", "cut_prose", "document_language", "located_blocks"]

_SHORTEST = 8  # words of a passage; below, a sentence says too little alone
_SHORTEST_ITEM = 8  # words of a list item that is a statement; shorter ones are mostly fragments ("Faster searches.")
_TERSE = 6.0  # words a sentence on the average; below, a passage is a list of catchwords
_PROSE = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE, BlockKind.NOTE)
_LANGUAGE_SAMPLE = 3_000  # characters


@dataclass
class Prose:
    """What the prose of a document was cut into."""

    passages: list[Passage] = field(default_factory=list)
    left_out: list[tuple[Omission, Span]] = field(default_factory=list)  # sentences and whole paragraphs
    notices: list[Notice] = field(default_factory=list)  # of what the caller should know


def document_language(document: Document, default: str = "en") -> str:
    """The primary language of a document's prose: detected, else declared, else `default`."""
    sample: list[str] = []
    size = 0
    for block in document.blocks:
        if block.kind in _PROSE:
            sample.append(block.text[:_LANGUAGE_SAMPLE])
            size += len(sample[-1]) + 1
            if size > _LANGUAGE_SAMPLE:
                break
    text = " ".join(sample)[:_LANGUAGE_SAMPLE]
    return detect_language(text, default=primary_language(document.language or default))


def cut_prose(document: Document, source: Source, *, default: str = "en", about: str = "") -> Prose:
    """Cut a document's prose into passages with ids `s<source position>p<number>`, in reading order.

    Sentences are verbatim but for white space, Unicode normalization (NFC) and footnote marks, which
    go. Headings, captions, code, boilerplate, end matter (references, links), unfinished sentences,
    text that gives orders to machines and sentences about what such an order names make no passage. No
    passage crosses a heading, or goes from one language to another. Every sentence of the prose stands in
    a passage, or in `left_out` with its reason.

    Args:
        document: What a reader made of the source.
        source: Whose passages they become.
        default: The BCP 47 language to assume where neither the text nor the document tells.
        about: What the article is about; decides what is read of a very long document.
    """
    prose = Prose()
    language = document_language(document, default)
    blocks = [piece for block in placed_blocks(document) if block.block.kind in _PROSE for piece in pieces_of(block)]
    read = choose_parts(blocks, about, language)
    if not all(read):
        prose.notices.append(_partly_read(source, blocks, read))
    named = names_in_orders([clean_text(block.text) for block in blocks], about, language)
    cutter = _Cutter(source=source, language=language, prose=prose, named=named)
    runs: list[Run] = []
    for block, wanted in zip(blocks, read, strict=True):
        if wanted:
            runs.extend(cutter.runs_of(block))
        else:
            prose.left_out.append((Omission.BEYOND_LIMIT, (block.start, block.end)))
    for chunk in chunks_of(runs):
        if _too_terse(chunk.sentences):
            prose.left_out.extend((Omission.TERSE, span) for span in _spans(chunk.sentences))
        else:
            prose.passages.append(_passage(chunk, source, len(prose.passages)))
    return prose


def _partly_read(source: Source, blocks: Sequence[Placed], read: Sequence[bool]) -> Notice:
    total = sum(len(block.text) for block in blocks)
    taken = sum(len(block.text) for block, wanted in zip(blocks, read, strict=True) if wanted)
    message = f"Of its {total:,} characters of text the {taken:,} that speak of the topic most were read."
    return Notice(code="SOURCE_PARTLY_READ", subject=source.url or source.title, message=message)


def _passage(chunk: Chunk, source: Source, number: int) -> Passage:
    placed, language = chunk.run.block, chunk.run.language
    sentences = tuple(sentence.text for sentence in chunk.sentences)
    return Passage(
        passage_id=f"s{source.position}p{number}",
        source_id=source.source_id,
        sentences=sentences,
        place=Place(
            headings=placed.headings,
            page=placed.block.page,
            sheet=placed.block.sheet,
            first_row=placed.block.first_row,
            spans=_spans(chunk.sentences),
        ),
        language=language,
        position=number,
        stands_alone=_stands_alone(sentences, language, source),
        brevity=chunk.brevity,
    )


def _spans(sentences: Sequence[Said]) -> tuple[Span, ...]:
    """The places of sentences, those that follow on each other as one."""
    spans = [sentences[0].span]
    for before, after in pairwise(sentences):
        if after.number == before.number + 1:
            spans[-1] = (spans[-1][0], after.span[1])
        else:
            spans.append(after.span)
    return tuple(spans)


def _too_terse(sentences: Sequence[Said]) -> bool:
    words = sum(sentence.words for sentence in sentences)
    return words < _SHORTEST or words < _TERSE * len(sentences)


def _stands_alone(sentences: Sequence[str], language: str, source: Source) -> bool:
    """Whether a passage may be set into an article as it is; a file of the caller's own may say "we"."""
    if opens_as_orphan(sentences[0], language):
        return False
    own_voice = source.kind is SourceKind.FILE
    return not any(
        points_elsewhere(sentence, language) or (not own_voice and speaks_in_first_person(sentence, language))
        for sentence in sentences
    )


class _Cutter:
    """Takes paragraphs apart into runs of usable sentences, and records what is left out."""

    def __init__(self, *, source: Source, language: str, prose: Prose, named: frozenset[str]) -> None:
        self._source = source
        self._language = language
        self._prose = prose
        self._named = named  # by orders of this document
        self._reaches_on = False  # whether the block before orders something of this one
        self._number = 0  # of the next sentence
        self._end = -1  # of the block before

    def runs_of(self, block: Placed) -> Iterator[Run]:
        """The usable sentences of one block; one that points elsewhere stands apart, so that it spoils no other."""
        if block.start > self._end + 1:
            self._number += 1  # a table, a heading or code stands between
        self._end = block.end
        text = clean_text(block.text)
        noisy = speaks_of_the_page(text)
        reason = self._unusable(block, text, noisy=noisy)
        if reason is not None:
            self._leave_out(reason, (block.start, block.end))
        elif text:
            yield from self._runs(block, text, noisy=noisy)

    def _unusable(self, block: Placed, text: str, *, noisy: bool) -> Omission | None:
        """Why a whole block is left out."""
        meant, self._reaches_on = self._reaches_on, False
        if block.end_matter:
            return Omission.END_MATTER
        if addresses_machines(text):
            self._reaches_on = points_on(text)
            self._prose.notices.append(_machine_notice(self._source, text))
            return Omission.INSTRUCTIONS
        if meant:
            return Omission.INSTRUCTIONS
        return Omission.BOILERPLATE if noisy and is_boilerplate(text) else None

    def _leave_out(self, reason: Omission, span: Span) -> None:
        self._prose.left_out.append((reason, span))
        self._number += 1

    def _runs(self, block: Placed, text: str, *, noisy: bool) -> Iterator[Run]:
        language = paragraph_language(text, self._language)
        pieces = split_sentences(text, language)
        run: list[Said] = []
        broken = False
        for piece, span in zip(pieces, sentence_spans(block.text, text, pieces), strict=True):
            place = None if span is None else (block.start + span[0], block.start + span[1])
            reason = _omission(piece, block.block.kind, noisy=noisy)
            if self._named and speaks_of(piece, self._named):
                reason = Omission.INSTRUCTIONS
            if place is None or reason is not None:
                self._leave_out(reason or Omission.UNPLACED, place or (block.start, block.end))
            elif not points_elsewhere(piece, language):
                run.append(self._said(piece, place))
                continue
            if run:
                yield Run(sentences=tuple(run), block=block, language=language, broken=broken)
            run, broken = [], True
            if place is not None and reason is None:
                said = (self._said(piece, place),)
                yield Run(sentences=said, block=block, language=language, broken=True, points=True)
        if run:
            yield Run(sentences=tuple(run), block=block, language=language, broken=broken)

    def _said(self, text: str, span: Span) -> Said:
        self._number += 1
        return Said(text=text, words=count_words(text), span=span, number=self._number)


def _omission(sentence: str, kind: BlockKind, *, noisy: bool) -> Omission | None:
    """Why a sentence is left out, or None where it may be used."""
    if noisy and is_boilerplate(sentence):
        return Omission.BOILERPLATE
    if sends_on(sentence):
        return Omission.DIRECTIONS
    short_item = kind is BlockKind.LIST_ITEM and count_words(sentence) < _SHORTEST_ITEM
    return Omission.FRAGMENT if short_item or not is_whole_sentence(sentence) else None


def _machine_notice(source: Source, text: str) -> Notice:
    return Notice(
        code="INSTRUCTIONS_IGNORED",
        subject=source.url or source.title,
        message=f"Left out a passage that gives orders to programs that read it: {text[:80]!r}.",
    )
