"""The two roles that `collect` compares, each in its own process with only the imports it needs.

`python -m bench.collect_roles peer FOLDER` or `… ours DATABASE SITE COUNT`; both print counts.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

#: The file in the folder with the numbers of the readable documents.
LISTED = "readable.json"


def parse_alone(folder: str) -> dict[str, int]:
    """Parse every readable document, one after the other, with feedparser's defaults."""
    import feedparser

    posts = 0
    for number in json.loads((Path(folder) / LISTED).read_bytes()):
        body = (Path(folder) / f"{number}.xml").read_bytes()
        posts += len(feedparser.parse(io.BytesIO(body)).entries)
    return {"posts": posts}


def collect_all(database: str, site: str, count: str) -> dict[str, int]:
    """Collect the site's feeds into the database."""
    from datetime import UTC, datetime

    from digest.cli.loop import run
    from digest.models import CollectReport, FeedSource
    from digest.pipeline.collect import collect
    from digest.readers.parsing.pool import ParserPool
    from digest.readers.web.fetch import Fetcher
    from digest.store.schema import open_checked

    sources = tuple(
        FeedSource(url=f"{site}/{number}", categories=("Sea",)) for number in range(int(count))
    )
    opened = open_checked(f"sqlite:///{database}")

    async def work() -> CollectReport:
        # One server plays the role of a thousand.
        async with Fetcher(allow_private=True, per_host=10) as fetcher, ParserPool() as pool:
            return await collect(opened, fetcher, pool, sources, now=datetime.now(UTC))

    report = run(work())
    opened.close()
    results = [feed.result.value for feed in report.feeds]
    return {name: results.count(name) for name in ("read", "unchanged", "failed")} | {
        "new": report.new
    }


if __name__ == "__main__":
    role = {"peer": parse_alone, "ours": collect_all}[sys.argv[1]]
    print(json.dumps(role(*sys.argv[2:])))
