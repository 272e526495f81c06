"""Accounts, sessions and failed sign-ins, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.errors import StoreError
from digest.models.admins import Role
from digest.store import admin_sessions, admins, desk_list, sign_in_failures
from digest.store.engine import Database

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
_LATER = NOW + timedelta(hours=1)


def add(database: Database, name: str = "anna", role: Role = Role.EDITOR) -> int:
    with database.write() as connection:
        admins.add_account(connection, name, role, "hash", now=NOW)
        account = admins.find_account(connection, name)
    assert account is not None
    return account.id


def test_an_account_is_stored_changed_and_removed(database: Database) -> None:
    with database.read() as connection:
        assert not admins.has_accounts(connection)
    number = add(database)
    with database.write() as connection:
        admins.set_role(connection, number, Role.OPS)
        admins.set_password_hash(connection, number, "")
        admins.note_sign_in(connection, number, now=_LATER)
    with database.read() as connection:
        assert admins.has_accounts(connection)
        (account,) = admins.list_accounts(connection)
        assert admins.password_hash_of(connection, "anna") == ""
    assert (account.role, account.has_password, account.signed_in_at) == (Role.OPS, False, _LATER)
    with database.write() as connection:
        admins.remove_account(connection, number)
        assert admins.find_account(connection, "anna") is None


def test_a_name_is_taken_once(database: Database) -> None:
    add(database)
    with pytest.raises(StoreError):
        add(database)


def test_sessions_end_one_by_one_by_account_and_by_age(database: Database) -> None:
    anna, ben = add(database), add(database, "ben")
    with database.write() as connection:
        for token, owner, at in (("a", anna, NOW), ("b", anna, _LATER), ("c", ben, _LATER)):
            admin_sessions.add_session(connection, owner, token, now=at)
        admin_sessions.note_use(connection, "a", now=_LATER)
    with database.write() as connection:
        found = admin_sessions.find_session(connection, "a")
        assert found is not None
        assert (found.account.name, found.created_at, found.seen_at) == ("anna", NOW, _LATER)
        assert admin_sessions.count_sessions(connection) == {anna: 2, ben: 1}
        admin_sessions.end_old_sessions(connection, created_before=_LATER, seen_before=NOW)
        assert admin_sessions.count_sessions(connection) == {anna: 1, ben: 1}
        assert admin_sessions.end_sessions_of(connection, anna) == 1
        admin_sessions.end_session(connection, "c")
        assert admin_sessions.count_sessions(connection) == {}


def test_failures_are_counted_taken_back_and_forgotten(database: Database) -> None:
    with database.write() as connection:
        for _ in range(3):
            sign_in_failures.count_failure(connection, "x", now=NOW)
        sign_in_failures.count_failure(connection, "y", now=_LATER)
        sign_in_failures.take_back_failure(connection, "x")
        found = sign_in_failures.read_failures(connection, ("x", "y", "z"))
        assert {name: each.count for name, each in found.items()} == {"x": 2, "y": 1}
        sign_in_failures.forget_old_failures(connection, before=_LATER)
        assert sign_in_failures.read_failures(connection, ("x",)) == {}
        sign_in_failures.forget_failures(connection, "y")
        assert sign_in_failures.read_failures(connection, ("y",)) == {}


def test_lists_of_the_desk_are_empty_without_editions(database: Database) -> None:
    with database.read() as connection:
        assert desk_list.list_page(connection, "weekly", before=9, most=5) == ()
        assert desk_list.list_page(connection, after=1, most=5) == ()
        assert desk_list.list_open(connection) == ()
        assert desk_list.newest_frozen(connection, [("weekly", "weekly"), ("weekly", "x")]) == ()
        assert desk_list.last_finished(connection, ("weekly", "daily")) == ()
