from __future__ import annotations

from dataclasses import replace

from digest.models import Message
from digest.sender.attempt import Fate, Fault
from digest.sender.replies import Phase
from digest.sender.smtp.envelope import Offer, content_of, envelope_of, why_unfit


def mail(
    recipient: str = "a+b=c@example.org", content: bytes = b"Subject: x\r\n\r\ny\r\n"
) -> Message:
    return Message(
        message_id="<e112.0a1b2c@example.org>",
        sender="b+1@example.org",
        recipient=recipient,
        content=content,
    )


def commands(message: Message, **extensions: str) -> dict[Phase, str]:
    steps = envelope_of(message, Offer.of(extensions)).steps
    return {phase: command.decode() for phase, command in steps}


def test_a_bare_server_gets_bare_commands() -> None:
    assert commands(mail()) == {
        Phase.MAIL: "MAIL FROM:<b+1@example.org>\r\n",
        Phase.RCPT: "RCPT TO:<a+b=c@example.org>\r\n",
        Phase.DATA: "DATA\r\n",
    }


def test_each_extension_is_used_where_it_is_offered() -> None:
    found = commands(mail(), size="35882577", dsn="", smtputf8="", pipelining="")
    size = len(mail().content)
    assert found[Phase.MAIL] == (
        f"MAIL FROM:<b+1@example.org> SIZE={size} RET=HDRS ENVID=e112.0a1b2c\r\n"
    )
    assert found[Phase.RCPT] == (
        "RCPT TO:<a+b=c@example.org> NOTIFY=FAILURE ORCPT=rfc822;a+2Bb+3Dc@example.org\r\n"
    )


def test_a_local_part_beyond_ascii_needs_smtputf8() -> None:
    jane = mail("jané@example.org")
    refused = why_unfit(jane, Offer.of({}))
    assert refused is not None
    assert (refused.fate, refused.reason) == (Fate.REFUSED, "needs SMTPUTF8")
    assert why_unfit(jane, Offer.of({"smtputf8": ""})) is None
    found = commands(jane, smtputf8="", dsn="")
    assert found[Phase.MAIL].split()[2:4] == ["BODY=8BITMIME", "SMTPUTF8"]
    assert found[Phase.RCPT].endswith(" ORCPT=utf-8;jané@example.org\r\n")


def test_a_mail_beyond_the_servers_size_is_ours_to_mend() -> None:
    refused = why_unfit(mail(), Offer.of({"size": "10"}))
    assert refused is not None
    assert (refused.fate, refused.fault) == (Fate.POLICY, Fault.MESSAGE)
    for no_limit in ("0", "", "many"):
        assert why_unfit(mail(), Offer.of({"size": no_limit})) is None


def test_no_address_can_add_a_command() -> None:
    for hostile in ("a@b.c>\r\nRSET", "a b@c.d", "<a@b.c", "a\x00@b.c"):
        refused = why_unfit(mail(hostile), Offer.of({"smtputf8": ""}))
        assert refused is not None
        assert refused.reason == "unsafe address"


def test_content_known_to_have_no_dots_is_sent_as_it_is() -> None:
    plain = replace(mail(content=b"a\r\n"), is_dot_free=True)
    assert content_of(plain) == (b"a\r\n", b".\r\n")


def test_dots_are_stuffed_and_the_content_ends_once() -> None:
    assert content_of(mail(content=b".a\r\n..b\r\nc")) == (b"..a\r\n...b\r\nc", b"\r\n.\r\n")
    assert content_of(mail(content=b"a\r\n")) == (b"a\r\n", b".\r\n")
