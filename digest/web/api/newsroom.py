"""The feeds, the plan, the stored counts, the report, and the token itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from digest.web.api.call import Call, FeedName, NewsletterPath, OnCall
from digest.web.api.problems import not_found
from digest.web.api.shapes import newsroom as shapes

_Weeks = Annotated[int, Query(ge=1, le=26, description="Number of weeks.")]


def show_token(call: OnCall) -> shapes.Token:
    """Return what is known of the token of the request, and its rights now."""
    return shapes.Token.of(call.token, rights=sorted(call.token.rights))


# --- feeds ----------------------------------------------------------------------------------------


def list_feeds(call: OnCall) -> shapes.Feeds:
    """Return the feeds of the configuration file, with their health."""
    found = call.newsroom.feeds.list()
    return shapes.Feeds(feeds=[shapes.Feed.of(each, each.report) for each in found])


def add_feed(call: OnCall, wanted: shapes.NewFeed) -> shapes.AddedFeeds:
    """Add a feed to the configuration file."""
    added = call.newsroom.feeds.add(
        wanted.url, wanted.categories, section=wanted.section, by=call.actor
    )
    return shapes.AddedFeeds(
        feeds=[each.url for each in added.feeds], warnings=list(added.warnings)
    )


def remove_feed(call: OnCall, name: FeedName) -> shapes.RemovedFeed:
    """Remove a feed from the configuration file; its posts stay stored."""
    _refuse_unknown(call, name)
    return shapes.RemovedFeed(url=call.newsroom.feeds.remove(name, by=call.actor))


async def read_feed(call: OnCall, name: FeedName) -> shapes.ReadFeed:
    """Read one feed now and store what is new."""
    _refuse_unknown(call, name)
    outcome = await call.newsroom.feeds.try_now(name, by=call.actor)
    return shapes.ReadFeed.model_validate(outcome)


def _refuse_unknown(call: Call, name: str) -> None:
    if not call.newsroom.feeds.has(name):
        raise not_found(f"feed {name}")


# --- figures --------------------------------------------------------------------------------------


def show_plan(call: OnCall, weeks: _Weeks = 6) -> shapes.Plan:
    """Return the editions of the next weeks, the next one first."""
    coming = call.newsroom.desk.coming(weeks)
    planned = [shapes.PlannedEdition.of(each, each.planned) for each in coming.editions]
    return shapes.Plan(editions=planned, missing=list(coming.blocked))


def show_counts(call: OnCall) -> shapes.Counted:
    """Return the counts over the whole list, as they were stored last."""
    newsroom = call.newsroom
    people = newsroom.people_counts()
    names = [each.name for each in newsroom.newsletters]
    hidden = {} if call.sees_people else {"domains": None}
    found = {name: newsroom.audience_counts(name) for name in names}
    return shapes.Counted(
        people=shapes.PeopleCounts.model_validate(people) if people else None,
        newsletters={
            name: shapes.AudienceCounts.of(each, **hidden) if each else None
            for name, each in found.items()
        },
    )


def count_again(call: OnCall, wanted: shapes.CountAgain) -> shapes.Counted:
    """Count the subscribers of a newsletter, or all people, and store the counts.

    Counts that were stored within the last minute are returned as they are.
    """
    call.newsroom.count_again(wanted.newsletter, by=call.actor)
    return show_counts(call)


def show_report(call: OnCall, newsletter: NewsletterPath) -> shapes.Report:
    """Return a newsletter's newest editions, and its subscribers' last months."""
    return shapes.Report.model_validate(call.newsroom.sending.report(newsletter))
