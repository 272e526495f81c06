"""The editions that the public archive shows: those of which mails were really sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from digest.models import DeliveryState, EditionState
from digest.store.tables import deliveries, editions


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedRow:
    """One edition of the archive, without its content."""

    id: int
    cadence: str
    number: int
    #: When its first mail left.
    at: datetime
    #: Never changes after the freeze.
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedCadence:
    """The editions of one cadence of a newsletter, or of all but some.

    A newsletter's first cadence also has the editions of cadences that no longer exist, so it is
    "all but the other cadences".
    """

    newsletter: str
    #: The only cadence; empty for all but `others`.
    cadence: str = ""
    others: tuple[str, ...] = ()


# Mails of a paused edition have left too, but an editor who stops an edition may have seen an error
# in it; it is public again when it goes on.
_IS_PUBLIC = and_(
    editions.c.frozen_at.is_not(None),
    editions.c.state.in_((EditionState.SENDING, EditionState.FINISHED)),
    exists().where(
        deliveries.c.edition_id == editions.c.id, deliveries.c.state == DeliveryState.SENT
    ),
)
#: Editions frozen by earlier versions have no `first_at`.
_left_at = func.coalesce(editions.c.first_at, editions.c.frozen_at)


def list_archived(
    connection: Connection, wanted: ArchivedCadence, *, most: int, skip: int = 0
) -> tuple[ArchivedRow, ...]:
    """Return at most `most` editions, newest first, without the first `skip`."""
    query = _query(_is_of(wanted)).order_by(_left_at.desc(), editions.c.id.desc())
    return _rows(connection, query.limit(most).offset(skip))


def count_archived(connection: Connection, wanted: ArchivedCadence) -> int:
    """Return the number of editions."""
    query = select(func.count()).select_from(editions).where(_IS_PUBLIC, _is_of(wanted))
    return int(connection.execute(query).scalar_one())


def find_archived(connection: Connection, newsletter: str, number: int) -> ArchivedRow | None:
    """Return the edition of a newsletter with that number; None if it is not in the archive.

    All cadences of a newsletter are counted together, so that a number names one edition.
    """
    query = _query(editions.c.newsletter == newsletter, editions.c.number == number)
    return _first(connection, query.order_by(editions.c.id.desc()))


def neighbours(
    connection: Connection, wanted: ArchivedCadence, row: ArchivedRow
) -> tuple[ArchivedRow | None, ArchivedRow | None]:
    """Return the editions before and after an edition; None if there is none."""
    is_older = or_(_left_at < row.at, and_(_left_at == row.at, editions.c.id < row.id))
    is_newer = or_(_left_at > row.at, and_(_left_at == row.at, editions.c.id > row.id))
    older = _query(_is_of(wanted), is_older).order_by(_left_at.desc(), editions.c.id.desc())
    newer = _query(_is_of(wanted), is_newer).order_by(_left_at, editions.c.id)
    return _first(connection, older), _first(connection, newer)


def _is_of(wanted: ArchivedCadence) -> ColumnElement[bool]:
    is_wanted = (
        editions.c.cadence == wanted.cadence
        if wanted.cadence
        else editions.c.cadence.not_in(wanted.others)
    )
    return and_(editions.c.newsletter == wanted.newsletter, is_wanted)


def _query(*wanted: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    return select(
        editions.c.id,
        editions.c.cadence,
        editions.c.number,
        _left_at.label("at"),
        editions.c.content_hash,
    ).where(_IS_PUBLIC, *wanted)


def _rows(connection: Connection, query: Select[tuple[object, ...]]) -> tuple[ArchivedRow, ...]:
    return tuple(ArchivedRow(**row) for row in connection.execute(query).mappings())


def _first(connection: Connection, query: Select[tuple[object, ...]]) -> ArchivedRow | None:
    return next(iter(_rows(connection, query.limit(1))), None)
