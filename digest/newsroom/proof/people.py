"""The people whose mails a proof shows: stock people, and subscribers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.letter.printing.days import joining_words
from digest.models import Edition
from digest.newsroom.replay import Subscriber
from digest.pipeline.audience import VariantRule, make_rule
from digest.text.languages import direction_of, is_spoken
from subscribers.preferences import dump_categories

#: Whose mail is shown first: what most subscribers get.
EVERYONE = "everyone"
#: Addressee of the stock people.
_ADDRESS = "subscriber@example.org"
#: The longest address that a mail can have (RFC 5321 section 4.5.3.1).
_LONG = f"{'a-very-long-name-of-a-person.' * 3}here"[:64] + f"@{'long-' * 11}name.example.org"
_NAME = {"name": "Robin"}
#: A language that is read from right to left and that letters are written in.
_RTL = next((each for each in ("ar", "he", "fa", "ur") if is_spoken(each)), "")
_LONG_AGO = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A person whose mail is shown."""

    #: Names this person in an address, such as `everyone` or `p12`.
    key: str
    label: str
    rule: VariantRule
    address: str = _ADDRESS
    #: The values that the mail prints, by name. None: of no known subscriber.
    fields: Mapping[str, str] | None = field(default_factory=lambda: dict(_NAME))
    #: The day of sign-up; None if it is not known.
    joined_at: datetime | None = None

    @property
    def is_stock(self) -> bool:
        """Whether it is an invented person."""
        return not self.key.startswith("p")

    def joining(self, edition: Edition) -> tuple[str, str] | None:
        """Return the words for the day of sign-up; None for a mail to no known subscriber."""
        if self.fields is None:
            return None
        language = self.rule.language or edition.language
        return joining_words(self.joined_at, language=language, timezone=edition.timezone)


def stock_people(edition: Edition, *, now: datetime) -> tuple[Addressee, ...]:
    """Return the invented people of an edition; the first is what most subscribers are like."""
    last = edition.last_cut_seq

    def rule(categories: str = "", language: str = "", size: str = "normal") -> VariantRule:
        return make_rule(categories, last, language, size)

    joined = now - _LONG_AGO
    people = [
        Addressee(key=EVERYONE, label="Most subscribers", rule=rule(), fields=None),
        Addressee(key="newcomer", label="New subscriber, joined today", rule=rule(), joined_at=now),
        Addressee(key="large", label="Larger text", rule=rule(size="large"), joined_at=joined),
        Addressee(
            key="long",
            label="Very long address",
            rule=rule(),
            address=_LONG,
            joined_at=joined,
        ),
        Addressee(key="nameless", label="No name, no known day of joining", rule=rule(), fields={}),
    ]
    if _RTL and direction_of(edition.language) == "ltr":
        label = "Language read from right to left"
        people.append(Addressee(key="rtl", label=label, rule=rule(language=_RTL), joined_at=joined))
    if edition.since_seq < last:
        label = "Back from a pause: the longest window"
        back = VariantRule(categories="", since_seq=edition.since_seq)
        people.append(Addressee(key="back", label=label, rule=back, joined_at=joined))
    people += [
        Addressee(
            key=f"only{number}",
            label=f"Only {name}",
            rule=rule(dump_categories((name,))),
            joined_at=joined,
        )
        for number, name in enumerate(edition.categories, 1)
    ]
    return tuple(people)


def as_addressee(subscriber: Subscriber, rule: VariantRule, values: Mapping[str, str]) -> Addressee:
    """Return a subscriber as an addressee.

    Args:
        subscriber: the person and the subscription.
        rule: the rule of the subscriber's mail.
        values: the result of `MailIdentity.shown_values`.
    """
    subscription = subscriber.subscription
    return Addressee(
        key=f"p{subscriber.person.id}",
        label=subscriber.person.address,
        rule=rule,
        address=subscriber.person.address,
        fields=values,
        joined_at=subscription.joined_at if subscription.is_joined_known else None,
    )
