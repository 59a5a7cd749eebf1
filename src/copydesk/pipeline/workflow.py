"""The order of stages, written once.

A task runs as one durable workflow. Each step below is checkpointed by the engine; what a step
makes is kept in our own tables and handed on by name, so that a recovery or a retry finds it.
"""

import asyncio
from collections.abc import Awaitable, Sequence

import regex

from copydesk.domain.brief import Brief
from copydesk.domain.clock import now
from copydesk.domain.task import StageName, Task, TaskFailure, TaskInput
from copydesk.engine.durable import durable_step
from copydesk.errors import CopydeskError
from copydesk.evidence.topic import subject_of, topic_phrase
from copydesk.language.detect import detect_language
from copydesk.pipeline.compose import Composer
from copydesk.pipeline.gather import Gatherer
from copydesk.pipeline.parts import Parts
from copydesk.pipeline.progress import TaskEnded
from copydesk.store.tasks import begin_task, fail_task, load_task


def brief_of(given: TaskInput) -> Brief:
    """The brief of a task: its language and topic phrase found in the prompt where they are not given.

    Topic and keywords become titles and headings, so control characters in them become spaces.
    """
    language = given.language or detect_language(given.user_prompt)
    topic = topic_phrase(_printable(given.user_prompt), language)
    keywords = (_printable(keyword) for keyword in given.keywords)
    return Brief(
        prompt=given.user_prompt,
        topic=topic,
        subject=subject_of(topic, language),
        keywords=tuple(keyword for keyword in keywords if keyword),
        language=language,
        words=given.words,
        tone=given.tone,
        audience=given.audience,
        allow_ungrounded=given.allow_ungrounded,
    )


def _printable(text: str) -> str:
    """The text with line ends kept and every other control character as a space, trimmed."""
    return regex.sub(r"[^\P{Cc}\n]+", " ", text).strip()


class Pipeline:
    """Runs tasks inside the engine's workflows."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._gatherer = Gatherer(parts)
        self._composer = Composer(parts)

    async def run(self, task_id: str, workflow_id: str) -> None:
        """Run one task to its end; every failure we know becomes the task's `error`, others are the worker's."""
        stage: StageName | None = None
        try:
            if not await durable_step("begin", self._begin, workflow_id):
                return
            await self._read(task_id)
            stage = StageName.OUTLINE
            section_ids = await durable_step("outline", self._outline, task_id)
            stage = StageName.DRAFT
            await _all(
                *(durable_step(f"section:{name}", self._section, task_id, name) for name in section_ids),
                durable_step("fields", self._fields, task_id),
            )
            await durable_step("draft", self._draft, task_id)
            stage = StageName.SEO
            await durable_step("seo", self._seo, task_id)
        except TaskEnded:
            return
        except CopydeskError as error:
            await durable_step("fail", self._fail, task_id, _failure(error, stage))
        finally:
            self._composer.forget(task_id)

    async def _read(self, task_id: str) -> None:
        """Research, references and files, side by side."""
        await _all(
            durable_step("research", self._research, task_id),
            durable_step("references", self._references, task_id),
            durable_step("files", self._files, task_id),
        )

    async def _begin(self, workflow_id: str) -> bool:
        async with self._parts.database.write() as connection:
            return await begin_task(connection, workflow_id=workflow_id, at=now()) is not None

    async def _research(self, task_id: str) -> str:
        return await self._gatherer.research(*await self._load(task_id))

    async def _references(self, task_id: str) -> str:
        return await self._gatherer.references(*await self._load(task_id))

    async def _files(self, task_id: str) -> str:
        return await self._gatherer.files(*await self._load(task_id))

    async def _outline(self, task_id: str) -> Sequence[str]:
        return await self._composer.outline(*await self._load(task_id))

    async def _section(self, task_id: str, section_id: str) -> str:
        return await self._composer.section(*await self._load(task_id), section_id)

    async def _fields(self, task_id: str) -> None:
        await self._composer.fields(*await self._load(task_id))

    async def _draft(self, task_id: str) -> int:
        return await self._composer.draft(*await self._load(task_id))

    async def _seo(self, task_id: str) -> str:
        return await self._composer.finish(*await self._load(task_id))

    async def _load(self, task_id: str) -> tuple[Task, Brief]:
        async with self._parts.database.read() as connection:
            task = await load_task(connection, task_id)
        if task is None or task.status.terminal:
            raise TaskEnded
        return task, brief_of(task.input)

    async def _fail(self, task_id: str, failure: TaskFailure) -> None:
        async with self._parts.database.write() as connection:
            await fail_task(connection, task_id=task_id, failure=failure, at=now())


def _failure(error: CopydeskError, stage: StageName | None) -> TaskFailure:
    return TaskFailure(code=error.code, message=error.message, stage=stage, retryable=error.retryable)


async def _all(*steps: Awaitable[object]) -> None:
    """Run steps side by side to their ends; then raise what the first of them raised."""
    for outcome in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
