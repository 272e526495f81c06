"""Names the operating system's user, who is the actor at the terminal and on this machine."""

from __future__ import annotations

import getpass

from digest.models import Actor


def terminal_user() -> Actor:
    """Return the operating system's user, recorded as the actor of a change."""
    try:
        return Actor(name=getpass.getuser()[:64])
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return Actor(name="terminal")
