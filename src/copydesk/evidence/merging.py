"""Put sentences together into passages: short neighbours joined, long paragraphs divided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from copydesk.domain.source import BlockKind, Brevity
from copydesk.evidence.leaning import opens_as_orphan
from copydesk.evidence.placing import Placed, Span

MIN_SENTENCES, MAX_SENTENCES = 2, 4  # quality.md, section 5; more only where their words are few
MOST_SENTENCES = 8
MIN_WORDS, MAX_WORDS = 40, 150  # of a passage, where its paragraph and neighbours allow
_JOINED = 110  # words up to which short neighbouring paragraphs become one passage
_OUT_OF_BOUNDS = 100.0  # what a passage costs outside the bounds, in words
_ORPHAN = 60.0  # what one costs that opens with "This" or "However"
_LONE = 30.0  # what a single sentence costs
_FURTHER = 10.0  # what each sentence beyond `MAX_SENTENCES` costs


@dataclass(frozen=True, kw_only=True)
class Said:
    """One sentence with its place."""

    text: str
    words: int
    span: Span
    number: int  # counts all sentences of the document; one that follows on directly has the next number


@dataclass(frozen=True, kw_only=True)
class Run:
    """Consecutive whole sentences of one paragraph, or of several under the same heading."""

    sentences: tuple[Said, ...]
    block: Placed  # the first one's
    language: str
    broken: bool  # whether text before it in its paragraph was left out
    points: bool = False  # a single sentence that speaks of a figure, table or part of its document

    @property
    def words(self) -> int:
        """How many words it has."""
        return sum(sentence.words for sentence in self.sentences)

    @property
    def leans(self) -> bool:
        """Whether it opens with words that point back to text before it."""
        return opens_as_orphan(self.sentences[0].text, self.language)


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """The sentences of one passage, and why they are few."""

    run: Run
    sentences: tuple[Said, ...]
    brevity: Brevity | None


def chunks_of(runs: Sequence[Run]) -> Iterator[Chunk]:
    """Divide runs, in reading order, into passages of `MIN_WORDS` to `MAX_WORDS` words where that can be.

    Only runs of one kind and language below one heading are joined. A sentence is never cut.
    """
    joined = _topped_up(_joined(runs))
    for number, run in enumerate(joined):
        beside = [other for other in joined[max(0, number - 1) : number + 2] if other is not run]
        for sentences in _divided(run.sentences, run.language):
            words = sum(sentence.words for sentence in sentences)
            brevity = _reason(run, whole=sentences == run.sentences, beside=beside) if words < MIN_WORDS else None
            yield Chunk(run=run, sentences=sentences, brevity=brevity)


def _reason(run: Run, *, whole: bool, beside: Sequence[Run]) -> Brevity:
    if run.points:
        return Brevity.POINTS
    alone = whole and all(other.block.section != run.block.section for other in beside)
    return Brevity.SECTION if alone else Brevity.NEIGHBOURS


def _joined(runs: Sequence[Run]) -> list[Run]:
    """Runs, with short neighbouring paragraphs of one section put together.

    News pages and plain texts break after each sentence or two; alone such a paragraph says too
    little, and often the next one leans on it.
    """
    joined: list[Run] = []
    for run in runs:
        if joined and _belongs(joined[-1], run):
            joined[-1] = _together(joined[-1], run)
        else:
            joined.append(run)
    return joined


def _together(first: Run, second: Run) -> Run:
    return replace(first, sentences=first.sentences + second.sentences)


def _alike(last: Run, run: Run) -> bool:
    """Whether two neighbours are of one kind and section, and may be read as one text."""
    first, second = last.block, run.block
    if last.points or run.points or second.block.kind is BlockKind.NOTE or first.section != second.section:
        return False
    same_place = (first.block.kind, first.block.sheet) == (second.block.kind, second.block.sheet)
    return same_place and last.language == run.language


def _belongs(last: Run, run: Run) -> bool:
    if run.broken or not _alike(last, run):
        return False
    if len(last.sentences) + len(run.sentences) > MAX_SENTENCES or last.words + run.words > _JOINED:
        return False
    return min(last.words, run.words) < MIN_WORDS or run.leans


def _topped_up(runs: Sequence[Run]) -> list[Run]:
    """Runs, with each that is too short put to the shorter of its neighbours that may take it."""
    result = list(runs)
    number = 0
    while number < len(result):
        if result[number].words >= MIN_WORDS:
            number += 1
            continue
        # The run at `left` takes in the one behind it.
        options = [
            left for left in (number - 1, number) if 0 <= left < len(result) - 1 and _fits(*result[left : left + 2])
        ]
        if not options:
            number += 1
            continue
        left = min(options, key=lambda left: (result[left].words + result[left + 1].words, left))
        result[left : left + 2] = [_together(result[left], result[left + 1])]
        number = left
    return result


def _fits(last: Run, run: Run) -> bool:
    """Whether two neighbours may become one passage: what follows left-out text may have leant on it."""
    return _alike(last, run) and last.words + run.words <= MAX_WORDS and not (run.broken and run.leans)


def _divided(sentences: Sequence[Said], language: str) -> list[tuple[Said, ...]]:
    """Divide a paragraph at the least cost: sizes within the bounds, no chunk that opens with an orphan."""
    orphan = [opens_as_orphan(sentence.text, language) for sentence in sentences]
    best: list[tuple[float, int]] = [(0.0, 0)]  # the least cost up to each sentence, and where its last chunk begins
    for end in range(1, len(sentences) + 1):
        options = []
        words = 0
        for start in range(end - 1, max(0, end - MOST_SENTENCES) - 1, -1):
            words += sentences[start].words
            cost = _cost(words, end - start) + (_ORPHAN if orphan[start] and start else 0.0)
            options.append((best[start][0] + cost, start))
            if words > 2 * MAX_WORDS:
                break
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
    if words < MIN_WORDS:
        cost += _OUT_OF_BOUNDS + MIN_WORDS - words
    elif words > MAX_WORDS and sentences > 1:
        cost += _OUT_OF_BOUNDS + words - MAX_WORDS
    if sentences < MIN_SENTENCES:
        cost += _LONE
    return cost + _FURTHER * max(0, sentences - MAX_SENTENCES)
