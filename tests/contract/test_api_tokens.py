"""The tokens of the API, and the pages of deliveries, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.errors import StoreError
from digest.models import DeliveryState, Outcome
from digest.models.admins import ApiToken, Role
from digest.store import admins, api_tokens
from digest.store.attempts import record_outcomes
from digest.store.claims import claim_due
from digest.store.deliveries import mark_handing
from digest.store.delivery_list import page_bad, page_deliveries
from digest.store.engine import Database
from tests.support.ledger_rows import NOW as LEDGER_NOW
from tests.support.ledger_rows import add_edition, add_subscribers, freeze

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
_END = NOW + timedelta(days=1)


def add(database: Database, name: str, account_id: int | None = None) -> ApiToken:
    with database.write() as connection:
        api_tokens.add_token(
            connection,
            name,
            Role.OPS,
            name.ljust(64, "0"),
            account_id=account_id,
            maker="anna",
            ends_at=_END,
            now=NOW,
        )
        found = api_tokens.find_named(connection, name)
    assert found is not None
    return found


def test_a_token_is_stored_found_used_and_removed(database: Database) -> None:
    token = add(database, "nightly")
    assert (token.role, token.maker, token.account) == (Role.OPS, "anna", None)
    assert (token.has_ended(NOW), token.has_ended(_END)) == (False, True)
    with database.write() as connection:
        api_tokens.note_use(connection, token.id, now=_END)
        used = api_tokens.find_by_hash(connection, "nightly".ljust(64, "0"))
        assert used is not None
        assert used.used_at == _END
        assert api_tokens.find_id(connection, token.id) == used
        api_tokens.remove_token(connection, token.id)
        assert api_tokens.list_tokens(connection) == ()


def test_a_token_knows_its_account_and_goes_with_it(database: Database) -> None:
    with database.write() as connection:
        admins.add_account(connection, "anna", Role.VIEWER, "", now=NOW)
        account = admins.find_account(connection, "anna")
        assert account is not None
    add(database, "free")
    mine = add(database, "mine", account.id)
    assert mine.account == account
    assert mine.rights == account.rights
    with database.write() as connection:
        assert api_tokens.list_tokens(connection, account.id) == (mine,)
        assert api_tokens.remove_tokens_of(connection, account.id) == 1
        admins.remove_account(connection, account.id)
        assert [each.name for each in api_tokens.list_tokens(connection)] == ["free"]


def test_a_name_is_taken_once(database: Database) -> None:
    add(database, "nightly")
    with pytest.raises(StoreError):
        add(database, "nightly")


def test_deliveries_come_in_pages(database: Database) -> None:
    with database.write() as connection:
        add_subscribers(connection, 5)
        add_edition(connection)
        freeze(connection)
        ids = [row.id for row in claim_due(connection, 1, "w", now=LEDGER_NOW, most=5).deliveries]
        mark_handing(connection, ids, "w", now=LEDGER_NOW)
        reasons = dict(zip(ids, ("b", "a", "b", "a"), strict=False))
        failed = {
            each: Outcome(state=DeliveryState.FAILED, reply=None, reason=reason, relay="")
            for each, reason in reasons.items()
        }
        record_outcomes(connection, failed, "w", now=LEDGER_NOW)
        first = page_deliveries(connection, 1, most=3)
        rest = page_deliveries(connection, 1, after=first[-1].subscriber_id, most=3)
        seen, after = [], None
        while page := page_bad(connection, 1, DeliveryState.FAILED, after=after, most=1):
            seen.append((page[0].reason, page[0].id))
            after = seen[-1]
    assert [each.subscriber_id for each in (*first, *rest)] == [1, 2, 3, 4, 5]
    assert seen == sorted((reason, each) for each, reason in reasons.items())
