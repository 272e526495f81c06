"""Orders to send an edition, as the desk stores them and `digest run` carries them out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from digest.app import App
from digest.app.wiring import utc_now
from digest.errors import NothingToDo, Refused
from digest.models import Actor, EditionState
from digest.newsroom.order import is_service_running, order_send, withdraw_order
from digest.newsroom.service import orders as service_orders
from digest.newsroom.service.orders import carry_out_orders
from digest.pipeline import freeze as freezing
from digest.pipeline.prepare import Prepared, prepare
from digest.store.approvals import pause
from digest.store.clock import save_time
from digest.store.editions import note_trouble
from digest.store.orders import SendOrder, find_order
from digest.store.tables import send_orders
from tests.support.desk_work import Desk

OPS = Actor(name="ops")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a newsletter with three subscribers and a draft that needs approval."""
    desk = Desk.open(tmp_path, review="required")
    desk.add_post("The bridge is mended")
    desk.add_subscribers(3)
    desk.compose()
    return desk


def order_of(desk: Desk) -> SendOrder:
    with desk.app.database.read() as connection:
        found = find_order(connection, 1)
    assert found is not None
    return found


def test_an_order_is_carried_out_by_the_service_in_the_admins_name(desk: Desk) -> None:
    desk.run("approve", "1")
    order_send(desk.app, 1, by=OPS, is_at_once=True)
    assert desk.edition().state is EditionState.APPROVED
    with pytest.raises(NothingToDo, match="ordered already"):
        order_send(desk.app, 1, by=OPS, is_at_once=True)
    asyncio.run(carry_out_orders(desk.app))
    assert desk.edition().state is EditionState.SENDING
    ended = order_of(desk)
    assert (ended.ended_at is not None, ended.problem) == (True, "")
    history = desk.app.newsroom.newsletter("weekly").status(1).history
    assert [(row.actor, row.action) for row in history][-2:] == [
        ("ops", "order send"),
        ("ops", "freeze"),
    ]


def test_an_order_needs_an_approval_and_the_hour(desk: Desk) -> None:
    with pytest.raises(Refused, match="waits for approval"):
        order_send(desk.app, 1, by=OPS, is_at_once=True)
    desk.run("approve", "1")
    with pytest.raises(Refused, match="has not come"):
        order_send(desk.app, 1, by=OPS)
    with desk.app.database.write() as connection:
        pause(connection, 1, "a look")
    with pytest.raises(Refused, match="paused"):
        order_send(desk.app, 1, by=OPS, is_at_once=True)


def test_an_approval_that_became_void_stops_the_order_with_its_reason(desk: Desk) -> None:
    desk.run("approve", "1")
    order_send(desk.app, 1, by=OPS, is_at_once=True)
    desk.add_post("Another bridge")
    desk.compose()
    asyncio.run(carry_out_orders(desk.app))
    assert desk.edition().state is EditionState.DRAFT
    assert "waits for approval" in order_of(desk).problem


def test_an_order_that_waited_for_more_than_a_day_is_not_carried_out(desk: Desk) -> None:
    desk.run("approve", "1")
    order_send(desk.app, 1, by=OPS, is_at_once=True)
    with desk.app.database.write() as connection:
        connection.execute(update(send_orders).values(at=utc_now() - timedelta(hours=25)))
    asyncio.run(carry_out_orders(desk.app))
    assert desk.edition().state is EditionState.APPROVED
    assert "for 25 hours since; order it again" in order_of(desk).problem


def test_an_order_can_be_withdrawn(desk: Desk) -> None:
    desk.run("approve", "1")
    order_send(desk.app, 1, by=OPS, is_at_once=True)
    withdraw_order(desk.app, 1, by=OPS)
    with pytest.raises(NothingToDo, match="no order"):
        withdraw_order(desk.app, 1, by=OPS)
    asyncio.run(carry_out_orders(desk.app))
    assert desk.edition().state is EditionState.APPROVED


def test_an_order_that_is_withdrawn_while_it_is_carried_out_sends_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.run("approve", "1")
    order_send(desk.app, 1, by=OPS, is_at_once=True)

    async def withdraw(*_: object) -> None:
        withdraw_order(desk.app, 1, by=OPS)

    monkeypatch.setattr(service_orders, "ask_again", withdraw)
    asyncio.run(carry_out_orders(desk.app))
    assert desk.edition().state is EditionState.APPROVED
    assert order_of(desk).problem == "withdrawn"


def test_an_approval_that_is_taken_back_while_letters_are_written_sends_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.run("approve", "1")
    order_send(desk.app, 1, by=OPS, is_at_once=True)

    def prepare_slowly(*args: Any, **options: Any) -> Prepared:
        desk.app.newsroom.proofs.withdraw(1, by=OPS)
        return prepare(*args, **options)

    monkeypatch.setattr(freezing, "prepare", prepare_slowly)
    asyncio.run(carry_out_orders(desk.app))
    assert desk.edition().state is EditionState.DRAFT
    assert "taken back" in order_of(desk).problem


def test_a_fault_ends_its_order_so_that_it_does_not_stop_other_sends(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.run("approve", "1")
    order_send(desk.app, 1, by=OPS, is_at_once=True)

    async def fail(*_: object) -> None:
        raise KeyError("a fault")

    monkeypatch.setattr(service_orders, "ask_again", fail)
    asyncio.run(carry_out_orders(desk.app))
    assert desk.edition().state is EditionState.APPROVED
    assert "KeyError" in order_of(desk).problem


def test_an_edition_that_the_relay_stopped_is_tried_again_at_once(desk: Desk) -> None:
    desk.run("approve", "1")
    order_send(desk.app, 1, by=OPS, is_at_once=True)
    asyncio.run(carry_out_orders(desk.app))
    with pytest.raises(NothingToDo, match="being sent"):
        order_send(desk.app, 1, by=OPS)
    with desk.app.database.write() as connection:
        retry_at = utc_now() + timedelta(hours=1)
        note_trouble(connection, 1, "454 busy", stops=2, retry_at=retry_at)
    order_send(desk.app, 1, by=OPS)
    asyncio.run(carry_out_orders(desk.app))
    tried = desk.edition()
    assert (tried.retry_at, tried.stops, tried.last_error) == (None, 2, "454 busy")


def test_a_service_that_gives_no_sign_of_life_does_not_run(desk: Desk) -> None:
    assert not is_service_running(desk.app)
    with desk.app.database.write() as connection:
        save_time(connection, utc_now())
    assert is_service_running(desk.app)
    later = App(desk.app.config, clock=lambda: utc_now() + timedelta(minutes=10))
    assert not is_service_running(later)
