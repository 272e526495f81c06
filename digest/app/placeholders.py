"""Finds values of the example that were never replaced in a configuration."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from digest.config import Config
from digest.resources import example_config

#: Domains that nobody can own (RFC 2606 sections 2 and 3).
_RESERVED = re.compile(
    r"(?:\A|\.)(?:example\.(?:org|com|net)|example|invalid|test)\Z", re.IGNORECASE
)
#: The host of an address on the web, or of a mailbox.
_HOST = re.compile(r"(?:\w+://(?:[^/\s@]*@)?|[^\s@<]@)([\w.-]+)")
#: Texts that no other paper has in common with the example.
_OWN_TEXTS = frozenset({"site.name", "site.postal_address", "newsletters.title"})


def find_placeholders(config: Config) -> tuple[str, ...]:
    """Return a line for each value that is still the example's, or names a domain for examples.

    Where `site.development` is set, such domains are wanted.
    """
    if config.site.development:
        return ()
    example = dict(_texts("", tomllib.loads(example_config())))
    found = _texts("", config.model_dump(by_alias=True))
    return tuple(
        f"{key}: {value!r} is a placeholder; replace it with your own"
        for key, value in dict.fromkeys(found)
        if _is_reserved(key, value) or (key in _OWN_TEXTS and value == example.get(key))
    )


def is_placeholder(key: str, value: str) -> bool:
    """Return whether a value is the example's, or names a domain for examples.

    Args:
        key: its place, such as `site.name`.
        value: the text.
    """
    example = dict(_texts("", tomllib.loads(example_config())))
    return _is_reserved(key, value) or (key in _OWN_TEXTS and value == example.get(key))


def _is_reserved(key: str, value: str) -> bool:
    hosts = [value] if key.endswith(".host") else _HOST.findall(value)
    return any(_RESERVED.search(host) for host in hosts)


def _texts(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield every text below a value, with the names of the tables that lead to it."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(f"{key}.{name}" if key else str(name), each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(key, each)
