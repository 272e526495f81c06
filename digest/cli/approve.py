"""`digest approve`: approves a draft for sending."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

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
    looked_at: Annotated[
        str,
        typer.Option(
            "--hash", metavar="HASH", help="Approve only the content that `digest check` showed."
        ),
    ] = "",
    is_withdrawn: Annotated[
        bool, typer.Option("--withdraw", help="Take the approval back; possible until it is sent.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check a draft and approve it for sending.

    The approval covers exactly this content and audience: if either changes, approve again.
    With --hash, a draft that changed since `digest check` is not approved.

    Exit codes: 3 if there is no draft or it is already approved, 4 if a check blocks it or if it
    is not what --hash names.
    """
    newsroom = open_newsroom(context)
    desk = newsroom.newsletter_with(edition, newsletter)
    if is_withdrawn:
        edition_id = desk.withdraw(edition, by=terminal_user())
        if as_json:
            print_json({"edition_id": edition_id, "state": "draft"})
        else:
            say(f"Edition {edition_id} is a draft again; it is not approved.")
        return
    approval = desk.approve(edition, looked_at=looked_at, by=terminal_user())
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
