"""Sentences that the words alone neither bear out nor refute: paraphrases that a reader must judge."""

from collections.abc import Sequence

from copydesk.domain.article import Sentence
from copydesk.domain.source import Passage
from copydesk.domain.words import words_of
from copydesk.evidence.support import contradicts, is_supported, missing_facts, overlap

# The least share of content words that a paraphrase has in common with its passage. Below it a sentence speaks of
# something else; measured on the pairs in tests/unit/test_evidence_support.py.
DOUBTFUL_OVERLAP = 0.3
_QUOTED_WORDS = 4  # words in a row that a judgement must copy from the passage


def is_doubtful(sentence: Sentence, passages: Sequence[Passage], language: str) -> bool:
    """Whether a cited sentence states no fact that its passages lack, and still shares too few words with them.

    Args:
        sentence: With the ids of the passages that it cites.
        passages: Any passages; those that the sentence does not cite are ignored.
        language: The article's BCP 47 language.
    """
    cited = [passage for passage in passages if passage.passage_id in sentence.passage_ids]
    if not cited or is_supported(sentence, cited, language):
        return False
    texts = [passage.text for passage in cited]
    if missing_facts(sentence.text, texts, language) or contradicts(sentence.text, texts, language):
        return False
    return overlap(sentence.text, texts, language) >= DOUBTFUL_OVERLAP


def holds(sentence: Sentence, passages: Sequence[Passage], language: str) -> bool:
    """Whether a sentence stands as it is: by its words, or because it was judged where they leave a doubt."""
    if is_supported(sentence, passages, language):
        return True
    return sentence.judged and is_doubtful(sentence, passages, language)


def is_quoted_from(words: str, passage: Passage) -> bool:
    """Whether `words` stand in the passage in a row, enough of them to name a place in it.

    Case, punctuation and the kind of brackets do not matter.
    """
    wanted = [word.casefold() for word in words_of(words)]
    there = [word.casefold() for word in words_of(passage.text)]
    size = len(wanted)
    return size >= _QUOTED_WORDS and any(wanted == there[i : i + size] for i in range(len(there) - size + 1))
