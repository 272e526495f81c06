"""`digest preview`: an edition as files, to look at before it goes out, or long after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from digest.app import App, utc_now
from digest.app.composing import audience_of, rules_of, schedules_of
from digest.app.printing import letter_writer_of, preview_writer_of
from digest.cli.choose import visible_edition
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName, config_path
from digest.cli.output import print_json, say
from digest.config import NewsletterConfig
from digest.errors import NothingToDo, UsageError
from digest.letter.printing.message import Pieces
from digest.letter.printing.opened import open_message
from digest.newsroom import replay
from digest.newsroom.replay import Subscriber, Week
from digest.store import editions
from digest.store.editions import StoredEdition
from subscribers.addresses import parse_address

#: Whom the preview is addressed to where nobody is named.
SUBSCRIBER = "subscriber@example.org"
POLL_NOTE = "The poll is shown here only; it is mailed when its pages exist."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One mail to look at."""

    #: None where no such edition was ever made.
    edition_id: int | None
    #: Of the files.
    name: str
    pieces: Pieces
    #: What is shown and not mailed; empty where all of it is.
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where a preview lies."""

    html: str
    text: str
    eml: str


def preview(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    week: Annotated[
        str, typer.Option(help="The editions of that week, such as 2026-W40, in place of one.")
    ] = "",
    subscriber: Annotated[
        str, typer.Option("--as", metavar="ADDRESS", help="As that subscriber got it, or will.")
    ] = "",
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")] = Path("preview"),
    as_json: JsonFlag = False,
) -> None:
    """Write the mail with all categories as .html, .txt and .eml; its personal links are dead.

    A week without an edition is composed from what is stored; nothing is changed by looking.
    `digest serve` shows the same in a browser, with the reason for every post and comment.
    """
    if edition is not None and week:
        raise UsageError("say either EDITION or --week")
    app = App.load(config_path(context))
    if week:
        owner = app.newsletter(newsletter)
        sheets = _Viewer(app, owner, subscriber).of_week(Week.parse(week), week)
    else:
        stored = visible_edition(app, edition, newsletter)
        sheets = [_Viewer(app, app.newsletter(stored.newsletter), subscriber).of_edition(stored)]
    _show(
        [(sheet, *_write(app, out, sheet, subscriber or SUBSCRIBER)) for sheet in sheets], as_json
    )


class _Viewer:
    """Looks at one newsletter, for one subscriber or in general."""

    def __init__(self, app: App, newsletter: NewsletterConfig, address: str) -> None:
        self._app = app
        self._newsletter = newsletter
        self._address = address
        self._writer = letter_writer_of(app, newsletter)
        self._draft_writer = preview_writer_of(app, newsletter)

    def of_edition(self, stored: StoredEdition) -> Sheet:
        """Give the mail of an edition."""
        with self._app.database.read() as connection:
            return self._of_edition(connection, stored, self._subscriber(connection))

    def of_week(self, week: Week, name: str) -> list[Sheet]:
        """Give the mails of a week's editions; where none was made, of the one there would be."""
        with self._app.database.read() as connection:
            subscriber = self._subscriber(connection)
            found = replay.editions_in(connection, self._newsletter.name, week)
            if not found:
                return [self._recomposed(connection, week, name, subscriber)]
            return self._of_those(connection, found, subscriber)

    def _of_those(
        self, connection: Connection, found: Sequence[StoredEdition], subscriber: Subscriber | None
    ) -> list[Sheet]:
        """Return the mails of several editions, without those that are not for the subscriber."""
        sheets, reasons = [], []
        for stored in found:
            try:
                sheets.append(self._of_edition(connection, stored, subscriber))
            except NothingToDo as reason:
                reasons.append(str(reason))
        if not sheets:
            raise NothingToDo("; ".join(reasons))
        return sheets

    def _subscriber(self, connection: Connection) -> Subscriber | None:
        if not self._address:
            return None
        address = parse_address(self._address, allow_reserved=True)
        return replay.find_subscriber(connection, self._newsletter.name, address)

    def _of_edition(
        self, connection: Connection, stored: StoredEdition, subscriber: Subscriber | None
    ) -> Sheet:
        composed = replay.draft_as_sent(connection, stored, self._writer, now=utc_now())
        is_draft = stored.state in editions.OPEN
        writer = self._draft_writer if is_draft else self._writer
        if subscriber is None:
            pieces = replay.general_pieces(composed, writer)
        else:
            rule = audience_of(self._app.config, self._newsletter, stored.cadence, stored.local_at)
            pieces = replay.subscriber_pieces(
                connection, stored, subscriber, writer, rule, now=utc_now()
            )
        return Sheet(
            edition_id=stored.id,
            name=f"edition-{stored.id}",
            pieces=pieces,
            note=POLL_NOTE if is_draft and composed.poll else "",
        )

    def _recomposed(
        self, connection: Connection, week: Week, name: str, subscriber: Subscriber | None
    ) -> Sheet:
        schedules = schedules_of(self._newsletter)
        chosen = subscriber.subscription.preferences.cadence if subscriber else ""
        cadence = chosen if chosen in schedules else next(iter(schedules))
        rules = rules_of(self._app.config, self._newsletter, cadence)
        edition = replay.recompose(connection, rules, schedules[cadence], week)
        if subscriber is None:
            pieces = replay.general_pieces(edition, self._writer)
        else:
            pieces = replay.recomposed_pieces(edition, subscriber, self._writer)
        return Sheet(edition_id=None, name=f"{self._newsletter.name}-{name}", pieces=pieces)


def _write(app: App, folder: Path, sheet: Sheet, address: str) -> tuple[str, Files]:
    """Write the files of one mail; gives its subject and where they lie."""
    writer = letter_writer_of(app, app.config.newsletters[0])
    mail = writer.sample(sheet.pieces, address, number=sheet.name, now=utc_now())
    opened = open_message(mail.content)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {ending: folder / f"{sheet.name}.{ending}" for ending in ("html", "txt", "eml")}
    paths["html"].write_text(opened.html, "utf-8")
    paths["txt"].write_text(opened.text, "utf-8")
    paths["eml"].write_bytes(mail.content)
    files = Files(html=str(paths["html"]), text=str(paths["txt"]), eml=str(paths["eml"]))
    return dict(opened.headers)["Subject"], files


def _show(written: list[tuple[Sheet, str, Files]], as_json: bool) -> None:
    if as_json:
        data = [
            {"edition": sheet.edition_id, "subject": subject, "files": files, "note": sheet.note}
            for sheet, subject, files in written
        ]
        print_json(data[0] if len(data) == 1 else data)
        return
    for sheet, subject, files in written:
        name = f"Edition {sheet.edition_id}" if sheet.edition_id else "Never made"
        say(f"{name}: {subject}")
        for path in (files.html, files.text, files.eml):
            say(f"  {path}")
        if sheet.note:
            say(f"  {sheet.note}")
