"""The channels of notices: a plain mail over the relays, a webhook, a ping."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from digest.errors import DigestError, FeedError
from digest.letter.notice import NoticeWriter
from digest.newsroom.service.notices import Channel
from digest.readers.web.fetch import Fetcher
from digest.sender.attempt import Fate, Mailer
from digest.store.notices import Notice


def by_mail(writer: NoticeWriter, open_mailer: Callable[[], Mailer]) -> Channel:
    """Return the channel that mails a notice to its recipient."""

    async def send(notice: Notice) -> None:
        key = f"{notice.kind}/{notice.key}"
        message = writer.write(notice.text, notice.recipient, key=key, date=notice.created_at)
        mailer = open_mailer()
        await mailer.open()
        try:
            attempt = await mailer.deliver(message, _always)
        finally:
            await mailer.close()
        if attempt.fate is not Fate.SENT:
            reply = attempt.reply
            reason = f"{reply.code} {reply.text}" if reply else attempt.reason
            raise DigestError(
                f"relay {attempt.relay}: mail not accepted ({attempt.fate}): {reason}"
            )

    return send


def by_webhook(fetcher: Fetcher, url: str) -> Channel:
    """Return the channel that posts `kind`, `key`, `text` and `created_at` to `url` as JSON."""

    async def post(notice: Notice) -> None:
        body = {
            "kind": notice.kind,
            "key": notice.key,
            "text": notice.text,
            "created_at": notice.created_at.isoformat(),
        }
        await _call(fetcher, url, "webhook", json.dumps(body, ensure_ascii=False).encode())

    return post


async def ping(fetcher: Fetcher, url: str) -> None:
    """Call a monitoring address after a successful tick, so that it notices missing calls.

    Raises:
        DigestError: the call failed.
    """
    await _call(fetcher, url, "ping", None)


async def _call(fetcher: Fetcher, url: str, what: str, body: bytes | None) -> None:
    try:
        await fetcher.call(url, json=body)
    except FeedError as error:
        # Anyone who has such an address can use it, so the message has only its host.
        raise DigestError(f"{what} at {urlsplit(url).hostname}: {error.reason}") from error


async def _always() -> bool:
    return True
