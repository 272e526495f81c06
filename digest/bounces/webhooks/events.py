"""Makes the values that `digest.bounces.judge` judges from the events of providers."""

from __future__ import annotations

from digest.bounces.parse import Kind, Mail, Report

#: A provider that keeps a list of addresses drops mail to them without asking the mail server. The
#: list may be old, or shared with other senders, so a drop is a failure that counts and no proof.
DROPPED = "not tried: on the suppression list of the provider"
#: The status of a refusal that the provider itself puts down to the sender (RFC 3463 section 3.8).
BLOCKED = "5.7.0"


def bounce(
    event_id: str,
    recipient: str,
    words: str,
    traces: tuple[str, ...],
    *,
    status: str = "",
    is_transient: bool = False,
) -> Mail:
    """Return a failure, judged by the words of the mail server, then by the status.

    Args:
        event_id: identifies the event; unique over all providers.
        recipient: the address.
        words: the reply of the mail server.
        traces: the signed ids in the event.
        status: an enhanced status code.
        is_transient: whether the provider says that a later mail may arrive.
    """
    report = Report(
        recipient=recipient,
        action="failed",
        status=status,
        diagnostic=words,
        is_transient=is_transient,
    )
    return Mail(kind=Kind.DSN, message_id=event_id, reports=(report,), mentioned=traces)


def blocked(event_id: str, recipient: str, words: str, traces: tuple[str, ...]) -> Mail:
    """Return a refusal because of the sender, whatever its words say about the recipient."""
    report = Report(recipient=recipient, action="failed", status=BLOCKED)
    return Mail(kind=Kind.DSN, message_id=event_id, reports=(report,), text=words, mentioned=traces)


def complaint(event_id: str, recipient: str, feedback: str, traces: tuple[str, ...]) -> Mail:
    """Return a complaint; the recipient only finds the subscriber of a signed Message-ID."""
    return Mail(
        kind=Kind.COMPLAINT,
        message_id=event_id,
        reports=(Report(recipient=recipient),),
        feedback=feedback.lower() or "abuse",
        mentioned=traces,
    )


def unsubscription(event_id: str, recipient: str, traces: tuple[str, ...]) -> Mail:
    """Return a request to leave that was made with the provider's own link or header."""
    return Mail(
        kind=Kind.UNSUBSCRIBE,
        message_id=event_id,
        reports=(Report(recipient=recipient),),
        mentioned=traces,
    )
