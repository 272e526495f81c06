"""Excerpts of odd posts: quotations, tables for layout, lines of every script, short posts."""

from __future__ import annotations

import pytest

from digest.composer.excerpts.excerpt import Excerpt, write_excerpt
from digest.composer.excerpts.prose import read_text
from digest.text.excerpts import faults_of_excerpt
from digest.text.html import clean_html

TITLE = "The Chart"
BODY = (
    "That is not right, since the chart gives nineteen metres at the lowest tide of the year,"
    " and no ship has more than seventeen."
)
MORE = "Nobody had asked the pilots, who know the water better than anybody on the board does."
LONG = f"{MORE[:-1]}, and who were at sea. The lamp was lit early, because of the fog."


def excerpts_of(html: str, language: str = "en", summary: str = "") -> Excerpt:
    told, text = (read_text(clean_html(each, "https://a.example/")) for each in (summary, html))
    return write_excerpt(told, text, TITLE, language)


def excerpt_of(html: str, language: str = "en") -> str:
    excerpt = excerpts_of(html, language)
    assert faults_of_excerpt(excerpt.short, language) == ()
    assert faults_of_excerpt(excerpt.lead, language, is_lead=True) == ()
    return excerpt.short


# --- words of others ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "excerpt"),
    [
        (
            f"<blockquote><p>The bridge is too low.</p></blockquote><p>{BODY}</p>",
            f"“The bridge is too low.” {BODY}",
        ),
        (f"<p>&gt; The bridge is too low.</p><p>{BODY}</p>", f"“The bridge is too low.” {BODY}"),
        (
            f"<blockquote>It is “too low”, he said.</blockquote><p>{BODY}</p>",
            f"“It is ‘too low’, he said.” {BODY}",
        ),
        (
            f"<p>Mona Reyes writes:</p><blockquote><p>It is too low.</p></blockquote><p>{BODY}</p>",
            f"Mona Reyes writes: “It is too low.” {BODY}",
        ),
        (
            f"<p>{BODY}</p><blockquote><p>It is too low.</p></blockquote>",
            f"{BODY} “It is too low.”",
        ),
        (
            f'<p>[quote author="A ] B"]The bridge is too low.[/quote]</p><p>{BODY}</p>',
            f"“The bridge is too low.” {BODY}",
        ),
        # Already marked.
        (f"<blockquote>“It is too low.”</blockquote><p>{BODY}</p>", f"“It is too low.” {BODY}"),
        # Long, or with its source: left out.
        (f"<blockquote><p>{LONG} {LONG}</p></blockquote><p>{BODY}</p>", BODY),
        (
            f"<blockquote><p>The sea is wide.</p><p>— Ada Pell</p></blockquote><p>{BODY}</p>",
            BODY,
        ),
        # Nothing else is there.
        (f"<blockquote><p>{BODY}</p></blockquote>", f"“{BODY}”"),
    ],
)
def test_a_quotation_is_marked_or_left_out(html: str, excerpt: str) -> None:
    assert excerpt_of(html) == excerpt


@pytest.mark.parametrize(
    ("quoted", "own", "language", "excerpt"),
    [
        ("Die Brücke ist zu niedrig.", "Das stimmt nicht.", "de", "„{}“ {}"),
        ("Le pont est trop bas.", "C’est faux.", "fr", "« {} » {}"),
        ("El puente es muy bajo.", "No es verdad.", "es", "«{}» {}"),
        ("橋は低すぎると思う。", "それは違う。", "ja", "「{}」{}"),
        ("我认为这座桥太低了。", "这不对。", "zh", "“{}”{}"),
        ("הגשר נמוך מדי.", "זה לא נכון.", "he", "“{}” {}"),
    ],
)
def test_quotation_marks_are_those_of_the_language(
    quoted: str, own: str, language: str, excerpt: str
) -> None:
    html = f"<blockquote><p>{quoted}</p></blockquote><p>{own}</p>"
    assert excerpt_of(html, language) == excerpt.format(quoted, own)


@pytest.mark.parametrize("after", ["", f"<p>{MORE}</p>"])
def test_a_summary_without_markup_does_not_hide_a_quotation(after: str) -> None:
    quoted = "The bridge is too low for the tall ships."
    html = f"<blockquote><p>{quoted}</p></blockquote><p>{BODY}</p>{after}"
    assert excerpts_of(html, summary=f"{quoted} {BODY}").short.startswith(f"“{quoted}” {BODY}")


def test_a_summary_does_not_show_what_the_text_hides() -> None:
    html = f"<p>{BODY}</p><details><summary>Who won?</summary><p>The cook.</p></details>"
    assert excerpts_of(html, summary=f"{BODY} Who won? The cook.").short == BODY


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_closing_mark_of_the_author_is_no_arrow(language: str) -> None:
    text = f"{MORE} Il a dit : « Le pont est trop bas. »"
    assert excerpt_of(f"<p>{text}</p>", language) == text


@pytest.mark.parametrize(
    "label",
    [
        "<p>This week’s sponsors:</p>",
        "<p><b>Sponsored by</b></p>",
        "<h3>Our sponsors:</h3>",
        "<p>Werbung</p>",
    ],
)
def test_a_list_goes_with_its_dropped_label(label: str) -> None:
    sponsors = f"{label}<ul><li>Rope and Sons sells the best rope.</li><li>Buy tar.</li></ul>"
    assert excerpt_of(f"{sponsors}<p>{BODY}</p>") == BODY
    assert excerpt_of(f"<p>{BODY}</p>{sponsors}<p>{MORE}</p>") == f"{BODY} {MORE}"


@pytest.mark.parametrize(
    "before",
    [
        "Listen now (34 mins) | ",
        "arXiv:2611.01234v1 Announce Type: new \nAbstract: ",
        "Zusammenfassung: ",
    ],
)
def test_the_label_before_a_summary_is_not_by_the_author(before: str) -> None:
    assert excerpts_of("", summary=f"{before}{BODY}").short == BODY
    assert excerpt_of(f"<p>{before}{BODY}</p>") == BODY


@pytest.mark.parametrize("heading", ["<h2>Sponsors</h2>", "<h3>Partner des Hafens</h3>"])
def test_a_list_below_the_first_heading_goes_with_it(heading: str) -> None:
    items = "<ul><li>Rope and Sons sells the best rope.</li><li>Buy tar.</li></ul>"
    assert excerpt_of(f"{heading}{items}<p>{BODY}</p>") == BODY
    # Below another one it may be the post's own: what a new version brings.
    assert "the best rope" in excerpt_of(f"<p>{BODY}</p><h2>News</h2>{items}<p>{MORE}</p>")


def test_a_list_goes_with_the_sentence_that_announces_it() -> None:
    reasons = "<ol><li>The tide was low.</li><li>The lamp was out.</li></ol>"
    html = f"<p>{BODY} There are two reasons:</p>{reasons}<p>{MORE}</p>"
    assert excerpt_of(html) == f"{BODY} {MORE}"


def test_a_list_that_is_the_post_stays() -> None:
    html = "<p>In this issue:</p><ul><li>The ferry is late.</li><li>The gulls are loud.</li></ul>"
    assert excerpt_of(html) == "The ferry is late. The gulls are loud."


@pytest.mark.parametrize("heading", ["<h2>Transcript</h2>", "<p>Full transcript:</p>"])
def test_a_transcript_is_not_by_the_author(heading: str) -> None:
    assert excerpt_of(f"<p>{BODY}</p>{heading}<p>HOST: Hello, and welcome.</p>") == BODY


# --- tables -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table",
    [
        f"<table><tr><td><table><tr><td><h1>Winter</h1><p>{BODY}</p></td></tr></table></td></tr>"
        "</table>",
        f"<table><tbody><tr><td><img src='/a.png'></td></tr><tr><td>{BODY}</td></tr></table>",
        f"<table><tr><td><img src='/a.png'></td><td><p>{BODY}</p></td></tr></table>",
        f"<table><tr><th><p>{BODY}</p></th><th></th></tr></table>",
        f"<table><tr><td><p>{BODY}</p><table><tr><th>Day</th></tr><tr><td>1</td></tr></table></td>"
        "</tr></table>",
    ],
)
def test_text_in_tables_for_layout_is_read(table: str) -> None:
    assert excerpt_of(table) == BODY


@pytest.mark.parametrize(
    "table",
    [
        f"<table><tr><th>Day</th></tr><tr><td><p>{MORE}</p></td></tr></table>",
        f"<table><caption>Days</caption><tr><td><p>{MORE}</p></td></tr></table>",
        "<table><tr><td>Ship</td><td>Tons</td></tr><tr><td>Ada</td><td>30</td></tr></table>",
        "<table>" + f"<tr><td><p>Ada.</p></td><td><p>{MORE}</p></td></tr>" * 3 + "</table>",
    ],
)
def test_tables_of_data_are_left_out(table: str) -> None:
    assert excerpt_of(f"<p>{BODY}</p>{table}") == BODY


# --- lines --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "language", "excerpt"),
    [
        (
            "港の町では祭りが開かれますが、<br>今年は遅れました。",
            "ja",
            "港の町では祭りが開かれますが、今年は遅れました。",
        ),
        (
            "港の町で毎年開かれる祭りは<br>今年は嵐で遅れました。",
            "ja",
            "港の町で毎年開かれる祭りは今年は嵐で遅れました。",
        ),
        (
            "港口小镇每年都举行节日，<br>但是今年推迟了。",
            "zh",
            "港口小镇每年都举行节日，但是今年推迟了。",
        ),
        (
            "항구 마을의 축제는<br>올해 늦어졌습니다.",
            "ko",
            "항구 마을의 축제는 올해 늦어졌습니다.",
        ),
        (
            "เมืองท่าจัดเทศกาลทุกปี<br>แต่ปีนี้ล่าช้า",
            "th",
            "เมืองท่าจัดเทศกาลทุกปี แต่ปีนี้ล่าช้า",
        ),
        (
            "בעיר הנמל נערך פסטיבל<br>בכל שנה בקיץ, אבל השנה הוא התעכב.",
            "he",
            "בעיר הנמל נערך פסטיבל בכל שנה בקיץ, אבל השנה הוא התעכב.",
        ),
        (
            "في مدينة الميناء يقام مهرجان،<br>لكنه تأخر هذا العام بسبب العاصفة.",
            "ar",
            "في مدينة الميناء يقام مهرجان، لكنه تأخر هذا العام بسبب العاصفة.",
        ),
        (
            "Der Rat der Stadt und<br>Bürgermeister Klein trafen sich am Hafen.",
            "de",
            "Der Rat der Stadt und Bürgermeister Klein trafen sich am Hafen.",
        ),
        # A heading stands alone in every script.
        (
            "祭りの日程<br>港の町では毎年大きな祭りが開かれます。",
            "ja",
            "港の町では毎年大きな祭りが開かれます。",
        ),
    ],
)
def test_no_half_of_a_sentence_is_lost_at_a_line_break(
    html: str, language: str, excerpt: str
) -> None:
    assert excerpt_of(f"<p>{html}</p>", language) == excerpt


def test_a_japanese_sentence_over_two_paragraphs_is_one() -> None:
    html = "<div>港の町では毎年、</div><div>祭りが開かれます。</div>"
    assert excerpt_of(html, "ja") == "港の町では毎年、祭りが開かれます。"


VERSES = ("Der Mond ist aufgegangen,", "die goldnen Sternlein prangen", "am Himmel hell und klar.")


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{'<br>'.join(VERSES)}</p>",
        f"<div>{'<br/>'.join(VERSES)}</div>",
        f"<pre class='wp-block-verse'>{chr(10).join(VERSES)}</pre>",
    ],
)
def test_a_poem_keeps_its_lines(html: str) -> None:
    assert excerpt_of(html, "de") == "\n".join(VERSES)
    assert excerpt_of(html + html, "de") == "\n".join(VERSES + VERSES)


# --- beginnings and ends ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["iPhone", "macOS", "eBay", "mRNA", "pH", "éBay"])
def test_a_name_in_lower_case_begins_a_sentence(name: str) -> None:
    first = f"{name} was seen in the harbour, which nobody had expected before the winter came."
    assert excerpt_of(f"<p>{first}</p><p>{MORE}</p>") == f"{first} {MORE}"
    long = " ".join(f"word{number}" for number in range(40))
    assert excerpt_of(f"<p>{MORE} {MORE} {name} {long}.</p>") == f"{MORE} {MORE}"


def test_a_question_may_be_the_opening_heading() -> None:
    assert excerpt_of(f"<h2>Is it right?</h2><p>{BODY}</p>") == f"Is it right? {BODY}"
    assert excerpt_of(f"<p>{BODY}</p><h2>Is it?</h2><p>{MORE}</p>") == f"{BODY} {MORE}"


@pytest.mark.parametrize(
    "picture",
    [
        "<p><img src='/a.png'></p>",
        "<figure><img src='/a.png'><figcaption>A line.</figcaption></figure>",
        "<pre>make</pre>",
        "<p><iframe src='https://film.example/'></iframe></p>",
        "<video src='https://film.example/a.mp4'>A film</video>",
    ],
)
def test_a_colon_before_a_picture_blocks_nothing(picture: str) -> None:
    announced = "The board has now drawn a new line in the channel, which looks like this"
    html = f"<p>{announced}:</p>{picture}<p>{BODY}</p>"
    assert excerpt_of(html) == f"{announced}. {BODY}"
    assert excerpt_of(f"<p>{MORE} Here it is:</p>{picture}<p>{BODY}</p>") == f"{MORE} {BODY}"
    assert excerpt_of(f"<p>Here it is:</p>{picture}<p>{BODY}</p>") == BODY
    assert excerpt_of(f"<p>{announced} :</p>{picture}<p>{BODY}</p>") == f"{announced}. {BODY}"


def test_24_words_are_too_few_if_there_are_40() -> None:
    first = " ".join(["Word", *["word"] * 23]) + "."
    next_one = " ".join(["Water", *["water"] * 50]) + "."
    short = excerpt_of(f"<p>{first} {next_one}</p>")
    assert short.startswith(f"{first} Water")
    assert len(short.split()) == 45
    # The end of the post is the end of the excerpt.
    assert excerpt_of(f"<p>{first}</p>") == first


def test_a_long_sentence_is_cut_at_a_pause_outside_of_brackets() -> None:
    words = " ".join(["word"] * 32)
    sentence = f"Word {words}, and so on (with this, and with that, which {words})."
    assert excerpt_of(f"<p>{sentence}</p>") == f"Word {words}…"


def test_an_ellipsis_is_added_only_where_something_was_cut() -> None:
    text = BODY[:-1]
    assert excerpt_of(f"<p>{text}</p>") == BODY
    assert excerpt_of(f"<p>{text} […]</p>") == f"{text}…"
    thai = "เมืองท่าจัดเทศกาลทุกปี แต่ปีนี้ล่าช้าเพราะพายุ"
    assert excerpt_of(f"<p>{thai}</p>", "th") == thai
    assert excerpt_of(f"<p>{f'{thai} ' * 6}</p>", "th").endswith(f"{thai.split()[0]}…")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ahoy! The ship is in.", "en"),
        ("Hoy no hay barcos.", "es"),
        ("雨が降った。船は来なかった。", "ja"),
        ("下雨了。船没有来。", "zh"),
        ("ירד גשם. האונייה לא באה.", "he"),
        ("ฝนตกทั้งคืน", "th"),
    ],
)
def test_a_short_post_is_printed_whole(text: str, language: str) -> None:
    assert excerpts_of(f"<p>{text}</p>", language) == Excerpt(short=text, lead=text)
    assert excerpt_of(f"<p>{text} #fog #sea</p>", language).startswith(text)


@pytest.mark.parametrize(
    "html",
    [
        "<p>Link</p>",
        "<p>Read more.</p>",
        f"<p>{TITLE}</p>",
        "<p>It went on and…</p>",
        f"<p>Look.</p><ul>{'<li>A thing without a stop</li>' * 9}</ul>",
    ],
)
def test_a_few_words_that_are_no_post_are_not_printed(html: str) -> None:
    assert excerpt_of(html) == ""


@pytest.mark.parametrize(
    "html",
    [
        f"[gallery ids=&#8221;1,2&#8243;<br>{BODY}",
        f"[contact_form {BODY}",
        f"[ {BODY}",
        f"[Editor’s note: It was late.] {BODY}",
        f'[caption caption="a ] b"]A ship.[/caption]{BODY}',
        f"[code]{BODY}[/code]",
    ],
)
def test_no_bracket_makes_an_excerpt_empty(html: str) -> None:
    assert excerpt_of(f"<p>{html}</p>") == BODY


# --- formulas -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tex",
    [
        r"Since \(\alpha\) is small, it goes.",
        "We know that $x^2 = 4$ holds.",
        "The number $n$ is odd.",
        r"So \frac{1}{2} is it.",
        "See [latex]x^2[/latex] for it.",
        "It is <img src='https://s0.wp.com/latex.php?latex=x' alt='x^2'> here.",
    ],
)
def test_a_sentence_with_raw_tex_is_left_out(tex: str) -> None:
    assert excerpt_of(f"<p>{tex} {BODY} {tex}</p>") == BODY


@pytest.mark.parametrize(
    "text",
    [
        r"The file is in C:\Users\mona\ships, where nobody has ever looked for it before.",
        "The ferry costs $5 and the boat costs $10, which nobody here wants to pay at all.",
        "There are 10⁶ gulls, and x² = 4 of them are ours, which nobody here can count.",
    ],
)
def test_ordinary_signs_are_no_tex(text: str) -> None:
    assert excerpt_of(f"<p>{text}</p>") == text


def test_a_note_after_a_word_goes_and_a_power_stays() -> None:
    html = f"<p>The harbour<sup>1</sup> has 5 km<sup>2</sup>.<sup>2</sup> {BODY}</p>"
    assert excerpt_of(html) == f"The harbour has 5 km². {BODY}"


def test_a_summary_that_begins_the_text_is_not_preferred() -> None:
    html = f"<p>{BODY} {MORE}</p>"
    assert excerpts_of(html, summary=f"<p>{BODY}</p>").short == f"{BODY} {MORE}"


def test_keys_are_no_emoji() -> None:
    text = f"Press ⌃⌥⌘ K at once. {BODY}"
    assert excerpt_of(f"<p>{text}</p>") == text


def test_a_summary_whose_words_run_together_is_no_excerpt() -> None:
    rows = "Name: Channel 1.5<br>Maker: The Survey<br>Language: English<br>Price: none"
    joined = "Name: Channel 1.5Maker: The SurveyLanguage: EnglishPrice: none and more words of it."
    words = "It shows the depth of the channel at each hour of the day and the night"
    assert excerpts_of(f"<p>{rows}</p>", summary=f"{joined} {words}.").short == ""
