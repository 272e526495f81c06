"""The end of `digest demo --serve`: keeps all pages running until Ctrl-C."""

from __future__ import annotations

import signal
import socket
import subprocess
import time

from rich.console import Console

from digest.demo.folder import DemoFolder
from digest.demo.inbox import inbox_of
from digest.demo.pageserver import HOST, serve_pages
from digest.demo.settings import Ports
from digest.demo.steps import DemoError, digest_command
from digest.signals import stop_signals

#: Seconds between two looks whether `digest serve` listens.
_POLL_S = 0.05


def keep_up(folder: DemoFolder, ports: Ports, paper_url: str, console: Console) -> None:
    """Run `digest serve` and the inbox page until a signal ends it.

    Args:
        folder: the files of a run of the demo.
        ports: the ports in its configuration.
        paper_url: the address of the sample site.
        console: the console to print the addresses to.

    Raises:
        DemoError: `digest serve` ended on its own.
    """
    for number in stop_signals():
        signal.signal(number, signal.default_int_handler)
    # Its addresses are among those printed here.
    web = subprocess.Popen(  # noqa: S603
        digest_command(("serve",)), cwd=folder.root, stdout=subprocess.DEVNULL
    )
    try:
        with serve_pages(inbox_of(folder.mailbox)) as inbox:
            if all(_is_up(web, port) for port in (ports.public, ports.admin)):
                addresses = (
                    ("The inbox", inbox.base_url),
                    ("The sign-up", f"http://{HOST}:{ports.public}"),
                    ("The desk", f"http://{HOST}:{ports.admin}"),
                    ("The paper", paper_url),
                )
                _show_addresses(addresses, console)
            code = web.wait()
    except KeyboardInterrupt:
        return
    finally:
        web.terminate()
        web.wait()
    raise DemoError(f"`digest serve` ended with exit code {code}; see its error above")


def _is_up(web: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until a process listens on a port; return False if the process ended instead."""
    while web.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(_POLL_S)
        else:
            return True
    return False


def _show_addresses(addresses: tuple[tuple[str, str], ...], console: Console) -> None:
    console.print("\n[bold]Look around[/] (Ctrl-C stops the demo)")
    for label, url in addresses:
        console.print(f"  {label:16} {url}/", soft_wrap=True)
    console.file.flush()
