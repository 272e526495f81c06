"""The page on which an editor composes a draft; each change is one small form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from digest.errors import EditConflict, NothingToDo, Refused, UsageError
from digest.models import (
    NO_POLL,
    EditorChanges,
    How,
    Move,
    Picking,
    Poll,
    PostText,
    Rewrite,
    Shown,
    Trim,
)
from digest.web.desk.visit import EditionId, OnVisit, Visit
from digest.web.forms import SentForm, first_of

#: Integers that every supported database can store.
_MOST = 2**31
PostId = EditionId
_PARAGRAPHS = re.compile(r"(?:\r?\n[ \t]*){2,}")

#: Buttons of a post that keep the focus when it moves, and those after which it is elsewhere.
_ARROWS = ("up", "down")
_LEAVING = ("drop", "next", "include", "reset")

_Page = Annotated[int, Query(ge=1, lt=_MOST)]


def show(
    visit: OnVisit,
    edition_id: EditionId,
    post: Annotated[int | None, Query(ge=1, lt=_MOST)] = None,
    group: Annotated[str, Query(max_length=40)] = "",
    page: _Page = 1,
    find: Annotated[str, Query(max_length=200)] = "",
    did: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """Show a draft, with one story opened if `post` names it."""
    shown = Shown(post_id=post, group=group, page=page, find=find.strip())
    return _page(visit, edition_id, shown, did=did)


def change_post(visit: OnVisit, edition_id: EditionId, post_id: PostId, form: SentForm) -> Response:
    """Move, pin, drop … one post."""
    do = first_of(form, "do")
    return _answer(visit, edition_id, form, _placing(post_id, do, form), did=_focus(do, post_id))


def write_texts(visit: OnVisit, edition_id: EditionId, post_id: PostId, form: SentForm) -> Response:
    """Replace the texts of a story that were changed, or reset one of them."""
    changes = EditorChanges(rewrite=tuple(_rewrites(post_id, form)))
    return _answer(visit, edition_id, form, changes, did=f"texts-{post_id}")


def change_comment(
    visit: OnVisit, edition_id: EditionId, post_id: PostId, comment_id: PostId, form: SentForm
) -> Response:
    """Pick, swap, shorten, release or refuse one comment, or never quote its author."""
    drafts, comments, by = visit.newsroom.drafts, visit.newsroom.comments, visit.actor
    did, do = f"comments-{post_id}", first_of(form, "do")
    if do == "trim":
        text = first_of(form, "text")
        trim = Trim(post_id=post_id, comment_id=comment_id, text=text)
        return _answer(visit, edition_id, form, EditorChanges(trim=(trim,)), did=did)
    if do in set(How):
        picking = Picking(
            post_id=post_id,
            comment_id=comment_id,
            how=How(do),
            instead_of=_number(first_of(form, "instead_of")),
        )
        return _do(
            visit,
            edition_id,
            form,
            lambda: drafts.pick(edition_id, picking, by=by, seen=_seen(form)).said,
            did=did,
        )
    ways: Mapping[str, Callable[[], str]] = {
        "release": lambda: drafts.release(edition_id, post_id, comment_id, by=by).said,
        "refuse": lambda: comments.refuse([comment_id], by=by).said("Refused: it is never quoted."),
        "forget": lambda: comments.take_back([comment_id], by=by).said("Decision taken back."),
        "never": lambda: comments.never_quote(
            first_of(form, "name"), first_of(form, "newsletter"), by=by
        ).said(f"{first_of(form, 'name')} is never quoted again."),
    }
    if do not in ways:
        raise UsageError("this form is out of date; reload the page")
    return _do(visit, edition_id, form, ways[do], did=did)


def write_lines(visit: OnVisit, edition_id: EditionId, form: SentForm) -> Response:
    """Replace the subject and the preheader."""
    is_reset = first_of(form, "do") == "reset"
    changes = EditorChanges(
        subject="" if is_reset else first_of(form, "subject"),
        preheader="" if is_reset else first_of(form, "preheader"),
    )
    return _answer(visit, edition_id, form, changes, did="lines")


def write_intro(visit: OnVisit, edition_id: EditionId, form: SentForm) -> Response:
    """Replace the introduction; an empty line begins a paragraph."""
    is_reset = first_of(form, "do") == "reset"
    intro = () if is_reset else tuple(_PARAGRAPHS.split(first_of(form, "intro").strip()))
    return _answer(visit, edition_id, form, EditorChanges(intro=intro), did="intro")


def write_poll(visit: OnVisit, edition_id: EditionId, form: SentForm) -> Response:
    """Replace the poll, leave it out, or ask the newsletter's own again."""
    match first_of(form, "do"):
        case "reset":
            changes = EditorChanges(resets_poll=True)
        case "none":
            changes = EditorChanges(poll=NO_POLL)
        case _:
            changes = EditorChanges(
                poll=Poll(
                    question=first_of(form, "question"),
                    choices=tuple(first_of(form, "answers").splitlines()),
                    note=first_of(form, "note"),
                )
            )
    return _answer(visit, edition_id, form, changes, did="poll")


def step(visit: OnVisit, edition_id: EditionId, form: SentForm) -> Response:
    """Undo the last change, make it again, or compose the draft with what came since."""
    drafts, by, seen = visit.newsroom.drafts, visit.actor, _seen(form)
    do = first_of(form, "do")
    ways: Mapping[str, Callable[[], str]] = {
        "undo": lambda: drafts.undo(edition_id, by=by, seen=seen).said,
        "redo": lambda: drafts.redo(edition_id, by=by, seen=seen).said,
        "refresh": lambda: drafts.refresh(edition_id, by=by).said,
    }
    if do not in ways:
        raise UsageError("this form is out of date; reload the page")
    return _do(visit, edition_id, form, ways[do], did=do)


# --- answers ------------------------------------------------------------------------------------


def _answer(
    visit: Visit,
    edition_id: int,
    form: Mapping[str, list[str]],
    changes: EditorChanges,
    *,
    did: str,
) -> Response:
    def change() -> str:
        drafts = visit.newsroom.drafts
        return drafts.edit(edition_id, changes, by=visit.actor, seen=_seen(form)).said

    return _do(visit, edition_id, form, change, did=did)


def _do(
    visit: Visit,
    edition_id: int,
    form: Mapping[str, list[str]],
    change: Callable[[], str],
    *,
    did: str,
) -> Response:
    """Make a change and go back to where it was made; show a refused one beside its form."""
    try:
        said = change()
    except EditConflict as conflict:
        return visit.refused(
            "compose/conflict",
            str(conflict),
            is_conflict=True,
            head=visit.newsroom.desk.head(edition_id),
            conflict=conflict,
            sent=_resent(form, conflict.version),
            back=_back(edition_id, form),
        )
    except (NothingToDo, Refused, UsageError) as error:
        shown = _shown(form)
        return _page(
            visit,
            edition_id,
            shown,
            problem=str(error),
            typed={name: first_of(form, name) for name in form},
            status=422 if isinstance(error, UsageError) else 409,
        )
    return visit.done(_back(edition_id, form, did=did), said)


def _page(
    visit: Visit,
    edition_id: int,
    shown: Shown,
    *,
    did: str = "",
    problem: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    page = visit.newsroom.drafts.page(edition_id, shown)
    return visit.page(
        "compose/show",
        status=status,
        page=page,
        head=page.head,
        did=did,
        problem=problem,
        typed=typed or {},
    )


def _shown(form: Mapping[str, list[str]]) -> Shown:
    """Return what was opened when a form was sent."""
    return Shown(
        post_id=_number(first_of(form, "at_post")) or None,
        group=first_of(form, "at_group")[:40],
        page=_number(first_of(form, "at_page")) or 1,
        find=first_of(form, "at_find")[:200],
    )


def _back(edition_id: int, form: Mapping[str, list[str]], *, did: str = "") -> str:
    shown = _shown(form)
    parts = {
        "post": shown.post_id or "",
        "group": shown.group,
        "page": shown.page if shown.page > 1 else "",
        "find": shown.find,
        "did": did,
    }
    query = urlencode({name: value for name, value in parts.items() if value})
    return f"/editions/{edition_id}/compose{f'?{query}' if query else ''}"


def _resent(form: Mapping[str, list[str]], version: int) -> tuple[tuple[str, str], ...]:
    """Return the fields of a form, to be sent again with the present version."""
    kept = [(name, value) for name, values in form.items() for value in values]
    return (
        *((name, value) for name, value in kept if name not in ("csrf", "version")),
        ("version", str(version)),
    )


# --- forms --------------------------------------------------------------------------------------


def _seen(form: Mapping[str, list[str]]) -> int:
    """Return the version that the editor saw; a form without one saw none."""
    return _number(first_of(form, "version"), otherwise=-1)


def _number(text: str, *, otherwise: int = 0) -> int:
    """Return the number in a field; `otherwise` if it has none, or one that is too large."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _placing(post_id: int, do: str, form: Mapping[str, list[str]]) -> EditorChanges:
    """Return the changes of a button of a post."""
    one = (post_id,)
    what, value = [*do.split(":"), "", ""][:2]
    section = first_of(form, "section")
    match what:
        case "lead":
            return EditorChanges(lead=(_number(value) or post_id,))
        case "place":
            return EditorChanges(move=(Move(post_id=post_id, place=_number(value)),))
        case "move":
            place = _number(first_of(form, "place"))
            return EditorChanges(move=(Move(post_id=post_id, section=section, place=place),))
        case "section":
            return EditorChanges(move=(Move(post_id=post_id, section=section),))
        case "pin":
            return EditorChanges(pin=one)
        case "unmark":
            return EditorChanges(unmark=one)
        case "drop":
            return EditorChanges(drop=one)
        case "next":
            return EditorChanges(next_time=one)
        case "reset":
            return EditorChanges(reset=one)
        case "include":
            return EditorChanges(include=one)
        case _:
            raise UsageError("this form is out of date; reload the page")


def _focus(do: str, post_id: int) -> str:
    """Return the id of what has the focus after a button of a post: the same button, if it stays.

    A post that moved within its section keeps the arrow; one that left the list leaves it to Undo.
    """
    what, _, arrow = do.rpartition(":")
    if what and arrow in _ARROWS:
        return f"{arrow}-{post_id}"
    return "undo" if do in _LEAVING else f"open-{post_id}"


def _rewrites(post_id: int, form: Mapping[str, list[str]]) -> list[Rewrite]:
    reset = first_of(form, "reset")
    if reset in set(PostText):
        return [Rewrite(post_id=post_id, what=PostText(reset), text=None)]
    found = []
    for what in PostText:
        text = " ".join(first_of(form, what).split())
        was = " ".join(first_of(form, f"was_{what}").split())
        if what in form and text != was:
            found.append(Rewrite(post_id=post_id, what=what, text=text))
    return found
