"""The keys that sign mails with DKIM."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, SecretStr, model_validator

from digest.config.part import Part
from digest.config.values import matching
from digest.letter.printing.sign import is_aligned

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class DkimConfig(Part):
    """One key; a mail is signed with every key of its sender's domain."""

    #: The domain of the newsletters' `from`, or one above it, as in DNS.
    domain: Annotated[
        str,
        BeforeValidator(_lower),
        matching(
            rf"\A(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})+\Z",
            "must be a domain such as example.org, with xn-- for letters outside ASCII",
        ),
    ]
    #: The public key is the TXT record `SELECTOR._domainkey.DOMAIN`.
    selector: Annotated[
        str,
        BeforeValidator(_lower),
        matching(
            rf"\A(?=.{{1,63}}\Z){_LABEL}(\.{_LABEL})*\Z",
            "must be 1 to 63 of the characters a-z, 0-9, - and dots",
        ),
    ]
    #: RSA or Ed25519, in PEM form.
    private_key: SecretStr = SecretStr("")
    private_key_file: Path | None = None

    @model_validator(mode="after")
    def _has_a_key(self) -> Self:
        if not self.private_key.get_secret_value() and self.private_key_file is None:
            raise ValueError("needs private_key_file, the file of the private key")
        return self

    @property
    def name(self) -> str:
        """The name of its public key in DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def key_place(self) -> str:
        """The place of its private key, for messages."""
        file = self.private_key_file
        return f"private_key_file: {file}" if file else "private_key:"


def refuse_useless(keys: Iterable[DkimConfig], sender_domains: Iterable[str]) -> None:
    """Check that each key signs for some newsletter, and that no two have one name.

    Raises:
        ValueError: a key does not.
    """
    domains, seen = sorted(set(sender_domains)), set()
    for key in keys:
        if key.name in seen:
            raise ValueError(f"[[dkim]] {key.name}: appears twice; remove one")
        seen.add(key.name)
        if not any(is_aligned(key.domain, each) for each in domains):
            raise ValueError(
                f"[[dkim]] {key.name}: domain: no newsletter's `from` is at {key.domain} or below"
                f" it, so receivers would not count the signature; use {' or '.join(domains)}"
            )
