"""E15, E16, E18, E20: check the selection of stories, their excerpts, dates and balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from digest.letter.checks.lint_context import LintContext
from digest.letter.plain import shorten
from digest.letter.planning.subject import shown_title
from digest.models import Finding, Story
from digest.text.excerpts import faults_of_excerpt
from digest.text.links import url_key

#: Largest share of the stories that one of several sections may have.
MAX_SHARE = 0.6
MAX_STORIES = 25


def check_duplicates(context: LintContext) -> Iterator[Finding]:
    """E15: no story twice, and none from outside the subscribers' window."""
    seen: dict[str, int] = {}
    for story in (*context.stories, *context.titles):
        # Posts on one page may differ only in the fragment.
        key = url_key(story.url, keep_fragment=True) or f"post {story.post_id}"
        first = seen.setdefault(key, story.post_id)
        if seen[key] != story.post_id:
            yield _finding(
                "E15", story, f"links to the same page as post {first}", post_id=story.post_id
            )
        if not context.variant.since_seq < story.seq <= context.edition.cut_seq:
            yield _finding(
                "E15", story, "outside the window of its subscribers", post_id=story.post_id
            )
    yield from _check_repeats(context)


def _check_repeats(context: LintContext) -> Iterator[Finding]:
    """Find a post shown twice; leaving it out would remove both, so the edition is blocked."""
    shown = [*context.stories, *context.titles]
    times = Counter(story.post_id for story in shown)
    for story in {story.post_id: story for story in shown}.values():
        if times[story.post_id] > 1:
            yield _finding("E15", story, f"shown {times[story.post_id]} times")


def check_excerpts(context: LintContext) -> Iterator[Finding]:
    """E16: no excerpt that is cut badly or says too little below its title."""
    variant = context.variant
    for story in context.stories:
        is_lead = story is variant.lead
        shown = (story.lead_excerpt or story.excerpt) if is_lead else story.excerpt
        faults = faults_of_excerpt(shown, context.edition.language, is_lead=is_lead)
        for fault in faults if shown else ("missing because the text is too short",):
            yield _finding(
                "E16", story, f"excerpt: {fault}", 0, post_id=story.post_id, part="excerpt"
            )


def check_empties(context: LintContext) -> Iterator[Finding]:
    """E18: no edition or section without posts, and no post from the future."""
    variant, edition = context.variant, context.edition
    if not (context.stories or context.titles):
        yield Finding(rule="E18", is_error=True, place="edition", text="has no posts")
    for section in variant.sections:
        if not (section.stories or section.titles):
            place = f"section {section.name!r}"
            yield Finding(rule="E18", is_error=True, place=place, text="has no posts")
    at = max(edition.due_at, context.present.now or edition.due_at)
    for story in (*context.stories, *context.titles):
        if story.published_at > at:
            when = f"dated {story.published_at:%Y-%m-%d %H:%M} UTC, in the future"
            yield _finding("E18", story, when, post_id=story.post_id)


def check_balance(context: LintContext) -> Iterator[Finding]:
    """E20: no section with most of the stories, and at most 25 stories."""
    count = context.variant.count
    if count > MAX_STORIES:
        text = f"{count} posts, recommended at most {MAX_STORIES}"
        yield Finding(rule="E20", is_error=False, place="edition", text=text)
    sizes = _sizes(context)
    for name, size in sizes.items():
        if len(sizes) > 1 and size > MAX_SHARE * sum(sizes.values()):
            text = f"{size} of {sum(sizes.values())} posts are in one section"
            yield Finding(rule="E20", is_error=False, place=f"section {name!r}", text=text)


def _sizes(context: LintContext) -> Counter[str]:
    """Count the stories of each section; the top story counts in its own section."""
    sections = context.variant.sections
    sizes = Counter({each.name: len(each.stories) + len(each.titles) for each in sections})
    if context.variant.lead is not None:
        homes = context.variant.lead.categories
        sizes[next((name for name in homes if name in sizes), homes[0])] += 1
    return sizes


def _finding(
    rule: str, story: Story, text: str, is_error: int = 1, *, post_id: int = 0, part: str = ""
) -> Finding:
    return Finding(
        rule=rule,
        is_error=bool(is_error),
        place=f"“{shorten(shown_title(story), 60)}”",
        text=text,
        post_id=post_id,
        part=part,
    )
