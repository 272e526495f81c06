"""The demo's two servers, over real sockets."""

from __future__ import annotations

import io
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from rich.console import Console

from digest.demo.folder import prepare_folder
from digest.demo.inbox import inbox_of
from digest.demo.mailbox import list_mails, read_mail
from digest.demo.mailserver import start_mail_server
from digest.demo.pages import Page
from digest.demo.pageserver import serve_pages
from digest.demo.steps import DemoError, run_step
from digest.errors import UsageError

MAIL = (
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nplain words\r\n"
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<html><head><style>@media (prefers-color-scheme:dark){p{color:#fff}}</style></head>"
    b'<body><a href="http://paper.example/a/#c">fine words</a></body></html>'
    b"\r\n--b--\r\n"
)


@pytest.fixture
def port() -> Iterator[int]:
    page = Page(content_type="text/plain", body=b"hello")
    with serve_pages({"/": page}.get) as server:
        yield server.server_port


def ask(
    port: int, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers or {})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_an_unchanged_page_is_not_sent_twice(port: int) -> None:
    first, body = ask(port, "/?any=query")
    again, nothing = ask(port, "/", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status, body) == (200, b"hello")
    assert (again.status, nothing) == (304, b"")


def test_head_gives_the_length_and_no_body(port: int) -> None:
    response, body = ask(port, "/", "HEAD")
    assert (response.status, response.headers["Content-Length"], body) == (200, "5", b"")


def test_an_unknown_path_is_not_found(port: int) -> None:
    assert ask(port, "/elsewhere")[0].status == 404


def test_a_mail_is_kept_under_its_envelope_and_read_back(tmp_path: Path) -> None:
    with start_mail_server(tmp_path) as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("paper@example.org", ["ada@example.org"], MAIL)
    (file,) = list_mails(tmp_path)
    mail = read_mail(file)
    assert (mail.name, mail.recipient, mail.subject) == ("00001", "ada@example.org", "Grüße")
    assert mail.words == "plain words fine words"
    assert mail.links == {"http://paper.example/a/"}


def test_the_inbox_lists_and_opens_mails(tmp_path: Path) -> None:
    (tmp_path / "00001.eml").write_bytes(b"Delivered-To: ada@example.org\r\n" + MAIL)
    listed, opened = (inbox_of(tmp_path)(path) for path in ("/", "/mail/00001/"))
    assert listed
    assert opened
    assert "ada@example.org" in listed.body.decode()
    assert "plain words" in opened.body.decode()


@pytest.mark.parametrize(
    ("scheme", "media"), [("light", b"@media not all{"), ("dark", b"@media all{")]
)
def test_the_inbox_shows_a_mail_in_both_schemes_and_runs_nothing(
    tmp_path: Path, scheme: str, media: bytes
) -> None:
    (tmp_path / "00001.eml").write_bytes(MAIL)
    shown = inbox_of(tmp_path)(f"/mail/00001/{scheme}")
    assert shown
    assert b"fine words" in shown.body
    assert media in shown.body
    assert "allow-scripts" not in shown.policy
    assert "default-src 'none'" in shown.policy


@pytest.mark.parametrize("path", ["/mail/00002/", "/mail/../secret/", "/mail/00001/else", "/x"])
def test_the_inbox_shows_nothing_else(tmp_path: Path, path: str) -> None:
    (tmp_path / "00001.eml").write_bytes(MAIL)
    assert inbox_of(tmp_path)(path) is None


def test_only_a_folder_of_the_demo_is_emptied(tmp_path: Path) -> None:
    folder = prepare_folder(tmp_path / "out")
    (folder.mailbox / "00001.eml").write_bytes(MAIL)
    assert list_mails(prepare_folder(tmp_path / "out").mailbox) == ()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("dear", "utf-8")
    with pytest.raises(UsageError, match="use another folder with --out"):
        prepare_folder(tmp_path / "mine")


def test_without_its_library_the_mail_server_names_the_package_to_install() -> None:
    script = (
        "import sys; sys.modules['aiosmtpd'] = None\n"
        "from digest.demo.mailserver import require_aiosmtpd; require_aiosmtpd()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode != 0
    assert "pip install 'inbox-digest[demo]'" in done.stderr


def test_a_failed_command_ends_the_demo_with_one_line(tmp_path: Path) -> None:
    shown = io.StringIO()
    with pytest.raises(DemoError, match=r"`digest config check` ended with exit code 2"):
        run_step(("config", "check"), tmp_path, Console(file=shown))
    assert "$ digest config check" in shown.getvalue()
