"""The keys of `[[webhooks]]`: addresses that get the events of this installation."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, SecretStr, model_validator

from digest.config.part import Part
from digest.config.values import Name, WebAddress, as_tuple, not_empty
from digest.models import EventKind

#: In front of every secret, as in the specification "Standard Webhooks".
_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64
_HOW = "write `whsec_` and behind it what `openssl rand -base64 32` prints"


def secret_bytes(secret: str) -> bytes:
    """Return the signing key in a secret such as `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`.

    Raises:
        ValueError: the text is no secret; the message does not have it.
    """
    if not secret.startswith(_PREFIX):
        raise ValueError(f"must start with whsec_; {_HOW}")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(f"must be base64 behind whsec_; {_HOW}") from error
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"must have {_SHORTEST} to {_LONGEST} bytes; {_HOW}")
    return key


def _checked(secret: SecretStr) -> SecretStr:
    secret_bytes(secret.get_secret_value())
    return secret


class EventWebhookConfig(Part):
    """One address that gets events, signed."""

    #: The address that gets each event as a JSON POST.
    url: WebAddress
    #: Signs each event, so that the receiver knows that it comes from here.
    secret: Annotated[SecretStr, AfterValidator(_checked)] | None = None
    #: A file with the secret, instead of `secret`.
    secret_file: Path | None = None
    #: The kinds of events that it gets.
    events: Annotated[
        tuple[EventKind, ...], BeforeValidator(as_tuple), AfterValidator(not_empty)
    ] = tuple(EventKind)
    #: The newsletters of which it gets them. Empty: all.
    newsletters: Annotated[tuple[Name, ...], BeforeValidator(as_tuple)] = ()
    #: Allow that `url` has an address inside this network.
    allow_private: bool = False

    @model_validator(mode="after")
    def _signs(self) -> Self:
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError(f"needs one of secret and secret_file; {_HOW}")
        return self
