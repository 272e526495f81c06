"""Sign-ups: accepted at once with the same work for every address, settled a moment later.

A request only adds a row and reads no subscriber's data, so that neither its answer nor its time
shows who is a subscriber. The post office settles the rows: it stores the person and the note.
Mails are limited by address, so that no form can flood a mailbox, and requests by network.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from digest.models import SUBSCRIBER, SignUp
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.self_service.notes import NoteKind, add_note
from digest.store import sign_ups as store
from digest.store.engine import Connection
from subscribers.addresses import Address, AddressError, parse_address
from subscribers.joining import Reply, reply_to, store_applicant
from subscribers.people import find_person, find_subscription
from subscribers.preferences import Person, Preferences, State, Subscription
from subscribers.suppression import find_reasons

#: Forms in an hour from one network, by forms of our own pages and by all others.
PER_NETWORK = 20
PER_NETWORK_UNSTAMPED = 10
#: Mails to one address: in a day, and as long as its owner confirms nothing and marks are kept.
PER_DAY = 1
UNCONFIRMED = 3
#: After a refusal by a limit, the time after which a client may try again.
WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A sign-up as a form sent it, checked."""

    newsletter: str
    address: Address
    preferences: Preferences = Preferences()  # noqa: RUF009 - frozen
    #: Values of the operator's own fields, normalised, by the field's name.
    fields: Mapping[str, str] = field(default_factory=dict)
    #: The words that the form showed, with its kind, version and language.
    wording: str
    #: The name that the operator gave to the form; empty if none.
    source: str = ""
    #: The client's network, as `digest.web.clients` names it; empty if it has none of its own.
    network: str
    #: Whether a form of our own pages sent it.
    is_stamped: bool = False


def accept(context: RunContext, application: Application, *, per_hour: int) -> bool:
    """Store a sign-up; return False if its network, or all together, sent too many.

    Args:
        context: the installation's context.
        application: the sign-up.
        per_hour: the limit of all networks together.

    Raises:
        StoreError: the database cannot be written.
    """
    now = context.clock()
    network = _hash(context.keys[0], "network", application.network) if application.network else ""
    limit = PER_NETWORK if application.is_stamped else PER_NETWORK_UNSTAMPED
    with context.database.write() as connection:
        counts = store.count_sign_ups(connection, network, since=now - WAIT)
        if (network and counts.network >= limit) or counts.everybody >= per_hour:
            return False
        store.add_sign_up(
            connection,
            SignUp(
                newsletter=application.newsletter,
                at=now,
                address=application.address.address,
                choices=dump_choices(application.preferences, application.fields),
                wording=application.wording,
                source=application.source,
            ),
            network,
        )
    return True


def admit(context: RunContext, connection: Connection, network: str) -> bool:
    """Count another form than a sign-up; return False if its network sent too many forms.

    Args:
        context: the installation's context.
        connection: a connection inside a transaction.
        network: as in `Application`.
    """
    if not network:
        return True
    now, hashed = context.clock(), _hash(context.keys[0], "network", network)
    if store.count_sign_ups(connection, hashed, since=now - WAIT).network >= PER_NETWORK:
        return False
    store.add_request(connection, hashed, now=now)
    return True


def settle(context: RunContext) -> int:
    """Store the people of accepted sign-ups and the notes to them; return the number of sign-ups.

    Raises:
        StoreError: the database cannot be used; what is not settled is tried again.
    """
    with context.database.read() as connection:
        ids = store.unsettled_ids(connection)
    for sign_up_id in ids:
        with context.database.write() as connection:
            sign_up = store.take_sign_up(connection, sign_up_id)
            if sign_up is not None:
                _settle(context, connection, sign_up)
    return len(ids)


def ask_for_others(context: RunContext, connection: Connection, person: Person) -> None:
    """Write the questions to a person that waited because another was not answered yet."""
    for sign_up in store.sign_ups_of(connection, person.id):
        _ask(context, connection, person, sign_up)


def forget_mails(context: RunContext, connection: Connection, address: Address) -> None:
    """Allow mails again to an address whose owner confirmed."""
    store.forget_mails(connection, _address_hashes(context, address))


def dump_choices(preferences: Preferences, fields: Mapping[str, str]) -> str:
    """Return the choices of a sign-up, and the values of the operator's own fields, as JSON."""
    chosen = {
        "categories": preferences.categories,
        "cadence": preferences.cadence,
        "language": preferences.language,
        "text_size": preferences.text_size,
        "zone": preferences.zone,
        "hour": preferences.hour,
        "fields": dict(fields),
    }
    return json.dumps(chosen, ensure_ascii=False)


def load_choices(stored: str) -> Preferences:
    """Return the choices that `dump_choices` wrote."""
    chosen = json.loads(stored)
    chosen.pop("fields", None)
    return Preferences(**{**chosen, "categories": tuple(chosen["categories"])})


def load_fields(stored: str) -> dict[str, str]:
    """Return the values of the operator's own fields that `dump_choices` wrote."""
    fields: dict[str, str] = json.loads(stored).get("fields", {})
    return fields


def pending_subscription(sign_up: SignUp) -> Subscription:
    """Return the subscription that a sign-up asks for."""
    return Subscription(
        newsletter=sign_up.newsletter,
        state=State.PENDING,
        joined_at=sign_up.at,
        preferences=load_choices(sign_up.choices),
        source=sign_up.source or "form",
    )


def _settle(context: RunContext, connection: Connection, sign_up: SignUp) -> None:
    try:
        address = parse_address(sign_up.address, allow_reserved=True)
    except AddressError:
        # Accepted by another version of this program; it must not stop the others.
        store.drop_sign_up(connection, sign_up.id)
        return
    person = find_person(connection, address)
    known = find_subscription(connection, person.id, sign_up.newsletter) if person else None
    reply = reply_to(known, find_reasons(connection, context.keys, address))
    is_configured = any(each.name == sign_up.newsletter for each in context.newsletters)
    if reply is Reply.ASK and is_configured:
        _store(context, connection, sign_up, address)
        return
    store.drop_sign_up(connection, sign_up.id)
    if reply is Reply.HAS_IT and person is not None and is_configured:
        _tell(context, connection, person, sign_up, NoteKind.SUBSCRIBED)


def _store(context: RunContext, connection: Connection, sign_up: SignUp, address: Address) -> None:
    wanted = pending_subscription(sign_up)
    person, is_new = store_applicant(connection, context.keys, address, wanted, now=context.clock())
    store.settle_sign_up(connection, sign_up, person.id, is_new=is_new)
    _ask(context, connection, person, sign_up)


def _ask(context: RunContext, connection: Connection, person: Person, sign_up: SignUp) -> None:
    if _tell(context, connection, person, sign_up, NoteKind.CONFIRM):
        record(
            context,
            connection,
            SUBSCRIBER,
            "sign up",
            newsletter=sign_up.newsletter,
            detail=sign_up.source,
        )


def _tell(
    context: RunContext, connection: Connection, person: Person, sign_up: SignUp, kind: NoteKind
) -> bool:
    """Store a note if the address may get one more; return whether it was stored."""
    now = context.clock()
    hashes = _address_hashes(context, parse_address(person.address, allow_reserved=True))
    kept = now - context.retention.networks
    if (
        store.count_mails(connection, hashes, since=now - timedelta(days=1)) >= PER_DAY
        or store.count_mails(connection, hashes, since=kept) >= UNCONFIRMED
    ):
        return False
    key = f"{sign_up.newsletter}/{sign_up.at.isoformat()}"
    if not add_note(connection, kind, person, sign_up.newsletter, key=key, now=now):
        return False
    store.add_mail(connection, hashes[0], now=now)
    return True


def _address_hashes(context: RunContext, address: Address) -> list[str]:
    """Return the keyed hash of an address under each key, the newest first."""
    return [_hash(key, "address", address.key) for key in context.keys]


def _hash(key: str, kind: str, value: str) -> str:
    message = f"sign-up {kind}\0{value}".encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
