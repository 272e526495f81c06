"""The reasons of the ledger in words, for people who look at deliveries."""

from __future__ import annotations

_WORDS = {
    "blocked": "the relay accepts nothing from us",
    "cancelled": "the edition was cancelled",
    "domain": "its domain takes no mails now, or only a few at a time",
    "expired": "it was too old to be tried again",
    "full": "the mailbox is full",
    "greylisted": "the server asks to try again later (greylisting)",
    "interrupted": "the sending process ended before the server answered",
    "kept": "the address was refused, but nothing else was accepted at that time to compare with",
    "left": "the subscriber has left",
    "lost": "an operator counted it as lost (`digest resolve --assume-lost`)",
    "policy": "it was refused because of the message, the sender or the relay, not the address",
    "refused": "the mailbox does not exist or takes no mail",
    "returned": "the connection broke before the mail was sent",
    "superseded": "a later edition has its posts",
    "suppressed": "the address must not be mailed",
    "transient": "the server asks to try again later",
    "unknown": "the server never answered",
}


def reason_in_words(reason: str) -> str:
    """Return what a reason of the ledger means; a reason in plain words is returned as it is."""
    return _WORDS.get(reason, reason)
