"""Bounces from the mail to the suppression, with the real commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.support.project import Project, rss
from tests.support.smtp_sink import ScriptedSink, serving

ADDRESS = "subscriber0@example.net"


@pytest.fixture
def mailbox(tmp_path: Path) -> Path:
    folder = tmp_path / "bounces"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.fixture
def configured(project: Project, mailbox: Path) -> Project:
    text = '[bounces]\ndomain = "bounce.example.org"\nmaildir = "bounces"\n'
    project.config.write_text(project.config.read_text("utf-8") + text, "utf-8")
    return project


def send(project: Project, httpserver: HTTPServer) -> tuple[list[str], list[str]]:
    """Send an edition; return the envelope senders and the addresses to leave, by subscriber."""
    httpserver.expect_request("/feed").respond_with_data(rss("A bridge is mended"))
    project.add_subscribers(2)
    with serving(ScriptedSink()) as sink:
        project.change_config("port = 1\n", f"port = {sink.port}\n")
        for command in (("collect",), ("compose",), ("send",)):
            result = project.run(*command)
            assert result.code == 0, result.err
    mails = [line for line in sink.commands if line.startswith("MAIL")]
    headers = b" ".join(content.partition(b"\r\n\r\n")[0] for content in sink.contents).decode()
    leaving = re.findall(r"List-Unsubscribe: <https://[^>]+>, <mailto:([^>]+)>", headers)
    return sorted(re.findall(r"<([^>]*)>", " ".join(mails))), sorted(leaving)


def bounce(to: str) -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\nTo: {to}\nMessage-ID: <1@mx.example>\n"
        f"Subject: failure notice\n\n<{ADDRESS}>: 550 5.1.1 User unknown\n"
    ).encode()


def test_a_bounce_in_the_mailbox_suppresses_its_subscriber_and_a_request_ends_a_subscription(
    configured: Project, mailbox: Path, httpserver: HTTPServer
) -> None:
    senders, leaving = send(configured, httpserver)
    assert [sender.split(".")[:2] for sender in senders] == [["b+1", "1"], ["b+1", "2"]]
    (mailbox / "new" / "1.mail").write_bytes(bounce(senders[0]))
    result = configured.run("bounces", "ingest", "--json")
    assert result.code == 0
    assert result.data["outcomes"] == {"suppressed": 1}
    assert "suppressed: bounced" in configured.run("subscribers", "show", ADDRESS).out
    other = configured.run("subscribers", "show", "subscriber1@example.net").out
    assert "suppressed" not in other
    again = configured.run("bounces", "ingest")
    assert (again.code, again.err) == (3, "")
    # The other subscriber writes to the address of `List-Unsubscribe`.
    request = f"From: subscriber1@example.net\nTo: {leaving[1]}\nSubject: unsubscribe\n\n"
    (mailbox / "new" / "2.mail").write_bytes(request.encode())
    assert configured.run("bounces", "ingest", "--json").data["outcomes"] == {"unsubscribed": 1}
    assert "left" in configured.run("subscribers", "show", "subscriber1@example.net").out


def test_without_a_domain_nothing_is_read(project: Project) -> None:
    result = project.run("bounces", "ingest")
    assert result.code == 2
    assert "bounces.domain: is not set" in result.err
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--mbox", "missing.mbox"), "missing.mbox: does not exist"),
        (("--maildir", "missing"), "missing: not a Maildir"),
        (("--imap",), "bounces.host: is not set"),
        (("--imap", "--pop"), "one mailbox only"),
        (("mail",), "must be `-`"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_one_line(
    configured: Project, arguments: tuple[str, ...], said: str
) -> None:
    result = configured.run("bounces", "ingest", *arguments)
    assert result.code == 2
    assert said in result.err
    assert len(result.err.splitlines()) == 1
