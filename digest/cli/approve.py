"""`digest approve`: a person's word that a draft may go."""

from __future__ import annotations

from dataclasses import asdict

import typer

from digest.cli.door import open_newsroom, terminal_user
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName
from digest.cli.output import print_json, say


def approve(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    as_json: JsonFlag = False,
) -> None:
    """Check a draft and approve it exactly as it is; any change of it or its audience voids that.

    Exit 3: approved already, or no draft. Exit 4: held by a check.
    """
    desk = open_newsroom(context).newsletter_with(edition, newsletter)
    approval = desk.approve(edition, by=terminal_user())
    if as_json:
        print_json(asdict(approval))
        return
    for mend in approval.mended:
        say(f"Left out: {mend.words} ({mend.reason.code} {mend.reason.text})")
    say(
        f"Edition {approval.edition_id} approved: {approval.approved_hash[:12]},"
        f" {approval.subscribers} subscribers, {approval.variants} variants,"
        f" for {approval.local_at.replace('T', ' ')} {approval.timezone}."
    )
