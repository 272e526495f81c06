"""The values that templates can use, cleaned and ready to print. See docs/template-variables.md.

A template gets two variables, `letter` and `subscriber`; it has no access to settings, the store or
actions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from html import escape
from typing import NoReturn

from digest.letter.plain import one_line
from digest.letter.printing.places import Place, unknown_name
from digest.letter.printing.theme import Palette


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteView:
    """A quoted comment."""

    name: str
    text: str
    #: Link to the comment; empty if unknown.
    url: str
    #: The commenter whom it answers, and the first words of that comment; empty if it answers none.
    answers_name: str = ""
    answers_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """Another feed with the same story."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """A post."""

    title: str
    url: str
    #: May be empty.
    author: str
    #: The weekday within the last seven days: `Tuesday`; else `Nov 17`, with a no-break space;
    #: with its year if that is not the letter's: `Nov 17, 2025`.
    date: str
    #: Reading time in minutes; 0 if unknown or under three.
    minutes: int
    #: Plain text; may be empty. The lines of a verse are separated by line breaks.
    excerpt: str
    #: Number of comments.
    comments: int
    #: Link to the comments; empty if it is unknown whether there are any, so print nothing.
    comments_url: str
    #: Empty if there is no image.
    image_url: str
    image_alt: str
    #: Height of the lead's image in pixels; 0 to keep its own shape.
    image_height: int
    #: The section of the top story; empty for other stories.
    kicker: str = ""
    #: At most two.
    quotes: tuple[QuoteView, ...]
    #: Other feeds with the same story.
    also_at: tuple[PlaceView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A category and its posts."""

    name: str
    #: `id` of the section on the web page, and, with `-more`, of its list of `more`.
    anchor: str
    stories: tuple[StoryView, ...]
    #: Posts left out of the mail because there is no room.
    more: tuple[StoryView, ...]
    #: Posts with only their title: the few beyond the section's limit, or for lack of room.
    titles: tuple[StoryView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceView:
    """One answer to the poll."""

    label: str
    #: Opens a page; following the link does not vote.
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
class AnswerView:
    """The share of one answer to the previous edition's poll."""

    label: str
    #: Whole percent; those of all answers add up to 100.
    percent: int
    #: The same as printed: `62%`.
    share: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsView:
    """The answers to the previous edition's poll."""

    question: str
    #: Two to five.
    answers: tuple[AnswerView, ...]
    #: Number of people who answered.
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportView:
    """The line that asks for support."""

    text: str
    link: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomView:
    """A block of the editor's own text."""

    #: May be empty.
    title: str
    paragraphs: tuple[str, ...]
    #: Text and address of the link; both empty without a link.
    link: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeView:
    """The look of the letter."""

    #: Colours by role: `canvas`, `paper`, `ink`, `text`, `muted`, `accent`, `quoted`, `quote`,
    #: `bar`,
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
    #: Pixels; 0 for the logo's own size.
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
    #: Type size of the name in pixels on a desktop and on a phone, by the length of the name.
    size: int
    phone_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsView:
    """One line of "In this edition"."""

    #: The section.
    name: str
    #: The title of its first post.
    headline: str
    #: Link to the section on the web page.
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlsView:
    """Links of a letter; each is empty if there is no such page."""

    #: The letter as a web page; empty on that page.
    web: str
    preferences: str
    leave: str
    policy: str
    #: The newsletter's own page, where anybody can subscribe.
    subscribe: str
    #: The list of past editions; empty if they are not public.
    archive: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourView:
    """The edition before or after another one in the archive."""

    number: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveView:
    """The facts that only the public page of a past edition has."""

    #: The page's own address.
    url: str
    #: The Atom feed of the archive.
    feed: str
    #: The picture for social networks; empty without one.
    image_url: str
    #: When its first mail left, such as `2026-11-23T12:00:00+00:00`.
    published: str
    #: Whether search engines may list the page.
    is_indexed: bool
    #: None if it is the first edition.
    older: NeighbourView | None
    #: None if it is the newest edition.
    newer: NeighbourView | None


class SubscriberView:
    """The places for the subscriber's own values, which a template prints as `subscriber.NAME`."""

    __slots__ = ("_draw", "_known")

    def __init__(self, known: Collection[str], draw: Callable[[Place], str]) -> None:
        """Set the names that exist, and the function that returns the text of a place."""
        self._known = known
        self._draw = draw

    def __getattr__(self, name: str) -> OwnPlace:
        """Return the place of a value.

        Raises:
            ValueError: no field has this name.
        """
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._known:
            raise ValueError(unknown_name(name, self._known))
        return OwnPlace(Place(name=name), self._draw)

    def __str__(self) -> str:
        raise ValueError("print one of its values, such as {{ subscriber.name }}")


class OwnPlace:
    """A place that a template can print, and give a fallback; anything else is an error.

    The template runs once for many subscribers, so it cannot know their values.
    """

    __slots__ = ("_draw", "_place")

    def __init__(self, place: Place, draw: Callable[[Place], str]) -> None:
        self._place = place
        self._draw = draw

    def with_fallback(self, fallback: str) -> OwnPlace:
        """Return the same place, which prints `fallback` for subscribers without the value."""
        return OwnPlace(replace(self._place, fallback=one_line(fallback)), self._draw)

    def __str__(self) -> str:
        return self._draw(self._place)

    def __html__(self) -> str:
        """Return the text of the place for HTML."""
        return escape(self._draw(self._place))

    def _refuse(self, *_operands: object) -> NoReturn:
        raise ValueError(
            f"subscriber.{self._place.name} is filled in after the template has run; print it"
            f' as {{{{ subscriber.{self._place.name} | default("…") }}}}, do not compute with it'
        )

    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = _refuse
    __eq__ = __ne__ = _refuse
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterView:
    """One letter."""

    #: BCP 47 tag of the letter's own words.
    language: str
    #: BCP 47 tag of the posts; it differs if the subscriber chose another, or it has no words.
    post_language: str
    #: `ltr` or `rtl`.
    direction: str
    #: Factor for every type size: 1 or 1.25.
    scale: float
    #: True on the web page, False in the mail.
    for_web: bool
    subject: str
    preheader: str
    brand: BrandView
    #: Such as `Friday, November 20, 2026`.
    date: str
    number: int
    #: Number of stories shown.
    count: int
    intro: tuple[str, ...]
    #: Name that signs the intro; may be empty.
    editor: str
    #: "In this edition": a line for each section; empty in a short letter.
    contents: tuple[ContentsView, ...]
    #: The top story; None if there is none.
    lead: StoryView | None
    sections: tuple[SectionView, ...]
    #: Three stories of which nobody is quoted; empty if fewer were discussed.
    most_discussed: tuple[StoryView, ...]
    #: The answers to the previous edition's poll; None if there are none, or too few.
    poll_results: ResultsView | None
    poll: PollView | None
    custom: tuple[CustomView, ...]
    support: SupportView | None
    theme: ThemeView
    urls: UrlsView
    #: The subscriber's address; empty on the web page.
    recipient: str
    #: The day the subscriber joined; empty on the web page.
    joined: str
    #: The same with its preposition, behind a word without a space: ` on March 3, 2025`. Empty if
    #: the day is not known, and on the web page.
    since: str
    postal_address: str
    #: Whether somebody reads replies to the mail.
    reads_replies: bool
    #: Templates get it as `subscriber`.
    subscriber: SubscriberView
    #: Facts of the public page of a past edition; None in the mail and for a subscriber's own page.
    archive: ArchiveView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A plain mail to the people who run the newsletter: `notice` in its template."""

    #: One line about the event; also the subject.
    headline: str
    #: What to do, line by line; may be empty.
    lines: tuple[str, ...]
    #: Name of the sending site.
    site: str
    #: Public address of the web pages.
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """A short mail to one subscriber, such as a confirmation: `note` in its templates."""

    #: BCP 47 tag, and `ltr` or `rtl`.
    language: str
    direction: str
    #: The newsletter's name, and its page; the page may be empty.
    title: str
    home_url: str
    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    #: The words and the link of the button; both empty without one.
    button: str
    url: str
    #: The words and the address of each further link.
    links: tuple[tuple[str, str], ...]
    #: Small print below the links.
    small: tuple[str, ...]
    postal_address: str
    theme: ThemeView
