"""Explains why a person has no delivery of an edition, as far as the stored data say.

Only the present choices of a subscriber are stored, not those at the time of an edition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digest.models import CadenceAudience, EditionState
from digest.newsroom.context import NewsletterContext
from digest.store.absences import UndeliveredEdition
from subscribers.preferences import Person, State, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """An edition that a person has no delivery of."""

    edition_id: int
    newsletter: str
    number: int
    #: The slot's local time in the newsletter's zone.
    local_at: str
    #: A short code, such as `joined later`.
    reason: str
    #: The reason in words.
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberFacts:
    """The stored facts about a person, for the reasons of one newsletter."""

    person: Person
    subscription: Subscription
    #: When the address was suppressed first; None if it is not.
    suppressed_at: datetime | None
    #: Whether the person gets no edition until `digest resolve`.
    is_waiting: bool
    #: None if the newsletter is no longer configured.
    owner: NewsletterContext | None
    #: Whether the subscription belongs to an audience now.
    is_in: Callable[[CadenceAudience], bool]


def explain(edition: UndeliveredEdition, facts: SubscriberFacts) -> Absence:
    """Return why a person has no delivery of an edition."""
    reason, meaning = _why(edition, facts)
    return Absence(
        edition_id=edition.edition_id,
        newsletter=edition.newsletter,
        number=edition.number,
        local_at=edition.local_at,
        reason=reason,
        meaning=meaning,
    )


def _why(edition: UndeliveredEdition, facts: SubscriberFacts) -> tuple[str, str]:
    if edition.frozen_at is None:
        if edition.state is EditionState.PAUSED:
            why = f"it is paused ({edition.paused_reason}) and was sent to no subscriber yet"
            return "paused edition", why
        return "not sent", "it was sent to no subscriber yet"
    return (
        _by_time(edition.frozen_at, facts)
        or _by_choice(edition, edition.frozen_at, facts)
        or (
            "nothing new",
            "none of its posts was new for them in the categories that they chose (or the"
            " choice was another one then)",
        )
    )


def _by_time(frozen_at: datetime, facts: SubscriberFacts) -> tuple[str, str] | None:
    """Return the reason that is certain because its time is stored."""
    subscription, address_since = facts.subscription, facts.suppressed_at
    consent = subscription.consent
    # One who was imported may have joined elsewhere long before.
    since = max(subscription.joined_at, facts.person.created_at)
    if since > frozen_at:
        return "joined later", f"they joined later, on {_day(since)}"
    if subscription.state is State.PENDING:
        return "not confirmed", "they have not confirmed their sign-up"
    if consent and consent.how == "form" and consent.at > frozen_at:
        return "confirmed later", f"they confirmed their sign-up later, on {_day(consent.at)}"
    if subscription.state.is_ended and (
        subscription.left_at is None or subscription.left_at <= frozen_at
    ):
        on = f" on {_day(subscription.left_at)}" if subscription.left_at else ""
        how = f" ({subscription.left_how})" if subscription.left_how else ""
        return "left", f"their subscription had ended{on}{how}"
    if facts.person.suppressed and address_since and address_since <= frozen_at:
        reasons = ", ".join(facts.person.suppressed)
        return (
            "suppressed",
            f"the address must not be mailed since {_day(address_since)} ({reasons})",
        )
    return None


def _by_choice(
    edition: UndeliveredEdition, frozen_at: datetime, facts: SubscriberFacts
) -> tuple[str, str] | None:
    """Return the reason by the choices that the person has now."""
    chosen, owner = facts.subscription.preferences, facts.owner
    if chosen.paused_until and chosen.paused_until > frozen_at:
        return "paused", f"they paused their mails until {_day(chosen.paused_until)}"
    if facts.is_waiting:
        return "waiting", "they get no edition until an earlier one is settled by `digest resolve`"
    if owner is None:
        return None
    rule = owner.audience_of(edition.cadence, edition.local_at).audience_key
    if not facts.is_in(CadenceAudience(rule.newsletter, rule.cadence, rule.is_first, rule.others)):
        theirs = chosen.cadence or "the first cadence"
        return "other cadence", f"it is for `{edition.cadence}`; they chose `{theirs}`"
    if not facts.is_in(rule):
        return "other audience", "[newsletters.audience] leaves them out"
    if chosen.categories and set(chosen.categories).isdisjoint(owner.categories):
        return "no category", "no category that they chose is one of the newsletter's"
    return None


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
