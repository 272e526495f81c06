"""Converts an edition to the views that templates print: cleaned text, dates and links."""

from __future__ import annotations

from dataclasses import dataclass

from digest.letter.plain import host_of, one_line, running_text
from digest.letter.planning.subject import shown_title
from digest.letter.planning.variants import lead_image
from digest.letter.printing.local import day_and_month, direction_of, weekday_date
from digest.letter.printing.message import PlaceMarks
from digest.letter.printing.site import LetterSite
from digest.letter.printing.theme import SANS, SERIF, palettes_of
from digest.letter.printing.view import (
    BrandView,
    ChoiceView,
    CustomView,
    LetterView,
    PlaceView,
    PollView,
    QuoteView,
    SectionView,
    StoryView,
    SupportView,
    ThemeView,
    UrlsView,
)
from digest.models import CustomBlock, Edition, Masthead, Quote, Section, Story, Theme, Variant
from digest.text.catalogue import translations_for

MAX_QUOTE_NAME = 40
#: Height in pixels of our own pictures at the top.
_LEAD_HEIGHT = 300
#: The scale of each text size.
_SCALES = {"normal": 1.0, "large": 1.25}


def build_view(
    edition: Edition, variant: Variant, site: LetterSite, marks: PlaceMarks | None
) -> LetterView:
    """Return the values to print.

    Args:
        edition: the edition, with its masthead, date and number.
        variant: the stories to show.
        site: the sending site.
        marks: the placeholders for the subscriber's own values; None for the web page, which has
            no subscriber.
    """
    stories, masthead = _StoryViews(edition, variant, site), edition.masthead
    return LetterView(
        language=variant.language,
        direction=direction_of(variant.language),
        scale=_SCALES[variant.text_size],
        for_web=marks is None,
        subject=one_line(variant.subject),
        preheader=one_line(variant.preheader),
        brand=_view_brand(masthead),
        date=weekday_date(edition.due_at, language=variant.language, timezone=edition.timezone),
        number=edition.number,
        count=variant.count,
        intro=tuple(one_line(paragraph) for paragraph in masthead.intro),
        editor=one_line(masthead.editor),
        lead=stories.view_lead(variant.lead) if variant.lead else None,
        sections=tuple(stories.view_section(i, s) for i, s in enumerate(variant.sections, 1)),
        most_discussed=tuple(stories.view(story) for story in variant.most_discussed),
        poll=_view_poll(masthead, marks) if site.shows_poll else None,
        custom=tuple(map(_view_custom, masthead.custom)),
        support=_view_support(masthead),
        theme=_view_theme(masthead.theme),
        urls=_view_urls(masthead, marks),
        recipient=marks.mark("address") if marks else "",
        joined=marks.mark("joined") if marks else "",
        postal_address=one_line(site.postal_address),
    )


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
        self, story: Story, excerpt: str, image_url: str, *, image_height: int = 0
    ) -> StoryView:
        title = shown_title(story)
        # The lines of a verse stay lines.
        words = "\n".join(filter(None, map(running_text, excerpt.split("\n"))))
        return StoryView(
            title=title,
            url=story.url,
            author=one_line(story.author),
            date=day_and_month(
                story.published_at,
                language=self.variant.language,
                timezone=self.edition.timezone,
            ),
            minutes=story.minutes or 0,
            # The title of a short post without one is its text; do not print it twice.
            excerpt="" if words == title else words,
            comments=story.comment_count,
            comments_url=_comments_url(story),
            image_url=image_url if self._may_show(image_url) else "",
            image_height=image_height,
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
        )

    def view_section(self, position: int, section: Section) -> SectionView:
        return SectionView(
            name=one_line(section.name),
            anchor=f"more-{position}",
            stories=tuple(self.view(story) for story in section.stories),
            more=tuple(self.view(story) for story in section.more),
            titles=tuple(self.view(story) for story in section.titles),
        )

    def _may_show(self, image_url: str) -> bool:
        """Whether to show an image: mail programs hide or warn of those without https."""
        schemes = ("https://", "http://") if self.site.is_development else ("https://",)
        return image_url.lower().startswith(schemes)


def _view_brand(masthead: Masthead) -> BrandView:
    return BrandView(
        name=one_line(masthead.title),
        tagline=one_line(masthead.tagline),
        home_url=masthead.home_url,
    )


def _view_urls(masthead: Masthead, marks: PlaceMarks | None) -> UrlsView:
    return UrlsView(
        web=marks.mark("web_url") if marks else "",
        preferences=marks.mark("preferences_url") if marks else "",
        leave=marks.mark("leave_url") if marks else "",
        policy=masthead.policy_url,
    )


def _view_quote(quote: Quote, language: str) -> QuoteView:
    answered = quote.answers
    return QuoteView(
        name=shown_name(quote.name, language),
        text=running_text(quote.text),
        url=quote.url,
        answers_name=shown_name(answered.name, language) if answered else "",
        answers_text=running_text(answered.text) if answered else "",
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


def _view_support(masthead: Masthead) -> SupportView | None:
    asked = masthead.support
    if asked is None:
        return None
    return SupportView(text=one_line(asked.text), link=one_line(asked.link), url=asked.url)


def _view_custom(block: CustomBlock) -> CustomView:
    return CustomView(
        title=one_line(block.title),
        paragraphs=tuple(map(one_line, block.paragraphs)),
        link=one_line(block.link),
        url=block.url,
    )


def _view_theme(theme: Theme) -> ThemeView:
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
