"""An edition: complete, stored as canonical text, and named by its hash."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.composer.edition import apply_typed, compose
from digest.composer.rules import ImageMode, Policy
from digest.composer.snapshot import content_hash, edition_from_json, edition_to_json, keep_text
from digest.errors import SchemaError
from digest.models import NO_POLL, Candidate, Choice, Edition, PictureFiles, Poll, Typed
from tests.support.composing import a_candidate, a_comment, the_issue, the_rules
from tests.unit.test_composer_channel import channel


def composed(*candidates: Candidate, issue: dict[str, Any] | None = None, **rules: Any) -> Edition:
    edition = compose(the_rules(**rules), candidates, the_issue(**(issue or {})))
    assert edition is not None
    return edition


def test_no_new_post_makes_no_edition() -> None:
    assert compose(the_rules(), [], the_issue()) is None
    assert compose(the_rules(min_posts=0), [], the_issue()) is None


@pytest.mark.parametrize(("posts", "is_made"), [(2, False), (3, True)])
def test_fewer_stories_than_asked_make_no_edition(posts: int, is_made: bool) -> None:
    candidates = [a_candidate(id=number) for number in range(1, posts + 1)]
    assert (compose(the_rules(min_posts=3), candidates, the_issue()) is not None) is is_made


def test_posts_of_earlier_editions_do_not_count_as_new() -> None:
    issue = the_issue(last_cut_seq=1)
    assert compose(the_rules(), [a_candidate(id=1)], issue) is None


def test_an_edition_carries_the_rules_and_the_issue() -> None:
    edition = composed(a_candidate(), intro=("Good morning.",), editor="Nell Ferrars")
    assert (edition.masthead.title, edition.masthead.intro, edition.masthead.editor) == (
        "The Lantern Weekly",
        ("Good morning.",),
        "Nell Ferrars",
    )
    assert (edition.slot, edition.number, edition.cut_seq) == ("2026-11-23T12:00", 7, 1000)


@pytest.mark.parametrize(
    ("url", "rules", "shown"),
    [
        ("https://a.example/b.jpg", {}, True),
        ("http://a.example/b.jpg", {}, False),
        ("http://a.example/b.jpg", {"allow_http_images": True}, True),
        ("https://a.example/b.jpg", {"images": ImageMode.NONE}, False),
        ("data:image/png;base64,AAAA", {"allow_http_images": True}, False),
        ("", {}, False),
    ],
)
def test_pictures_follow_the_mode_of_the_newsletter(
    url: str, rules: dict[str, Any], shown: bool
) -> None:
    story = composed(a_candidate(image_url=url, image_alt="A ferry"), **rules).stories[0]
    assert (story.image_url, story.image_alt) == ((url, "A ferry") if shown else ("", ""))


_OWN: dict[str, Any] = {"images": ImageMode.SERVE, "images_url": "https://d.example/i"}


@pytest.mark.parametrize(
    ("files", "thumb", "lead"),
    [
        (PictureFiles(lead="l.jpg", thumb="t.png"), "https://d.example/i/t.png",
         "https://d.example/i/l.jpg"),
        (PictureFiles(thumb="t.png"), "https://d.example/i/t.png", ""),
        (PictureFiles(), "", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", [ImageMode.SERVE, ImageMode.FOLDER])
def test_our_own_pictures_have_the_size_of_their_place(
    mode: ImageMode, files: PictureFiles, thumb: str, lead: str
) -> None:
    candidate = a_candidate(image_url="http://a.example/b.webp", image_alt="A ferry")
    edition = composed(replace(candidate, pictures=files), **(_OWN | {"images": mode}))
    story = edition.stories[0]
    assert (story.image_url, story.lead_image_url) == (thumb, lead)
    assert story.image_alt == ("A ferry" if thumb else "")
    assert edition_from_json(edition_to_json(edition)) == edition


def test_the_size_given_by_a_feed_is_not_used_for_our_own_picture() -> None:
    heavy = a_candidate(image_url="https://a.example/b.jpg", image_bytes=400_000)
    ours = replace(heavy, pictures=PictureFiles(lead="l.jpg", thumb="t.png"))
    told = (composed(heavy), composed(ours, **_OWN))
    assert [edition.stories[0].image_bytes for edition in told] == [400_000, None]


def test_an_edition_from_before_our_own_pictures_is_read() -> None:
    edition = composed(a_candidate(image_url="https://a.example/b.jpg"))
    plain = json.loads(edition_to_json(edition))
    for name in ("lead_image_url", "image_bytes", "is_count_known", "mended"):
        del plain["stories"][0][name]
    assert edition_from_json(json.dumps(plain)) == edition


def as_format_0(edition: Edition) -> str:
    plain = json.loads(edition_to_json(edition))
    assert plain.pop("format") == 1
    return json.dumps(plain | plain.pop("masthead"))


def test_an_edition_without_a_format_is_of_an_earlier_program_and_is_read() -> None:
    edition = composed(channel(), intro=("Good morning.",), editor="Nell Ferrars")
    assert edition_from_json(as_format_0(edition)) == edition


def test_an_edition_that_did_not_change_keeps_its_text_and_so_its_hash() -> None:
    edition = composed(channel())
    stored = as_format_0(edition)
    assert keep_text(edition, stored) == stored
    assert keep_text(replace(edition, number=8), stored) == edition_to_json(
        replace(edition, number=8)
    )
    assert keep_text(edition, "") == edition_to_json(edition)


def test_an_edition_of_a_newer_program_is_refused_with_advice() -> None:
    plain = json.loads(edition_to_json(composed(channel()))) | {"format": 2}
    with pytest.raises(SchemaError, match=r"format 2.*install the newer version"):
        edition_from_json(json.dumps(plain))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "x"}', '{"format": -1}'])
def test_a_text_that_is_not_an_edition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        edition_from_json(text)


@pytest.mark.parametrize(
    ("words", "minutes"), [(0, None), (119, None), (120, 1), (660, 3), (2200, 10)]
)
def test_minutes_are_of_the_full_text(words: int, minutes: int | None) -> None:
    content = f"<p>{'water ' * words}</p>"
    assert composed(a_candidate(content_html=content)).stories[0].minutes == minutes


def test_a_summary_alone_has_no_minutes() -> None:
    story = composed(a_candidate(summary_html=f"<p>{'water ' * 500}</p>")).stories[0]
    assert story.minutes is None


def test_the_same_input_gives_the_same_text() -> None:
    assert edition_to_json(composed(channel())) == edition_to_json(composed(channel()))


def test_the_text_is_canonical() -> None:
    text = edition_to_json(composed(channel()))
    assert text.startswith(
        '{"cadence":"weekly","categories":["Security","Economy"],"cut_seq":1000,"due_at":"2026-'
    )
    assert '"format":1,' in text
    assert "’" in text


@pytest.mark.slow
def test_an_edition_comes_back_as_it_was() -> None:
    edition = composed(channel(), a_candidate(id=3, url=""), intro=("Good “morning”.",))
    assert edition_from_json(edition_to_json(edition)) == edition


@pytest.mark.slow
@given(title=st.text(min_size=1).filter(str.strip), text=st.text(max_size=200))
def test_the_round_trip_is_exact_for_any_text(title: str, text: str) -> None:
    candidate = a_candidate(a_comment(text), title=title, summary_html=text)
    edition = composed(candidate)
    assert edition_from_json(edition_to_json(edition)) == edition
    assert len(content_hash(edition_to_json(edition))) == 64


def test_the_hash_changes_with_a_word() -> None:
    hashes = {content_hash(edition_to_json(composed(a_candidate(title=t)))) for t in ("One", "Two")}
    assert len(hashes) == 2


@pytest.mark.parametrize("title", ["“Ask” again", "🚢 Ferries", "عنوان عربي", "日本語の題"])
def test_titles_stay_as_they_are(title: str) -> None:
    assert composed(a_candidate(title=title)).stories[0].title == title


_MANY = tuple(
    a_candidate(
        *(
            a_comment("The lamp oil came by the fishing boats all winter long.", id=c)
            for c in (2, 1)
        ),
        id=number,
        title=f"Story of the harbour {number // 2}",
        author=f"Author {number % 3}",
        feed_url=f"https://{number % 4}.example/feed",
        categories=("Economy", "Security") if number % 2 else ("Security",),
        content_html="<p>The board drew a line in the water with brass pins.</p>" * 3,
    )
    for number in range(1, 11)
)


@pytest.mark.slow
@given(st.permutations(_MANY), st.permutations([(2, Choice(pinned=2)), (7, Choice(pinned=1))]))
def test_shuffled_input_gives_the_same_text_and_hash(
    candidates: list[Candidate], choices: list[tuple[int, Choice]]
) -> None:
    rules, issue = the_rules(max_posts_per_author=2, max_posts_per_feed=1), the_issue()
    straight = compose(rules, _MANY, issue, {2: Choice(pinned=2), 7: Choice(pinned=1)})
    shuffled = compose(rules, candidates, issue, dict(choices))
    assert straight is not None
    assert shuffled is not None
    assert edition_to_json(shuffled) == edition_to_json(straight)
    assert any(story.also_at for story in straight.stories)


# --- an editor's words ----------------------------------------------------------------------------


def edited(choice: Choice, *comments: Any) -> Edition:
    candidate = a_candidate(
        *comments, summary_html="<p>The board met in the old hall on Tuesday. It rained.</p>",
        image_url="https://a.example/b.jpg", image_alt="A ferry",
    )  # fmt: skip
    edition = compose(the_rules(), [candidate], the_issue(), {1: choice})
    assert edition is not None
    return edition


def test_words_typed_by_an_editor_replace_those_of_the_feed() -> None:
    story = edited(Choice(title="A line", excerpt="In short.", image_alt="A boat")).stories[0]
    assert (story.title, story.excerpt, story.lead_excerpt) == ("A line", "In short.", "In short.")
    assert story.image_alt == "A boat"
    assert story.reason.text.endswith("words changed by an editor")


def test_an_excerpt_may_be_taken_away() -> None:
    assert edited(Choice(excerpt="")).stories[0].excerpt == ""


def test_picked_quotes_are_quoted_in_order_despite_the_gate() -> None:
    rude = a_comment("This damn board has slept for years, and everybody at the quay knows.", id=4)
    plain = a_comment("The lamp oil came by the fishing boats all winter long.", id=5, author="Jo")
    story = edited(Choice(quotes=(5, 4)), rude, plain, a_comment("Nice.", id=6)).stories[0]
    assert [quote.comment_id for quote in story.quotes] == [5, 4]
    assert {quote.reason.text for quote in story.quotes} == {"picked by an editor"}
    assert [each.reason.code for each in story.not_quoted] == ["not-picked"]


def test_no_comment_is_quoted_if_the_editor_picked_none() -> None:
    good = a_comment("The board met in the old hall, and the lamp oil came by boat.", id=4)
    assert edited(Choice(quotes=()), good).stories[0].quotes == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_held": True}, "held"),
        ({"text": "[…] as they write of the board […]"}, "pingback"),
        ({"author": "Silent Sam"}, "no-quote"),
    ],
)
def test_a_pick_never_prints_hidden_or_unquotable_comments(
    changes: dict[str, Any], code: str
) -> None:
    comment = a_comment(
        **({"text": "The lamp oil came by boats all winter long, they say."} | changes)
    )
    edition = compose(
        the_rules(policy=Policy(no_quote=("silent sam",))),
        [a_candidate(comment)],
        the_issue(),
        {1: Choice(quotes=(1,))},
    )
    assert edition is not None
    assert edition.stories[0].quotes == ()
    assert edition.stories[0].not_quoted[0].reason.code == code


def test_words_typed_for_an_edition_are_used() -> None:
    edition = composed(a_candidate(), intro=("Good morning.",))
    typed = Typed(subject="A line", preheader="In the water", typed_for=1)
    assert apply_typed(edition, typed).masthead.intro == ("Good morning.",)
    assert apply_typed(edition, typed).subject == "A line"


def test_a_typed_poll_replaces_that_of_the_newsletter_or_takes_it_away() -> None:
    ours, other = (Poll(question=f"{word}?", choices=("Yes", "No")) for word in ("Ours", "Other"))
    edition = composed(a_candidate(), poll=ours)
    polls = [
        apply_typed(edition, Typed(poll=each)).masthead.poll for each in (None, other, NO_POLL)
    ]
    assert polls == [ours, other, None]
    assert apply_typed(edition, Typed(intro=("Hello.",))).masthead.intro == ("Hello.",)
