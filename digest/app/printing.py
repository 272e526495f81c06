"""Builds the writers of letters and notices from the configuration."""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr
from pathlib import Path

from digest.app.wiring import App, ConfiguredNewsletter
from digest.config import NewsletterConfig
from digest.letter.note import NoteWriter
from digest.letter.notice import NoticeWriter
from digest.letter.printing.headers import HeaderFacts
from digest.letter.printing.render import Renderer
from digest.letter.printing.site import LetterSite
from digest.letter.writer import LetterWriter
from digest.templating.pages import PageRenderer


def letter_writer_of(app: App, newsletter: NewsletterConfig) -> LetterWriter:
    """Return the writer that renders and addresses a newsletter's letters."""
    name, address = parseaddr(newsletter.sender)
    domain = address.rpartition("@")[2]
    return LetterWriter(
        site=LetterSite(
            base_url=app.config.site.base_url,
            postal_address=app.config.site.postal_address,
            is_development=app.is_development,
            reads_replies=newsletter.reply_to is not None,
        ),
        renderer=Renderer(app.template_folders),
        facts=HeaderFacts(
            from_name=name,
            from_address=address,
            reply_to=newsletter.reply_to or "",
            list_id=f"{newsletter.name}.{domain}",
        ),
        sender=address,
        domain=domain,
        return_domain=app.config.bounces.domain or "",
    )


def check_letter_templates(folders: tuple[Path, ...]) -> None:
    """Check the templates of the letters.

    Raises:
        TemplateError: a template of the operator has an error.
    """
    Renderer(folders).check()


def check_templates(folders: tuple[Path, ...]) -> None:
    """Check the templates of the letters, then those of the web pages.

    Raises:
        TemplateError: a template of the operator has an error.
    """
    check_letter_templates(folders)
    for door in ("public", "desk"):
        PageRenderer(folders, door).check()


def preview_writer_of(app: App, newsletter: NewsletterConfig) -> LetterWriter:
    """Return the writer for previews of drafts: the same, but it also shows the poll."""
    writer = letter_writer_of(app, newsletter)
    return replace(writer, site=replace(writer.site, shows_poll=True))


def note_writer_of(app: App, newsletter: ConfiguredNewsletter) -> NoteWriter:
    """Return the writer of mails to one subscriber outside an edition."""
    writer = newsletter.writer
    return NoteWriter(
        facts=writer.facts,
        renderer=writer.renderer,
        masthead=newsletter.cadences[0].rules.masthead,
        postal_address=app.config.site.postal_address,
    )


def notice_writer_of(app: App) -> NoticeWriter:
    """Return the writer of notices to the operators, sent in the first newsletter's name."""
    writer = letter_writer_of(app, app.config.newsletters[0])
    return NoticeWriter(
        facts=writer.facts,
        renderer=writer.renderer,
        site=app.config.site.name,
        base_url=app.config.site.base_url,
    )
