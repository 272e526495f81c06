"""`digest compose`: from the new posts to a draft."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom, terminal_user
from digest.cli.options import JsonFlag, NewsletterName
from digest.cli.output import heading, print_json, print_table, say
from digest.models import Edition, EditorChanges, Story

if TYPE_CHECKING:
    from digest.newsroom.compose import Draft

_SHOWN_TEXT = 60


_Pin = Annotated[
    list[int] | None,
    typer.Option(metavar="POST", help="Put this post in front; several in the order given."),
]
_Drop = Annotated[
    list[int] | None, typer.Option(metavar="POST", help="Leave this post out, for ever.")
]
_Next = Annotated[
    list[int] | None,
    typer.Option("--next", metavar="POST", help="Keep this post for the next edition."),
]
_Reset = Annotated[
    list[int] | None, typer.Option(metavar="POST", help="Forget what was said of this post.")
]
_Subject = Annotated[
    str | None,
    typer.Option(help="Subject as long as the story in front is in front; empty: by rule."),
]
_Preheader = Annotated[
    str | None, typer.Option(help="The line after the subject in an inbox; empty: by rule.")
]
_Intro = Annotated[
    list[str] | None,
    typer.Option(help="A paragraph of this edition's greeting; empty: the newsletter's own."),
]


def compose(
    context: typer.Context,
    newsletter: NewsletterName = "",
    cadence: Annotated[str, typer.Option(help="Which cadence; the first by default.")] = "",
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why each post and comment is in or out.")
    ] = False,
    pin: _Pin = None,
    drop: _Drop = None,
    next_time: _Next = None,
    reset: _Reset = None,
    subject: _Subject = None,
    preheader: _Preheader = None,
    intro: _Intro = None,
    as_json: JsonFlag = False,
) -> None:
    """Make or refresh the draft of the next edition.

    What is said of posts is remembered for the newsletter, what is typed for this edition; both
    outlive every refresh. `--explain` shows the numbers of the posts. Exit 3: nothing new, no
    edition.
    """
    changes = EditorChanges(
        pin=tuple(pin or ()),
        drop=tuple(drop or ()),
        next_time=tuple(next_time or ()),
        reset=tuple(reset or ()),
        subject=subject,
        preheader=preheader,
        intro=None if intro is None else tuple(intro),
    )
    desk = open_newsroom(context).newsletter(newsletter)
    draft = desk.change(changes, cadence, by=terminal_user())
    if as_json:
        print_json(_as_data(draft))
        return
    edition = draft.edition
    say(
        f"Edition {draft.edition_id}: {edition.masthead.title} No. {edition.number},"
        f" {len(edition.stories)} stories, for {edition.slot.replace('T', ' ')} {edition.timezone}"
        f"{'' if draft.is_changed else ' (unchanged)'}."
    )
    for line in _without_effect(edition, changes):
        say(line)
    if explain:
        _explain(edition)
    say("Next: `digest preview`, `digest check`, `digest send`.")


def _as_data(draft: Draft) -> dict[str, object]:
    return {
        "edition": draft.edition_id,
        "content_hash": draft.content_hash,
        "is_changed": draft.is_changed,
        "snapshot": json.loads(draft.snapshot),
    }


def _without_effect(edition: Edition, changes: EditorChanges) -> Iterator[str]:
    """Say which orders change nothing here."""
    new = [story.post_id for story in edition.stories if story.seq > edition.last_cut_seq]
    for post_id in changes.pin:
        if post_id not in new:
            yield f"Post {post_id} is not among the new stories; its pin changes nothing here."
    kept = edition.kept_for_next
    for post_id in changes.next_time:
        if post_id not in kept:
            yield f"Post {post_id} is not new in this edition; there is nothing to keep."
    if edition.typed_for and edition.typed_for != new[0]:
        yield (
            f"The typed subject and preheader are for post {edition.typed_for}, which is not in"
            " front; pin it, or type them anew."
        )


def _explain(edition: Edition) -> None:
    if edition.typed_for:
        heading("Typed by an editor")
        say(f"   subject: {edition.subject or '(by rule)'}")
        say(f"   preheader: {edition.preheader or '(by rule)'}")
        say(f"   where post {edition.typed_for} is in front")
    heading("Stories, in rank order")
    for place, story in enumerate(edition.stories, 1):
        _explain_story(place, story)
    if edition.omitted:
        heading("Left out")
    print_table(
        ("post", "title", "why"),
        [(str(each.post_id), each.title, each.reason.text) for each in edition.omitted],
    )


def _explain_story(place: int, story: Story) -> None:
    say(f"{place}. {story.title} [{', '.join(story.categories)}] (post {story.post_id})")
    say(f"   {story.reason.text}")
    for other in story.also_at:
        say(f"   also at: {other.name} (post {other.post_id})")
    for reason in story.mended:
        say(f"   left out: {reason.text} ({reason.code})")
    for quote in story.quotes:
        say(f"   quoted: {quote.name}: {_short(quote.text)} ({quote.reason.text})")
    for omission in story.not_quoted:
        say(f"   not quoted: {omission.name}: {_short(omission.text)} ({omission.reason.text})")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_TEXT else f"{text[:_SHOWN_TEXT].rstrip()}…"
