"""Editors' changes in plain words, for the audit, the undo button and the line after a change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from digest.models import NO_POLL, EditorChanges, Move, PostText, Quoting

_TEXTS = {PostText.TITLE: "title", PostText.EXCERPT: "excerpt", PostText.ALT: "image description"}
#: Characters of a title.
_MAX_TITLE = 60
_MAX_WORDS = 400


def describe(changes: EditorChanges, titles: Mapping[int, str]) -> str:
    """Return what changes do, such as `pinned “A mill turns”, new subject`; empty if nothing.

    Args:
        changes: the changes.
        titles: the titles of the posts that they name, by id.
    """
    words = ", ".join(_parts(changes, titles))
    return words if len(words) <= _MAX_WORDS else f"{words[: _MAX_WORDS - 1]}…"


def _parts(changes: EditorChanges, titles: Mapping[int, str]) -> Iterator[str]:
    placed = {
        "made the top story:": changes.lead,
        "pinned": changes.pin,
        "dropped": changes.drop,
        "left for next time:": changes.next_time,
        "reset": changes.reset,
        "put back by rank:": changes.unmark,
        "brought in": changes.include,
    }
    for what, ids in placed.items():
        if ids:
            yield f"{what} {', '.join(_name(each, titles) for each in ids)}"
    for move in changes.move:
        yield f"moved {_name(move.post_id, titles)}{_where(move)}"
    for rewrite in changes.rewrite:
        verb = "reset" if rewrite.text is None else "changed"
        yield f"{verb} the {_TEXTS[rewrite.what]} of {_name(rewrite.post_id, titles)}"
    for quote in changes.quote:
        yield f"{_quoting(quote)} {_name(quote.post_id, titles)}"
    for trim in changes.trim:
        verb = "shortened" if trim.text else "restored"
        yield f"{verb} a quote below {_name(trim.post_id, titles)}"
    yield from _of_edition(changes)


def _of_edition(changes: EditorChanges) -> Iterator[str]:
    lines = {
        "subject": changes.subject,
        "preheader": changes.preheader,
        "intro": changes.intro,
    }
    for what, text in lines.items():
        if text is not None:
            yield f"new {what}" if text else f"automatic {what}"
    if changes.resets_poll:
        yield "the newsletter’s poll"
    elif changes.poll is not None:
        yield "no poll" if changes.poll == NO_POLL else "new poll"


def _where(move: Move) -> str:
    section = f" to {move.section}" if move.section else ""
    return f"{section}, place {move.place}" if move.place else section or " back by rank"


def _quoting(quote: Quoting) -> str:
    if quote.comment_ids is None:
        return "automatic quotes below"
    return "picked the quotes below" if quote.comment_ids else "no quotes below"


def _name(post_id: int, titles: Mapping[int, str]) -> str:
    title = " ".join(titles.get(post_id, "").split())
    if not title:
        return f"post {post_id}"
    return f"“{title if len(title) <= _MAX_TITLE else f'{title[: _MAX_TITLE - 1].rstrip()}…'}”"
