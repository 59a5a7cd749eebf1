"""Reads untrusted files and pages in processes that are watched and may be killed."""

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar

from copydesk.domain.file import FileKind
from copydesk.domain.source import Document
from copydesk.errors import ConfigurationError, CopydeskError, InternalError, ReadError
from copydesk.readers.frames import AnswerParser, FrameBroken, Job, ReaderSpent
from copydesk.readers.process import ON_LOOP_BYTES, Died, Killed, ReaderProcess
from copydesk.readers.slots import Slots
from copydesk.readers.watch import CANCELLED, MEMORY, TEXT, TIME, Watch
from copydesk.telemetry import get_logger

_T = TypeVar("_T")
_CLOSED = "The file reader is closed."
# Seconds of work, then a process is replaced: what a file did to it ends with it, and starting another
# takes about a second.
_WORK_SECONDS = 60.0
# Of the memory that the limit leaves beyond the libraries: a process that holds more after its job is replaced.
_RESIDENT_SHARE = 0.5
_LOOK_JOBS = 8  # small files after which it is looked how much it holds
_SMALL = 65_536  # bytes
_PARSE_ON_LOOP = 131_072  # bytes of an answer; parsing them takes about half a millisecond
_ON_LOOP = sys.platform != "win32"  # whose event loop cannot watch pipes
_CLOSING_SECONDS, _CLOSING_PAUSE = 5.0, 0.01
_SIGKILL, _SIGTERM, _SIGALRM, _SIGXCPU = 9, 15, 14, 24  # as on Linux
_EXTERNAL = {-_SIGKILL, -_SIGTERM}  # sent by an operator or by the kernel, not by the file's own doing
_TIMES = {-_SIGALRM, -_SIGXCPU}
_PROTECTIONS = {
    "watchdog": "killed over the limits of memory and time",
    "limits": "limits on address space, CPU, files and core dumps (setrlimit)",
    "namespaces": "a user and network namespace of its own, without interfaces",
    "no_new_privileges": "no privileges gained by running programs",
    "landlock": "no file but the libraries readable, none writable (Landlock)",
    "seccomp": "no sockets, programs, processes or signals to others, in native code too (seccomp)",
    "audit": "sockets, programs and writing refused inside of the interpreter",
}


@dataclass(frozen=True, kw_only=True)
class Protection:
    """One protection of the reader processes, for `copydesk doctor`."""

    name: str
    active: bool  # on this machine
    description: str


@dataclass(eq=False)
class _Task:
    """One reading: what is asked, and whether it is still wanted."""

    job: Job
    data: bytes
    cancelled: threading.Event = field(default_factory=threading.Event)


class SandboxedReader:
    """A `FileReader` over a pool of warm processes.

    Each process reads one document at a time. One that passed a limit, died, or read something
    damaged is replaced. May be used from several event loops, and starts by itself at first use;
    `close` ends what is running.

    Args:
        workers: How many processes.
        seconds: Time one document may take; waiting for a process is not counted.
        memory_mb: Resident memory one process may take, in MiB.
        text_mb: Text taken from one document at most, in MiB; the rest is left out with a note.
    """

    def __init__(self, *, workers: int, seconds: float, memory_mb: int, text_mb: int) -> None:
        self._workers = workers
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._text_mb = text_mb
        self._parser = AnswerParser()
        self._log = get_logger("copydesk.readers")
        # For what would hold up an event loop: starts, ends, large files. The threads live as long as
        # the pool, because the processes end with the threads that made them.
        self._threads = ThreadPoolExecutor(max_workers=2 * workers, thread_name_prefix="reader")
        self._watch = Watch()
        self._slots = Slots(workers)  # a reading holds one: it may take an idle process or make one
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)  # a process became idle, ended, or did not start
        self._idle: list[ReaderProcess] = []
        self._processes: set[ReaderProcess] = set()  # idle, at work, or about to end
        self._alive = 0  # they, and those that start
        self._tasks: set[_Task] = set()
        self._granted: frozenset[str] | None = None
        self._closing = threading.Event()
        self._closed = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Start all processes and wait until they are ready.

        Raises:
            ConfigurationError: One does not start.
        """
        await asyncio.gather(*(self._in_thread(self._warm) for _ in range(self._workers)))

    def start_soon(self) -> None:
        """Start a process in the background, so that the first reading need not wait for it.

        What goes wrong is said by the first reading.
        """
        with contextlib.suppress(RuntimeError):  # closed
            self._threads.submit(self._warm)

    async def close(self) -> None:
        """Kill all processes; readings that are still waited for end with InternalError."""
        with self._lock:
            self._closed = True
            self._closing.set()
            for task in self._tasks:
                task.cancelled.set()
            self._changed.notify_all()
        self._slots.open_all()
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)
        deadline = time.monotonic() + _CLOSING_SECONDS
        while self._tasks and time.monotonic() < deadline:  # noqa: ASYNC110 -- of other loops, whose events are theirs
            await asyncio.sleep(_CLOSING_PAUSE)
        await asyncio.to_thread(self._end_rest)

    def _end_rest(self) -> None:
        with self._lock:
            rest = tuple(self._processes)
        for process in rest:
            self._discard(process)
        self._watch.close()

    async def read_file(self, data: bytes, kind: FileKind) -> Document:
        """Read an uploaded file.

        Raises:
            ReadError: With `reason` `encrypted`, `damaged`, `empty` or `bomb`.
            InternalError: The reader was closed.
        """
        return await self._read(_Task(job=Job(kind=kind.value), data=data))

    async def read_page(self, data: bytes, *, url: str, charset: str | None) -> Document:
        """Read an HTML page's main content. `charset` is what the HTTP header says.

        Raises:
            ReadError: With `reason` `damaged`, `empty` or `bomb`.
            InternalError: The reader was closed.
        """
        return await self._read(_Task(job=Job(kind="html", url=url, charset=charset), data=data))

    async def protections(self) -> tuple[Protection, ...]:
        """Say which protections this machine grants; starts the processes if none was started."""
        if self._granted is None:
            await self.start()
        granted = {"watchdog", *(self._granted or ())}
        return tuple(
            Protection(name=name, active=name in granted, description=description)
            for name, description in _PROTECTIONS.items()
        )

    async def _read(self, task: _Task) -> Document:
        self._check_open()
        await self._slots.take()
        with self._lock:
            self._tasks.add(task)
        try:
            return await self._perform(task)
        except Killed as killed:
            raise self._killed(killed) from None
        except Died as died:
            raise self._died(died) from None
        except FrameBroken:
            self._log.warning("reader_answer_refused", kind=task.job.kind)
            msg = "It cannot be read: the reader's answer was not in order."
            raise ReadError(msg, reason="damaged") from None
        finally:
            task.cancelled.set()  # after an answer it does nothing; after a cancellation it kills
            with self._lock:
                self._tasks.discard(task)

    async def _perform(self, task: _Task) -> Document:
        """Read a small file without a thread where a process is idle, else in a thread; then give the slot back."""
        process = self._idle_process() if _ON_LOOP and len(task.data) <= ON_LOOP_BYTES else None
        if process is None:
            return await self._in_thread(lambda: self._attempt_twice(task), last=self._slots.give)
        try:
            document = await self._attempt_on_loop(process, task)
        except EOFError:
            return await self._in_thread(lambda: self._attempt_twice(task, ended=process), last=self._slots.give)
        except BaseException:
            self._slots.give()
            raise
        self._slots.give()
        return document

    async def _attempt_on_loop(self, process: ReaderProcess, task: _Task) -> Document:
        try:
            answer = await process.ask_on_loop(task.job, task.data, task.cancelled)
            if len(answer) > _PARSE_ON_LOOP:
                document = await self._in_thread(lambda: self._parser.parse(answer))
            else:
                document = self._parser.parse(answer)
        except EOFError:
            raise  # how it ended is found out in a thread
        except BaseException as error:
            clean = isinstance(error, ReadError) and not isinstance(error, ReaderSpent)
            self._give_back_soon(process, clean=clean and not self._worn(process, task))
            raise
        self._give_back_soon(process, clean=not self._worn(process, task))
        return document

    async def _in_thread(self, work: Callable[[], _T], *, last: Callable[[], None] | None = None) -> _T:
        """Do `work` in a thread; `last` is called when it has ended, even if nobody waits for it any more."""
        try:
            future = self._threads.submit(work)
        except RuntimeError:  # shut down
            if last is not None:
                last()
            raise InternalError(_CLOSED) from None
        if last is not None:
            future.add_done_callback(lambda _: last())
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and not current.cancelling():
                self._check_open()  # dropped from the queue by `close`, not cancelled by its caller
            raise

    def _check_open(self) -> None:
        if self._closed:
            raise InternalError(_CLOSED)

    def _attempt_twice(self, task: _Task, *, ended: ReaderProcess | None = None) -> Document:
        """Read in this thread; once more if the process was killed from outside.

        Args:
            task: What to read.
            ended: The process of the first attempt, where that has ended already.
        """
        try:
            return self._attempt(task) if ended is None else self._bury(ended)
        except Died as died:
            if died.status not in _EXTERNAL:
                raise
            self._log.warning("reader_killed_from_outside", status=died.status)
            return self._attempt(task)

    def _bury(self, process: ReaderProcess) -> Document:
        """Discard a process and raise what it died of."""
        try:
            raise process.ended()
        finally:
            self._give_back(process, clean=False)

    def _attempt(self, task: _Task) -> Document:
        if task.cancelled.is_set() or self._closed:
            raise Killed(CANCELLED)
        process, clean = self._take(), False
        try:
            document = self._parser.parse(process.ask(task.job, task.data, task.cancelled))
            clean = True
        except ReadError as error:
            clean = not isinstance(error, ReaderSpent)
            raise
        finally:
            self._give_back(process, clean=clean and not self._worn(process, task))
        return document

    def _idle_process(self) -> ReaderProcess | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _take(self) -> ReaderProcess:
        """An idle process, or a new one where there is room: others at work hold the other slots."""
        with self._changed:
            while not self._idle and self._alive >= self._workers and not self._closed:
                self._changed.wait()  # for one that starts or ends
            if self._idle:
                return self._idle.pop()
            self._alive += 1
        return self._spawn()

    def _warm(self) -> None:
        """Start a process if there is room for one."""
        with self._lock:
            if self._closed or self._alive >= self._workers:
                return
            self._alive += 1
        self._lay_down(self._spawn())

    def _spawn(self) -> ReaderProcess:
        try:
            process = ReaderProcess(
                seconds=self._seconds,
                memory_mb=self._memory_mb,
                text_mb=self._text_mb,
                watch=self._watch,
                closing=self._closing,
            )
        except BaseException as error:
            self._count_out()
            if self._closed and isinstance(error, ConfigurationError):
                raise Killed(CANCELLED) from error
            raise
        with self._lock:
            self._processes.add(process)
        self._granted = process.protections
        return process

    def _worn(self, process: ReaderProcess, task: _Task) -> bool:
        """Whether it has worked for long, or holds much."""
        if process.worked > _WORK_SECONDS:
            return True
        looked_at = len(task.data) > _SMALL or process.jobs % _LOOK_JOBS == 0
        spare = self._memory_mb * 2**20 - process.first_bytes
        return looked_at and process.resident_bytes - process.first_bytes > _RESIDENT_SHARE * spare

    def _give_back_soon(self, process: ReaderProcess, *, clean: bool) -> None:
        """Give it back from an event loop, which does not wait for its end."""
        if clean and not self._closed:
            self._lay_down(process)
            return
        process.kill()
        try:
            self._threads.submit(self._give_back, process, clean=False)
        except RuntimeError:  # shut down
            self._discard(process)

    def _give_back(self, process: ReaderProcess, *, clean: bool) -> None:
        if clean and not self._closed:
            self._lay_down(process)
            return
        self._discard(process)
        if not self._closed:
            with contextlib.suppress(RuntimeError):  # closed in between
                self._threads.submit(self._warm)

    def _lay_down(self, process: ReaderProcess) -> None:
        with self._changed:
            self._idle.append(process)
            self._changed.notify()

    def _discard(self, process: ReaderProcess) -> None:
        process.close()
        with self._lock:
            self._processes.discard(process)
        self._count_out()

    def _count_out(self) -> None:
        with self._changed:
            self._alive -= 1
            self._changed.notify()

    def _killed(self, killed: Killed) -> CopydeskError:
        limits = {
            MEMORY: f"Reading it took more than {self._memory_mb:,} MiB of memory, so it was stopped.",
            TIME: f"Reading it took longer than {self._seconds:g} seconds, so it was stopped.",
            TEXT: f"It holds more than {self._text_mb:,} MiB of text, so reading was stopped.",
        }
        if killed.limit not in limits:
            return InternalError(_CLOSED)
        self._log.warning("reader_killed", limit=killed.limit)
        return ReadError(limits[killed.limit], reason="bomb")

    def _died(self, died: Died) -> ReadError:
        self._log.warning("reader_died", status=died.status)
        if died.status in _EXTERNAL:
            msg = "Reading it was ended twice by the system, most likely for want of memory."
            return ReadError(msg, reason="bomb")
        if died.status in _TIMES:
            return ReadError(
                f"Reading it took longer than {self._seconds:g} seconds, so it was stopped.", reason="bomb"
            )
        return ReadError("It is damaged: the reader crashed on it.", reason="damaged")
