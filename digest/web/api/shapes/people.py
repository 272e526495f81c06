"""The shapes of subscribers; all of them need the right `people`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from digest.newsroom.people.profile import Profile
from digest.web.api.shapes.base import Line, Name, Newsletter, Shape, Wanted
from digest.web.api.shapes.mails import Absence, PastDelivery
from subscribers.preferences import State


class Preferences(Shape):
    """A subscriber's choices; an empty value means the newsletter's default."""

    categories: list[str]
    """Empty: all, including future ones."""
    cadence: str
    language: str
    text_size: str
    zone: str
    hour: int | None
    paused_until: datetime | None


class Subscription(Shape):
    """One person's subscription to one newsletter."""

    newsletter: str
    state: State
    joined_at: datetime
    left_at: datetime | None
    left_how: str
    source: str
    preferences: Preferences


class Subscriber(Shape):
    """One person with all subscriptions."""

    id: int
    address: str
    name: str
    suppressed: list[str]
    """The reasons why this address must not be mailed; empty: it may be mailed."""
    created_at: datetime
    subscriptions: list[Subscription]


class Subscribers(Shape):
    """A page of subscribers."""

    subscribers: list[Subscriber]
    next: str
    """`cursor` of the next page; empty if this is the last."""


class SubscriberProfile(Subscriber):
    """Everything about one person that the desk shows."""

    suppressed_at: datetime | None
    fields_: dict[str, str] = Field(alias="fields")
    """Values of the operator's own fields, by name."""
    deliveries: list[PastDelivery]
    """The newest first, at most twelve."""

    @classmethod
    def of_profile(cls, found: Profile) -> SubscriberProfile:
        """Return the shape of a person's page."""
        return cls.of(
            found,
            found.person,
            subscriptions=[each.subscription for each in found.subscriptions],
            fields={each.name: each.value for each in found.fields if each.value},
            deliveries=[PastDelivery.of(each, each.delivery) for each in found.deliveries],
        )


class SearchPeople(Wanted):
    """The words to look for; in the body, so that no log has an address."""

    text: Line = Field(min_length=1)
    """The beginning of an address, an id, or the id of a person in links."""
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str = Field(default="", max_length=1_000, pattern=r"^[A-Za-z0-9_=-]*$")


class MailsOf(Shape):
    """The mails to one address."""

    address: str
    suppressed: list[str]
    suppressed_at: datetime | None
    subscriptions: list[Subscription]
    deliveries: list[PastDelivery]
    absences: list[Absence]


class NewSubscriber(Wanted):
    """An address whose owner is asked by mail."""

    address: Line
    newsletter: Newsletter = ""
    """Empty: the only one."""
    source: Name = ""


class Asked(Shape):
    """The owner of the address is asked by mail; the subscription starts with the confirmation."""

    is_asked: bool


class Suppress(Wanted):
    """The reason why a person is never mailed again."""

    reason: str = Field(default="manual", max_length=40)
    note: Line = ""


class Leave(Wanted):
    """The newsletter that a person leaves."""

    newsletter: Newsletter = ""
    """Empty: the only one."""


class Erase(Wanted):
    """The address of the person, as a confirmation."""

    address: Line


class Person(Wanted):
    """A person's name and values of the operator's own fields."""

    name: Name
    fields_: dict[Name, Line] = Field(default={}, alias="fields", max_length=50)
    """By the field's name; an empty one removes the value."""


class NewPreferences(Wanted):
    """Choices of a confirmed subscriber; a field that is left out changes nothing."""

    newsletter: Newsletter
    categories: list[Name] | None = Field(default=None, max_length=100)
    """Empty: all, including future ones."""
    cadence: Name | None = None
    language: Name | None = None
    text_size: Name | None = None
    zone: Name | None = None
    hour: int | None = Field(default=None, ge=0, le=23)
    paused_until: Name | None = None
    """A day such as `2026-12-24` in the newsletter's zone; empty: the pause ends."""

    def form(self) -> dict[str, list[str]]:
        """Return the fields of the form that makes these choices."""
        given: dict[str, Any] = self.model_dump(
            include={"cadence", "language", "text_size", "zone", "hour", "paused_until"},
            exclude_none=True,
        )
        form = {name: [str(value)] for name, value in given.items()}
        if self.categories is not None:
            form["sections"] = ["some" if self.categories else "all"]
            form["category"] = list(self.categories)
        return form


class Done(Shape):
    """The result of a change of a person."""

    is_changed: bool
    """False: it was so before."""
