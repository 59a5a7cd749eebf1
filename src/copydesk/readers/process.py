"""One reader process, seen from the service: started, asked, watched, killed."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from types import TracebackType
from typing import IO, Self

import psutil

from copydesk.errors import ConfigurationError
from copydesk.readers.frames import FrameBroken, FrameTooLong, Job, read_frame, write_frame

_START_SECONDS = 60.0  # imports on a cold, busy machine
_LOOK_SECONDS = 0.02  # between two looks at a process; it takes about 40 MiB in that time at most
_MIB = 2**20
_READY_BYTES = 65_536
_MODULE = "copydesk.readers.worker"


MEMORY, TIME, TEXT, CANCELLED = "memory", "time", "text", "cancelled"


class Killed(Exception):
    """The process was killed by us; `limit` is `MEMORY`, `TIME`, `TEXT` or `CANCELLED`."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class Died(Exception):
    """The process ended on its own or by another's hand; `status` is as `Popen.returncode`."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ReaderProcess:
    """A process that reads one document after another. Used by one thread at a time.

    Raises:
        ConfigurationError: It does not start; the sentence has its last words.
    """

    def __init__(self, *, seconds: float, memory_mb: int, text_mb: int) -> None:
        self._seconds = seconds
        self._memory = memory_mb * _MIB
        self._answer_bytes = 2 * text_mb * _MIB + _MIB  # text, twice: JSON escapes quotation marks
        self._folder = tempfile.mkdtemp(prefix="copydesk-reader-")
        arguments = [sys.executable, "-I", "-m", _MODULE, str(seconds), str(memory_mb), str(text_mb)]
        with tempfile.TemporaryFile() as last_words:
            self._process = subprocess.Popen(  # noqa: S603 -- our own module, by our own interpreter
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=last_words,
                cwd=self._folder,
                env=_environment(),
                start_new_session=True,
            )
            self._watched = psutil.Process(self._process.pid)
            self.protections = self._ready(last_words)
        self.jobs = 0  # how many it was asked to do

    def ask(self, job: Job, data: bytes, cancelled: threading.Event) -> bytes:
        """Have `data` read; answer what the process answers, which is not to be trusted.

        Whatever this raises, the process is of no further use and is to be closed.

        Raises:
            Killed: A limit was passed, or `cancelled` was set.
            Died: The process ended by itself.
        """
        self.jobs += 1
        with _Watch(self._process, self._watched, self._seconds, self._memory, cancelled) as watch:
            try:
                write_frame(self._stdin, json.dumps(asdict(job)).encode())
                write_frame(self._stdin, data)
                return read_frame(self._stdout, limit=self._answer_bytes)
            except FrameTooLong as error:
                self.kill()
                raise Killed(TEXT) from error
            except (FrameBroken, OSError) as error:
                status = self._process.wait()
                if watch.limit is not None:
                    raise Killed(watch.limit) from error
                raise Died(status) from error

    @property
    def resident_bytes(self) -> int:
        """Memory it takes now; 0 when it is gone."""
        return _resident(self._watched)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once, and whatever it may have started."""
        _kill(self._process)

    def close(self) -> None:
        """End it, and remove what it left."""
        self.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # unsent bytes to a process that is gone
                if stream is not None:
                    stream.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 -- for the type checker; it is a pipe
        return self._process.stdin

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101 -- likewise
        return self._process.stdout

    def _ready(self, last_words: IO[bytes]) -> frozenset[str]:
        """Wait until it says which protections it has."""
        never = threading.Event()
        with _Watch(self._process, self._watched, _START_SECONDS, max(self._memory, 512 * _MIB), never):
            try:
                return frozenset(json.loads(read_frame(self._stdout, limit=_READY_BYTES)))
            except (FrameBroken, FrameTooLong, OSError, ValueError) as error:
                self.close()
                last_words.seek(0)
                said = last_words.read().decode("utf-8", "replace").strip().splitlines()[-1:]
                msg = f"The process that reads files does not start: {said[0] if said else 'it says nothing'}."
                raise ConfigurationError(msg) from error


class _Watch:
    """Kills a process when it passes a limit, for as long as the context lasts."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        watched: psutil.Process,
        seconds: float,
        memory: int,
        cancelled: threading.Event,
    ) -> None:
        self.limit: str | None = None  # the limit that was passed
        self._process = process
        self._watched = watched
        self._seconds = seconds
        self._memory = memory
        self._cancelled = cancelled
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="reader-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        deadline = time.monotonic() + self._seconds
        while not self._done.wait(_LOOK_SECONDS):
            if self._cancelled.is_set():
                self.limit = CANCELLED
            elif time.monotonic() > deadline:
                self.limit = TIME
            elif _resident(self._watched) > self._memory:
                self.limit = MEMORY
            if self.limit is not None:
                _kill(self._process)
                return


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if sys.platform == "win32":
        process.kill()
        return
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # its own session, so its own group


def _environment() -> dict[str, str]:
    """Nothing of ours; Windows needs its system folder to start any program."""
    return {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if sys.platform == "win32" else {}
