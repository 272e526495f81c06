"""Schedules in words for subscribers."""

from __future__ import annotations

import pytest

from digest.scheduler.slots import parse_schedule
from digest.scheduler.wording import schedule_words


@pytest.mark.parametrize(
    ("schedule", "language", "words"),
    [
        ("Mon 07:00", "en-GB", "every Monday at 07:00"),
        ("Mon,Thu 07:00", "de", "jeden Montag und Donnerstag um 07:00"),
        ("daily 18:30", "fr", "tous les jours à 18:30"),
        ("1st Mon 07:00", "es", "el primer lunes del mes a las 7:00"),
        ("last Fri 17:30", "en-GB", "on the last Friday of the month at 17:30"),
        ("Sat 09:00", "ar", "أيام السبت الساعة 9:00 ص"),
        ("Mon,Thu 09:00", "ar", "أيام الاثنين والخميس الساعة 9:00 ص"),
        ("1st Sun 09:00", "ar", "أول يوم الأحد من الشهر الساعة 9:00 ص"),
        ("2nd Mon 09:00", "ar", "ثاني يوم الاثنين من الشهر الساعة 9:00 ص"),
        ("3rd Tue 09:00", "ar", "ثالث يوم الثلاثاء من الشهر الساعة 9:00 ص"),
        ("4th Sat 09:00", "ar", "رابع يوم السبت من الشهر الساعة 9:00 ص"),
        ("last Fri 09:00", "ar", "آخر يوم الجمعة من الشهر الساعة 9:00 ص"),
        ("Mon 07:00", "tlh", "every Monday at 7:00\u202fAM"),
    ],
)
def test_a_schedule_is_said_in_the_subscribers_language(
    schedule: str, language: str, words: str
) -> None:
    assert schedule_words(parse_schedule(schedule), language) == words
