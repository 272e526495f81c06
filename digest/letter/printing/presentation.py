"""Converts an edition to the views that templates print: cleaned text, dates and links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from digest.letter.plain import host_of, one_line, running_text
from digest.letter.planning.subject import shown_title
from digest.letter.planning.variants import lead_image
from digest.letter.printing.local import nest_quotation, post_date, weekday_date
from digest.letter.printing.masthead import PHONE_WIDTH, WIDTH, name_size
from digest.letter.printing.message import PlaceMarks
from digest.letter.printing.places import Place, known_names, print_places
from digest.letter.printing.site import LetterSite
from digest.letter.printing.theme import SANS, SERIF, palettes_of
from digest.letter.printing.view import (
    AnswerView,
    BrandView,
    ChoiceView,
    ContentsView,
    CustomView,
    LetterView,
    PlaceView,
    PollView,
    QuoteView,
    ResultsView,
    SectionView,
    StoryView,
    SubscriberView,
    SupportView,
    ThemeView,
    UrlsView,
)
from digest.models import (
    CustomBlock,
    Edition,
    Masthead,
    PollResults,
    Quote,
    Section,
    Story,
    Theme,
    Variant,
)
from digest.text.catalogue import translations_for
from digest.text.languages import direction_of
from digest.text.percents import percent_text
from digest.text.sentences import ends_sentence

MAX_QUOTE_NAME = 40
#: A letter with fewer posts has no "In this edition".
MIN_FOR_CONTENTS = 8
#: A shorter reading time is not worth a word.
_MIN_MINUTES = 3
#: Height in pixels of our own pictures at the top.
_LEAD_HEIGHT = 300
#: The scale of each text size.
_SCALES = {"normal": 1.0, "large": 1.25}
_NO_VALUES: Mapping[str, str] = {}


def build_view(
    edition: Edition,
    variant: Variant,
    site: LetterSite,
    marks: PlaceMarks | None,
    values: Mapping[str, str] = _NO_VALUES,
) -> LetterView:
    """Return the values to print.

    Args:
        edition: the edition, with its masthead, date and number.
        variant: the stories to show.
        site: the sending site.
        marks: the placeholders for the subscriber's own values; None for the web page, which has
            no subscriber.
        values: on the web page, the own values of the subscriber who sees it, by name.
    """
    draw = marks.mark_own if marks else partial(Place.fill, values=values)
    words = _Words(known_names(site.fields), draw)
    stories, masthead = _StoryViews(edition, variant, site), edition.masthead
    sections = tuple(stories.view_section(i, s) for i, s in enumerate(variant.sections, 1))
    scale, urls = _SCALES[variant.text_size], _view_urls(edition, site, marks)
    return LetterView(
        language=variant.language,
        post_language=edition.language,
        direction=direction_of(variant.language),
        scale=scale,
        for_web=marks is None,
        subject=one_line(variant.subject),
        preheader=one_line(variant.preheader),
        brand=_view_brand(masthead, scale),
        date=weekday_date(edition.dated_at, language=variant.language, timezone=edition.timezone),
        number=edition.number,
        count=variant.count,
        intro=tuple(map(words.print, masthead.intro)),
        editor=one_line(masthead.editor),
        contents=_list_contents(sections, urls) if variant.count >= MIN_FOR_CONTENTS else (),
        lead=stories.view_lead(variant.lead) if variant.lead else None,
        sections=sections,
        most_discussed=tuple(stories.view(story) for story in variant.most_discussed),
        poll_results=_view_results(edition.poll_results, variant.language),
        poll=_view_poll(masthead, marks),
        custom=tuple(_view_custom(block, words) for block in masthead.custom),
        support=_view_support(masthead, words),
        theme=view_theme(masthead.theme),
        urls=urls,
        recipient=marks.mark("address") if marks else "",
        joined=marks.mark("joined") if marks else "",
        since=marks.mark("since") if marks else "",
        postal_address=one_line(site.postal_address),
        reads_replies=site.reads_replies,
        subscriber=SubscriberView(words.known, draw),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """Prints the editor's texts, with places for the subscriber's own values."""

    #: The names of these values.
    known: frozenset[str]
    draw: Callable[[Place], str]

    def print(self, text: str) -> str:
        """Return a text in one line."""
        return print_places(one_line(text), self.known, self.draw)


def shown_name(written: str, language: str) -> str:
    """Return a commenter's name as printed: one line of at most 40 characters, never empty."""
    name = one_line(written)[:MAX_QUOTE_NAME].strip()
    return name or translations_for(language).gettext("A reader")


@dataclass(frozen=True, slots=True)
class _StoryViews:
    """Creates the views of stories for one language and zone."""

    edition: Edition
    variant: Variant
    site: LetterSite

    def view(self, story: Story) -> StoryView:
        return self._view(story, story.excerpt, story.image_url)

    def _view(
        self, story: Story, excerpt: str, image_url: str, *, image_height: int = 0, kicker: str = ""
    ) -> StoryView:
        title = shown_title(story)
        # The lines of a verse stay lines.
        words = "\n".join(filter(None, map(running_text, excerpt.split("\n"))))
        if not one_line(story.title):
            words = without_start(words, title)
        return StoryView(
            title=title,
            url=story.url,
            author=one_line(story.author),
            date=post_date(
                story.published_at,
                printed=self.edition.dated_at,
                language=self.variant.language,
                timezone=self.edition.timezone,
            ),
            minutes=minutes if (minutes := story.minutes or 0) >= _MIN_MINUTES else 0,
            excerpt=words,
            comments=story.comment_count,
            comments_url=_comments_url(story),
            image_url=image_url if self._may_show(image_url) else "",
            image_height=image_height,
            kicker=kicker,
            image_alt=one_line(story.image_alt),
            quotes=tuple(_view_quote(quote, self.variant.language) for quote in story.quotes),
            also_at=tuple(
                PlaceView(name=one_line(place.name) or host_of(place.url), url=place.url)
                for place in story.also_at
            ),
        )

    def view_lead(self, story: Story) -> StoryView:
        return self._view(
            story,
            story.lead_excerpt or story.excerpt,
            lead_image(story),
            image_height=_LEAD_HEIGHT if story.lead_image_url else 0,
            kicker=self._home_of(story),
        )

    def _home_of(self, story: Story) -> str:
        """Return the section that a story would be in, of those that are shown if there is one."""
        shown = [section.name for section in self.variant.sections]
        return one_line(story.home_in(shown) or story.home_in(self.edition.categories) or "")

    def view_section(self, position: int, section: Section) -> SectionView:
        return SectionView(
            name=one_line(section.name),
            anchor=f"section-{position}",
            stories=tuple(self.view(story) for story in section.stories),
            more=tuple(self.view(story) for story in section.more),
            titles=tuple(self.view(story) for story in section.titles),
        )

    def _may_show(self, image_url: str) -> bool:
        """Whether to show an image: mail programs hide or warn of those without https."""
        schemes = ("https://", "http://") if self.site.is_development else ("https://",)
        return image_url.lower().startswith(schemes)


def _view_brand(masthead: Masthead, scale: float) -> BrandView:
    name = one_line(masthead.title)
    return BrandView(
        name=name,
        tagline=one_line(masthead.tagline),
        home_url=masthead.home_url,
        size=name_size(name, WIDTH, scale),
        phone_size=name_size(name, PHONE_WIDTH, scale),
    )


def _list_contents(sections: tuple[SectionView, ...], urls: UrlsView) -> tuple[ContentsView, ...]:
    return tuple(
        ContentsView(
            name=section.name,
            headline=(section.stories + section.titles)[0].title,
            url=f"{urls.web}#{section.anchor}",
        )
        for section in sections
    )


def _view_urls(edition: Edition, site: LetterSite, marks: PlaceMarks | None) -> UrlsView:
    return UrlsView(
        web=marks.mark("web_url") if marks else "",
        preferences=marks.mark("preferences_url") if marks else "",
        leave=marks.mark("leave_url") if marks else "",
        policy=edition.masthead.policy_url,
        subscribe=site.subscribe_url(edition.newsletter),
        archive=site.archive_url(edition.newsletter),
    )


def _view_quote(quote: Quote, language: str) -> QuoteView:
    answered = quote.answers
    return QuoteView(
        name=shown_name(quote.name, language),
        text=nest_quotation(running_text(quote.text), language),
        url=quote.url,
        answers_name=shown_name(answered.name, language) if answered else "",
        answers_text=nest_quotation(running_text(answered.text), language) if answered else "",
    )


def _view_poll(masthead: Masthead, marks: PlaceMarks | None) -> PollView | None:
    """Return the poll with links to its page; None if there is no poll or no subscriber."""
    poll = masthead.poll
    if poll is None or marks is None:
        return None
    return PollView(
        question=one_line(poll.question),
        choices=tuple(
            ChoiceView(label=one_line(label), url=f"{marks.mark('poll_url')}/{number}")
            for number, label in enumerate(poll.choices, 1)
        ),
        note=one_line(poll.note),
    )


def _view_results(results: PollResults | None, language: str) -> ResultsView | None:
    if results is None:
        return None
    return ResultsView(
        question=one_line(results.question),
        answers=tuple(
            AnswerView(label=one_line(label), percent=each, share=percent_text(each, language))
            for label, each in zip(results.choices, results.percents, strict=True)
        ),
        total=results.total,
    )


def _view_support(masthead: Masthead, words: _Words) -> SupportView | None:
    asked = masthead.support
    if asked is None:
        return None
    return SupportView(text=words.print(asked.text), link=words.print(asked.link), url=asked.url)


def _view_custom(block: CustomBlock, words: _Words) -> CustomView:
    return CustomView(
        title=words.print(block.title),
        paragraphs=tuple(map(words.print, block.paragraphs)),
        link=words.print(block.link),
        url=block.url,
    )


def view_theme(theme: Theme) -> ThemeView:
    """Return a design as templates get it."""
    light, dark = palettes_of(theme)
    return ThemeView(
        light=light,
        dark=dark,
        serif=theme.serif or SERIF,
        sans=theme.sans or SANS,
        logo_url=theme.logo_url,
        logo_width=theme.logo_width,
        logo_height=theme.logo_height,
        masthead=theme.masthead if theme.logo_url else "text",
    )


def _comments_url(story: Story) -> str:
    """Return the link to the comments, or to the form if there are none, by WordPress's anchors.

    Empty if no source reported a count: the page may not accept comments at all.
    """
    if not (story.comment_count or story.is_count_known):
        return ""
    page = story.url.partition("#")[0]
    return f"{page}#comments" if story.comment_count else f"{page}#respond"


def without_start(words: str, title: str) -> str:
    """Return the words that follow those in the title of a post without one of its own."""
    start = title.removesuffix("…").rstrip()
    if not words.startswith(start):
        return words
    rest = words[len(start) :].strip()
    return rest if not rest or ends_sentence(start) else f"… {rest}"
