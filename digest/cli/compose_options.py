"""The options of `digest compose` that change a draft, and their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, TypeVar

import typer

from digest.errors import UsageError
from digest.models import NO_POLL, EditorChanges, Move, Poll, PostText, Quoting, Rewrite, Trim

Pin = Annotated[
    list[int] | None,
    typer.Option(metavar="POST", help="Put this post first. Repeat for more, in order."),
]
Drop = Annotated[
    list[int] | None, typer.Option(metavar="POST", help="Never include this post. Repeatable.")
]
Next = Annotated[
    list[int] | None,
    typer.Option("--next", metavar="POST", help="Keep this post for the next edition. Repeatable."),
]
Reset = Annotated[
    list[int] | None,
    typer.Option(metavar="POST", help="Undo --pin, --drop and --next of this post. Repeatable."),
]
Include = Annotated[
    list[int] | None,
    typer.Option(
        metavar="POST",
        help="Mail this post of a backlog or archive as a new one. Repeatable.",
    ),
]
Subject = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Subject while the same story leads. Empty: automatic."),
]
Preheader = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Line after the subject in an inbox. Empty: automatic."),
]
Intro = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TEXT",
        help="Paragraph of this edition's introduction. Repeatable. Empty: the newsletter's own.",
    ),
]
Unmark = Annotated[
    list[int] | None,
    typer.Option(
        metavar="POST",
        help="Put this post back in its place by rank; its texts and quotes stay. Repeatable.",
    ),
]
Lead = Annotated[int | None, typer.Option(metavar="POST", help="Make this post the top story.")]
MoveTo = Annotated[
    list[str] | None,
    typer.Option(
        "--move",
        metavar="POST=PLACE",
        help="Place in its section, from 1. Also POST=SECTION, POST=SECTION/PLACE. Repeatable.",
    ),
]
Title = Annotated[
    list[str] | None,
    typer.Option(metavar="POST=TEXT", help="Title of a post. Empty: the feed's. Repeatable."),
]
Excerpt = Annotated[
    list[str] | None,
    typer.Option(metavar="POST=TEXT", help="Excerpt of a post. Empty: automatic. Repeatable."),
]
Alt = Annotated[
    list[str] | None,
    typer.Option(
        metavar="POST=TEXT", help="Image description of a post. Empty: the feed's. Repeatable."
    ),
]
Quote = Annotated[
    list[str] | None,
    typer.Option(
        metavar="POST=ID,ID", help="Comments to quote. Empty: chosen by rule. Repeatable."
    ),
]
TrimTo = Annotated[
    list[str] | None,
    typer.Option(
        "--trim",
        metavar="POST/ID=TEXT",
        help="Words to quote of a comment, with … for gaps. Empty: automatic. Repeatable.",
    ),
]
Question = Annotated[
    str | None,
    typer.Option(
        "--poll",
        metavar="TEXT",
        help="Question of this edition, with --answer. Empty: the newsletter's own.",
    ),
]
Answers = Annotated[
    list[str] | None,
    typer.Option("--answer", metavar="TEXT", help="Answer to the --poll. Repeat 2 to 5 times."),
]
NoPoll = Annotated[bool, typer.Option("--no-poll", help="Ask nothing in this edition.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take back the last change of this edition.")]
Redo = Annotated[bool, typer.Option("--redo", help="Make the change again that was undone last.")]

T = TypeVar("T")


def each_of(values: list[str] | None, read: Callable[[str], T]) -> tuple[T, ...]:
    """Return each value of a repeatable option as `read` returns it."""
    return tuple(map(read, values or ()))


def read_move(value: str) -> Move:
    """Read `12=2`, `12=Economy` or `12=Economy/2`.

    Raises:
        UsageError: the value has another form.
    """
    post_id, where = _split("--move", value)
    section, _, place = where.rpartition("/") if "/" in where else ("", "", where)
    if place.isascii() and place.isdigit():
        return Move(post_id=post_id, section=section.strip(), place=_number("--move", place))
    return Move(post_id=post_id, section=where.strip())


def read_rewrites(what: PostText, values: Iterable[str] | None) -> tuple[Rewrite, ...]:
    """Read values such as `12=A new title`; an empty text resets it.

    Raises:
        UsageError: a value has another form.
    """
    pairs = [_split(f"--{what.split('_')[-1]}", value) for value in values or ()]
    return tuple(Rewrite(post_id=post_id, what=what, text=text or None) for post_id, text in pairs)


def read_quote(value: str) -> Quoting:
    """Read `12=7,9`; without comments they are chosen by rule.

    Raises:
        UsageError: the value has another form.
    """
    post_id, ids = _split("--quote", value)
    numbers = tuple(_number("--quote", each.strip()) for each in ids.split(",") if each.strip())
    return Quoting(post_id=post_id, comment_ids=numbers or None)


def read_trim(value: str) -> Trim:
    """Read `12/7=The words to quote`.

    Raises:
        UsageError: the value has another form.
    """
    names, _, text = value.partition("=")
    post_id, is_pair, comment_id = names.partition("/")
    if not is_pair:
        raise UsageError(f"--trim {value[:40]!r}: must be POST/ID=TEXT")
    return Trim(
        post_id=_number("--trim", post_id), comment_id=_number("--trim", comment_id), text=text
    )


def read_poll(question: str | None, answers: list[str] | None, *, is_none: bool) -> EditorChanges:
    """Return the change of the poll.

    Raises:
        UsageError: the options contradict each other.
    """
    if is_none and question is not None:
        raise UsageError("--poll and --no-poll contradict each other; give one of them")
    if answers and not question:
        raise UsageError("--answer needs a question; add --poll")
    if is_none:
        return EditorChanges(poll=NO_POLL)
    if not question:
        return EditorChanges(resets_poll=question == "")
    return EditorChanges(poll=Poll(question=question, choices=tuple(answers or ())))


def _split(option: str, value: str) -> tuple[int, str]:
    post_id, is_pair, text = value.partition("=")
    if not is_pair:
        raise UsageError(f"{option} {value[:40]!r}: must begin with a post ID and `=`")
    return _number(option, post_id), text


def _number(option: str, text: str) -> int:
    """Return the number in a value; no id is longer."""
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 10):
        raise UsageError(f"{option} {text[:40]!r}: must be a number")
    return int(text)
