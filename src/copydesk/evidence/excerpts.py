"""Which parts of a very long source are read: those that speak of the topic most."""

import math
from collections.abc import Iterable, Iterator, Sequence

from copydesk.evidence.placing import PIECE_CHARACTERS, Placed
from copydesk.language.terms import content_terms

# Characters that are cut into passages. An article takes at most three times its longest length from one source
# (30,000 words), so that about 100,000 words leave plenty to choose from; all of 20 MiB would take a minute.
READ_CHARACTERS = 600_000
_STEM = 6  # characters of a term looked for: inflected words begin alike


def choose_parts(blocks: Sequence[Placed], about: str, language: str) -> list[bool]:
    """Say of each block whether it is read.

    All are where they have at most `READ_CHARACTERS`. Of a longer source the beginning is read, and the
    stretches that name most words of `about`; where none does, as much as fits from the beginning on.

    Args:
        blocks: In reading order.
        about: The topic and the keywords of the brief.
        language: The BCP 47 language of the source.
    """
    if sum(len(block.text) for block in blocks) <= READ_CHARACTERS:
        return [True] * len(blocks)
    stems = sorted({term[:_STEM] for term in content_terms(about, language)})
    stretches = list(_stretches(blocks))
    worth = [_worth((blocks[n].text for n in stretch), stems) for stretch in stretches]
    order = sorted(range(len(stretches)), key=lambda number: (number > 0, -worth[number], number))
    read = [False] * len(blocks)
    left = READ_CHARACTERS
    for number in order:
        for block in stretches[number]:
            left -= len(blocks[block].text)
            if left < 0:
                return read
            read[block] = True
    return read


def _stretches(blocks: Sequence[Placed]) -> Iterator[range]:
    """Runs of blocks of about `PIECE_CHARACTERS` characters."""
    begin = size = 0
    for number, block in enumerate(blocks):
        if size and size + len(block.text) > PIECE_CHARACTERS:
            yield range(begin, number)
            begin, size = number, 0
        size += len(block.text)
    yield range(begin, len(blocks))


def _worth(texts: Iterable[str], stems: Sequence[str]) -> float:
    text = "\n".join(texts).casefold()
    return sum(math.log1p(text.count(stem)) for stem in stems)
