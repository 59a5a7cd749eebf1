"""Content codings, decompressed piece by piece, so that a small input cannot fill the memory."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import brotli
import zstandard

from copydesk.domain.source import Disposition
from copydesk.errors import FetchError

ACCEPT_ENCODING = "gzip, deflate, br, zstd"  # what Inflater reads
_PIECE_BYTES = 256 * 1024  # decompressed at a time
_ZSTD_SLICE_BYTES = 256  # given at a time: a block of 4 bytes makes up to 128 KiB, so that 256 bytes make 8 MiB at most
_ZSTD_WINDOW = 2**23  # bytes, the most that a content coding may ask for (RFC 9659)
_ZSTD_BUFFER_BYTES = 16 * 1024  # its output is collected in pieces of this size


class _Engine(Protocol):
    """One coding's decompressor."""

    finished: bool  # whether the data is complete, as far as the coding can tell

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decompress `data` in pieces of bounded size."""


class _Zlib:
    def __init__(self, window: int, *, raw_allowed: bool = False) -> None:
        self._window = window
        self._raw_allowed = raw_allowed
        self._engine: zlib._Decompress | None = None
        self.finished = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._engine is None:
            # "deflate" means zlib's format (RFC 9110, 8.4.1.2); some send the raw one, whose first byte differs.
            raw = self._raw_allowed and data[0] & 0x0F != zlib.DEFLATED
            self._engine = zlib.decompressobj(-zlib.MAX_WBITS if raw else self._window)
        while data and not self._engine.eof:
            yield self._engine.decompress(data, _PIECE_BYTES)
            data = self._engine.unconsumed_tail
        self.finished = self._engine.eof


class _Brotli:
    def __init__(self) -> None:
        self._engine = brotli.Decompressor()
        self.finished = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while not self.finished:
            piece = self._engine.process(data, output_buffer_limit=_PIECE_BYTES)
            self.finished = self._engine.is_finished()
            yield piece
            if not piece and self._engine.can_accept_more_data():
                return
            data = b""


class _Zstd:
    """Frames after the first continue the data (RFC 8878, 3)."""

    def __init__(self) -> None:
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._engine = self._decompressor.decompressobj(write_size=_ZSTD_BUFFER_BYTES)
        self.finished = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_SLICE_BYTES):
            rest = data[start : start + _ZSTD_SLICE_BYTES]
            while rest:
                if self.finished:
                    self._engine = self._decompressor.decompressobj(write_size=_ZSTD_BUFFER_BYTES)
                yield self._engine.decompress(rest)
                self.finished = self._engine.eof
                rest = self._engine.unused_data if self.finished else b""


_ENGINES: Mapping[str, Callable[[], _Engine]] = {
    "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS, raw_allowed=True),
    "br": _Brotli,
    "zstd": _Zstd,
}


class Inflater:
    """Decompresses one content coding.

    Several codings on top of one another are refused: no honest site sends them, and each multiplies the work
    that one byte can cause. What follows the end of gzip and deflate data is ignored, as browsers do.
    """

    def __init__(self, coding: str, host: str) -> None:
        coding = coding.strip().lower().removeprefix("identity")
        self._host = host
        if coding and coding not in _ENGINES:
            msg = f"{host} sent a page with a compression ({coding[:40]}) that is not read."
            raise FetchError(msg, reason=Disposition.UNSUPPORTED)
        self._engine = _ENGINES[coding]() if coding else None

    @property
    def finished(self) -> bool:
        """Whether the data is complete, as far as its coding can tell."""
        return self._engine is None or self._engine.finished

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decompress `data` in pieces of at most some mebibytes.

        Raises:
            FetchError: `unreachable` if it is damaged.
        """
        if self._engine is None:
            yield data
            return
        try:
            yield from self._engine.feed(data)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            msg = f"{self._host} sent a page whose compression is damaged."
            raise FetchError(msg, reason=Disposition.UNREACHABLE) from error
