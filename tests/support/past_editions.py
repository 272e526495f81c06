"""A configured newsletter with past editions in a real database, and its public pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select, update

from digest.app import App
from digest.composer.snapshot import content_hash, edition_to_json
from digest.models import DeliveryState, Edition, EditionState
from digest.store.tables import deliveries, editions, slots, variants
from digest.web.doors import public_door
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from subscribers.addresses import parse_address
from subscribers.people import add_person, subscribe
from subscribers.preferences import Preferences, State, Subscription
from subscribers.tokens import Link, LinkSigner, Purpose
from tests.support.project import Project
from tests.support.samples import sample_edition
from tests.support.web_server import Site, serving

#: When the first mail of edition 1 left.
FIRST = datetime(2026, 8, 3, 7, 0, tzinfo=UTC)
TWO_CADENCES = 'cadences = { weekly = "Mon 07:00", monthly = "1st Mon 07:00" }'


@dataclass(frozen=True)
class PastEditions:
    """One newsletter, `weekly`, with an archive."""

    project: Project

    @classmethod
    def open(
        cls, folder: Path, *keys: str, schedule: str = 'schedule = "Mon 07:00"'
    ) -> PastEditions:
        """Set up the newsletter; `keys` are further lines of its configuration."""
        project = Project(folder)
        project.write_config(
            feed_url="https://hill.example.org/feed", smtp_port=9, schedule="Mon 07:00"
        )
        lines = "\n".join([schedule, "archive = true", *keys])
        project.change_config('schedule = "Mon 07:00"', lines)
        project.change_config('https://hill.example.org"\npostal', 'http://127.0.0.1"\npostal')
        return cls(project)

    @property
    def app(self) -> App:
        """Return the configuration, as the file has it now."""
        return App.load(self.project.config)

    def publish(
        self,
        number: int,
        edition: Edition | None = None,
        *,
        state: EditionState = EditionState.FINISHED,
        fates: tuple[DeliveryState, ...] = (DeliveryState.SENT,),
        cadence: str = "weekly",
        at: datetime | None = None,
        is_extra: bool = False,
    ) -> int:
        """Store a frozen edition and its deliveries; return its id."""
        when = at or FIRST + timedelta(weeks=number - 1)
        made = replace(
            edition or sample_edition(), number=number, newsletter="weekly", cadence=cadence
        )
        snapshot = edition_to_json(made)
        with self.app.database.write() as connection:
            local = f"{when:%Y-%m-%dT%H:%M}"
            slot = insert(slots).values(
                newsletter="weekly",
                cadence=f"{cadence}{number}",
                local_at=local,
                due_at=when,
                state="composed",
            )
            slot_id = connection.execute(slot.returning(slots.c.id)).scalar_one()
            stored = insert(editions).values(
                slot_id=slot_id,
                newsletter="weekly",
                cadence=cadence,
                number=number,
                cut_seq=made.cut_seq,
                state=state,
                snapshot=snapshot,
                content_hash=content_hash(snapshot),
                is_extra=is_extra,
                created_at=when,
                composed_at=when,
                frozen_at=when
                if state not in (EditionState.DRAFT, EditionState.APPROVED)
                else None,
                first_at=when if state not in (EditionState.DRAFT, EditionState.APPROVED) else None,
                frozen_count=len(fates),
            )
            edition_id = int(connection.execute(stored.returning(editions.c.id)).scalar_one())
            variant = insert(variants).values(
                edition_id=edition_id,
                key="all",
                since_seq=made.last_cut_seq,
                subject="News",
                preheader="",
                story_count=1,
                pieces=b"",
            )
            variant_id = connection.execute(variant.returning(variants.c.id)).scalar_one()
            rows = [
                {
                    "edition_id": edition_id,
                    "subscriber_id": 1000 + row,
                    "variant_id": variant_id,
                    "since_seq": made.last_cut_seq,
                    "not_before": when,
                    "state": fate,
                }
                for row, fate in enumerate(fates)
            ]
            if rows:
                connection.execute(insert(deliveries), rows)
        return edition_id

    def change(self, edition_id: int, **values: object) -> None:
        """Set columns of an edition."""
        with self.app.database.write() as connection:
            connection.execute(update(editions).where(editions.c.id == edition_id).values(**values))

    def view_path(
        self,
        edition_id: int,
        *,
        state: State = State.CONFIRMED,
        got_it: bool = False,
        **chosen: object,
    ) -> str:
        """Add a subscriber, by default without deliveries; return the path of their own page."""
        app = self.app
        with app.database.write() as connection:
            name = f"{state}{edition_id}{len(chosen)}@example.net"
            address = parse_address(name, allow_reserved=True)
            person = add_person(connection, address, name="", now=FIRST)
            chosen_by = Preferences(**chosen)  # type: ignore[arg-type]  # named by the test
            subscription = Subscription(
                newsletter="weekly", state=state, joined_at=FIRST, preferences=chosen_by
            )
            subscribe(connection, person.id, subscription)
            if got_it:
                taken = select(variants.c.id).where(variants.c.edition_id == edition_id)
                row = {
                    "edition_id": edition_id,
                    "subscriber_id": person.id,
                    "variant_id": connection.execute(taken).scalar_one(),
                    "not_before": FIRST,
                    "state": DeliveryState.SENT,
                }
                connection.execute(insert(deliveries).values(row))
        link = Link(public_id=person.public_id, newsletter="weekly", number=edition_id)
        return f"/v/{LinkSigner(app.keys[0]).sign(Purpose.VIEW, link)}"

    @contextmanager
    def served(self) -> Iterator[Site]:
        """Serve the public pages on a free port."""
        with serving(create_public(public_door(self.app, self.app), PUBLIC)) as site:
            yield site
