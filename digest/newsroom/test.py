"""Sends an edition to a few addresses as a test, without changing the ledger."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from digest.errors import NothingToDo
from digest.letter.writer import LetterWriter
from digest.models import Edition, Message
from digest.newsroom.context import RunContext
from digest.newsroom.editions import visible_edition
from digest.newsroom.replay import draft_as_sent, find_subscriber, subscriber_variant
from digest.pipeline.audience import general_rule, variant_for
from digest.sender.attempt import Attempt, Fate
from digest.sender.single import send_each
from digest.store.engine import Connection
from digest.text.languages import language_of_words
from subscribers.addresses import Address, mask_address, parse_typed
from subscribers.fieldvalues import printed_values
from subscribers.people import find_person


@dataclass(frozen=True, slots=True, kw_only=True)
class TestMail:
    """The result of one test mail."""

    #: The masked address.
    address: str
    #: `sent`, or the kind of failure.
    result: str
    #: The relay's reply, or why there was none.
    reply: str

    @property
    def is_sent(self) -> bool:
        """Whether a relay accepted it."""
        return self.result == Fate.SENT


def write_tests(
    context: RunContext,
    newsletter: str,
    edition_id: int | None,
    addresses: list[str],
    *,
    as_address: str = "",
) -> tuple[Message, ...]:
    """Return an edition's mail for each address.

    The subject is marked `[Test 14:02]`, and the personal links do nothing. The own values are
    those of the person with the address, if there is one.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name; empty with an edition's id.
        edition_id: the edition's id; None for the newsletter's newest that is not cancelled.
        addresses: the recipients.
        as_address: the address of the subscriber whose mail it is, with their own values; empty
            for the mail with all categories.

    Raises:
        SubscriberError: an address is not valid.
        UsageError: the edition does not exist.
        NothingToDo: there is no edition, or it has no stories.
        TemplateError: a template cannot be rendered.
    """
    wanted = [parse_typed(text, allow_reserved=context.is_development) for text in addresses]
    now = context.clock()
    with context.database.read() as connection:
        stored = visible_edition(connection, newsletter, edition_id)
        owner = context.newsletter_of(stored.newsletter)
        writer = owner.writer
        edition = draft_as_sent(connection, stored, writer, now=now)
        shown = parse_typed(as_address, allow_reserved=True) if as_address else None
        values = [_values_of(connection, shown or each, writer, edition) for each in wanted]
        if shown is None:
            variant = variant_for(edition, general_rule(edition))
        else:
            subscriber = find_subscriber(connection, stored.newsletter, shown)
            rule = owner.audience_of(stored.cadence, stored.local_at)
            variant = subscriber_variant(
                connection, stored, edition, subscriber, rule, now=max(now, stored.due_at)
            )
    if variant is None:
        raise NothingToDo(f"edition {stored.id}: it has no stories; see `digest check {stored.id}`")
    local = now.astimezone(ZoneInfo(edition.timezone))
    # The mark keeps mail programs from grouping tests into one thread with the real mail.
    marked = replace(variant, subject=f"[Test {local:%H:%M}] {variant.subject}")
    pieces = writer.write(edition, marked).pieces
    return tuple(
        writer.sample(pieces, address.address, number=secrets.token_hex(10), now=now, fields=known)
        for address, known in zip(wanted, values, strict=True)
    )


def _values_of(
    connection: Connection, address: Address, writer: LetterWriter, edition: Edition
) -> dict[str, str] | None:
    person = find_person(connection, address)
    if person is None:
        return None
    language = language_of_words(edition.language)
    return writer.identity.shown_values(printed_values(connection, person), language)


async def send_tests(context: RunContext, messages: tuple[Message, ...]) -> tuple[TestMail, ...]:
    """Send test mails over the relays; no delivery is stored.

    Raises:
        RelayError: no relay can be used.
    """
    attempts = await send_each(messages, context.open_mailer)
    return tuple(
        TestMail(
            address=mask_address(message.recipient),
            result=attempt.fate,
            reply=_reply_of(attempt),
        )
        for message, attempt in zip(messages, attempts, strict=True)
    )


def _reply_of(attempt: Attempt) -> str:
    if attempt.reply is not None:
        return f"{attempt.reply.code} {attempt.reply.text}"
    return attempt.reason
