"""The German gate, class by class: comments that may not be printed, and similar ones that may."""

from __future__ import annotations

import pytest

from tests.unit.test_composer_languages import BOJEN, HAFEN
from tests.unit.test_composer_languages import judge as judge_in

#: A good beginning, placed before each insult.
ATTACK = "personal-attack"


def judge(text: str) -> str:
    return judge_in(f"{BOJEN}{text}", newsletter="de", post=HAFEN)


@pytest.mark.parametrize(
    "mocked",
    [
        "Der Vorsitzende, dieser Tattergreis, findet die Bojen ja nicht einmal mehr.",
        "Mit seinem Gestotter hat der Hafenmeister die Sitzung auf drei Stunden gebracht.",
        "Die Dicke vom Bauamt passt ja kaum ins Boot.",
        "So ein Fettwanst steigt in kein Boot, das wissen wir doch.",
        "Die alte Schrulle am Pegel soll endlich aufhören.",
        "Der gehört ins Altersheim und nicht in den Hafenrat.",
        "Der Kassenwart kann nicht bis drei zählen.",
        "Die Brillenschlange vom Katasteramt hat sich wieder vermessen.",
        "Der Lotse ist wohl dement, sonst wüsste er das.",
        "Die Bauerntrampel aus dem Hinterland reden jetzt mit.",
    ],
)
def test_mockery_of_body_age_or_mind_is_dropped(mocked: str) -> None:
    assert judge(mocked) == ATTACK


@pytest.mark.parametrize(
    "decent",
    [
        "Mein Vater war am Ende dement, aber die Bojen kannte er alle.",
        "Seit dem Unfall hinke ich, ins Boot komme ich trotzdem.",
        "Der Hafenmeister stottert, und man hört ihm gern zu.",
        "Das Brett war faul, das faule Holz haben wir ersetzt.",
        "In meinem Alter fährt man nur noch bei Ostwind hinaus.",
        "Die Fender waren zu fett eingeschmiert, und die alten Säcke mit Sand lagen daneben.",
        "Die Figur am Bug ist so hässlich, dass sie schon wieder schön ist.",
        "Auf den Bäumen am Ufer saßen Reiher, der dicke Ast brach im Winter.",
    ],
)
def test_age_and_illness_may_be_spoken_of(decent: str) -> None:
    assert judge(decent) == ""


@pytest.mark.parametrize(
    "slur",
    [
        "Die Wessis haben noch nie freiwillig einen Anker gehoben.",
        "Der Piefke will uns erklären, wie man steuert.",
        "Typisch Boomer, erst die Rinne leerfischen und dann klagen.",
        "Solche Leute sollte man gar nicht erst aufs Wasser lassen.",
        "Das ist typisch für diese Leute, anpacken will da niemand.",
        "Was will man von denen erwarten, von denen arbeitet doch keiner.",
        "Die liegen uns auf der Tasche und fahren im Sommer Boot.",
        "Lauter Schmarotzer in den Häusern am Kai, alles Faulenzer.",
        "Die Polen klauen hier jeden Außenborder.",
        "Diese Sippschaft am Nordufer kennt man ja.",
        "Die sollen dahin zurück, wo sie hergekommen sind.",
        "Kein Wunder bei so einem Haufen Saupreißen.",
    ],
)
def test_no_people_region_or_generation_is_reviled(slur: str) -> None:
    assert judge(slur) == ATTACK


@pytest.mark.parametrize(
    "decent",
    [
        "Als Ossi kann ich sagen: Bei uns lagen die Bojen genauso.",
        "Die Babyboomer gehen in Rente, dann fehlen dem Hafen neun Lotsen.",
        "Die Boomer sind die Jahrgänge 1955 bis 1969, so rechnet das Amt.",
        "Die Türken haben 1683 andere Sorgen gehabt als unsere Bojen.",
        "Zwei polnische Schlepper haben die Boje geborgen, in vier Stunden.",
        "Die Beamten haben noch nie so schnell geantwortet wie beim Pegel.",
        "Die Störche ziehen im August zurück nach Afrika, dann ist es still an der Rinne.",
        "Von den Fischern hat keiner einen Nachfolger gefunden.",
        "Das Haus gehört den Fischern, denen gehört auch der Steg.",
    ],
)
def test_peoples_and_generations_may_be_named(decent: str) -> None:
    assert judge(decent) == ""


@pytest.mark.parametrize(
    "accused",
    [
        "Man fragt sich, woher Herr Voss das Geld für sein Boot hat, und woher er das Geld nimmt.",
        "Bei Jens Voss gehört mal die Staatsanwaltschaft ran.",
        "Der Schwager hat den Auftrag bekommen, Frau Lindner hat selbst unterschrieben.",
        "Das ist Vetternwirtschaft, und Herr Voss weiß es.",
        "Herr Voss hat sich die Taschen gefüllt, als die Bojen kamen.",
        "Frau Lindner hat doch nur abgesahnt.",
        "Was hat Jens Voss dem Amt wohl zugesteckt?",
        "Es wird gemunkelt, dass Frau Lindner die Liste kannte.",
        "Herr Voss ist besoffen gefahren, als die Boje sank.",
        "Das ganze Dorf weiß von Frau Lindner und dem Lotsen.",
    ],
)
def test_accusations_by_name_are_dropped(accused: str) -> None:
    assert judge(accused) == "accusation"


@pytest.mark.parametrize(
    "decent",
    [
        "Herr Voss hat eine bestechend einfache Karte gezeichnet.",
        "Frau Lindner hat selbst ein Boot und kennt die Rinne.",
        "Jeder weiß, dass Sand wandert, schrieb Jens Voss schon 1990.",
        "Wo der Weg zur Mole abzweigt, hat Herr Voss ein Schild gesetzt.",
        "Das Haus von Frau Lindner ist verkauft worden, an die Stadt.",
        "Das hat was mit dem Ostwind zu tun, sagt Jens Voss.",
    ],
)
def test_persons_may_be_named(decent: str) -> None:
    assert judge(decent) == ""


@pytest.mark.parametrize(
    "threat",
    [
        "Ich weiß, wo der wohnt, und ich bin nicht der einzige.",
        "Den sollte man mal besuchen, wenn es dunkel ist.",
        "Wer das beschlossen hat: soll er dran ersticken.",
        "Dem Planer wünsche ich die Pest an den Hals.",
        "Der gehört geteert und gefedert.",
        "Das wird er noch bereuen, man sieht sich immer zweimal.",
        "Der wohnt übrigens gleich hinter der Kirche, mit dem roten Auto.",
        "Hoffentlich erwischt es ihn bald auf See.",
        "Solchen Leuten sollte man die Reifen zerstechen.",
    ],
)
def test_threats_and_wishes_of_harm_are_dropped(threat: str) -> None:
    assert judge(threat) == ATTACK


@pytest.mark.parametrize(
    "decent",
    [
        "Das Museum am Kai sollte man mal besuchen, die Karte hängt dort.",
        "Ich weiß, wo die Boje liegt: achtzig Meter nördlich.",
        "Im Haus am Kai wohnt übrigens bis heute die Enkelin des Vermessers.",
        "Hoffentlich fällt die Entscheidung bald, und hoffentlich brennt das Licht dann wieder.",
        "Als Kind bekam ich eine Tracht Prügel, weil ich an der Boje gebadet habe.",
        "Ich hängte das Rad an die Laterne und ging zum Steg.",
        "Der Sturm hat die Boje zerschlagen, die Kette lag am Strand.",
    ],
)
def test_harm_may_be_reported(decent: str) -> None:
    assert judge(decent) == ""


@pytest.mark.parametrize(
    "insult",
    [
        "Sie haben wohl noch nie ein Boot von innen gesehen.",
        "Gehen Sie erst mal arbeiten, dann reden wir weiter.",
        "Bleiben Sie bei Ihren Leisten.",
        "Eine wie Sie, Frau Lindner, sollte dazu schweigen.",
        "Der Vorsitzende gibt eine lächerliche Figur ab.",
        "Was bilden Sie sich eigentlich ein?",
        "Auf welchem Planeten leben Sie?",
        "Der Hafenrat sollte sich schämen.",
        "Ein verzogenes Gör will uns die Rinne erklären.",
        "Der Phrasendrescher im Rathaus hat wieder gesprochen.",
        "Jens Voss ist schlicht faul.",
        "Sie sind offenbar zu dumm zum Lesen.",
        "Ihr Gejammer über die Kosten kann niemand mehr hören.",
        "Das schreibt ein Schreiberling, der Papas Geld verfährt.",
    ],
)
def test_insults_without_a_swear_word_are_dropped(insult: str) -> None:
    assert judge(insult) == ATTACK


@pytest.mark.parametrize(
    "decent",
    [
        "Ich hatte noch nie eine Lotleine in der Hand, bis mein Onkel sie mir gab.",
        "Haben Sie eine Quelle für die Tiefe der Rinne?",
        "Ich war schlicht zu faul zum Rudern und habe den Motor genommen.",
        "Wir gehen lieber zu Fuß zur Mole, das ist kürzer.",
        "Ich bin wohl zu blöd, aber die sieben Bojen finde ich nicht auf der Karte.",
        "Sie irren sich, die zweite Boje liegt seit 1996 trocken.",
        "Das ist wirklich zu dumm, die Karte hing bis 1980 im Rathaus.",
        "Meine Mutter geht arbeiten, seit die Fähre wieder fährt.",
        "Wer hat sie denn gesehen, die achte Boje?",
        "Das halte ich für den größten Mangel des Entwurfs, Frau Lindner.",
        "Der Rat war sich nicht zu schade, selbst mit hinauszufahren.",
        "Die Kollegin ist gut bezahlt, aber der Dienst auf der Boje ist hart.",
        "Sie sind wirklich frech, die Möwen am Kai, und holen das Brot aus der Hand.",
    ],
)
def test_dissent_and_self_mockery_may_be_printed(decent: str) -> None:
    assert judge(decent) == ""


@pytest.mark.parametrize(
    "claim",
    [
        "Dahinter stecken die Juden, wie immer.",
        "Man muss nur fragen, wem die Banken gehören, und die Nachnamen lesen.",
        "Die Hochfinanz will auch noch die Rinne.",
        "Das plant der tiefe Staat mit den Globalisten.",
        "Es ist der große Austausch, nur darf man es nicht laut sagen.",
        "Im Hintergrund ziehen die Rothschilds die Strippen.",
    ],
)
def test_conspiracy_claims_about_a_people_are_dropped(claim: str) -> None:
    assert judge(claim) == ATTACK


def test_the_history_of_a_people_may_be_mentioned() -> None:
    assert judge("Das Haus am Kai gehörte bis 1938 einer jüdischen Familie Stern.") == ""


@pytest.mark.parametrize(
    "offer",
    [
        "Meine Gicht war mit Silbertropfen weg, ganz ohne Arzt.",
        "Die Tabletten habe ich in den Müll geworfen, Tabletten in den Müll, sage ich.",
        "Das verschweigen die Ärzte seit Jahren.",
        "Bei Interesse gerne melden, ich zeige es jedem.",
        "Drei geprüfte Angebote bekommt man dort in zwei Minuten.",
        "Buche jetzt ein kostenloses Erstgespräch mit mir.",
        "Ich lebe seitdem vom Kryptohandel und bin finanziell frei.",
        "Die Firma war schnell und zuverlässig, kann ich jedem empfehlen.",
        "Im ersten Monat ist es günstig, mit dem Code spart man noch mehr.",
        "Mein Onlinekurs zeigt es Schritt für Schritt.",
    ],
)
def test_offers_and_quackery_are_dropped(offer: str) -> None:
    assert judge(offer) == "spam"


@pytest.mark.parametrize(
    "decent",
    [
        "Im Winter nahm ich Tabletten gegen die Seekrankheit, sie halfen wenig.",
        "Nach der Kur war mein Rücken besser, sagt auch mein Arzt.",
        "In meinem Seminar an der Hochschule rechnen wir die Drift nach.",
        "Den Weg zur Mole kann ich nur empfehlen, am besten bei Ebbe.",
        "Ich bin kein Hellseher, aber die dritte Boje wird folgen.",
        "Dank Frau Mahn wissen wir nun, wer die Linie zog.",
    ],
)
def test_a_recommendation_is_not_an_offer(decent: str) -> None:
    assert judge(decent) == ""


@pytest.mark.parametrize(
    "made",
    [
        "Gerne! Hier ist ein Kommentar zum Hafen von Tarnmünde.",
        "Dieser Beitrag zeigt eindrucksvoll, wie sich die Rinne verlagert.",
        "Was sind Ihre Gedanken zu diesem Thema?",
        "Mit freundlichen Grüßen, [Ihr Name]",
        "Ihr Kommentar wird noch geprüft.",
    ],
)
def test_the_words_of_machines_are_dropped(made: str) -> None:
    assert judge(made) == "no-reader"


@pytest.mark.parametrize(
    "decent",
    [
        "Ihr Artikel beleuchtet nur die eine Seite der Grenze.",
        "Zusammenfassend lässt sich sagen: Die Karte stimmt.",
        "Unser Anschluss am Kai ist noch nicht freigeschaltet.",
    ],
)
def test_a_stiff_sentence_is_not_taken_for_a_machine_text(decent: str) -> None:
    assert judge(decent) == ""


@pytest.mark.parametrize(
    "slur",
    [
        "Mit den Bulgaren, die sie dafür holen, ist es auch nichts, die klauen alles.",
        "Den Syrern war das zu viel Arbeit, gierig wie sie sind.",
        "Der Bürgermeister ist ein raffgieriger Mensch.",
    ],
)
def test_contempt_in_one_sentence_with_a_people_or_an_office_is_an_attack(slur: str) -> None:
    assert judge(slur) == ATTACK


@pytest.mark.parametrize(
    "decent",
    [
        "Die Bulgaren im Hafen haben mir gezeigt, wie man das Tau spleißt.",
        "Der Bürgermeister war bei der Probefahrt dabei.",
        "Es ist widerlich, wie viel Plastik im Hafen schwimmt.",
    ],
)
def test_a_people_an_office_or_a_harsh_word_alone_is_not_an_attack(decent: str) -> None:
    assert judge(decent) == ""


def test_several_stock_phrases_are_a_machine_text() -> None:
    said = (
        "Der Beitrag verdeutlicht die Chancen und Herausforderungen am Hafen. Zusammenfassend lässt"
        " sich sagen, dass ein ganzheitlicher Ansatz für die Bojen von großer Bedeutung ist."
    )
    assert judge(said) == "machine"
    assert judge("Zusammenfassend: Die Bojen liegen falsch, und der Pegel zeigt es.") == ""
