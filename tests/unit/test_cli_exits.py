"""What the exit codes of the command line say."""

import pytest

from copydesk.cli.exits import EXITS, Exit, exit_code
from copydesk.errors import (
    BodyTooLarge,
    ConfigurationError,
    CopydeskError,
    DatabaseError,
    RateLimited,
    TaskNotFound,
    ValidationError,
    WorkerRunning,
    WorkflowError,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValidationError("Too few words."), 2),
        (BodyTooLarge("Too large."), 2),
        (ConfigurationError("No such setting."), 2),
        (WorkerRunning("Another process works here."), 2),
        (DatabaseError("The database is away."), 3),
        (RateLimited("Too many active tasks.", retry_after=30), 1),
        (WorkflowError("A step failed."), 1),
        (TaskNotFound("There is no such task."), 1),
    ],
)
def test_code_tells_what_happened_when_an_error_ends_a_command(error: CopydeskError, code: int) -> None:
    """Input and settings end with 2, the database with 3, everything else with 1."""
    assert exit_code(error) == code


@pytest.mark.parametrize("code", list(Exit))
def test_code_is_explained_when_help_is_asked_for(code: Exit) -> None:
    """Every code stands in the sentence that help and docs show."""
    assert f"{code.value} " in EXITS
