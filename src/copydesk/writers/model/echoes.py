"""Text that repeats what a model was told: it belongs in no article, whoever asked for it."""

from functools import cache

import regex

from copydesk.domain.words import words_of
from copydesk.writers.model.prompts import NAMES, instructions_of

_RUN = 6  # words in a row that nobody but us puts so
_SHORTEST = 4  # words of a whole sentence of ours; shorter ones ("Add nothing.") people write too
_SENTENCE = regex.compile(r"[^.!?\n]*[.!?\n]+|[^.!?\n]+$")


def repeats_prompt(text: str) -> bool:
    """Whether a sentence has a run of six words of our instructions, or is a shorter sentence of them."""
    words = [word.casefold() for word in words_of(text)]
    if len(words) < _SHORTEST:
        return False
    size = min(_RUN, len(words))
    runs = {f" {' '.join(words[start : start + size])} " for start in range(len(words) - size + 1)}
    return any(run in said for said in _told() for run in runs)


def without_prompt(text: str) -> str:
    """A short text such as a title, without the sentences that repeat what the model was told."""
    if not repeats_prompt(text):
        return text
    return "".join(piece for piece in _SENTENCE.findall(text) if not repeats_prompt(piece)).strip()


@cache
def _told() -> tuple[str, ...]:
    """The instructions as words, one text a piece between placeholders."""
    pieces = [piece for name in NAMES for piece in regex.split(r"\$\w+", instructions_of(name))]
    return tuple(f" {' '.join(word.casefold() for word in words_of(piece))} " for piece in pieces)
