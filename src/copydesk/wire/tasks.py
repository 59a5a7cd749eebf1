"""Tasks over the wire: the POST body, and how a task is shown."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator
from pydantic.json_schema import WithJsonSchema
from pydantic_core import PydanticCustomError

from copydesk.domain.language import is_language_tag
from copydesk.domain.links import MAX_LINK_CHARACTERS, check_link
from copydesk.domain.source import Disposition, Source, SourceKind
from copydesk.domain.task import StageName, StageStatus, Task, TaskInput, TaskStatus
from copydesk.wire.text import (
    NO_NUL,
    TRIMMED,
    VISIBLE,
    AnswerModel,
    Hundred,
    Instant,
    Keyword,
    Metadata,
    Offset,
    RequestModel,
    fold_keywords,
    whole_number,
)

_MIN_WORDS, _MAX_WORDS = 100, 10_000

# JSON has one kind of number: 800.0 is the integer 800 (JSON Schema 2020-12, 6.1.1).
Words = Annotated[int, Field(strict=True, ge=_MIN_WORDS, le=_MAX_WORDS), BeforeValidator(whole_number)]
Remark = Annotated[str, StringConstraints(strict=True, max_length=200), TRIMMED, NO_NUL]


def _followable(value: str, info: ValidationInfo) -> str:
    return check_link(value, (info.context or {}).get("allow", ()))


Link = Annotated[
    str,
    StringConstraints(strict=True),
    TRIMMED,
    Field(json_schema_extra={"format": "uri", "maxLength": MAX_LINK_CHARACTERS}),
    AfterValidator(_followable),
]


def _say_of_tags(schema: dict[str, Any]) -> None:
    """White space around a tag is allowed and not counted, which maxLength would not say."""
    del schema["maxLength"]
    schema["pattern"] = r"^\s*[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\s*$"  # RFC 5646; and registered


LanguageTag = Annotated[
    str,
    StringConstraints(strict=True, max_length=64),
    TRIMMED,
    Field(json_schema_extra=_say_of_tags),
]


def _file_id(value: Any) -> Any:
    """The id of an uploaded file's metadata; all its other members are ignored."""
    if isinstance(value, dict):
        found = value.get("file_id") if value.get("file_id") is not None else value.get("id")
        if isinstance(found, str):
            return found.strip()
    kind, message = "file_id_missing", "Input should be an object with the string file_id, as POST /files returned it"
    raise PydanticCustomError(kind, message)


UploadedFileId = Annotated[
    str,
    BeforeValidator(_file_id),
    WithJsonSchema(
        {
            "type": "object",
            "required": ["file_id"],
            "properties": {"file_id": {"type": "string", "description": "As `POST /api/v1/files` returned it."}},
        }
    ),
]


class TaskCreate(RequestModel):
    """What to write. Validate with the context `{"allow": settings.outbound_allow}`."""

    user_prompt: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=1_000), TRIMMED, VISIBLE] = (
        Field(description="Topic and instructions, 1 to 1,000 characters.")
    )
    keywords: Annotated[list[Keyword], Field(strict=True, max_length=10)] | None = Field(
        None, description="Target keywords, the primary one first; those that differ in case alone are folded."
    )
    reference_links: Annotated[list[Link], Field(strict=True, max_length=5)] | None = Field(
        None, description="Public http(s) pages to read, at most 2,048 characters each."
    )
    uploaded_files: Annotated[list[UploadedFileId], Field(strict=True, max_length=50)] | None = Field(
        None, description="Files to read, as `POST /api/v1/files` returned them; only `file_id` counts."
    )
    min_words: Words | None = Field(None, description="Alone, the maximum becomes 1.5 times as much.")
    max_words: Words | None = Field(
        None, description="Not less than `min_words`. Alone, the minimum becomes 0.7 times as much."
    )
    language: LanguageTag | None = Field(
        None, description="BCP 47 tag, at most 64 characters; default: the prompt's own language."
    )
    tone: Remark | None = None
    audience: Remark | None = None
    metadata: Metadata | None = Field(
        None, description="At most 16 pairs of your own, kept as they are: keys to 255, values to 10,000 characters."
    )
    max_cost_usd: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] | None = Field(
        None,
        description="Ceiling for model cost, in US dollars: no call begins that could pass it. Refused where the price"
        " of a model is not known.",
    )
    allow_ungrounded: Annotated[bool, Field(strict=True)] | None = Field(
        None, description="Whether a model may write on without evidence; default false."
    )

    @field_validator("max_words")
    @classmethod
    def _not_below_min_words(cls, value: int | None, info: ValidationInfo) -> int | None:
        minimum = info.data.get("min_words")
        if value is not None and minimum is not None and value < minimum:
            msg = f"max_words ({value}) must not be less than min_words ({minimum})"
            raise ValueError(msg)
        return value

    @field_validator("language")
    @classmethod
    def _a_language(cls, value: str | None) -> str | None:
        if value is not None and not is_language_tag(value):
            msg = "Input should be a BCP 47 language tag such as en, de-AT or zh-Hant"
            raise ValueError(msg)
        return value

    def accepted(self) -> TaskInput:
        """The input as the task keeps it: duplicates folded, defaults filled in."""
        return TaskInput(
            user_prompt=self.user_prompt,
            keywords=fold_keywords(self.keywords or ()),
            reference_links=tuple(dict.fromkeys(self.reference_links or ())),
            file_ids=tuple(dict.fromkeys(self.uploaded_files or ())),
            min_words=self.min_words,
            max_words=self.max_words,
            language=self.language,
            tone=self.tone,
            audience=self.audience,
            metadata=dict(self.metadata or {}),
            max_cost_usd=self.max_cost_usd,
            allow_ungrounded=bool(self.allow_ungrounded),
        )


class TaskListQuery(RequestModel):
    """Which tasks to list."""

    status: TaskStatus | None = Field(None, description="Only tasks in this status.")
    limit: Hundred = Field(20, description="How many at most.")
    offset: Offset = Field(0, description="How many to skip.")


class FileReference(AnswerModel):
    """An uploaded file by its id."""

    file_id: str


class StageOut(AnswerModel):
    """One stage of the pipeline."""

    name: StageName
    status: StageStatus
    started_at: Instant | None
    finished_at: Instant | None
    detail: str | None


class ProgressBrief(AnswerModel):
    """How far a task is, as lists show it."""

    stage: StageName | None = Field(description="The earliest running stage.")
    percent: int = Field(description="0 to 100; never falls within an attempt.")
    message: str | None


class Progress(ProgressBrief):
    """How far a task is."""

    stages: list[StageOut]


class SourceOut(AnswerModel):
    """A link, page or file of a task and what became of it."""

    kind: SourceKind
    url: str | None
    file_id: str | None
    title: str | None
    disposition: Disposition | None = Field(description="Null while the task still reads.")
    message: str | None


class NoticeOut(AnswerModel):
    """A warning."""

    code: str
    subject: str | None = Field(description="The link, file, field or keyword it is about.")
    message: str


class FailureOut(AnswerModel):
    """Why a task failed."""

    code: str
    message: str
    stage: StageName | None
    retryable: bool


class UsageOut(AnswerModel):
    """What the model calls of a task took."""

    llm_calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None = Field(description="US dollars; null if any call's price is unknown.")


class _TaskFields(AnswerModel):
    """What both forms of a task begin with."""

    task_id: str
    status: TaskStatus
    user_prompt: str
    keywords: list[str]
    reference_links: list[str]
    uploaded_files: list[FileReference]
    min_words: int | None
    max_words: int | None
    language: str | None
    tone: str | None
    audience: str | None
    metadata: dict[str, str]
    max_cost_usd: float | None
    allow_ungrounded: bool
    error: FailureOut | None
    usage: UsageOut
    article_ids: list[str]
    attempt: int
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None


class TaskItem(_TaskFields):
    """A task as lists show it: without stages, sources and warnings."""

    progress: ProgressBrief

    @classmethod
    def of(cls, task: Task) -> Self:
        """Show a task in a list."""
        return cls(
            **_task_fields(task),
            progress=ProgressBrief(stage=task.stage, percent=task.percent, message=task.message),
        )


class TaskOut(_TaskFields):
    """A task in full."""

    progress: Progress
    sources: list[SourceOut]
    warnings: list[NoticeOut]

    @classmethod
    def of(cls, task: Task, sources: Sequence[Source] = ()) -> Self:
        """Show a task with its sources."""
        return cls(
            **_task_fields(task),
            progress=Progress(
                stage=task.stage,
                percent=task.percent,
                message=task.message,
                stages=[StageOut.model_validate(stage, from_attributes=True) for stage in task.stages],
            ),
            sources=[SourceOut.model_validate(source, from_attributes=True) for source in sources],
            warnings=[NoticeOut.model_validate(notice, from_attributes=True) for notice in task.warnings],
        )


class TaskList(AnswerModel):
    """A page of tasks, newest first."""

    tasks: list[TaskItem]
    total: int
    limit: int
    offset: int


def _task_fields(task: Task) -> Mapping[str, Any]:
    given = task.input
    failure = task.failure
    return {
        "task_id": task.task_id,
        "status": task.status,
        "user_prompt": given.user_prompt,
        "keywords": list(given.keywords),
        "reference_links": list(given.reference_links),
        "uploaded_files": [FileReference(file_id=file_id) for file_id in given.file_ids],
        "min_words": given.min_words,
        "max_words": given.max_words,
        "language": given.language,
        "tone": given.tone,
        "audience": given.audience,
        "metadata": given.metadata,
        "max_cost_usd": given.max_cost_usd,
        "allow_ungrounded": given.allow_ungrounded,
        "error": None if failure is None else FailureOut.model_validate(failure, from_attributes=True),
        "usage": UsageOut.model_validate(task.usage, from_attributes=True),
        "article_ids": list(task.article_ids),
        "attempt": task.attempt,
        "created_at": task.created_at,
        "started_at": task.started_at,
        "finished_at": task.finished_at,
    }
