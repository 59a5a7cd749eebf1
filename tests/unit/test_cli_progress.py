"""What `copydesk write` shows of a task and how it ended."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from copydesk.cli.progress import Display, report, shown
from copydesk.domain.article import (
    Article,
    CheckStatus,
    Notice,
    Outline,
    PublicationStatus,
    SeoCheck,
    SeoReport,
    SupportCounts,
)
from copydesk.domain.clock import new_id
from copydesk.domain.source import Disposition, Source, SourceKind
from copydesk.domain.task import StageName, StageStatus, Task, TaskFailure, TaskInput, TaskStatus, Usage, fresh_stages

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def new_task(**changes: object) -> Task:
    """A pending task."""
    task = Task(
        task_id=new_id(),
        account_id=new_id(),
        input=TaskInput(user_prompt="Tea", min_words=100, max_words=200),
        status=TaskStatus.PENDING,
        stages=fresh_stages(),
        percent=0,
        message=None,
        warnings=(),
        failure=None,
        usage=Usage(),
        article_ids=(),
        attempt=1,
        created_at=NOON,
        started_at=None,
        finished_at=None,
    )
    return replace(task, **changes)  # type: ignore[arg-type] # any of its fields


def at(task: Task, stage: StageName, status: StageStatus, detail: str | None = None) -> Task:
    """The task with one stage in another state."""
    stages = tuple(replace(s, status=status, detail=detail) if s.name is stage else s for s in task.stages)
    return replace(task, stages=stages)


def new_article(task: Task, *checks: SeoCheck) -> Article:
    """An article about tea."""
    return Article(
        article_id=new_id(),
        account_id=task.account_id,
        task_id=task.task_id,
        title="Tea [of] \x1b[31mChina",
        content="Tea grows.",
        slug="tea",
        seo_title="Tea",
        seo_description="Tea",
        excerpt=None,
        keywords=(),
        data_sources=(),
        language="en",
        word_count=150,
        words_asked_min=100,
        words_asked_max=200,
        seo=SeoReport(score=90, checks=checks),
        json_ld={},
        outline=Outline(title="Tea", sections=()),
        writer="extractive",
        support=SupportCounts(supported=7, repaired=0, removed=0),
        warnings=(),
        metadata={},
        publication_status=PublicationStatus.DRAFT,
        published_at=None,
        version=1,
        revision=1,
        created_at=NOON,
        updated_at=NOON,
    )


def test_lines_are_plain_when_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each change of a stage, none for a repetition, nothing on standard output."""
    running = at(new_task(), StageName.FILES, StageStatus.RUNNING)
    with Display(quiet=False) as display:
        for task in (new_task(), running, running, at(running, StageName.FILES, StageStatus.COMPLETED, "Read 1 of 1.")):
            display.show(task)
    said = capsys.readouterr()
    assert [line.split("] ")[1] for line in said.err.splitlines()] == ["files running", "files completed: Read 1 of 1."]
    assert said.out == ""


def test_table_is_live_when_there_is_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All six stages stand in it, with detail, percent and message; the last state stays."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")  # Rich then takes any stream for a terminal
    monkeypatch.setenv("COLUMNS", "100")
    task = at(new_task(percent=42, message="Reading."), StageName.FILES, StageStatus.COMPLETED, "Read [b]1[/b].")
    with Display(quiet=False) as display:
        display.show(task)
    last = capsys.readouterr().err
    for word in (*StageName, "42 %", "Reading.", "Read [b]1[/b].", "✓"):
        assert word in last


def test_nothing_is_shown_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` wants no progress."""
    with Display(quiet=True) as display:
        display.show(at(new_task(), StageName.FILES, StageStatus.RUNNING))
    assert capsys.readouterr() == ("", "")


def test_report_holds_the_figures_when_an_article_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Title, words against the range, score, an unmet check said once, every source with its message, notes, time."""
    unmet = SeoCheck(id="density", status=CheckStatus.WARN, message="Use it less.")
    met = SeoCheck(id="slug", status=CheckStatus.PASS, message="Fine.")
    notes = (
        Notice(code="SEO_CHECK_UNMET", subject="density", message="Use it less."),
        Notice(code="SOURCE_PARTLY_READ", subject="tea.txt", message="Only the first lines were read."),
    )
    sources = (
        Source(source_id="1", position=0, kind=SourceKind.FILE, title="tea.txt", disposition=Disposition.USED),
        Source(
            source_id="2",
            position=1,
            kind=SourceKind.REFERENCE,
            url="https://tea.example/",
            disposition=Disposition.UNREACHABLE,
            message="It answered with 404.",
        ),
        Source(source_id="3", position=2, kind=SourceKind.WEB, url="https://cup.example/"),
    )
    task = new_task(status=TaskStatus.COMPLETED, warnings=notes)
    report(task, sources, new_article(task, unmet, met), seconds=2.34, to_stderr=False)
    assert capsys.readouterr().out.splitlines() == [
        "Title: Tea [of] \ufffd[31mChina",
        "Words: 150 (asked for: 100 to 200)",
        "Citations: 0 sources, 7 supported sentences",
        "SEO score: 90 of 100",
        "  density: Use it less.",
        "Sources:",
        "  used         tea.txt",
        "  unreachable  https://tea.example/ (It answered with 404.)",
        "  unread       https://cup.example/",
        "Note SOURCE_PARTLY_READ [tea.txt]: Only the first lines were read.",
        "Time: 2.3 s",
    ]


def test_report_says_why_when_the_task_failed(capsys: pytest.CaptureFixture[str]) -> None:
    """Code and reason, on standard error where it is asked for there."""
    failure = TaskFailure(code="WORKFLOW_ERROR", message="No evidence.", stage=StageName.OUTLINE, retryable=False)
    report(new_task(status=TaskStatus.FAILED, failure=failure), (), None, seconds=1, to_stderr=True)
    said = capsys.readouterr()
    assert said.err.splitlines() == ["Failed (WORKFLOW_ERROR): No evidence.", "Time: 1.0 s"]
    assert said.out == ""


def test_report_says_the_status_when_there_is_neither_article_nor_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """A task that was cancelled elsewhere."""
    report(new_task(status=TaskStatus.CANCELLED), (), None, seconds=1, to_stderr=False)
    assert capsys.readouterr().out.splitlines()[0] == "The task is cancelled."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("café 茶 \U0001f469\u200d\U0001f4bb \u3000", "café 茶 \U0001f469\u200d\U0001f4bb \u3000"),
        ("a\x1b]0;b\x07", "a\ufffd]0;b\ufffd"),
        ("a\nb\u2028c", "a\ufffdb\ufffdc"),
        ("a\u202eb\u2066c", "a\ufffdb\ufffdc"),
        ("a\udcffb\x9b", "a\ufffdb\ufffd"),
    ],
)
def test_text_commands_no_terminal_when_shown(text: str, expected: str) -> None:
    """Letters of every script stay; control characters, line ends, direction marks and lone surrogates do not."""
    assert shown(text) == expected
