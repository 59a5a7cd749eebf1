"""How well passages fit a text: BM25 over lemmas, with the heading path and source title as context."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from copydesk.domain.language import primary_language
from copydesk.domain.source import Passage, Source
from copydesk.language.terms import content_terms, raw_tokens, term_of

if TYPE_CHECKING:
    import numpy as np
    from bm25s import BM25
    from numpy.typing import NDArray

_FEEDBACK_PASSAGES = 10  # the best passages that lend their terms to the query (Rocchio's relevance feedback)
_FEEDBACK_TERMS = 12
_FEEDBACK_WEIGHT = 0.25  # of all lent terms beside the query's own; more and the topic drifts
_TITLE_REPEATS = 2  # a source's title counts double, as a passage hardly names its document's subject


class PassageIndex:
    """An index over passages of one language; built once, asked for the topic and for every section.

    Token ids of all passages stand in one array, which also finds near-duplicates.
    """

    def __init__(self, passages: Sequence[Passage], sources: Mapping[str, Source], *, language: str) -> None:
        """Index passages.

        Args:
            passages: In the order in which `scores` will answer.
            sources: The passages' sources by id.
            language: Their BCP 47 language.
        """
        self._language = primary_language(language)
        self.passages = tuple(passages)
        self._vocabulary: dict[str, int] = {}  # term to id
        self._ids_of_token: dict[str, int] = {}  # raw token to term id, -1 for a function word
        tokens = [raw_tokens(passage.text) for passage in self.passages]
        self.sizes = [len(found) for found in tokens]  # in words, function words and all
        self.texts = [self._ids(found) for found in tokens]  # ids of terms, function words left out
        contexts: dict[tuple[str, ...], list[int]] = {}
        self._documents: list[list[int]] = []  # texts with their context
        for passage, text in zip(self.passages, self.texts, strict=True):
            title = sources[passage.source_id].title or ""
            key = (*passage.place.headings, passage.place.sheet or "", title)
            if key not in contexts:
                contexts[key] = self._ids(raw_tokens(" ".join((*key[:-1], *[title] * _TITLE_REPEATS))))
            self._documents.append(text + contexts[key])
        self._bm25 = _index(self._documents, self._vocabulary) if self._vocabulary else None

    def scores(self, text: str, *, feedback: bool = False) -> "NDArray[np.float32]":
        """The BM25 score of every passage for the content words of `text`; 0 where none occurs.

        With `feedback` the most telling terms of the best passages join the query at a low weight, so
        that passages on the subject which do not name it are found too.
        """
        return self.weighted_scores(dict.fromkeys(content_terms(text, self._language), 1.0), feedback=feedback)

    def weighted_scores(self, query: Mapping[str, float], *, feedback: bool = False) -> "NDArray[np.float32]":
        """As `scores`, for terms with weights of their own."""
        scores = self._weigh({self._vocabulary[t]: w for t, w in query.items() if t in self._vocabulary})
        if feedback:
            scores = scores + self._weigh(self._telling_terms(scores, set(query)))
        return scores

    def figures(self) -> list[frozenset[int]]:
        """The term ids of the numbers in each passage's own text."""
        numbers = frozenset(number for term, number in self._vocabulary.items() if term[0].isdigit())
        return [numbers.intersection(ids) for ids in self.texts]

    def found(self, terms: Iterable[str], *, with_context: bool = False) -> list[set[str]]:
        """Which of `terms` each passage's own text has, or also its headings, sheet and source title."""
        names = {self._vocabulary[term]: term for term in terms if term in self._vocabulary}
        wanted = frozenset(names)
        return [
            {names[n] for n in wanted.intersection(ids)} for ids in (self._documents if with_context else self.texts)
        ]

    def _weigh(self, query: Mapping[int, float]) -> "NDArray[np.float32]":
        import numpy as np  # noqa: PLC0415 - not needed at start-up

        total = np.zeros(len(self.passages), dtype=np.float32)
        if self._bm25 is None:
            return total
        for term, weight in query.items():
            total += weight * self._bm25.get_scores_from_ids([term])
        return total

    def _telling_terms(self, scores: "NDArray[np.float32]", known: set[str]) -> dict[int, float]:
        """Terms frequent in the best passages and rare elsewhere, weighted to `_FEEDBACK_WEIGHT` in all."""
        ordered = [int(index) for index in (-scores).argsort(kind="stable")]
        best = [index for index in ordered if scores[index] > 0][: min(_FEEDBACK_PASSAGES, len(ordered) // 3)]
        if not best:
            best = ordered  # no topic at all: what most passages speak of
        frequency: dict[int, int] = {}
        for ids in self.texts:
            for term in set(ids):
                frequency[term] = frequency.get(term, 0) + 1
        inside: dict[int, int] = {}
        for index in best:
            for term in set(self.texts[index]):
                inside[term] = inside.get(term, 0) + 1
        skip = {self._vocabulary[term] for term in known if term in self._vocabulary}
        value = {term: n * n / frequency[term] for term, n in inside.items() if n > 1 and term not in skip}
        top = sorted(value, key=lambda term: (-value[term], term))[:_FEEDBACK_TERMS]
        return dict.fromkeys(top, _FEEDBACK_WEIGHT * max(1, len(known)) / max(1, len(top)))

    def _ids(self, tokens: Sequence[str]) -> list[int]:
        known = self._ids_of_token
        for token in dict.fromkeys(tokens):  # in order: ids, and with them ties, are the same in every process
            if token not in known:
                self._number(token)
        return [number for token in tokens if (number := known[token]) >= 0]

    def _number(self, token: str) -> None:
        term = term_of(token, self._language)
        self._ids_of_token[token] = self._vocabulary.setdefault(term, len(self._vocabulary)) if term else -1


def _index(documents: list[list[int]], vocabulary: dict[str, int]) -> "BM25":
    from bm25s import BM25  # noqa: PLC0415 - loads numpy

    index = BM25(backend="numpy", csc_backend="numpy")
    index.index((documents, vocabulary), create_empty_token=False, show_progress=False)
    return index
