"""What the HTTP library's errors mean for a page: one table."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpcore2

from copydesk.domain.source import Disposition
from copydesk.errors import FetchError

_TOO_LONG_HEADERS = 431  # h11's hint on an answer whose head does not end

_SILENT = "did not answer in time"
_BROKEN = "broke off the connection"
_NOT_HTTP = "did not answer in valid HTTP"

# What follows the host's name in the sentence. All of them are `unreachable`.
FAILURES: Mapping[type[Exception], str] = {
    httpcore2.TimeoutException: _SILENT,
    httpcore2.ConnectTimeout: _SILENT,
    httpcore2.ReadTimeout: _SILENT,
    httpcore2.WriteTimeout: _SILENT,
    httpcore2.PoolTimeout: _SILENT,
    httpcore2.NetworkError: _BROKEN,
    httpcore2.ReadError: _BROKEN,
    httpcore2.WriteError: _BROKEN,
    httpcore2.ConnectError: "cannot be connected to",
    httpcore2.ConnectionNotAvailable: _BROKEN,
    httpcore2.ProxyError: "cannot be reached through the proxy",
    httpcore2.UnsupportedProtocol: "is not an http or https address",
    httpcore2.ProtocolError: _NOT_HTTP,
    httpcore2.RemoteProtocolError: _NOT_HTTP,
    httpcore2.LocalProtocolError: "has an address that HTTP cannot carry",
    ssl.SSLError: _BROKEN,  # damaged records after the handshake come through unmapped
    OSError: _BROKEN,  # likewise, errors of the socket itself
    UnicodeError: "is not a valid host name",  # from TLS's encoding of the name
}


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Turn the library's errors into FetchError.

    Raises:
        FetchError: With a sentence about `host`.
    """
    try:
        yield
    except tuple(FAILURES) as error:
        raise failure(error, host) from error


def failure(error: Exception, host: str) -> FetchError:
    """The FetchError that says what `error` means."""
    root = error.args[0] if error.args else None  # the pool drops __cause__, the argument stays
    if getattr(root, "error_status_hint", None) == _TOO_LONG_HEADERS:
        return FetchError(f"{host} sent more headers than are read.", reason=Disposition.TOO_LARGE)
    meaning = next(FAILURES[kind] for kind in type(error).__mro__ if kind in FAILURES)
    if isinstance(root, ssl.SSLCertVerificationError):
        meaning = f"has a certificate that is not valid ({root.verify_message})"
    elif isinstance(root, ssl.SSLError):
        meaning = "failed to set up an encrypted connection"
    return FetchError(f"{host} {meaning}.", reason=Disposition.UNREACHABLE)
