"""The ways to tell somebody: a plain mail over the relays, a web hook."""

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


def by_mail(desk: NoticeWriter, open_mailer: Callable[[], Mailer]) -> Channel:
    """Give what mails a notice to its recipient."""

    async def send(notice: Notice) -> None:
        key = f"{notice.kind}/{notice.key}"
        message = desk.write(notice.text, notice.recipient, key=key, date=notice.created_at)
        mailer = open_mailer()
        await mailer.open()
        try:
            attempt = await mailer.deliver(message, _always)
        finally:
            await mailer.close()
        if attempt.fate is not Fate.SENT:
            said = f"{attempt.reply.code} {attempt.reply.text}" if attempt.reply else attempt.reason
            raise DigestError(f"relay {attempt.relay}: {attempt.fate} {said}")

    return send


def by_webhook(fetcher: Fetcher, url: str) -> Channel:
    """Give what posts a notice to `url` as JSON: `kind`, `key`, `text` and `created_at`."""

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
    """Say that all went well, so that a silence is noticed elsewhere.

    Raises:
        DigestError: nobody took it.
    """
    await _call(fetcher, url, "ping", None)


async def _call(fetcher: Fetcher, url: str, what: str, body: bytes | None) -> None:
    try:
        await fetcher.call(url, json=body)
    except FeedError as error:
        # Who knows such an address may use it: only its host is told.
        raise DigestError(f"{what} at {urlsplit(url).hostname}: {error.reason}") from error


async def _always() -> bool:
    return True
