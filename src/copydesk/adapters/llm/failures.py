"""What an endpoint's failures mean, in a sentence that says what to do."""

from collections.abc import Sequence

from copydesk.adapters.llm.redaction import redacted
from copydesk.errors import CallRejected, ContextOverflow, LlmError

_NAMED = {"MODEL": "COPYDESK_MODEL", "EMBEDDING": "COPYDESK_EMBEDDING_MODEL"}  # where each family's model is named
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


def explain(
    error: Exception, model: str, seconds: float, *, family: str = "MODEL", secrets: Sequence[str] = ()
) -> LlmError:
    """The error as the task shows it: the cause, what to do, and whether trying again may help.

    Raise it `from None`: what an endpoint said stands in it without `secrets` and other keys, in `error` with them.

    Args:
        error: What the client raised.
        model: Its name.
        seconds: How long it may take.
        family: How the names of its settings begin, as in `COPYDESK_MODEL_SECONDS`.
        secrets: What is not to be shown.
    """
    said = _said(error, secrets)
    for types, outcome, sentence, retryable in _sentences():
        if isinstance(error, types):
            message = sentence.format(model=model, said=said, seconds=seconds, family=family, named=_NAMED[family])
            return outcome(message, retryable=retryable)
    raise AssertionError(error)


_Row = tuple[tuple[type[Exception], ...], type[LlmError], str, bool]


def _sentences() -> tuple[_Row, ...]:
    """What each kind of failure becomes, and whether trying again may help; the first that fits."""
    from pydantic_ai import exceptions  # noqa: PLC0415 - heavy

    return (
        (
            (exceptions.ModelContextWindowExceededError,),
            ContextOverflow,
            "{model} takes no prompt of this length: {said}",
            False,
        ),
        (
            (exceptions.ModelAuthenticationError,),
            LlmError,
            "{model} refused the key; check COPYDESK_{family}_API_KEY, or the provider's own. It said: {said}",
            False,
        ),
        (
            (exceptions.ModelNotFoundError,),
            LlmError,
            "The endpoint knows no model {model}; check {named}. It said: {said}",
            False,
        ),
        ((exceptions.ModelQuotaExceededError,), LlmError, "The quota of {model} is used up: {said}", True),
        ((exceptions.ModelRateLimitError,), LlmError, "{model} answers no more calls for now: {said}", True),
        ((exceptions.ModelRequestRejectedError,), CallRejected, "{model} refused the call: {said}", False),
        (
            (TimeoutError, exceptions.ModelTimeoutError, exceptions.ModelRequestTimeout),
            LlmError,
            "{model} did not answer within {seconds:g} seconds; if it is only slow, raise COPYDESK_{family}_SECONDS.",
            True,
        ),
        (
            (exceptions.ModelConnectionError,),
            LlmError,
            "{model} cannot be reached; check that it runs, COPYDESK_{family}_BASE_URL and the network: {said}",
            True,
        ),
        ((Exception,), LlmError, "{model} failed: {said}", True),
    )


def _said(error: Exception, secrets: Sequence[str]) -> str:
    body = getattr(error, "body", None)
    own = body.get("message") if isinstance(body, dict) else None
    text = " ".join(redacted(str(own or error), secrets).split())
    return text[:_SHOWN] or type(error).__name__
