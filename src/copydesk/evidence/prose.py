# ruff: noqa: RUF001 -- quotation marks, dashes and letters as people write them, not look-alikes by mistake
"""Cut prose into passages: runs of two to four whole sentences that stand on their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from copydesk.domain.article import Notice
from copydesk.domain.language import primary_language
from copydesk.domain.sentences import split_sentences
from copydesk.domain.source import Block, BlockKind, Document, Passage, Place, Source, SourceKind
from copydesk.domain.words import count_words
from copydesk.evidence.leaning import opens_as_orphan, points_elsewhere, sends_on, speaks_in_first_person
from copydesk.evidence.noise import (
    addresses_machines,
    clean_text,
    is_boilerplate,
    is_end_matter,
    is_whole_sentence,
    speaks_of_the_page,
)
from copydesk.language.detect import detect_language

MIN_SENTENCES, MAX_SENTENCES = 2, 4  # quality.md, section 5
MIN_WORDS, MAX_WORDS = 40, 150  # a paragraph's usual size; a shorter paragraph stays what it is
_SHORTEST = 8  # words of a passage; below, a sentence says too little alone
_SHORTEST_ITEM = 8  # words of a list item that is a statement; shorter ones are mostly fragments ("Faster searches.")
_TERSE = 6.0  # words a sentence on the average; below, a passage is a list of catchwords
_JOINED = 110  # words up to which short neighbouring paragraphs become one passage
_PROSE = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE, BlockKind.NOTE)
_LANGUAGE_SAMPLE = 3_000  # characters


@dataclass(frozen=True)
class _Run:
    """Consecutive whole sentences of one paragraph."""

    sentences: tuple[str, ...]
    place: Place
    kind: BlockKind
    broken: bool  # whether text before it in its paragraph was left out
    points: bool = False  # a single sentence that speaks of a figure, table or part of its document

    @property
    def words(self) -> int:
        return sum(count_words(sentence) for sentence in self.sentences)


def document_language(document: Document, default: str = "en") -> str:
    """The primary language of a document's prose: detected, else declared, else `default`."""
    prose = [block.text for block in document.blocks if block.kind in _PROSE]
    sample = " ".join(prose)[:_LANGUAGE_SAMPLE]
    return detect_language(sample, default=primary_language(document.language or default))


def cut_prose(
    document: Document, source: Source, *, default: str = "en"
) -> tuple[tuple[Passage, ...], tuple[Notice, ...]]:
    """Cut a document's prose into passages with ids `s<source position>p<number>`.

    Sentences are verbatim but for white space, Unicode normalization (NFC) and footnote marks, which
    go. Headings, captions, code, boilerplate, end matter (references, links), unfinished sentences
    and text that gives orders to machines make no passage. No passage crosses a heading.

    Args:
        document: What a reader made of the source.
        source: Whose passages they become.
        default: The BCP 47 language to assume where neither the text nor the document tells.

    Returns:
        The passages in reading order, and a notice for each text that gives orders to machines.
    """
    language = document_language(document, default)
    filtered: list[Notice] = []
    runs = _joined(list(_runs(document, source, language, filtered)), language)
    passages: list[Passage] = []
    for run in runs:
        for sentences in _chunks(run.sentences, language):
            if _too_terse(sentences):
                continue
            number = len(passages)
            passages.append(
                Passage(
                    passage_id=f"s{source.position}p{number}",
                    source_id=source.source_id,
                    sentences=sentences,
                    place=run.place,
                    language=language,
                    position=number,
                    stands_alone=_stands_alone(sentences, language, source),
                )
            )
    return tuple(passages), tuple(filtered)


def _too_terse(sentences: Sequence[str]) -> bool:
    words = sum(count_words(sentence) for sentence in sentences)
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


def located_blocks(document: Document) -> Iterator[tuple[Block, tuple[str, ...]]]:
    """The blocks below headings, each with the path of its headings; end matter (references, links) is left out.

    A paragraph that a page end cut in two is made whole; it keeps its first page.
    """
    path: list[tuple[int, str]] = []
    for block in _continued(document.blocks):
        if block.kind is BlockKind.HEADING:
            level = block.level or 2
            path = [entry for entry in path if entry[0] < level]
            path.append((level, clean_text(block.text)))
        elif not any(is_end_matter(heading) for _, heading in path):
            yield block, tuple(heading for _, heading in path if heading)


def _runs(document: Document, source: Source, language: str, filtered: list[Notice]) -> Iterator[_Run]:
    """Whole sentences by paragraph, each with its place."""
    for block, headings in located_blocks(document):
        text = clean_text(block.text) if block.kind in _PROSE else ""
        if addresses_machines(text):
            filtered.append(_machine_notice(source, text))
            continue
        noisy = speaks_of_the_page(text)
        if not text or (noisy and is_boilerplate(text)):
            continue
        place = Place(headings=headings, page=block.page, sheet=block.sheet, first_row=block.first_row)
        yield from _whole_sentences(split_sentences(text, language), place, block.kind, language, noisy=noisy)


def _whole_sentences(
    pieces: Sequence[str], place: Place, kind: BlockKind, language: str, *, noisy: bool
) -> Iterator[_Run]:
    """Runs of usable sentences; one that points elsewhere stands apart, so that it spoils no other."""
    run: list[str] = []
    broken = False
    for piece in pieces:
        usable = is_whole_sentence(piece) and not (noisy and is_boilerplate(piece)) and not sends_on(piece)
        if kind is BlockKind.LIST_ITEM and count_words(piece) < _SHORTEST_ITEM:
            usable = False
        points = usable and points_elsewhere(piece, language)
        if usable and not points:
            run.append(piece)
            continue
        if run:
            yield _Run(tuple(run), place, kind, broken)
        if points:
            yield _Run((piece,), place, kind, broken=True, points=True)
        run, broken = [], True
    if run:
        yield _Run(tuple(run), place, kind, broken)


def _machine_notice(source: Source, text: str) -> Notice:
    subject = source.url or source.title
    return Notice(
        code="INSTRUCTIONS_IGNORED",
        subject=subject,
        message=f"Left out a passage that gives orders to programs that read it: {text[:80]!r}.",
    )


def _continued(blocks: Sequence[Block]) -> Iterator[Block]:
    pending: Block | None = None
    for block in blocks:
        if pending is not None and _continues(pending, block):
            glued = f"{pending.text.rstrip()} {block.text.lstrip()}"
            pending = replace(pending, text=glued)
            continue
        if pending is not None:
            yield pending
        pending = block
    if pending is not None:
        yield pending


def _continues(before: Block, after: Block) -> bool:
    if before.kind is not BlockKind.PARAGRAPH or after.kind is not BlockKind.PARAGRAPH:
        return False
    if before.page is None or after.page != before.page + 1:
        return False
    start, end = after.text.lstrip()[:1], before.text.rstrip()[-1:]
    return start.islower() and end not in ".!?:;。！？"


def _joined(runs: Sequence[_Run], language: str) -> list[_Run]:
    """Runs, with short neighbouring paragraphs of one section put together.

    News pages and plain texts break after each sentence or two; alone such a paragraph says too
    little, and often the next one leans on it.
    """
    joined: list[_Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last is not None and _belongs(last, run, language):
            joined[-1] = replace(last, sentences=last.sentences + run.sentences)
        else:
            joined.append(run)
    return joined


def _belongs(last: _Run, run: _Run, language: str) -> bool:
    if run.kind is not last.kind or run.kind is BlockKind.NOTE or run.place != last.place:
        return False
    if run.broken or run.points or last.points:
        return False
    if len(last.sentences) + len(run.sentences) > MAX_SENTENCES or last.words + run.words > _JOINED:
        return False
    return min(last.words, run.words) < MIN_WORDS or opens_as_orphan(run.sentences[0], language)


def _chunks(sentences: Sequence[str], language: str) -> list[tuple[str, ...]]:
    """Divide a paragraph at the least cost: sizes near the bounds, no chunk that opens with an orphan."""
    words = [count_words(sentence) for sentence in sentences]
    orphan = [opens_as_orphan(sentence, language) for sentence in sentences]
    best: list[tuple[float, int]] = [(0.0, 0)]  # the least cost up to each sentence, and where its last chunk begins
    for end in range(1, len(sentences) + 1):
        options = []
        for start in range(max(0, end - MAX_SENTENCES), end):
            cost = _cost(sum(words[start:end]), end - start)
            cost += 60.0 if orphan[start] and start else 0.0
            options.append((best[start][0] + cost, start))
        best.append(min(options))
    cuts = []
    end = len(sentences)
    while end:
        start = best[end][1]
        cuts.append(tuple(sentences[start:end]))
        end = start
    return cuts[::-1]


def _cost(words: int, sentences: int) -> float:
    """How far a chunk is from a good passage, in words."""
    cost = 5.0  # each chunk costs a little, so that fewer are better
    cost += max(0, MIN_WORDS - words) + max(0, words - MAX_WORDS)
    return cost + (30.0 if sentences < MIN_SENTENCES else 0.0)
