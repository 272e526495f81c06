"""The configuration that the demo writes: what an operator of the paper would write."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass

from digest.demo.issue import Issue
from digest.demo.pages import render
from digest.demo.pageserver import HOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the demo's own listeners are."""

    smtp: int
    #: Of `digest serve`.
    public: int
    admin: int


def write_config(issue: Issue, ports: Ports, *, secret_key: str) -> str:
    """Give the text of the demo's `config.toml`."""
    # A JSON string is a TOML basic string.
    return render("config.toml", issue=issue, ports=ports, secret_key=secret_key, quote=_quote)


def _quote(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def find_free_ports(count: int) -> tuple[int, ...]:
    """Give different ports that nobody listens on now."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = tuple(int(listener.getsockname()[1]) for listener in sockets)
    for listener in sockets:
        listener.close()
    return ports
