"""Counts of what was sent, orders to send, and events for the operator's webhooks."""

from __future__ import annotations

import json
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0026'
down_revision = '0025'

_BAD = "state IN ('failed', 'unknown', 'skipped')"


def upgrade() -> None:
    """Bring the schema forward; what was sent before is counted once."""
    _add_counts()
    _add_orders()
    _add_webhooks()
    op.create_index(
        'deliveries_ended_badly',
        'deliveries',
        ['edition_id', 'state', 'reason', 'id'],
        sqlite_where=sa.text(_BAD),
        postgresql_where=sa.text(_BAD),
    )
    is_test = sa.text("action = 'test'")
    op.create_index(
        'audit_tests', 'audit', ['at'], sqlite_where=is_test, postgresql_where=is_test
    )
    _count_sent()
    _count_ended()


def _add_counts() -> None:
    op.create_table(
        'sent_minutes',
        sa.Column('edition_id', sa.Integer(), nullable=False),
        sa.Column('minute', UtcDateTime(), nullable=False),
        sa.Column('worker', sa.String(length=64), nullable=False),
        sa.Column('mails', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['edition_id'], ['editions.id']),
        sa.PrimaryKeyConstraint('edition_id', 'minute', 'worker'),
    )
    op.create_table(
        'edition_figures',
        sa.Column('edition_id', sa.Integer(), nullable=False),
        sa.Column('counted_at', UtcDateTime(), nullable=False),
        sa.Column('sent', sa.Integer(), nullable=False),
        sa.Column('failed', sa.Integer(), nullable=False),
        sa.Column('unknown', sa.Integer(), nullable=False),
        sa.Column('skipped', sa.Integer(), nullable=False),
        sa.Column('reasons', sa.Text(), server_default='[]', nullable=False),
        sa.ForeignKeyConstraint(['edition_id'], ['editions.id']),
        sa.PrimaryKeyConstraint('edition_id'),
    )
    op.create_table(
        'list_days',
        sa.Column('newsletter', sa.String(length=64), nullable=False),
        sa.Column('day', sa.String(length=10), nullable=False),
        sa.Column('subscribers', sa.Integer()),
        sa.Column('joined', sa.Integer(), nullable=False),
        sa.Column('has_left', sa.Integer(), nullable=False),
        sa.Column('complained', sa.Integer(), nullable=False),
        sa.Column('bounced', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('newsletter', 'day'),
    )


def _add_orders() -> None:
    op.create_table(
        'send_orders',
        sa.Column('edition_id', sa.Integer(), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.Column('actor', sa.String(length=64), nullable=False),
        sa.Column('is_at_once', sa.Boolean(), nullable=False),
        sa.Column('any_audience', sa.Boolean(), nullable=False),
        sa.Column('ended_at', UtcDateTime()),
        sa.Column('problem', sa.Text(), server_default='', nullable=False),
        sa.ForeignKeyConstraint(['edition_id'], ['editions.id']),
        sa.PrimaryKeyConstraint('edition_id'),
    )


def _add_webhooks() -> None:
    op.create_table(
        'webhooks',
        sa.Column('key', sa.String(length=32), nullable=False),
        sa.Column('events', sa.Text(), nullable=False),
        sa.Column('added_at', UtcDateTime(), nullable=False),
        sa.Column('succeeded_at', UtcDateTime()),
        sa.Column('failed_at', UtcDateTime()),
        sa.Column('last_error', sa.Text(), server_default='', nullable=False),
        sa.PrimaryKeyConstraint('key'),
    )
    op.create_table(
        'webhook_calls',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.String(length=64), nullable=False),
        sa.Column('webhook', sa.String(length=32), nullable=False),
        sa.Column('kind', sa.String(length=32), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.Column('person_id', sa.Integer()),
        sa.Column('data', sa.Text(), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
        sa.Column('next_at', UtcDateTime()),
        sa.Column('ended_at', UtcDateTime()),
        sa.ForeignKeyConstraint(
            ['person_id'], ['people.id'], name='webhook_calls_person', ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('public_id'),
    )
    op.create_index('webhook_calls_person', 'webhook_calls', ['person_id'])
    op.create_index('webhook_calls_ended', 'webhook_calls', ['ended_at'])
    is_waiting = sa.text("state = 'pending'")
    op.create_index(
        'webhook_calls_due',
        'webhook_calls',
        ['webhook', 'next_at'],
        sqlite_where=is_waiting,
        postgresql_where=is_waiting,
    )


def _count_sent() -> None:
    op.execute(
        "INSERT INTO sent_minutes (edition_id, minute, worker, mails)"
        " SELECT edition_id, max(coalesce(ended_at, not_before)), '', count(*) FROM deliveries"
        " WHERE state = 'sent' GROUP BY edition_id"
    )


def _count_ended() -> None:
    """Store the figures of every edition that has ended."""
    op.execute(
        "INSERT INTO edition_figures"
        " (edition_id, counted_at, sent, failed, unknown, skipped)"
        " SELECT editions.id, editions.finished_at,"
        " sum(CASE WHEN deliveries.state = 'sent' THEN 1 ELSE 0 END),"
        " sum(CASE WHEN deliveries.state = 'failed' THEN 1 ELSE 0 END),"
        " sum(CASE WHEN deliveries.state = 'unknown' THEN 1 ELSE 0 END),"
        " sum(CASE WHEN deliveries.state = 'skipped' THEN 1 ELSE 0 END)"
        " FROM editions JOIN deliveries ON deliveries.edition_id = editions.id"
        " WHERE editions.finished_at IS NOT NULL GROUP BY editions.id, editions.finished_at"
    )
    rows = op.get_bind().execute(
        sa.text(
            "SELECT edition_id, state, reason, count(*) FROM deliveries WHERE"  # noqa: S608 - a constant
            f" {_BAD} GROUP BY edition_id, state, reason ORDER BY edition_id, count(*) DESC"
        )
    )
    for edition_id, found in groupby(rows.all(), key=lambda row: row[0]):
        reasons = json.dumps([list(row[1:]) for row in found])
        op.get_bind().execute(
            sa.text("UPDATE edition_figures SET reasons = :reasons WHERE edition_id = :edition"),
            {"reasons": reasons, "edition": edition_id},
        )
