"""An edition that a finding of the whole mail blocks is reported at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from digest.store.tables import notices
from tests.support.life import SLOT, WEEKLY, Life

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
#: A mark that the letter's own places have; no mail may leave with one.
SPOILT = f'{WEEKLY}\nintro = ["See PLACE_0123456789abcdef_leave_url_"]'


def texts(life: Life, kind: str) -> list[str]:
    with life.context.database.read() as connection:
        query = select(notices.c.text).where(notices.c.kind == kind)
        return list(connection.scalars(query.order_by(notices.c.id)))


async def test_with_review_the_alert_comes_with_the_draft(tmp_path: Path) -> None:
    life = Life(tmp_path, config=f'{SPOILT}\nreview = "required"')
    await life.live_until(SLOT - 23 * HOUR)
    (alert,) = texts(life, "alert")
    assert "edition 1 cannot be sent as it is: E" in alert
    assert "digest check 1" in alert
    await life.live_until(SLOT - HOUR)
    assert len(texts(life, "alert")) == 1


async def test_without_review_the_alert_comes_at_the_slot(tmp_path: Path) -> None:
    life = Life(tmp_path, config=SPOILT)
    await life.live_until(SLOT)
    (alert,) = texts(life, "alert")
    assert "edition 1: blocked by E" in alert
    assert life.letterbox.mails == []
