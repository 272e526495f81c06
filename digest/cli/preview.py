"""`digest preview`: an edition as files, to look at before it goes out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from digest.app import App, utc_now
from digest.cli.choose import visible_edition
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName, config_path
from digest.cli.output import print_json, say
from digest.composer.edition import edition_from_json
from digest.errors import NothingToDo
from digest.letter.opened import open_message
from digest.pipeline.prepare import everybody, plan

#: Whom the preview is addressed to.
READER = "reader@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where a preview lies."""

    html: str
    text: str
    eml: str


def preview(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")] = Path("preview"),
    as_json: JsonFlag = False,
) -> None:
    """Write the mail with all categories as .html, .txt and .eml; its personal links are dead.

    `digest serve` shows the same in a browser, with the reason for every post and comment.
    """
    app = App.load(config_path(context))
    stored = visible_edition(app, edition, newsletter)
    composed = edition_from_json(stored.snapshot)
    variant = plan(composed, everybody(composed))
    if variant is None:
        raise NothingToDo(f"edition {stored.id}: it has no stories")
    press = app.press(app.newsletter(stored.newsletter))
    letter = press.write(composed, variant)
    mail = press.sample(letter.pieces, READER, number=str(stored.id), now=utc_now())
    files = _write(out, f"edition-{stored.id}", mail.content)
    if as_json:
        print_json({"edition": stored.id, "subject": letter.subject, "files": files})
        return
    say(f"Edition {stored.id}: {letter.subject}")
    for path in (files.html, files.text, files.eml):
        say(f"  {path}")


def _write(folder: Path, name: str, content: bytes) -> Files:
    folder.mkdir(parents=True, exist_ok=True)
    opened = open_message(content)
    paths = {ending: folder / f"{name}.{ending}" for ending in ("html", "txt", "eml")}
    paths["html"].write_text(opened.html, "utf-8")
    paths["txt"].write_text(opened.text, "utf-8")
    paths["eml"].write_bytes(content)
    return Files(html=str(paths["html"]), text=str(paths["txt"]), eml=str(paths["eml"]))
