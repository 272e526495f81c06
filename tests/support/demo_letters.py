"""The demo's mails with a fixed key, address and clock: the same bytes in every run.

`python -m tests.support.demo_letters` records them again, for a change that is meant to change the
mail.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from digest.app import App
from digest.app.composing import audience_of, rules_of, schedules_of
from digest.app.printing import letter_writer_of
from digest.app.sources import feed_sources
from digest.demo.issue import Issue, print_issue
from digest.demo.paper import load_paper
from digest.demo.people import sample_subscribers, subscribers_csv
from digest.demo.settings import Ports, write_config
from digest.demo.site import render_site
from digest.errors import FeedError
from digest.models import Delivery, Fetched, Recipient, Validators
from digest.pipeline.collect import collect
from digest.pipeline.compose import compose
from digest.pipeline.deliver import message_builder
from digest.pipeline.freeze import freeze
from digest.readers.parsing.pool import ParserPool
from digest.scheduler.slots import previous_slot
from digest.store import editions
from digest.store.tables import deliveries
from subscribers.importing import import_file, summarise
from subscribers.merging import ImportOptions
from subscribers.tables import people, subscriptions
from tests.support.databases import create_configured

FOLDER = Path(__file__).parents[1] / "data" / "demo-letters"
#: The file with the SHA-256 and recipient of every mail.
SUMS = FOLDER / "sums.txt"
#: Recipients whose whole mail is stored: all sections, one, two, three.
KEPT = (0, 1, 2, 11)

_BASE = "https://paper.example.org"
_NOW = datetime(2026, 11, 23, 6, 20, tzinfo=UTC)
_KEY = "a fixed key, long enough, of no secret"


class _Site:
    """Answers for the demo's site without a socket."""

    def __init__(self, issue: Issue) -> None:
        self._pages = render_site(issue)

    async def get(
        self,
        url: str,
        validators: Validators,
        *,
        named_by: str = "",
        json: bytes | None = None,  # noqa: ARG002 - as the fetcher's
    ) -> Fetched:
        page = self._pages.get(url.removeprefix(_BASE))
        if page is None:
            raise FeedError(named_by or url, "HTTP 404", transient=False)
        return Fetched(
            url=url,
            status=200,
            body=page.body,
            content_type=page.content_type,
            validators=validators,
        )


def write_letters(folder: Path) -> dict[str, bytes]:
    """Collect, compose and freeze the demo in a folder; return each recipient's mail."""
    issue = print_issue(load_paper(), now=_NOW, base_url=_BASE)
    ports = Ports(smtp=2525, public=8000, admin=8001)
    config = folder / "config.toml"
    config.write_text(
        write_config(issue, ports, secret_key=_KEY, database="sqlite:///digest.db"), "utf-8"
    )
    app = App.load(config)
    create_configured(app.config)
    _import_people(app, folder)
    asyncio.run(_collect(app, issue))
    newsletter = app.newsletter()
    rules, schedule = rules_of(app.config, newsletter), schedules_of(newsletter)["weekly"]
    slot = previous_slot(schedule, ZoneInfo("UTC"), until=_NOW)
    draft = compose(app.database, rules, schedule, now=_NOW, slot=slot)
    with app.database.read() as connection:
        stored = editions.get_edition(connection, draft.edition_id)
        assert stored is not None
    audience = audience_of(app.config, newsletter, stored.cadence, stored.local_at)
    writer = letter_writer_of(app, newsletter)
    freeze(app.database, stored, writer, audience, keys=app.keys, now=_NOW)
    with app.database.read() as connection:
        stored = editions.get_edition(connection, draft.edition_id)
        assert stored is not None
    build = message_builder(app.database, stored, writer.identity, keys=app.keys)
    mails = {row.recipient.address: build(row).content for row in _rows(app)}
    app.database.close()
    return mails


async def _collect(app: App, issue: Issue) -> None:
    # One after the other, so that posts and comments get the same numbers in every run.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=1))
    async with ParserPool(workers=1) as pool:
        report = await collect(
            app.database, _Site(issue), pool, feed_sources(app.config), now=_NOW, at_once=1
        )
    assert not report.failed


def _import_people(app: App, folder: Path) -> None:
    file = folder / "people.csv"
    file.write_text(subscribers_csv(sample_subscribers(now=_NOW)), "utf-8", newline="")
    options = ImportOptions(
        newsletter="weekly",
        keys=app.keys,
        now=_NOW,
        consent="demo",
        how="import",
        seen_seq=None,
        allow_reserved=True,
    )
    with file.open("rb") as stream:
        report = summarise(import_file(app.database.write, stream, options))
    assert not report.refused
    with app.database.write() as connection:
        for id_ in connection.scalars(select(people.c.id)).all():
            connection.execute(
                update(people).where(people.c.id == id_).values(public_id=f"{id_:022}")
            )


def _rows(app: App) -> list[Delivery]:
    with app.database.read() as connection:
        rows = connection.execute(
            select(
                deliveries,
                people.c.address,
                people.c.public_id,
                subscriptions.c.joined_at,
                subscriptions.c.language,
            )
            .join(people, people.c.id == deliveries.c.subscriber_id)
            .join(subscriptions, subscriptions.c.person_id == people.c.id)
            .order_by(people.c.id)
        ).all()
    return [
        Delivery(
            id=row.id,
            edition_id=row.edition_id,
            variant_id=row.variant_id,
            recipient=Recipient(
                subscriber_id=row.subscriber_id,
                public_id=row.public_id,
                address=row.address,
                joined_at=row.joined_at,
                language=row.language,
            ),
            not_before=row.not_before,
            attempts=0,
        )
        for row in rows
    ]


def sums_of(mails: dict[str, bytes]) -> str:
    """Return a line for each mail: its SHA-256 and its recipient."""
    lines = (f"{hashlib.sha256(mail).hexdigest()}  {to}\n" for to, mail in sorted(mails.items()))
    return "".join(lines)


def kept_of(mails: dict[str, bytes]) -> dict[str, bytes]:
    """Return the mails that are stored whole, by file name."""
    subscribers = sample_subscribers(now=_NOW)
    return {f"{subscribers[at].address}.eml": mails[subscribers[at].address] for at in KEPT}


def _record() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        mails = write_letters(Path(folder))
    SUMS.write_text(sums_of(mails), "utf-8")
    for name, mail in kept_of(mails).items():
        (FOLDER / name).write_bytes(mail)


if __name__ == "__main__":
    _record()
