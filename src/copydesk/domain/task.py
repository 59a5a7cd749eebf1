"""A task: one article generation job, its stages and its states."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from copydesk.domain.article import Notice
from copydesk.domain.brief import WordRange


class TaskStatus(StrEnum):
    """The life of a task: pending, processing, then one of the terminal three."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """Whether nothing follows (but a retry, from failed)."""
        return self in (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED)

    @property
    def active(self) -> bool:
        """Whether the task counts against `MAX_ACTIVE_TASKS`."""
        return not self.terminal


class StageName(StrEnum):
    """The pipeline's stages, in order; the first three run side by side."""

    RESEARCH = "research"
    REFERENCES = "references"
    FILES = "files"
    OUTLINE = "outline"
    DRAFT = "draft"
    SEO = "seo"


class StageStatus(StrEnum):
    """The life of a stage."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class StageState:
    """One stage as the task shows it."""

    name: StageName
    status: StageStatus = StageStatus.PENDING
    started_at: datetime | None = None
    finished_at: datetime | None = None
    detail: str | None = None  # what it is doing or has found, a short sentence


@dataclass(frozen=True, kw_only=True)
class TaskInput:
    """Every field of the contract's POST body, as accepted: trimmed and folded."""

    user_prompt: str
    keywords: tuple[str, ...] = ()
    reference_links: tuple[str, ...] = ()
    file_ids: tuple[str, ...] = ()
    min_words: int | None = None
    max_words: int | None = None
    language: str | None = None
    tone: str | None = None
    audience: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    max_cost_usd: float | None = None
    allow_ungrounded: bool = False

    @property
    def words(self) -> WordRange:
        """The range to meet."""
        return WordRange.derive(self.min_words, self.max_words)


@dataclass(frozen=True, kw_only=True)
class TaskFailure:
    """Why a task failed."""

    code: str  # one of the contract's table: LLM_ERROR, WORKFLOW_ERROR, DATABASE_ERROR, ...
    message: str
    stage: StageName | None
    retryable: bool


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What the model calls of a task took."""

    llm_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0  # None if any call's price is unknown


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task as it is stored; its sources stand in a table of their own."""

    task_id: str
    account_id: str
    input: TaskInput
    status: TaskStatus
    stages: tuple[StageState, ...]
    percent: int  # 0 to 100, never falls within an attempt
    message: str | None  # what goes on, a short sentence
    warnings: tuple[Notice, ...]
    failure: TaskFailure | None
    usage: Usage
    article_ids: tuple[str, ...]
    attempt: int  # from 1
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def stage(self) -> StageName | None:
        """The earliest running stage, or None."""
        return next((s.name for s in self.stages if s.status is StageStatus.RUNNING), None)

    @property
    def workflow_id(self) -> str:
        """The durable workflow that runs the current attempt."""
        return f"{self.task_id}:{self.attempt}"


def fresh_stages() -> tuple[StageState, ...]:
    """The stages of a task that has not begun."""
    return tuple(StageState(name=name) for name in StageName)
