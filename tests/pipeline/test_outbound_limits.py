"""Fetching within limits of time and size, and what kinds of content are taken."""

import asyncio
import gzip
import io
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from support.fetching import MIB, fetcher, refused
from support.servers import Handler, ScriptedResolver, answer, redirect, serve

from copydesk.domain.file import FileKind
from copydesk.errors import FetchError
from copydesk.outbound.exchange import MAX_RATIO

HTML = b"<html><p>Hello, hello, hello.</p></html>"


def _gzip(body: bytes) -> bytes:
    """Pack without the time, so that the same body is always packed the same."""
    return gzip.compress(body, mtime=0)


def gzipped(body: bytes) -> bytes:
    """An answer with a gzip body."""
    return answer(_gzip(body), headers=[("Content-Encoding", "gzip")])


def dripping(head: bytes, *, every: float = 0.02) -> Handler:
    """A handler that sends `head`, then one byte at a time for a minute."""

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        for _ in range(3_000):
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(every)

    return drip


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTT",
        b"",
    ],
    ids=["body", "headers", "status", "nothing"],
)
async def test_fetch_is_cut_off_when_the_server_drips(head: bytes) -> None:
    """The time limit is for the whole page, not for each read."""
    async with serve({"/": dripping(head)}) as server:
        begun = time.monotonic()
        await refused(server.url(), "unreachable", r"within 0\.4 seconds|valid HTTP", by=fetcher(seconds=0.4))
        assert time.monotonic() - begun < 2


async def test_fetch_is_cut_off_when_redirects_take_the_time() -> None:
    """All redirects share one time limit."""

    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(redirect(f"/{len(server.requests)}"))

    async with serve({f"/{n}": slow for n in range(6)}) as server:
        await refused(server.url("/0"), "unreachable", r"within 0\.5 seconds", by=fetcher(seconds=0.5))
        assert len(server.requests) <= 3


async def test_fetch_is_cut_off_when_the_name_server_is_slow() -> None:
    """Looking the name up counts."""
    resolver = ScriptedResolver(script={"site.test": [["127.0.0.1"]]}, delay=30)
    await refused("http://site.test/", "unreachable", r"within 0\.2 sec", by=fetcher(seconds=0.2, resolver=resolver))


async def _endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        writer.write(b"a" * 65_536)
        await writer.drain()


@pytest.mark.parametrize(
    "route",
    [_endless, answer(b"a" * (MIB + 1)), gzipped(b"a" * (MIB + 1))],
    ids=["endless", "declared", "compressed"],
)
async def test_fetch_is_too_large_when_the_body_passes_the_limit(route: bytes | Handler) -> None:
    """One byte over the limit is over it, declared, streamed or unpacked."""
    async with serve({"/": route}) as server:
        await refused(server.url(), "too_large", r"^127\.0\.0\.1 sent more than 1 MiB\.$", by=fetcher())


@pytest.mark.parametrize("make", [answer, gzipped])
async def test_fetch_takes_a_body_of_exactly_the_limit(make: Callable[[bytes], bytes]) -> None:
    """The limit itself is allowed, before and after unpacking."""
    body = HTML.ljust(MIB)
    async with serve({"/": make(body)}) as server, fetcher() as instance:
        assert (await instance.fetch(server.url())).body == body


def _runs(count: int) -> bytes:
    """A zstd frame of `count` blocks that each make 128 KiB of 4 bytes: the tightest bomb of the format."""
    window = b"\x00\x58"  # 2 MiB, of no known content size
    blocks = (((2**17 << 3) | (1 << 1) | (number == count - 1)).to_bytes(3, "little") + b"a" for number in range(count))
    return b"\x28\xb5\x2f\xfd" + window + b"".join(blocks)


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("gzip", lambda: _gzip(b"\0" * (200 * MIB))),
    "deflate": ("deflate", lambda: zlib.compress(b"\0" * (200 * MIB))),
    "brotli": ("br", lambda: brotli.compress(b"\0" * (200 * MIB), quality=1)),
    "zstd": ("zstd", lambda: zstandard.compress(b"\0" * (200 * MIB))),
    "zstd-runs": ("zstd", lambda: _runs(2_000)),
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_fetch_is_too_large_when_the_body_is_a_bomb(bomb: str) -> None:
    """Content that grows a thousandfold is stopped early, in little memory, though it is below the limit of bytes."""
    coding, make = BOMBS[bomb]
    packed = make()
    async with serve({"/": answer(packed, headers=[("Content-Encoding", coding)])}) as server:
        tracemalloc.start()
        try:
            by = fetcher(max_bytes=1024 * MIB)
            await refused(server.url(), "too_large", f"grows more than {MAX_RATIO} times", by=by)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 32 * MIB


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
async def test_fetch_is_too_large_when_much_follows_the_end_of_the_body(coding: str) -> None:
    """What follows the compressed data counts as bytes, though nothing comes out of it."""
    packed = {"gzip": _gzip, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress}[coding](HTML)

    async def endless(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\n\r\n"
        writer.write(head.encode() + packed)
        while True:
            writer.write(b"\0" * 65_536)
            await writer.drain()

    async with serve({"/": endless}) as server, fetcher() as instance:
        with pytest.raises(FetchError, match=r"more than 1 MiB|compression is damaged"):
            await instance.fetch(server.url())


@pytest.mark.parametrize(
    "headers",
    [[("X-Long", "a" * 200_000)], [(f"X-{n}", "a" * 1_000) for n in range(80)]],
    ids=["one", "many"],
)
async def test_fetch_is_too_large_when_the_headers_are(headers: list[tuple[str, str]]) -> None:
    """One endless header or many of them."""
    async with serve({"/": answer(headers=headers)}) as server:
        await refused(server.url(), "too_large", "more headers than are read", by=fetcher())


def _raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def _unsized(body: bytes) -> bytes:
    """A frame that does not say how long its content is, as streaming servers send it."""
    packer = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    return packer.compress(body) + packer.flush()


def _wide_window(body: bytes) -> bytes:
    """A frame that asks for 128 MiB of memory: RFC 9659 allows a content coding 8."""
    parameters = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", _gzip(HTML)),
        ("GZIP", _gzip(HTML)),
        ("x-gzip", _gzip(HTML)),
        ("gzip", _gzip(HTML) + b"trailing rubbish" * 10_000),
        ("deflate", zlib.compress(HTML)),
        ("deflate", _raw_deflate(HTML)),
        ("br", brotli.compress(HTML)),
        ("BR", brotli.compress(HTML, quality=1)),
        ("zstd", zstandard.compress(HTML)),
        ("zstd", zstandard.compress(HTML[:9]) + zstandard.compress(HTML[9:])),
        ("zstd", _unsized(HTML)),
        ("identity", HTML),
        ("", HTML),
    ],
)
async def test_fetch_unpacks_when_the_coding_is_known(coding: str, packed: bytes) -> None:
    """Every coding that is offered, in each of its forms."""
    async with serve({"/": answer(packed, headers=[("Content-Encoding", coding)])}) as server, fetcher() as instance:
        assert (await instance.fetch(server.url())).body == HTML


@pytest.mark.parametrize(
    ("coding", "packed", "reason", "message"),
    [
        ("compress", b"\x1f\x9d\x90", "unsupported", r"compression \(compress\)"),
        ("dcb", b"\xff\x44\x43\x42", "unsupported", r"compression \(dcb\)"),
        ("br, zstd", b"\x0b\x02\x80abc\x03", "unsupported", r"compression \(br, zstd\)"),
        ("br", b"\xff\xff\xff\xff", "unreachable", "compression is damaged"),
        ("br", brotli.compress(HTML)[:-4], "unreachable", "cut off"),
        ("br", b"", "empty", "empty page"),
        ("br", brotli.compress(b""), "empty", "empty page"),
        ("zstd", b"not zstd at all", "unreachable", "compression is damaged"),
        ("zstd", zstandard.compress(HTML)[:-3], "unreachable", "cut off"),
        ("zstd", zstandard.compress(HTML) + b"rubbish after it", "unreachable", "compression is damaged"),
        ("zstd", _wide_window(HTML), "unreachable", "compression is damaged"),
        ("zstd", b"", "empty", "empty page"),
        ("zstd", zstandard.compress(b""), "empty", "empty page"),
        ("gzip, gzip", _gzip(_gzip(HTML)), "unsupported", r"compression \(gzip, gzip\)"),
        ("gzip", b"not gzip at all", "unreachable", "compression is damaged"),
        ("deflate", b"\xff\xff\xff\xff", "unreachable", "compression is damaged"),
        ("gzip", _gzip(HTML)[:-9], "unreachable", "cut off"),
        ("deflate", zlib.compress(HTML)[:-5], "unreachable", "cut off"),
        ("gzip", b"", "empty", "empty page"),
        ("gzip", _gzip(b""), "empty", "empty page"),
    ],
)
async def test_fetch_fails_when_the_coding_is_unknown_or_damaged(
    coding: str, packed: bytes, reason: str, message: str
) -> None:
    """Codings that were not offered, coding upon coding, damage and cuts."""
    async with serve({"/": answer(packed, headers=[("Content-Encoding", coding)])}) as server:
        await refused(server.url(), reason, message, by=fetcher())


async def test_fetch_refuses_codings_in_two_headers() -> None:
    """Two headers with a coding each are coding upon coding."""
    route = answer(_gzip(HTML), headers=[("Content-Encoding", "gzip"), ("content-encoding", "deflate")])
    async with serve({"/": route}) as server:
        await refused(server.url(), "unsupported", r"\(gzip, deflate\)", by=fetcher())


@pytest.mark.parametrize(
    "route",
    [answer(b""), answer(b" \n\t\r\n"), answer(b"", status=204), answer(b"", status=205)],
)
async def test_fetch_is_empty_when_there_is_no_text(route: bytes) -> None:
    """No bytes, blank ones, and the two statuses that mean none."""
    async with serve({"/": route}) as server:
        await refused(server.url(), "empty", "sent an empty page", by=fetcher())


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/html", None),
        ("text/html; charset=utf-8", "utf-8"),
        ('text/html;charset="Windows-1252"', "windows-1252"),
        ("text/html; charset = 'koi8-r' ; x=y", "koi8-r"),
        ("text/html; x=y; CHARSET=Shift_JIS", "shift_jis"),
        ("text/html; charset=no-such-charset", None),
        ("text/html; charset=", None),
        ("text/html; charset=hex", None),
        ("text/html; charset=ünknown", None),
    ],
)
async def test_fetch_names_the_charset_when_it_is_a_known_one(header: str, charset: str | None) -> None:
    """The header's charset in lower case; None for what Python cannot decode."""
    async with serve({"/": answer(content_type=header)}) as server, fetcher() as instance:
        assert (await instance.fetch(server.url())).charset == charset


def _zip_of(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, "<x/>")
    return packed.getvalue()


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
DOCX, XLSX = _zip_of("word/document.xml"), _zip_of("xl/workbook.xml")
OPAQUE = "application/octet-stream"
OFFICE = "application/vnd.openxmlformats-officedocument"


@pytest.mark.parametrize(
    ("path", "header", "body", "kind"),
    [
        ("/", "text/html", HTML, None),
        ("/", "TEXT/HTML;charset=utf-8", HTML, None),
        ("/", "text/html, text/html", HTML, None),
        ("/", "application/xhtml+xml", HTML, None),
        ("/file.pdf", "text/html", HTML, None),
        ("/", "application/pdf", PDF, FileKind.PDF),
        ("/", "application/x-pdf", PDF, FileKind.PDF),
        ("/", f"{OFFICE}.wordprocessingml.document", DOCX, FileKind.DOCX),
        ("/", f"{OFFICE}.spreadsheetml.sheet", XLSX, FileKind.XLSX),
        ("/", "text/csv", b"a,b", FileKind.CSV),
        ("/", "application/csv; header=present", b"a,b", FileKind.CSV),
        ("/", "text/plain", b"text", FileKind.TXT),
        ("/readme.md", "text/plain", b"# text", FileKind.TXT),
        ("/", "text/markdown", b"# text", FileKind.TXT),
        ("/prices.CSV", "text/plain", b"a,b", FileKind.CSV),
        ("/", OPAQUE, PDF, FileKind.PDF),
        ("/", "binary/octet-stream", b"\n\n" + PDF, FileKind.PDF),
        ("/", None, PDF, FileKind.PDF),
        ("/x.docx", OPAQUE, b"PK\x03\x04rest", FileKind.DOCX),
        ("/x.xlsx", "application/zip", b"PK\x03\x04rest", FileKind.XLSX),
        ("/", OPAQUE, DOCX, FileKind.DOCX),
        ("/", OPAQUE, XLSX, FileKind.XLSX),
        ("/x.csv", OPAQUE, b"a,b", FileKind.CSV),
        ("/x.txt", None, b"text", FileKind.TXT),
        ("/x.md", OPAQUE, b"text", FileKind.TXT),
        ("/", None, b"\xef\xbb\xbf \n<!DOCTYPE HTML><p>", None),
        ("/x.htm", None, b"<p>text", None),
    ],
)
async def test_fetch_decides_the_kind(path: str, header: str | None, body: bytes, kind: FileKind | None) -> None:
    """By the declared type; where that says nothing, by extension and first bytes."""
    async with serve({path: answer(body, content_type=header)}) as server, fetcher() as instance:
        assert (await instance.fetch(server.url(path))).file_kind is kind


@pytest.mark.parametrize(
    ("path", "header", "body"),
    [
        ("/", "image/png", b"\x89PNG"),
        ("/", "application/json", b"{}"),
        ("/", "video/mp4", b"....ftyp"),
        ("/", "application/msword", b"\xd0\xcf"),
        ("/", "application/vnd.ms-excel", b"\xd0\xcf"),
        ("/", "nonsense", HTML),
        ("/", OPAQUE, b"\x7fELF"),
        ("/", OPAQUE, _zip_of("other.txt")),
        ("/", "application/zip", _zip_of("other.txt")),
        ("/x.bin", None, b"text"),
        ("/x.txt", OPAQUE, b"te\0xt"),
        ("/x.pdf", OPAQUE, b"no pdf"),
        ("/x.docx", OPAQUE, b"no zip"),
    ],
)
async def test_fetch_is_unsupported_when_no_reader_reads_it(path: str, header: str | None, body: bytes) -> None:
    """Other types, and unknown ones without anything that tells."""
    async with serve({path: answer(body, content_type=header)}) as server:
        await refused(server.url(path), "unsupported", r"(kind that is not read|what kind of content)", by=fetcher())


async def test_fetch_reads_no_body_when_its_type_is_unsupported() -> None:
    """An endless video is refused by its header, at once."""

    async def video(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n")
        await asyncio.sleep(60)

    async with serve({"/": video}) as server:
        await refused(server.url(), "unsupported", r"\(video/mp4\)", by=fetcher(seconds=5))
