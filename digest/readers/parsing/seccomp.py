"""Takes system calls from this process by Linux's seccomp: network, writing files, processes.

The filter is a program for the kernel (`Documentation/userspace-api/seccomp_filter.rst`). A refused
call fails with an error, so that a library which tries one goes on without it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable
from dataclasses import dataclass

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER = 1

#: The machine as the kernel names it to the filter; both store the lower half of a number first.
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
#: Calls from this number on are those of the x32 interface of x86-64.
_X32 = 0x40000000

#: Refused calls with their numbers on x86-64 and aarch64; None where a machine lacks the call.
_REFUSED: dict[str, tuple[int | None, int]] = {
    # connections
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206),
    "sendmsg": (46, 211), "sendmmsg": (307, 269),
    # processes and programs
    "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117), "kill": (62, 129),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "unshare": (272, 97),
    "setns": (308, 268),
    # changes of files and file systems
    "truncate": (76, 45), "ftruncate": (77, 46), "fallocate": (285, 47), "renameat": (264, 38),
    "renameat2": (316, 276), "unlinkat": (263, 35), "mkdirat": (258, 34), "linkat": (265, 37),
    "symlinkat": (266, 36), "mknodat": (259, 33), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "fchown": (93, 55), "fchownat": (260, 54), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "mount": (165, 40),
    "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "move_mount": (429, 429),
    "open_tree": (428, 428), "fsopen": (430, 430), "mount_setattr": (442, 442),
    "swapon": (167, 224), "memfd_create": (319, 279), "mq_open": (240, 180),
    "open_by_handle_at": (304, 265),
    # the kernel itself, and ways around this filter
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "reboot": (169, 142), "shmget": (29, 194), "msgget": (68, 186),
}  # fmt: skip
#: Calls that only x86-64 has.
_REFUSED_X86 = {
    "fork": 57, "vfork": 58, "creat": 85, "rename": 82, "unlink": 87, "mkdir": 83, "rmdir": 84,
    "link": 86, "symlink": 88, "mknod": 133, "chmod": 90, "chown": 92, "lchown": 94, "utime": 132,
    "utimes": 235, "futimesat": 261,
}  # fmt: skip
#: Their arguments are in memory, where a filter cannot look; libraries then use the older calls.
_NOT_THERE = {"clone3": 435, "openat2": 437}

_CLONE_THREAD = 0x10000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

# The instructions of the filter's language.
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_IF_EQUAL, _IF_AT_LEAST = 0x15, 0x35
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnlyWith:
    """A call that is allowed only if an argument, masked, has a value."""

    number: int
    argument: int
    mask: int
    value: int


def refuse_calls(library: ctypes.CDLL) -> bool:
    """Take the calls from this process; return False if this is not possible here.

    Args:
        library: the C library; this process already has "no new privileges".
    """
    machine = platform.machine()
    if machine not in _AUDIT_ARCH:
        return False
    return install(library, _SECCOMP[machine], _filter(machine, os.getpid()))


def install(library: ctypes.CDLL, call: int, program: bytes) -> bool:
    """Install a filter by the system call of that number; return whether the kernel took it."""
    kept = ctypes.create_string_buffer(program)
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(kept))
    return bool(library.syscall(call, _SET_MODE_FILTER, 0, head) == 0)


def program_of(machine: str, blocks: Iterable[bytes]) -> bytes:
    """Return a filter that runs the blocks and allows all other calls of this machine."""
    refuse = _step(_RETURN, _FAIL | errno.EPERM)
    return b"".join(
        (
            _step(_LOAD, _ARCH_AT),
            _step(_IF_EQUAL, _AUDIT_ARCH[machine], 1, 0),
            refuse,
            _step(_LOAD, _NUMBER_AT),
            _step(_IF_AT_LEAST, _X32, 0, 1),
            refuse,
            *blocks,
            _step(_RETURN, _ALLOW),
        )
    )


def refusal(number: int, error: int) -> bytes:
    """Return the block that makes a call fail with an error."""
    return _step(_IF_EQUAL, number, 0, 1) + _step(_RETURN, _FAIL | error)


def _filter(machine: str, process: int) -> bytes:
    is_x86 = machine == "x86_64"
    refused = [numbers[0 if is_x86 else 1] for numbers in _REFUSED.values()]
    refused += _REFUSED_X86.values() if is_x86 else ()
    open_, openat, clone, tgkill, prlimit = (
        (2, 257, 56, 234, 302) if is_x86 else (None, 56, 220, 131, 261)
    )
    conditions = [
        _OnlyWith(number=openat, argument=2, mask=_WRITES, value=0),
        _OnlyWith(number=clone, argument=0, mask=_CLONE_THREAD, value=_CLONE_THREAD),
        # A process may end itself and set its own limits.
        _OnlyWith(number=tgkill, argument=0, mask=0xFFFFFFFF, value=process),
        _OnlyWith(number=prlimit, argument=0, mask=0xFFFFFFFF, value=0),
    ]
    if open_ is not None:
        conditions.append(_OnlyWith(number=open_, argument=1, mask=_WRITES, value=0))
    return program_of(
        machine,
        (
            *(refusal(number, errno.ENOSYS) for number in _NOT_THERE.values()),
            *(refusal(number, errno.EPERM) for number in refused if number is not None),
            *map(_condition, conditions),
        ),
    )


def _condition(rule: _OnlyWith) -> bytes:
    return b"".join(
        (
            _step(_IF_EQUAL, rule.number, 0, 5),
            _step(_LOAD, _ARGUMENTS_AT + 8 * rule.argument),
            _step(_AND, rule.mask),
            _step(_IF_EQUAL, rule.value, 1, 0),
            _step(_RETURN, _FAIL | errno.EPERM),
            _step(_RETURN, _ALLOW),
        )
    )


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one `sock_filter`: what to do, how many steps to skip, and its number."""
    return struct.pack("=HBBI", code, if_true, if_false, value)
