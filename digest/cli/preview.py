"""`digest preview`: writes the mail of an edition to files, before or after the send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.files import write_private
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName
from digest.cli.output import print_json, say
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.newsroom.preview import PreviewMail


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewFiles:
    """The paths of the files of one mail."""

    html: str
    text: str
    eml: str


def preview(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    week: Annotated[
        str,
        typer.Option(metavar="WEEK", help="All editions of a week, such as 2026-W40."),
    ] = "",
    subscriber: Annotated[
        str, typer.Option("--as", metavar="ADDRESS", help="The mail of this subscriber.")
    ] = "",
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Output folder.")] = Path(
        "preview"
    ),
    as_json: JsonFlag = False,
) -> None:
    """Write an edition's mail as .html, .txt and .eml files.

    Default: the mail with all categories. Its personal links do not work. A week without an
    edition is composed from the stored posts. Nothing in the database changes.

    `digest serve` shows the same mail in a browser, with the reason for every post and comment.
    """
    if edition is not None and week:
        raise UsageError("EDITION and --week exclude each other; give one of them")
    newsroom = open_newsroom(context)
    if week:
        mails = newsroom.newsletter(newsletter).preview_week(week, address=subscriber)
    else:
        desk = newsroom.newsletter_with(edition, newsletter)
        mails = (desk.preview(edition, address=subscriber),)
    write = write_private if subscriber else Path.write_bytes
    _show([(mail, *write_preview(out, mail, write)) for mail in mails], as_json)


def write_preview(
    folder: Path, mail: PreviewMail, write: Callable[[Path, bytes], object] = Path.write_bytes
) -> tuple[str, PreviewFiles]:
    """Write the files of one mail with `write`; return its subject and their paths."""
    opened = mail.open()
    folder.mkdir(parents=True, exist_ok=True)
    paths = {ending: folder / f"{mail.name}.{ending}" for ending in ("html", "txt", "eml")}
    write(paths["html"], opened.html.encode())
    write(paths["txt"], opened.text.encode())
    write(paths["eml"], mail.content)
    files = PreviewFiles(html=str(paths["html"]), text=str(paths["txt"]), eml=str(paths["eml"]))
    return dict(opened.headers)["Subject"], files


def _show(written: list[tuple[PreviewMail, str, PreviewFiles]], as_json: bool) -> None:
    if as_json:
        data = [
            {"edition": mail.edition_id, "subject": subject, "files": files}
            for mail, subject, files in written
        ]
        print_json(data[0] if len(data) == 1 else data)
        return
    for mail, subject, files in written:
        name = f"Edition {mail.edition_id}" if mail.edition_id else "Not composed yet"
        say(f"{name}: {subject}")
        for path in (files.html, files.text, files.eml):
            say(f"  {path}")
