"""The shapes of editions: their rows, variants, findings, approval and history."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from digest.models import EditionState
from digest.newsroom.desk.rows import EditionRow
from digest.web.api.shapes.base import Line, Shape, Wanted


class Edition(Shape):
    """One edition, without its content; nothing is counted for it."""

    id: int
    newsletter: str
    """The newsletter's name."""
    title: str
    """The newsletter's title."""
    cadence: str
    number: int
    state: EditionState
    paused_reason: str
    local_at: str
    """Wall clock of its slot in `timezone`, such as `2026-11-23T07:00`."""
    due_at: datetime
    timezone: str
    is_frozen: bool
    """Whether its deliveries exist, so that its content cannot change any more."""
    subject: str
    """Subject of the mail of all categories."""
    story_count: int
    older_count: int
    """Stories that only subscribers get who missed an edition; 0 after the freeze."""
    size: int | None
    """Bytes of that mail's HTML; null if it was never written, or is no longer kept."""
    error_count: int | None
    """Findings that block the edition; null if it was never checked."""
    warning_count: int | None
    audience: int | None
    """Number of its mails; before the freeze, of the subscribers at its last check."""
    is_last_audience: bool
    """Whether `audience` is that of the cadence's last edition."""
    outcomes: dict[str, int]
    """The number of its mails by state, if that is known without counting."""

    @classmethod
    def of_row(cls, row: EditionRow) -> Edition:
        """Return the shape of a row."""
        head = row.head
        return cls.of(
            row,
            head,
            newsletter=head.name,
            title=head.newsletter,
            local_at=head.slot,
            outcomes=dict(row.outcomes),
        )


class Editions(Shape):
    """A page of the editions, newest first."""

    editions: list[Edition]
    next: str
    """`cursor` of the next page; empty if this is the last."""


class Variant(Shape):
    """One variant: the mail of all subscribers with the same stories, language and text size."""

    who: str
    """By which a preview opens it."""
    key: str
    categories: list[str]
    """Empty: all sections."""
    since_seq: int
    language: str
    text_size: str
    subject: str
    story_count: int
    subscribers: int
    """Number of its mails; of a draft, of the subscribers at its check."""
    size: int | None
    """Bytes of its HTML; null after the freeze."""


class Variants(Shape):
    """The variants of an edition."""

    edition_id: int
    total: int
    """Number of all variants; 0 for a draft that was never checked."""
    variants: list[Variant]
    """All after the freeze; of a draft the three largest at its newest check."""


class Finding(Shape):
    """One fault that a check found."""

    rule: str
    is_error: bool
    """True: the edition is blocked. False: a warning."""
    place: str
    text: str
    post_id: int
    """The story that causes it and can be left out; 0: the mail as a whole."""
    part: str


class Findings(Shape):
    """The findings of an edition: at the newest check of a draft, or at the freeze."""

    edition_id: int
    made_at: datetime | None
    """Null: never checked."""
    hash: str
    """The hash by which exactly this content is approved; empty if there is none to approve."""
    is_current: bool
    """Whether nothing has changed since."""
    findings: list[Finding]
    left_out: list[str]


class Checked(Shape):
    """A draft that was written, checked and counted now."""

    edition: int
    hash: str
    """Send it with `approve`."""
    variants: int
    subscribers: int
    waiting: int
    """Subscribers further behind than the edition covers; they get no mail of it."""
    widened: int
    """Subscribers who get some stories again, to limit the number of variants."""
    jump: str
    """The way in which the audience differs too much from the last one; empty if it does not."""
    findings: list[Finding]
    left_out: list[str]


class Review(Shape):
    """The state of the approval of an edition."""

    edition_id: int
    number: int
    state: EditionState
    is_open: bool
    is_reviewed: bool
    """Whether the newsletter sends nothing without approval."""
    is_approved: bool
    void: str
    """The reason why an approval is void; empty if it is not."""
    can_approve: bool
    is_current: bool
    """Whether the newest check is of the present content."""
    sends_at: datetime
    is_due: bool
    is_local: bool
    timezone: str


class Approve(Wanted):
    """The approval of exactly the checked content."""

    hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    """`hash` of the check that was looked at."""
    subscribers: int = Field(ge=0, lt=2**31)
    """`subscribers` of that check: it shows that the audience was looked at."""


class Approval(Shape):
    """An approved edition."""

    edition_id: int
    approved_hash: str
    local_at: str
    timezone: str
    is_extra: bool
    subscribers: int
    variants: int


class State(Shape):
    """An edition and its state."""

    edition: int
    state: EditionState


class HistoryEntry(Shape):
    """One change of an edition."""

    at: datetime
    actor: str
    token: str
    """The name of the API token that the actor used; empty: none."""
    action: str
    detail: str


class History(Shape):
    """The changes of an edition, newest first."""

    entries: list[HistoryEntry]


class Pause(Wanted):
    """The reason for a pause."""

    reason: Line = Field(default="by the API", max_length=64)


class Cancel(Wanted):
    """The confirmation that an edition is cancelled."""

    number: int = Field(ge=0, lt=2**31)
    """`number` of the edition."""


class Held(Shape):
    """An edition after it was paused, resumed or cancelled."""

    edition: int
    state: EditionState
    open: int
    """Mails that are neither sent nor ended."""
    sent: int
    given_up: int
    """Mails that were cancelled."""
