from __future__ import annotations

import hashlib
import hmac
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer
from itsdangerous.signer import HMACAlgorithm

from subscribers.errors import SubscriberError
from subscribers.macs import KeyedHash
from subscribers.tokens import (
    Link,
    LinkReader,
    LinkSigner,
    Purpose,
    find_key,
    key_id,
    new_public_id,
)
from tests.support.figures import examples

LINK = Link(public_id="A" * 22, newsletter="weekly")
VIEW = Link(public_id="A" * 22, newsletter="weekly", number=12)
LETTERS = "ABCXYZabcxyz0189-_.=!é \n"


def link_for(purpose: Purpose) -> Link:
    return VIEW if purpose.is_numbered else LINK


@pytest.mark.parametrize("purpose", Purpose)
def test_a_signed_link_is_read_back(purpose: Purpose) -> None:
    token = LinkSigner("new").sign(purpose, link_for(purpose))
    assert LinkReader(["new"]).read(purpose, token) == link_for(purpose)


#: Links in mails already sent; each purpose has one, and none ever changes.
MAILED = {
    Purpose.LEAVE: "AAAAAAAAAAAAAAAAAAAAAA.weekly.D3iKUXUR5tRkFeW7gNOIW7HF",
    Purpose.PREFERENCES: "AAAAAAAAAAAAAAAAAAAAAA.weekly.zTLXv6x66tMi_Zk2boVnNuLH",
    Purpose.VIEW: "AAAAAAAAAAAAAAAAAAAAAA.weekly.7.93qkgWSjZBfFZ0OEgUzNnuTU",
    Purpose.VOTE: "AAAAAAAAAAAAAAAAAAAAAA.weekly.7.QRowpuuS9AvI2rZ9M0aya7Rz",
    Purpose.CONFIRM: "AAAAAAAAAAAAAAAAAAAAAA.weekly.lCKgTIo9z0Um68tvNUGgzL71",
    Purpose.MOVE_OLD: "AAAAAAAAAAAAAAAAAAAAAA.weekly.7.XNgPb309RhsY8KfTE-wgFpRW",
    Purpose.MOVE_NEW: "AAAAAAAAAAAAAAAAAAAAAA.weekly.7.kvGvhaGqc0c4fIo1NrVPQFco",
    Purpose.PRIVATE: "AAAAAAAAAAAAAAAAAAAAAA.weekly.7.PxbF8Ile-0_YDpYrpDQXib1c",
}


@pytest.mark.parametrize("purpose", Purpose)
def test_the_links_of_mails_already_sent_open_for_ever(purpose: Purpose) -> None:
    found = LinkReader(["newest", "key-of-2026"]).read(purpose, MAILED[purpose])
    number = 7 if purpose.is_numbered else None
    assert found == Link(public_id="A" * 22, newsletter="weekly", number=number)
    assert key_id("key-of-2026") == "0a476bfb"


@pytest.mark.parametrize(("made", "used"), list(itertools.permutations(Purpose, 2)))
def test_a_token_of_one_purpose_opens_no_other(made: Purpose, used: Purpose) -> None:
    token = LinkSigner("new").sign(made, link_for(made))
    assert LinkReader(["new"]).read(used, token) is None


def test_tokens_of_older_keys_work_after_rotation() -> None:
    token = LinkSigner("old").sign(Purpose.LEAVE, LINK)
    assert LinkReader(["new", "old"]).read(Purpose.LEAVE, token) == LINK
    assert LinkReader(["new"]).read(Purpose.LEAVE, token) is None


def test_an_edition_signs_with_the_key_it_was_frozen_with() -> None:
    token = LinkSigner(find_key(["new", "old"], key_id("old"))).sign(Purpose.LEAVE, LINK)
    assert token == LinkSigner("old").sign(Purpose.LEAVE, LINK)


def test_a_removed_key_is_named() -> None:
    words = f"^signing key {key_id('old')} is not configured .* add it to the secret keys again$"
    with pytest.raises(SubscriberError, match=words):
        find_key(["new"], key_id("old"))


@examples(300)
@given(st.data(), st.sampled_from(Purpose))
def test_no_mutation_of_a_token_is_accepted(data: st.DataObject, purpose: Purpose) -> None:
    token = LinkSigner("new").sign(purpose, link_for(purpose))
    start = data.draw(st.integers(0, len(token)))
    end = data.draw(st.integers(start, min(len(token), start + 3)))
    changed = token[:start] + data.draw(st.text(LETTERS, max_size=3)) + token[end:]
    accepted = LinkReader(["new"]).read(purpose, changed)
    assert (accepted is None) == (changed != token)


def test_every_letter_of_a_token_counts() -> None:
    token = LinkSigner("new").sign(Purpose.LEAVE, LINK)
    subscriber = LinkReader(["new"])
    for place, letter in itertools.product(range(len(token)), "Ab0-_."):
        changed = token[:place] + letter + token[place + 1 :]
        assert changed == token or subscriber.read(Purpose.LEAVE, changed) is None


def test_another_edition_is_another_token() -> None:
    token = LinkSigner("new").sign(Purpose.VIEW, VIEW)
    assert LinkReader(["new"]).read(Purpose.VIEW, token.replace(".12.", ".13.")) is None


def test_a_leave_link_fits_a_mail_header() -> None:
    token = LinkSigner("new").sign(
        Purpose.LEAVE, Link(public_id=new_public_id(), newsletter="w" * 39)
    )
    assert 30 + len("/u/") + len(token) <= 120


def test_public_ids_are_long_and_differ() -> None:
    made = {new_public_id() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(public_id) for public_id in made} == {22}


def test_key_ids_are_eight_hex_digits() -> None:
    assert len(key_id("secret")) == 8
    assert int(key_id("secret"), 16) >= 0


class PlainHMAC(HMACAlgorithm):
    """The signatures of mailed links, made by the library alone."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:18]


@examples(200)
@given(
    key=st.text(min_size=1, max_size=100),
    public_id=st.text(alphabet="Ab0-_", min_size=22, max_size=22),
    number=st.integers(1, 10**17),
    purpose=st.sampled_from(Purpose),
)
def test_links_are_signed_as_the_library_signs_them(
    key: str, public_id: str, number: int, purpose: Purpose
) -> None:
    plain = Signer(
        key,
        salt=f"digest.link.{purpose}",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
        algorithm=PlainHMAC(hashlib.sha256),
    )
    link = Link(
        public_id=public_id, newsletter="weekly", number=number if purpose.is_numbered else None
    )
    payload = f"{public_id}.weekly" + (f".{number}" if purpose.is_numbered else "")
    token = LinkSigner(key).sign(purpose, link)
    assert token == plain.sign(payload).decode()
    assert LinkSigner(key).sign_payload(purpose, payload) == token
    assert LinkReader(["newer", key]).read(purpose, token) == link


@given(key=st.binary(max_size=200), prefix=st.binary(max_size=80), value=st.binary(max_size=200))
def test_a_keyed_hash_is_hmac(key: bytes, prefix: bytes, value: bytes) -> None:
    hashed = KeyedHash(key, prefix)
    for each in (value, b"", value):
        assert hashed.digest(each) == hmac.digest(key, prefix + each, "sha256")
