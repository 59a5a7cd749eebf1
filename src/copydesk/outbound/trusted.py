"""Endpoints that the operator configured: no check for public addresses, the same limits on time and size."""

import asyncio
import base64
import json
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
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


class StatusError(SearchError):
    """The endpoint answered with another status than 200."""

    def __init__(self, message: str, *, status: int) -> None:
        retryable = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        super().__init__(message, retryable=retryable)
        self.status = status


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

    async def get_json(self, url: str, params: Mapping[str, str]) -> Any:
        """GET `url` with `params` added to its query; credentials in `url` are sent as basic authentication.

        Raises:
            StatusError: The status is not 200.
            SearchError: No answer (retryable), too large an answer, or one that is no JSON.
        """
        target, headers = self._prepare(url, params)
        try:
            async with asyncio.timeout(self._seconds), exchange(self._pool, target, headers) as answer:
                _check_status(answer)
                body = await answer.read(self._max_bytes)
        except TimeoutError as error:
            msg = f"{target.hostname} did not answer within {self._seconds:g} seconds."
            raise SearchError(msg, retryable=True) from error
        except FetchError as error:
            raise SearchError(error.message, retryable=error.reason == Disposition.UNREACHABLE) from error
        return _parse(body, target.hostname)

    def _prepare(self, url: str, params: Mapping[str, str]) -> tuple[URL, dict[str, str]]:
        if not URL.can_parse(url) or not url.lower().startswith(("http://", "https://")):
            msg = "The configured address is not a valid web address."
            raise SearchError(msg)
        target = URL(url)
        headers = dict(self._headers)
        if target.username or target.password:
            secret = f"{unquote(target.username)}:{unquote(target.password)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(secret).decode()}"
        query = target.search.removeprefix("?")
        target.search = "&".join(part for part in (query, urlencode(params)) if part)
        return target, headers


def _check_status(answer: Answer) -> None:
    if answer.status == HTTPStatus.OK:
        return
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        msg = f"{answer.host} answers no more queries for now (status 429)."
    elif HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        msg = f"{answer.host} redirects (status {answer.status}); configure the address that it redirects to."
    else:
        msg = f"{answer.host} answered with status {answer.status}."
    raise StatusError(msg, status=answer.status)


def _parse(body: bytes, host: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        msg = f"{host} answered something that is not JSON."
        raise SearchError(msg) from error
