"""What an endpoint's failures mean, in a sentence that says what to do."""

from collections.abc import Sequence

from copydesk.adapters.llm.redaction import redacted
from copydesk.errors import CallRejected, ContextOverflow, LlmError

_SHOWN = 200  # characters of a provider's own message


def is_passing(error: BaseException) -> bool:
    """Whether the same call may succeed a little later."""
    from pydantic_ai import exceptions  # noqa: PLC0415 - heavy

    passing = (
        exceptions.ModelRateLimitError,
        exceptions.ModelUnavailableError,
        exceptions.ModelServerError,
        exceptions.ModelConnectionError,
        exceptions.ModelRequestTimeout,
        exceptions.UnexpectedModelBehavior,
        TimeoutError,
    )
    return isinstance(error, passing) and not isinstance(error, exceptions.ModelQuotaExceededError)


def explain(error: Exception, model: str, seconds: float, *, secrets: Sequence[str] = ()) -> LlmError:
    """The error as the task shows it: the cause, what to do, and whether trying again may help.

    Raise it `from None`: what an endpoint said stands in it without `secrets` and other keys, in `error` with them.
    """
    from pydantic_ai import exceptions  # noqa: PLC0415 - heavy

    known: tuple[tuple[tuple[type[Exception], ...], type[LlmError], str, bool], ...] = (
        (
            (exceptions.ModelContextWindowExceededError,),
            ContextOverflow,
            "{model} takes no prompt of this length: {said}",
            False,
        ),
        (
            (exceptions.ModelAuthenticationError,),
            LlmError,
            "{model} refused the key; check the key in the settings. The endpoint said: {said}",
            False,
        ),
        (
            (exceptions.ModelNotFoundError,),
            LlmError,
            "The endpoint knows no model {model}; check COPYDESK_MODEL. It said: {said}",
            False,
        ),
        ((exceptions.ModelQuotaExceededError,), LlmError, "The quota of {model} is used up: {said}", True),
        ((exceptions.ModelRateLimitError,), LlmError, "{model} answers no more calls for now: {said}", True),
        ((exceptions.ModelRequestRejectedError,), CallRejected, "{model} refused the call: {said}", False),
        (
            (TimeoutError, exceptions.ModelTimeoutError, exceptions.ModelRequestTimeout),
            LlmError,
            "{model} did not answer within {seconds:g} seconds.",
            True,
        ),
        ((exceptions.ModelConnectionError,), LlmError, "{model} cannot be reached: {said}", True),
        ((Exception,), LlmError, "{model} failed: {said}", True),
    )
    for types, outcome, sentence, retryable in known:
        if isinstance(error, types):
            return outcome(
                sentence.format(model=model, said=_said(error, secrets), seconds=seconds), retryable=retryable
            )
    raise AssertionError(error)


def _said(error: Exception, secrets: Sequence[str]) -> str:
    body = getattr(error, "body", None)
    own = body.get("message") if isinstance(body, dict) else None
    text = " ".join(redacted(str(own or error), secrets).split())
    return text[:_SHOWN] or type(error).__name__
