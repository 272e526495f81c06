"""The tables of feeds, posts, editions and deliveries; people are in `subscribers.tables`.

Indexes over some rows of a table are in `partial_indexes`.
"""

from __future__ import annotations

from digest.store.tables.actors import admin_sessions, admins, api_tokens, audit, sign_in_failures
from digest.store.tables.base import metadata
from digest.store.tables.composing import editions, examinations, slots, variants
from digest.store.tables.database import counters, meta
from digest.store.tables.editing import carried, choices, edits
from digest.store.tables.figures import edition_figures, list_days, stored_counts
from digest.store.tables.intake import feeds, pictures, post_categories, post_sources, posts
from digest.store.tables.orders import send_orders, uploads
from digest.store.tables.outgoing import notices, webhook_calls, webhooks
from digest.store.tables.responses import (
    comment_decisions,
    comment_sources,
    comment_verdicts,
    comments,
    no_quotes,
)
from digest.store.tables.returned_mail import bounces, read_mails
from digest.store.tables.self_service import sign_up_marks, sign_ups, votes
from digest.store.tables.sending import deliveries, handed, relayed, sent_minutes, workers

__all__ = [
    "admin_sessions",
    "admins",
    "api_tokens",
    "audit",
    "bounces",
    "carried",
    "choices",
    "comment_decisions",
    "comment_sources",
    "comment_verdicts",
    "comments",
    "counters",
    "deliveries",
    "edition_figures",
    "editions",
    "edits",
    "examinations",
    "feeds",
    "handed",
    "list_days",
    "meta",
    "metadata",
    "no_quotes",
    "notices",
    "pictures",
    "post_categories",
    "post_sources",
    "posts",
    "read_mails",
    "relayed",
    "send_orders",
    "sent_minutes",
    "sign_in_failures",
    "sign_up_marks",
    "sign_ups",
    "slots",
    "stored_counts",
    "uploads",
    "variants",
    "votes",
    "webhook_calls",
    "webhooks",
    "workers",
]
