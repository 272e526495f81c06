"""Builds the writers of letters and notices from the configuration."""

from __future__ import annotations

from email.utils import parseaddr

from digest.app.identity import mail_identity_of
from digest.app.newsletter import ConfiguredNewsletter
from digest.app.wiring import App
from digest.bounces.webhooks.fields import DELIVERY_FIELD
from digest.config import NewsletterConfig
from digest.config.keys import BouncesConfig
from digest.letter.note import NoteWriter
from digest.letter.notice import NoticeWriter
from digest.letter.printing.headers import DELIVERY_MARK, HeaderFacts
from digest.letter.printing.render import Renderer
from digest.letter.printing.site import LetterSite
from digest.letter.writer import LetterWriter
from digest.templating.pages import PageRenderer


def letter_writer_of(app: App, newsletter: NewsletterConfig) -> LetterWriter:
    """Return the writer that renders and addresses a newsletter's letters."""
    identity = mail_identity_of(app, newsletter)
    site = LetterSite(
        base_url=identity.base_url,
        postal_address=app.config.site.postal_address,
        is_development=app.is_development,
        reads_replies=newsletter.reply_to is not None,
        has_archive=newsletter.archive,
        is_archive_indexed=not newsletter.archive_noindex,
        fields=tuple(field.name for field in app.fields),
        days=identity.days,
    )
    return LetterWriter(
        site=site,
        renderer=Renderer(app.template_folders),
        facts=HeaderFacts(
            from_name=parseaddr(newsletter.sender)[0],
            from_address=identity.sender,
            reply_to=newsletter.reply_to or "",
            list_id=f"{newsletter.name}.{identity.domain}",
            subscribe_url=site.subscribe_url(newsletter.name),
            archive_url=site.archive_url(newsletter.name),
            delivery_headers=_delivery_headers(app.config.bounces),
        ),
        identity=identity,
    )


def _delivery_headers(bounces: BouncesConfig) -> tuple[str, ...]:
    """Return the lines that carry the id of a mail to the providers and back in their events.

    SES and Mailgun repeat the Message-ID in every event.
    """
    headers = {
        "sendgrid": (f'X-SMTPAPI: {{"unique_args": {{"{DELIVERY_FIELD}": "{DELIVERY_MARK}"}}}}',),
        # Postmark gives mails a Message-ID of its own unless it is asked not to.
        "postmark": (f"X-PM-Metadata-{DELIVERY_FIELD}: {DELIVERY_MARK}", "X-PM-KeepID: true"),
    }
    providers = dict.fromkeys(each.provider for each in bounces.webhooks)
    return tuple(line for provider in providers for line in headers.get(provider, ()))


def check_letter_templates(app: App) -> None:
    """Check the templates of the letters.

    Raises:
        TemplateError: a template of the operator has an error.
    """
    Renderer(app.template_folders).check(tuple(field.name for field in app.fields))


def check_templates(app: App) -> None:
    """Check the templates of the letters, then those of the web pages.

    Raises:
        TemplateError: a template of the operator has an error.
    """
    check_letter_templates(app)
    for door in ("public", "desk"):
        PageRenderer(app.template_folders, door).check()


def note_writer_of(app: App, newsletter: ConfiguredNewsletter) -> NoteWriter:
    """Return the writer of mails to one subscriber outside an edition."""
    writer = newsletter.writer
    return NoteWriter(
        facts=writer.facts,
        renderer=writer.renderer,
        masthead=newsletter.cadences[0].rules.masthead,
        postal_address=app.config.site.postal_address,
        signer=app.signer,
    )


def notice_writer_of(app: App) -> NoticeWriter:
    """Return the writer of notices to the operators, sent in the first newsletter's name."""
    writer = letter_writer_of(app, app.config.newsletters[0])
    return NoticeWriter(
        facts=writer.facts,
        renderer=writer.renderer,
        site=app.config.site.name,
        base_url=app.config.site.base_url,
        signer=app.signer,
    )
