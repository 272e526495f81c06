"""Without rude words: scorn, slander, threats, machine text and paid praise are dropped."""

from __future__ import annotations

import pytest

from digest.composer.gate.policy import judge_comment
from digest.composer.lexicon.matter import find_matter
from digest.composer.lexicon.words import words_for
from digest.composer.rules import Policy
from tests.support.composing import a_comment
from tests.support.timing import least_seconds

POST = (
    "The parish of Wexcombe wants to close the footpath across Long Meadow to horses for two"
    " winters, clerk Helen Parry said. The path floods, the stile was repaired four times and the"
    " school uses it every morning. A count found 212 walkers and 9 riders a day. The farmer, Tom"
    " Ashdown, offers a second gate; the library and the surgery are next on the agenda."
)
CIVIL = "I have walked that footpath since 1998 and the stile is no worse than it was. "


def judge(text: str, *people: str) -> str:
    """Return the code of the reason; empty if the comment may be quoted."""
    words = words_for("en")
    matter = find_matter(POST, [text], words.stopwords, people)
    reason = judge_comment(a_comment(text), matter, Policy(), words)
    return reason.code if reason else ""


@pytest.mark.parametrize(
    "scorn",
    [
        "The clerk waddled to her table and could hardly get behind it.",
        "He talks as if he had a hot potato in his mouth.",
        "With that stutter of his the agenda takes until m-m-midnight.",
        "She came down the path like a walrus on holiday.",
        "Fat cow on a fat horse, that is all one sees there.",
        "He has one foot in the grave and wants to decide about winters.",
        "She has the brains of a gatepost.",
    ],
)
def test_mockery_of_body_age_or_mind_is_dropped(scorn: str) -> None:
    assert judge(CIVIL + scorn) == "personal-attack"


@pytest.mark.parametrize(
    "scorn",
    [
        "Scousers have never paid for a stile they could climb.",
        "That lot always moan and never lift a finger.",
        "Boomers had it easy and now they close the gate behind them.",
        "People like her have no business on a committee.",
        "What do you expect from a townie.",
        "It is always the same tribe that owns the banks and now the meadow.",
        "Put them on the next boat and the path is dry again.",
    ],
)
def test_scorn_of_a_people_is_dropped(scorn: str) -> None:
    assert judge(CIVIL + scorn) == "personal-attack"


@pytest.mark.parametrize(
    "scorn",
    [
        "Have you ever done a day's work on a farm?",
        "You are nothing but a spoilt brat with a pony.",
        "A disgusting idea, and you know it.",
        "Only a lazy little man counts horses from his window.",
        "She is so greedy that she would sell the stile.",
        "You clearly don't read what you sign.",
        "I suppose it is too much to ask that you think before you type.",
    ],
)
def test_insults_need_no_swear_word(scorn: str) -> None:
    assert judge(CIVIL + scorn) == "personal-attack"


@pytest.mark.parametrize(
    "threat",
    [
        "I hope he breaks his neck on that stile.",
        "I hope every one of them ends up under a lorry.",
        "We know where she lives.",
        "With any luck her cellar will be under water by Easter.",
        "If I meet the farmer there he will wish he had stayed at home.",
        "Somebody should put a brick through her window.",
    ],
)
def test_threats_and_ill_wishes_are_dropped(threat: str) -> None:
    assert judge(CIVIL + threat) == "personal-attack"


@pytest.mark.parametrize(
    "hint",
    [
        "Everyone knows that Karl Menzies puts his own cousins on the list.",
        "Ask yourself how Janet Lowe pays for her horses.",
        "Funny how the gate goes exactly where Ray Tully parks his lorry.",
        "There is a reason Dora Finch left her last school in such a hurry.",
        "I keep my daughters away from Mark Holroyd.",
        "A brown envelope for the clerk, and the stile was signed off.",
        "The treasurer has his hand in the till, as his brother had.",
    ],
)
def test_hints_near_a_stranger_or_an_office_are_slander(hint: str) -> None:
    assert judge(CIVIL + hint) == "accusation"


def test_a_commenter_of_the_thread_is_not_a_stranger() -> None:
    hint = "Everyone knows the winters here, as Ruth Adeyemi wrote above."
    assert judge(CIVIL + hint) == "accusation"
    assert judge(CIVIL + hint, "Ruth Adeyemi") == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "This article thoughtfully highlights the delicate balance between riders and"
            " walkers on a footpath. Ultimately, engaging stakeholders fosters a sense of"
            " community.",
            "machine",
        ),
        (
            "The footpath serves as a poignant reminder of our shared meadow. What are your"
            " thoughts on the nuances of closing the gate?",
            "machine",
        ),
        (
            "Lovely post about the stile and the meadow path! Since we started with the"
            " RambleMate planner our walks to school have been so much calmer.",
            "spam",
        ),
        (
            "I stumbled upon your page about the footpath. For those of us who'd rather leave"
            " it to the experts, Brackwell Fencing did all of our gates.",
            "spam",
        ),
        (CIVIL + "My arthritis vanished within weeks of beetroot powder.", "spam"),
    ],
)
def test_stock_phrases_are_recognised(text: str, code: str) -> None:
    assert judge(text) == code


@pytest.mark.parametrize(
    "civil",
    [
        "My husband walks with a limp since his fall, and for him the gate is the only way.",
        "Helen Parry told us that the horses do most of the damage, and her figures bear it out.",
        "She is ninety and walks it every day; nobody on the council does.",
        "I hope the parish does not close it before the drain is finished.",
        "German walkers who stay at the inn like the path because it is on their map.",
        "Young people can never afford to live here, and the path takes the few left to school.",
        "On the one hand the horses cut up the ground, on the other they keep the nettles down.",
        "My neighbour Joan Betts counted the riders herself and came to 14 a day.",
        "Everyone knows the meadow floods in January; June is what surprises me.",
        "People like my father built that stile, and he would have repaired it.",
        "We bought our gate from a blacksmith in Devizes, and it cost 380 pounds with hinges.",
        "The sooner they mend the drain the better, and it costs less than two winters.",
        "The police closed the path for a day in 2019 because of a fallen oak.",
        "The budget was always a delicate balance between roads and paths.",
    ],
)
def test_innocent_twins_pass(civil: str) -> None:
    assert judge(CIVIL + civil) == ""


@pytest.mark.parametrize(
    "piece", ["b-b-", "hope you ", "she is so ", "greedy ", "Aa Bb ", "funny how ", "boomers just "]
)
def test_no_comment_keeps_these_rules_busy(piece: str) -> None:
    assert least_seconds(lambda: judge(piece * (19_000 // len(piece))), under=0.5) < 0.5
