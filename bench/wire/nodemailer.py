"""Installs nodemailer into a cache outside the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

#: The major version; npm takes its newest.
VERSION = "nodemailer@10"
_LONGEST_INSTALL_S = 120


class Missing(Exception):
    """A peer cannot be measured here; the message has the reason."""


def installed_nodemailer() -> Path:
    """Return the folder of modules with nodemailer; install it on first use.

    Raises:
        Missing: there is no node or npm, or the registry cannot be reached.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise Missing("node and npm are not installed")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "inbox-digest-bench" / VERSION.replace("@", "-")
    modules = folder / "node_modules"
    if not (modules / "nodemailer" / "package.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", VERSION]
        try:
            subprocess.run(
                command, cwd=folder, check=True, capture_output=True, timeout=_LONGEST_INSTALL_S
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise Missing("npm cannot install nodemailer; is there a network?") from error
    return modules
