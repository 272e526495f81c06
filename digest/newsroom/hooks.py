"""Takes the events that mail providers post: bounces, complaints and unsubscriptions.

The provider's signature proves that the provider sent the request. It does not prove whom an event
is about: as in a mail that came back, only our own signature in it names the delivery. A request is
answered after its effects are stored; until then the provider sends it again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from digest.bounces.parse import Mail
from digest.bounces.webhooks import mailgun, postmark, sendgrid, ses
from digest.bounces.webhooks.request import HookRefused, HookRequest, HookUnreadable
from digest.errors import FeedError
from digest.models import Actor
from digest.newsroom.bounced_editions import guard_edition
from digest.newsroom.bounces import act_on
from digest.newsroom.context import RunContext
from digest.store.bounces import count_class

if TYPE_CHECKING:
    from digest.readers.web.fetch import Fetcher

_log = logging.getLogger(__name__)

#: Certificates and tokens that are remembered.
_MAX_CERTIFICATES = 8
_MAX_TOKENS = 10_000
#: As many reports of one class about an edition are each looked at; then every one of as many.
_FEW = 100


class Provider(StrEnum):
    """A mail provider; the last part of the path of its webhook."""

    SES = "ses"
    SENDGRID = "sendgrid"
    POSTMARK = "postmark"
    MAILGUN = "mailgun"


class HookAnswer(StrEnum):
    """The result of a request."""

    STORED = "stored"
    #: No webhook of this provider is configured.
    UNKNOWN = "unknown"
    #: The request does not come from the provider, or came before.
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    #: The certificate that proves it could not be fetched.
    TRY_LATER = "try later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """The proofs of the requests of one account at a provider."""

    provider: Provider
    #: Postmark, Mailgun.
    secret: str = ""
    #: SendGrid.
    public_key: str = ""
    #: SES: the topics of SNS, by their ARN.
    topics: tuple[str, ...] = ()


class Hooks:
    """The webhooks of the installation. One for each process; use from one event loop."""

    def __init__(
        self,
        context: RunContext,
        webhooks: Sequence[Webhook],
        open_fetcher: Callable[[], Fetcher] | None = None,
    ) -> None:
        """Keep the values.

        Args:
            context: the installation's context.
            webhooks: the configured webhooks.
            open_fetcher: opens the web client for certificates; None for the context's.
        """
        self._context = context
        self._webhooks = tuple(webhooks)
        self._certificates = _Certificates(open_fetcher or context.open_fetcher)
        self._tokens = _Tokens()

    async def receive(self, provider: str, headers: Mapping[str, str], body: bytes) -> HookAnswer:
        """Act on a request; safe to repeat.

        Args:
            provider: the last part of its path.
            headers: its headers, with names in lower case.
            body: its body.

        Raises:
            StoreError: the database cannot be used; the provider should send it again.
        """
        accounts = [each for each in self._webhooks if each.provider == provider]
        if not accounts:
            return HookAnswer.UNKNOWN
        request = HookRequest(headers=headers, body=body, at=self._context.clock())
        answer = HookAnswer.REFUSED
        for account in accounts:
            try:
                await self._take(account, request)
            except HookRefused as error:
                _log.warning("webhook of %s: %s; nothing was changed", provider, error)
            except HookUnreadable:
                answer = HookAnswer.UNREADABLE
            except FeedError as error:
                _log.warning("webhook of %s: %s", provider, error)
                answer = HookAnswer.TRY_LATER
            else:
                return HookAnswer.STORED
        return answer

    async def _take(self, account: Webhook, request: HookRequest) -> None:
        """Check a request with the proof of one account, and store what it says."""
        match account.provider:
            case Provider.SES:
                mails = await self._read_ses(account, request)
            case Provider.SENDGRID:
                sendgrid.check_sendgrid(request, account.public_key)
                mails = sendgrid.read_sendgrid(request)
            case Provider.POSTMARK:
                postmark.check_postmark(request, account.secret)
                mails = postmark.read_postmark(request)
            case Provider.MAILGUN:
                signed = mailgun.check_mailgun(request, account.secret)
                self._tokens.refuse_known(signed.token)
                mails = tuple(mailgun.read_event(signed.event))
        await asyncio.to_thread(
            _store, self._context, mails, Actor(name=f"webhook {account.provider}")
        )
        # Not before: what could not be stored comes again with the same token.
        if account.provider is Provider.MAILGUN:
            self._tokens.add(signed.token, request.at)

    async def _read_ses(self, account: Webhook, request: HookRequest) -> tuple[Mail, ...]:
        message = ses.read_sns(request, account.topics)
        certificate = await self._certificates.get(message.certificate_url)
        ses.check_sns(message, certificate, now=request.at)
        if url := ses.confirmation_url(message):
            await self._certificates.confirm(url)
        return ses.read_notification(message)


def _store(context: RunContext, mails: Sequence[Mail], by: Actor) -> None:
    classes: set[tuple[int, str]] = set()
    for mail in mails:
        # Also if it came before, because the answer to that may have been an error.
        stored = act_on(context, mail, mail.message_id.encode(), by=by).stored
        if stored is not None and stored.edition_id is not None:
            classes.add((stored.edition_id, stored.bounce_class))
    for edition_id in sorted({each for each, name in classes if _is_due(context, each, name)}):
        guard_edition(context, edition_id, by=by)


def _is_due(context: RunContext, edition_id: int, bounce_class: str) -> bool:
    """Whether to look at the whole edition now, which is slow with a million mails."""
    with context.database.read() as connection:
        count = count_class(connection, edition_id, bounce_class)
    return count < _FEW or count % _FEW == 0


class _Certificates:
    """Fetches the certificates of Amazon SNS, one at a time, and remembers the last few."""

    def __init__(self, open_fetcher: Callable[[], Fetcher]) -> None:
        self._open_fetcher = open_fetcher
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._turn = asyncio.Lock()

    async def get(self, url: str) -> bytes:
        """Return a certificate.

        Raises:
            FeedError: it cannot be fetched.
        """
        async with self._turn:
            if url not in self._known:
                async with self._open_fetcher() as fetcher:
                    fetched = await fetcher.get(url)
                if fetched.url != url:
                    raise FeedError(url, "the certificate is somewhere else", transient=False)
                self._known[url] = fetched.body
                while len(self._known) > _MAX_CERTIFICATES:
                    self._known.popitem(last=False)
            return self._known[url]

    async def confirm(self, url: str) -> None:
        """Request the address that confirms a subscription.

        Raises:
            FeedError: it cannot be requested.
        """
        async with self._open_fetcher() as fetcher:
            await fetcher.call(url)


class _Tokens:
    """The tokens of the last minutes: each is accepted once."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, datetime] = OrderedDict()

    def refuse_known(self, token: str) -> None:
        """Check that a token is new.

        Raises:
            HookRefused: it was accepted before.
        """
        if token in self._seen:
            raise HookRefused("the request came before")

    def add(self, token: str, at: datetime) -> None:
        """Remember a token as long as its signature is believed."""
        self._seen[token] = at
        kept: timedelta = 2 * mailgun.WINDOW
        while len(self._seen) > _MAX_TOKENS or next(iter(self._seen.values())) + kept < at:
            self._seen.popitem(last=False)
