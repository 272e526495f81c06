"""The comparison with other senders, on a small sample; `python -m bench.wire` does the whole."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bench.wire.edition import SHORT, Newspaper, Relay
from bench.wire.limits import Result, at_least, at_most, table_of
from bench.wire.pictures import PICTURES, draw_pictures
from bench.wire.rounds import run_rounds
from bench.wire.senders import Aiosmtplib, Ours, Sender
from bench.wire.servers import far_away, running_sink

MAILS = 60


def test_senders_send_every_mail_in_turn_over_a_long_way(tmp_path: Path) -> None:
    paper, mail = Newspaper(tmp_path), tmp_path / "mail.eml"
    mail.write_bytes(b"Subject: News\r\n\r\n" + b"A line of a mail.\r\n" * 100)
    with running_sink() as near, far_away(near, 1) as port:
        relay = Relay(port=port, connections=4)
        senders: dict[str, tuple[Sender, Relay]] = {
            "digest send": (Ours(paper, posts=SHORT), relay),
            "aiosmtplib": (Aiosmtplib(mail), relay),
        }
        found = run_rounds(senders, MAILS, 1, label="sample")
    # Four connections and four round trips a mail, each of at least 2 ms.
    for sent in (found.runs[name][0] for name in senders):
        assert sent.mails == MAILS
        assert sent.rate < 4 / 0.002
        assert sent.cpu_s > 0
        assert sent.peak_mb > 10
    assert found.rate_ratio("digest send", "aiosmtplib") > 0


@pytest.mark.parametrize(("value", "word"), [(2.4, "pass"), (2.6, "MISS")])
def test_a_figure_beyond_its_limit_is_a_miss(value: float, word: str) -> None:
    check = at_most(2.5, "processor time", value)
    assert check.is_met is (word == "pass")
    assert table_of([check]).splitlines()[1].startswith(word)
    assert at_least(2.5, "rate", value).is_met is not check.is_met


def test_pictures_are_drawn_from_the_results_of_each_part(tmp_path: Path) -> None:
    values = {"digest send": {"mails_a_second": 500.0}, "smtp <source>": {"mails_a_second": 250.0}}
    results = {"speed": Result(checks=(), values=values).as_data()}
    (drawn,) = draw_pictures(results, tmp_path)
    assert drawn.name in PICTURES
    bars = [
        float(each.attrib["width"])
        for each in ET.parse(drawn).iter("{http://www.w3.org/2000/svg}rect")  # noqa: S314 - ours
    ]
    assert bars[0] == pytest.approx(2 * bars[1])
    assert "prefers-color-scheme: dark" in drawn.read_text("utf-8")
