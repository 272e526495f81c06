"""`digest compose`: makes a draft from the new posts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.compose_options import (
    Alt,
    Answers,
    Drop,
    Excerpt,
    Include,
    Intro,
    Lead,
    MoveTo,
    Next,
    NoPoll,
    Pin,
    Preheader,
    Question,
    Quote,
    Redo,
    Reset,
    Subject,
    Title,
    TrimTo,
    Undo,
    Unmark,
    each_of,
    read_move,
    read_poll,
    read_quote,
    read_rewrites,
    read_trim,
)
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import heading, print_json, print_table, say
from digest.errors import NothingToDo, UsageError
from digest.models import Accounts, Edition, EditorChanges, Omission, PostText, Step, Story
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.compose import ComposedDraft

_SHOWN_TEXT = 60


def compose(
    context: typer.Context,
    newsletter: Annotated[
        str,
        typer.Option("--newsletter", "-n", metavar="NAME", help="Newsletter name. Default: all."),
    ] = "",
    cadence: Annotated[
        str, typer.Option(metavar="NAME", help="Cadence name. Default: each whose hour has come.")
    ] = "",
    extra: Annotated[
        bool,
        typer.Option("--extra", help="An edition beside the calendar, which uses no slot."),
    ] = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show the post IDs and the reason for each choice."),
    ] = False,
    show_all: Annotated[
        bool,
        typer.Option("--all", help="With --explain: also list each post of backlogs and archives."),
    ] = False,
    pin: Pin = None,
    drop: Drop = None,
    next_time: Next = None,
    reset: Reset = None,
    include: Include = None,
    subject: Subject = None,
    preheader: Preheader = None,
    intro: Intro = None,
    unmark: Unmark = None,
    lead: Lead = None,
    move: MoveTo = None,
    title: Title = None,
    excerpt: Excerpt = None,
    alt: Alt = None,
    quote: Quote = None,
    trim: TrimTo = None,
    poll: Question = None,
    answer: Answers = None,
    no_poll: NoPoll = False,
    undo: Undo = False,
    redo: Redo = False,
    as_json: JsonFlag = False,
) -> None:
    """Create or update the draft of the next edition.

    Composes each edition whose hour has come within `catch_up` and that is not sent yet; if there
    is none, the next one of each newsletter's first cadence. With --extra, one beside the
    calendar: it has no hour, and only `digest send` sends it.

    --pin, --drop, --next and --reset take a post ID (see --explain) and apply to the newsletter.
    --include applies to all newsletters; the post IDs are in --explain --all.
    --lead, --move, --title, --quote and the like apply to the newsletter, too.
    --subject, --preheader, --intro and --poll apply to this edition. All are kept when the draft
    is updated. --undo and --redo act on the changes of this edition by all editors.
    They need exactly one edition: use --newsletter and --cadence if there are several.

    Exit codes: 3 if there are not enough new posts for an edition; 1 if that is because no feed
    could be read; 4 if a post to include can be mailed already.
    """
    asked = read_poll(poll, answer, is_none=no_poll)
    changes = EditorChanges(
        pin=tuple(pin or ()),
        drop=tuple(drop or ()),
        next_time=tuple(next_time or ()),
        reset=tuple(reset or ()),
        include=tuple(include or ()),
        subject=subject,
        preheader=preheader,
        intro=None if intro is None else tuple(intro),
        unmark=tuple(unmark or ()),
        lead=() if lead is None else (lead,),
        move=each_of(move, read_move),
        rewrite=(
            *read_rewrites(PostText.TITLE, title),
            *read_rewrites(PostText.EXCERPT, excerpt),
            *read_rewrites(PostText.ALT, alt),
        ),
        quote=each_of(quote, read_quote),
        trim=each_of(trim, read_trim),
        poll=asked.poll,
        resets_poll=asked.resets_poll,
    )
    step = _step(changes, is_undo=undo, is_redo=redo)
    newsroom = open_newsroom(context)
    try:
        done = newsroom.compose(
            newsletter, cadence, by=terminal_user(), is_extra=extra, changes=changes, step=step
        )
    except NothingToDo:
        if explain and not as_json:
            for accounts in newsroom.account_next(newsletter, cadence, is_extra=extra):
                _explain_accounts(accounts, show_all=show_all)
        raise
    if as_json:
        drafts = [_as_data(each) for each in done.drafts]
        print_json(drafts[0] if len(drafts) == 1 else drafts)
        return
    for each in done.drafts:
        _show(each, changes, is_explained=explain, show_all=show_all)
    for reason in done.empty:
        say(f"No draft: {reason}.")


def _step(changes: EditorChanges, *, is_undo: bool, is_redo: bool) -> Step:
    if (is_undo and is_redo) or ((is_undo or is_redo) and changes.is_any):
        raise UsageError("--undo and --redo stand alone; run the other change afterwards")
    return Step.UNDO if is_undo else Step.REDO if is_redo else Step.EDIT


def _show(
    composed: ComposedDraft, changes: EditorChanges, *, is_explained: bool, show_all: bool
) -> None:
    draft, edition = composed.draft, composed.draft.edition
    say(
        f"Edition {draft.edition_id}: {edition.masthead.title} No. {edition.number},"
        f" {counted(edition.new_count, 'story', 'stories')}{_older(edition)},"
        f" {'beside the calendar' if composed.is_extra else f'due {composed.hour}'}"
        f"{'' if draft.is_changed else ' (unchanged)'}."
    )
    if draft.recorded is not None:
        verb = {Step.UNDO: "Undone: ", Step.REDO: "Done again: "}.get(draft.recorded.step, "")
        what = f"{verb}{draft.recorded.edit.what}"
        say(f"{what[:1].upper()}{what[1:]}.")
    for line in draft.notes:
        say(f"{line}.")
    for line in _without_effect(edition, changes):
        say(line)
    if composed.poll_asked_in:
        say(
            f"Poll: already asked in edition {composed.poll_asked_in}, so this edition does not"
            " ask it; change the question of [newsletters.poll], or remove it."
        )
    if composed.feed_trouble:
        say(f"The newest posts may be missing: {composed.feed_trouble}.")
    if is_explained:
        _explain(edition, composed.accounts, show_all=show_all)
    say(_next_steps(composed))


def _older(edition: Edition) -> str:
    """Return how many more stories the draft has, for those who missed an edition."""
    older = edition.older_count
    return f" (and {older} older for those who missed an edition)" if older else ""


def _next_steps(composed: ComposedDraft) -> str:
    number = composed.draft.edition_id
    steps = [f"`digest preview {number}`", f"`digest check {number}`"]
    if composed.needs_approval:
        steps.append(f"`digest approve {number}`")
    if composed.is_paused:
        return f"Paused. Next: run {', '.join(steps)}, then `digest resume {number}`."
    if not composed.is_ahead:
        return f"Next: run {', '.join(steps)}, then `digest send {number}`."
    *first, last = steps
    return (
        f"Next: run {', '.join(first)}, then {last}. `digest run` sends it at its hour;"
        f" `digest send {number} --now` sends it now."
    )


def _as_data(composed: ComposedDraft) -> dict[str, object]:
    draft = composed.draft
    return {
        "edition": draft.edition_id,
        "content_hash": draft.content_hash,
        "is_changed": draft.is_changed,
        "snapshot": json.loads(draft.snapshot),
        "poll_asked_in": composed.poll_asked_in,
        **asdict(composed.accounts),
    }


def _without_effect(edition: Edition, changes: EditorChanges) -> Iterator[str]:
    """Return a line for each change that has no effect on this edition."""
    new = [story.post_id for story in edition.stories if story.seq > edition.last_cut_seq]
    for post_id in changes.pin:
        if post_id not in new:
            yield f"Post {post_id} is not among the new stories; the pin has no effect here."
    for post_id in changes.include:
        if post_id not in new:
            yield (
                f"Post {post_id} can be mailed now, but it is in no category of this newsletter,"
                " or one story with another post (see --explain)."
            )
    kept = edition.kept_for_next
    for post_id in changes.next_time:
        if post_id not in kept:
            yield f"Post {post_id} is not new in this edition and cannot be kept for the next."
    if edition.typed_for and edition.typed_for != new[0]:
        yield (
            f"The subject and preheader were typed for post {edition.typed_for}, which no longer"
            f" leads; use --pin {edition.typed_for}, or type them again."
        )


def _explain(edition: Edition, accounts: Accounts, *, show_all: bool) -> None:
    if edition.typed_for:
        heading("Typed by an editor")
        say(f"   subject: {edition.subject or '(automatic)'}")
        say(f"   preheader: {edition.preheader or '(automatic)'}")
        say(f"   used while post {edition.typed_for} leads")
    heading("Stories, in rank order")
    for place, story in enumerate(edition.stories, 1):
        _explain_story(place, story)
    _explain_accounts(accounts, show_all=show_all)


def _explain_accounts(accounts: Accounts, *, show_all: bool) -> None:
    if accounts.left_out:
        heading("Left out")
        _explain_omissions(accounts.left_out)
    if accounts.kept:
        heading("Kept without being mailed")
    for kept in accounts.kept:
        name = f"{kept.feed_title} ({kept.feed_url})" if kept.feed_title else kept.feed_url
        say(f"{name}: {counted(len(kept.posts), 'post')}, {kept.reason}")
        if show_all:
            _explain_omissions(kept.posts)
    if accounts.kept and not show_all:
        say("See each of them with --explain --all.")


def _explain_omissions(omissions: Sequence[Omission]) -> None:
    print_table(
        ("post", "title", "reason"),
        [(str(each.post_id), each.title, each.reason.text) for each in omissions],
    )


def _explain_story(place: int, story: Story) -> None:
    say(f"{place}. {story.title} [{', '.join(story.categories)}] (post {story.post_id})")
    say(f"   {story.reason.text}")
    for other in story.also_at:
        say(f"   also at: {other.name} (post {other.post_id})")
    for reason in story.mended:
        say(f"   left out: {reason.text} ({reason.code})")
    for quote in story.quotes:
        say(
            f"   quoted: {quote.name}: {_short(quote.text)}"
            f" ({quote.reason.text}; comment {quote.comment_id})"
        )
    for omission in story.not_quoted:
        said = f"{omission.name}: {_short(omission.text)}"
        say(f"   not quoted: {said} ({omission.reason.text}; comment {omission.comment_id})")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_TEXT else f"{text[:_SHOWN_TEXT].rstrip()}…"
