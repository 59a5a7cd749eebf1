"""Which words of a passage are those of a sentence: what a reader is shown marked."""

import regex

from copydesk.language.terms import content_terms

_DENSE = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_PIECE = regex.compile(rf"(?V1)(?P<dense>[{_DENSE}]+)|[[\p{{L}}\p{{M}}\p{{N}}]--[{_DENSE}]]+(?:[.,][0-9]+)*")
_JOINED = regex.compile(r"[\s\-\u2010\u2011]{1,2}")  # between two marked words: marked with them


def shared_words(sentence: str, passage: str, language: str) -> tuple[tuple[int, int], ...]:
    """The runs of a passage, as (start, end) in characters, whose words are content words of the sentence.

    Words are the same by their lemmas, numbers as they are written; in scripts without spaces pairs of characters
    are. Runs stand in order and apart from each other.
    """
    wanted = set(content_terms(sentence, language))
    runs: list[tuple[int, int]] = []
    for piece in _PIECE.finditer(passage):
        found = _pairs(piece, wanted, language) if piece["dense"] else _word(piece, wanted, language)
        for start, end in found:
            if runs and (start <= runs[-1][1] or _JOINED.fullmatch(passage, runs[-1][1], start)):
                runs[-1] = (runs[-1][0], end)
            else:
                runs.append((start, end))
    return tuple(runs)


def _word(piece: "regex.Match[str]", wanted: set[str], language: str) -> list[tuple[int, int]]:
    return [piece.span()] if wanted.intersection(content_terms(piece[0], language)) else []


def _pairs(piece: "regex.Match[str]", wanted: set[str], language: str) -> list[tuple[int, int]]:
    text, start = piece[0], piece.start()
    places = range(max(1, len(text) - 1))
    return [
        (start + index, start + min(index + 2, len(text)))
        for index in places
        if wanted.intersection(content_terms(text[index : index + 2], language))
    ]
