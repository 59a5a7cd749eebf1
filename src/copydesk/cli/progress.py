"""What `write` shows: a live table of the stages on a terminal, plain lines elsewhere, a report at the end."""

import re
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from copydesk.domain.article import Article, CheckStatus
from copydesk.domain.source import Source
from copydesk.domain.task import StageState, StageStatus, Task
from copydesk.services.checking import UNMET

_MARKS = {
    StageStatus.PENDING: ("·", "dim"),
    StageStatus.RUNNING: ("▸", "cyan"),
    StageStatus.COMPLETED: ("✓", "green"),
    StageStatus.FAILED: ("✗", "red"),
    StageStatus.SKIPPED: ("-", "dim"),
}


# Control characters, line ends, surrogates, and what sets the direction of text.
_COMMANDING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Display:
    """The progress of one task on standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._console = Console(stderr=True)
        self._live: Live | None = None
        self._begun = time.monotonic()
        self._said: dict[str, StageStatus] = {}

    def __enter__(self) -> Self:
        if not self._quiet and self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=10)
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, trace)

    def show(self, task: Task) -> None:
        """Show the task as it is now."""
        if self._live is not None:
            self._live.update(self._table(task))
        elif not self._quiet:
            for stage in task.stages:
                self._say(stage)

    def _say(self, stage: StageState) -> None:
        """One plain line for each change of a stage."""
        if stage.status is self._said.get(stage.name, StageStatus.PENDING):
            return
        self._said[stage.name] = stage.status
        detail = f": {stage.detail}" if stage.detail else ""
        elapsed = time.monotonic() - self._begun
        print(shown(f"[{elapsed:5.1f} s] {stage.name} {stage.status}{detail}"), file=sys.stderr)  # noqa: T201

    def _table(self, task: Task) -> Table:
        table = Table(box=None, show_header=False, padding=(0, 1))
        for stage in task.stages:
            mark, style = _MARKS[stage.status]
            table.add_row(
                Text(mark, style=style), Text(stage.name, style=style), Text(shown(stage.detail or ""), style="dim")
            )
        elapsed = time.monotonic() - self._begun
        table.add_row(
            "", Text(f"{task.percent} %", style="bold"), Text(f"{elapsed:.1f} s  {shown(task.message or '')}")
        )
        return table


def shown(text: str) -> str:
    """The text fit for a terminal: what pages and prompts hold must neither command it nor turn its lines around."""
    return _COMMANDING.sub("\ufffd", text)


def report(task: Task, sources: Sequence[Source], article: Article | None, *, seconds: float, to_stderr: bool) -> None:
    """Say how it ended: the article's figures, every source's disposition, unmet checks, warnings."""
    console = Console(stderr=to_stderr, highlight=False, soft_wrap=True)
    if article is not None:
        _article(console, task, article)
    elif task.failure is not None:
        console.print(shown(f"Failed ({task.failure.code}): {task.failure.message}"), markup=False)
    else:
        console.print(f"The task is {task.status}.")
    if sources:
        console.print("Sources:")
    for source in sources:
        name = source.url or source.title or source.file_id
        said = f" ({source.message})" if source.message else ""
        console.print(shown(f"  {source.disposition or 'unread':<12} {name}{said}"), markup=False)
    for notice in task.warnings:
        if article is not None and notice.code == UNMET:  # said among the checks
            continue
        subject = f" [{notice.subject}]" if notice.subject else ""
        console.print(shown(f"Note {notice.code}{subject}: {notice.message}"), markup=False)
    console.print(f"Time: {seconds:.1f} s")


def _article(console: Console, task: Task, article: Article) -> None:
    words = task.input.words
    console.print(shown(f"Title: {article.title}"), markup=False)
    console.print(f"Words: {article.word_count} (asked for: {words.minimum} to {words.maximum})")
    console.print(f"Citations: {len(article.data_sources)} sources, {article.support.supported} supported sentences")
    console.print(f"SEO score: {article.seo.score} of 100")
    for check in article.seo.checks:
        if check.status is not CheckStatus.PASS:
            console.print(shown(f"  {check.id}: {check.message}"), markup=False)
