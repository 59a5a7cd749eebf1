"""What readers of a model's article should know of where its sentences come from."""

from collections.abc import Iterator

from copydesk.domain.article import Assembled, EvidenceSentence, Notice, SupportStatus
from copydesk.domain.words import count_words, words_of

SOURCES_QUOTED = "SOURCES_QUOTED"
UNGROUNDED = "UNGROUNDED"
_OWN_WORDS = 6  # a shorter sentence may be worded like its source by chance


def origin_notices(writer: str, assembled: Assembled) -> Iterator[Notice]:
    """That sentences are their sources' own, because the writer's did not hold, or rest on no source at all.

    Args:
        writer: Its name; what the extractive writer quotes is said by itself.
        assembled: The finished text.
    """
    total = len(assembled.evidence)
    own = 0 if writer == "extractive" else sum(map(_is_verbatim, assembled.evidence))
    if own:
        message = (
            f"{own} of {total} sentences are their sources' own words: what the model wrote there did not hold, "
            "or it copied them."
        )
        yield Notice(code=SOURCES_QUOTED, subject=None, message=message)
    free = sum(sentence.support is SupportStatus.UNGROUNDED for sentence in assembled.evidence)
    if free:
        message = (
            f"{free} of {total} sentences come from the model's own knowledge, as the request allows "
            "(allow_ungrounded): no source was read for them, and nothing in them was checked."
        )
        yield Notice(code=UNGROUNDED, subject=None, message=message)


def _is_verbatim(sentence: EvidenceSentence) -> bool:
    said = _folded(sentence.text)
    return count_words(sentence.text) >= _OWN_WORDS and any(said in _folded(p.text) for p in sentence.passages)


def _folded(text: str) -> str:
    return f" {' '.join(word.casefold() for word in words_of(text))} "
