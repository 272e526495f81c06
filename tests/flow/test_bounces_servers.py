"""Mailboxes on a mail server, read over IMAP and POP."""

from __future__ import annotations

import socketserver
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from digest.bounces.mailbox import Account, read_imap, read_pop
from digest.errors import RelayError, RelaySetupError
from tests.support.project import Project

TLS = Path(__file__).parents[1] / "data" / "tls"
MAILS = (b"Subject: one\r\n\r\n.dot\r\n", b"Subject: two\r\n\r\nx\r\n")


class Server(socketserver.ThreadingTCPServer):
    """A server over TLS that answers each line as `answer` says."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, greeting: bytes, answer: Callable[[bytes], bytes]) -> None:
        self.greeting = greeting
        self.answer = answer
        self.lines: list[bytes] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, *_: object) -> None:
        """Say nothing about clients that refuse the certificate."""


class Handler(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        with self.server.context.wrap_socket(self.request, server_side=True) as connection:
            connection.sendall(self.server.greeting)
            with connection.makefile("rb") as lines:
                for line in lines:
                    self.server.lines.append(line.strip())
                    connection.sendall(self.server.answer(line.strip()))


@contextmanager
def serving(greeting: bytes, answer: Callable[[bytes], bytes]) -> Iterator[Server]:
    with Server(greeting, answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def account_at(server: Server) -> Account:
    return Account(
        host="127.0.0.1",
        port=server.server_address[1],
        username="digest",
        password="right",
        ca_file=str(TLS / "certificate.pem"),
    )


def imap(line: bytes) -> bytes:
    tag, _, command = line.partition(b" ")
    said = b""
    if command.startswith(b"CAPABILITY"):
        said = b"* CAPABILITY IMAP4rev1\r\n"
    elif command.startswith(b"LOGIN") and b"right" not in command:
        return tag + b" NO wrong\r\n"
    elif command.startswith(b"SELECT"):
        said = b"* 2 EXISTS\r\n"
    elif command.startswith(b"UID SEARCH"):
        said = b"* SEARCH 7 9\r\n"
    elif command.startswith(b"UID FETCH"):
        mail = MAILS[0 if b" 7 " in command else 1]
        said = b"* 1 FETCH (UID 7 BODY[] {%d}\r\n%s)\r\n" % (len(mail), mail)
    elif command.startswith(b"LOGOUT"):
        said = b"* BYE\r\n"
    return said + tag + b" OK done\r\n"


@dataclass
class Marks:
    """The marks of a POP mailbox, in memory."""

    marked: set[str] = field(default_factory=set)

    def unread(self, names: Collection[str]) -> set[str]:
        self.marked &= set(names)
        return set(names) - self.marked

    def mark(self, name: str) -> None:
        self.marked.add(name)


def read_all_pop(account: Account) -> Iterator[bytes]:
    return read_pop(account, Marks())


def pop(line: bytes) -> bytes:
    if line.startswith(b"PASS") and b"right" not in line:
        return b"-ERR wrong\r\n"
    if line.startswith(b"STAT"):
        return b"+OK 2 100\r\n"
    if line.startswith(b"UIDL"):
        return b"+OK\r\n1 one\r\n2 two\r\n.\r\n"
    if line.startswith(b"TOP"):
        mail = MAILS[int(line.split()[1]) - 1].replace(b"\r\n.", b"\r\n..")
        return b"+OK\r\n" + mail + b".\r\n"
    return b"+OK\r\n"


def test_unseen_mails_are_read_over_imap_and_marked_after_use() -> None:
    with serving(b"* OK ready\r\n", imap) as server:
        mails = read_imap(account_at(server))
        assert next(mails) == MAILS[0]
        assert not any(b"STORE" in line for line in server.lines)
        assert list(mails) == [MAILS[1]]
    stored = [line.partition(b" ")[2] for line in server.lines if b"STORE" in line]
    assert stored == [rb"UID STORE 7 +FLAGS.SILENT (\Seen)", rb"UID STORE 9 +FLAGS.SILENT (\Seen)"]
    assert not any(b"DELETE" in line.upper() for line in server.lines)


@pytest.mark.parametrize(
    ("folder", "selected"),
    [
        ("Bounces & more", rb'"Bounces &- more"'),
        ("Zurück", b'"Zur&APw-ck"'),
        ("返信/箱", rb'"&j9RP4Q-/&e7E-"'),
        (r'With "quotes" \ and ~', rb'"With \"quotes\" \\ and ~"'),
        # As the server writes it: tried after the name itself.
        ("Zur&APw-ck", b'"Zur&APw-ck"'),
    ],
)
def test_a_folder_may_have_any_name(folder: str, selected: bytes) -> None:
    def answer(line: bytes) -> bytes:
        tag, _, command = line.partition(b" ")
        if command.startswith(b"SELECT") and command != b"SELECT " + selected:
            return tag + b" NO there is none\r\n"
        return imap(line)

    with serving(b"* OK ready\r\n", answer) as server:
        assert len(list(read_imap(replace(account_at(server), folder=folder)))) == 2
        with pytest.raises(RelaySetupError, match="has no folder 'Other'"):
            list(read_imap(replace(account_at(server), folder="Other")))


def test_a_folder_that_is_read_only_is_a_fault_of_the_configuration() -> None:
    def answer(line: bytes) -> bytes:
        is_select = line.partition(b" ")[2].startswith(b"SELECT")
        said = b"* OK [READ-ONLY] for you\r\n" if is_select else b""
        return said + imap(line)

    with (
        serving(b"* OK ready\r\n", answer) as server,
        pytest.raises(RelaySetupError, match="read-only for this account"),
    ):
        list(read_imap(account_at(server)))


def test_a_password_that_is_not_ascii_is_sent_in_utf8() -> None:
    tags = []

    def answer(line: bytes) -> bytes:
        tag, _, command = line.partition(b" ")
        if command.startswith(b"CAPABILITY"):
            return imap(line).replace(b"rev1", b"rev1 AUTH=PLAIN")
        if command.startswith(b"AUTHENTICATE PLAIN"):
            tags.append(tag)
            return b"+ \r\n"
        if not command:
            is_right = b64decode(line) == "\0digest\0schlüssel".encode()
            return tags[0] + (b" OK done\r\n" if is_right else b" NO wrong\r\n")
        return imap(line)

    with serving(b"* OK ready\r\n", answer) as server:
        account = replace(account_at(server), password="schlüssel")
        assert len(list(read_imap(account))) == 2
        tags.clear()
        with pytest.raises(RelaySetupError, match="refuses the login"):
            list(read_imap(replace(account, password="Ärger")))


def test_a_server_that_takes_only_ascii_is_not_sent_another_password() -> None:
    with (
        serving(b"* OK ready\r\n", imap) as server,
        pytest.raises(RelaySetupError, match="accepts only ASCII"),
    ):
        list(read_imap(replace(account_at(server), password="schlüssel")))


def test_mails_are_read_over_pop_and_stay_there() -> None:
    with serving(b"+OK ready\r\n", pop) as server:
        assert [mail + b"\r\n" for mail in read_all_pop(account_at(server))] == list(MAILS)
    assert not any(line.startswith(b"DELE") for line in server.lines)


def test_a_mail_is_read_once_over_pop_and_marked_after_use() -> None:
    marks = Marks()
    with serving(b"+OK ready\r\n", pop) as server:
        mails = read_pop(account_at(server), marks)
        next(mails)
        assert marks.marked == set()
        next(mails)
        assert marks.marked == {"one"}
        del mails  # as a crash does
        assert [mail + b"\r\n" for mail in read_pop(account_at(server), marks)] == [MAILS[1]]
        assert list(read_pop(account_at(server), marks)) == []


def test_a_pop_mailbox_without_new_mail_has_exit_code_3(project: Project) -> None:
    with serving(b"+OK ready\r\n", pop) as server:
        account = account_at(server)
        text = f"""
[bounces]
domain = "bounce.example.org"
protocol = "pop"
host = "{account.host}"
port = {account.port}
username = "{account.username}"
password = "{account.password}"
ca_file = "{account.ca_file}"
"""
        project.config.write_text(project.config.read_text("utf-8") + text, "utf-8")
        assert project.run("bounces", "ingest", "--json").data["read"] == 2
        again = project.run("bounces", "ingest")
        assert (again.code, again.err) == (3, "")
    assert sum(line.startswith(b"TOP") for line in server.lines) == 2


def test_a_pop_server_without_unique_ids_has_every_mail_read() -> None:
    def answer(line: bytes) -> bytes:
        return b"-ERR unknown command\r\n" if line.startswith(b"UIDL") else pop(line)

    marks = Marks()
    with serving(b"+OK ready\r\n", answer) as server:
        for _ in range(2):
            assert len(list(read_pop(account_at(server), marks))) == 2


def test_a_mail_with_a_long_line_is_read_over_pop() -> None:
    long = b"Subject: one\r\n\r\n" + b"x" * 50_000 + b"\r\n"

    def answer(line: bytes) -> bytes:
        return b"+OK\r\n" + long + b".\r\n" if line.startswith(b"TOP") else pop(line)

    with serving(b"+OK ready\r\n", answer) as server:
        assert [mail + b"\r\n" for mail in read_all_pop(account_at(server))] == [long, long]


@pytest.mark.parametrize(
    ("greeting", "answer", "read"),
    [(b"* OK ready\r\n", imap, read_imap), (b"+OK ready\r\n", pop, read_all_pop)],
)
def test_a_refused_login_is_a_fault_of_the_configuration(
    greeting: bytes,
    answer: Callable[[bytes], bytes],
    read: Callable[[Account], Iterator[bytes]],
) -> None:
    with serving(greeting, answer) as server:
        account = replace(account_at(server), password="wrong")
        with pytest.raises(RelaySetupError, match="refuses the login"):
            list(read(account))


@pytest.mark.parametrize("read", [read_imap, read_all_pop])
def test_no_password_is_sent_to_a_server_with_an_unknown_certificate(
    read: Callable[[Account], Iterator[bytes]],
) -> None:
    with serving(b"* OK ready\r\n", imap) as server:
        account = replace(account_at(server), ca_file="")
        with pytest.raises(RelayError, match="cannot read mail"):
            list(read(account))
        assert server.lines == []


def test_a_server_that_breaks_off_is_reported() -> None:
    def broken(line: bytes) -> bytes:
        return b"garbage\r\n" if b"FETCH" in line else imap(line)

    with serving(b"* OK ready\r\n", broken) as server, pytest.raises(RelayError):
        list(read_imap(account_at(server)))
