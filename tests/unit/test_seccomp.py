"""The filter's program, run as the kernel runs it, on both machines."""

from __future__ import annotations

import errno
import os
import struct

import pytest

from digest.readers.parsing import seccomp

PROCESS = 4711
ALLOWED = 0
READ_ONLY, CREATE = os.O_RDONLY | os.O_CLOEXEC, os.O_WRONLY | os.O_CREAT
THREAD, FORK = 0x3D0F00, 0x1200011


def run(machine: str, number: int, *arguments: int, arch: int | None = None) -> int:
    """Return the error that a call ends with; 0 if it is allowed."""
    program = list(struct.iter_unpack("=HBBI", seccomp._filter(machine, PROCESS)))
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, arch or seccomp._AUDIT_ARCH[machine], 0, *padded)
    at = value = 0
    while True:
        code, if_true, if_false, operand = program[at]
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif code == 0x54:
            value &= operand
        elif code == 0x15:
            at += if_true if value == operand else if_false
        elif code == 0x35:
            at += if_true if value >= operand else if_false
        else:
            assert code == 0x06
            return ALLOWED if operand == 0x7FFF0000 else operand & 0xFFFF


@pytest.mark.parametrize(
    ("machine", "number", "arguments", "error"),
    [
        # x86-64: read, open, openat, clone, tgkill, prlimit64, socket, fork, execve, unlink
        ("x86_64", 0, (), ALLOWED),
        ("x86_64", 2, (1, READ_ONLY), ALLOWED),
        ("x86_64", 2, (1, CREATE), errno.EPERM),
        ("x86_64", 257, (1, 1, READ_ONLY), ALLOWED),
        ("x86_64", 257, (1, 1, CREATE), errno.EPERM),
        ("x86_64", 257, (1, 1, os.O_RDWR), errno.EPERM),
        ("x86_64", 257, (1, 1, os.O_TRUNC), errno.EPERM),
        ("x86_64", 56, (THREAD,), ALLOWED),
        ("x86_64", 56, (FORK,), errno.EPERM),
        ("x86_64", 234, (PROCESS,), ALLOWED),
        ("x86_64", 234, (1,), errno.EPERM),
        ("x86_64", 302, (0,), ALLOWED),
        ("x86_64", 302, (1,), errno.EPERM),
        *(("x86_64", number, (), errno.EPERM) for number in (41, 42, 57, 58, 59, 87, 101, 425)),
        *(("x86_64", number, (), errno.ENOSYS) for number in (435, 437)),
        # aarch64: read, openat, clone, tgkill, prlimit64, socket, connect, execve, unlinkat
        ("aarch64", 63, (), ALLOWED),
        ("aarch64", 56, (1, 1, READ_ONLY), ALLOWED),
        ("aarch64", 56, (1, 1, CREATE), errno.EPERM),
        ("aarch64", 220, (THREAD,), ALLOWED),
        ("aarch64", 220, (FORK,), errno.EPERM),
        ("aarch64", 131, (PROCESS,), ALLOWED),
        ("aarch64", 131, (1,), errno.EPERM),
        ("aarch64", 261, (0,), ALLOWED),
        *(("aarch64", number, (), errno.EPERM) for number in (198, 203, 221, 35, 117, 425)),
        *(("aarch64", number, (), errno.ENOSYS) for number in (435, 437)),
    ],
)
def test_the_filter_refuses_what_a_parser_does_not_need(
    machine: str, number: int, arguments: tuple[int, ...], error: int
) -> None:
    assert run(machine, number, *arguments) == error


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_calls_of_another_interface_are_refused(machine: str) -> None:
    assert run(machine, 0, arch=0x40000003) == errno.EPERM  # 32-bit x86
    assert run(machine, 0x40000000) == errno.EPERM  # x32


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_listed_call_is_refused_there(machine: str) -> None:
    numbers = [pair[machine == "aarch64"] for pair in seccomp._REFUSED.values()]
    assert {run(machine, number) for number in numbers if number is not None} == {errno.EPERM}
    assert len(set(numbers)) == len(numbers)
