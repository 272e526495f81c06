"""Writes a first configuration: the commented example with an operator's values. Pure."""

from __future__ import annotations

import re
from typing import Any

import tomlkit

from digest.config.edit import feed_lines
from digest.models import RelayAnswer, Setup

#: The example's second feed; the first one has comments, which explain every key.
_SECOND_FEED = re.compile(r"^\[\[feeds\]\]\n(?:[^\n#\[].*\n)+\n", re.MULTILINE)
_REPLY_TO = re.compile(r"^reply_to =", re.MULTILINE)
_PASSWORD = re.compile(r'^password = "".*$', re.MULTILINE)


def first_config(example: str, setup: Setup, secret_keys: tuple[str, ...]) -> str:
    """Return the example with the values that are known; every comment about other keys stays.

    Args:
        example: the text of the example.
        setup: the values.
        secret_keys: the signing keys, newest first.
    """
    document: Any = tomlkit.parse(_with_other_tables(example, setup))
    document["site"]["secret_keys"] = list(secret_keys)
    _set(document["site"], setup, "name", "base_url", "postal_address")
    newsletter = document["newsletters"][0]
    _set(newsletter, setup, "title", "schedule", "timezone", "language", "home_url")
    if setup.sender:
        newsletter["from"] = setup.sender
    if setup.feeds:
        first = setup.feeds[0]
        document["feeds"][0]["url"] = first.url
        document["feeds"][0]["category"] = (
            first.categories[0] if len(first.categories) == 1 else list(first.categories)
        )
        newsletter["categories"] = list(dict.fromkeys(c for f in setup.feeds for c in f.categories))
    if setup.relay is not None:
        _set(document["smtp"][0], setup.relay, "host", "port", "security")
        document["smtp"][0]["username"] = setup.relay.username
    return tomlkit.dumps(document)


def _with_other_tables(text: str, setup: Setup) -> str:
    """Replace the lines of the example that a new configuration has others for, or none."""
    if setup.feeds:
        more = f"{feed_lines(setup.feeds[1:])}\n" if setup.feeds[1:] else ""
        text = _SECOND_FEED.sub(lambda _: more, text, count=1)
    if setup.sender:
        # The example's mailbox would get the subscribers' answers; the sender's is the default.
        text = _REPLY_TO.sub("# reply_to =", text)
    if setup.relay is not None and setup.relay.password_file:
        line = f"password_file = {tomlkit.string(setup.relay.password_file).as_string()}"
        text = _PASSWORD.sub(lambda _: line, text, count=1)
    return text


def _set(table: Any, values: Setup | RelayAnswer, *keys: str) -> None:
    for key in keys:
        if value := getattr(values, key):
            table[key] = value
