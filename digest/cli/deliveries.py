"""`digest deliveries`: the deliveries to one subscriber."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, say, say_item
from digest.errors import ExitCode
from digest.models import shown_state
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.deliveries import PastDelivery, ShownDelivery, SubscriberMails

#: Deliveries for people; `--json` has all.
_MOST = 10


def deliveries(
    context: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Mail address of the subscriber.")
    ],
    as_json: JsonFlag = False,
) -> None:
    """Show what was sent to one subscriber.

    For each edition, newest first: its state, what to answer to "I did not get it", when it was
    handed over, the mail server's own words and the id it gave, the next try; and why an edition
    was not sent to them.

    Exit codes: 2 if no subscriber has this address, 3 if there is no delivery to it.
    """
    found = open_newsroom(context).deliveries(address)
    if as_json:
        print_json(_data(found))
    else:
        _show(found)
    if not found.deliveries:
        raise typer.Exit(ExitCode.NOTHING_TO_DO)


def _show(found: SubscriberMails) -> None:
    for each in found.subscriptions:
        ended = f", ended {_time(each.left_at)}" if each.left_at else ""
        say(
            f"{found.address}: {each.state} subscriber of {each.newsletter},"
            f" since {each.joined_at:%Y-%m-%d}{ended}."
        )
    if not found.subscriptions:
        say(f"{found.address}: no subscription.")
    if found.suppressed:
        since = f" since {found.suppressed_at:%Y-%m-%d}" if found.suppressed_at else ""
        say(f"The address must not be mailed{since}: {', '.join(found.suppressed)}.")
    for shown in found.deliveries[:_MOST]:
        say()
        _show_delivery(shown)
    if (more := len(found.deliveries) - _MOST) > 0:
        say()
        say(f"{counted(more, 'older delivery', 'older deliveries')}; --json lists them.")
    if found.absences:
        say()
        say("No delivery of:")
    for absence in found.absences:
        due = absence.local_at.replace("T", " ")
        say_item(
            f"edition {absence.edition_id}, {absence.newsletter} No. {absence.number}, due {due}:"
            f" {absence.meaning}"
        )


def _show_delivery(shown: ShownDelivery) -> None:
    mail = shown.delivery
    say(
        f"Edition {mail.edition_id}, {mail.newsletter} No. {mail.number},"
        f" due {mail.local_at.replace('T', ' ')}: {shown_state(mail.state)}"
        f"{f' ({mail.reason})' if mail.reason else ''}"
    )
    lines = {
        "Subject": mail.subject,
        "Answer": shown.answer,
        "Sent": _handed_over(mail),
        "Last try": _last_try(mail),
        "Ended": _time(mail.ended_at) if mail.ended_at and not mail.attempts else "",
        "Next try": _time(mail.next_at) if mail.next_at and not mail.paused_reason else "",
        "Due": _time(mail.not_before) if not mail.attempts and not mail.ended_at else "",
        "Relay": mail.relay,
        "It said": f"{mail.reply_code} {mail.reply_text}".rstrip() if mail.reply_code else "",
        "Queue ID": shown.queue_id,
    }
    for name, text in lines.items():
        if text:
            say_item(text, first=f"  {name + ':':<10}")


def _handed_over(mail: PastDelivery) -> str:
    """Return when the content of the last try left, and when the answer came."""
    if not mail.handing_at or (mail.claimed_at and mail.handing_at < mail.claimed_at):
        return ""  # the last try ended before its content was sent
    answered = f", answered {mail.ended_at:%H:%M:%S}" if mail.ended_at and mail.reply_code else ""
    return f"{_time(mail.handing_at)}{answered}{_tries(mail)}"


def _last_try(mail: PastDelivery) -> str:
    if not mail.claimed_at or not mail.attempts or _handed_over(mail):
        return ""
    return f"{_time(mail.claimed_at)}{_tries(mail)}"


def _tries(mail: PastDelivery) -> str:
    return f" ({counted(mail.attempts, 'try', 'tries')})" if mail.attempts != 1 else ""


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _data(found: SubscriberMails) -> dict[str, object]:
    return {
        "address": found.address,
        "suppressed": found.suppressed,
        "suppressed_at": found.suppressed_at,
        "subscriptions": [
            {
                "newsletter": each.newsletter,
                "state": each.state,
                "joined_at": each.joined_at,
                "left_at": each.left_at,
                "left_how": each.left_how,
            }
            for each in found.subscriptions
        ],
        "deliveries": [
            {
                **asdict(each.delivery),
                "meaning": each.meaning,
                "queue_id": each.queue_id,
                "answer": each.answer,
            }
            for each in found.deliveries
        ],
        "absences": [asdict(each) for each in found.absences],
    }
