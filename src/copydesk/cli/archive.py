"""The archive of a backup: a tar compressed by zstd, with a manifest of checksums as its last member."""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import zstandard

from copydesk.errors import ConfigurationError

FORMAT = 1  # of the archive; a later one is refused
MANIFEST = "manifest.json"
_MODE = 0o600
_CHUNK = 1 << 20
_LEVEL = 3  # zstd's default: the disk is slower
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MEMBER = re.compile(rf"copydesk\.sqlite|engine\.sqlite|manifest\.json|files/{_ID}/{_ID}")


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What an archive says of itself."""

    version: str  # of the Copydesk that made it
    made_at: str  # ISO 8601, UTC
    revision: str  # of the application's tables
    engine_revision: int  # of the engine's tables
    blobs: str  # where the bytes of files were kept: database, directory, s3
    format: int = FORMAT
    members: dict[str, str] = field(default_factory=dict)  # SHA-256 by name, hex


class _Hashing(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self.digest.update(data)
        return data


class ArchiveWriter:
    """Writes an archive beside its place, and moves it there when it is whole.

    Raises:
        ConfigurationError: Its place is taken, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        if path.exists():
            message = f"{str(path)!r} is there already; name another file."
            raise ConfigurationError(message)
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._members: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._part.unlink(missing_ok=True)
        self._file = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb")
        compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, threads=-1)
        self._stream = compressor.stream_writer(self._file, closefd=False)
        self._tar = tarfile.open(mode="w|", fileobj=self._stream, format=tarfile.PAX_FORMAT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del error, trace
        try:
            if kind is None:
                self._tar.close()
                self._stream.close()  # type: ignore[no-untyped-call] # zstandard's stubs leave it untyped
                self._file.flush()
                os.fsync(self._file.fileno())
                self._part.replace(self._path)
        finally:
            self._file.close()
            self._part.unlink(missing_ok=True)

    def add_file(self, name: str, path: Path) -> None:
        """Add a file of the disk."""
        with path.open("rb") as file:
            self._add(name, file, path.stat().st_size)

    def add_bytes(self, name: str, data: bytes) -> None:
        """Add bytes."""
        self._add(name, io.BytesIO(data), len(data))

    def finish(self, manifest: dict[str, Any]) -> None:
        """Add the manifest, with the checksums of all that was added."""
        whole = asdict(Manifest(**manifest, members=self._members))
        self.add_bytes(MANIFEST, json.dumps(whole, indent=2).encode())

    def _add(self, name: str, file: BinaryIO, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, _MODE, int(datetime.now().astimezone().timestamp())
        hashing = _Hashing(file)
        self._tar.addfile(member, hashing)
        self._members[name] = hashing.digest.hexdigest()


def extract(path: Path, folder: Path) -> Manifest:
    """Unpack an archive into an empty folder, and check every byte of it.

    Raises:
        ConfigurationError: It is none, is damaged, or is of a later format.
    """
    found: dict[str, str] = {}
    with _readable(path) as tar:
        for member in tar:
            if not member.isreg() or not _MEMBER.fullmatch(member.name) or member.name in found:
                raise _damaged(path, f"{member.name!r} does not belong into it")
            found[member.name] = _unpack(tar, member, folder / member.name)
    if MANIFEST not in found:
        raise _damaged(path, "its end is missing")
    manifest = _read_manifest(path, folder / MANIFEST)
    del found[MANIFEST]
    wrong = {name for name, _ in set(found.items()) ^ set(manifest.members.items())}
    if wrong:
        raise _damaged(path, f"{min(wrong)} is not what the manifest says")
    return manifest


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    """Write one member; answers its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source = tar.extractfile(member)
    assert source is not None  # noqa: S101 - a regular file has content
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb") as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


@contextmanager
def _readable(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with (
            path.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as stream,
            tarfile.open(mode="r|", fileobj=stream) as tar,
        ):
            yield tar
            while stream.read(_CHUNK):  # to the end, where the checksum of the whole stands
                pass
    except FileNotFoundError as error:
        message = f"There is no file {str(path)!r}."
        raise ConfigurationError(message) from error
    except (zstandard.ZstdError, tarfile.TarError, EOFError) as error:
        raise _damaged(path, str(error)) from error


def _read_manifest(path: Path, file: Path) -> Manifest:
    with suppress(ValueError, TypeError, AttributeError):
        said = json.loads(file.read_bytes())
        if int(said.get("format", 0)) > FORMAT:
            message = f"{str(path)!r} was made by a newer version ({said.get('version')}); use that one to restore it."
            raise ConfigurationError(message)
        return Manifest(**said)
    raise _damaged(path, "its manifest cannot be read")


def _damaged(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"{str(path)!r} is no whole backup: {why}.")
