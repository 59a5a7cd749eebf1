"""What an engine with a key means by a status, and what helps: one table for all of them."""

from dataclasses import dataclass

from copydesk.errors import SearchError
from copydesk.outbound.trusted import StatusError


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where the operator sees to an engine's key and quota."""

    engine: str  # as people know it
    variable: str  # the environment variable of the key
    dashboard: str  # the page where keys and plans are managed


def explained(
    error: StatusError, account: Account, *, reason: str | None = None, retry_after: float | None = None
) -> SearchError:
    """The error that says what the operator can do.

    Args:
        error: What the engine answered.
        account: Of the engine.
        reason: What the engine means by it, where that is not what its status says by itself.
        retry_after: Seconds until it answers again, where another header than `Retry-After` says so.
    """
    reason = reason or error.reason
    wait = error.retry_after if retry_after is None else retry_after
    said = f"{account.engine} {_said(error, account, reason=reason, wait=wait)}"
    return SearchError(said, retryable=error.retryable, reason=reason, retry_after=wait)


def _said(error: StatusError, account: Account, *, reason: str, wait: float | None) -> str:
    status = f"(status {error.status})"
    if reason == "key":
        return f"does not accept the key {status}: check {account.variable} at {account.dashboard}."
    if reason == "quota" and error.retryable:
        when = "try again later" if wait is None else f"it says to try again in {wait:g} seconds"
        return f"answers no more queries for now {status}: {when}, or raise the limit at {account.dashboard}."
    if reason == "quota":
        return f"has no quota left {status}: see {account.dashboard}."
    if reason == "refused":
        return f"refuses the query {status}; this version may not know its present API."
    return f"answered with status {error.status}: try again later."
