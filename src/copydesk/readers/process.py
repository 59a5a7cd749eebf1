"""One reader process, seen from the service: started, asked, killed."""

import asyncio
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
from collections.abc import Iterator
from typing import IO

import psutil

from copydesk.errors import ConfigurationError
from copydesk.readers.frames import AT_ONCE, FrameBroken, FrameReader, FrameTooLong, Job, write_frames
from copydesk.readers.watch import TEXT, Errand, Watch

_START_SECONDS = 60.0  # imports on a cold, busy machine
_MARGIN = 20  # part of the memory that is kept back: between two looks a file may take some more
_START_MEMORY = 512 * 2**20  # bytes that the libraries may take while they are imported
_MIB = 2**20
_READY_BYTES = 65_536
_PIPE_BYTES = 2**20  # of a pipe where the system grants it: 16 times fewer switches for a large file
_ENDING_SECONDS = 2.0  # that a process takes at most between closing its pipes and its end
_MODULE = "copydesk.readers.worker"
ON_LOOP_BYTES = AT_ONCE // 2  # of a file: with its job it fits in an empty pipe, whatever the system


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

    Where Linux lets a process follow its parent, it ends with the thread that made it.

    Args:
        seconds: Time one document may take.
        memory_mb: Resident memory it may take, in MiB.
        text_mb: Text it may answer, in MiB.
        watch: Who kills it at its limits.
        closing: Set when its start is not waited for any more.

    Raises:
        ConfigurationError: It does not start; the sentence has its last words.
    """

    def __init__(
        self, *, seconds: float, memory_mb: int, text_mb: int, watch: Watch, closing: threading.Event | None = None
    ) -> None:
        self._seconds = seconds
        self._memory = memory_mb * _MIB
        self._answer_bytes = 2 * text_mb * _MIB + _MIB  # text, twice: JSON escapes quotation marks
        self._watch = watch
        self._folder = tempfile.mkdtemp(prefix="copydesk-reader-")
        limits = [str(seconds), str(memory_mb), str(text_mb), str(os.getpid())]
        with tempfile.TemporaryFile() as last_words:
            self._process = subprocess.Popen(  # noqa: S603 -- our own module, by our own interpreter
                [sys.executable, "-I", "-m", _MODULE, *limits],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=last_words,
                cwd=self._folder,
                env=_environment(),
                start_new_session=True,
            )
            self._watched = psutil.Process(self._process.pid)
            self._stdin = _widened(self._process.stdin)
            self._answers = FrameReader(_widened(self._process.stdout))
            self.protections = self._ready(last_words, closing or threading.Event())
        self.first_bytes = self.resident_bytes  # what the libraries take
        self.jobs = 0  # how many it was asked to do
        self.worked = 0.0  # seconds that they took

    def ask(self, job: Job, data: bytes, cancelled: threading.Event) -> bytes:
        """Have `data` read; answer what the process answers, which is not to be trusted.

        Whatever this raises, the process is of no further use and is to be closed.

        Raises:
            Killed: A limit was passed, or `cancelled` was set.
            Died: The process ended by itself.
            FrameBroken: It said more than one answer.
        """
        with self._working(cancelled):
            try:
                os.set_blocking(self._stdin, True)
                write_frames(self._stdin, _packed(job), data)
                return self._checked(self._answers.read(limit=self._answer_bytes))
            except FrameTooLong as error:
                raise Killed(TEXT) from error
            except (EOFError, OSError) as error:
                raise self.ended() from error

    async def ask_on_loop(self, job: Job, data: bytes, cancelled: threading.Event) -> bytes:
        """The same without a thread, for at most `ON_LOOP_BYTES`, where the loop can watch pipes.

        Raises:
            Killed: As for `ask`.
            FrameBroken: As for `ask`.
            EOFError: The process has ended or is about to; `ended` says how.
        """
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[bytes] = loop.create_future()

        def advance() -> None:
            try:
                answer = self._answers.advance(limit=self._answer_bytes)
            except (FrameTooLong, EOFError, OSError) as error:
                loop.remove_reader(self._answers.descriptor)
                answered.set_exception(error)
            else:
                if answer is not None:
                    loop.remove_reader(self._answers.descriptor)
                    answered.set_result(answer)

        with self._working(cancelled):
            os.set_blocking(self._stdin, False)  # the pipe is empty; if it were not, the loop would not wait
            loop.add_reader(self._answers.descriptor, advance)
            try:
                write_frames(self._stdin, _packed(job), data)
                return self._checked(await answered)
            except FrameTooLong as error:
                raise Killed(TEXT) from error
            except OSError as error:
                raise EOFError from error
            finally:
                loop.remove_reader(self._answers.descriptor)

    def ended(self) -> Exception:
        """The error that says how it ended, after an `EOFError`: `Killed`, `Died`, or `FrameBroken` if it lives on."""
        try:
            status = self._process.wait(timeout=_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return FrameBroken()
        return Died(status) if self._errand.limit is None else Killed(self._errand.limit)

    @property
    def resident_bytes(self) -> int:
        """Memory it takes now; 0 when it is gone."""
        try:
            return int(self._watched.memory_info().rss)
        except psutil.Error:
            return 0

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once, and whatever it may have started."""
        if sys.platform == "win32":
            self._process.kill()
            return
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)  # its own session, so its own group

    def close(self) -> None:
        """End it, and remove what it left."""
        self.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextlib.contextmanager
    def _working(self, cancelled: threading.Event) -> Iterator[None]:
        """Under watch, and counted."""
        begun = time.monotonic()
        self._errand = self._new_errand(begun + self._seconds, self._memory - self._memory // _MARGIN, cancelled)
        self._watch.begin(self._errand)
        try:
            yield
        finally:
            self._watch.end(self._errand)
            self.jobs += 1
            self.worked += time.monotonic() - begun

    def _new_errand(self, deadline: float, memory: int, cancelled: threading.Event) -> Errand:
        return Errand(
            deadline=deadline,
            memory=memory,
            resident=lambda: self.resident_bytes,
            kill=self.kill,
            cancelled=cancelled,
        )

    def _checked(self, answer: bytes) -> bytes:
        if not self._answers.at_rest:
            raise FrameBroken
        return answer

    def _ready(self, last_words: IO[bytes], closing: threading.Event) -> frozenset[str]:
        """Wait until it says which protections it has."""
        memory = max(self._memory, _START_MEMORY)
        errand = self._new_errand(time.monotonic() + _START_SECONDS, memory, closing)
        self._watch.begin(errand)
        try:
            return frozenset(json.loads(self._answers.read(limit=_READY_BYTES)))
        except (EOFError, FrameTooLong, OSError, ValueError) as error:
            self._watch.end(errand)
            self.close()
            last_words.seek(0)
            said = last_words.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            msg = f"The process that reads files does not start: {said[0] if said else 'it says nothing'}."
            raise ConfigurationError(msg) from error
        finally:
            self._watch.end(errand)


def _packed(job: Job) -> bytes:
    return json.dumps(vars(job)).encode()


def _widened(pipe: IO[bytes] | None) -> int:
    """The pipe's descriptor, after it was made to hold more."""
    assert pipe is not None  # noqa: S101 -- for the type checker; it was asked for
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 -- not on every platform

        with contextlib.suppress(OSError):  # the system has a limit for all pipes of a user
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return pipe.fileno()


def _environment() -> dict[str, str]:
    """Nothing of ours; Windows needs its system folder to start any program."""
    return {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if sys.platform == "win32" else {}
