"""The mails that answer a sign-up: the question to confirm it, or that nothing is left to do.

Nothing in them was written by the person who signed up, who may be a stranger.
"""

from __future__ import annotations

from dataclasses import replace

from digest.letter.note import Note
from digest.models import Message
from digest.models.paths import PublicPath
from digest.newsroom.self_service.facts import facts_about
from digest.newsroom.self_service.notes import NoteCase
from digest.newsroom.self_service.sign_ups import pending_subscription
from digest.store.sign_ups import find_sign_up
from digest.text.catalogue import translations_for
from subscribers.preferences import State
from subscribers.tokens import Purpose


def write_confirmation(case: NoteCase) -> Message | None:
    """Return the mail; None if nothing waits for a confirmation any more."""
    with case.context.database.read() as connection:
        sign_up = find_sign_up(connection, case.person.id, case.newsletter.name)
    if sign_up is None:
        return None
    # In the language and the rhythm that were asked for, also if the person left long ago.
    wanted = pending_subscription(sign_up)
    case = replace(case, subscription=wanted)
    words = translations_for(case.language)
    facts = facts_about(case.newsletter)
    often = facts.in_words(wanted.preferences.cadence, case.language)
    sender = case.newsletter.note_writer.facts
    days = case.context.retention.unconfirmed.days
    note = Note(
        subject=words.gettext("Confirm your subscription to %(title)s") % {"title": facts.title},
        heading=words.gettext("One click, and you are in"),
        paragraphs=(
            words.gettext("Somebody, probably you, asked to get %(title)s at this address.")
            % {"title": facts.title},
            words.gettext("It comes by mail from %(sender)s, %(often)s. You can leave at any time.")
            % {"sender": sender.from_name or sender.from_address, "often": often},
        ),
        button=words.gettext("Confirm my subscription"),
        url=case.link(PublicPath.CONFIRM, Purpose.CONFIRM),
        small=(
            words.ngettext(
                "The link works for %(num)s day.", "The link works for %(num)s days.", days
            )
            % {"num": days},
            words.gettext("If it was not you, do nothing: without a confirmation you get no mail."),
        ),
    )
    return case.write(note)


def write_subscribed(case: NoteCase) -> Note | None:
    """Return the words to a subscriber who signed up again; None if they have left since."""
    if case.subscription is None or case.subscription.state is not State.CONFIRMED:
        return None
    gettext = translations_for(case.language).gettext
    facts = facts_about(case.newsletter)
    often = facts.in_words(case.subscription.preferences.cadence, case.language)
    return Note(
        subject=gettext("You get %(title)s already") % {"title": facts.title},
        heading=gettext("You are subscribed already"),
        paragraphs=(
            gettext(
                "Somebody, probably you, asked to get %(title)s at this address. You have it"
                " already: it comes %(often)s."
            )
            % {"title": facts.title, "often": often},
            gettext("Does it not arrive? Check your spam folder, and mark it as wanted."),
        ),
        button=gettext("Change my preferences"),
        url=case.link(PublicPath.PREFERENCES, Purpose.PREFERENCES),
        small=(gettext("If it was not you, do nothing: nothing has changed."),),
    )
