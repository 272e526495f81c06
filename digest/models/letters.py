"""The variant for a group of subscribers, and one mail to one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.editions import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One category as a variant prints it."""

    name: str
    stories: tuple[Story, ...]
    #: Omitted because of the limit; listed by title on the web view.
    more: tuple[Story, ...] = ()
    #: Printed as a line with only the title: the few beyond the limit, or because of the size.
    titles: tuple[Story, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The part of an edition that one group of subscribers gets."""

    #: Hash of the shown stories with their trims, the language and the text size.
    key: str
    subject: str
    preheader: str
    #: The story above the sections, and not in them; None if no story is promoted.
    lead: Story | None
    sections: tuple[Section, ...]
    #: Three stories of which nobody is quoted, most comments first; empty if there are fewer.
    most_discussed: tuple[Story, ...]
    #: The number of shown stories, without `more`.
    count: int
    language: str
    #: `normal` or `large`.
    text_size: str = "normal"
    #: The cuts made to keep the size limit, in order; for the editor.
    trims: tuple[str, ...] = ()
    #: The start of its subscribers' window; every shown story has a higher `seq`.
    since_seq: int = 0

    @property
    def stories(self) -> tuple[Story, ...]:
        """The stories with an excerpt: the lead and those of the sections."""
        lead = (self.lead,) if self.lead else ()
        return (*lead, *(story for section in self.sections for story in section.stories))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault that `check` found in a letter."""

    #: Stable id such as `E05`.
    rule: str
    #: True: the edition is blocked. False: a warning.
    is_error: bool
    #: The place of the fault: a part of the mail, a link, a line.
    place: str
    text: str
    #: Post id of the story that causes it and can be left out; 0: the mail as a whole.
    post_id: int = 0
    #: The part of the story that causes it and is left out first: `excerpt`, `image`, `alt`,
    #: `author`, a link to another post (`also:ID`), a comment (`quote:ID`) or only the comment's
    #: link (`link:ID`). Empty: the story itself.
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """The data of one subscriber that a message needs."""

    subscriber_id: int
    #: Random and short; identifies the person in links.
    public_id: str
    address: str
    #: The day of sign-up; None if only the day of an import is known.
    joined_at: datetime | None
    #: BCP 47 tag; empty: the newsletter's language.
    language: str = ""
    #: Their own values that the mail prints, and the name of each; sorted.
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail to one person, ready to be sent."""

    message_id: str
    #: Envelope sender (RFC 5321 MAIL FROM).
    sender: str
    #: Envelope recipient (RFC 5321 RCPT TO).
    recipient: str
    #: The complete message, with CRLF line ends.
    content: bytes
    #: Whether it is known that no line begins with a dot, so that none has to be doubled for SMTP.
    is_dot_free: bool = False
