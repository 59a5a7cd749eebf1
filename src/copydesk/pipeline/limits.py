"""How long a stage that writes may take."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from copydesk.domain.task import StageName
from copydesk.errors import WorkflowError

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class StageLimit:
    """The end of a stage's time, shared by its steps."""

    stage: StageName
    seconds: float  # from its beginning
    until: float  # by the event loop's clock

    @classmethod
    def begin(cls, stage: StageName, seconds: float) -> "StageLimit":
        """The limit of a stage that begins now."""
        return cls(stage=stage, seconds=seconds, until=asyncio.get_running_loop().time() + seconds)

    def keep(self, step: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        """The step, ended by a WorkflowError where it runs beyond the limit."""

        async def limited(*args: P.args, **kwargs: P.kwargs) -> T:
            timeout = asyncio.timeout_at(self.until)
            try:
                async with timeout:
                    return await step(*args, **kwargs)
            except TimeoutError as error:
                if not timeout.expired():
                    raise
                message = (
                    f"The stage {self.stage.value} ran longer than its deadline of {self.seconds:g} seconds; "
                    "retry the task, ask for fewer words, or raise COPYDESK_WRITING_DEADLINE."
                )
                raise WorkflowError(message, retryable=True) from error

        return limited
