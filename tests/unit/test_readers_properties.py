"""Every reader keeps its guarantees for any input."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.figures import examples
from tests.support.reading import DATA, FINDINGS, TARGETS, check

pytestmark = pytest.mark.slow

_MARKUP = r"""<rss\tversion='2.0'> <channel> <item> </item> <title> </title> <link> </link> <guid>
</guid> <description> </description> <pubDate> </pubDate> <![CDATA[ ]]> <?xml\tencoding="x"?> <?
<feed\txmlns="http://www.w3.org/2005/Atom"> <entry> </entry> <content\ttype="xhtml"> </content>
<content\ttype="html"> <updated> <author> <name> {"version":"https://jsonfeed.org/version/1.1",
"items":[{ "title":" "url":" "id":1, "image":" "language":" }]} \ud800 <p> </p> <div> </div>
<a\thref="/x?a=1&b=2"> </a> <b> <img\tsrc=x> <svg> <math> <style> <script> <!-- --> &lt; &amp;lt;
&#0; &#x202e; < > " ' = [caption] [/caption] [a_b] . ! ? … “ ” ( ) Mr. javascript: https://[
//x:99999/ http://a@b/ 2026-11-20T14:03:00Z Fri,\t20\tNov\t2026\t14:03:00\tCET
9999-12-31T23:59:59-1400 xml:base='http://[' <html> <head> <base\thref="//x">
<link\trel=canonical\thref=x> <meta\tcharset=utf-16>"""
_PIECES = st.sampled_from([piece.replace("\\t", " ").encode() for piece in _MARKUP.split()])
_SOUP = st.lists(st.one_of(_PIECES, st.binary(max_size=4)), max_size=30).map(b"".join)
_FEEDS = [path.read_bytes() for path in sorted((DATA / "feeds").iterdir())]
_FINDINGS = sorted(path for path in FINDINGS.iterdir() if path.is_file())


@pytest.mark.parametrize("name", TARGETS)
@given(_SOUP)
@examples(60)
def test_a_soup_of_markup_breaks_no_promise(name: str, soup: bytes) -> None:
    check(name, soup)


@pytest.mark.parametrize("name", TARGETS)
@given(st.sampled_from(_FEEDS), st.data())
@examples(40)
def test_a_damaged_document_breaks_no_promise(name: str, body: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body)))
    length = data.draw(st.integers(0, 80))
    check(name, body[:start] + data.draw(_SOUP) + body[start + length :])


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("finding", _FINDINGS, ids=lambda path: path.name)
def test_no_finding_breaks_any_reader_again(name: str, finding: Path) -> None:
    check(name, finding.read_bytes())
