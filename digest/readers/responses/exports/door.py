"""The entry point for exports of every system: bytes in, comments by post out."""

from __future__ import annotations

import re
from datetime import datetime

from digest.errors import FeedError
from digest.models import ExportedThread
from digest.readers.responses.exports.blogger import read_blogger
from digest.readers.responses.exports.disqus import read_disqus
from digest.readers.responses.exports.jsonfiles import read_json_export
from digest.readers.responses.exports.wxr import read_wxr

#: Bytes at the beginning that are searched for the kind of document.
_HEAD = 20_000
# A fragment of an export has no declarations, only elements with the prefix.
_WXR = re.compile(rb"wordpress\.org/export/|<wp:[a-z_]+[\s>]")
_DISQUS = re.compile(rb"<disqus[\s>]")
_BLOGGER = re.compile(rb"schemas\.google\.com/blogger/2008/kind#")
_NOTHING = (
    "no comments: not an export of WordPress, Blogger, Disqus or Commento, and not generic JSON"
)


def read_export(body: bytes, name: str, now: datetime) -> tuple[ExportedThread, ...]:
    """Read the public comments in an export; posts without any are left out.

    Args:
        body: the file's content, not compressed.
        name: the file's name in errors.
        now: the time; later dates are ignored.

    Raises:
        FeedError: the file is not a known kind of export, or is damaged.
    """
    start = body[:64].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n`")
    head = body[:_HEAD]
    if start.startswith((b"{", b"[")):
        threads = read_json_export(body, name, now)
    elif not start.startswith(b"<"):
        raise FeedError(name, _NOTHING, transient=False)
    elif _DISQUS.search(head):
        threads = read_disqus(body, name, now)
    elif _BLOGGER.search(head):
        threads = read_blogger(body, name, now)
    elif _WXR.search(body):
        threads = read_wxr(body, name, now)
    else:
        raise FeedError(name, _NOTHING, transient=False)
    return tuple(thread for thread in threads if thread.comments)
