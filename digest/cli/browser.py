"""Opens a page in the operator's browser."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

#: Each says that there is a browser to show: a screen, or the operator's own choice.
_SIGNS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


def open_page(file: Path) -> bool:
    """Open a file in the browser; return whether there is one.

    Without a screen nothing is opened, because a browser for the terminal would take it over.
    """
    is_desktop = sys.platform in ("darwin", "win32") or any(map(os.environ.get, _SIGNS))
    return is_desktop and sys.stdout.isatty() and webbrowser.open(file.absolute().as_uri())
