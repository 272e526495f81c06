from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from digest.app.sending import relays_of
from digest.config import Config, load_config
from digest.errors import ConfigError
from digest.sender.relay import Relay, Timeouts

GOOD = """\
[site]
name = "Heritage"
base_url = "https://digest.heritage.example/"
postal_address = "1 Hill Road"
secret_keys = ["a key that is long enough"]
[[smtp]]
host = "smtp.heritage.example"
{smtp}
{tables}
[[feeds]]
url = "https://heritage.example/feed/"
category = "Security"
[[newsletters]]
name = "weekly"
title = "Heritage"
from = "Heritage <digest@heritage.example>"
categories = ["Security"]
schedule = "Mon 07:00"
"""


def load(folder: Path, smtp: str = "", tables: str = "", **environment: str) -> Config:
    path = folder / "config.toml"
    path.write_text(GOOD.format(smtp=smtp, tables=tables))
    return load_config(path, environment)


def test_a_relay_has_defaults_that_limit_nothing(tmp_path: Path) -> None:
    (relay,) = relays_of(load(tmp_path))
    assert relay == Relay(host="smtp.heritage.example", port=587, timeouts=Timeouts())
    assert (relay.pipeline, relay.messages_per_connection) == ("auto", 100)
    assert (relay.rate, relay.daily_limit, relay.timeouts.content_s) == (0, 0, 600)


def test_the_keys_of_a_relay_reach_it(tmp_path: Path) -> None:
    keys = (
        'pipeline = "off"\nmessages_per_connection = 7\nrate = "120/m"\ndaily_limit = 5000\n'
        'timeouts = { connect = "5s", content = "1h" }'
    )
    (relay,) = relays_of(load(tmp_path, keys))
    assert (relay.pipeline, relay.messages_per_connection) == ("off", 7)
    assert (relay.rate, relay.daily_limit) == (2.0, 5000)
    assert relay.timeouts == Timeouts(connect_s=5, content_s=3600)


@pytest.mark.parametrize(
    ("written", "rate"), [("10", 10), ("0.5", 0.5), ('"10"', 10), ('"36/h"', 0.01), ('"5/s"', 5)]
)
def test_a_rate_is_mails_per_second_or_per_another_time(
    tmp_path: Path, written: str, rate: float
) -> None:
    assert load(tmp_path, f"rate = {written}").smtp[0].rate == pytest.approx(rate)


def test_an_edition_is_sent_without_a_canary_unless_it_is_set(tmp_path: Path) -> None:
    assert load(tmp_path).send.canary is None
    canary = load(tmp_path, tables="[send]\ncanary = { first = 20 }").send.canary
    assert canary is not None
    assert (canary.first, canary.wait, canary.max_failed) == (20, timedelta(minutes=10), 0.2)


def test_domains_are_written_as_in_stored_addresses(tmp_path: Path) -> None:
    tables = (
        '[send]\ndomain_rates = { "Gmail.com" = 10, "bücher.example" = "60/m" }\n'
        'domain_connections = { "gmail.com" = 4 }'
    )
    send = load(tmp_path, tables=tables).send
    assert send.domain_rates == {"gmail.com": 10, "xn--bcher-kva.example": 1}
    assert send.domain_connections == {"gmail.com": 4}


@pytest.mark.parametrize(
    ("smtp", "tables", "said"),
    [
        ('rate = "fast"', "", "'fast' is not a rate; write mails per second, or '100/m'"),
        ("rate = -1", "", "[[smtp]] smtp.heritage.example: rate: must be 0 or more"),
        ("rate = nan", "", "[[smtp]] smtp.heritage.example: rate: "),
        ("daily_limit = -1", "", "daily_limit: must be 0 or more"),
        ("messages_per_connection = 0", "", "messages_per_connection: must be 1 or more"),
        ('pipeline = "on"', "", "pipeline: must be 'auto', 'message' or 'off'"),
        ('timeouts = { content = "1d" }', "", "'1d' is not a time; write a number and s, m or h"),
        ('timeouts = { content = "2h" }', "", "'2h' must be from '1s' to '1h'"),
        ('timeouts = { contents = "1m" }', "", "unknown key; did you mean 'content'?"),
        ("", "[send]\nrates = 1", "send.rates: unknown key; did you mean 'domain_rates'?"),
        ("", "[send]\ndomain_rates = { 'a b' = 1 }", "send.domain_rates"),
        ("", "[send]\ndomain_connections = { 'a.example' = 0 }", "must be 1 or more"),
        ("", "[send]\ncanary = { frist = 5 }", "unknown key; did you mean 'first'?"),
        ("", "[send]\ncanary = { max_failed = 20 }", "send.canary.max_failed: must be 1.0 or less"),
    ],
)
def test_a_wrong_value_is_reported_in_one_line(
    tmp_path: Path, smtp: str, tables: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, smtp, tables)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_environment_sets_a_limit(tmp_path: Path) -> None:
    config = load(tmp_path, DIGEST_SMTP__RATE="100/m", DIGEST_SMTP__TIMEOUTS__CONTENT="90s")
    (relay,) = relays_of(config)
    assert relay.rate == pytest.approx(100 / 60)
    assert relay.timeouts.content_s == 90
