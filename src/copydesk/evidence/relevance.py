"""How well passages fit a text: BM25 over lemmas, with the heading path and source title as context."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from copydesk.domain.language import primary_language
from copydesk.domain.source import Passage, Source
from copydesk.language.terms import content_terms, raw_tokens, term_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]

_FEEDBACK_PASSAGES = 10  # the best passages that lend their terms to the query (Rocchio's relevance feedback)
_FEEDBACK_TERMS = 12
_FEEDBACK_WEIGHT = 0.25  # of all lent terms beside the query's own; more and the topic drifts
_TITLE_REPEATS = 2  # a source's title counts double, as a passage hardly names its document's subject
_K1, _B = 1.5, 0.75  # of BM25, as bm25s and Lucene have them


class _TermIds(dict[str, int]):
    """Raw tokens by the id of their term; -1 for a function word. A new token is looked up once."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self.vocabulary: dict[str, int] = {}  # term to id

    def __missing__(self, token: str) -> int:
        term = term_of(token, self._language)
        number = self.vocabulary.setdefault(term, len(self.vocabulary)) if term else -1
        self[token] = number
        return number


class PassageIndex:
    """An index over passages of one language; built once, asked for the topic and for every section.

    Term ids of all passages stand in one array, which also finds near-duplicates. Ids, and with them ties, are
    the same in every process.
    """

    def __init__(self, passages: Sequence[Passage], sources: Mapping[str, Source], *, language: str) -> None:
        """Index passages.

        Args:
            passages: In the order in which `scores` will answer.
            sources: The passages' sources by id.
            language: Their BCP 47 language.
        """
        import numpy as np  # noqa: PLC0415 - not needed at start-up

        self._language = primary_language(language)
        self.passages = tuple(passages)
        self._ids = _TermIds(self._language)
        tokens = [raw_tokens(passage.text, self._language) for passage in self.passages]
        self.sizes = np.array([len(found) for found in tokens], dtype=np.int64)  # in words, function words and all
        self._terms, self._owners = self._without_function_words(tokens)
        bounds = np.searchsorted(self._owners, np.arange(1, len(self.passages)))
        self.texts: list[Ids] = np.split(self._terms, bounds) if self.passages else []  # ids of terms
        self._context = self._contexts(sources)
        self._weights = _Bm25(
            np.concatenate([self._terms, self._context[0]]),
            np.concatenate([self._owners, self._context[1]]),
            len(self.passages),
        )

    def _without_function_words(self, tokens: Sequence[Sequence[str]]) -> "tuple[Ids, Ids]":
        """The ids of all terms, and which passage each is of."""
        import numpy as np  # noqa: PLC0415 - as above

        known = self._ids
        numbers = np.array([known[token] for found in tokens for token in found], dtype=np.int64)
        owners = np.repeat(np.arange(len(tokens)), [len(found) for found in tokens])
        content = numbers >= 0
        return numbers[content], owners[content]

    def _contexts(self, sources: Mapping[str, Source]) -> "tuple[Ids, Ids]":
        """Likewise of each passage's headings, sheet and source title."""
        import numpy as np  # noqa: PLC0415 - as above

        keys: dict[tuple[str, ...], int] = {}
        of_passage = []
        for passage in self.passages:
            key = (*passage.place.headings, passage.place.sheet or "", sources[passage.source_id].title or "")
            of_passage.append(keys.setdefault(key, len(keys)))
        texts = [" ".join((*key[:-1], *[key[-1]] * _TITLE_REPEATS)) for key in keys]
        terms, owners = self._without_function_words([raw_tokens(text, self._language) for text in texts])
        contexts = np.split(terms, np.searchsorted(owners, np.arange(1, len(texts)))) if texts else []
        found = [contexts[number] for number in of_passage]
        repeated = np.repeat(np.arange(len(found)), [len(context) for context in found])
        return np.concatenate(found) if found else terms, repeated

    def scores(self, text: str, *, feedback: bool = False) -> "NDArray[np.float32]":
        """The BM25 score of every passage for the content words of `text`; 0 where none occurs.

        With `feedback` the most telling terms of the best passages join the query at a low weight, so
        that passages on the subject which do not name it are found too.
        """
        return self.weighted_scores(dict.fromkeys(content_terms(text, self._language), 1.0), feedback=feedback)

    def weighted_scores(self, query: Mapping[str, float], *, feedback: bool = False) -> "NDArray[np.float32]":
        """As `scores`, for terms with weights of their own."""
        vocabulary = self._ids.vocabulary
        known = {vocabulary[term]: weight for term, weight in query.items() if term in vocabulary}
        scores = self._weights.scores(known)
        if feedback:
            scores = scores + self._weights.scores(self._telling_terms(scores, set(known), len(query)))
        return scores

    def figures(self) -> list[frozenset[int]]:
        """The term ids of the numbers in each passage's own text."""
        import numpy as np  # noqa: PLC0415 - as above

        vocabulary = self._ids.vocabulary
        is_number = np.fromiter((term[0].isdigit() for term in vocabulary), dtype=bool, count=len(vocabulary))
        numbers = is_number[self._terms]
        found: list[frozenset[int]] = [frozenset()] * len(self.passages)
        for owner in np.unique(self._owners[numbers]).tolist():
            ids = self.texts[owner]
            found[owner] = frozenset(ids[is_number[ids]].tolist())
        return found

    def found(self, terms: Iterable[str], *, with_context: bool = False) -> "NDArray[np.bool_]":
        """Which passages (rows) have which of `terms` (columns) in their own text, or also in headings and title."""
        import numpy as np  # noqa: PLC0415 - as above

        wanted = list(terms)
        table = np.zeros((len(self.passages), len(wanted)), dtype=bool)
        for column, term in enumerate(wanted):
            number = self._ids.vocabulary.get(term, -1)
            table[self._owners[self._terms == number], column] = True
            if with_context:
                table[self._context[1][self._context[0] == number], column] = True
        return table

    def _telling_terms(self, scores: "NDArray[np.float32]", known: set[int], asked: int) -> dict[int, float]:
        """Terms frequent in the best passages and rare elsewhere, weighted to `_FEEDBACK_WEIGHT` in all."""
        import numpy as np  # noqa: PLC0415 - as above

        ordered = (-scores).argsort(kind="stable").tolist()
        best = [index for index in ordered if scores[index] > 0][: min(_FEEDBACK_PASSAGES, len(ordered) // 3)]
        # Without any topic: what most passages speak of.
        inside = _passages_with(self.texts[index] for index in best or ordered)
        several = {term: count for term, count in inside.items() if count > 1 and term not in known}
        if not several:
            return {}
        candidates = np.zeros(len(self._ids.vocabulary), dtype=bool)
        candidates[list(several)] = True
        chosen = candidates[self._terms]
        pairs = np.unique(self._terms[chosen] * len(self.passages) + self._owners[chosen])
        frequency = np.bincount(pairs // len(self.passages), minlength=len(candidates))
        value = {term: count * count / int(frequency[term]) for term, count in several.items()}
        top = sorted(value, key=lambda term: (-value[term], term))[:_FEEDBACK_TERMS]
        return dict.fromkeys(top, _FEEDBACK_WEIGHT * max(1, asked) / max(1, len(top)))


def _passages_with(texts: "Iterable[Ids]") -> dict[int, int]:
    """In how many texts each term occurs."""
    found: dict[int, int] = {}
    for ids in texts:
        for term in set(ids.tolist()):
            found[term] = found.get(term, 0) + 1
    return found


class _Bm25:
    """The weight of every term in every passage, term by term.

    Lucene's BM25, as bm25s computes it (a test compares them), from one array instead of a list a passage:
    a fifth of the time, which an index that is made anew for every task spends each time.
    """

    def __init__(self, terms: "Ids", owners: "Ids", count: int) -> None:
        import numpy as np  # noqa: PLC0415 - not needed at start-up

        self._count = count
        pairs, frequency = np.unique(terms * max(1, count) + owners, return_counts=True)
        of_term, self._owners = np.divmod(pairs, max(1, count))
        size = int(of_term[-1]) + 1 if len(of_term) else 0
        self._bounds = np.searchsorted(of_term, np.arange(size + 1))
        passages_with = np.diff(self._bounds)
        lengths = np.bincount(owners, minlength=count)
        mean = lengths.mean() if count else 0.0
        rarity = np.log(1 + (count - passages_with + 0.5) / (passages_with + 0.5))
        damping = _K1 * (1 - _B + _B * lengths / (mean or 1.0))
        self._data = (rarity[of_term] * frequency / (frequency + damping[self._owners])).astype(np.float32)

    def scores(self, query: Mapping[int, float]) -> "NDArray[np.float32]":
        """The sum of the weights of the query's terms in every passage."""
        import numpy as np  # noqa: PLC0415 - as above

        total = np.zeros(self._count, dtype=np.float32)
        for term, weight in query.items():
            part = slice(self._bounds[term], self._bounds[term + 1])
            total[self._owners[part]] += weight * self._data[part]
        return total
