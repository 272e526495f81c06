"""Pictures over real HTTP, from the public server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digest.errors import StoreError
from digest.newsroom.web_view import ServedPicture
from digest.web.public.app import create_public
from digest.web.routes import PUBLIC
from tests.support.web_doors import people_store, public_door
from tests.support.web_server import Site, serving

NAME = "0123456789abcdef" * 2
FILES = {
    f"{NAME}.jpg": ServedPicture(media_type="image/jpeg", content=b"\xff\xd8photo"),
    f"{NAME[::-1]}.png": ServedPicture(media_type="image/png", content=b"\x89PNG"),
}


def find(file: str) -> ServedPicture | None:
    if file.startswith("locked"):
        raise StoreError("database digest.db: locked by another process; try again later")
    return FILES.get(file)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with people_store(tmp_path) as store:
        door = replace(public_door(store), pictures=find)
        with serving(create_public(door, PUBLIC)) as site:
            yield site


@pytest.mark.parametrize("file", FILES)
def test_a_picture_is_served_with_its_type_and_cached_for_ever(site: Site, file: str) -> None:
    answer = site.ask(f"/i/{file}")
    assert (answer.status, answer.body) == (200, FILES[file].content)
    assert answer.headers["content-type"] == FILES[file].media_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    # Otherwise the page of a web mail could not show it.
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "set-cookie" not in answer.headers


def test_a_head_request_gives_the_same_headers(site: Site) -> None:
    path = f"/i/{NAME}.jpg"
    whole, head = site.ask(path), site.ask(path, "HEAD")
    assert (head.status, head.body) == (200, b"")
    kept = {name: value for name, value in whole.headers.items() if name != "date"}
    assert {name: value for name, value in head.headers.items() if name != "date"} == kept


@pytest.mark.parametrize(
    "file",
    [
        f"{NAME}.png", f"{'f' * 32}.jpg", f"{NAME}.gif", NAME, "a.jpg", "..%2Fdigest.db",
        f"{NAME}.jpg%00", f"{NAME}.jpg%0A", "%F0%9F%98%80.jpg", f"{'a' * 500}.jpg",
    ],
)  # fmt: skip
def test_no_other_name_is_answered(site: Site, file: str) -> None:
    assert site.ask(f"/i/{file}").status == 404


def test_pictures_refuse_other_methods(site: Site) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert site.ask(f"/i/{NAME}.jpg", method).status == 405


def test_while_the_database_is_unavailable_a_picture_is_deferred(site: Site) -> None:
    assert site.ask(f"/i/locked{NAME}.jpg").status == 503
