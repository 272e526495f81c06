"""Feeds added to a configuration's text; every other byte must stay."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from digest.config.edit import add_feeds, add_section, feed_lines
from digest.config.save import read_text, save_config, why_not_writable
from digest.errors import ConfigError
from digest.models import NewFeed

_CONFIG = """\
# The Hill Paper
[site]
name = "Hill"   # as shown
base_url = "https://hill.example.org"
postal_address = "1 Hill Road"
secret_keys = [ "a key that is long enough" ]

[[smtp]]
host = 'relay.example.org'

# The town first.
[[feeds]]
url = "https://hill.example.org/town/feed/"
category = [ "Town",
             "News" ]  # two

  [[feeds]]   # indented
  url = "https://hill.example.org/sea/feed/"
  category = "Sea"

# --- who gets it ---
[[newsletters]]
name = "weekly"
title = "The Hill Paper"
from = "Hill <digest@hill.example.org>"
categories = ["Town", "Sea"]   # in this order
schedule = "Mon 07:00"
intro = \"\"\"
[[feeds]]
url = "not a feed"
\"\"\"
"""
_NEW = NewFeed(url="https://hill.example.org/new/feed/", categories=("Town",))
_NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
_FEEDS = st.lists(
    st.builds(
        NewFeed,
        url=_NAMES.map(lambda name: f"https://x.example/{name}"),
        categories=st.lists(_NAMES, min_size=1, max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=3,
)
_COMMENTS = st.lists(
    st.sampled_from(["", "# a note", "   # another  ", "\t", "# [[feeds]]", '# url = "x"']),
    max_size=4,
).map("\n".join)


def inserted(old: str, new: str) -> str:
    """Return the text inserted into `old` at one place; nothing else may have changed."""
    pairs = zip(old, new, strict=False)
    start = next((at for at, (one, other) in enumerate(pairs) if one != other), len(old))
    rest = len(old) - start
    assert new[len(new) - rest :] == old[start:]
    return new[start : len(new) - rest]


def test_a_feed_comes_after_the_last_one_before_the_next_comment() -> None:
    new = add_feeds(_CONFIG, [_NEW])
    assert inserted(_CONFIG, new).strip().startswith("[[feeds]]")
    after = new.partition('category = "Sea"\n')[2]
    assert after.startswith('\n[[feeds]]\nurl = "https://hill.example.org/new/feed/"\n')
    assert after.partition("\n\n")[2].startswith("# --- who gets it ---")


@given(_FEEDS, _COMMENTS, _COMMENTS)
def test_every_other_byte_stays(feeds: list[NewFeed], above: str, below: str) -> None:
    old = _CONFIG.replace("# The town first.", above).replace("# --- who gets it ---", below)
    new = add_feeds(old, feeds)
    inserted(old, new)
    before, after = tomllib.loads(old), tomllib.loads(new)
    added = [(each["url"], each["category"]) for each in after["feeds"][2:]]
    assert added == [
        (feed.url, feed.categories[0] if len(feed.categories) == 1 else list(feed.categories))
        for feed in feeds
    ]
    assert {**after, "feeds": after["feeds"][:2]} == before


def test_line_ends_are_kept() -> None:
    old = _CONFIG.replace("\n", "\r\n")
    new = add_feeds(old, [_NEW])
    assert new.count("\n") == new.count("\r\n")
    inserted(old, new)


@pytest.mark.parametrize(
    "text",
    [
        '[[feeds]]\nurl = "a"',
        '[[feeds]]\nurl = "a"\n[[other]]\nx = 1\n[[feeds]]\nurl = "b"\n[last]\ny = 2\n',
        "[site]\nname = 'x'\n",
        "",
        '[ [feeds] ]\nurl = "a"\n'.replace("[ [", "[[").replace("] ]", "]]"),
        '[["feeds"]]\nurl = "a"\n[feeds.more]\nz = 1\n[last]\ny = 2\n',
    ],
)
def test_unusual_files_get_a_feed_too(text: str) -> None:
    new = add_feeds(text, [_NEW])
    assert tomllib.loads(new)["feeds"][-1]["url"] == _NEW.url
    inserted(text, new)


def test_feeds_that_are_not_tables_are_not_edited() -> None:
    with pytest.raises(ConfigError, match=r"not \[\[feeds\]\] tables"):
        add_feeds('feeds = [ { url = "a", category = "A" } ]\n', [_NEW])


def test_lines_are_written_as_toml() -> None:
    feed = NewFeed(url='https://x.example/"q', categories=("A \\ B", "Ü"))
    assert tomllib.loads(feed_lines([feed])) == {
        "feeds": [{"url": feed.url, "category": ["A \\ B", "Ü"]}]
    }


def test_a_newsletter_shows_one_more_category_and_nothing_else_changes() -> None:
    new = add_section(_CONFIG, "weekly", ["Sea", "Sport"])
    assert inserted(_CONFIG, new) == ', "Sport"'
    assert 'categories = ["Town", "Sea", "Sport"]   # in this order' in new


@pytest.mark.parametrize("header", ["[[ feeds ]]", '[["feeds"]]'])
def test_a_section_is_added_after_a_feed_however_headers_are_spelled(header: str) -> None:
    text = _CONFIG.replace("[[feeds]]", header)
    new = add_section(add_feeds(text, [_NEW]), "weekly", ["Sport"])
    assert tomllib.loads(new)["newsletters"][0]["categories"] == ["Town", "Sea", "Sport"]


def test_headers_spelled_in_two_ways_are_not_merged() -> None:
    text = _CONFIG.replace("  [[feeds]]", "[[ feeds ]]")
    with pytest.raises(ConfigError, match="'weekly' cannot be edited without"):
        add_section(text, "weekly", ["Sport"])


def test_a_section_of_an_unknown_newsletter_is_reported() -> None:
    with pytest.raises(ConfigError, match="'daily' is not in it"):
        add_section(_CONFIG, "daily", ["Sport"])


def test_tomlkit_gives_back_what_it_was_given() -> None:
    assert tomlkit.dumps(tomlkit.parse(_CONFIG)) == _CONFIG


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(_CONFIG, "utf-8")
    path.chmod(0o640)
    return path


def test_a_valid_configuration_replaces_the_old_one(config: Path) -> None:
    new = add_feeds(_CONFIG, [_NEW])
    save_config(config, _CONFIG, new)
    assert read_text(config) == new
    assert config.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in config.parent.iterdir()] == ["config.toml"]


def test_a_wrong_configuration_changes_nothing_and_reports_why(config: Path) -> None:
    wrong = add_feeds(_CONFIG, [NewFeed(url="ftp://x.example/", categories=("Town",))])
    with pytest.raises(ConfigError) as caught:
        save_config(config, _CONFIG, wrong)
    assert caught.value.problems == (
        f"{config}: [[feeds]] ftp://x.example/: url: 'ftp://x.example/' is not a web address;"
        " it starts with https://",
        f"{config}: was not changed",
    )
    assert read_text(config) == _CONFIG
    assert [path.name for path in config.parent.iterdir()] == ["config.toml"]


def test_a_change_by_another_person_is_not_overwritten(config: Path) -> None:
    config.write_text(_CONFIG + "# mine\n", "utf-8")
    with pytest.raises(ConfigError, match="changed during the edit"):
        save_config(config, _CONFIG, add_feeds(_CONFIG, [_NEW]))
    assert read_text(config).endswith("# mine\n")


def test_a_symbolic_link_stays_a_link(config: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(config)
    new = add_feeds(_CONFIG, [_NEW])
    save_config(link, _CONFIG, new)
    assert link.is_symlink()
    assert read_text(config) == new


def test_a_read_only_file_is_not_written(config: Path) -> None:
    assert why_not_writable(config) == ""
    config.chmod(0o444)
    assert why_not_writable(config) == "it is read-only"
