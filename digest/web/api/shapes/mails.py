"""The shapes of mails: previews, progress of a send, deliveries, test mails."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from digest.models import DeliveryState, EditionState, Resolution
from digest.newsroom.desk.sending import ListedDelivery, SendingPage
from digest.web.api.shapes.base import Line, Shape, Wanted
from digest.web.api.shapes.editions import Finding


class Addressee(Shape):
    """A person whose mail can be shown."""

    who: str
    """Send it as `who`."""
    label: str


class Header(Shape):
    """One header of a message, decoded."""

    name: str
    value: str


class Preview(Shape):
    """The exact mail that a person gets, with links that do nothing."""

    edition_id: int
    who: str
    why: str
    """The reason why this person gets no mail of it; empty if they do."""
    people: list[Addressee]
    """The stock people of this edition."""
    subject: str
    sender: str
    headers: list[Header]
    html: str
    text: str
    size: int
    """Bytes of the whole message."""
    findings: list[Finding]


class Find(Wanted):
    """An address to look for; in the body, so that no log has it."""

    address: Line


class Found(Shape):
    """The key by which a preview opens the mail of a subscriber."""

    who: str


class Counts(Shape):
    """The number of deliveries in each state."""

    frozen: int
    pending: int
    claimed: int
    handing: int
    sent: int
    deferred: int
    failed: int
    unknown: int
    skipped: int
    open: int


class ReasonCount(Shape):
    """The mails that ended, or wait, for one reason."""

    state: DeliveryState
    reason: str
    meaning: str
    count: int


class Hold(Shape):
    """A reason why nothing is sent at this moment, and the way to change that."""

    reason: str
    until: datetime | None
    release: str


class Order(Shape):
    """An order to send an edition."""

    edition_id: int
    at: datetime
    actor: str
    is_at_once: bool
    any_audience: bool
    ended_at: datetime | None
    """Null while it waits for `digest run`."""
    problem: str
    """The reason why it could not be carried out; empty if it was, or waits."""


class Sending(Shape):
    """The progress of the send of an edition."""

    edition: int
    state: EditionState
    paused_reason: str
    deliveries: Counts
    counted_at: datetime | None
    """When they were counted, if the send has ended; null: now."""
    percent: int
    reasons: list[ReasonCount]
    rate: float
    """Mails per second in the last minutes; 0 if nothing is sent."""
    done_at: datetime | None
    holds: list[Hold]
    is_service_running: bool
    order: Order | None
    frozen_at: datetime | None
    finished_at: datetime | None
    waiting: int
    """Subscribers who get no edition until its unknown mails are resolved."""

    @classmethod
    def of_page(cls, page: SendingPage) -> Sending:
        """Return the shape of the page of a send."""
        progress = page.progress
        return cls.of(page, progress, edition=progress.edition_id, deliveries=progress.accounting)


class Send(Wanted):
    """The options of an order to send an edition."""

    now: bool = False
    """Before its hour, and every mail at the same time."""
    any_audience: bool = False
    """Although its audience differs much from the last one."""


class Resolve(Wanted):
    """The decision about mails that were handed over and never answered."""

    how: str = Field(pattern="^(resend|assume_sent|assume_lost)$")
    unknown: int = Field(ge=0, lt=2**31)
    """The number of unknown mails, as shown: it proves that it was looked at."""

    @property
    def resolution(self) -> Resolution:
        """The decision."""
        return Resolution[self.how.upper()]


class Resolved(Shape):
    """The mails that were settled."""

    edition: int
    resolved: int
    how: str
    state: EditionState
    waited: int
    """Subscribers who got no edition because of these and get editions again."""
    uncovered: int


class Test(Wanted):
    """The recipients of a test mail."""

    to: list[Line] = Field(min_length=1, max_length=10)
    """Addresses of the newsletter's testers."""
    as_address: Line = ""
    """The subscriber whose mail it is; needs the right `people`. Empty: all categories."""


class TestResult(Shape):
    """The result of one test mail."""

    address: str
    """Masked."""
    result: str
    reply: str | None
    """The answer of the relay; null without the right `people`, because it may have an address."""


class TestResults(Shape):
    """The results of test mails."""

    mails: list[TestResult]


class Delivery(Shape):
    """One delivery of an edition."""

    id: int
    subscriber_id: int
    address: str | None
    """Null without the right `people`; empty if the person was erased."""
    subject: str
    state: DeliveryState
    reason: str
    attempts: int
    reply_code: int | None
    reply_text: str | None
    """The answer of the server; null without the right `people`, because it may have an address."""
    relay: str
    not_before: datetime
    handing_at: datetime | None
    next_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of_row(cls, row: ListedDelivery, *, sees_people: bool) -> Delivery:
        """Return the shape of a row, with personal values only if they may be seen."""
        hidden = {} if sees_people else {"address": None, "reply_text": None}
        return cls.of(row, **hidden)


class Deliveries(Shape):
    """A page of the deliveries of an edition."""

    deliveries: list[Delivery]
    next: str
    """`cursor` of the next page; empty if this is the last."""


class PastDelivery(Shape):
    """One edition's mail to one person."""

    edition_id: int
    newsletter: str
    cadence: str
    number: int
    local_at: str
    edition_state: EditionState
    subject: str
    state: DeliveryState
    reason: str
    attempts: int
    reply_code: int | None
    reply_text: str
    relay: str
    not_before: datetime
    handing_at: datetime | None
    next_at: datetime | None
    ended_at: datetime | None
    meaning: str
    queue_id: str
    answer: str
    """The words for a subscriber who says "I did not get it"."""


class Absence(Shape):
    """An edition that a person has no delivery of, and why."""

    edition_id: int
    newsletter: str
    number: int
    local_at: str
    reason: str
    meaning: str
