"""What the templates see: plain values, cleaned and ready to print. See docs/template-variables.md.

A template gets one name, `letter`; no settings, no store, nothing that acts.
"""

from __future__ import annotations

from dataclasses import dataclass

from digest.letter.printing.theme import Palette


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteView:
    """A subscriber's comment."""

    name: str
    text: str
    #: The comment itself; empty where unknown.
    url: str
    #: Whom it answers, and the first words of what they said; both empty where it stands alone.
    answers_name: str = ""
    answers_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """Another place that tells the same story."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """A post."""

    title: str
    url: str
    #: May be empty.
    author: str
    #: Such as `Nov 17`, without a breaking space.
    date: str
    #: Reading time; 0 where unknown.
    minutes: int
    #: Plain text; may be empty.
    excerpt: str
    #: How many comments there are.
    comments: int
    #: Empty where nobody knows of comments: then say nothing of them.
    comments_url: str
    #: Empty: no image.
    image_url: str
    image_alt: str
    #: Of the lead's, as shown; 0: as high as it is in its own shape.
    image_height: int
    #: At most two.
    quotes: tuple[QuoteView, ...]
    #: Other posts that tell the same.
    also_at: tuple[PlaceView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A category and its posts."""

    name: str
    #: Where the web page lists `more`.
    anchor: str
    stories: tuple[StoryView, ...]
    #: Posts left out of the mail for want of room.
    more: tuple[StoryView, ...]
    #: Posts of which only the title is printed, for want of room.
    titles: tuple[StoryView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceView:
    """One answer to the poll."""

    label: str
    #: Opens a page; votes nothing by itself.
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PollView:
    """A question to the subscribers."""

    question: str
    #: Two to five.
    choices: tuple[ChoiceView, ...]
    #: May be empty.
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportView:
    """The line that asks for support."""

    text: str
    link: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomView:
    """Words of the editor's own."""

    #: May be empty.
    title: str
    paragraphs: tuple[str, ...]
    #: Both empty without a link.
    link: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeView:
    """How the letter looks."""

    #: Colours by role: `canvas`, `paper`, `ink`, `text`, `muted`, `accent`, `quote`, `bar`,
    #: `hairline`, `panel`, `panel_ink`, `panel_label`, `panel_note`, `button`, `button_label`,
    #: `blocked`.
    light: Palette
    #: The same roles in dark mode.
    dark: Palette
    #: Font stacks.
    serif: str
    sans: str
    #: Empty without a logo.
    logo_url: str
    #: Pixels; 0: as large as it is.
    logo_width: int
    logo_height: int
    #: `text`, `logo` or `both`.
    masthead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandView:
    """The masthead."""

    name: str
    #: May be empty.
    tagline: str
    #: May be empty.
    home_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlsView:
    """Pages behind a letter; each is empty where there is none."""

    #: The letter as a page. Empty on that page.
    web: str
    preferences: str
    leave: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterView:
    """One letter."""

    #: BCP 47 tag.
    language: str
    #: `ltr` or `rtl`.
    direction: str
    #: Factor of every type size: 1 or 1.25.
    scale: float
    #: True on the web page, False in the mail.
    for_web: bool
    subject: str
    preheader: str
    brand: BrandView
    #: Such as `Friday, November 20, 2026`.
    date: str
    number: int
    #: Stories shown.
    count: int
    intro: tuple[str, ...]
    #: Signs the intro; may be empty.
    editor: str
    #: The promoted story; None without one.
    lead: StoryView | None
    sections: tuple[SectionView, ...]
    #: Three to five, or none.
    most_discussed: tuple[StoryView, ...]
    poll: PollView | None
    custom: tuple[CustomView, ...]
    support: SupportView | None
    theme: ThemeView
    urls: UrlsView
    #: The subscriber's address; empty on the web page.
    recipient: str
    #: The day the subscriber joined; empty on the web page.
    joined: str
    postal_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A plain mail to the people who run the newsletter: `notice` in its template."""

    #: What happened, in one line; also the subject.
    headline: str
    #: What to do, line by line; may be empty.
    lines: tuple[str, ...]
    #: Who sends.
    site: str
    #: Where the public pages are.
    base_url: str
