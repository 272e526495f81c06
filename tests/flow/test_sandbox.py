"""What a taken-over parser could do: nothing but read files and answer."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from digest.models import Confinement, Document
from digest.readers.parsing import pool as pool_module
from digest.readers.parsing.pool import ParserPool
from tests.support.parsed import NOW
from tests.support.pictures import a_photo, written
from tests.support.workers import needs_proc, worker_pids

pytestmark = pytest.mark.anyio

DATA = Path(__file__).parent.parent / "data" / "feeds"
URL = "https://harbour.example/feed/"
WHOLE = Confinement(network=True, writing=True, processes=True, environment=True)


def _has_seccomp() -> bool:
    code = "from digest.readers.parsing.sandbox import *; confine(); print(try_out().processes)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True).stdout == b"True\n"


needs_seccomp = pytest.mark.skipif(not _has_seccomp(), reason="needs Linux with seccomp")

#: Names of attempts and their code; `port`, `folder` and `file` are defined.
ATTEMPTS = {
    "TCP": "socket.create_connection(('127.0.0.1', port), 5)",
    "UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', port))",
    "IPv6": "socket.socket(socket.AF_INET6)",
    "Unix socket": "socket.socket(socket.AF_UNIX).connect(folder + '/s')",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "pair": "socket.socketpair()",
    "listen": "socket.create_server(('127.0.0.1', 0))",
    "name": "socket.getaddrinfo('localhost', 80) and socket.create_connection(('localhost', port))",
    "write": "open(file, 'w')",
    "append": "open(file, 'a')",
    "update": "open(file, 'r+b')",
    "create": "open(folder + '/new', 'x')",
    "null": "open('/dev/null', 'w')",
    "truncate": "os.truncate(file, 0)",
    "low truncate": "os.open(file, os.O_RDONLY | os.O_TRUNC)",
    "nameless file": "os.open(folder, os.O_TMPFILE | os.O_RDWR)",
    "memory file": "os.memfd_create('x')",
    "remove": "os.remove(file)",
    "rename": "os.rename(file, folder + '/other')",
    "folder": "os.mkdir(folder + '/new')",
    "link": "os.link(file, folder + '/link')",
    "symbolic link": "os.symlink(file, folder + '/link')",
    "pipe": "os.mkfifo(folder + '/pipe')",
    "rights": "os.chmod(file, 0o777)",
    "times": "os.utime(file)",
    "attribute": "os.setxattr(file, 'user.x', b'x')",
    "fork": "os.fork() or os._exit(0)",
    "run": "subprocess.run([sys.executable, '-V'])",
    "spawn": "os.posix_spawn(sys.executable, ['x', '-V'], {})",
    "exec": "os.execv(sys.executable, ['x', '-c', 'pass'])",
    "shell": "os.system('true') == 0 or refuse()",
    "signal": "os.kill(os.getppid(), 0)",
    "thread signal": "call(234, os.getppid(), os.getppid(), 0)",
    "limits of another": "resource.prlimit(os.getppid(), resource.RLIMIT_CPU)",
    "trace": "call(101, 16, os.getppid(), 0, 0)",
    "openat2": "call(437, -100, file.encode(), (ctypes.c_uint64 * 3)(2, 0, 0), 24)",
    "clone3": "call(435, (ctypes.c_uint64 * 8)(), 64)",
    "io_uring": "call(425, 1, ctypes.create_string_buffer(120))",
    "x32": "call(0x40000000 + 41, 2, 1, 0)",
}
#: What parsers do.
NEEDS = {
    "read": "open(file).read() == 'kept' or refuse()",
    "list": "os.listdir(folder)",
    "import": "__import__('html.parser') and __import__('sqlite3')",
    "thread": "threading.Thread(target=print).start()",
    "limit": "resource.setrlimit(resource.RLIMIT_CPU, (60, 60))",
    "signal to itself": "signal.signal(10, lambda *_: None) and signal.raise_signal(10)",
    "memory": "bytearray(50_000_000)",
    "clock": "time.sleep(0.01)",
    "random": "os.urandom(8)",
}
_PROGRAM = """
import ctypes, json, os, resource, signal, socket, subprocess, sys, threading, time
from digest.readers.parsing.sandbox import confine
folder, port, attempts = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
file, library, answers = folder + "/file", ctypes.CDLL(None, use_errno=True), {}

def refuse():
    raise PermissionError

def call(*arguments):
    if library.syscall(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")

confine()
for name, code in attempts.items():
    try:
        exec(code)
        answers[name] = "done"
    except OSError as error:
        answers[name] = type(error).__name__
sys.stdout.write("\\n" + json.dumps(answers))
"""


def attempted(folder: Path, port: int, attempts: dict[str, str]) -> dict[str, str]:
    """Return by name whether each attempt was done inside the sandbox, or its error."""
    if os.uname().machine != "x86_64":
        attempts = {name: code for name, code in attempts.items() if "call(" not in code}
    arguments = [sys.executable, "-c", _PROGRAM, str(folder), str(port), json.dumps(attempts)]
    result = subprocess.run(arguments, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    answers: dict[str, str] = json.loads(result.stdout.rpartition("\n")[2])
    assert answers.keys() == attempts.keys()
    return answers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("kept")
    return tmp_path


@needs_seccomp
def test_the_sandbox_refuses_network_writing_and_processes(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answers = attempted(folder, server.getsockname()[1], ATTEMPTS)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert [name for name, answer in answers.items() if answer == "done"] == []
    assert [path.name for path in folder.iterdir()] == ["file"]
    assert (folder / "file").read_text() == "kept"


@needs_seccomp
def test_the_sandbox_leaves_what_parsers_need(folder: Path) -> None:
    answers = attempted(folder, 0, NEEDS)
    assert {name: answer for name, answer in answers.items() if answer != "done"} == {}


def status_of(process: int) -> str:
    return Path(f"/proc/{process}/status").read_text()


@needs_seccomp
@needs_proc
async def test_workers_are_in_the_sandbox_and_say_so() -> None:
    async with ParserPool(workers=1) as pool:
        assert await pool.read_confinement() == WHOLE
        (worker,) = worker_pids()
        status = status_of(worker)
        assert await pool.read_confinement() == WHOLE
        assert worker_pids() == [worker]
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status


@needs_seccomp
async def test_every_kind_of_document_is_read_in_the_sandbox() -> None:
    export = (
        '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><item>'
        "<title>A</title><link>https://harbour.example/a</link></item></channel></rss>"
    )
    words = "The old ferry left the harbour at dusk, and nobody had thought that it would. " * 9
    page = f"<html><body><article><p>{words}</p></article></body></html>".encode()
    async with ParserPool(workers=1) as pool:
        feed = Document(body=(DATA / "harbour.xml").read_bytes(), url=URL)
        comments = Document(body=(DATA / "comments.xml").read_bytes(), url=URL)
        assert (await pool.read_feed(feed, NOW)).posts
        assert (await pool.read_comments(comments, NOW)).comments
        assert "ferry" in (await pool.read_page(Document(body=page, url=URL), NOW)).content_html
        assert not (await pool.read_rest(Document(body=b"[]", url=URL), NOW)).comments
        for kind in ("JPEG", "PNG", "WEBP"):
            body = written(a_photo(600, 400), kind)
            assert await pool.make_pictures(body, URL)
        await pool.read_export(export.encode(), "export.xml", NOW)
        assert len(worker_pids()) == 1  # none was replaced


async def test_what_holds_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="digest")
    pool_module._log_once.cache_clear()
    for _ in range(2):
        async with ParserPool(workers=1) as pool:
            line = (await pool.read_confinement()).line
    assert [record.getMessage() for record in caplog.records] == [line]


_OLD_KERNEL = """
import asyncio, ctypes, errno, pathlib, platform, struct, sys
from datetime import UTC, datetime
from digest.models import Document
from digest.readers.parsing import seccomp
from digest.readers.parsing.pool import ParserPool

machine, library = platform.machine(), ctypes.CDLL(None)
call = seccomp._SECCOMP[machine]
kill = struct.pack("=HBBI", 0x15, 0, 1, call) + struct.pack("=HBBI", 0x06, 0, 0, 0x80000000)
blocks = {
    "lacks it": [seccomp.refusal(call, errno.ENOSYS), seccomp.refusal(444, errno.ENOSYS)],
    "forbids it": [seccomp.refusal(call, errno.EPERM), seccomp.refusal(444, errno.EPERM)],
    "has half": [seccomp.refusal(444, errno.ENOSYS)],
    "breaks it": [kill],
}[sys.argv[1]]
library.prctl(38, 1, 0, 0, 0)
assert seccomp.install(library, call, seccomp.program_of(machine, blocks))

async def main():
    async with ParserPool(workers=1) as pool:
        body, now = pathlib.Path(sys.argv[2]).read_bytes(), datetime(2026, 11, 23, tzinfo=UTC)
        feed = await pool.read_feed(Document(body=body, url="https://harbour.example/"), now)
        print(feed.title, (await pool.read_confinement()).line, sep="|")

asyncio.run(main())
"""
_NOTHING = (
    "parser processes are kept from: environment;"
    " this system does not keep them from: network, writing files, starting processes"
)
_ALL = "parser processes are kept from: network, writing files, starting processes, environment"


@needs_seccomp
@pytest.mark.parametrize(
    ("kernel", "line"),
    [
        ("lacks it", _NOTHING),
        ("forbids it", _NOTHING),
        ("has half", _ALL),
        (
            "breaks it",
            _NOTHING,
        ),
    ],
)
def test_feeds_are_read_where_the_kernel_has_no_sandbox(kernel: str, line: str) -> None:
    arguments = (sys.executable, "-c", _OLD_KERNEL, kernel, str(DATA / "harbour.xml"))
    result = subprocess.run(arguments, capture_output=True, text=True)
    assert result.stdout == f"Harbour & News|{line}\n", result.stderr
