"""`digest approve`: approves a draft for sending."""

from __future__ import annotations

from dataclasses import asdict

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName
from digest.cli.output import print_json, say
from digest.text.counted import counted


def approve(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    as_json: JsonFlag = False,
) -> None:
    """Check a draft and approve it for sending.

    The approval covers exactly this content and audience: if either changes, approve again.

    Exit codes: 3 if there is no draft or it is already approved, 4 if a check blocks it.
    """
    desk = open_newsroom(context).newsletter_with(edition, newsletter)
    approval = desk.approve(edition, by=terminal_user())
    if as_json:
        print_json(asdict(approval))
        return
    for mend in approval.mended:
        say(f"Left out: {mend.words} ({mend.reason.code} {mend.reason.text})")
    hour = f"due {approval.local_at.replace('T', ' ')} {approval.timezone}"
    say(
        f"Edition {approval.edition_id} is approved ({approval.approved_hash[:12]}):"
        f" {counted(approval.subscribers, 'subscriber')}, {counted(approval.variants, 'variant')},"
        f" {f'sent by `digest send {approval.edition_id}`' if approval.is_extra else hour}."
    )
