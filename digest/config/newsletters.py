"""The keys of one newsletter: content, schedule, design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.utils import parseaddr
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from digest.config.fields import AudienceConfig
from digest.config.part import Part
from digest.config.values import (
    Duration,
    Language,
    Line,
    MailAddress,
    Mailbox,
    Name,
    ScheduleText,
    SenderAddress,
    WebAddress,
    ZoneName,
    as_tuple,
    not_blank,
    not_empty,
)
from digest.letter.printing import theme
from digest.letter.printing.places import find_faults, known_names
from digest.models import Theme
from subscribers.fields import Field as FieldRule
from subscribers.fields import FieldError, parse_value, unknown_field


class PolicyConfig(Part):
    """The comments policy."""

    #: Names of commenters who asked not to be quoted.
    no_quote: tuple[str, ...] = ()
    #: Words that exclude a comment, in addition to the built-in lists.
    blocked_words: tuple[str, ...] = ()
    #: `hold`: the first comment under a name waits for an editor's decision.
    first_time: Literal["show", "hold"] = "show"
    #: How strictly the tone of comments is judged.
    civility: Literal["strict", "normal", "lenient"] = "normal"
    #: Name of an installed judge of comments, asked in addition to the built-in rules.
    judge: Line = ""


Words = Annotated[Line, AfterValidator(not_blank)]


class PollConfig(Part):
    """A question to the subscribers."""

    #: Mailed once; the next edition has the results.
    question: Words
    #: Two to five answers.
    choices: Annotated[tuple[Words, ...], Field(min_length=2, max_length=5)]
    #: A line below the answers.
    note: Line = ""


class SupportConfig(Part):
    """The line that asks for support."""

    #: The sentence that asks.
    text: Words
    #: The words of the link.
    link: Words
    #: Where the link leads.
    url: WebAddress


class CustomConfig(Part):
    """A block of the editor's text after the posts."""

    #: The heading of the block.
    title: Line = ""
    #: The paragraphs.
    text: Annotated[tuple[str, ...], BeforeValidator(as_tuple), AfterValidator(not_empty)]
    #: The words of the link; needs `url`.
    link: Line = ""
    #: Where the link leads; needs `link`.
    url: WebAddress | None = None

    @model_validator(mode="after")
    def _has_both_or_neither(self) -> Self:
        if bool(self.link) != (self.url is not None):
            raise ValueError("needs both link (the words) and url (the address), or neither")
        return self


class ThemeConfig(Part):
    """The design of a newsletter; keys that are not set keep the built-in design."""

    #: By role, as `#rrggbb`; see docs/template-variables.md for the roles.
    colours: dict[str, str] = Field(default_factory=dict)
    #: The same in dark mode.
    dark: dict[str, str] = Field(default_factory=dict)
    #: Fonts of titles and text, as in CSS.
    serif: Line = ""
    #: Fonts of the small print, as in CSS.
    sans: Line = ""
    #: The URL of the logo.
    logo: WebAddress | None = None
    #: Width of the logo in pixels.
    logo_width: int = Field(default=0, ge=0, le=600)
    #: Height of the logo in pixels; 0: by its width.
    logo_height: int = Field(default=0, ge=0, le=400)
    #: What the top of the mail shows: the title, the logo or both.
    masthead: Literal["text", "logo", "both"] = "text"

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        faults = theme.find_faults(self.to_theme())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def to_theme(self) -> Theme:
        """Return the theme as an edition stores it."""
        dark = {f"{theme.DARK}{role}": colour for role, colour in self.dark.items()}
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
    #: The title of the newsletter, in mails and on pages.
    title: Line
    #: A line below the title.
    tagline: Line = ""
    #: The sender of the mails.
    sender: Mailbox = Field(alias="from")
    #: A mailbox that a person reads. None: the sender's.
    reply_to: SenderAddress | None = None
    categories: Annotated[tuple[str, ...], AfterValidator(not_empty)]
    #: The schedule of the only cadence; otherwise use `cadences`.
    schedule: ScheduleText | None = None
    #: Schedules by name; new subscribers get the first.
    cadences: dict[Name, ScheduleText] = Field(default_factory=dict)
    #: The zone of the schedule, as named by IANA.
    timezone: ZoneName = "UTC"
    #: Language of the words around the posts; a country sets the dates: `en-GB`, "23 November".
    language: Language = "en"
    #: The website, linked from each mail.
    home_url: WebAddress | None = None
    #: The page of your policy on comments.
    policy_url: WebAddress | None = None
    intro: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ()
    editor: Line = ""
    #: `serve` and `folder`: smaller copies of the images, published by the operator.
    images: Literal["hotlink", "serve", "folder", "none"] = "hotlink"
    #: Whether past editions are public pages.
    archive: bool = False
    #: Whether search engines are asked not to list these pages.
    archive_noindex: bool = False
    min_posts: int = Field(default=1, ge=1)
    max_posts_per_category: int = Field(default=5, ge=1, le=25)
    #: In a section, posts above this number by one author or feed come last. 0: no limit.
    max_posts_per_author: int = Field(default=0, ge=0)
    max_posts_per_feed: int = Field(default=0, ge=0)
    #: Quotes below a post, and below the one at the top.
    top_comments_per_post: int = Field(default=1, ge=0, le=2)
    top_comments_lead: int = Field(default=2, ge=0, le=2)
    #: How long after its scheduled time a mail is still tried.
    max_age: Duration = timedelta(hours=24)
    #: The longest window; a subscriber further behind gets only the posts of this period.
    max_window: Duration = timedelta(weeks=5)
    #: Whether an edition waits for a person's approval.
    review: Literal["auto", "required"] = "auto"
    #: How long before its slot an edition that needs approval is composed.
    draft_lead: Duration = timedelta(hours=24)
    #: How long after its slot an edition still waits for approval.
    approve_within: Duration = timedelta(hours=12)
    #: How late an edition may still be sent after an outage.
    catch_up: Duration = timedelta(hours=24)
    #: `local`: at the scheduled hour in each subscriber's time zone.
    deliver: Literal["together", "local"] = "together"
    #: With more variants than this, the rarest windows are widened.
    max_variants: int = Field(default=500, ge=1)
    #: The largest change of the audience from the last edition, as a share; above it, the edition
    #: is blocked.
    max_audience_jump: float = Field(default=0.5, gt=0)
    #: Whether a new subscriber is mailed the newest edition after the confirmation.
    welcome: bool = False
    #: Mail addresses that are notified of an edition that waits for approval.
    approvers: Annotated[tuple[MailAddress, ...], BeforeValidator(as_tuple)] = ()
    #: Mail addresses that the desk may send test mails to; it may also send them to approvers.
    testers: Annotated[tuple[MailAddress, ...], BeforeValidator(as_tuple)] = ()
    policy: PolicyConfig = PolicyConfig()
    poll: PollConfig | None = None
    support: SupportConfig | None = None
    custom: tuple[CustomConfig, ...] = ()
    theme: ThemeConfig = ThemeConfig()
    #: The part of its subscribers that gets it. None: all.
    audience: AudienceConfig | None = None

    @model_validator(mode="after")
    def _has_one_kind_of_schedule(self) -> Self:
        if (self.schedule is None) == (not self.cadences):
            raise ValueError("needs either schedule or cadences")
        return self

    def field_faults(self, fields: Mapping[str, FieldRule]) -> Iterator[tuple[str, str]]:
        """Yield each use of a field that does not exist, or cannot have a value: key and fault.

        Args:
            fields: the fields by name.
        """
        known = known_names(fields)
        for place, text in self._editors_texts():
            for fault in find_faults(text, known):
                yield place, fault
        for name, values in (self.audience.field if self.audience else {}).items():
            place = f"audience.field.{name}"
            if name not in fields:
                yield place, unknown_field(name, fields)
                continue
            for value in values:
                try:
                    if not parse_value(fields[name], value):
                        yield place, "must not be empty"
                except FieldError as error:
                    yield place, f"{value!r} {error}"

    def _editors_texts(self) -> Iterator[tuple[str, str]]:
        """Yield the texts that may print a subscriber's own values, with their keys."""
        for text in self.intro:
            yield "intro", text
        if self.support is not None:
            yield "support.text", self.support.text
            yield "support.link", self.support.link
        for block in self.custom:
            yield "custom.title", block.title
            yield "custom.link", block.link
            for text in block.text:
                yield "custom.text", text

    @property
    def sender_address(self) -> str:
        """The address in `from`, without the name."""
        return parseaddr(self.sender)[1]

    @property
    def named_schedules(self) -> Mapping[str, str]:
        """The cadences in order, the first for new subscribers; `schedule` alone is `weekly`."""
        return self.cadences or {"weekly": self.schedule or ""}
