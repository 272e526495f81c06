"""What `config check` finds in a configuration that can be read: things left to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.app import App
from digest.app.database import create_database
from digest.app.placeholders import find_placeholders
from digest.app.sections import find_unshown
from digest.config import Config, load_config
from digest.newsroom import changes
from digest.resources import example_config
from digest.store.engine import Database

_FILLED = """
[site]
name = "Küstenblatt"
base_url = "https://post.kuestenblatt.de"
postal_address = "Küstenblatt, Am Hafen 3, 26723 Emden"
secret_keys = ["a key that is long enough"]

[[smtp]]
host = "mail.kuestenblatt.de"

[[feeds]]
url = "https://www.kuestenblatt.de/feed/"
category = "Hafen"

[[newsletters]]
name = "weekly"
title = "Küstenblatt am Montag"
from = "Küstenblatt <post@kuestenblatt.de>"
categories = ["Hafen"]
schedule = "Mon 07:00"
"""


def config(folder: Path, *changed: tuple[str, str], text: str = _FILLED) -> Config:
    for right, wrong in changed:
        assert right in text
        text = text.replace(right, wrong)
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return load_config(path, {})


def keys(lines: tuple[str, ...]) -> list[str]:
    return [line.partition(":")[0] for line in lines]


# --- placeholders -------------------------------------------------------------------------------


def test_a_new_file_names_every_value_to_replace(tmp_path: Path) -> None:
    fresh = config(tmp_path, text=example_config())
    assert set(keys(find_placeholders(fresh))) == {
        "site.name",
        "site.base_url",
        "site.postal_address",
        "smtp.host",
        "feeds.url",
        "newsletters.title",
        "newsletters.from",
        "newsletters.reply_to",
        "newsletters.home_url",
    }


def test_a_file_that_was_filled_in_has_none(tmp_path: Path) -> None:
    assert find_placeholders(config(tmp_path)) == ()


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ("https://post.kuestenblatt.de", "https://digest.example.com/post", "site.base_url"),
        ("mail.kuestenblatt.de", "smtp.example.net", "smtp.host"),
        ("post@kuestenblatt.de", "post@kuestenblatt.example", "newsletters.from"),
        ("https://www.kuestenblatt.de/feed/", "https://feeds.invalid/a", "feeds.url"),
        ("https://www.kuestenblatt.de/feed/", "https://www.kuestenblatt.test/a", "feeds.url"),
    ],
)
def test_domains_for_examples_are_placeholders(
    tmp_path: Path, right: str, wrong: str, key: str
) -> None:
    assert keys(find_placeholders(config(tmp_path, (right, wrong)))) == [key]


@pytest.mark.parametrize("host", ["myexample.org", "example.org.kuestenblatt.de", "example.co.uk"])
def test_a_domain_that_only_looks_like_one_is_none(tmp_path: Path, host: str) -> None:
    assert find_placeholders(config(tmp_path, ("mail.kuestenblatt.de", host))) == ()


def test_during_development_they_are_wanted(tmp_path: Path) -> None:
    changed = ("[site]", "[site]\ndevelopment = true")
    assert find_placeholders(config(tmp_path, changed, ("kuestenblatt.de", "example.org"))) == ()


# --- sections -----------------------------------------------------------------------------------


def test_a_category_that_no_newsletter_shows_is_named_with_its_feeds(tmp_path: Path) -> None:
    more = (
        '[[feeds]]\nurl = "https://a.de/feed"\ncategory = ["Sport", "Hafen"]\n\n'
        '[[feeds]]\nurl = "https://b.de/feed"\ncategory = "Sport"\n\n[[newsletters]]'
    )
    (line,) = find_unshown(config(tmp_path, ("[[newsletters]]", more)))
    for words in ("'Sport'", "https://a.de/feed, https://b.de/feed", "no subscriber"):
        assert words in line


@pytest.mark.parametrize("written", ["hafen", "Hafen ", "Häfen"])
def test_a_category_written_differently_names_the_nearest(tmp_path: Path, written: str) -> None:
    changed = ('category = "Hafen"', f'category = ["Hafen", "{written}"]')
    assert find_unshown(config(tmp_path, changed))[0].endswith("did you mean 'Hafen'?")


def test_where_feeds_and_sections_agree_nothing_is_said(tmp_path: Path) -> None:
    assert find_unshown(config(tmp_path)) == ()


# --- changes ------------------------------------------------------------------------------------


def test_each_change_is_told_once(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    assert any("--now" in line for line in changes.untold_changes(database))
    changes.mark_told(database)
    assert changes.untold_changes(database) == ()


def test_only_a_change_that_is_new_is_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    (tmp_path / "digest.db.changes").write_text(f"{changes.CHANGES[0].name}\nan-older-one\n")
    assert changes.CHANGES[0].text not in changes.untold_changes(database)


def test_a_new_installation_is_told_nothing(tmp_path: Path) -> None:
    config(tmp_path)
    app = App.load(tmp_path / "config.toml")
    create_database(app.config)
    assert changes.untold_changes(app.unopened_database()) == ()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "digest.db.changes").mkdir()
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    changes.mark_told(database)
    assert changes.untold_changes(database) != ()
