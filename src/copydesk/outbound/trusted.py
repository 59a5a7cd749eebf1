"""Endpoints that the operator configured: no check for public addresses, the same limits on time and size."""

import asyncio
import base64
import json
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType, TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlencode

import httpcore2
from ada_url import URL

from copydesk.domain.source import Disposition
from copydesk.errors import FetchError, SearchError
from copydesk.outbound.agent import user_agent
from copydesk.outbound.exchange import Answer, exchange
from copydesk.outbound.network import PlainBackend

_MAX_CONNECTIONS = 32
_MAX_ERROR_BYTES = 64 * 1024  # of the body of an answer that is no success
_NONE: Mapping[str, str] = MappingProxyType({})


class StatusError(SearchError):
    """The endpoint answered with another status than 200.

    Args:
        message: One sentence, without anything that the endpoint sent.
        status: The status.
        headers: The answer's, by lower-case name.
        body: The beginning of the answer's text, to be searched for what it says; never to be shown.
    """

    def __init__(self, message: str, *, status: int, headers: Mapping[str, str] = _NONE, body: str = "") -> None:
        super().__init__(
            message,
            retryable=status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR,
            reason=_reason(status),
            retry_after=_seconds(headers.get("retry-after", "")),
        )
        self.status = status
        self.headers = headers
        self.body = body


class TrustedClient:
    """Asks JSON endpoints that stand in the settings. Redirects are not followed: the setting should name the goal.

    Args:
        seconds: Time one request may take in all.
        max_bytes: Size an answer may have, before and after decompression.
        contact: What the user agent gives the endpoint's owner to complain to.
        ssl_context: Which certificates are trusted; the system's by default.
    """

    def __init__(
        self, *, seconds: float, max_bytes: int, contact: str | None, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._headers = {"User-Agent": user_agent(contact), "Accept": "application/json"}
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl_context or httpcore2.default_ssl_context(),
            network_backend=PlainBackend(),
            max_connections=_MAX_CONNECTIONS,
            max_keepalive_connections=0,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def get_json(self, url: str, params: Mapping[str, str], *, headers: Mapping[str, str] = _NONE) -> Any:
        """GET `url` with `params` added to its query; credentials in `url` are sent as basic authentication.

        Raises:
            StatusError: The status is not 200.
            SearchError: No answer (retryable), too large an answer, or one that is no JSON.
        """
        return await self._ask(url, params, headers, posted=None)

    async def post_json(self, url: str, content: Mapping[str, Any], *, headers: Mapping[str, str] = _NONE) -> Any:
        """POST `content` as JSON to `url`; otherwise like `get_json`.

        Raises:
            StatusError: The status is not 200.
            SearchError: No answer (retryable), too large an answer, or one that is no JSON.
        """
        posted = json.dumps(content, ensure_ascii=False).encode()
        typed = {"Content-Type": "application/json", "Content-Length": str(len(posted)), **headers}
        return await self._ask(url, {}, typed, posted=posted)

    async def _ask(
        self, url: str, params: Mapping[str, str], headers: Mapping[str, str], *, posted: bytes | None
    ) -> Any:
        target, sent = self._prepare(url, params, headers)
        try:
            async with (
                asyncio.timeout(self._seconds),
                exchange(self._pool, target, sent, posted=posted) as answer,
            ):
                if answer.status != HTTPStatus.OK:
                    raise await _status_error(answer)
                body = await answer.read(self._max_bytes)
        except TimeoutError as error:
            msg = f"{target.hostname} did not answer within {self._seconds:g} seconds."
            raise SearchError(msg, retryable=True, reason="slow") from error
        except FetchError as error:
            reached = error.reason != Disposition.UNREACHABLE
            reason = "malformed" if reached else "unreachable"
            raise SearchError(error.message, retryable=not reached, reason=reason) from error
        return _parse(body, target.hostname)

    def _prepare(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> tuple[URL, dict[str, str]]:
        if not URL.can_parse(url) or not url.lower().startswith(("http://", "https://")):
            msg = "The configured address is not a valid web address."
            raise SearchError(msg, reason="unreachable")
        target = URL(url)
        sent = {**self._headers, **headers}
        if target.username or target.password:
            secret = f"{unquote(target.username)}:{unquote(target.password)}".encode()
            sent["Authorization"] = f"Basic {base64.b64encode(secret).decode()}"
        query = target.search.removeprefix("?")
        target.search = "&".join(part for part in (query, urlencode(params)) if part)
        return target, sent


async def _status_error(answer: Answer) -> StatusError:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        msg = f"{answer.host} answers no more queries for now (status 429)."
    elif HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        msg = f"{answer.host} redirects (status {answer.status}); configure the address that it redirects to."
    else:
        msg = f"{answer.host} answered with status {answer.status}."
    return StatusError(msg, status=answer.status, headers=answer.headers, body=await _text(answer))


async def _text(answer: Answer) -> str:
    """What an answer that is no success says, or nothing if that cannot be read."""
    try:
        return (await answer.read(_MAX_ERROR_BYTES)).decode(errors="replace")
    except FetchError:
        return ""


def _reason(status: int) -> str:
    """The reason that a status gives by itself; engines know better of some."""
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return "key"
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.PAYMENT_REQUIRED):
        return "quota"
    return "failed" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "refused"


def _seconds(retry_after: str) -> float | None:
    """`Retry-After` in seconds; its other form, a date, is rare and left alone."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None


def _parse(body: bytes, host: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        msg = f"{host} answered something that is not JSON."
        raise SearchError(msg, reason="malformed") from error
