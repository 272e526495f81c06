"""Takes rights from this process by Linux's Landlock: writing files, TCP, signals to others.

It also closes the memory and the environment of other processes, which a process of the same user
could read otherwise. See the kernel's `Documentation/userspace-api/landlock.rst`.
"""

from __future__ import annotations

import ctypes
import os
import struct

_CREATE_RULESET = 444
_RESTRICT_SELF = 446
_ASK_VERSION = 1

#: Everything that changes a file system or runs a program; reading stays allowed.
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
#: The file rights that each version knows, as the number of the highest bit.
_FILE_BITS = {1: 12, 2: 13, 3: 14, 4: 14}
_NEWEST_FILE_BITS = 15
_BIND_TCP, _CONNECT_TCP = 1, 2
_SCOPE_UNIX_SOCKETS, _SCOPE_SIGNALS = 1, 2


def restrict(library: ctypes.CDLL) -> bool:
    """Take the rights from this process; return False if the kernel does not have Landlock.

    Args:
        library: the C library; this process already has "no new privileges".
    """
    version = library.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    rules = _rules(version)
    ruleset = library.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    if ruleset < 0:
        return False
    try:
        return bool(library.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _rules(version: int) -> bytes:
    """Return the kernel's `landlock_ruleset_attr`, as long as this version knows it."""
    highest = _FILE_BITS.get(version, _NEWEST_FILE_BITS)
    files = ((1 << (highest + 1)) - 1) & ~(_READ_FILE | _READ_DIR)
    if version < 4:
        return struct.pack("=Q", files)
    if version < 6:
        return struct.pack("=QQ", files, _BIND_TCP | _CONNECT_TCP)
    scopes = _SCOPE_UNIX_SOCKETS | _SCOPE_SIGNALS
    return struct.pack("=QQQ", files, _BIND_TCP | _CONNECT_TCP, scopes)
