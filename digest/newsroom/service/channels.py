"""The channels of notices: a plain mail over the relays, a webhook, a ping."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from urllib.parse import urlsplit

from digest.errors import DigestError, FeedError
from digest.letter.notice import NoticeWriter
from digest.models import Message
from digest.newsroom.service.notices import Channel, Undeliverable
from digest.readers.web.fetch import Fetcher
from digest.sender.attempt import Fate
from digest.sender.single import send_each
from digest.sender.work import Mailer
from digest.store.notices import Notice


def by_mail(writer: NoticeWriter, open_mailer: Callable[[], Mailer]) -> Channel:
    """Return the channel that mails a notice to its recipient."""

    async def send(notice: Notice) -> None:
        key = f"{notice.kind}/{notice.key}"
        message = writer.write(notice.text, notice.recipient, key=key, date=notice.created_at)
        await send_message(message, open_mailer)

    return send


def to_subscribers(
    write: Callable[[Notice], Message | None], open_mailer: Callable[[], Mailer]
) -> Channel:
    """Return the channel that mails a notice to its subscriber.

    Args:
        write: a function that returns the mail; None if it is not needed any more.
        open_mailer: a function that returns one more connection to the relays.
    """

    async def send(notice: Notice) -> None:
        message = await asyncio.to_thread(write, notice)
        if message is None:
            raise Undeliverable("it is not needed any more")
        await send_message(message, open_mailer)

    return send


async def send_message(message: Message, open_mailer: Callable[[], Mailer]) -> None:
    """Hand one mail to the relays.

    Raises:
        Undeliverable: the mailbox does not exist.
        DigestError: no relay accepted the mail.
    """
    (attempt,) = await send_each([message], open_mailer)
    if attempt.fate is Fate.SENT:
        return
    reply = attempt.reply
    # A reply often repeats the address, which no log may hold.
    answer = f"{reply.code} {reply.text}" if reply else attempt.reason
    reason = answer.replace(message.recipient, "(recipient)")
    failure = Undeliverable if attempt.fate is Fate.REFUSED else DigestError
    raise failure(f"relay {attempt.relay}: mail not accepted ({attempt.fate}): {reason}")


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
