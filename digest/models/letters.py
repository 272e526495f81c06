"""What a group of subscribers gets, and one mail to one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.editions import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One category as a variant prints it."""

    name: str
    stories: tuple[Story, ...]
    #: Left out by the cap; listed by title on the web view.
    more: tuple[Story, ...] = ()
    #: For want of room printed as a line with the title alone.
    titles: tuple[Story, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What one group of subscribers gets of an edition."""

    #: Hash of the stories shown with their trims, the language and the text size.
    key: str
    subject: str
    preheader: str
    #: Above the sections, and not in them; None where no story is promoted.
    lead: Story | None
    sections: tuple[Section, ...]
    #: Three to five, most comments first; empty where there are fewer.
    most_discussed: tuple[Story, ...]
    #: Stories shown, `more` not counted.
    count: int
    language: str
    #: `normal` or `large`.
    text_size: str = "normal"
    #: What was cut to keep within the size budget, step by step; for the editor.
    trims: tuple[str, ...] = ()
    #: Where its subscribers' window starts: every story shown was learned of later.
    since_seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault that `check` found in a letter."""

    #: Stable id such as `E05`.
    rule: str
    #: True: the edition is held. False: shown only.
    is_error: bool
    #: Where: a part of the mail, a link, a line.
    place: str
    text: str
    #: The story that alone causes it, and may be left out; 0: the whole mail.
    post_id: int = 0
    #: What of the story causes it, and is left out first: `excerpt`, `image`, `alt`, `author`, a
    #: place that tells the same (`also:ID`), a comment (`quote:ID`) or its link alone (`link:ID`).
    #: Empty: the story itself.
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """What a message needs to know of the person it goes to."""

    subscriber_id: int
    #: Random and short; stands for the person in links.
    public_id: str
    address: str
    joined_at: datetime
    #: BCP 47 tag of what they read; empty: the newsletter's.
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail to one person, ready for the wire."""

    message_id: str
    #: Envelope sender (RFC 5321 MAIL FROM).
    sender: str
    #: Envelope recipient (RFC 5321 RCPT TO).
    recipient: str
    #: Whole message, CRLF line ends.
    content: bytes
