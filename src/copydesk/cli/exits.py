"""What the exit codes mean."""

from enum import IntEnum

from copydesk.errors import ConfigurationError, CopydeskError, DatabaseError, ValidationError


class Exit(IntEnum):
    """Exit codes; 2 is also what a wrong option gives."""

    OK = 0
    FAILED = 1
    BAD_INPUT = 2
    DATABASE = 3
    CANCELLED = 4
    INTERRUPTED = 130


EXITS = (
    "0 done; 1 the task failed or was not accepted, or something needed is missing; "
    "2 wrong options, input or settings; 3 the database cannot be reached; 4 the task was cancelled elsewhere; "
    "130 interrupted"
)


def exit_code(error: CopydeskError) -> Exit:
    """The code that a command ends with after an error."""
    if isinstance(error, DatabaseError):
        return Exit.DATABASE
    if isinstance(error, ConfigurationError | ValidationError):
        return Exit.BAD_INPUT
    return Exit.FAILED
