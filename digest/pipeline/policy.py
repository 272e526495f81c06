"""The comments policy of a newsletter, with what editors added to it in the database."""

from __future__ import annotations

from dataclasses import replace

from digest.composer.rules import Rules
from digest.store.engine import Connection
from digest.store.moderation import list_no_quotes


def with_no_quotes(connection: Connection, rules: Rules) -> Rules:
    """Return the rules with the people whom editors excluded, for this newsletter or for all."""
    names = tuple(each.name for each in list_no_quotes(connection, rules.newsletter))
    policy = replace(rules.policy, no_quote=(*rules.policy.no_quote, *names))
    return replace(rules, policy=policy) if names else rules
