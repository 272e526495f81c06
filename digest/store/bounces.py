"""Stores mails that came back, and finds the subscribers whom they concern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Label,
    RowMapping,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from digest.models import (
    BounceOutcome,
    DeliveryState,
    Failure,
    MailedSubscriber,
    StoredBounce,
)
from digest.store.dialect import insert_into
from digest.store.tables import bounces, deliveries, editions, notices
from subscribers.moving import has_moved_since
from subscribers.tables import people

#: `notices.kind` of the mail that shows a new subscriber the newest edition.
WELCOME = "welcome"
_OF_PERSON = (people.c.id, people.c.address)
#: Deliveries whose content left, or may have.
_MAILED = (DeliveryState.HANDING, DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.DEFERRED)


def find_mailed(connection: Connection, edition_id: int, person_id: int) -> MailedSubscriber | None:
    """Return the subscriber of a delivery; None if nothing was mailed to that person.

    A person stored after the mail is another one who got the number of an erased person.
    """
    query = (
        select(*_OF_PERSON, editions.c.newsletter, _moved(deliveries.c.handing_at))
        .select_from(deliveries)
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .join(people, people.c.id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.edition_id == edition_id,
            deliveries.c.subscriber_id == person_id,
            deliveries.c.state.in_(_MAILED),
            people.c.created_at <= deliveries.c.handing_at,
        )
    )
    return _find(connection, query, edition_id)


def find_noted(connection: Connection, notice_id: int, person_id: int) -> MailedSubscriber | None:
    """Return the subscriber of a mail outside an edition; None if there is none, or no longer.

    A notice is deleted with the person, so it never names another one with the same number.
    """
    query = (
        select(*_OF_PERSON, notices.c.newsletter, _moved(notices.c.created_at))
        .join(people, people.c.id == notices.c.person_id)
        .where(notices.c.id == notice_id, notices.c.person_id == person_id)
    )
    return _find(connection, query, None)


def find_welcomed(
    connection: Connection, edition_id: int, person_id: int
) -> MailedSubscriber | None:
    """Return the subscriber whose welcome mail showed an edition; None if there is none.

    Of several welcome mails the first counts, because the report may be about its address.
    """
    query = (
        select(*_OF_PERSON, editions.c.newsletter, _moved(notices.c.created_at))
        .select_from(notices)
        .join(people, people.c.id == notices.c.person_id)
        .join(editions, editions.c.newsletter == notices.c.newsletter)
        .where(
            editions.c.id == edition_id,
            notices.c.person_id == person_id,
            notices.c.kind == WELCOME,
        )
        .order_by(notices.c.id)
    )
    return _find(connection, query, None)


def _find(
    connection: Connection, query: Select[int, str, str, bool], edition_id: int | None
) -> MailedSubscriber | None:
    row = connection.execute(query).first()
    if row is None:
        return None
    return MailedSubscriber(
        person_id=row.id,
        address=row.address,
        newsletter=row.newsletter,
        edition_id=edition_id,
        has_moved=row.has_moved,
    )


def _moved(mailed_at: ColumnElement[datetime]) -> Label[bool]:
    return has_moved_since(people.c.id, mailed_at).label("has_moved")


def find_bounce(connection: Connection, person_id: int, report: str) -> StoredBounce | None:
    """Return this report about this person; None if it was not read before."""
    row = (
        connection.execute(
            select(bounces).where(bounces.c.person_id == person_id, bounces.c.report == report)
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else _stored(row)


def add_bounce(connection: Connection, bounce: StoredBounce) -> bool:
    """Store a report; return False if it was stored before."""
    return connection.execute(_add(connection.dialect.name), asdict(bounce)).first() is not None


@cache
def _add(dialect: str) -> ReturningInsert[int]:
    # It returns the id because the count of rows is -1 on PostgreSQL.
    return insert_into(dialect, bounces).on_conflict_do_nothing().returning(bounces.c.id)


def set_outcome(
    connection: Connection, person_id: int, report: str, outcome: BounceOutcome
) -> None:
    """Store what was done about a report."""
    connection.execute(
        update(bounces)
        .where(bounces.c.person_id == person_id, bounces.c.report == report)
        .values(outcome=outcome)
    )


def failures_in_a_row(connection: Connection, person_id: int) -> tuple[Failure, ...]:
    """Return the editions that failed since the last mail that arrived, newest first.

    A mail arrived if a later edition, or one between two failures, was sent without a failure.
    Editions after the newest failure do not count because their reports may still come.
    """
    failures: list[Failure] = []
    for row in connection.execute(_FAILURES, {"person": person_id}):
        if row.at is None:
            break
        failure = Failure(
            edition_id=row.edition_id, at=row.at, is_unconfirmed=bool(row.is_unconfirmed)
        )
        failures.append(failure)
    return tuple(failures)


def _select_failures() -> Select[int, datetime | None, int | None]:
    person = bindparam("person", type_=Integer)
    failed = (
        select(
            bounces.c.edition_id,
            func.max(bounces.c.at, type_=bounces.c.at.type).label("at"),
            func.max(case((bounces.c.is_unconfirmed, 1), else_=0)).label("is_unconfirmed"),
        )
        .where(bounces.c.person_id == person, bounces.c.is_scored)
        .group_by(bounces.c.edition_id)
        .subquery()
    )
    newest = select(func.max(failed.c.edition_id)).scalar_subquery()
    return (
        select(deliveries.c.edition_id, failed.c.at, failed.c.is_unconfirmed)
        .select_from(deliveries)
        .outerjoin(failed, failed.c.edition_id == deliveries.c.edition_id)
        .where(
            deliveries.c.subscriber_id == person,
            or_(deliveries.c.state == DeliveryState.SENT, failed.c.at.is_not(None)),
            deliveries.c.edition_id <= newest,
        )
        .order_by(deliveries.c.edition_id.desc())
    )


_FAILURES = _select_failures()


def count_reports(connection: Connection, edition_id: int) -> tuple[int, dict[str, int]]:
    """Return how many mails of an edition were sent, and how many persons reported each class.

    Refusals in the session are no reports: those mails were not sent.
    """
    mailed = select(func.count()).where(
        deliveries.c.edition_id == edition_id, deliveries.c.state.in_(_MAILED)
    )
    is_report = bounces.c.report != session_report(edition_id)
    return connection.scalar(mailed) or 0, _count_persons(connection, edition_id, is_report)


def count_bounces(connection: Connection, edition_id: int) -> dict[str, int]:
    """Return how many persons of an edition had each class of bounce, by report or refusal."""
    return _count_persons(connection, edition_id)


def count_bounces_of(
    connection: Connection, edition_ids: Sequence[int]
) -> dict[int, dict[str, int]]:
    """Return, for each of these editions with some, how many persons had each class of bounce."""
    rows = connection.execute(
        select(
            bounces.c.edition_id,
            bounces.c.bounce_class,
            func.count(bounces.c.person_id.distinct()).label("persons"),
        )
        .where(bounces.c.edition_id.in_(edition_ids))
        .group_by(bounces.c.edition_id, bounces.c.bounce_class)
        .order_by(bounces.c.bounce_class)
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.edition_id, {})[row.bounce_class] = row.persons
    return found


def _count_persons(
    connection: Connection, edition_id: int, *wanted: ColumnElement[bool]
) -> dict[str, int]:
    persons = func.count(bounces.c.person_id.distinct()).label("persons")
    rows = connection.execute(
        select(bounces.c.bounce_class, persons)
        .where(bounces.c.edition_id == edition_id, *wanted)
        .group_by(bounces.c.bounce_class)
        .order_by(bounces.c.bounce_class)
    )
    return {row.bounce_class: row.persons for row in rows}


def session_report(edition_id: int) -> str:
    """Return what the refusal of an edition's mail is stored as: one for each subscriber."""
    return f"session e{edition_id}"


def count_class(connection: Connection, edition_id: int, bounce_class: str) -> int:
    """Return how many reports of a class about an edition were read."""
    found = select(func.count()).where(
        bounces.c.edition_id == edition_id, bounces.c.bounce_class == bounce_class
    )
    return connection.scalar(found) or 0


def domains_of(connection: Connection, edition_id: int, bounce_class: str) -> frozenset[str]:
    """Return the domains of the persons whose mails of an edition came back with a class."""
    addresses = connection.execute(
        select(people.c.address)
        .join(bounces, bounces.c.person_id == people.c.id)
        .where(bounces.c.edition_id == edition_id, bounces.c.bounce_class == bounce_class)
    ).scalars()
    return frozenset(address.rpartition("@")[2].lower() for address in addresses)


def list_bounces(connection: Connection, person_id: int) -> tuple[StoredBounce, ...]:
    """Return the reports about a person, oldest first."""
    rows = connection.execute(
        select(bounces).where(bounces.c.person_id == person_id).order_by(bounces.c.id)
    ).mappings()
    return tuple(map(_stored, rows))


def _stored(row: RowMapping) -> StoredBounce:
    values = {name: value for name, value in row.items() if name != "id"}
    return StoredBounce(**{**values, "outcome": BounceOutcome(row["outcome"])})
