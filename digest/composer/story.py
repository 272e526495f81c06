"""Writing a story: all that is printed of a post that was selected."""

from __future__ import annotations

from digest.composer.excerpt import write_excerpt
from digest.composer.measure import reading_minutes
from digest.composer.prose import read_text
from digest.composer.rules import ImageMode, Rules
from digest.composer.select import Selected
from digest.composer.top_comments import pick_comments
from digest.models import Post, Story


def write_story(selected: Selected, rules: Rules) -> Story:
    """Give a selected post its excerpt, quotes and picture; the title stays as it is."""
    pick, post = selected.pick, selected.pick.candidate.post
    summary, content = read_text(post.summary_html), read_text(post.content_html)
    excerpt = write_excerpt(summary, content, post.title, rules.language)
    comments = pick_comments(
        post,
        content or summary,
        pick.candidate.comments,
        policy=rules.policy,
        limit=rules.top_comments_per_post,
        language=rules.language,
    )
    image_url = choose_image(post, rules)
    return Story(
        post_id=post.id,
        seq=post.seq,
        title=post.title.strip(),
        url=post.url,
        author=post.author,
        published_at=post.published_at,
        categories=pick.categories,
        minutes=reading_minutes(content),
        excerpt=excerpt.short,
        lead_excerpt=excerpt.lead,
        image_url=image_url,
        image_alt=post.image_alt if image_url else "",
        comment_count=pick.comment_count,
        quotes=comments.quotes,
        not_quoted=comments.not_quoted,
        reason=selected.reason,
    )


def choose_image(post: Post, rules: Rules) -> str:
    """The address of a post's picture as the newsletter may show it; empty for none."""
    schemes = ("https://", "http://") if rules.allow_http_images else ("https://",)
    is_shown = rules.images is ImageMode.HOTLINK and post.image_url.startswith(schemes)
    return post.image_url if is_shown else ""
