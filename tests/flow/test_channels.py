from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer

from digest.errors import DigestError
from digest.letter.notice import NoticeWriter
from digest.newsroom.service.channels import by_mail, by_webhook, ping
from digest.readers.web.fetch import Fetcher
from digest.sender.relay import Relay
from digest.sender.smtp.mailer import SmtpMailer
from digest.store.notices import Notice
from tests.support.mailers import over
from tests.support.samples import sample_facts, sample_renderer
from tests.support.smtp_sink import ScriptedSink, say

pytestmark = pytest.mark.anyio
NOTICE = Notice(
    id=1,
    kind="alert",
    recipient="ops@example.org",
    key="weekly/late",
    text="weekly: l'édition is late\nSee `digest status`.",
    attempts=1,
    created_at=datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
)
DESK = NoticeWriter(
    facts=sample_facts(),
    renderer=sample_renderer(),
    site="The Lantern",
    base_url="https://mail.lantern-weekly.org",
)


def open_mailer(sink: ScriptedSink) -> SmtpMailer:
    relay = Relay(host="127.0.0.1", port=sink.port, security="none")
    return over(relay)["open_mailer"]()


async def test_a_notice_arrives_as_a_plain_mail() -> None:
    async with ScriptedSink() as sink:
        await by_mail(DESK, lambda: open_mailer(sink))(NOTICE)
    message = email.message_from_bytes(sink.contents[0], policy=email.policy.default)
    assert message["To"] == "ops@example.org"
    assert message["Subject"] == "weekly: l'édition is late"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Mon, 23 Nov 2026 08:00:00 +0000"
    body = message.get_content().replace("\r\n", "\n")
    assert body.startswith("weekly: l'édition is late\n\nSee `digest status`.\n")
    assert "[alerts]" in body


async def test_a_repeat_of_a_notice_has_the_same_bytes() -> None:
    async with ScriptedSink() as sink:
        for _ in range(2):
            await by_mail(DESK, lambda: open_mailer(sink))(NOTICE)
    assert sink.contents[0] == sink.contents[1]


async def test_a_refused_notice_is_an_error() -> None:
    async with ScriptedSink(script={("*", "RCPT"): (say("451 4.3.0 later"),)}) as sink:
        with pytest.raises(DigestError, match="451"):
            await by_mail(DESK, lambda: open_mailer(sink))(NOTICE)


async def test_a_webhook_gets_json(httpserver: HTTPServer) -> None:
    expected = {
        "kind": "alert",
        "key": "weekly/late",
        "text": NOTICE.text,
        "created_at": "2026-11-23T08:00:00+00:00",
    }
    httpserver.expect_request("/hook", method="POST", json=expected).respond_with_data(status=204)
    async with Fetcher(allow_private=True) as fetcher:
        await by_webhook(fetcher, httpserver.url_for("/hook"))(NOTICE)
    httpserver.check_assertions()


@pytest.mark.parametrize("status", [302, 304, 404, 500])
async def test_another_answer_is_an_error_that_hides_the_address(
    httpserver: HTTPServer, status: int
) -> None:
    httpserver.expect_request("/secret").respond_with_data(
        status=status, headers={"Location": "/other"}
    )
    async with Fetcher(allow_private=True) as fetcher:
        with pytest.raises(DigestError, match=f"webhook at localhost: HTTP {status}") as caught:
            await by_webhook(fetcher, httpserver.url_for("/secret"))(NOTICE)
    assert "secret" not in str(caught.value)


async def test_a_private_address_is_refused_unless_it_is_allowed(httpserver: HTTPServer) -> None:
    async with Fetcher() as fetcher:
        with pytest.raises(DigestError, match="private"):
            await ping(fetcher, httpserver.url_for("/ping"))
    assert httpserver.log == []


async def test_a_ping_is_a_get(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/ping", method="GET").respond_with_data("OK")
    async with Fetcher(allow_private=True) as fetcher:
        await ping(fetcher, httpserver.url_for("/ping"))
    assert len(httpserver.log) == 1
