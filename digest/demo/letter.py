"""Writes one mail as separate files that can be opened after the sample site has stopped."""

from __future__ import annotations

import shutil
from pathlib import Path

from digest.demo.issue import Issue
from digest.demo.mailbox import ReceivedMail
from digest.demo.paper import data_files


def open_letter(mail: ReceivedMail, source: Path, issue: Issue, folder: Path) -> None:
    """Write a mail as `mail.eml`, `mail.txt` and `mail.html`, with its pictures.

    Args:
        mail: the mail, as read from `source`.
        source: the file of the mail.
        issue: the paper whose pictures the mail shows.
        folder: an existing folder.
    """
    shutil.copyfile(source, folder / "mail.eml")
    (folder / "mail.txt").write_text(mail.text, "utf-8")
    html = mail.html
    for image in (data_files() / "images").iterdir():
        url = f"{issue.base_url}/images/{image.name}"
        if url in html:
            html = html.replace(url, image.name)
            (folder / image.name).write_bytes(image.read_bytes())
    (folder / "mail.html").write_text(html, "utf-8")
