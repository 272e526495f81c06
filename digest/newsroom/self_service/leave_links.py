"""Mails the links to leave to a person who typed their address, having no mail at hand.

Whoever types an address learns nothing from the answer: the links go to the address alone, and
only if there is something to leave.
"""

from __future__ import annotations

from digest.letter.note import Note
from digest.models.paths import PublicPath
from digest.newsroom.context import RunContext
from digest.newsroom.self_service.notes import NoteCase, NoteKind, add_note
from digest.newsroom.self_service.sign_ups import admit
from digest.text.catalogue import translations_for
from subscribers.addresses import parse_address
from subscribers.people import find_person, list_subscriptions
from subscribers.preferences import State, Subscription
from subscribers.tokens import Purpose


def send_leave_links(context: RunContext, address: str, *, network: str = "") -> bool:
    """Mail the links to leave to an address, at most once a day, if it is subscribed.

    Args:
        context: the installation's context.
        address: the address as typed.
        network: the client's network, as `digest.web.clients` names it; empty if it has none of
            its own.

    Returns:
        False if the network sent too many forms, of any kind; nothing is mailed then.

    Raises:
        SubscriberError: the address is not valid.
        StoreError: the database cannot be used.
    """
    wanted = parse_address(address.strip(), allow_reserved=context.is_development)
    now = context.clock()
    # A write also for an unknown address, so that a busy database answers alike.
    with context.database.write() as connection:
        if not admit(context, connection, network):
            return False
        person = find_person(connection, wanted)
        if person is None:
            return True
        held = _confirmed(list_subscriptions(connection, person.id))
        if held:
            sender = _sender(context, held)
            add_note(connection, NoteKind.LEAVE, person, sender, key=f"{now:%Y-%m-%d}", now=now)
    return True


def write_leave_links(case: NoteCase) -> Note | None:
    """Return the words; None if there is nothing to leave any more."""
    with case.context.database.read() as connection:
        held = _confirmed(list_subscriptions(connection, case.person.id))
    if not held:
        return None
    gettext = translations_for(case.language).gettext
    titles = {each.name: each.title for each in case.context.newsletters}
    links = tuple(
        (
            gettext("Leave %(title)s") % {"title": titles.get(name, name)},
            case.link(PublicPath.LEAVE, Purpose.LEAVE, newsletter=name),
        )
        for name in (each.newsletter for each in held)
    )
    button, url = links[0] if len(links) == 1 else ("", "")
    return Note(
        subject=gettext("Your links to unsubscribe"),
        heading=gettext("Do you want to leave?"),
        paragraphs=(
            gettext(
                "Somebody, probably you, asked on our site how to unsubscribe this address."
                " Nothing has changed yet."
            ),
        ),
        button=button,
        url=url,
        links=links if not button else (),
        small=(gettext("If it was not you, do nothing."),),
    )


def _confirmed(held: tuple[Subscription, ...]) -> tuple[Subscription, ...]:
    return tuple(each for each in held if each.state is State.CONFIRMED)


def _sender(context: RunContext, held: tuple[Subscription, ...]) -> str:
    """Return the newsletter that writes: one of theirs, if it is still configured."""
    configured = [each.name for each in context.newsletters]
    return next((s.newsletter for s in held if s.newsletter in configured), configured[0])
