"""Takes the file system away from this process, by Linux's Landlock.

Only the libraries stay readable; nothing can be written, and from Linux 6.7 no TCP connection made.
Unlike namespaces, Landlock needs no privilege and is left to containers by their usual policies.
See https://docs.kernel.org/userspace-api/landlock.html for structures, numbers and versions.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable

# The system calls have these numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
_PATH_BENEATH = 1  # LANDLOCK_RULE_PATH_BENEATH
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FILE_RIGHTS = 13  # of version 1: bits 0 to 12
_MORE_RIGHTS = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}  # by the version that brought them: refer, truncate, ioctl
_NET_VERSION, _NET_RIGHTS = 4, 0b11  # bind and connect TCP
_SCOPE_VERSION, _SCOPES = 6, 0b11  # abstract sockets and signals stay among processes so restricted
LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo", "/etc/localtime", "/etc/timezone")
# What libraries look into while they are imported: their configuration, and what the machine is.
SYSTEM = ("/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev/null", "/dev/urandom")


def restrict_files(system: Iterable[str], *, folder: str | None = None) -> bool:
    """Leave only `system` and Python's own libraries readable; answer whether the kernel did so.

    It holds for this thread and those that it starts, and can be narrowed by doing it again.

    Args:
        system: Files and folders.
        folder: One in which everything stays allowed.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))
    if version < 1:
        return False
    attributes = _attributes(version)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    try:
        for path in _readable(system):
            _allow(libc, ruleset, path, _READ_FILE | _READ_DIR)
        if folder is not None:
            _allow(libc, ruleset, folder, _file_rights(version))
        return bool(libc.syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0)
    finally:
        os.close(ruleset)


def _file_rights(version: int) -> int:
    """All that the kernel knows."""
    rights = (1 << _FILE_RIGHTS) - 1
    for since, right in _MORE_RIGHTS.items():
        rights |= right if version >= since else 0
    return rights


def _attributes(version: int) -> bytes:
    attributes = struct.pack("=Q", _file_rights(version))
    if version >= _NET_VERSION:
        attributes += struct.pack("=Q", _NET_RIGHTS)
    if version >= _SCOPE_VERSION:
        attributes += struct.pack("=Q", _SCOPES)
    return attributes


def _readable(system: Iterable[str]) -> Iterable[str]:
    """Where modules are imported from, and the paths of the system that are there."""
    return {path for path in (*sys.path, sys.prefix, sys.base_prefix, *system) if path and os.path.exists(path)}  # noqa: PTH110 -- plain paths


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):  # noqa: PTH112 -- a plain path
            rights &= ~_READ_DIR
        rule = struct.pack("=Qi", rights, descriptor)
        libc.syscall(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(descriptor)
