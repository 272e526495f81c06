"""Opens the mailbox that bounces come to, and the webhooks of mail providers."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path

from digest.bounces import mailbox
from digest.config.keys import BouncesConfig
from digest.errors import UsageError
from digest.newsroom.hooks import Provider, Webhook
from digest.store.engine import Database
from digest.store.read_mails import ReadMails

_PORTS = {"imap": 993, "pop": 995}


def open_mailbox(
    bounces: BouncesConfig, source: str, path: Path | None, database: Database
) -> Iterable[bytes]:
    """Return the mails of a mailbox, one at a time.

    Args:
        bounces: the configuration.
        source: `pipe`, `maildir`, `mbox`, `imap` or `pop`; empty for the configured mailbox.
        path: the Maildir or the mbox file; None for the configured one.
        database: keeps the marks of mails that were read over POP.

    Raises:
        UsageError: signed return addresses or the mailbox are not configured.
    """
    if bounces.domain is None:
        raise UsageError(
            "bounces.domain: is not set, so no mail has a return address that proves a bounce; set"
            " it to the domain whose mail comes to the mailbox"
        )
    wanted = source or _configured(bounces)
    if wanted == "pipe":
        return mailbox.read_pipe(sys.stdin.buffer)
    if wanted in _PORTS:
        account = _account(bounces, wanted)
        if wanted == "imap":
            return mailbox.read_imap(account)
        marks = ReadMails(database, f"{account.username}@{account.host}")
        return mailbox.read_pop(account, marks)
    is_maildir = wanted == "maildir"
    place = path or (bounces.maildir if is_maildir else bounces.mbox)
    if place is None:
        raise UsageError(f"bounces.{wanted}: is not set; name the mailbox with --{wanted}")
    return mailbox.read_maildir(place) if is_maildir else mailbox.read_mbox(place)


def webhooks_of(bounces: BouncesConfig) -> tuple[Webhook, ...]:
    """Return the configured webhooks.

    Raises:
        UsageError: a package that checks their signatures is missing.
    """
    signed = [each.provider for each in bounces.webhooks if each.provider in ("ses", "sendgrid")]
    if signed and importlib.util.find_spec("cryptography") is None:
        raise UsageError(
            f"bounces.webhooks: {signed[0]} needs cryptography: pip install inbox-digest[bounces]"
        )
    return tuple(
        Webhook(
            provider=Provider(each.provider),
            secret=each.secret.get_secret_value(),
            public_key=each.public_key,
            topics=each.topics,
        )
        for each in bounces.webhooks
    )


def _configured(bounces: BouncesConfig) -> str:
    if bounces.maildir:
        return "maildir"
    if bounces.mbox:
        return "mbox"
    return bounces.protocol if bounces.host else "maildir"


def _account(bounces: BouncesConfig, protocol: str) -> mailbox.Account:
    if bounces.host is None:
        raise UsageError("bounces.host: is not set; it is the mail server of the mailbox")
    return mailbox.Account(
        host=bounces.host,
        port=bounces.port or _PORTS[protocol],
        username=bounces.username,
        password=bounces.password.get_secret_value(),
        folder=bounces.folder,
        ca_file=str(bounces.ca_file or ""),
    )
