"""The judgements of `digest doctor`: each finding is provoked once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.models.checkups import Checkup, Level
from digest.newsroom.doctor import mail_dns
from digest.newsroom.doctor.received import judge_received
from digest.newsroom.doctor.relay import judge
from digest.newsroom.doctor.versions import examine_versions, known_faults, needs
from digest.sender.relay import Relay
from digest.sender.smtp.envelope import Offer
from digest.sender.smtp.look import RelayLook

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def said(found: list[Checkup] | tuple[Checkup, ...], level: Level) -> str:
    return "\n".join(each.text for each in found if each.level is level)


# --- dns ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "lookups", "level", "words"),
    [
        ((), 0, Level.WARNING, "has no record"),
        (("google-site-verification=x",), 0, Level.WARNING, "has no record"),
        (("v=spf1 -all", "v=spf1 a -all"), 0, Level.FAULT, "has 2 records"),
        (("v=spf1 +all",), 0, Level.FAULT, "allows everybody"),
        (("v=spf1 all",), 0, Level.FAULT, "allows everybody"),
        (("v=spf1 -all",), 0, Level.FAULT, "lets no server send"),
        (("v=spf1 -ip4:192.0.2.1 ~all",), 0, Level.FAULT, "lets no server send"),
        (("v=spf1",), 0, Level.WARNING, "refuses nobody"),
        (("v=spf1 include:a.example -all",), 11, Level.FAULT, "needs 11 lookups"),
        (("v=spf1 include:a.example ?all",), 1, Level.WARNING, "refuses nobody"),
        (("v=spf1 include:a.example",), 1, Level.WARNING, "refuses nobody"),
        (("v=spf1 include:a.example ~all",), 1, Level.OK, "include:a.example"),
        (("v=spf1 redirect=a.example",), 1, Level.OK, "redirect=a.example"),
    ],
)
def test_an_spf_record_is_judged(
    texts: tuple[str, ...], lookups: int, level: Level, words: str
) -> None:
    found = mail_dns.judge_spf("a.example", texts, lookups)
    assert found.level is level
    assert words in found.text


def test_the_terms_of_an_spf_record_that_cost_a_lookup_are_counted() -> None:
    record = "v=spf1 ip4:192.0.2.1 a mx:b.example include:c.example exists:%{i}.d ~all"
    assert mail_dns.spf_lookups(record) == (
        "a",
        "mx:b.example",
        "include:c.example",
        "exists:%{i}.d",
    )


@pytest.mark.parametrize(
    ("texts", "level", "words"),
    [
        ((), Level.FAULT, "has no key"),
        (("v=DKIM1; k=rsa; p=",), Level.FAULT, "is revoked"),
        (("v=DKIM1; k=rsa; p=OTHER",), Level.FAULT, "is another one"),
        (("v=DKIM1; k=ed25519; p=KEY",), Level.FAULT, "is another one"),
        (("v=DKIM1; k=rsa; t=y; p=KEY",), Level.WARNING, "test mode"),
        (("v=DKIM1; p=KE Y",), Level.OK, "our rsa key"),
    ],
)
def test_a_dkim_record_is_judged(texts: tuple[str, ...], level: Level, words: str) -> None:
    found = mail_dns.judge_dkim("s._domainkey.a", texts, algorithm="rsa", public_key="KEY")
    assert found.level is level
    assert words in found.text
    assert level is Level.OK or found.advice


@pytest.mark.parametrize(
    ("texts", "level", "words"),
    [
        ((), Level.WARNING, "has no record"),
        (("v=DMARC1; p=none", "v=DMARC1; p=reject"), Level.FAULT, "has 2 records"),
        (("v=DMARC1; rua=mailto:a@a.example",), Level.FAULT, "no valid policy"),
        (("v=DMARC1; p=none",), Level.NOTE, "only watching"),
        (("v=DMARC1; p=reject",), Level.OK, "p=reject"),
    ],
)
def test_a_dmarc_record_is_judged(texts: tuple[str, ...], level: Level, words: str) -> None:
    found = list(mail_dns.judge_dmarc("a.example", "_dmarc.a.example", texts))
    assert words in said(found, level)


@pytest.mark.parametrize(
    ("signers", "returns", "is_strict", "level"),
    [
        (("a.example.org",), "x.net", False, Level.OK),
        (("example.org",), "x.net", False, Level.OK),
        (("example.org",), "x.net", True, Level.FAULT),
        (("other.org",), "bounces.a.example.org", False, Level.NOTE),
        (("other.org",), "x.net", False, Level.FAULT),
        (("org",), "x.net", False, Level.FAULT),
        (("other.org",), "bounces.example.org", False, Level.WARNING),
        (("other.org",), "bounces.example.org", True, Level.FAULT),
        (("other.org",), "b.other.org", False, Level.FAULT),
        ((), "a.example.org", False, Level.NOTE),
    ],
)
def test_alignment_is_judged(
    signers: tuple[str, ...], returns: str, is_strict: bool, level: Level
) -> None:
    found = mail_dns.judge_alignment("a.example.org", signers, returns, is_strict=is_strict)
    assert found.level is level


@pytest.mark.parametrize(
    ("hosts", "has_address", "level"),
    [
        ((".",), False, Level.FAULT),
        ((), False, Level.FAULT),
        ((), True, Level.NOTE),
        (("mx.example",), True, Level.OK),
    ],
)
def test_mail_servers_are_judged(hosts: tuple[str, ...], has_address: bool, level: Level) -> None:
    found = mail_dns.judge_mx("a.example", hosts, has_address=has_address, purpose="replies")
    assert found.level is level


def test_names_of_a_relay_are_judged() -> None:
    host = "mx.example"
    assert mail_dns.judge_ptr(host, {}, {}).level is Level.FAULT
    named = {"192.0.2.1": (host,)}
    assert mail_dns.judge_ptr(host, named, {"192.0.2.1": False}).level is Level.NOTE
    assert mail_dns.judge_ptr(host, named, {"192.0.2.1": True}).level is Level.OK


# --- the relay ----------------------------------------------------------------------------------


def look(**changes: object) -> RelayLook:
    given: dict[str, object] = {
        "tls": "TLSv1.3",
        "certificate_ends_at": NOW + timedelta(days=60),
        "offer": Offer(has_pipelining=True, has_smtputf8=True),
        "extensions": (),
    }
    return RelayLook(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "level", "words"),
    [
        (look(), Level.OK, "TLSv1.3, logged in as me"),
        (look(tls="", certificate_ends_at=None), Level.OK, "no encryption"),
        (look(certificate_ends_at=NOW + timedelta(days=3)), Level.WARNING, "in 3 days"),
        (look(offer=Offer(has_size=True, max_bytes=1000)), Level.FAULT, "at most 1000 bytes"),
        (look(offer=Offer(has_smtputf8=True)), Level.NOTE, "no PIPELINING"),
        (look(offer=Offer(has_pipelining=True)), Level.NOTE, "no SMTPUTF8"),
    ],
)
def test_a_relay_is_judged(found: RelayLook, level: Level, words: str) -> None:
    relay = Relay(host="mx.example", port=587, security="starttls", username="me")
    assert words in said(list(judge(relay, found, now=NOW)), level)


# --- versions -----------------------------------------------------------------------------------


def test_versions_with_known_faults_are_found() -> None:
    found = list(examine_versions(lambda name: "0.0.1" if name == "aiosmtplib" else "999"))
    assert "aiosmtplib 0.0.1: a server can inject replies" in said(found, Level.FAULT)
    assert known_faults()


def test_versions_that_this_program_is_not_made_for_are_found() -> None:
    found = list(examine_versions(lambda name: "" if name == "premailer" else "999"))
    assert "premailer: nothing is installed" in said(found, Level.WARNING)
    assert len(needs()) > 10


def test_an_old_sqlite_is_found() -> None:
    assert "SQLite 3.34.1 is too old" in said(list(examine_versions(sqlite="3.34.1")), Level.FAULT)


def test_the_versions_of_this_machine_have_no_faults() -> None:
    assert [each.level for each in examine_versions()] == [Level.OK]


# --- a received mail ----------------------------------------------------------------------------

RESULTS = (
    "mx.google.com; dkim=pass header.i=@a.example header.s=x; spf=pass (designates a=b as"
    " permitted) smtp.mailfrom=b@a.example; dmarc=pass (p=NONE) header.from=a.example"
)
SIGNATURE = (
    "v=1; a=rsa-sha256; d=a.example; s=x;"
    " h=From:To:List-Unsubscribe:List-Unsubscribe-Post; bh=x; b=y"
)


def mail(**changes: str) -> bytes:
    headers = {
        "Authentication-Results": RESULTS,
        "DKIM-Signature": SIGNATURE,
        "From": "A <digest@a.example>",
        "List-Unsubscribe": "<https://a.example/u/x>, <mailto:u@a.example>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"{name}: {value}" for name, value in {**headers, **named}.items() if value]
    return ("\r\n".join(lines) + "\r\n\r\nHello\r\n").encode()


def test_a_good_mail_has_no_findings_to_mend() -> None:
    assert {each.level for each in judge_received(mail())} == {Level.OK}


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({"Authentication_Results": ""}, Level.WARNING, "no Authentication-Results"),
        (
            {"Authentication_Results": RESULTS.replace("spf=pass", "spf=softfail")},
            Level.FAULT,
            "SPF: softfail, says mx.google.com",
        ),
        (
            {"Authentication_Results": RESULTS.replace("dkim=pass", "dkim=fail")},
            Level.FAULT,
            "DKIM: fail",
        ),
        (
            {"Authentication_Results": "mx.a.example; spf=pass; dkim=pass"},
            Level.WARNING,
            "DMARC: mx.a.example did not judge it",
        ),
        ({"DKIM_Signature": ""}, Level.FAULT, "no DKIM signature"),
        (
            {"DKIM_Signature": SIGNATURE.replace("d=a.example", "d=relay.net")},
            Level.FAULT,
            "of relay.net, not of a.example",
        ),
        (
            {
                "From": "A <digest@news.a.example>",
                "DKIM_Signature": SIGNATURE.replace("d=a.example", "d=mail.a.example"),
            },
            Level.WARNING,
            "of mail.a.example, not of news.a.example; it counts only if a.example is your own",
        ),
        (
            {"DKIM_Signature": SIGNATURE.replace(":List-Unsubscribe-Post", "")},
            Level.FAULT,
            "no signature covers List-Unsubscribe",
        ),
        ({"DKIM_Signature": f"{SIGNATURE}; l=10"}, Level.WARNING, "only the beginning"),
        ({"List_Unsubscribe": ""}, Level.FAULT, "no List-Unsubscribe header"),
        ({"List_Unsubscribe_Post": ""}, Level.FAULT, "one-click leaving is not offered"),
        ({"List_Unsubscribe": "<mailto:u@a.example>"}, Level.FAULT, "one-click leaving is not"),
        ({"From": ""}, Level.FAULT, "this is not a mail"),
        ({"X_Spam_Flag": "YES"}, Level.NOTE, "took it for spam"),
    ],
)
def test_a_received_mail_is_judged(changes: dict[str, str], level: Level, words: str) -> None:
    assert words in said(judge_received(mail(**changes)), level)
