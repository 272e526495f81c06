from __future__ import annotations

import pytest

from subscribers.return_paths import (
    TRACES,
    ReturnPath,
    ReturnPathSigner,
    ReturnPurpose,
    read_return_path,
    sign_return_path,
)

PATH = ReturnPath(purpose=ReturnPurpose.BOUNCE, edition_id=12, subscriber_id=345)
DOMAIN = "bounce.example.org"
ADDRESS = sign_return_path(PATH, "key", DOMAIN)


def test_a_signed_address_names_its_delivery() -> None:
    assert read_return_path(ADDRESS, ("newer", "key"), DOMAIN) == PATH


def test_mail_servers_may_change_its_case() -> None:
    assert read_return_path(ADDRESS.upper(), ("key",), DOMAIN) == PATH


def test_the_largest_numbers_fit_into_a_local_part() -> None:
    number = 2**63 - 1
    path = ReturnPath(purpose=ReturnPurpose.UNSUBSCRIBE, edition_id=number, subscriber_id=number)
    address = sign_return_path(path, "key", DOMAIN)
    assert len(address.partition("@")[0]) <= 64
    assert read_return_path(address, ("key",), DOMAIN) == path


@pytest.mark.parametrize(
    "forged",
    [
        ADDRESS.replace("b+12", "b+13"),
        ADDRESS.replace(".345.", ".346."),
        ADDRESS.replace("b+", "u+"),
        ADDRESS.replace("@", "a@"),
        ADDRESS.replace("@", "@evil."),
        ADDRESS.replace("12.345", "012.345"),
        ADDRESS.replace("12.345", "١٢.345"),
        ADDRESS.replace("@bounce", "@Bounce") + "\n",
        "b+12.345.@bounce.example.org",
        "",
    ],
)
def test_forged_addresses_name_nothing(forged: str) -> None:
    assert read_return_path(forged, ("key",), DOMAIN) is None


def test_an_address_of_another_key_names_nothing() -> None:
    assert read_return_path(ADDRESS, ("other",), DOMAIN) is None


def test_an_address_is_found_in_any_text() -> None:
    assert TRACES.findall(f"Return-Path: <{ADDRESS}>, x{ADDRESS}") == [ADDRESS]


def test_addresses_in_mails_already_sent_are_read_for_ever() -> None:
    mailed = "b+12.345.3cfssefrx72n5fy65rpz@bounce.example.org"
    assert mailed == ADDRESS
    assert ReturnPathSigner("key", DOMAIN).sign(ReturnPurpose.BOUNCE, 12, 345) == mailed
