from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import CommentKind, ParsedComment
from digest.readers.responses.commentids import name_comment
from digest.readers.responses.comments import tidy

_COMMENT = ParsedComment(
    external_id="", parent_id="", author="Anna", posted_at=None, text="x", kind=CommentKind.COMMENT
)


@pytest.mark.parametrize(
    ("identifier", "link", "name"),
    [
        ("https://harbour.example/?p=12#comment-3", "", "comment-3"),
        ("comment-3", "", "comment-3"),
        ("li-comment-3", "", "comment-3"),
        ("div-comment-3", "", "comment-3"),
        ("wpd-comm-3_0", "", "comment-3"),
        ("wc-comm-3_2", "", "comment-3"),
        ("4711", "https://harbour.example/ship/#comment-3", "comment-3"),
        ("", "https://harbour.example/ship/#comment-3", "comment-3"),
        ("tag:blogger.com,1999:blog-1.post-2", "https://x.example/#c2", ""),
        ("https://harbour.example/#comment-x", "", ""),
        ("comment-3-more", "", ""),
        ("comment-٣", "", ""),
        ("", "", ""),
    ],
)
def test_a_wordpress_comment_has_one_name_and_others_keep_theirs(
    identifier: str, link: str, name: str
) -> None:
    assert name_comment(identifier, link) == (name or identifier)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdefx")), max_size=12))
def test_no_parent_is_missing_or_answers_itself(pairs: list[tuple[str, str]]) -> None:
    comments = tidy(replace(_COMMENT, external_id=own, parent_id=up) for own, up in pairs)
    parents = {each.external_id: each.parent_id for each in comments}
    assert len(parents) == len({own for own, _ in pairs})
    for name in parents:
        steps = 0
        while name := parents[name]:
            steps += 1
            assert steps < len(parents)


def test_answers_in_a_row_keep_their_parents() -> None:
    row = [replace(_COMMENT, external_id=str(n), parent_id=str(n - 1)) for n in range(1, 300)]
    assert [each.parent_id for each in tidy(row)][:3] == ["", "1", "2"]
    assert sum(bool(each.parent_id) for each in tidy(row)) == 298
