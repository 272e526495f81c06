"""The charts of a send and of the report, from their numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from digest.newsroom.desk.report import EditionResult, ListDay, Report
from digest.newsroom.desk.sending import MinuteCount
from digest.text.counted import counted
from digest.web.desk.charts import Chart, Series, columns, lines

#: Columns of a chart of minutes; longer sends have wider columns.
_MOST_COLUMNS = 60
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)


def minutes_chart(minutes: Sequence[MinuteCount], zone: str) -> Markup | None:
    """Return the mails sent over time; None with fewer than two minutes."""
    grouped = group_minutes(minutes, zone)
    if len(grouped) < 2:
        return None
    most = max(count for _, count in grouped)
    return columns(
        Chart(
            key="minutes",
            title="Mails sent over time",
            summary=f"From {grouped[0][0]} to {grouped[-1][0]}; at most {most:,} in one column.",
            labels=[label for label, _ in grouped],
            series=(Series(name="sent", tone="s1", values=[count for _, count in grouped]),),
        )
    )


def group_minutes(minutes: Sequence[MinuteCount], zone: str) -> list[tuple[str, int]]:
    """Return the mails of equal spans of time, with empty ones, by the wall clock of their start.

    Retries may come a day later, so the spans are as long as needed.
    """
    if not minutes:
        return []
    start, end = minutes[0].minute, minutes[-1].minute
    whole = int((end - start) / timedelta(minutes=1)) + 1
    width = next((each for each in _WIDTHS if whole / each <= _MOST_COLUMNS), _WIDTHS[-1])
    counts = [0] * (-(-whole // width))
    for each in minutes:
        counts[int((each.minute - start) / timedelta(minutes=width))] += each.mails
    local = start.astimezone(ZoneInfo(zone or "UTC"))
    return [
        (f"{local + timedelta(minutes=width * place):%H:%M}", count)
        for place, count in enumerate(counts)
    ]


def outcome_chart(result: EditionResult) -> Markup | None:
    """Return what became of one edition's mails; None before the first has ended."""
    kinds = (
        ("sent", "s1", result.sent),
        ("failed", "s2", result.failed),
        ("bounced", "s3", result.bounced),
        ("complaints", "s4", result.complaints),
        ("left", "s5", result.left or 0),
        ("unknown", "s6", result.unknown),
        ("skipped", "s7", result.skipped),
    )
    if not any(count for *_, count in kinds):
        return None
    names = [name for name, *_ in kinds]
    return columns(
        Chart(
            key="outcome",
            title="What became of its mails",
            summary=", ".join(f"{count:,} {name}" for name, _, count in kinds) + ".",
            labels=names,
            series=tuple(
                Series(
                    name=name,
                    tone=tone,
                    values=[count if other == name else None for other in names],
                )
                for name, tone, count in kinds
            ),
        )
    )


def editions_chart(report: Report) -> Markup:
    """Return the mails of each edition by their end."""
    found = report.editions
    return columns(
        Chart(
            key="editions",
            title="Mails by edition",
            summary=f"{counted(len(found), 'edition')} of {report.title}, the newest at the right.",
            labels=[f"{each.number}" for each in found],
            series=(
                Series(name="sent", tone="s1", values=[each.sent for each in found]),
                Series(name="failed", tone="s2", values=[each.failed for each in found]),
                Series(name="unknown", tone="s6", values=[each.unknown for each in found]),
                Series(name="skipped", tone="s7", values=[each.skipped for each in found]),
            ),
        )
    )


def trouble_chart(report: Report) -> Markup:
    """Return what went wrong with each edition, without the mails that were sent."""
    found = report.editions
    return columns(
        Chart(
            key="trouble",
            title="Bounces, complaints and leavings by edition",
            summary="Bounced, complaints, and those who left within a week of each edition.",
            labels=[f"{each.number}" for each in found],
            series=(
                Series(name="bounced", tone="s3", values=[each.bounced for each in found]),
                Series(name="complaints", tone="s4", values=[each.complaints for each in found]),
                Series(name="left", tone="s5", values=[each.left for each in found]),
            ),
        )
    )


def subscribers_chart(days: Sequence[ListDay]) -> Markup:
    """Return the number of subscribers by day."""
    return lines(
        Chart(
            key="subscribers",
            title="Subscribers by day",
            summary=_span(days, "Confirmed subscribers who may be mailed"),
            labels=[_day(each) for each in days],
            series=(
                Series(name="subscribers", tone="s1", values=[each.subscribers for each in days]),
            ),
        )
    )


def changes_chart(days: Sequence[ListDay]) -> Markup:
    """Return who joined, left and bounced by day."""
    return columns(
        Chart(
            key="changes",
            title="Joined, left and bounced by day",
            summary=_span(days, "Changes of the list"),
            labels=[_day(each) for each in days],
            series=(
                Series(name="joined", tone="s1", values=[each.joined for each in days]),
                Series(name="left", tone="s5", values=[each.left for each in days]),
                Series(name="bounced", tone="s3", values=[each.bounced for each in days]),
                Series(name="complaints", tone="s4", values=[each.complained for each in days]),
            ),
        )
    )


def _span(days: Sequence[ListDay], what: str) -> str:
    return f"{what}, from {days[0].day} to {days[-1].day}." if days else f"{what}."


def _day(day: ListDay) -> str:
    return f"{day.day:%d %b}".lstrip("0")
