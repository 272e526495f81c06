"""Classifies a mail: a bounce, a complaint, an automatic reply or something else.

Pure: bytes in, a value out. Read are delivery reports (RFC 3464 in RFC 6522, also with the UTF-8
addresses of RFC 6533), the free-text bounces of older servers, complaints (ARF, RFC 5965) and
DMARC reports. No input raises an exception; what cannot be read is `Kind.OTHER`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from digest.bounces.mime import Part, decode_words, read_parts, split_headers
from digest.bounces.rules import RULES
from subscribers.return_paths import TRACES

#: Longer words of a server, and longer texts, are cut.
MAX_DIAGNOSTIC = 4_000
MAX_TEXT = 20_000
MAX_REPORTS = 100


class Kind(StrEnum):
    """The kind of a mail."""

    #: A delivery report with fields for each recipient.
    DSN = "dsn"
    #: A report in words only.
    BOUNCE = "nonstandard-bounce"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto-reply"
    #: About the authentication of mails, not from a recipient.
    DMARC = "dmarc-report"
    #: A request to leave that a provider passed on.
    UNSUBSCRIBE = "unsubscribe"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The part of a bounce about one recipient."""

    #: Empty if the bounce names none. Never enough to act upon.
    recipient: str = ""
    #: `failed`, `delayed`, `delivered`, `relayed`, `expanded` (RFC 3464 section 2.3.3), or empty.
    action: str = ""
    #: The enhanced status code of the report's field, such as `5.1.1`; may contradict the words.
    status: str = ""
    #: The words of the server that refused.
    diagnostic: str = ""
    #: Whether the relay that reports it says that a later mail may arrive.
    is_transient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that came back, as far as it could be read."""

    kind: Kind
    #: Its own Message-ID; empty if it has none.
    message_id: str = ""
    subject: str = ""
    #: For a DSN one for each recipient, for a free-text bounce exactly one; for a complaint only
    #: the recipients that it names.
    reports: tuple[Report, ...] = ()
    #: The text for people, without the returned mail.
    text: str = ""
    #: For a complaint its Feedback-Type in lower case, such as `abuse`.
    feedback: str = ""
    #: Addresses that the mail was sent to, from its envelope and header, in order.
    sent_to: tuple[str, ...] = ()
    #: Return addresses and Message-IDs anywhere in it, such as in the mail that it returns.
    mentioned: tuple[str, ...] = ()


_ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]]{1,128}@[\w.-]{0,254}\w")
_RECIPIENT_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")
_STATUS_KINDS = ("message/delivery-status", "message/global-delivery-status")
_FEEDBACK_KIND = "message/feedback-report"
_RECEIPT_KINDS = ("message/disposition-notification", "message/global-disposition-notification")
_BLANK = re.compile(r"\n[ \t]*\n")
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_TYPED = re.compile(r"^\s*[\w-]+\s*;\s*")
#: The first lines of a returned mail's header.
_RETURNED = re.compile(
    r"^[ \t>|]*(?:received:[ \t]*(?:from|by|\()|return-path:|dkim-signature:|mime-version:)",
    re.IGNORECASE | re.MULTILINE,
)
#: Fields of the returned mail that a text quotes; the subject of a newsletter may say anything.
_QUOTED_FIELDS = re.compile(
    r"^[ \t]*(?:subject|from|to|cc|sent|date|message-?id)[ \t]*:[^\n]*\n",
    re.IGNORECASE | re.MULTILINE,
)
#: A server's reply that a text quotes: `550 5.1.1 no such user`.
_REPLY = re.compile(r"(?<![\w.#+-])[45][0-5]\d(?:[ -]|\n[ \t]{1,9})[^\n]{3,500}")


def parse_mail(raw: bytes) -> Mail:
    """Return what a mail is; see the module for the kinds and limits.

    Args:
        raw: the mail as received; past `mime.MAX_BYTES` it is not read.
    """
    parts = read_parts(raw)
    top = parts[0]
    text = _human_text(parts)
    mail = Mail(
        kind=Kind.OTHER,
        message_id=top.header("message-id"),
        subject=top.header("subject"),
        text=text,
        sent_to=_sent_to(top),
        mentioned=tuple(_mentioned(parts)),
    )
    feedback, recipients = _read_feedback(parts)
    if feedback:
        is_dmarc = feedback in ("auth-failure", "dmarc")
        if is_dmarc:
            return replace(mail, kind=Kind.DMARC, feedback=feedback)
        reports = tuple(Report(recipient=_address_of(each)) for each in recipients[:MAX_REPORTS])
        return replace(mail, kind=Kind.COMPLAINT, feedback=feedback, reports=reports)
    if RULES.says("dmarc", mail.subject):
        return replace(mail, kind=Kind.DMARC)
    if RULES.says("complaint", mail.subject) and any(part.attached for part in parts):
        return replace(mail, kind=Kind.COMPLAINT, feedback="abuse")
    if any(part.kind in _RECEIPT_KINDS for part in parts):
        return mail
    if reports := _reports(parts):
        return replace(mail, kind=Kind.DSN, reports=reports)
    return _judge_form(mail, top)


def _judge_form(mail: Mail, top: Part) -> Mail:
    """Return a mail as an automatic reply, a free-text bounce, or as it is."""
    sender = f"{top.header('from')} {top.header('return-path')}"
    replies = "\n".join(_REPLY.findall(mail.text))[:MAX_DIAGNOSTIC]
    is_daemon = RULES.says("daemon", sender)
    is_automatic = _is_automatic(top) and not is_daemon and not replies
    if is_automatic or RULES.says("auto_reply", mail.subject):
        return replace(mail, kind=Kind.AUTO_REPLY)
    if RULES.is_bounce(sender, mail.subject, mail.text, replies):
        named = _ADDRESS.search(top.header("x-failed-recipients"))
        recipient = named.group() if named else _failed_address(mail)
        report = Report(recipient=recipient, diagnostic=replies)
        return replace(mail, kind=Kind.BOUNCE, reports=(report,))
    return mail


def _failed_address(mail: Mail) -> str:
    """Return the first address in a text, preferably not the sender's or a postmaster's."""
    found = islice(_ADDRESS.finditer(mail.text), MAX_REPORTS)
    addresses = [match.group().rpartition("=")[2] for match in found]
    others = (
        address
        for address in addresses
        if address not in mail.sent_to and not address.lower().startswith("postmaster@")
    )
    return next(others, addresses[0] if addresses else "")


def _is_automatic(top: Part) -> bool:
    submitted = top.header("auto-submitted").lower()
    names = {name for name, _ in top.headers}
    return (
        submitted.startswith("auto-replied")
        or bool(names & {"x-autoreply", "x-autorespond", "x-autoresponder"})
        or top.header("precedence").lower() == "auto_reply"
    )


def _human_text(parts: tuple[Part, ...]) -> str:
    """Return the words of the report itself, without the mail that it returns."""
    own = [part for part in parts if not part.attached]
    # Some servers write "headers" above the whole mail, whose words say nothing about the failure.
    for kind in ("text/plain", "text/html", "text/rfc822-headers", "multipart/"):
        texts = [part.text for part in own if part.kind.startswith(kind)][:2]
        written = [_before_returned(text, number) for number, text in enumerate(texts)]
        if words := "\n".join(text for text in written if text.strip()):
            return _QUOTED_FIELDS.sub("", words)[:MAX_TEXT]
    return ""


def _before_returned(text: str, number: int) -> str:
    text = text[: MAX_TEXT * 2]
    found = (_RETURNED.search(text), RULES.forms["returned"].search(text))
    start = min((match.start() for match in found if match), default=len(text))
    # A report that begins with such lines says its words after them; a second text is the mail.
    is_report = number == 0 and not text[:start].strip()
    return text if is_report else text[:start]


def _sent_to(top: Part) -> tuple[str, ...]:
    values = [
        value for wanted in _RECIPIENT_FIELDS for name, value in top.headers if name == wanted
    ]
    return tuple(dict.fromkeys(found for value in values for found in _ADDRESS.findall(value)))


def _mentioned(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        for _, value in part.headers:
            yield from TRACES.findall(value)
        yield from TRACES.findall(part.text)


def _read_feedback(parts: tuple[Part, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the type of a complaint and its recipients (RFC 5965); empty if it is none."""
    for part in parts:
        if part.kind == _FEEDBACK_KIND and not part.attached:
            fields = split_headers(part.text)[0]
            recipients = tuple(value for name, value in fields if name == "original-rcpt-to")
            return dict(fields).get("feedback-type", "").lower() or "unknown", recipients
    return "", ()


def _reports(parts: tuple[Part, ...]) -> tuple[Report, ...]:
    found: list[Report] = []
    for part in parts:
        if part.kind in _STATUS_KINDS and not found:
            found.extend(islice(_read_status(part.text), MAX_REPORTS))
    # Some write an action into the first block, which is about the whole mail.
    return tuple(report for report in found if report.recipient) or tuple(found)


def _read_status(text: str) -> Iterator[Report]:
    """Read the recipients' blocks of a delivery status (RFC 3464 section 2.3)."""
    for block in _BLANK.split(text):
        fields: dict[str, str] = {}
        for name, value in split_headers(block.strip("\n") + "\n\n")[0]:
            # Blocks that no blank line divides.
            if name == "final-recipient" and name in fields:
                yield from _read_block(fields)
                fields = {}
            fields.setdefault(name, value)
        yield from _read_block(fields)


def _read_block(fields: dict[str, str]) -> Iterator[Report]:
    if not fields.keys() & {"final-recipient", "original-recipient", "action", "status"}:
        return
    recipient = fields.get("original-recipient") or fields.get("final-recipient", "")
    status = _STATUS.search(fields.get("status", ""))
    # RFC 3464 allows a comment after the code: `5.0.0 (recipient reached disk quota)`.
    comment = _STATUS.sub("", fields.get("status", ""), count=1).strip()
    words = _TYPED.sub("", fields.get("diagnostic-code", ""))
    yield Report(
        recipient=_address_of(recipient),
        action=fields.get("action", "").split("(")[0].strip().lower(),
        status=status.group() if status else "",
        diagnostic=f"{words} {comment}".strip()[:MAX_DIAGNOSTIC],
    )


def _address_of(value: str) -> str:
    """Return the address of `rfc822; a@b` or `utf-8; a@b`, also if its type is missing."""
    address = decode_words(value.partition(";")[2] or value).strip().strip("<>").strip()
    return _ESCAPED.sub(_unescape, address)


def _unescape(escape: re.Match[str]) -> str:
    number = int(escape[1], 16)
    is_character = 0 < number < 0x110000 and not 0xD800 <= number < 0xE000
    return chr(number) if is_character else escape.group()


#: RFC 6533 section 3 writes characters that are not ASCII as `\x{NNNN}`.
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
