"""An invented edition, made with the real types."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from digest.letter.addresser import Addresser, MailIdentity
from digest.letter.letter import Letter, write_letter
from digest.letter.planning.variants import plan_variant
from digest.letter.printing.headers import HeaderFacts
from digest.letter.printing.personal import Personal
from digest.letter.printing.render import Renderer
from digest.letter.printing.site import LetterSite
from digest.models import Edition, Masthead, Quote, Reason, Recipient, Story, Variant
from digest.resources import templates_dir
from subscribers.tokens import key_id
from tests.support.mastheads import change_edition

SAMPLE_KEY = "a fixed key, long enough, of no secret"
IMAGES = "https://lantern.example/img/"
PICKED = Reason(code="new", text="new since the last edition")


def sample_site() -> LetterSite:
    """Return a site that is not in development."""
    return LetterSite(
        base_url="https://mail.lantern-weekly.org",
        postal_address="14 Wharf Lane, Tarnmouth TM2 4QX",
    )


def sample_identity() -> MailIdentity:
    """Return who the sample mails are from."""
    return MailIdentity(
        base_url="https://mail.lantern-weekly.org", sender="digest@lantern-weekly.org"
    )


def sample_addresser(identity: MailIdentity | None = None) -> Addresser:
    """Return what addresses the sample edition."""
    return Addresser(
        identity or sample_identity(),
        112,
        newsletter="weekly",
        language="en",
        timezone="Europe/Paris",
        keys=(SAMPLE_KEY,),
        key_id=key_id(SAMPLE_KEY),
    )


def sample_recipient(number: int = 1, **changes: object) -> Recipient:
    """Return a subscriber."""
    recipient = Recipient(
        subscriber_id=number,
        public_id=f"{number:022}",
        address=f"subscriber{number}@example.org",
        joined_at=datetime(2025, 3, 3, tzinfo=UTC) + timedelta(hours=number % 5000),
    )
    return replace(recipient, **changes)  # type: ignore[arg-type]  # fields named by the test


def sample_facts() -> HeaderFacts:
    """Return the sender of the sample edition."""
    return HeaderFacts(
        from_name="The Lantern Weekly",
        from_address="digest@lantern-weekly.org",
        reply_to="editor@lantern-weekly.org",
        list_id="weekly.lantern-weekly.org",
    )


def sample_personal(**changes: object) -> Personal:
    """Return one subscriber's personal values."""
    base = sample_site().base_url
    personal = Personal(
        address="reader@example.org",
        joined="March 3, 2025",
        since=" on March 3, 2025",
        leave_url=f"{base}/leave/eyJwIjoiYTFiMmMzIn0.c2lnbmF0dXJl",
        preferences_url=f"{base}/preferences/eyJwIjoiYTFiMmMzIn0.c2lnbmF0dXJl",
        web_url=f"{base}/e/112/eyJwIjoiYTFiMmMzIn0.c2lnbmF0dXJl",
        poll_url=f"{base}/q/eyJwIjoiYTFiMmMzIn0.c2lnbmF0dXJl",
        one_click_url=f"{base}/one-click/eyJwIjoiYTFiMmMzIn0.c2lnbmF0dXJl",
        message_id="<e112.0123456789abcdef0123@lantern-weekly.org>",
        date=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
        sender="bounces@lantern-weekly.org",
    )
    return replace(personal, **changes)  # type: ignore[arg-type]  # fields named by the test


def sample_edition(**changes: object) -> Edition:
    """Return an edition of eight stories in three sections, four with images, five quotes."""
    edition = Edition(
        newsletter="weekly",
        cadence="weekly",
        slot="2026-11-20T07:00",
        timezone="America/New_York",
        due_at=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
        number=112,
        language="en",
        since_seq=100,
        last_cut_seq=100,
        cut_seq=120,
        categories=("Security", "Economy", "Culture"),
        max_posts_per_category=5,
        stories=_stories(),
        omitted=(),
        masthead=Masthead(
            title="The Lantern Weekly",
            tagline="Public life, read closely",
            home_url="https://lantern.example/",
            policy_url="https://lantern.example/comments-policy",
            intro=(
                "Good morning. This week our writers kept running into the same idea: the best"
                " local institutions are the ones that share what they cannot afford alone.",
                "Eight posts follow, with the replies from readers that we thought added most.",
            ),
            editor="Nell Ferrars, editor",
        ),
    )
    return change_edition(edition, **changes)


def sample_story(post_id: int = 1, **changes: object) -> Story:
    """Return a plain story without image or quotes."""
    story = Story(
        post_id=post_id,
        seq=100 + post_id,
        title=f"Story number {post_id}",
        url=f"https://lantern.example/2026/11/story-{post_id}/",
        author="Odile Marsh",
        published_at=datetime(2026, 11, 17, 15, 0, tzinfo=UTC),
        categories=("Security",),
        minutes=4,
        excerpt="Four councils along the estuary could not each afford a night crew.",
        lead_excerpt="",
        image_url="",
        image_alt="",
        comment_count=0,
        quotes=(),
        not_quoted=(),
        reason=PICKED,
    )
    return replace(story, **changes)  # type: ignore[arg-type]  # fields named by the test


def sample_quote(comment_id: int, name: str, text: str) -> Quote:
    """Return a comment."""
    return Quote(comment_id=comment_id, name=name, text=text, url="", reason=PICKED)


def sample_renderer() -> Renderer:
    """Return an engine over the shipped templates only."""
    return Renderer((templates_dir(),))


def plan_for_all(edition: Edition, *, text_size: str = "normal", language: str = "") -> Variant:
    """Return the variant of a new subscriber of all categories."""
    variant = plan_variant(
        edition, categories=None, since_seq=0, text_size=text_size, language=language
    )
    assert variant is not None
    return variant


@cache
def sample_letter(edition: Edition | None = None, **variant: str) -> Letter:
    """Return the whole letter of an edition; it is written once."""
    return write_sample(edition or sample_edition(), **variant)


def write_sample(edition: Edition, **variant: str) -> Letter:
    """Write the whole letter of an edition."""
    planned = plan_for_all(edition, **variant)
    return write_letter(edition, planned, sample_site(), sample_renderer(), sample_facts())


def _story(
    post_id: int, category: str, day: int, minutes: int, comments: int, *words: str
) -> Story:
    title, author, excerpt = words
    slug = "".join(c if c.isalnum() else "-" for c in title.lower())[:48].strip("-")
    return sample_story(
        post_id,
        title=title,
        url=f"https://lantern.example/2026/11/{slug}/",
        author=author,
        published_at=datetime(2026, 11, day, 15, 0, tzinfo=UTC),
        categories=(category,),
        minutes=minutes,
        excerpt=excerpt,
        lead_excerpt=excerpt,
        comment_count=comments,
    )


def _stories() -> tuple[Story, ...]:
    """Return the pool in rank order."""
    return (*_security(), *_economy(), *_culture())


def _security() -> tuple[Story, ...]:
    ferry = _story(
        1, "Security", 17, 8, 34,
        "The ferry towns that learned to share one fire brigade",
        "Odile Marsh",
        "Four councils along the Tarn estuary could not each afford a night crew. So they drew a"
        " map of who could reach whom in nine minutes, and tore up the old boundaries. Two winters"
        " later the average response time has fallen by a third, and nobody in the pilot wants the"
        " boundaries back.",
    )  # fmt: skip
    meter = _story(
        2, "Security", 16, 5, 21,
        "Who guards the water meter?",
        "Tomas Verrill",
        "Utilities now read two million meters by radio, and most of those radios still ship with"
        " a shared password. A new audit standard would put the burden on the maker instead of the"
        " town that bought them.",
    )  # fmt: skip
    harbour = _story(
        3, "Security", 15, 6, 9,
        "A harbour exercise, and the seventeen minutes nobody could explain",
        "Amara Okafor",
        "The drill went well until the tide gauge stopped reporting. What followed says more about"
        " paper logbooks, radio habits and quiet professionals than about any software.",
    )  # fmt: skip
    radios = _story(
        4, "Security", 13, 3, 0,
        "Cheaper radios for mountain rescue",
        "Jonas Pell",
        "Volunteer teams asked for one thing: a handset they can repair in the field with a pocket"
        " screwdriver. Three makers have answered so far.",
    )  # fmt: skip
    ruth = sample_quote(
        11,
        "Ruth Adeyemi",
        "I drove one of those engines for eleven years. The map was never the hard part; agreeing"
        " on whose overtime budget paid for it was.",
    )
    lindqvist = sample_quote(
        12,
        "P. Lindqvist",
        "Worth asking what happens when the estuary floods and the nine-minute ring is cut in"
        " half.",
    )
    ingrid = sample_quote(
        21,
        "Ingrid S.",
        "Our plant replaced every unit in 2024 and found the spare keys taped inside the lids. A"
        " standard without inspections changes very little.",
    )
    return (
        replace(
            ferry,
            quotes=(ruth, lindqvist),
            image_url=f"{IMAGES}hero.jpg",
            image_alt="Low hills over a river estuary at sunrise",
        ),
        replace(
            meter,
            quotes=(ingrid,),
            image_url=f"{IMAGES}a.jpg",
            image_alt="Rooftops of a town in the evening",
        ),
        harbour,
        radios,
    )


def _economy() -> tuple[Story, ...]:
    heat = _story(
        5, "Economy", 16, 7, 46,
        "The village that pays its pensioners in heat",
        "Bea Holloway",
        "A district boiler, a sawmill and eighty-one retired households: the sums behind a"
        " cooperative that has not raised its price in nine years, and the clause that could end"
        " it next spring.",
    )  # fmt: skip
    surplus = _story(
        6, "Economy", 14, 4, 12,
        "Three questions to put to any budget surplus",
        "Priya Raman",
        "Where did it come from, will it come again, and who was promised it already? A short"
        " guide for readers of council accounts.",
    )  # fmt: skip
    farmer = sample_quote(
        51,
        "Old Fen Farmer",
        "Try that sum again with last year’s timber price and you will find the miracle is a"
        " subsidy with a nicer name.",
    )
    castellanos = sample_quote(
        52,
        "M. Castellanos",
        "The clause is real, but it was renegotiated in 2023. The minutes are public.",
    )
    return (
        replace(
            heat,
            quotes=(farmer, castellanos),
            image_url=f"{IMAGES}b.jpg",
            image_alt="Concentric rings like a cut log",
        ),
        surplus,
    )


def _culture() -> tuple[Story, ...]:
    rooms = _story(
        7, "Culture", 15, 5, 18,
        "Reading rooms after dark",
        "Lucien Abbott",
        "Six libraries stayed open until midnight for a month. The visitors they counted were not"
        " the ones they had expected, and the quietest hour turned out to be the fullest.",
    )  # fmt: skip
    parish = _story(
        8, "Culture", 12, 4, 1,
        "In praise of the parish newsletter",
        "Hedda Moen",
        "Stapled, late and full of errors, it is still the most-read publication for thirty miles"
        " around. Its editor explains why she has refused a website.",
    )  # fmt: skip
    return (
        replace(rooms, image_url=f"{IMAGES}c.jpg", image_alt="Soft green hills in layers"),
        parish,
    )
