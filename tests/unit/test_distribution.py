"""The window of each group of subscribers, and how too many windows are merged."""

from __future__ import annotations

import pytest

from digest.models import AudienceGroup, Edition
from digest.pipeline.audience import VariantRule, distribute, rule_for_group, widen_rarest
from tests.support.samples import sample_edition, sample_story

SECURITY = '["Security"]'


def edition(*seqs: int, since: int = 0, last_cut: int = 10) -> Edition:
    stories = tuple(sample_story(seq, seq=seq, categories=("Security",)) for seq in seqs)
    return sample_edition(
        stories=stories, since_seq=since, last_cut_seq=last_cut, cut_seq=max(seqs)
    )


@pytest.mark.parametrize(
    ("seen", "reach", "since"),
    [(None, 0, 10), (10, 0, 10), (4, 0, 4), (4, 6, 6), (4, 12, 10), (13, 0, 13)],
    ids=["newcomer", "with all", "behind", "far behind", "untold posts stay", "ahead"],
)
def test_a_window_starts_at_the_last_mail_of_its_subscriber(
    seen: int | None, reach: int, since: int
) -> None:
    group = AudienceGroup(SECURITY, seen, 1)
    found = rule_for_group(edition(14), group, reach=reach)
    assert found == VariantRule(categories=SECURITY, since_seq=since)


def test_a_post_is_shown_only_to_subscribers_who_have_not_seen_it() -> None:
    groups = [AudienceGroup("", 10, 5), AudienceGroup("", 4, 2), AudienceGroup("", 14, 1)]
    found = distribute(edition(6, 14, since=4), groups, reach=0, max_variants=500)
    assert {group.seen_seq: mail.variant.count for group, mail in found.mails.items()} == {
        10: 1,
        4: 2,
    }
    assert (found.subscribers, found.waiting, found.widened) == (7, 0, 0)


def test_a_subscriber_behind_the_reach_of_the_edition_waits() -> None:
    groups = [AudienceGroup("", 10, 5), AudienceGroup("", 3, 2)]
    found = distribute(edition(6, 14, since=4), groups, reach=0, max_variants=500)
    assert (found.subscribers, found.waiting) == (5, 2)


def test_too_many_variants_are_widened_for_the_fewest_subscribers() -> None:
    groups = [AudienceGroup("", 10, 50), AudienceGroup("", 5, 9), AudienceGroup("", 6, 1)]
    found = distribute(edition(6, 7, 14, since=4), groups, reach=0, max_variants=2)
    assert {group.seen_seq: mail.rule.since_seq for group, mail in found.mails.items()} == {
        10: 10,
        5: 5,
        6: 5,
    }
    assert found.widened == 1


# --- widening alone -------------------------------------------------------------------------------


def windows(*since: int, categories: str = "") -> dict[VariantRule, str]:
    return {
        VariantRule(categories=categories, since_seq=seq): f"{categories}{seq}" for seq in since
    }


def test_nothing_is_widened_while_there_is_room() -> None:
    keys = windows(1, 2, 3)
    assert widen_rarest(keys, dict.fromkeys(keys, 1), most=3) == {each: each for each in keys}


def test_a_window_is_never_narrowed() -> None:
    keys = windows(1, 2, 3, 4, 5)
    wider = widen_rarest(keys, {each: each.since_seq for each in keys}, most=1)
    assert {to.since_seq for to in wider.values()} == {1}


def test_the_nearest_remaining_window_is_taken_in_the_end() -> None:
    keys = windows(1, 2, 3)
    subscribers = {each: {1: 9, 2: 1, 3: 2}[each.since_seq] for each in keys}
    wider = widen_rarest(keys, subscribers, most=1)
    assert {each.since_seq: to.since_seq for each, to in wider.items()} == {1: 1, 2: 1, 3: 1}


def test_unchosen_categories_stay() -> None:
    keys = windows(1) | windows(2, categories=SECURITY)
    assert widen_rarest(keys, dict.fromkeys(keys, 1), most=1) == {each: each for each in keys}


def test_windows_of_one_variant_widen_together_or_not_at_all() -> None:
    first, *_ = keys = {
        **windows(2, categories=SECURITY),
        **windows(1, 3),
        VariantRule(categories="", since_seq=4): "",
    }
    keys = {each: key if each != first else "" for each, key in keys.items()}
    wider = widen_rarest(keys, {each: each.since_seq for each in keys}, most=2)
    assert wider[first] == first
    assert wider[VariantRule(categories="", since_seq=4)] == VariantRule(categories="", since_seq=4)
