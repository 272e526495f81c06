"""Makes the mails of an edition for a preview, before or after it is sent; stores nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digest.errors import NothingToDo
from digest.letter.printing.days import joining_words
from digest.letter.printing.message import Pieces
from digest.letter.printing.opened import OpenedMessage, open_message
from digest.models import Edition, StoredEdition
from digest.newsroom import replay
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.editions import visible_edition
from digest.newsroom.replay import Subscriber, Week
from digest.store.engine import Connection
from digest.text.languages import is_spoken, language_of_words
from subscribers.addresses import parse_typed
from subscribers.fieldvalues import printed_values
from subscribers.preferences import Subscription

#: Addressee of the preview if no subscriber is named.
SUBSCRIBER = "subscriber@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewMail:
    """One mail of a preview; its personal links do nothing."""

    #: None if the edition was never made.
    edition_id: int | None
    #: Name for files, such as `edition-3`.
    name: str
    #: The bytes of the message, as it would be sent.
    content: bytes

    def open(self) -> OpenedMessage:
        """Return the parts of the message, as a mail program would read them."""
        return open_message(self.content)


def preview(
    context: RunContext, newsletter: str, edition_id: int | None, *, address: str = ""
) -> PreviewMail:
    """Return the mail of an edition.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name.
        edition_id: the edition's id; None for the newsletter's newest that is not cancelled.
        address: the address of the subscriber whose mail is made; empty for all categories.

    Raises:
        UsageError: the edition or the subscriber does not exist.
        NothingToDo: there is no edition, or that subscriber gets no mail of it.
        TemplateError: a template cannot be rendered.
    """
    with context.database.read() as connection:
        stored = visible_edition(connection, newsletter, edition_id)
        viewer = _Viewer(context, context.newsletter_of(stored.newsletter), connection, address)
        return viewer.of_edition(stored)


def preview_week(
    context: RunContext, newsletter: str, week: str, *, address: str = ""
) -> tuple[PreviewMail, ...]:
    """Return the mails of a week's editions; if none was made, compose one from the week's posts.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name.
        week: the ISO week, such as `2026-W40`.
        address: the address of the subscriber whose mails are made; empty for all categories.

    Raises:
        UsageError: the week or the subscriber does not exist.
        NothingToDo: that subscriber gets none of the mails, or the week has too few posts.
        TemplateError: a template cannot be rendered.
    """
    owner, parsed = context.newsletter_of(newsletter), Week.parse(week)
    with context.database.read() as connection:
        viewer = _Viewer(context, owner, connection, address)
        found = replay.editions_in(connection, owner.name, parsed)
        return viewer.of_those(found) if found else (viewer.recomposed(parsed, week),)


class _Viewer:
    """Makes mails of one newsletter, for one subscriber or with all categories."""

    def __init__(
        self,
        context: RunContext,
        newsletter: NewsletterContext,
        connection: Connection,
        address: str,
    ) -> None:
        self._now = context.clock()
        self._newsletter = newsletter
        self._connection = connection
        self._address = address
        self._subscriber = self._find_subscriber()

    def of_those(self, found: Sequence[StoredEdition]) -> tuple[PreviewMail, ...]:
        """Return the mails of several editions; skip those without a mail for the subscriber."""
        mails, reasons = [], []
        for stored in found:
            try:
                mails.append(self.of_edition(stored))
            except NothingToDo as reason:
                reasons.append(str(reason))
        if not mails:
            raise NothingToDo("; ".join(reasons))
        return tuple(mails)

    def of_edition(self, stored: StoredEdition) -> PreviewMail:
        """Return the mail of an edition."""
        newsletter, connection, now = self._newsletter, self._connection, self._now
        writer = newsletter.writer
        composed = replay.draft_as_sent(connection, stored, writer, now=now)
        if self._subscriber is None:
            pieces = replay.general_pieces(composed, writer)
        else:
            rule = newsletter.audience_of(stored.cadence, stored.local_at)
            pieces = replay.subscriber_pieces(
                connection, stored, self._subscriber, writer, rule, now=now
            )
        return self._mail(pieces, composed, stored.id, f"edition-{stored.id}")

    def recomposed(self, week: Week, name: str) -> PreviewMail:
        """Return the mail of an edition that was never made."""
        subscriber, writer = self._subscriber, self._newsletter.writer
        known = {cadence.name: cadence for cadence in self._newsletter.cadences}
        chosen = subscriber.subscription.preferences.cadence if subscriber else ""
        cadence = known.get(chosen, self._newsletter.cadences[0])
        edition = replay.recompose(self._connection, cadence.rules, cadence.settings.schedule, week)
        if subscriber is None:
            pieces = replay.general_pieces(edition, writer)
        else:
            pieces = replay.recomposed_pieces(edition, subscriber, writer)
        return self._mail(pieces, edition, None, f"{self._newsletter.name}-{name}")

    def _find_subscriber(self) -> Subscriber | None:
        if not self._address:
            return None
        address = parse_typed(self._address, allow_reserved=True)
        return replay.find_subscriber(self._connection, self._newsletter.name, address)

    def _mail(
        self, pieces: Pieces, edition: Edition, edition_id: int | None, name: str
    ) -> PreviewMail:
        address, writer = self._address or SUBSCRIBER, self._newsletter.writer
        joining = _joining(self._subscriber.subscription, edition) if self._subscriber else None
        mail = writer.sample(
            pieces,
            address,
            number=name,
            now=self._now,
            joining=joining,
            fields=self._values(edition),
        )
        return PreviewMail(edition_id=edition_id, name=name, content=mail.content)

    def _values(self, edition: Edition) -> dict[str, str] | None:
        if self._subscriber is None:
            return None
        values = printed_values(self._connection, self._subscriber.person)
        language = _language_of(self._subscriber.subscription, edition)
        return self._newsletter.identity.shown_values(values, language)


def _joining(subscription: Subscription, edition: Edition) -> tuple[str, str]:
    """Return the day of sign-up in the words of the subscriber's mail."""
    return joining_words(
        subscription.joined_at if subscription.is_joined_known else None,
        language=_language_of(subscription, edition),
        timezone=edition.timezone,
    )


def _language_of(subscription: Subscription, edition: Edition) -> str:
    chosen = subscription.preferences.language
    return chosen if is_spoken(chosen) else language_of_words(edition.language)
