"""Feeds removed from the text of a configuration."""

from __future__ import annotations

import tomllib

import pytest

from digest.config.edit import remove_feed
from digest.errors import ConfigError

TEXT = '''# The paper's feeds
[site]
name = """
[[feeds]]
url = "https://a.example/feed"
"""

# The first one.
[[feeds]]
url = "https://a.example/feed"   # with a remark
category = "Sea"

[feeds.include]
title = ["[boats]"]

# The second one.
[[ feeds ]]
url = "https://b.example/feed"
category = ["Sky", "Sea"]
# interval = "2h"

# The newsletters.
[[newsletters]]
name = "weekly"
'''


def test_a_removed_feed_takes_its_inner_tables_and_leaves_all_comments_about_others() -> None:
    edited = remove_feed(TEXT, "https://a.example/feed")
    assert [feed["url"] for feed in tomllib.loads(edited)["feeds"]] == ["https://b.example/feed"]
    assert "boats" not in edited
    for comment in ("# The paper's feeds", "# The first one.", "# The second one.", "# interval"):
        assert comment in edited
    assert edited.endswith(TEXT[TEXT.index("# The second one.") :])


def test_the_last_feed_can_be_removed_and_the_next_table_stays() -> None:
    edited = remove_feed(TEXT, "https://b.example/feed")
    assert "# The newsletters.\n[[newsletters]]" in edited
    assert "# The second one." in edited
    assert remove_feed(edited, "https://a.example/feed").count("[[feeds]]") == 1  # in the string


def test_line_ends_of_windows_stay() -> None:
    edited = remove_feed(TEXT.replace("\n", "\r\n"), "https://a.example/feed")
    assert edited.count("\n") == edited.count("\r\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('feeds = [{ url = "https://a.example/feed", category = "Sea" }]', "not a .* table"),
        ("[site]", "not in it"),
        ("= 1", "not valid TOML"),
    ],
)
def test_a_feed_that_cannot_be_removed_is_reported_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as refused:
        remove_feed(text, "https://a.example/feed")
    assert "\n" not in str(refused.value)
