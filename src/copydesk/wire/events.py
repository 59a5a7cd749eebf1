"""What a task tells of its progress, one model a kind of event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Self

from pydantic import Field

from copydesk.domain.article import Outline
from copydesk.domain.source import Disposition, Source, SourceKind
from copydesk.domain.task import StageName, StageState, StageStatus, Task, TaskStatus
from copydesk.wire.tasks import FailureOut
from copydesk.wire.text import AnswerModel, Instant


class EventKind(StrEnum):
    """The kinds of events, as Server-Sent Events name them (contract.md)."""

    STATUS = "status"
    STAGE = "stage"
    SOURCE = "source"
    OUTLINE = "outline"
    SECTION = "section"
    END = "end"


class EventOut(AnswerModel):
    """What the data of every event begin with."""

    kind: ClassVar[EventKind]

    task_id: str
    at: Instant = Field(description="When it was written down.")


class StatusEvent(EventOut):
    """The task is another status. The terminal one of an attempt is told by `end`, in the same shape."""

    kind: ClassVar[EventKind] = EventKind.STATUS

    status: TaskStatus
    attempt: int
    percent: int
    message: str | None
    error: FailureOut | None
    article_ids: list[str]

    @classmethod
    def of(cls, task: Task, at: datetime) -> Self:
        """The status of a task as it is stored now."""
        failure = task.failure
        return cls(
            task_id=task.task_id,
            at=at,
            status=task.status,
            attempt=task.attempt,
            percent=task.percent,
            message=task.message,
            error=None if failure is None else FailureOut.model_validate(failure, from_attributes=True),
            article_ids=list(task.article_ids),
        )


class EndEvent(StatusEvent):
    """The task has ended, and this stream with it."""

    kind: ClassVar[EventKind] = EventKind.END


class StageEvent(EventOut):
    """A stage began, ended, or says more of what it does."""

    kind: ClassVar[EventKind] = EventKind.STAGE

    stage: StageName
    status: StageStatus
    detail: str | None = Field(description="What it is doing or has found, a short sentence.")
    queries: list[str] = Field(default_factory=list, description="Of research: what the web is searched for.")
    percent: int = Field(description="Of the task, 0 to 100; never falls within an attempt.")
    started_at: Instant | None
    finished_at: Instant | None

    @classmethod
    def of(cls, task_id: str, state: StageState, percent: int, at: datetime) -> Self:
        """A stage as the task shows it."""
        return cls(
            task_id=task_id,
            at=at,
            stage=state.name,
            status=state.status,
            detail=state.detail,
            percent=percent,
            started_at=state.started_at,
            finished_at=state.finished_at,
        )


class SourceEvent(EventOut):
    """A source was found, was read, or its disposition is decided; the last event of a `source_id` holds."""

    kind: ClassVar[EventKind] = EventKind.SOURCE

    source_id: str
    source_kind: SourceKind
    url: str | None
    file_id: str | None
    title: str | None
    passages: int | None = Field(description="How many passages it gave; null until it is read.")
    disposition: Disposition | None = Field(description="Null while the task still reads and weighs.")
    message: str | None

    @classmethod
    def of(cls, task_id: str, source: Source, at: datetime, *, passages: int | None) -> Self:
        """A source as it is known now."""
        return cls(
            task_id=task_id,
            at=at,
            source_id=source.source_id,
            source_kind=source.kind,
            url=source.url,
            file_id=source.file_id,
            title=source.title,
            passages=passages,
            disposition=source.disposition,
            message=source.message,
        )


class PlannedSection(AnswerModel):
    """A section as the outline plans it."""

    section_id: str
    heading: str | None = Field(description="Null for what stands before the first heading.")
    level: int
    words: int = Field(description="Its budget.")


class OutlineEvent(EventOut):
    """The article is planned."""

    kind: ClassVar[EventKind] = EventKind.OUTLINE

    title: str
    sections: list[PlannedSection]

    @classmethod
    def of(cls, task_id: str, outline: Outline, at: datetime) -> Self:
        """The outline."""
        sections = [PlannedSection.model_validate(section, from_attributes=True) for section in outline.sections]
        return cls(task_id=task_id, at=at, title=outline.title, sections=sections)


class SectionText(AnswerModel):
    """Text of one section."""

    section_id: str
    text: str = Field(
        description="Plain while it is written, Markdown once it is final; empty: what was shown is void."
    )
    replaces: bool = Field(description="Whether it stands in place of all text of this section told before.")


class SectionEvent(EventOut):
    """Text of sections: pieces as they are written, several sections at once, then all as it was checked."""

    kind: ClassVar[EventKind] = EventKind.SECTION

    sections: list[SectionText]
    final: bool = Field(description="Whether these are all sections, checked, as the article has them.")


EVENTS: Mapping[EventKind, type[EventOut]] = {
    model.kind: model for model in (StatusEvent, StageEvent, SourceEvent, OutlineEvent, SectionEvent, EndEvent)
}
"""The model of each kind."""

_APART = {"task_id", "at"}  # kept in columns of their own


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event of a task."""

    sequence: int  # from 1; what `Last-Event-ID` names
    data: EventOut

    @property
    def kind(self) -> EventKind:
        """Which it is."""
        return self.data.kind

    @cached_property
    def json(self) -> str:
        """Its data as they go over the wire; made once, however many listen."""
        return self.data.model_dump_json()


def kept_data(event: EventOut) -> dict[str, Any]:
    """The data of an event as plain JSON, without what its row holds anyway."""
    return event.model_dump(mode="json", exclude=_APART)


def event_of(kind: str, *, task_id: str, sequence: int, at: datetime, data: Mapping[str, Any]) -> Event:
    """An event from its row."""
    model = EVENTS[EventKind(kind)]
    return Event(sequence=sequence, data=model.model_validate({**data, "task_id": task_id, "at": at}))


def as_status(event: Event) -> Event:
    """The end of an attempt that was not the last, told as the status that it was."""
    shape = {**event.data.model_dump(), "at": event.data.at}
    return Event(sequence=event.sequence, data=StatusEvent.model_validate(shape))
