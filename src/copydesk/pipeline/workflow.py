"""The order of stages, written once.

A task runs as one durable workflow. Each step below is checkpointed by the engine; what a step
makes is kept in our own tables and handed on by name, so that a recovery or a retry finds it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

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
from copydesk.pipeline.limits import StageLimit
from copydesk.pipeline.parts import Parts
from copydesk.pipeline.progress import TaskEnded
from copydesk.store.evidence import OUTLINE, get_result
from copydesk.store.tasks import begin_task, fail_task, load_task, note_message


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
        """Run one task to its end; every failure we know becomes the task's `error`, others are the worker's.

        Where it fails for a passing reason it is tried again after a pause, and finds what it has finished.
        """
        try:
            if not await durable_step("begin", self._begin, workflow_id):
                return
            failure = await self._try(task_id)
            for tried in range(1, self._parts.settings.task_tries):
                if failure is None or not failure.retryable:
                    break
                await durable_step("wait", self._wait, task_id, failure, tried)
                failure = await self._try(task_id)
            if failure is not None:
                await durable_step("fail", self._fail, task_id, failure)
        except TaskEnded:
            return
        finally:
            self._composer.forget(task_id)
            await self._parts.texts.stop(task_id)

    async def _try(self, task_id: str) -> TaskFailure | None:
        """Go through all stages; answers why that failed, if it did."""
        stage: StageName | None = None
        try:
            await self._read(task_id)
            stage = StageName.OUTLINE
            limit = self._limit(stage)
            section_ids = await durable_step("outline", limit.keep(self._outline), task_id)
            stage = StageName.DRAFT
            limit = self._limit(stage)
            await _all(
                *(durable_step(f"section:{name}", limit.keep(self._section), task_id, name) for name in section_ids),
                durable_step("fields", limit.keep(self._fields), task_id),
            )
            await durable_step("draft", limit.keep(self._draft), task_id)
            stage = StageName.SEO
            await durable_step("seo", self._limit(stage).keep(self._seo), task_id)
        except CopydeskError as error:
            return TaskFailure(code=error.code, message=error.message, stage=stage, retryable=error.retryable)
        return None

    def _limit(self, stage: StageName) -> StageLimit:
        return StageLimit.begin(stage, self._parts.settings.writing_deadline)

    async def _wait(self, task_id: str, failure: TaskFailure, tried: int) -> None:
        """Pause before another try, doubled with each, and say so."""
        pause = self._parts.settings.retry_pause * 2 ** (tried - 1)
        left = self._parts.settings.task_tries - tried
        message = f"{failure.message} Trying again in {pause:g} seconds ({left} more)."
        async with self._parts.database.write() as connection:
            await note_message(connection, task_id=task_id, message=message)
        await asyncio.sleep(pause)

    async def _read(self, task_id: str) -> None:
        """Research, references and files, side by side."""
        await _all(
            durable_step("research", self._unless_weighed, task_id, self._gatherer.research),
            durable_step("references", self._unless_weighed, task_id, self._gatherer.references),
            durable_step("files", self._unless_weighed, task_id, self._gatherer.files),
        )

    async def _unless_weighed(self, task_id: str, read: Callable[[Task, Brief], Awaitable[str]]) -> str | None:
        """Read, unless an earlier try has planned the article from what it read: evidence then stays as it is."""
        task, brief = await self._load(task_id)
        async with self._parts.database.read() as connection:
            weighed = await get_result(connection, task_id, OUTLINE) is not None
        return None if weighed else await read(task, brief)

    async def _begin(self, workflow_id: str) -> bool:
        async with self._parts.database.write() as connection:
            return await begin_task(connection, workflow_id=workflow_id, at=now()) is not None

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


async def _all(*steps: Awaitable[object]) -> None:
    """Run steps side by side to their ends; then raise what the first of them raised."""
    for outcome in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
