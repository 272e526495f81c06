"""`digest approve`: a person's word that a draft may go."""

from __future__ import annotations

from dataclasses import asdict

import typer

from digest.app import App, utc_now
from digest.app.composing import audience_of
from digest.app.printing import letter_writer_of
from digest.cli.choose import draft_edition
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName, config_path
from digest.cli.output import print_json, say
from digest.newsroom.approval import approve as approve_draft


def approve(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    as_json: JsonFlag = False,
) -> None:
    """Check a draft and approve it exactly as it is; any change of it or its audience voids that.

    Exit 3: approved already, or no draft. Exit 4: held by a check.
    """
    app = App.load(config_path(context))
    stored = draft_edition(app, edition, newsletter)
    owner = app.newsletter(stored.newsletter)
    audience = audience_of(app.config, owner, stored.cadence, stored.local_at)
    approval = approve_draft(
        app.database, stored, letter_writer_of(app, owner), audience, now=utc_now()
    )
    if as_json:
        print_json(asdict(approval))
        return
    for mend in approval.mended:
        say(f"Left out: {mend.words} ({mend.reason.code} {mend.reason.text})")
    say(
        f"Edition {stored.id} approved: {approval.approved_hash[:12]},"
        f" {approval.subscribers} subscribers, {approval.variants} variants,"
        f" for {stored.local_at.replace('T', ' ')} {owner.timezone}."
    )
