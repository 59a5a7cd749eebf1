"""Fetchers for tests and what they are expected to refuse."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import pytest
from support.servers import LOOPBACK, client_context

from copydesk.errors import FetchError
from copydesk.outbound.addresses import Resolver
from copydesk.outbound.fetch import Fetcher
from copydesk.settings import AllowedRange

MIB = 1024 * 1024


def fetcher(
    *,
    allow: Sequence[AllowedRange] = LOOPBACK,
    seconds: float = 10,
    max_bytes: int = MIB,
    contact: str | None = "mailto:desk@site.test",
    resolver: Resolver | None = None,
) -> AbstractAsyncContextManager[Fetcher]:
    """A fetcher that may reach 127.0.0.1 on every port, and trusts the test certificate."""
    return Fetcher(
        allow=allow,
        seconds=seconds,
        max_bytes=max_bytes,
        contact=contact,
        resolver=resolver,
        ssl_context=client_context(),
    )


async def refused(url: str, reason: str, message: str, *, by: AbstractAsyncContextManager[Fetcher]) -> FetchError:
    """Fetch `url`, expecting `reason` and a sentence that matches the pattern `message`."""
    async with by as instance:
        with pytest.raises(FetchError, match=message) as caught:
            await instance.fetch(url)
    assert caught.value.reason == reason
    assert caught.value.message.endswith(".")
    return caught.value
