"""An edition with every block that a letter can have, in English and in Arabic."""

from __future__ import annotations

from dataclasses import replace

from digest.letter.letter import Letter, write_letter
from digest.models import (
    AlsoAt,
    Answered,
    CustomBlock,
    Edition,
    Poll,
    PollResults,
    Story,
    Support,
    Theme,
    Variant,
)
from tests.support.mastheads import change_edition
from tests.support.samples import (
    IMAGES,
    plan_for_all,
    sample_edition,
    sample_facts,
    sample_renderer,
    sample_site,
    sample_story,
)

QUESTION = "Should the library stay open until midnight?"
CHOICES = ("I agree", "I disagree", "Fridays only")
_LOGO = Theme(logo_url=f"{IMAGES}c.jpg", logo_width=224, logo_height=168, masthead="both")


def full_edition(**changes: object) -> Edition:
    """Return the sample edition with all optional parts."""
    first, second, *rest = sample_edition().stories
    spare = tuple(sample_story(20 + number) for number in range(7))
    edition = sample_edition(
        stories=(_promoted(first), _answered(second), *rest, *spare),
        theme=_LOGO,
        poll_results=PollResults(
            edition_id=111,
            question="Should the ferry towns share one night crew?",
            choices=("I agree", "I disagree"),
            counts=(255, 157),
        ),
        poll=Poll(question=QUESTION, choices=CHOICES, note="Nothing counts before you confirm."),
        custom=(
            CustomBlock(
                title="From the archive",
                paragraphs=("Thirty years ago this week the last ferry left.",),
                link="Read the story",
                url="https://lantern.example/1996/ferry",
            ),
        ),
        support=Support(
            text="The Lantern is paid for by its readers.",
            link="Support us",
            url="https://lantern.example/support",
        ),
    )
    return change_edition(edition, **changes)


def _promoted(story: Story) -> Story:
    return replace(story, lead_image_url=story.image_url)


def _answered(story: Story) -> Story:
    [quote] = story.quotes
    asked = Answered(name="Bo", text="Who pays for the second engine?")
    where = AlsoAt(post_id=90, name="Harbour News", url="https://harbour.example/meter")
    quote = replace(quote, answers=asked, url=f"{story.url}#comment-21")
    return replace(story, quotes=(quote,), also_at=(where,))


def full_variant(edition: Edition, **chosen: str) -> Variant:
    """Return its variant for all categories; the first section's last post is a title only.

    Args:
        edition: an edition from `full_edition`.
        chosen: the subscriber's `language` and `text_size`.
    """
    variant = plan_for_all(edition, **chosen)
    first, *others = variant.sections
    squeezed = replace(first, stories=first.stories[:-1], titles=first.stories[-1:])
    return replace(variant, sections=(squeezed, *others))


def full_letter(edition: Edition | None = None, **chosen: str) -> Letter:
    """Write the mail of an edition with every block, the poll too."""
    made = edition or full_edition()
    return write_letter(
        made, full_variant(made, **chosen), sample_site(), sample_renderer(), sample_facts()
    )
