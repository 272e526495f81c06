"""`digest status`: where editions and feeds stand."""

from __future__ import annotations

from dataclasses import asdict

import typer

from digest.app import App
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName, config_path
from digest.cli.output import print_json, print_table, say
from digest.errors import UsageError
from digest.sender.ledger import Accounting
from digest.store import closing, editions
from digest.store.editions import StoredEdition
from digest.store.feeds import FeedHealth, list_feeds


def status(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    as_json: JsonFlag = False,
) -> None:
    """Show the editions and feeds, or one edition's account."""
    app = App.load(config_path(context))
    if edition is None:
        _show_all(app, newsletter, as_json=as_json)
    else:
        _show_one(app, edition, as_json=as_json)


def _show_all(app: App, newsletter: str, *, as_json: bool) -> None:
    name = app.newsletter(newsletter).name if newsletter else None
    with app.database.read() as connection:
        found = editions.list_editions(connection, name)
        counts = {e.id: closing.read_accounting(connection, e.id) for e in found}
        feeds = list_feeds(connection)
    if as_json:
        print_json(
            {
                "editions": [{**_facts(e), "deliveries": asdict(counts[e.id])} for e in found],
                "feeds": [asdict(feed) for feed in feeds],
            }
        )
        return
    if not found:
        say("No edition yet. `digest collect`, then `digest compose`.")
    print_table(
        ("id", "newsletter", "no.", "slot", "state", "mails", "sent", "open", "failed", "unknown"),
        [_edition_row(e, counts[e.id]) for e in found],
    )
    print_table(
        ("feed", "last read (UTC)", "failures", "last error"), [_feed_row(f) for f in feeds]
    )


def _show_one(app: App, edition_id: int, *, as_json: bool) -> None:
    with app.database.read() as connection:
        edition = editions.get_edition(connection, edition_id)
        if edition is None:
            raise UsageError(f"edition {edition_id}: there is none; see `digest status`")
        account = closing.read_accounting(connection, edition_id)
        reasons = closing.count_by_reason(connection, edition_id)
        unknown = closing.list_unknown(connection, edition_id)
    if as_json:
        print_json(
            {
                **_facts(edition),
                "deliveries": asdict(account),
                "is_closed": account.is_closed,
                "reasons": [asdict(reason) for reason in reasons],
                "unknown": [asdict(delivery) for delivery in unknown],
            }
        )
        return
    say(
        f"Edition {edition.id}, {edition.newsletter} No. {edition.number},"
        f" for {edition.local_at.replace('T', ' ')}: {_state(edition)}."
    )
    print_table(
        ("state", "reason", "mails"), [(r.state, r.reason or "-", r.count) for r in reasons]
    )
    if unknown:
        say("In doubt: the content left and no answer came. Settle them with `digest resolve`.")
        print_table(
            ("subscriber", "address", "handed over"),
            [
                (u.subscriber_id, u.address, f"{u.handing_at:%Y-%m-%d %H:%M:%S} UTC")
                for u in unknown
            ],
        )


def _facts(edition: StoredEdition) -> dict[str, object]:
    facts = asdict(edition)
    del facts["snapshot"]
    return facts


def _edition_row(edition: StoredEdition, account: Accounting) -> tuple[object, ...]:
    return (
        edition.id,
        edition.newsletter,
        edition.number,
        edition.local_at.replace("T", " "),
        _state(edition),
        account.frozen,
        account.sent,
        account.open,
        account.failed,
        account.unknown,
    )


def _state(edition: StoredEdition) -> str:
    return edition.state + (f" ({edition.paused_reason})" if edition.paused_reason else "")


def _feed_row(feed: FeedHealth) -> tuple[object, ...]:
    read_at = f"{feed.read_at:%Y-%m-%d %H:%M}" if feed.read_at else "never"
    return feed.url, read_at, feed.failures, feed.last_error
