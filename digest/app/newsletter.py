"""A newsletter of the configuration, with all that its editions need, each part on first use."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from digest.app import parts
from digest.config import NewsletterConfig
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.app.wiring import App
    from digest.letter.addresser import MailIdentity
    from digest.letter.note import NoteWriter
    from digest.letter.writer import LetterWriter
    from digest.newsroom.context import Cadence
    from digest.pipeline.audience import AudienceRule
    from digest.pipeline.judging import Judge
    from subscribers.segments import Segment


class ConfiguredNewsletter:
    """A newsletter of the configuration as the newsroom's `NewsletterContext`."""

    def __init__(self, app: App, config: NewsletterConfig) -> None:
        self._app = app
        self.config = config

    @property
    def name(self) -> str:
        """The name in the configuration."""
        return self.config.name

    @property
    def title(self) -> str:
        """The name as printed."""
        return self.config.title

    @property
    def timezone(self) -> str:
        """The IANA name of the time zone."""
        return self.config.timezone

    @property
    def categories(self) -> tuple[str, ...]:
        """The sections, in order."""
        return self.config.categories

    @property
    def is_reviewed(self) -> bool:
        """Whether an edition needs approval."""
        return self.config.review == "required"

    @cached_property
    def cadences(self) -> tuple[Cadence, ...]:
        """The cadences; new subscribers get the first."""
        return parts.composing.cadences_of(self._app.config, self.config)

    def cadence(self, name: str) -> Cadence:
        """Return the cadence with a name; for an empty name, the first cadence.

        Raises:
            UsageError: there is no such cadence.
        """
        known = {cadence.name: cadence for cadence in self.cadences}
        if not name:
            return self.cadences[0]
        if name not in known:
            raise UsageError(
                f"newsletter {self.name!r} has no cadence {name!r}; use one of: {', '.join(known)}"
            )
        return known[name]

    @property
    def segment(self) -> Segment:
        """The part of its subscribers that it is for."""
        return parts.composing.segment_of(self._app.config, self.config)

    def audience_of(self, cadence: str, local_at: str) -> AudienceRule:
        """Return the rule for who gets the edition of a slot, and when."""
        return parts.composing.audience_of(self._app.config, self.config, cadence, local_at)

    @cached_property
    def identity(self) -> MailIdentity:
        """The sender of its mails, and the address of their links."""
        return parts.identity.mail_identity_of(self._app, self.config)

    @cached_property
    def writer(self) -> LetterWriter:
        """Writes the letters."""
        return parts.printing.letter_writer_of(self._app, self.config)

    @cached_property
    def note_writer(self) -> NoteWriter:
        """Writes mails to one subscriber outside an edition."""
        return parts.printing.note_writer_of(self._app, self)

    @property
    def has_welcome(self) -> bool:
        """Whether a new subscriber is mailed the newest edition."""
        return self.config.welcome

    @property
    def feeds(self) -> frozenset[str]:
        """The addresses of the feeds with posts for this newsletter."""
        wanted = set(self.config.categories)
        return frozenset(feed.url for feed in self._app.config.feeds if feed.targets & wanted)

    @property
    def max_age(self) -> timedelta:
        """The time after its hour in which a mail is still sent."""
        return self.config.max_age

    @property
    def max_window(self) -> timedelta:
        """The longest window of a subscriber."""
        return self.config.max_window

    @cached_property
    def judge(self) -> Judge | None:
        """Its own judge of comments; None if it has none."""
        name = self.config.policy.judge
        return parts.judging.installed_judge(name) if name else None

    @property
    def max_jump(self) -> float:
        """The largest change of the audience, as a share of the last one, that is not blocked."""
        return self.config.max_audience_jump

    @property
    def testers(self) -> tuple[str, ...]:
        """The addresses that the desk may send test mails to."""
        return self.config.testers

    @property
    def approvers(self) -> tuple[str, ...]:
        """The addresses that are notified if an edition waits for approval."""
        return self.config.approvers
