"""Changes by an admin of one person: choices, name, fields, suppression, leaving, erasure.

An admin never consents for a person: a subscription starts only with the mail that asks its owner,
and an ended one stays ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from digest.errors import NothingToDo, Refused, UsageError
from digest.models import Actor, SignUp
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.people import withdraw
from digest.newsroom.people.fields import checked_values
from digest.newsroom.people.profile import known_person
from digest.newsroom.self_service.choices import Form, parse_choices
from digest.newsroom.self_service.facts import facts_of
from digest.newsroom.self_service.sign_ups import dump_choices
from digest.store import sign_ups
from subscribers.addresses import parse_typed
from subscribers.fieldvalues import save_fields
from subscribers.joining import Reply, reply_to
from subscribers.people import change_preferences, find_person, find_subscription, rename_person
from subscribers.preferences import Preferences
from subscribers.suppression import SuppressionReason, find_reasons

#: The reasons that an admin may give.
REASONS = (
    SuppressionReason.MANUAL,
    SuppressionReason.COMPLAINED,
    SuppressionReason.BOUNCED,
)
MAX_NAME = 200
#: What is stored as the words of the consent, once the owner of the address has confirmed.
WORDING = "confirmed by the link in a mail, after an admin had added the address"


def address_of(context: RunContext, person_id: int) -> str:
    """Return a person's address, for the use cases that take one.

    Raises:
        NothingToDo: the person is gone.
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        return known_person(connection, person_id).address


def add_by_mail(
    context: RunContext, address: str, newsletter: str, *, source: str = "", by: Actor
) -> None:
    """Ask the owner of an address by mail whether they want a newsletter.

    The subscription starts with their confirmation; `digest run` or `digest serve` sends the mail.

    Raises:
        UsageError: the newsletter does not exist.
        SubscriberError: the address is not valid.
        NothingToDo: the owner has the newsletter already.
        Refused: the address must not be mailed.
        StoreError: the database cannot be written.
    """
    owner = context.newsletter_of(newsletter)
    wanted = parse_typed(address.strip(), allow_reserved=context.is_development)
    with context.database.write() as connection:
        person = find_person(connection, wanted)
        known = find_subscription(connection, person.id, owner.name) if person else None
        reasons = find_reasons(connection, context.keys, wanted)
        reply = reply_to(known, reasons)
        if reply is Reply.HAS_IT:
            raise NothingToDo(f"{address}: has {owner.title} already; nothing was changed")
        if reply is Reply.NOTHING:
            why = ", ".join(reasons) or "complained"
            raise Refused(f"{address}: must not be mailed ({why}); nothing was sent")
        sign_ups.add_sign_up(
            connection,
            SignUp(
                newsletter=owner.name,
                at=context.clock(),
                address=wanted.address,
                choices=dump_choices(Preferences(), {}),
                wording=WORDING,
                source=source or "manual",
            ),
            "",
        )
        record(context, connection, by, "add person", newsletter=owner.name, detail="asked by mail")


def change_choices(
    context: RunContext, person_id: int, newsletter: str, form: Form, *, by: Actor
) -> None:
    """Store the choices of a confirmed subscriber.

    Args:
        context: the installation's context.
        person_id: the person's id.
        newsletter: the newsletter's name.
        form: the fields of `parse_choices`, and `paused_until`: a day such as `2026-12-24` in the
            newsletter's zone; empty to end a pause. Fields that are missing change nothing.
        by: the actor.

    Raises:
        UsageError: the newsletter does not exist, or a choice is not one of its own.
        NothingToDo: the person is gone, or is not a confirmed subscriber.
        StoreError: the database cannot be written.
    """
    owner = context.newsletter_of(newsletter)
    with context.database.write() as connection:
        person = known_person(connection, person_id)
        known = find_subscription(connection, person_id, owner.name)
        if known is None:
            raise NothingToDo(f"subscriber {person.id}: does not have {owner.title}")
        facts = facts_of(context)[owner.name]
        parsed = parse_choices(form, facts, known.preferences, language="en")
        if parsed.faults:
            lines = (f"{name.replace('_', ' ')}: {why}" for name, why in parsed.faults.items())
            raise UsageError(" ".join(lines))
        chosen = parsed.preferences
        if "paused_until" in form:
            until = _end_of_pause(form["paused_until"][-1], owner.timezone, now=context.clock())
            chosen = replace(chosen, paused_until=until)
        if chosen == known.preferences:
            return
        if not change_preferences(connection, person_id, owner.name, chosen):
            raise NothingToDo(
                f"subscriber {person.id}: is not a confirmed subscriber of {owner.title};"
                " only the owner of the address can confirm"
            )
        record(context, connection, by, "change preferences", newsletter=owner.name)


def change_person(
    context: RunContext, person_id: int, name: str, written: Mapping[str, str], *, by: Actor
) -> None:
    """Store a person's name and values of the operator's fields.

    Args:
        context: the installation's context.
        person_id: the person's id.
        name: the name.
        written: the values as written, by the field's name; an empty one removes the value.
        by: the actor.

    Raises:
        UsageError: the name is too long, or a field does not exist or cannot have the value.
        NothingToDo: the person is gone.
        StoreError: the database cannot be written.
    """
    called = " ".join(name.split())
    if len(called) > MAX_NAME:
        raise UsageError(f"name: must have at most {MAX_NAME} characters")
    values = checked_values(context.fields, written)
    with context.database.write() as connection:
        if known_person(connection, person_id).name != called:
            rename_person(connection, person_id, called)
            record(context, connection, by, "rename person")
        if save_fields(connection, person_id, values):
            record(context, connection, by, "set fields", detail=", ".join(sorted(values)))


def erase_typed(context: RunContext, person_id: int, typed: str, *, by: Actor) -> None:
    """Delete a person whose address was typed as a confirmation.

    Raises:
        UsageError: another address was typed.
        NothingToDo: the person is gone.
        StoreError: the database cannot be written.
    """
    address = address_of(context, person_id)
    if typed.strip().casefold() != address.casefold():
        raise UsageError("to erase this person, type their address; nothing was erased")
    withdraw.erase(context, address, by=by)


def reason_named(name: str) -> SuppressionReason:
    """Return one of `REASONS` by its name.

    Raises:
        UsageError: it is not one of them.
    """
    found = next((reason for reason in REASONS if reason == name), None)
    if found is None:
        raise UsageError(f"reason {name!r}: must be one of {', '.join(REASONS)}")
    return found


def _end_of_pause(written: str, timezone: str, *, now: datetime) -> datetime | None:
    if not written.strip():
        return None
    try:
        day = date.fromisoformat(written.strip())
    except ValueError as error:
        raise UsageError("paused until: must be a day such as 2026-12-24") from error
    end = datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)
    if end <= now:
        raise UsageError("paused until: must be a day after today; leave it empty to end a pause")
    return end
