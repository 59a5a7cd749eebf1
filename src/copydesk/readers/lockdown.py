"""What a reader process gives up before it reads anything.

Two steps: `isolate` before the libraries are imported, because a user namespace can only be made
while there is one thread and Landlock does not hold for threads that are there already, and `seal`
after, because imports do what reading never does. Each answers the names of the protections that the
machine granted.
"""

import ctypes
import os
import sys
from contextlib import suppress
from typing import Any

from copydesk.readers.landlock import LIBRARIES, SYSTEM, restrict_files
from copydesk.readers.seccomp import restrict_calls

_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000  # linux/sched.h
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h
_MIB = 2**20
_OPEN_FILES = 64
_FILE_BYTES = _MIB
# Address space beyond the resident limit: libraries map files and reserve what they never touch.
_SPARE_ADDRESS_MIB = 3_072
# Memory of its own that it may ask for beyond it: where it takes it faster than the watch looks, this holds.
_SPARE_DATA_MIB = 512
_REFUSED = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.startfile",
    "os.kill",
    "os.chmod",
    "os.chown",
    "os.link",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
    "pty.",
    "shutil.",
    "urllib.",
    "http.",
    "ftplib.",
    "smtplib.",
    "webbrowser.",
    "pickle.find_class",
    "ctypes.dlopen",
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def isolate(*, memory_mb: int) -> list[str]:
    """Take limits, a network without interfaces and the data of others out of reach; answer what was granted."""
    granted: list[str] = []
    if sys.platform != "linux":
        return granted
    _limit(memory_mb)
    granted.append("limits")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) == 0:
        granted.append("namespaces")
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        granted.append("no_new_privileges")
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123 -- procfs
        score.write("1000")  # if the machine runs out of memory, the reader goes and not the service
    restrict_files(SYSTEM, folder=os.getcwd())  # noqa: PTH109 -- a plain path
    return granted


def end_with(*, parent: int) -> None:
    """Let this process be killed when the thread of `parent` that made it ends.

    After `isolate`, because a new namespace takes it back. Elsewhere the end of the pipes has to do.
    """
    if sys.platform != "linux":
        return
    import signal  # noqa: PLC0415 -- not on every platform

    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it has ended already
        sys.exit(1)


def seal() -> list[str]:
    """Refuse files, sockets, programs and new processes; answer what was granted.

    Threads are left: polars starts some for each query, and panics where it cannot.
    """
    granted: list[str] = []
    if sys.platform == "linux":
        if restrict_files(LIBRARIES):
            granted.append("landlock")
        if restrict_calls():
            granted.append("seccomp")
    sys.addaudithook(_audit)
    granted.append("audit")
    return granted


def _limit(memory_mb: int) -> None:
    import resource  # noqa: PLC0415 -- not on every platform

    limits = {
        resource.RLIMIT_AS: (memory_mb + _SPARE_ADDRESS_MIB) * _MIB,
        resource.RLIMIT_DATA: (memory_mb + _SPARE_DATA_MIB) * _MIB,
        resource.RLIMIT_FSIZE: _FILE_BYTES,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for what, value in limits.items():
        _, hard = resource.getrlimit(what)
        new = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (new, new))


def limit_job(seconds: float) -> None:
    """Let the process end itself if the job takes longer than `seconds`, of CPU or by the clock.

    The service kills it earlier; this holds where the service has died in the middle of a job.
    """
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 -- not on every platform
    import signal  # noqa: PLC0415 -- likewise

    signal.setitimer(signal.ITIMER_REAL, seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, hard))


def end_job() -> None:
    """Stop the clock that `limit_job` started."""
    if sys.platform == "linux":
        import signal  # noqa: PLC0415 -- not on every platform

        signal.setitimer(signal.ITIMER_REAL, 0)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    """Python's own audit hook: it cannot be taken off, and an error in it refuses the event."""
    if event.startswith(_REFUSED):
        msg = f"a reader process may not use {event}"
        raise PermissionError(msg)
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        msg = f"a reader process may not write {arguments[0]!r}"
        raise PermissionError(msg)
