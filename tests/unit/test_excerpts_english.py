"""Excerpts of English posts, rule by rule; the texts are invented."""

from __future__ import annotations

import pytest

from digest.composer.excerpts.excerpt import Excerpt, write_excerpt
from digest.composer.excerpts.prose import read_text

TITLE = "The Line in the Channel"
BODY = "The board met on Tuesday, for the third time this month, and could not agree on the line."
MORE = "Nobody had asked the pilots, who know the water better than anybody on the board does."


def excerpt_of(html: str, title: str = TITLE) -> Excerpt:
    return write_excerpt("", read_text(html), title, "en")


@pytest.mark.parametrize(
    "added",
    [
        "Continue reading",
        "Continue reading “The Line in the Channel”",
        "Read more…",
        "Read the full story at The Lantern",
        "Keep reading →",
        "The post The Line in the Channel appeared first on The Lantern.",
        "The Line was originally published in The Lantern on Medium, where people are continuing"
        " the conversation by highlighting and responding to this story.",
        "Podcast: Play in new window | Download (Duration: 12:03 — 10.2MB) | Embed",
        "Statistics: Posted by Ann — Fri Nov 20, 2026 10:00 am — Replies 0 — Views 12",
        "You just read issue #12 of The Lantern. You can also browse the full archives.",
        "This post first appeared on The Lantern.",
        "This article originally appeared in The Tidewrack Review.",
        "The article The Line in the Channel first appeared on The Lantern.",
        "Originally published at The Lantern on November 22, 2026.",
        "Cross-posted at The Tidewrack Review.",
        "Republished with permission of The Lantern.",
        "Posted in Harbour, Security | Tagged buoys",
        "Filed under: Harbour",
        "Filed Under: Harbour Tagged With: buoys, line",
        "Share this:",
        "Like this: Like Loading...",
        "Tweet this | Email this | Pin it",
        "By Odile Marsh",
        "By Odile Marsh and Ann Pell.",
        "Written by Odile Marsh",
        "November 22, 2026",
        "22 November 2026 at 14:05.",
        "2026-11-22",
        "Take our poll: who should move the line?",
        "Write to [email protected] with your tips.",
        "[Spoilers below.]",
        "Update (3:15 p.m.): The line has been moved.",
        "Edit: solved, thanks!",
        "This episode is brought to you by The Lantern.",
        "Hosted on Acast. See acast.com/privacy for more information.",
        "Thanks for reading The Lantern! Subscribe for free to receive new posts.",
        "When you buy through our links, we may earn a commission.",
        "Vote in our poll below and tell us!",
        "Donate today to keep the light on.",
        "Chip in to keep the light on, if you can.",
        "Sign up for The Lantern's weekly letter.",
        "Subscribe now and never miss a tide.",
        "Enter your email address to follow The Lantern.",
        "Get The Lantern by post every week",
        "https://lantern.example/2026/11/22/the-line-in-the-channel-and-what-it-is-for",
        "See the chart at https://lantern.example/chart",
        "The Line in the Channel",
        "THE LINE IN THE CHANNEL",
        "The Line in the Channel | The Lantern",
        "A ferry at dawn, seen from the quay",
        "A buoy at low tide. Photo: Ann Pell",
        "[poll id=“3”]",
        "[gallery ids=“1,2,3”]",
        "[contact_form to=“x”]",
        "]]&gt;",
        "Related: Who Pays for the Buoys?",
        "Who Pays for the Buoys",
    ],
)
def test_a_paragraph_of_the_site_is_not_part_of_an_excerpt(added: str) -> None:
    title = f"{TITLE} | The Lantern"
    for html in (f"<p>{added}</p><p>{BODY}</p>", f"<p>{BODY}</p><p>{added}</p>"):
        assert excerpt_of(html, title).short == BODY
    between = f"<p>{BODY}</p><p>{added}</p><p>{MORE}</p>"
    assert excerpt_of(between, title).short == f"{BODY} {MORE}"


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{BODY} Continue reading</p>",
        f"<p>{BODY} Continue reading →</p>",
        f"<p>{BODY} Read more »</p>",
        f"<p>{BODY} (Read more…)</p>",
        f"<p>{BODY} […] Read the rest</p>",
        f"<p>{BODY} [...]</p>",
        f"<p>Author’s note: This is part 2. {BODY}</p>",
        f"<p>{BODY} [?]</p>",
        f"<p>{BODY} Write to desk [at] lantern [dot] example.</p>",
        f"<p>Write to desk(at)lantern.example if it is wrong. {BODY}</p>",
        f"<p>{BODY} (...)</p>",
        f"<p>{BODY} &raquo;</p>",
        f"<p>{BODY} The post Why? The post Office! appeared first on The Lantern.</p>",
        f"<p>{BODY} Posted in Harbour | Tagged buoys</p>",
        f"<p>{BODY} Filed under: Harbour.</p>",
        f"<p>{BODY} Share this: by post, by pigeon.</p>",
        f"<p>{BODY} Twitter: https://bird.example/x Films: https://film.example/x</p>",
        f"<p>By Odile Marsh | November 22, 2026 | {BODY}</p>",
        f"<p>By Odile Marsh<br>{BODY}</p>",
        f"<p>November 22, 2026 – {BODY}</p>",
        f"<p>TARNMOUTH, Nov. 22 (AP) — {BODY}</p>",
        f"<p>Tarnmouth (Reuters) - {BODY}</p>",
        f"<p>TARNMOUTH, Nov. 22, 2026 /PRNewswire/ -- {BODY}</p>",
        f"<p>TARNMOUTH--(BUSINESS WIRE)--{BODY}</p>",
        f"<p>Tarnmouth, November 22: {BODY}</p>",
        f"<p>The Line in the Channel. {BODY}</p>",
        f"<p>The Line in the Channel<br>{BODY}</p>",
        f"<p>This post originally appeared on The Tidewrack Review. {BODY}</p>",
        f"<p>(Photo by Ann Pell.) {BODY}</p>",
        f"<p>https://lantern.example/line {BODY}</p>",
        f"<p>Our shop: https://shop.example/ {BODY}</p>",
        f"<p>Sign up for our letter! https://a.example/x Our shop https://b.example {BODY}</p>",
        f"<p>Hello everyone,</p><p>{BODY}</p>",
        f"<h2>Who pays for the buoys</h2><p>{BODY}</p>",
        f"<p>{BODY} 🎉🎉🎉</p>",
        f"<p>{BODY} 🎉</p>",
        f"<p>{BODY}¹</p>",
        f"<p>{BODY}12</p>",
        f"<p>{BODY[:-1]}<sup><a href='https://lantern.example/#fn1'>1</a></sup>.</p>",
        f"<p>{BODY}<a href='https://lantern.example/#fn2'><sup>2</sup></a></p>",
        f"<p>{BODY}<sup>[3]</sup></p>",
        f"<p>[dropcap]T[/dropcap]{BODY[1:]}</p>",
        f"<form><p>Your address:</p><button>Send it to us.</button></form><p>{BODY}</p>",
        f"<p>and so the line was drawn.</p><p>{BODY}</p>".replace("<p>and", "<h2>x</h2><p>and"),
    ],
)
def test_words_not_by_the_author_are_cut_from_a_paragraph(html: str) -> None:
    assert excerpt_of(html).short == BODY


@pytest.mark.parametrize(
    "text",
    [
        f"{BODY} It was moved.[1] Nobody asked.",
        f"They wrote “their [sic] line” and laughed. {BODY}",
        f"NASA — the agency that counts the buoys — was not there. {BODY}",
        f"The post office is shut. {BODY}",
        f"22.11.2026 18:30 – 22:00 The board meets, and everybody may come. {BODY}",
        f"By Tuesday the board was tired. {BODY}",
        "Yahoo! News had it first, and Sgt. Miller of the U.S. Navy, e.g., read it at 5 p.m. too.",
        "The No. 3 buoy, which cost $3.5 million in 2024, lies dry (see vol. 2, pp. 4 there).",
        f"He said: “The line moved. Nobody asked.” {BODY}",
        f"The family 👨‍👩‍👧 came from Wales 🏴󠁧󠁢󠁷󠁬󠁳󠁿 to see it. {BODY}",
        f"“Why?” asked the pilots’ friend. {BODY}",
        f"The program x.y.Chart, in its release 4.5.X, draws it. {BODY}",
        f'What they call "the line?", "the mark" or "the end" is one thing. {BODY}',
    ],
)
def test_words_by_the_author_stay(text: str) -> None:
    assert excerpt_of(f"<p>{text}</p>").short == text


def test_a_caption_in_the_box_of_its_picture_is_not_text() -> None:
    picture = "<img src='https://a.example/b.jpg'>"
    boxes = (
        f"<div>{picture}<p>A ferry leaves the quay at dawn.</p></div>",
        f"<p>{picture}<br><em>A ferry leaves the quay at dawn.</em></p>",
        f"<div><p><a href='https://a.example'>{picture}</a></p><p>A ferry leaves.</p></div>",
    )
    for box in boxes:
        html = f"<p>{BODY}</p>{box}<p>{MORE}</p>"
        assert excerpt_of(html).short == f"{BODY} {MORE}"


def test_words_beside_a_picture_stay_if_they_are_the_only_text() -> None:
    html = f"<div><img src='https://a.example/b.jpg'><p>{BODY}</p></div>"
    assert excerpt_of(html).short == BODY


def test_the_rest_of_a_sentence_without_its_beginning_is_left_out_too() -> None:
    html = f"<p>{BODY}</p><table><tr><td>x</td></tr></table><p>Here is a</p><p>link of it.</p>"
    assert excerpt_of(html).short == BODY


def test_a_long_note_of_the_site_below_the_text_is_not_text() -> None:
    note = f"Thank you for reading us by feed. {' '.join(['If you like it, write to us.'] * 8)}"
    assert excerpt_of(f"<p>{BODY}</p><p>{note}</p>").short == BODY


def test_dots_that_only_trail_off_are_one_mark_of_cutting() -> None:
    html = f"<p>{BODY} It has many parts and names : buoys, lights, pilots, .....</p>"
    assert not excerpt_of(html).short.endswith("..")


def test_list_items_without_a_stop_are_not_text() -> None:
    item = "<li>A headline of another paper that goes on for more than twelve words or so</li>"
    assert excerpt_of(f"<ol>{item * 3}</ol>").short == ""


def test_the_lead_lines_of_a_paper_get_the_stop_they_lack() -> None:
    for lead in (f"{BODY} Nobody asked the pilots about it", BODY[:-1], f"{BODY[:-1]} at the café"):
        assert excerpt_of(f"<p>{lead}</p><p>{MORE}</p>").short == f"{lead}. {MORE}"


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    lines = (
        "The board met on Tuesday with",
        "Ann Pell, who had not",
        "been asked before, and left.",
    )
    assert excerpt_of(f"<p>{'<br>'.join(lines)}</p>").short == " ".join(lines)


@pytest.mark.parametrize("emoji", ["👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "é̂́", "🏴󠁧󠁢󠁷󠁬󠁳󠁿"])
def test_no_visible_character_is_cut_in_two(emoji: str) -> None:
    lead = excerpt_of(f"<p>{'wörd' * 20} {f'a{emoji}' * 300} {'b' * 50}</p>").short
    assert not lead or lead.rstrip("…").endswith(("a", emoji))


def test_an_exponent_is_not_a_footnote() -> None:
    html = f"<p>The basin holds 40 m<sup>3</sup> of water. {BODY}</p>"
    assert "40 m³ of water" in excerpt_of(html).short


@pytest.mark.parametrize(
    "link",
    [
        "The minutes: https://lantern.example/minutes",
        "Thanks for reading ❤ See our supporters: https://lantern.example/ep12-sc",
        "Watch it at https://lantern.example/line.",
        "https://lantern.example/line",
    ],
)
def test_only_the_last_sentence_goes_with_the_address_that_it_ends_with(link: str) -> None:
    short = "Odile Marsh is the pilot who drew the first line."
    assert excerpt_of(f"<p>{short} {link}</p>").short == short
    assert excerpt_of(f"<p>{short} {link}</p><p>{BODY}</p>").short == f"{short} {BODY}"


def test_a_long_paragraph_keeps_an_address_that_no_colon_announces() -> None:
    text = f"{BODY} {MORE} All of it is at https://lantern.example/line."
    assert "lantern.example" in excerpt_of(f"<p>{text}</p>").lead
    announced = f"{BODY} {MORE} All of it: https://lantern.example/line"
    assert excerpt_of(f"<p>{announced}</p>").lead == f"{BODY} {MORE}"


def test_words_of_the_site_before_an_address_are_no_excerpt() -> None:
    assert (
        excerpt_of("<p>Subscribe to the Lantern. Here: https://lantern.example/s</p>").short == ""
    )
