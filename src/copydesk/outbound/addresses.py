"""From a name to a connection: resolve once, check every answer, connect to what was checked."""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Protocol

import httpcore2

from copydesk.domain.links import in_ranges, is_public
from copydesk.domain.source import Disposition
from copydesk.errors import FetchError
from copydesk.outbound.network import PlainBackend
from copydesk.settings import AllowedRange

WEB_PORTS = (80, 443, 8080, 8443)
_MAX_ATTEMPTS = 4  # addresses of one name that are tried
_ATTEMPT_SECONDS = 5.0  # for one of several, so that a dead one leaves time for the next


class Resolver(Protocol):
    """Turns a name into addresses."""

    async def resolve(self, host: str, port: int) -> Sequence[IPv4Address | IPv6Address]:
        """All addresses of `host`, best first.

        Raises:
            OSError: The name has none, or no name server answers.
            UnicodeError: It cannot be a name.
        """


class SystemResolver:
    """The operating system's resolver."""

    async def resolve(self, host: str, port: int) -> Sequence[IPv4Address | IPv6Address]:
        """Ask `getaddrinfo`, in a thread."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections to public addresses only.

    The check is made here, at the last step before the socket, so that nothing above -- another parser, a
    redirect, a second look-up with another answer (DNS rebinding) -- can come between check and connection.
    """

    def __init__(self, *, allow: Sequence[AllowedRange], resolver: Resolver) -> None:
        self._allow = allow
        self._resolver = resolver
        self._network = PlainBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of `host` that answers.

        Raises:
            FetchError: `blocked` if any of its addresses or the port is not allowed, `unreachable` if it has none.
            httpcore2.ConnectError, httpcore2.ConnectTimeout: None of them answers.
        """
        addresses = await self.checked(host, port)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(
                    str(address), port, _ATTEMPT_SECONDS, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._network.connect_tcp(str(addresses[-1]), port, timeout, local_address, socket_options)

    async def checked(self, host: str, port: int) -> Sequence[IPv4Address | IPv6Address]:
        """The addresses of `host`, all of which may be connected to on `port`.

        Raises:
            FetchError: `blocked` if any of its addresses or the port is not allowed, `unreachable` if it has none.
        """
        addresses = await self._resolve(host, port)
        if not all(is_public(address, port, self._allow) for address in addresses):
            msg = f"{host} is not a public address."
            raise FetchError(msg, reason=Disposition.BLOCKED)
        if port not in WEB_PORTS and not all(in_ranges(address, port, self._allow) for address in addresses):
            msg = f"Port {port} of {host} is not one of the web's ({', '.join(map(str, WEB_PORTS))})."
            raise FetchError(msg, reason=Disposition.BLOCKED)
        return addresses[:_MAX_ATTEMPTS]

    async def is_inside(self, host: str, port: int) -> bool:
        """Whether `host` lies in the operator's ranges altogether; asks no name server where there are none."""
        if not self._allow:
            return False
        try:
            addresses = await self._resolve(host, port)
        except FetchError:
            return False
        return all(in_ranges(address, port, self._allow) for address in addresses)

    async def _resolve(self, host: str, port: int) -> Sequence[IPv4Address | IPv6Address]:
        try:
            return (ip_address(host.strip("[]")),)
        except ValueError:
            pass  # a name
        try:
            addresses = await self._resolver.resolve(host, port)
        except (OSError, UnicodeError) as error:
            msg = f"The name {host} cannot be resolved."
            raise FetchError(msg, reason=Disposition.UNREACHABLE) from error
        if not addresses:
            msg = f"The name {host} has no address."
            raise FetchError(msg, reason=Disposition.UNREACHABLE)
        return addresses
