"""The keys of one newsletter: what is in it, when it comes, how it looks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from digest.config.part import Part
from digest.config.values import (
    Duration,
    Language,
    Line,
    MailAddress,
    Mailbox,
    Name,
    ScheduleText,
    WebAddress,
    ZoneName,
    as_tuple,
    not_blank,
    not_empty,
)
from digest.letter.printing.theme import DARK, find_faults
from digest.models import Theme


class PolicyConfig(Part):
    """The comments policy."""

    #: Names of commenters who asked not to be quoted.
    no_quote: tuple[str, ...] = ()
    #: Words that keep a comment out, beside the shipped lists.
    blocked_words: tuple[str, ...] = ()
    #: `hold`: the first comment under a name waits for an editor.
    first_time: Literal["show", "hold"] = "show"


Words = Annotated[Line, AfterValidator(not_blank)]


class PollConfig(Part):
    """A question to the subscribers."""

    question: Words
    choices: Annotated[tuple[Words, ...], Field(min_length=2, max_length=5)]
    note: Line = ""


class SupportConfig(Part):
    """The line that asks for support."""

    text: Words
    link: Words
    url: WebAddress


class CustomConfig(Part):
    """A block of the editor's own words after the posts."""

    title: Line = ""
    text: Annotated[tuple[str, ...], BeforeValidator(as_tuple), AfterValidator(not_empty)]
    link: Line = ""
    url: WebAddress | None = None

    @model_validator(mode="after")
    def _has_both_or_neither(self) -> Self:
        if bool(self.link) != (self.url is not None):
            raise ValueError("link and url go together: the words, and where they lead")
        return self


class ThemeConfig(Part):
    """How a newsletter looks; what is not named is the design's own."""

    #: By role, as `#rrggbb`; see docs/template-variables.md for the roles.
    colours: dict[str, str] = Field(default_factory=dict)
    #: The same in dark mode.
    dark: dict[str, str] = Field(default_factory=dict)
    serif: Line = ""
    sans: Line = ""
    logo: WebAddress | None = None
    logo_width: int = Field(default=0, ge=0, le=600)
    logo_height: int = Field(default=0, ge=0, le=400)
    masthead: Literal["text", "logo", "both"] = "text"

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        faults = find_faults(self.to_theme())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def to_theme(self) -> Theme:
        """Give the theme that an edition carries."""
        dark = {f"{DARK}{role}": colour for role, colour in self.dark.items()}
        return Theme(
            colours=tuple(sorted((self.colours | dark).items())),
            serif=self.serif,
            sans=self.sans,
            logo_url=self.logo or "",
            logo_width=self.logo_width,
            logo_height=self.logo_height,
            masthead=self.masthead,
        )


class NewsletterConfig(Part):
    """One newsletter."""

    name: Name
    title: Line
    tagline: Line = ""
    sender: Mailbox = Field(alias="from")
    #: A mailbox that somebody reads; none: the sender's.
    reply_to: MailAddress | None = None
    categories: Annotated[tuple[str, ...], AfterValidator(not_empty)]
    #: Short for a single cadence.
    schedule: ScheduleText | None = None
    #: Named schedules; new subscribers get the first.
    cadences: dict[Name, ScheduleText] = Field(default_factory=dict)
    timezone: ZoneName = "UTC"
    #: Of the words around the posts; with a country, its dates: `en-GB` has "23 November".
    language: Language = "en"
    home_url: WebAddress | None = None
    policy_url: WebAddress | None = None
    intro: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ()
    editor: Line = ""
    #: `serve` and `folder`: made smaller, from a place of our own.
    images: Literal["hotlink", "serve", "folder", "none"] = "hotlink"
    min_posts: int = Field(default=1, ge=1)
    max_posts_per_category: int = Field(default=5, ge=1, le=25)
    #: In a section others come before what is more of one author or feed; 0: no matter.
    max_posts_per_author: int = Field(default=0, ge=0)
    max_posts_per_feed: int = Field(default=0, ge=0)
    top_comments_per_post: int = Field(default=2, ge=0, le=2)
    #: How long after its hour a mail is still tried.
    max_age: Duration = timedelta(hours=24)
    #: A subscriber who is further behind gets what is newer.
    max_window: Duration = timedelta(weeks=5)
    #: Whether an edition waits for a person's approval.
    review: Literal["auto", "required"] = "auto"
    #: How long before its slot an edition that needs approval is drafted.
    draft_lead: Duration = timedelta(hours=24)
    #: How long after its slot an edition still waits for approval.
    approve_within: Duration = timedelta(hours=12)
    #: After an outage: how late an edition may still come.
    catch_up: Duration = timedelta(hours=24)
    #: `local`: at the schedule's hour in each subscriber's own zone.
    deliver: Literal["together", "local"] = "together"
    #: More variants than this: the rarest windows are widened.
    max_variants: int = Field(default=500, ge=1)
    #: An audience that differs by more than this share from the last edition's is held.
    max_audience_jump: float = Field(default=0.5, gt=0)
    #: Told when an edition waits for approval.
    approvers: Annotated[tuple[MailAddress, ...], BeforeValidator(as_tuple)] = ()
    policy: PolicyConfig = PolicyConfig()
    poll: PollConfig | None = None
    support: SupportConfig | None = None
    custom: tuple[CustomConfig, ...] = ()
    theme: ThemeConfig = ThemeConfig()

    @model_validator(mode="after")
    def _has_one_kind_of_schedule(self) -> Self:
        if (self.schedule is None) == (not self.cadences):
            raise ValueError("needs either schedule or cadences")
        return self

    @property
    def named_schedules(self) -> Mapping[str, str]:
        """Cadences in order, the first for new subscribers; a single schedule is `weekly`."""
        return self.cadences or {"weekly": self.schedule or ""}
