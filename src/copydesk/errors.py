"""Every error Copydesk raises on purpose.

::

    CopydeskError
    ├── ValidationError        422 VALIDATION_ERROR (400, 413, 415 by subclass)
    │   ├── MalformedBody      400
    │   ├── BodyTooLarge       413
    │   └── UnsupportedMedia   415
    ├── Unauthorized           401 UNAUTHORIZED
    ├── Forbidden              403 FORBIDDEN
    ├── NotFound               404 NOT_FOUND
    │   ├── TaskNotFound       404 TASK_NOT_FOUND
    │   ├── ArticleNotFound    404 ARTICLE_NOT_FOUND
    │   └── FileNotFound       404 FILE_NOT_FOUND
    ├── MethodNotAllowed       405 METHOD_NOT_ALLOWED
    ├── Conflict               409 CONFLICT
    ├── PreconditionFailed     412 PRECONDITION_FAILED
    ├── RateLimited            429 RATE_LIMIT_ERROR
    ├── LlmError               502 LLM_ERROR
    │   ├── UnusableAnswer     502 LLM_ERROR
    │   └── CallRejected       502 LLM_ERROR
    │       └── ContextOverflow
    ├── WorkflowError          500 WORKFLOW_ERROR
    ├── DatabaseError          503 DATABASE_ERROR
    ├── InternalError          500 INTERNAL_ERROR
    ├── ConfigurationError     (never an HTTP answer: it stops the start)
    │   └── WorkerRunning      (another process holds the worker's lock)
    ├── FetchError             (one address could not be read; becomes a disposition)
    ├── ReadError              (one file or page could not be read; 422 on upload, else a disposition)
    └── SearchError            (one search engine failed; becomes a warning)

The codes and statuses are the contract's table. This module imports nothing.
"""


class CopydeskError(Exception):
    """Base of all deliberate errors.

    `message` is one sentence a person can act on.
    """

    code = "INTERNAL_ERROR"
    status = 500
    retryable = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ValidationError(CopydeskError):
    """Input that breaks a rule.

    Args:
        message: One sentence for the whole answer.
        details: `{"field", "message", "type"}` per broken rule.
    """

    code = "VALIDATION_ERROR"
    status = 422

    def __init__(self, message: str, details: list[dict[str, str]] | None = None) -> None:
        super().__init__(message)
        self.details = details or []


class MalformedBody(ValidationError):
    """A body that is not the JSON (or multipart) it says it is."""

    status = 400


class BodyTooLarge(ValidationError):
    """A body over the limit for its route."""

    status = 413


class UnsupportedMedia(ValidationError):
    """A content type the route does not take."""

    status = 415


class Unauthorized(CopydeskError):
    """No key, or one that is malformed, unknown, revoked or expired."""

    code = "UNAUTHORIZED"
    status = 401


class Forbidden(CopydeskError):
    """A read-only key that tried to write."""

    code = "FORBIDDEN"
    status = 403


class NotFound(CopydeskError):
    """An unknown path."""

    code = "NOT_FOUND"
    status = 404


class TaskNotFound(NotFound):
    """The task does not exist, or belongs to another account."""

    code = "TASK_NOT_FOUND"


class ArticleNotFound(NotFound):
    """The article does not exist, or belongs to another account."""

    code = "ARTICLE_NOT_FOUND"


class FileNotFound(NotFound):
    """The file does not exist, or belongs to another account."""

    code = "FILE_NOT_FOUND"


class MethodNotAllowed(CopydeskError):
    """A method the path does not answer."""

    code = "METHOD_NOT_ALLOWED"
    status = 405


class Conflict(CopydeskError):
    """The state of the resource forbids the request.

    `retry_after` is in seconds, or None where waiting does not help.
    """

    code = "CONFLICT"
    status = 409

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PreconditionFailed(CopydeskError):
    """`If-Match` named another version."""

    code = "PRECONDITION_FAILED"
    status = 412


class RateLimited(CopydeskError):
    """Too many requests, or too many active tasks. `retry_after` is in seconds."""

    code = "RATE_LIMIT_ERROR"
    status = 429
    retryable = True

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LlmError(CopydeskError):
    """A language model failed during generation."""

    code = "LLM_ERROR"
    status = 502
    retryable = True

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class UnusableAnswer(LlmError):
    """A model answered, but not in a form that can be used, however it was asked; others of its answers may do."""


class CallRejected(LlmError):
    """An endpoint does not take a call as it is; another form of it may do."""


class ContextOverflow(CallRejected):
    """A prompt is longer than the model's window."""


class WorkflowError(CopydeskError):
    """A pipeline step failed; trying the same again does not help unless `retryable`."""

    code = "WORKFLOW_ERROR"
    status = 500

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class DatabaseError(CopydeskError):
    """Storage is full, locked or away. `retry_after` is in seconds."""

    code = "DATABASE_ERROR"
    status = 503
    retryable = True

    def __init__(self, message: str, *, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class InternalError(CopydeskError):
    """A defect of ours; the request id finds it in the log."""


class ConfigurationError(CopydeskError):
    """A setting or command-line value that stops the start, with the sentence that names it."""


class WorkerRunning(ConfigurationError):
    """Another process is the worker of this `DATA_DIR`."""


class FetchError(CopydeskError):
    """One address could not be read.

    Args:
        message: One sentence for the caller.
        reason: A `domain.source.Disposition` value: `blocked`, `unreachable`, `too_large`,
            `unsupported` or `empty`.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class ReadError(CopydeskError):
    """One file or page could not be read.

    Args:
        message: One sentence for the caller.
        reason: What is wrong: `encrypted`, `damaged`, `empty`, `bomb` (over a limit of memory,
            time or size), `mismatch` (content of another kind) or `unsupported`.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class SearchError(CopydeskError):
    """One search engine failed.

    Args:
        message: One sentence for the caller.
        retryable: Whether the same query may succeed a little later.
        reason: What is wrong: `key` (missing or not accepted), `quota` (none left, for now or at all), `slow`,
            `unreachable`, `malformed` (an answer of another shape), `refused` (this query or client) or `failed`.
        retry_after: Seconds after which the engine says that it answers again, if it says so.
    """

    def __init__(
        self, message: str, *, retryable: bool = False, reason: str = "failed", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.reason = reason
        self.retry_after = retry_after
