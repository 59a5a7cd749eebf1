"""A real S3 server on loopback: `nanio`, which checks signatures, in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from pydantic import SecretStr
from support.service import free_port

from copydesk.settings import Settings

KEY, SECRET = "copydesk-test", "a-secret-of-the-tests"
BUCKET = "articles"
_START_SECONDS = 30.0


@dataclass(kw_only=True)
class S3Server:
    """A server with one bucket."""

    folder: Path  # a bucket is a folder in it, an object a file
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.port}"

    def settings(self, data_dir: Path, **changes: object) -> Settings:
        """Settings that keep files in its bucket."""
        return s3_settings(self.url, data_dir, **changes)


def s3_settings(endpoint: str, data_dir: Path, **changes: object) -> Settings:
    """Settings that keep files in a bucket behind that address."""
    values: dict[str, object] = {
        "data_dir": data_dir,
        "search": ("none",),
        "blobs": f"s3://{BUCKET}/some/prefix",
        "s3_endpoint": endpoint,
        "s3_region": "us-east-1",
        "s3_access_key_id": SecretStr(KEY),
        "s3_secret_access_key": SecretStr(SECRET),
        **changes,
    }
    return Settings(_env_file=None, **values)  # type: ignore[arg-type] # any of its fields


@contextmanager
def s3_server(folder: Path, port: int | None = None) -> Iterator[S3Server]:
    """Run a server over a folder until the block ends; at a free port, or at that one."""
    (folder / BUCKET).mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    environment = {**os.environ, "NANIO_ACCESS_KEY": KEY, "NANIO_SECRET_KEY": SECRET}
    command = [sys.executable, "-c", "from nanio.cli import main; main()", "serve", "--data-dir", str(folder)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port), "--log-level", "error", "--no-access-log"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(process, port)
        yield S3Server(folder=folder, port=port, process=process)
    finally:
        process.kill()
        process.wait(timeout=30)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    begun = time.monotonic()
    while True:
        assert process.poll() is None, "the S3 server ended at once"
        assert time.monotonic() - begun < _START_SECONDS, "the S3 server does not answer"
        try:
            httpx2.get(f"http://127.0.0.1:{port}/", timeout=5)
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
