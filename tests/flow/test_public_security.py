"""Every page of the public application under scanners, forged tokens and hostile requests.

The pages are those of the table of routes: a new page is tried without a change here, as long as
its path starts with one of `PublicPath`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest

from digest.letter.printing.message import join
from digest.letter.printing.opened import open_message
from digest.models.paths import PublicPath
from digest.web.guards import MAX_BODY_BYTES
from digest.web.public.app import create_public
from digest.web.public.hooks import HOOKS_PATH
from digest.web.routes import PUBLIC
from subscribers.addresses import parse_address
from subscribers.people import add_person, subscribe
from subscribers.preferences import Consent, State, Subscription
from subscribers.tokens import Link, LinkReader, LinkSigner, Purpose
from tests.support.figures import IS_PROOF
from tests.support.samples import sample_letter, sample_personal
from tests.support.web_doors import KEYS, NOW, PeopleStore, people_store, public_door
from tests.support.web_server import Site, serving

pytestmark = [pytest.mark.proof, pytest.mark.timeout(3600 if IS_PROOF else 600)]

MAILS = 1_000 if IS_PROOF else 20
MUTATIONS = 100_000 if IS_PROOF else 1_000
FORM = {"content-type": "application/x-www-form-urlencoded"}

#: The purposes whose tokens a page accepts.
ACCEPTED = {
    PublicPath.LEAVE: {Purpose.LEAVE},
    PublicPath.PREFERENCES: {Purpose.PREFERENCES},
    PublicPath.VIEW: {Purpose.VIEW},
    PublicPath.POLL: {Purpose.VOTE},
    PublicPath.CONFIRM: {Purpose.CONFIRM},
    PublicPath.MOVE: {Purpose.MOVE_OLD, Purpose.MOVE_NEW},
    PublicPath.PRIVATE: {Purpose.PRIVATE},
}
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND")
#: What our own pages and mail programs send.
BODIES = (
    b"List-Unsubscribe=One-Click",
    b"how=page",
    b"do=all",
    b"do=return",
    b"do=pause-4-weeks",
    b"choice=agree&answer=yes&confirm=yes&erase=yes",
    b'{"email": "ann@heritage.org"}',
)


def bodies_of(method: str) -> tuple[bytes | None, ...]:
    """Return the bodies to try with a method; no page reads one but from a POST."""
    if method == "POST" or (IS_PROOF and method in ("PUT", "PATCH")):
        return BODIES
    return BODIES[:1] if method in ("PUT", "PATCH") else (None,)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PeopleStore]:
    with people_store(tmp_path) as store:
        yield store


@pytest.fixture
def site(store: PeopleStore) -> Iterator[Site]:
    with serving(create_public(public_door(store), PUBLIC)) as site:
        yield site


def paths(filled_in: str = "x") -> list[str]:
    """Return the path of each route, with the token in its place."""
    return sorted({filled(route.path, filled_in) for route in PUBLIC})


def token_paths(token: str) -> list[str]:
    """Return the paths of the pages that take a token."""
    return sorted({filled(each.path, token) for each in PUBLIC if "{token" in each.path})


def filled(path: str, token: str) -> str:
    with_token = re.sub(r"\{token[^}]*\}", lambda _match: token, path)
    return re.sub(r"\{[^}]*\}", "weekly", with_token)


def first_part(path: str) -> PublicPath:
    return PublicPath(path.split("/")[1])


def links_of(store: PeopleStore, purpose: Purpose) -> Link:
    number = 7 if purpose.is_numbered else None
    return Link(public_id=store.public_id, newsletter="weekly", number=number)


def add_people(store: PeopleStore, count: int) -> list[str]:
    """Store confirmed subscribers; return their public ids."""
    public_ids = []
    consent = Consent(at=NOW, how="form", text="yes")
    states = (State.CONFIRMED, State.CONFIRMED, State.LEFT, State.PENDING, State.BOUNCED)
    with store.database.write() as connection:
        for number in range(count):
            address = parse_address(f"reader{number}@heritage.org")
            person = add_person(connection, address, name="", now=NOW)
            subscription = Subscription(
                newsletter="weekly",
                state=states[number % len(states)],
                joined_at=NOW,
                consent=consent,
            )
            subscribe(connection, person.id, subscription)
            public_ids.append(person.public_id)
    return public_ids


# --- scanners -----------------------------------------------------------------------------------


def test_a_scanner_of_every_link_of_many_mails_changes_nothing(
    site: Site, store: PeopleStore
) -> None:
    signer, pieces = LinkSigner(KEYS[0]), sample_letter().pieces
    people = add_people(store, MAILS)
    before, opened = store.dump(), 0
    for public_id in people:
        tokens = {
            purpose: signer.sign(
                purpose,
                Link(
                    public_id=public_id,
                    newsletter="weekly",
                    number=7 if purpose.is_numbered else None,
                ),
            )
            for purpose in Purpose
        }
        personal = sample_personal(
            leave_url=f"{site.url}/u/{tokens[Purpose.LEAVE]}",
            one_click_url=f"{site.url}/u/{tokens[Purpose.LEAVE]}",
            preferences_url=f"{site.url}/p/{tokens[Purpose.PREFERENCES]}",
            web_url=f"{site.url}/v/{tokens[Purpose.VIEW]}",
        )
        mail = open_message(join(pieces, personal).content)
        words = f"{mail.text} {mail.html} {dict(mail.headers)}"
        paths = set(re.findall(rf"{site.url}(/[^\s\"'<>#]+)", words))
        assert len(paths) >= 3
        # The links of mails outside an edition too.
        for purpose, token in tokens.items():
            paths |= {path for path in token_paths(token) if purpose in ACCEPTED[first_part(path)]}
        for path in paths:
            for method in ("HEAD", "GET"):
                answer = site.ask(f"{path}?utm_source=scanner&do=all&how=page", method)
                assert answer.status in (200, 404, 405, 410), path
                assert "set-cookie" not in answer.headers
                opened += 1
    assert opened >= 6 * MAILS
    assert store.dump() == before


# --- tokens -------------------------------------------------------------------------------------


def test_every_page_with_a_token_says_whose_it_is() -> None:
    for route in PUBLIC:
        if "{token" in route.path:
            assert first_part(route.path) in ACCEPTED


def test_only_the_right_purpose_acts(site: Site, store: PeopleStore) -> None:
    signer = LinkSigner(KEYS[0])
    before = store.dump()
    for purpose in Purpose:
        token = signer.sign(purpose, links_of(store, purpose))
        for path in token_paths(token):
            is_right = purpose in ACCEPTED[first_part(path)]
            for method in METHODS:
                if is_right and method == "POST":
                    continue
                for body in bodies_of(method):
                    status = site.ask(path, method, body, FORM).status
                    if is_right:
                        assert status < 500, (purpose, method, path)
                    else:
                        assert status in (404, 405), (purpose, method, path)
            assert store.dump() == before, (purpose, path)


def test_a_token_with_or_without_a_number_that_it_must_not_have_opens_nothing(
    store: PeopleStore,
) -> None:
    signer, reader = LinkSigner(KEYS[0]), LinkReader(KEYS)
    for purpose in Purpose:
        number = None if purpose.is_numbered else 7
        link = Link(public_id=store.public_id, newsletter="weekly", number=number)
        token = signer.sign(purpose, link)
        assert [each for each in Purpose if reader.read(each, token)] == []


def changes(token: str, strange: str, forged: str, random: Random) -> list[str]:
    """Return a token with each kind of change at a random place."""
    place = random.randrange(len(token))
    letter = random.choice("ABCxyz019-_.=+/%~ \n\x00é٣０")
    head, tail = token[:place], token[place + 1 :]
    parts, others = token.split("."), strange.split(".")
    return [
        head + letter + tail,
        head + tail,
        head + letter + token[place:],
        head + token[place].swapcase() + tail,
        head,
        token[place:] + head,
        token + letter,
        letter + token,
        ".".join([*parts[:-1], others[-1]]),
        ".".join([others[0], *parts[1:]]),
        ".".join([parts[0], others[1], *parts[2:]]),
        ".".join([*parts[:2], str(random.randrange(99)), parts[-1]]),
        ".".join(random.sample(parts, len(parts))),
        forged,
        f"{token}.{token}",
    ]


def mutations(store: PeopleStore, count: int) -> Iterator[str]:
    """Yield changed tokens: letters changed, lost, added and moved, parts of two tokens joined."""
    random = Random(7)
    signer = LinkSigner(KEYS[0])
    strangers = LinkSigner("a key of somebody else")
    other = Link(public_id="A" * 22, newsletter="monthly", number=8)
    originals = [signer.sign(purpose, links_of(store, purpose)) for purpose in Purpose]
    known = {*originals}
    while count:
        purpose = random.choice(list(Purpose))
        token = signer.sign(purpose, links_of(store, purpose))
        strange = signer.sign(purpose, other)
        forged = strangers.sign(purpose, links_of(store, purpose))
        changed = random.choice(changes(token, strange, forged, random))
        if changed not in known:
            count -= 1
            yield changed


def test_no_mutated_token_is_read_for_any_purpose(store: PeopleStore) -> None:
    reader = LinkReader(KEYS)
    read = 0
    for token in mutations(store, MUTATIONS):
        read += 1
        assert [each for each in Purpose if reader.read(each, token)] == [], token
    assert read == MUTATIONS


def test_mutated_tokens_open_no_page_and_change_nothing(site: Site, store: PeopleStore) -> None:
    before = store.dump()
    for token in mutations(store, 300 if IS_PROOF else 15):
        for path in token_paths(quote(token, safe="/")):
            for method in ("GET", "POST"):
                status = site.ask(
                    path, method, b"do=all" if method == "POST" else None, FORM
                ).status
                assert status in (404, 405), (method, path)
    assert store.dump() == before


# --- hostile requests ---------------------------------------------------------------------------

PLACES = ("/%00", "/%ff%fe", "/u/%00", "/u/%F0%9F%92%A9", "/../../etc/passwd", "/%2e%2e/%2e%2e/x")
QUERIES = ("", "?%00=%00", "?a=%ff", "?page=-1&before=99999999999999999999&lang=%0d%0a")
TYPES = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-7",
    "application/json",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/plain; charset=nonsense",
    "\xff",
)
HOSTILE = (
    b"",
    b"\x00" * 99,
    b"\xff\xfe\xfa=\xc3\x28",
    b"address=%00%ff%C3%28&email=%00",
    b"address=" + b"a" * 9000 + b"@heritage.org",
    b"address=ann%40heritage.org%0d%0aBcc%3A+x%40y.org&email=ann%40heritage.org%0aBcc%3Ax",
    b"{" * 9000,
    b"[" * 16000,
    b'{"email": "\\ud800"}',
    b"--x\r\nContent-Disposition: form-data; name=",
    b"&".join(b"a%d=1" % number for number in range(2000)),
    b"=" * 16000,
)


def test_hostile_requests_are_never_answered_with_a_failure(site: Site, store: PeopleStore) -> None:
    signer = LinkSigner(KEYS[0])
    tokens = [signer.sign(purpose, links_of(store, purpose)) for purpose in Purpose]
    right = {path for token in tokens for path in token_paths(token)}
    for path in (*PLACES, *paths(), *sorted(right)):
        for query in QUERIES:
            assert site.ask(path + query).status < 500, path + query
        for method in METHODS[3:]:
            assert site.ask(path, method, b"", FORM).status < 500, (method, path)
    random = Random(3)
    tried = [(path, body) for path in (*paths(), *sorted(right)) for body in HOSTILE]
    for path, body in tried if IS_PROOF else random.sample(tried, min(len(tried), 150)):
        for kind in TYPES if IS_PROOF else random.sample(TYPES, 2):
            assert site.ask(path, "POST", body, {"content-type": kind}).status < 500, (path, body)


def test_a_body_beyond_the_limit_is_refused_everywhere(site: Site, store: PeopleStore) -> None:
    before = store.dump()
    for path in (*PLACES, *paths(store.token(Purpose.LEAVE))):
        if path.startswith(HOOKS_PATH):  # providers send more
            continue
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            status = site.ask(path, method, b"x" * (MAX_BODY_BYTES + 1), FORM).status
            assert status == 413, (method, path)
    assert store.dump() == before
