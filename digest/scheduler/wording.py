"""Puts schedules into words for subscribers, in their language."""

from __future__ import annotations

from collections.abc import Callable

from babel.dates import format_time, get_day_names
from babel.lists import format_list

from digest.scheduler.slots import Schedule
from digest.text.catalogue import translations_for
from digest.text.languages import locale_of


def schedule_words(schedule: Schedule, language: str) -> str:
    """Return a schedule as part of a sentence: `every Monday at 07:00`.

    Args:
        schedule: the days and the time.
        language: a BCP 47 tag; a country sets the form of the time: `7:00 AM` for `en-US`.
    """
    form = _form_of(schedule, translations_for(language).gettext)
    locale = locale_of(language)
    names = get_day_names("wide", locale=locale)
    days = format_list([names[day] for day in schedule.weekdays], locale=locale)
    return form % {"days": days, "time": format_time(schedule.at, "short", locale=locale)}


def _form_of(schedule: Schedule, gettext: Callable[[str], str]) -> str:
    if len(schedule.weekdays) == 7 and not schedule.ordinal:
        return gettext("every day at %(time)s")
    return {
        0: gettext("every %(days)s at %(time)s"),
        1: gettext("on the first %(days)s of the month at %(time)s"),
        2: gettext("on the second %(days)s of the month at %(time)s"),
        3: gettext("on the third %(days)s of the month at %(time)s"),
        4: gettext("on the fourth %(days)s of the month at %(time)s"),
        -1: gettext("on the last %(days)s of the month at %(time)s"),
    }[schedule.ordinal]
