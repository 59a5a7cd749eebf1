"""Cut documents into passages, the unit of evidence: of their prose, and of what their tables say."""

from dataclasses import dataclass

from copydesk.domain.article import Notice
from copydesk.domain.source import Document, Passage, Source
from copydesk.evidence.figures import state_figures
from copydesk.evidence.prose import cut_prose, document_language

__all__ = ["Cut", "cut_passages", "document_language"]


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What a document was cut into."""

    passages: tuple[Passage, ...]  # in reading order, those computed from tables last
    filtered: tuple[Notice, ...] = ()  # text that was left out because it gives orders to machines


def cut_passages(document: Document, source: Source, *, language: str | None = None) -> Cut:
    """Cut a document into passages whose ids are unique in the source's task.

    Passages of prose are in the document's own language, which is detected.

    Args:
        document: What a reader made of the source.
        source: Whose passages they become.
        language: The article's BCP 47 language, in which the figures of tables are said (see
            `state_figures`); None leaves tables out.
    """
    prose, filtered = cut_prose(document, source, default=language or "en")
    figures = state_figures(document, source, language=language, first_position=len(prose)) if language else ()
    return Cut(passages=prose + figures, filtered=filtered)
