from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from digest.errors import RelayError, RelaySetupError
from digest.models import Message
from digest.sender.attempt import Attempt, Fate
from digest.sender.relay import Relay, Timeouts
from tests.support.mailers import deliver as hand_over
from tests.support.mailers import over
from tests.support.smtp_sink import ScriptedSink, say

pytestmark = pytest.mark.anyio

TLS = Path(__file__).parents[1] / "data" / "tls"
MESSAGE = Message(
    message_id="<1@example.org>",
    sender="bounce@example.org",
    recipient="subscriber@example.org",
    content=b"Subject: x\r\n\r\nx\r\n",
)


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """Return both event loops: each has its own transports."""
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture
def certificate() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    return context


def relay_to(sink: ScriptedSink) -> Relay:
    return Relay(
        host="127.0.0.1",
        port=sink.port,
        security="none",
        ca_file=str(TLS / "certificate.pem"),
        timeouts=Timeouts(connect_s=3, command_s=1, data_s=1, content_s=1),
    )


async def deliver(relay: Relay, message: Message = MESSAGE) -> Attempt:
    mailer = over(relay)["open_mailer"]()
    try:
        return await hand_over(mailer, message)
    finally:
        await mailer.close()


async def test_starttls_comes_before_login_and_mail(certificate: ssl.SSLContext) -> None:
    async with ScriptedSink(starttls=certificate, login="digest:right") as sink:
        relay = replace(relay_to(sink), security="starttls", username="digest", password="right")
        attempt = await deliver(relay)
    verbs = [command.partition(" ")[0] for command in sink.commands]
    assert attempt.fate is Fate.SENT
    assert verbs == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]


async def test_tls_from_the_first_byte(certificate: ssl.SSLContext) -> None:
    async with ScriptedSink(tls=certificate) as sink:
        assert (await deliver(replace(relay_to(sink), security="tls"))).fate is Fate.SENT


async def test_a_server_without_starttls_gets_no_mail() -> None:
    async with ScriptedSink() as sink:
        with pytest.raises(RelayError, match="STARTTLS"):
            await deliver(replace(relay_to(sink), security="starttls"))
    assert not [command for command in sink.commands if command.startswith("MAIL")]


async def test_an_untrusted_certificate_is_refused(
    certificate: ssl.SSLContext,
) -> None:
    async with ScriptedSink(tls=certificate) as sink:
        with pytest.raises(RelaySetupError, match="not trusted"):
            await deliver(replace(relay_to(sink), security="tls", ca_file=""))
    assert sink.commands == []


async def test_a_wrong_password_is_tried_once_and_never_shown() -> None:
    async with ScriptedSink(login="digest:right") as sink:
        relay = replace(relay_to(sink), username="digest", password="wr0ng")
        with pytest.raises(RelayError, match=r"user name or password \(535\)") as caught:
            await deliver(relay)
    assert len([command for command in sink.commands if command.startswith("AUTH")]) == 1
    assert "wr0ng" not in str(caught.value) + repr(relay)


async def test_a_server_without_a_login_is_a_fault_of_the_configuration() -> None:
    async with ScriptedSink() as sink:
        relay = replace(relay_to(sink), username="digest", password="right")
        with pytest.raises(RelaySetupError, match="offers no login"):
            await deliver(relay)


async def test_a_name_that_is_no_host_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(RelaySetupError, match=r"check \[\[smtp\]\] host"):
        await deliver(Relay(host="a..b", port=25, security="none"))


@pytest.mark.parametrize(
    ("greeting", "why"),
    [
        ((say("554 5.7.1 go away"),), "554"),
        ((say("421 too busy"), "close"), "421"),
        ((b"hello\r\n",), "Malformed"),
        (("close",), "."),
        ((5.0,), "."),
    ],
    ids=["554", "421", "garbage", "cut", "silent"],
)
async def test_a_bad_greeting_is_the_relays_fault(
    greeting: tuple[bytes | float, ...], why: str
) -> None:
    async with ScriptedSink(script={("*", "greeting"): greeting}) as sink:
        quick = replace(relay_to(sink), timeouts=Timeouts(connect_s=0.2))
        with pytest.raises(RelayError, match=f"relay 127.0.0.1:{sink.port}: .*{why}"):
            await deliver(quick)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"\x15\x03\x03\x00\x02\x02\x50", r"its encryption fails now \(TLSV1_ALERT_INTERNAL"),
        (b"", "closed the connection"),
    ],
    ids=["internal error", "closed"],
)
async def test_a_relay_whose_encryption_fails_is_tried_later(answer: bytes, why: str) -> None:
    async def fail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(fail, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(RelayError, match=why) as caught:
            await deliver(Relay(host="127.0.0.1", port=port, security="tls"))
    assert not isinstance(caught.value, RelaySetupError)


async def test_a_relay_that_asks_for_a_login_at_mail_blocks_the_run() -> None:
    script = {("*", "MAIL"): (say("530 5.7.0 log in first"),)}
    async with ScriptedSink(script=script) as sink:
        assert (await deliver(relay_to(sink))).fate is Fate.BLOCKED


async def test_a_local_part_beyond_ascii_needs_smtputf8() -> None:
    message = replace(MESSAGE, recipient="jörg@example.org")
    async with ScriptedSink(extensions=("8BITMIME",)) as sink:
        refused = await deliver(relay_to(sink), message)
    async with ScriptedSink() as sink:
        taken = await deliver(relay_to(sink), message)
    assert (refused.fate, refused.reason) == (Fate.REFUSED, "needs SMTPUTF8")
    assert taken.fate is Fate.SENT
    assert "MAIL FROM:<bounce@example.org> BODY=8BITMIME SMTPUTF8" in sink.commands


async def test_an_address_that_would_end_the_command_never_reaches_the_wire() -> None:
    message = replace(MESSAGE, recipient="a@example.org>\r\nRSET")
    async with ScriptedSink() as sink:
        attempt = await deliver(relay_to(sink), message)
    assert (attempt.fate, attempt.reason) == (Fate.REFUSED, "unsafe address")
    assert "RSET" not in sink.commands


async def test_an_answer_is_kept_without_the_address() -> None:
    script = {("*", "RCPT"): (say("550 5.1.1 <subscriber@example.org>: no such user"),)}
    async with ScriptedSink(script=script) as sink:
        attempt = await deliver(relay_to(sink))
    assert attempt.reply is not None
    assert attempt.reply.text == "5.1.1 <the recipient>: no such user"
