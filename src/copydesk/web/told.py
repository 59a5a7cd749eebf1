"""What a task has told of itself, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from copydesk.domain.markdown.citations import with_citations
from copydesk.domain.markdown.html import render_html
from copydesk.wire.events import Event, OutlineEvent, PlannedSection, SectionEvent, SourceEvent, StageEvent


@dataclass(kw_only=True)
class Told:
    """All that was told, up to one event."""

    sequence: int = 0  # of the last event
    queries: list[str] = field(default_factory=list)  # what the web was searched for
    passages: dict[str, int] = field(default_factory=dict)  # how many each source gave, by its id
    outline: OutlineEvent | None = None
    outline_at: int = 0  # the sequence of the outline
    texts: dict[str, str] = field(default_factory=dict)  # of the sections, by their ids
    final_at: int = 0  # the sequence at which the texts were those of the article; 0: they are still being written

    @classmethod
    def of(cls, events: Sequence[Event]) -> "Told":
        """Take events in, in their order."""
        told = cls()
        for event in events:
            told.sequence = event.sequence
            told.take(event)
        return told

    def take(self, event: Event) -> None:
        """Take one event in."""
        match event.data:
            case StageEvent(queries=queries):
                self.queries += [query for query in queries if query not in self.queries]
            case SourceEvent(source_id=source_id, passages=int(passages)):
                self.passages[source_id] = passages
            case OutlineEvent() as outline:
                self.outline, self.outline_at, self.final_at = outline, event.sequence, 0
            case SectionEvent() as sections:
                self._write(sections)
                self.final_at = event.sequence if sections.final else 0
            case _:
                pass

    @property
    def version(self) -> str:
        """Changes where the sections are others, or become final; not while text is added to them."""
        return f"{self.outline_at}.{self.final_at}"

    def html(self, section: PlannedSection) -> Markup:
        """The final text of a section, sanitized; its citations stand in the article."""
        text = self.texts.get(section.section_id, "")
        return Markup(render_html(with_citations(text, (), "none")))  # noqa: S704 - render_html sanitizes

    def _write(self, event: SectionEvent) -> None:
        for piece in event.sections:
            before = "" if piece.replaces else self.texts.get(piece.section_id, "")
            self.texts[piece.section_id] = before + piece.text
