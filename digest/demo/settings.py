"""Writes the demo's configuration, as an operator of the paper would."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from datetime import datetime

from digest.demo.issue import Issue
from digest.demo.pages import render
from digest.demo.pageserver import HOST

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The ports of the demo's own listeners."""

    smtp: int
    #: The ports of `digest serve`.
    public: int
    admin: int


def write_config(issue: Issue, ports: Ports, *, secret_key: str, database: str) -> str:
    """Return the text of the demo's `config.toml`."""
    return render(
        "config.toml",
        issue=issue,
        ports=ports,
        secret_key=secret_key,
        database=database,
        schedule=_this_minute(issue.now),
        quote=_quote,
    )


def _this_minute(now: datetime) -> str:
    """Return a weekly schedule whose hour has just come, in UTC.

    So `digest send` sends the edition at once, as it does from cron at that minute.
    """
    return f"{_DAYS[now.weekday()]} {now:%H:%M}"


def _quote(value: object) -> str:
    """Return a value as JSON, whose strings and lists are also valid TOML."""
    return json.dumps(value, ensure_ascii=False)


def find_free_ports(count: int) -> tuple[int, ...]:
    """Return different ports that are free now."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = tuple(int(listener.getsockname()[1]) for listener in sockets)
    for listener in sockets:
        listener.close()
    return ports
