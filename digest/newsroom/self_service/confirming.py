"""The mail that asks to confirm a sign-up."""

from __future__ import annotations

from digest.letter.note import Note
from digest.models.paths import PublicPath
from digest.newsroom.self_service.notes import NoteCase
from digest.text.catalogue import translations_for
from subscribers.preferences import State
from subscribers.tokens import Purpose


def write_confirmation(case: NoteCase) -> Note | None:
    """Return the words; None if nothing waits for a confirmation any more."""
    if case.subscription is None or case.subscription.state is not State.PENDING:
        return None
    gettext = translations_for(case.language).gettext
    title = {"title": case.newsletter.title}
    return Note(
        subject=gettext("Confirm your subscription to %(title)s") % title,
        heading=gettext("One click, and you are in"),
        paragraphs=(
            gettext("Somebody, probably you, asked to get %(title)s at this address.") % title,
        ),
        button=gettext("Confirm my subscription"),
        url=case.link(PublicPath.CONFIRM, Purpose.CONFIRM),
        small=(gettext("If it was not you, do nothing: without a confirmation you get no mail."),),
    )
