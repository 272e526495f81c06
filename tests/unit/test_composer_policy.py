"""The gate: every comment that may not be printed gets its reason; civil ones pass."""

from __future__ import annotations

import pytest

from digest.composer.gate.policy import judge_comment
from digest.composer.lexicon.matter import Matter, find_matter
from digest.composer.lexicon.words import words_for
from digest.composer.quotes.quote import print_text
from digest.composer.rules import Policy
from digest.models import Civility, CommentKind, RefusalKind, refusal_kind
from tests.support.composing import a_comment
from tests.support.timing import least_seconds

POST = (
    "The harbour board of Tarnmouth met to settle the boundary of the fishing ground. A surveyor"
    " drew the line in 1911 with brass pins and a lead line; the channel has moved four times"
    " since, and two of the seven buoys lie on dry sand. The ferry company pays for the buoys"
    " and asks which of them it should keep, while older members defend the ancient chart."
)
CIVIL = "I kept the buoys in that channel for nineteen years and the chart is still right. "


def judge(text: str, language: str = "en", policy: Policy | None = None, **changes: object) -> str:
    """Return the code of the reason; empty if the comment may be quoted."""
    words = words_for(language)
    matter = find_matter(POST, [text], words.stopwords)
    printed = print_text(text, words, language)
    reason = judge_comment(a_comment(text, **changes), printed, matter, policy or Policy(), words)
    return reason.code if reason else ""


def test_a_civil_comment_passes() -> None:
    assert judge(CIVIL) == ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": CommentKind.PINGBACK}, "pingback"),
        ({"kind": CommentKind.TRACKBACK}, "trackback"),
        ({"author": "Pingback: The Tidewrack Review"}, "pingback"),
        ({"text": f"Trackback: {CIVIL}"}, "trackback"),
        ({"is_held": True}, "held"),
    ],
)
def test_placeholders_and_machine_leftovers_are_dropped(
    changes: dict[str, object], code: str
) -> None:
    assert judge(**({"text": CIVIL} | changes)) == code  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    "rude",
    [
        "what the fuck",
        "Fuuuuck that",
        "f*ck that",
        "f**king boats",
        "f u c k that",
        "f.u.c.k that",
        "sh1t happens",
        "a$$hole",
        "a55hole",
        "B!TCH please",
        "fück that",
        "f--k that",
        "what the f-ck",
        "what a load of @#$%!",
        "fuсk with a Cyrillic letter",
        "fu\u200bck with nothing in it",
        "utter bullshit",
    ],
)
def test_profanity_is_seen_through_its_disguises(rude: str) -> None:
    assert judge(f"{CIVIL} {rude} ") == "profanity"


@pytest.mark.parametrize(
    "rude",
    [
        "You are an idiot.",
        "You are a complete fool.",
        "You’re a disgrace.",
        "Your stupidity knows no bounds.",
        "What a moron.",
        "Harold Venn is a liar.",
        "McVenn was a coward.",
        "He’s a fraud, plain and simple.",
        "Only an imbecile would draw it so.",
        "Shame on you.",
        "Shut your mouth.",
        "This is pathetic drivel.",
        "Our mayor is a fascist.",
    ],
)
def test_attacks_on_persons_are_dropped(rude: str) -> None:
    assert judge(f"{CIVIL} {rude}") == "personal-attack"


@pytest.mark.parametrize(
    "civil",
    [
        "The road from Essex to the harbour is longer than the board says.",
        "Dick Cheney once asked the same of a board that met about buoys.",
        "At Scunthorpe they moved the buoys and kept the line.",
        "The kill vehicle of that harbour exercise missed the buoy by a cable.",
        "Damn the torpedoes, said the admiral, and left the channel's buoys behind.",
        "I think you are wrong about the boundary.",
        "I disagree with you: the evidence for the new boundary is thin.",
        "You are right about the buoys, but the cost is far too low.",
        "The ass and the ox grazed on the boundary, and the class passed them.",
        "He was wounded in the assault on the harbour; the surveyor was not.",
        "Thank you for your kind words about the surveyor and his chart.",
        "M*A*S*H was filmed nowhere near this channel; see buoy No. 5.",
        "It was a shameful end for so careful a surveyor and his chart.",
        "You must be joking about the price of the buoys, or I hope so.",
        "A buoy that nobody has ever lifted is a hope; children grow up on that channel.",
        "He had a knee-jerk answer to the board, and the buoys were moved.",
        "The 5th buoy was laid in 1987 at 0500, by 4 men of the ferry company.",
    ],
)
def test_civil_words_raise_no_alarm(civil: str) -> None:
    assert judge(civil) == ""


@pytest.mark.parametrize(
    "shouted",
    [
        "THE BUOYS IN THAT CHANNEL are mine and have been for years and YEARS.",
        f"{CIVIL} Ask! Them! Again!",
        f"{CIVIL} It is sooooo wrong.",
        f"{CIVIL} LEAVE THESE BUOYS ALONE please.",
    ],
)
def test_shouting_is_dropped(shouted: str) -> None:
    assert judge(shouted) == "shouting"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{CIVIL} See https://a.example/1 and https://a.example/2 too.", "links"),
        (f"{CIVIL} See https://a.example/1 for more.", ""),
        (f"{CIVIL} Write to bob@a.example now.", "contact"),
        (f"{CIVIL} Write to bob (at) a-example [dot] org now.", "spam"),
        (f"{CIVIL} Call +49 170 1234567 now.", "contact"),
        (f"{CIVIL} Call (555) 123-4567 now.", "contact"),
        (f"{CIVIL} Come to 14 Priory Close after six.", "contact"),
        (f"{CIVIL} Pay to DE44 5001 0517 5407 3249 31 please.", "contact"),
        (f"{CIVIL} Write to bob at buoys dot org now.", "spam"),
        ("The channel: https://a.example/1 is where the buoys are.", "links"),
        (f"[url=x] {CIVIL[:-2]}, and [url=y] too.", "links"),
        (f"{CIVIL} Between 1939, 1940-1945 and 2024-11-03 it cost 1,000,000.", ""),
    ],
)
def test_links_and_addresses_are_counted(text: str, code: str) -> None:
    assert judge(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Great post! I really enjoyed reading it and bookmarked the site.", "spam"),
        ("Nice article, thanks for sharing such useful information with us all.", "spam"),
        ("Payday loan and casino promo code for every reader of this harbour blog.", "spam"),
        (f"{CIVIL} More of them at https://bit.ly/1x2 for you.", "spam"),
        ("My cousin bakes a wonderful sourdough bread, see https://bread.example/ today.", "spam"),
        ("As an AI language model I keep no buoys in that channel, nor any chart.", "no-reader"),
        ("[…] the harbour board met to settle the boundary of the fishing ground", "no-reader"),
        ("Great post about the harbour boundary and the surveyor, whose chart I own.", ""),
    ],
)
def test_spam_is_dropped(text: str, code: str) -> None:
    assert judge(text) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Arsehole of the Quay", "rude-name"),
        ("You are an idiot", "rude-name"),
        ("Cheap Loans Online", "commercial-name"),
        ("bestwatches.com", "commercial-name"),
        ("SEO Expert", "commercial-name"),
        ("The best place to read about all boats", "commercial-name"),
        ("old pilots of the bay", "commercial-name"),
        ("bob@a.example.org", "name-is-address"),
        ("????", "no-name"),
        ("Dick Essex", ""),
        ("George Best", ""),
        ("A. B. van der Berg", ""),
        ("李小龙", ""),
        ("", ""),
    ],
)
def test_names_are_gated_as_texts_are(name: str, code: str) -> None:
    assert judge(CIVIL, author=name) == code


def test_a_short_comment_is_dropped() -> None:
    assert judge("The buoys are mine.   ") == "too-short"


def test_a_comment_that_is_too_long_to_judge_is_dropped() -> None:
    assert judge(CIVIL * 300) == "too-long"


def test_the_first_comment_under_a_name_is_held_if_configured() -> None:
    holding = Policy(holds_first_timers=True)
    assert judge(CIVIL, policy=holding, is_first_time=True) == "held"
    assert judge(CIVIL, policy=holding) == ""
    assert judge(CIVIL, is_first_time=True) == ""


def test_commenters_who_asked_not_to_be_quoted_are_not() -> None:
    assert judge(CIVIL, policy=Policy(no_quote=("ruth  ADEYEMI",))) == "no-quote"


def test_the_newsletter_can_forbid_words() -> None:
    policy = Policy(blocked_words=("Nineteen Years",))
    assert judge(CIVIL, policy=policy) == "blocked-word"


def test_forbidden_words_count_in_names_too() -> None:
    policy = Policy(blocked_words=("Lighthouse Club",))
    assert judge(CIVIL, policy=policy, author="The Lighthouse Club") == "rude-name"


@pytest.mark.parametrize("broken", ["\ufffd", "â€™"])
def test_broken_characters_are_dropped(broken: str) -> None:
    assert judge(f"{CIVIL} It{broken}s right.") == "broken"


def test_the_site_of_the_commenter_is_an_advert() -> None:
    text = f"{CIVIL} More of this at https://ruthadeyemi.example/ every week."
    assert judge(text) == "spam"


def test_a_language_without_word_lists_allows_less_shouting() -> None:
    text = (
        "Ik heb de boeien jaren bewaakt! De kaart klopt nog! Vraag het de harbour board, die weet"
        " het ook, en kijk zelf maar eens."
    )
    assert judge(text, language="nl") == "shouting"
    assert judge(text, language="en") == ""


def test_a_post_with_little_text_makes_nothing_off_topic() -> None:
    words = words_for("en")
    text = "My cousin bakes wonderful sourdough bread every Saturday morning."
    matter = Matter(post=frozenset({"harbou", "board"}))
    assert judge_comment(a_comment(text), text, matter, Policy(), words) is None


@pytest.mark.parametrize(
    "piece",
    [
        "a-",
        "@.",
        "1a",
        "f*",
        "x@",
        "you are ",
        "Aa is ",
        "$$",
        "(555) ",
        "“a",
        "!",
        "a.",
        "@#",
        "?",
    ],
)
def test_no_comment_keeps_the_gate_busy(piece: str) -> None:
    assert least_seconds(lambda: judge(piece * (19_000 // len(piece))), under=0.5) < 0.5


@pytest.mark.parametrize(
    ("rude", "strict", "normal", "lenient"),
    [
        ("That was a stupid line to draw.", "mild-word", "", ""),
        ("What you draw is stupid.", "mild-word", "mild-word", ""),
        ("What crap that chart is.", "mild-word", "mild-word", ""),
        ("Only a moron draws it so.", "personal-attack", "personal-attack", ""),
        ("You draw it like a moron.", "personal-attack", "personal-attack", "personal-attack"),
        ("What the fuck.", "profanity", "profanity", "profanity"),
        ("They should all be shot.", "threat", "threat", "threat"),
    ],
)
def test_a_newsletter_chooses_how_strict_its_gate_is(
    rude: str, strict: str, normal: str, lenient: str
) -> None:
    found = {level: judge(f"{CIVIL} {rude}", policy=Policy(civility=level)) for level in Civility}
    assert found == {
        Civility.STRICT: strict,
        Civility.NORMAL: normal,
        Civility.LENIENT: lenient,
    }


def test_a_mild_word_further_down_spoils_no_quote() -> None:
    long = f"{CIVIL * 4}\n\nThe price is a stupid one, and what crap the old rope was."
    assert judge(long) == ""


@pytest.mark.parametrize("text", [f"{CIVIL} What crap that chart is.", f"{CIVIL} Ask! Now! Here!"])
def test_a_refusal_for_form_or_a_mild_word_is_borderline(text: str) -> None:
    kind = refusal_kind(judge(text))
    assert isinstance(kind, RefusalKind)
    assert kind.is_borderline


def test_form_is_judged_in_proportion_to_length() -> None:
    links = "See https://a.example/1 and https://a.example/2 too."
    assert judge(f"{CIVIL} {links}") == "links"
    assert judge(f"{CIVIL * 6}\n\n{links}") == ""
