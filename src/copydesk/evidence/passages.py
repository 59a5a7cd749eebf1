"""Cut documents into passages, the unit of evidence: of their prose, and of what their tables say."""

from collections import Counter
from dataclasses import dataclass, replace

from copydesk.domain.article import Notice
from copydesk.domain.source import Brevity, Document, Omission, Passage, Source
from copydesk.domain.words import count_words
from copydesk.evidence.figures import state_figures
from copydesk.evidence.prose import MIN_WORDS, cut_prose, document_language

__all__ = ["Cut", "cut_passages", "document_language"]


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What a document was cut into."""

    passages: tuple[Passage, ...]  # in reading order, those computed from tables last
    filtered: tuple[Notice, ...] = ()  # orders to machines that were left out; a source not read in full
    left_out: tuple[tuple[Omission, tuple[int, int]], ...] = ()  # sentences without a passage: why, where

    def counts(self) -> tuple[tuple[Omission, int], ...]:
        """How often each reason to leave something out applied."""
        return tuple(sorted(Counter(reason for reason, _ in self.left_out).items()))


def cut_passages(document: Document, source: Source, *, language: str | None = None, about: str = "") -> Cut:
    """Cut a document into passages whose ids are unique in the source's task.

    Passages of prose are in the document's own language, which is detected, or in that of their paragraph.

    Args:
        document: What a reader made of the source.
        source: Whose passages they become.
        language: The article's BCP 47 language, in which the figures of tables are said (see
            `state_figures`); None leaves tables out.
        about: The article's topic and keywords: of a very long document the parts that name them are read.
    """
    prose = cut_prose(document, source, default=language or "en", about=about)
    figures = state_figures(document, source, language=language, first_position=len(prose.passages)) if language else ()
    computed = tuple(replace(figure, brevity=Brevity.COMPUTED) if _is_short(figure) else figure for figure in figures)
    return Cut(passages=(*prose.passages, *computed), filtered=tuple(prose.notices), left_out=tuple(prose.left_out))


def _is_short(passage: Passage) -> bool:
    return count_words(passage.text) < MIN_WORDS
