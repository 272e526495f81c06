"""The words of real mail servers, in their own form."""

from __future__ import annotations

import pytest

from digest.bounces.classes import BounceClass, Effect
from digest.bounces.judge import judge_report
from digest.bounces.parse import Kind, Mail, Report

DSN = Mail(kind=Kind.DSN)


@pytest.mark.parametrize(
    ("expected", "status", "words"),
    [
        (
            BounceClass.HARD,
            "5.1.1",
            (
                "550-5.1.1 The email account that you tried to reach does not "
                "exist. Please try 550-5.1.1 double-checking the recipient's "
                "email address for typos or 550-5.1.1 un"
            ),
        ),
        (
            BounceClass.HARD,
            "5.1.10",
            (
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient "
                "ann@example.org not found by SMTP address lookup"
            ),
        ),
        (
            BounceClass.HARD,
            "5.0.0",
            ("550 Requested action not taken: mailbox unavailable for user: no such mailbox"),
        ),
        (
            BounceClass.HARD,
            "5.1.1",
            (
                "550 5.1.1 <ann@example.org>: Email address could not be found, "
                "or was misspelled (G8)"
            ),
        ),
        (
            BounceClass.HARD,
            "5.5.0",
            (
                "554 delivery error: dd This user doesn't have a yahoo.com "
                "account (ann@example.org) [0]"
            ),
        ),
        (
            BounceClass.HARD,
            "5.2.1",
            (
                "550-5.2.1 The email account that you tried to reach is disabled. "
                "Learn more at https://support.google.com/mail/?p=DisabledUser"
            ),
        ),
        (
            BounceClass.HARD,
            "5.1.1",
            "550 5.1.1 sorry, no mailbox here by that name (#5.1.1 - chkuser)",
        ),
        (BounceClass.HARD, "5.0.0", "550 Unrouteable address"),
        (
            BounceClass.HARD,
            "5.0.0",
            ("550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550"),
        ),
        (BounceClass.HARD, "5.0.0", "550 No such recipient here (in reply to RCPT TO)"),
        (BounceClass.HARD, "5.1.1", "550 5.1.1 unknown or invalid recipient: ann@example.org"),
        (BounceClass.HARD, "5.0.0", "550 Account ann@x.example has been closed"),
        (BounceClass.HARD, "5.0.0", "550 User account is deactivated"),
        (BounceClass.HARD, "5.0.0", "551 not our user; this person no longer works here"),
        (
            BounceClass.HARD,
            "5.0.0",
            (
                "550 ann@qq.example Mailbox not found. "
                "http://service.mail.qq.com/cgi-bin/help?subtype=1"
            ),
        ),
        (BounceClass.HARD, "5.0.0", "550 non-existent recipient"),
        (BounceClass.HARD, "5.0.0", "550 recipient unknown"),
        (BounceClass.HARD, "5.1.2", "550 5.1.2 Bad destination system address"),
        (BounceClass.HARD, "5.0.0", "550 Benutzer unbekannt"),
        (BounceClass.HARD, "5.0.0", "550 Der Empfänger existiert nicht"),
        (
            BounceClass.HARD,
            "5.0.0",
            (
                "550 Adresse d au moins un destinataire invalide. Invalid "
                "recipient. OFR204_416 [416]"
            ),
        ),
        (BounceClass.HARD, "5.0.0", "550 Nie ma takiego uzytkownika / no such user"),
        (BounceClass.HARD, "5.0.0", "550 usuario desconocido"),
        (
            BounceClass.SOFT,
            "5.2.2",
            (
                "552-5.2.2 The email account that you tried to reach is over "
                "quota. Please direct 552-5.2.2 the recipient to 552 5.2.2 "
                "https://support.google.com/mail/?p=OverQuo"
            ),
        ),
        (
            BounceClass.SOFT,
            "5.0.0",
            "552 Requested mail action aborted: exceeded storage allocation",
        ),
        (
            BounceClass.SOFT,
            "4.2.2",
            (
                "452 4.2.2 The email account that you tried to reach is out of "
                "storage space and inactive."
            ),
        ),
        (BounceClass.SOFT, "5.0.0", "550 Mailbox quota exceeded / Mailbox voll"),
        (
            BounceClass.SOFT,
            "5.0.0",
            ("554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException"),
        ),
        (
            BounceClass.SOFT,
            "5.0.0",
            "500 Mailbox is full: user has exceeded his/her disk space limit",
        ),
        (
            BounceClass.SOFT,
            "4.4.1",
            "connect to mx.example.org[192.0.2.1]:25: Connection timed out",
        ),
        (BounceClass.SOFT, "4.4.7", "451 4.4.7 Message delayed; retry timeout exceeded"),
        (BounceClass.SOFT, "4.3.2", "421 4.3.2 Service not available, system shutting down"),
        (BounceClass.SOFT, "5.4.0", "550 4.4.7 QUEUE.Expired; message expired"),
        (BounceClass.SOFT, "5.0.0", "La boîte aux lettres du destinataire est pleine"),
        (BounceClass.MESSAGE, "5.3.4", "552 5.3.4 Message size exceeds fixed limit"),
        (
            BounceClass.MESSAGE,
            "5.2.3",
            ("550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient"),
        ),
        (BounceClass.MESSAGE, "5.6.0", "554 5.6.0 Message contains invalid header"),
        (BounceClass.MESSAGE, "5.0.0", "552 message size exceeds size limit of mailbo"),
        (
            BounceClass.POLICY,
            "5.7.1",
            "550 5.7.1 Message rejected due to content restrictions, spam score 9",
        ),
        (
            BounceClass.POLICY,
            "5.7.1",
            (
                "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. "
                "Please contact your Internet service provider since part of "
                "their network is on our block list "
            ),
        ),
        (
            BounceClass.POLICY,
            "5.7.26",
            ("550-5.7.26 This mail has been blocked because the sender is unauthenticated."),
        ),
        (
            BounceClass.POLICY,
            "5.1.1",
            "550 5.1.1 rejected: sending IP listed at b.barracudacentral.org",
        ),
        (
            BounceClass.POLICY,
            "4.7.0",
            (
                "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred "
                "due to unexpected volume or user complaints"
            ),
        ),
        (BounceClass.POLICY, "5.7.606", "550 5.7.606 Access denied, banned sending IP [192.0.2.1]"),
        (
            BounceClass.POLICY,
            "5.0.0",
            ("554 Reject by behaviour spam at Rcpt State(Connection IP address:192.0.2.1)"),
        ),
        (
            BounceClass.POLICY,
            "5.7.509",
            (
                "550 5.7.509 Access denied, sending domain example.com does not "
                "pass DMARC verification and has a DMARC policy of reject."
            ),
        ),
        (BounceClass.POLICY, "5.0.0", "550 Sender verify failed"),
        (
            BounceClass.POLICY,
            "5.1.8",
            "553 5.1.8 Domain of sender address news@example.org does not exist",
        ),
        (BounceClass.POLICY, "5.4.5", "550 5.4.5 Daily user sending quota exceeded."),
        (BounceClass.POLICY, "5.0.0", "550 relay not permitted"),
        (BounceClass.POLICY, "5.7.1", "554 5.7.1 <ann@example.org>: Relay access denied"),
        (
            BounceClass.POLICY,
            "5.7.133",
            (
                "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; "
                "authentication required; Delivery restriction check failed"
            ),
        ),
        (
            BounceClass.POLICY,
            "5.0.0",
            "550 Mail was rejected as your server's IP has no PTR record",
        ),
        (
            BounceClass.POLICY,
            "5.0.0",
            "550 This message was not accepted due to our anti-virus policy",
        ),
        (
            BounceClass.POLICY,
            "5.7.1",
            ("550 5.7.1 Recipient not authorized, your IP has been found on a block list"),
        ),
        (BounceClass.POLICY, "5.0.0", "451 4.7.1 Greylisting in action, please come back later"),
        (BounceClass.AMBIGUOUS, "5.0.0", "554 transaction failed"),
        # Dots that end an address; a code written as one word; a noun and a reason.
        (BounceClass.HARD, "5.0.0", "550 ann@example.org...User unknown"),
        (BounceClass.HARD, "5.0.0", "550 BAD_RECIPIENT see the help"),
        (BounceClass.SOFT, "5.0.0", "552 MAILBOX_FULL"),
        # Postfix, of a mailbox at its limit.
        (
            BounceClass.SOFT,
            "5.2.2",
            "X-Postfix; cannot update mailbox /var/mail/ann for user ann. error writing message:"
            " File too large",
        ),
        (BounceClass.HARD, "5.0.0", "554 Rcpt <ann@example.org> does not exist"),
        (BounceClass.HARD, "5.0.0", "551 <ann@example.org> is a deactivated mailbox"),
        (BounceClass.HARD, "5.0.0", 'unknown local-part "ann" in domain "example.org"'),
        (BounceClass.SOFT, "5.0.0", "550 User has too many messages on the server"),
        (BounceClass.POLICY, "5.0.0", "450 too many messages from this host"),
        (BounceClass.AMBIGUOUS, "5.0.0", "550 Requested action not taken"),
    ],
)
def test_the_words_of_mail_servers_are_judged(
    expected: BounceClass, status: str, words: str
) -> None:
    report = Report(action="failed", status=status, diagnostic=words)
    assert judge_report(report, DSN).bounce_class is expected


@pytest.mark.parametrize(
    "words",
    [
        "550 The sending account does not exist",
        "550 mail from unknown sender is not accepted",
        "550 Sender account suspended, contact your provider",
        "553 sorry, your envelope sender domain must exist (#5.7.1)",
        "550 Unknown helo host",
        "550 Your account has been disabled for sending",
        "550 your mailserver is unknown here",
        "554 Your IP is not known",
        "550 the user has set a filter; message blocked",
        "550 rejected: invalid message header",
        "554 attachment not found acceptable",
        "550 Account temporarily suspended",
        "450 mailbox temporarily unavailable",
        "550 mailbox temporarily disabled",
        "451 user unknown, try again later",
        "450 4.1.1 user unknown in relay recipient table (deferred)",
        "550 User's account is over its limit",
        "550 domain example.net is listed",
        "550 customer has blocked you; recipient does not exist for you",
        "550 address rejected by policy",
        "550 5.7.1 recipient not found in allowed list",
        "554 invalid DKIM signature, user policy",
        "550 SPF fail: mail from example.org not valid for this host",
        "550 no such session",
        "550 invalid command",
        "503 need RCPT: no valid recipients",
        ("550 Verification failed for <news@example.org> No such user here: sender verify"),
        "550 Sender's mailbox does not exist, callout failed",
        "550 5.1.7 sender address not found",
        "550 5.1.8 bad sender: no such user",
        "550 Backend error: recipient lookup failed, LDAP server not found",
        "550 recipient address lookup timed out",
        "554 5.4.14 Hop count exceeded - possible mail loop",
        "550 The account did not accept the message: unknown reason",
        "550 unknown error",
        "554 unknown virus found",
        "550 user not authorized",
        ("550 The recipient's mailbox is unable to accept messages: account is not verified"),
        "550 5.7.1 TLS required; certificate unknown",
        "550 Invalid From address",
        "550 from address does not exist",
        "554 unknown mail filter",
        "550 not a valid user agent",
        "550 Return address unknown",
        "550 envelope sender: unknown user",
        "550 reply-to address invalid",
        "550 The user does not accept email in non-Western (non-Latin) character sets.",
        "550 this host does not accept mail with attachments",
    ],
)
def test_words_about_others_suppress_nobody(words: str) -> None:
    report = Report(action="failed", status="5.0.0", diagnostic=words)
    assert judge_report(report, DSN).effect not in (Effect.SUPPRESS, Effect.CONFIRM)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (
            "5.4.4",
            (
                "X-Postfix; Host or domain name not found. Name service error for "
                "name=example.org type=MX: Host not found"
            ),
        ),
        ("5.4.4", "unable to look up host: NXDOMAIN"),
        ("5.1.10", "Domain example.org does not accept mail (nullMX)"),
        ("4.0.0", "The domain example.org doesn't receive email according to its owner"),
        ("5.0.0", "550 Unknown host"),
        ("5.0.0", "[mx.example.org]: Name or service not known"),
        ("5.0.0", "Unrouteable address"),
        # The words of an unknown user with the code of an unknown domain: the milder one holds.
        ("5.0.0", "550 5.4.4 <ann@example.org>: address not found"),
    ],
)
def test_a_domain_that_is_not_found_needs_a_second_report(status: str, words: str) -> None:
    report = Report(recipient="ann@example.org", status=status, diagnostic=words)
    assert judge_report(report, DSN).effect is Effect.CONFIRM


def test_a_name_that_is_not_found_is_a_mailbox() -> None:
    report = Report(recipient="ann@example.org", diagnostic="550 The name was not found")
    assert judge_report(report, DSN).effect is Effect.SUPPRESS
