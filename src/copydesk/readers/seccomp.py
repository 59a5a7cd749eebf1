"""Takes system calls away from this process, by Linux's seccomp filters.

What a document's reader never needs fails as if it were not permitted, in native code too: sockets,
programs, processes (threads stay), signals to others, and the parts of the kernel that attacks like.
See https://docs.kernel.org/userspace-api/seccomp_filter.html; numbers are of each architecture's
unistd.h, programs are of classic BPF (linux/filter.h).
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_SET_FILTER, _ALL_THREADS = 1, 1  # SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, little end first
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_CLONE_THREAD = 0x10000
_X32 = 0x40000000  # of x86-64: the same calls once more under other numbers


@dataclass(frozen=True, kw_only=True)
class _Calls:
    """The numbers of one architecture."""

    audit: int  # AUDIT_ARCH of linux/audit.h
    seccomp: int
    clone: int
    tgkill: int
    refused: tuple[int, ...]


_NEWEST = (424, 425, 426, 427, 434, 438)  # pidfd_send_signal, io_uring (3), pidfd_open, pidfd_getfd: the same anywhere
_CLONE3 = 435  # likewise
_CALLS = {
    "x86_64": _Calls(
        audit=0xC000003E,
        seccomp=317,
        clone=56,
        tgkill=234,
        refused=(
            *(41, 42, 43, 44, 49, 50, 53, 288),  # socket, connect, accept, sendto, bind, listen, socketpair, accept4
            *(57, 58, 59, 322),  # fork, vfork, execve, execveat
            *(62, 129, 200, 297),  # kill, rt_sigqueueinfo, tkill, rt_tgsigqueueinfo
            *(101, 310, 311),  # ptrace, process_vm_readv, process_vm_writev
            *(29, 240, 319),  # shmget, mq_open, memfd_create: memory that no limit counts
            *(155, 161, 165, 166, 272, 308),  # pivot_root, chroot, mount, umount2, unshare, setns
            *(248, 249, 250, 298, 303, 304, 321, 323),  # keys (3), perf_event_open, handles (2), bpf, userfaultfd
            *_NEWEST,
        ),
    ),
    "aarch64": _Calls(
        audit=0xC00000B7,
        seccomp=277,
        clone=220,
        tgkill=131,
        refused=(
            *(198, 203, 202, 206, 200, 201, 199, 242),  # in the order of the table above
            *(221, 281),
            *(129, 138, 130, 240),
            *(117, 270, 271),
            *(194, 180, 279),
            *(41, 51, 40, 39, 97, 268),
            *(217, 218, 219, 241, 264, 265, 280, 282),
            *_NEWEST,
        ),
    ),
}


def restrict_calls() -> bool:
    """Refuse them in all threads, for good; answer whether the kernel did so.

    It needs `PR_SET_NO_NEW_PRIVS`, and one of the architectures whose numbers are known.
    """
    calls = _CALLS.get(platform.machine())
    if calls is None:
        return False
    instructions = list(_program(calls))
    code = ctypes.create_string_buffer(b"".join(instructions))
    program = struct.pack("@HP", len(instructions), ctypes.addressof(code))  # struct sock_fprog
    libc = ctypes.CDLL(None, use_errno=True)
    granted = libc.syscall(calls.seccomp, ctypes.c_uint(_SET_FILTER), ctypes.c_uint(_ALL_THREADS), program)
    return bool(granted == 0)


def _program(calls: _Calls) -> Iterator[bytes]:
    """Instructions: what to do, what to compare with, how many to skip if so, and if not."""
    refuse = _ERROR | errno.EPERM
    yield _instruction(_LOAD, _ARCHITECTURE)
    yield _instruction(_IF_EQUAL, calls.audit, 1, 0)
    yield _instruction(_RETURN, _KILL)
    yield _instruction(_LOAD, _NUMBER)
    yield _instruction(_IF_AT_LEAST, _X32, 0, 1)
    yield _instruction(_RETURN, refuse)
    yield _instruction(_IF_EQUAL, _CLONE3, 0, 1)  # whose flags a filter cannot see: libraries then use clone
    yield _instruction(_RETURN, _ERROR | errno.ENOSYS)
    for number in calls.refused:
        yield _instruction(_IF_EQUAL, number, 0, 1)
        yield _instruction(_RETURN, refuse)
    for number, test, value in (
        (calls.clone, _IF_ANY_BIT, _CLONE_THREAD),
        (calls.tgkill, _IF_EQUAL, os.getpid()),  # by which a process aborts itself
    ):
        yield _instruction(_IF_EQUAL, number, 0, 4)
        yield _instruction(_LOAD, _FIRST_ARGUMENT)
        yield _instruction(test, value, 1, 0)
        yield _instruction(_RETURN, refuse)
        yield _instruction(_RETURN, _ALLOW)
    yield _instruction(_RETURN, _ALLOW)


def _instruction(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("@HBBI", code, if_so, if_not, value)
