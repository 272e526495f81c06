"""The use cases of the installation, for all doors."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from digest.models import EditorChanges, Step
from digest.newsroom import use_cases
from digest.newsroom.admins import Admins
from digest.newsroom.comments import Comments
from digest.newsroom.composing import Drafts
from digest.newsroom.desk import Desk
from digest.newsroom.feeds import Feeds
from digest.newsroom.newsletter import Newsletter
from digest.newsroom.people import People
from digest.newsroom.proof import Proofs
from digest.newsroom.sending import Sending

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

    from digest.models import (
        Accounts,
        Actor,
        AudienceCounts,
        CollectReport,
        DatabaseHealth,
        FeedOutcome,
        PeopleCounts,
        Progress,
        Settings,
        StoredEdition,
    )
    from digest.newsroom.adopt import Adoption
    from digest.newsroom.backup import Backup
    from digest.newsroom.bounces import BounceReport
    from digest.newsroom.compose import Composition
    from digest.newsroom.context import RunContext
    from digest.newsroom.copy_database import CopiedTable, DatabaseCopy
    from digest.newsroom.deliveries import SubscriberMails
    from digest.newsroom.plan import Plan
    from digest.newsroom.post_office import PostOffice
    from digest.newsroom.restore import Restored
    from digest.newsroom.run import Service, Wake
    from digest.newsroom.send import DryRun, SendReport
    from digest.newsroom.status import Status
    from digest.newsroom.upgrade import SchemaUpgrade
    from digest.newsroom.worker import Helper


class Newsroom:
    """The use cases of the installation; each is documented in its own module."""

    def __init__(self, context: RunContext) -> None:
        self._context = context

    @property
    def newsletters(self) -> tuple[Newsletter, ...]:
        """The configured newsletters, in order."""
        return tuple(Newsletter(self._context, each.name) for each in self._context.newsletters)

    def newsletter(self, name: str = "") -> Newsletter:
        """Return the newsletter of that name; for an empty name, the only one.

        Raises:
            UsageError: the newsletter does not exist, or the name is empty and there are several.
        """
        return Newsletter(self._context, self._context.newsletter_of(name).name)

    def newsletter_with(self, edition: int | None, name: str = "") -> Newsletter:
        """Return the newsletter of an edition; if `edition` is None, the one named `name`.

        Raises:
            UsageError: the edition or the newsletter does not exist.
        """
        if edition is None:
            return self.newsletter(name)
        with self._context.database.read() as connection:
            stored = use_cases.editions.named_edition(connection, edition)
        return Newsletter(self._context, stored.newsletter)

    @property
    def people(self) -> People:
        """The subscribers of all newsletters."""
        return People(self._context)

    @property
    def admins(self) -> Admins:
        """The accounts of the desk."""
        return Admins(self._context)

    @cached_property
    def proofs(self) -> Proofs:
        """The views of mails before they are sent."""
        return Proofs(self._context)

    @cached_property
    def desk(self) -> Desk:
        """The content of the pages of the desk."""
        return Desk(self._context)

    @cached_property
    def sending(self) -> Sending:
        """The use cases of sending at the desk."""
        return Sending(self._context)

    @property
    def comments(self) -> Comments:
        """The comments under stored posts."""
        return Comments(self._context)

    @property
    def drafts(self) -> Drafts:
        """The drafts that editors compose."""
        return Drafts(self._context)

    def ingest_bounces(
        self, source: str = "", path: Path | None = None, *, by: Actor
    ) -> BounceReport:
        """Read mails that came back and act on each; see `RunContext.open_mailbox`."""
        mails = self._context.open_mailbox(source, path)
        return use_cases.bounces.ingest(self._context, mails, by=by)

    # --- composing and sending ------------------------------------------------------------------

    def compose(
        self,
        newsletter: str = "",
        cadence: str = "",
        *,
        by: Actor,
        is_extra: bool = False,
        changes: EditorChanges | None = None,
        step: Step | None = None,
    ) -> Composition:
        """Make or refresh the drafts of the slots that have come, or else of the next ones."""
        return use_cases.compose.compose_by_hand(
            self._context,
            newsletter,
            cadence,
            by=by,
            is_extra=is_extra,
            changes=changes or EditorChanges(),
            step=step or Step.EDIT,
        )

    def account_next(
        self, newsletter: str = "", cadence: str = "", *, is_extra: bool = False
    ) -> tuple[Accounts, ...]:
        """Return, for each edition that `compose` means, the new posts and why they make none."""
        return use_cases.compose.account_next(self._context, newsletter, cadence, is_extra=is_extra)

    def find_sendable(
        self,
        newsletter: str = "",
        edition: int | None = None,
        *,
        is_at_once: bool = False,
        is_rehearsal: bool = False,
    ) -> tuple[StoredEdition, ...]:
        """Return the editions that `send` means."""
        return use_cases.send.find_sendable(
            self._context, newsletter, edition, is_at_once=is_at_once, is_rehearsal=is_rehearsal
        )

    def rehearse(self, edition: StoredEdition) -> DryRun:
        """Return what `freeze` and `send` would do, without storing or sending anything."""
        return use_cases.send.rehearse(self._context, edition)

    async def ask_again(self, edition: StoredEdition) -> None:
        """Ask the sites whether the comments that a draft quotes are still there."""
        await use_cases.removed.ask_again(self._context, edition.id)

    def removed_from(self, frozen: StoredEdition) -> tuple[str, ...]:
        """Return the comments that their sites had removed before the freeze, one line each."""
        return use_cases.removed.removed_from(frozen)

    def freeze(
        self,
        edition: StoredEdition,
        *,
        by: Actor,
        any_audience: bool = False,
        is_at_once: bool = False,
    ) -> StoredEdition:
        """Return the edition to send; freeze it if it is not frozen yet."""
        return use_cases.send.freeze_now(
            self._context, edition, by=by, any_audience=any_audience, is_at_once=is_at_once
        )

    def progress_of(self, frozen: StoredEdition, *, is_new: bool) -> Progress:
        """Return the counts of an edition before a run; `send` may take them as `progress`."""
        return use_cases.progress.start_progress(self._context, frozen, is_new=is_new)

    async def send(
        self,
        frozen: StoredEdition,
        *,
        outbox: Path | None = None,
        progress: Progress | None = None,
    ) -> SendReport:
        """Send the due deliveries of a frozen edition."""
        return await use_cases.send.send(self._context, frozen, outbox=outbox, progress=progress)

    # --- reports --------------------------------------------------------------------------------

    def status(self, newsletter: str = "") -> Status:
        """Return the editions of a newsletter, or of all, and the feeds."""
        name = self._context.newsletter_of(newsletter).name if newsletter else None
        return use_cases.status.read_status(self._context, name)

    def plan(self, weeks: int) -> Plan:
        """Return every newsletter's editions of the next weeks."""
        return use_cases.plan.plan(self._context, (), weeks=weeks)

    def deliveries(self, address: str) -> SubscriberMails:
        """Return the deliveries of one subscriber."""
        return use_cases.deliveries.read_deliveries(self._context, address)

    # --- counts over the whole list -------------------------------------------------------------

    def audience_counts(self, newsletter: str = "") -> AudienceCounts | None:
        """Return the stored counts of a newsletter's subscribers; None if never counted."""
        return use_cases.counts.read_audience(self._context, newsletter)

    def people_counts(self) -> PeopleCounts | None:
        """Return the stored counts of all people; None if they were never counted."""
        return use_cases.counts.read_people(self._context)

    def count_again(self, newsletter: str = "", *, by: Actor) -> bool:
        """Count a newsletter's subscribers, or those of all; False if that was just done."""
        return use_cases.counts.count_again(self._context, newsletter, by=by)

    # --- feeds ----------------------------------------------------------------------------------

    @property
    def feeds(self) -> Feeds:
        """The use cases of feeds."""
        return Feeds(self._context)

    @property
    def feed_count(self) -> int:
        """The number of configured feeds."""
        return len(self._context.sources)

    async def collect(
        self,
        *,
        by: Actor,
        is_forced: bool = False,
        progress: Callable[[FeedOutcome], None] = lambda _: None,
    ) -> CollectReport:
        """Fetch every feed and store what is new."""
        return await use_cases.collect.collect(
            self._context, by=by, is_forced=is_forced, progress=progress
        )

    # --- the database and the service -------------------------------------------------------------

    def settings(self) -> Settings:
        """Return the settings in force, each with its origin and without secrets."""
        return use_cases.settings.read_settings(self._context)

    def database_health(self) -> DatabaseHealth:
        """Return the state of the database."""
        return use_cases.settings.read_database(self._context)

    def check_writable(self) -> None:
        """Check that the database can be written, by a write that changes nothing."""
        use_cases.database.check_writable(self._context)

    def check_state(self) -> str:
        """Check that this database may send; return a line for the operator, or nothing."""
        return use_cases.state.check_state(self._context)

    def adopt(self, *, seen_now: bool, by: Actor) -> Adoption:
        """Make a database that was put back or copied safe to send from."""
        return use_cases.adopt.adopt(self._context, seen_now=seen_now, by=by)

    def back_up(self, target: Path | None = None, *, by: Actor) -> Backup:
        """Write a verified copy of the database."""
        return use_cases.backup.back_up(self._context, target, by=by)

    def restore(self, source: Path, *, by: Actor) -> Restored:
        """Put a backup in the place of the database."""
        return use_cases.restore.restore(self._context, source, by=by)

    def upgrade_database(self, *, by: Actor) -> SchemaUpgrade:
        """Upgrade the database to this program's schema."""
        return use_cases.upgrade.upgrade(self._context, by=by)

    def copy_database(
        self, url: str, *, by: Actor, progress: Callable[[CopiedTable], object] = lambda _: None
    ) -> DatabaseCopy:
        """Copy the database into another, which sends from then on."""
        return use_cases.copy_database.copy_database(self._context, url, by=by, progress=progress)

    def service(
        self, stop: asyncio.Event, *, trusts_clock: bool = False, wake: Wake | None = None
    ) -> Service:
        """Return the jobs of `digest run`, which end when `stop` is set."""
        return use_cases.run.Service(self._context, stop, trusts_clock=trusts_clock, wake=wake)

    def helper(self, stop: asyncio.Event, *, trusts_clock: bool = False) -> Helper:
        """Return what sends beside other processes: the work of `digest worker`."""
        return use_cases.worker.Helper(self._context, stop, trusts_clock=trusts_clock)

    async def replay_leavings(self, stop: asyncio.Event) -> None:
        """Apply the journal of leavings, again and again, until `stop` is set."""
        await use_cases.journal.replay_leavings(self._context, stop)

    def join_state(self) -> str:
        """Write the state file of a machine that joins; return a line for the operator."""
        return use_cases.state.join_state(self._context)

    def post_office(self, stop: asyncio.Event) -> PostOffice:
        """Return what sends the notes to subscribers until `stop` is set; `service` has one."""
        return use_cases.post_office.PostOffice(self._context, stop)
