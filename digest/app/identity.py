"""Builds from the configuration what a send needs to know of a newsletter; loads no renderer."""

from __future__ import annotations

from digest.app.wiring import App
from digest.config import NewsletterConfig
from digest.letter.addresser import MailIdentity
from subscribers.fields import Kind


def mail_identity_of(app: App, newsletter: NewsletterConfig) -> MailIdentity:
    """Return who a newsletter's mails are from, and where their links lead.

    Raises:
        ConfigError: a key that signs mails cannot be used.
    """
    return MailIdentity(
        base_url=app.config.site.base_url,
        sender=newsletter.sender_address,
        return_domain=app.return_domain,
        days=tuple(field.name for field in app.fields if field.kind is Kind.DATE),
        signer=app.signer,
    )
