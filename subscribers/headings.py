"""The meaning of a column by its heading, in five languages. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from subscribers.preferences import State
from subscribers.words import PATTERNS, fold

#: Our name of each column, with its known headings, best first.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "address": ("email", "email address", "e mail", "e mail address", "emailaddress", "mail",
                 "email id",
                "subscriber email", "e mail adresse", "email adresse", "emailadresse",
                 "mailadresse",
                "adresse e mail", "adresse email", "adresse mail", "adresse de courriel",
                 "courriel",
                "adresse electronique", "correo electronico", "correo",
                 "direccion de correo electronico",
                "direccion de correo", "direccion de email", "direccion email",
                 "email del suscriptor",
                "البريد الالكتروني", "بريد الكتروني", "عنوان البريد الالكتروني", "الايميل", "ايميل",
                "subscriber", "address"),
    "name": ("first name", "firstname", "fname", "given name", "vorname", "prenom", "nombre",
             "الاسم الاول", "name", "full name", "display name", "vollstandiger name",
                 "voller name",
             "nom complet", "nombre completo", "nombre y apellidos", "الاسم الكامل", "الاسم",
                 "nom"),
    "surname": ("last name", "lastname", "lname", "surname", "family name", "nachname",
                 "familienname",
                "nom de famille", "apellido", "apellidos", "اسم العايلة", "اللقب"),
    "categories": ("categories", "category", "topics", "kategorien", "kategorie", "themen",
                 "sujets",
                   "categorie", "categorias", "categoria", "temas", "التصنيفات", "الفيات"),
    "cadence": ("cadence", "frequency"),
    "language": ("language", "locale", "lang", "sprache", "langue", "idioma", "اللغة"),
    "text_size": ("text size",),
    "zone": ("zone", "timezone", "time zone", "zeitzone", "fuseau horaire", "zona horaria"),
    "hour": ("hour",),
    "paused_until": ("paused until",),
    "joined_at": ("joined at",),
    "consent_at": ("consent at", "confirm time"),
    "consent_how": ("consent how",),
    "consent_text": ("consent text",),
    "left_at": ("left at",),
    "left_how": ("left how",),
    "source": ("source",),
    "suppressed": ("suppressed",),
}  # fmt: skip
#: Headings that mean the whole name where there is no other, else the family name.
WHOLE_NAMES = ("name", "nom")

_WHEN = r"(at|on|time|date|day|datum|zeit|am|le|heure|fecha|el|hora|تاريخ|وقت)"
#: The words of other days of a subscription.
_NOT_FIRST = (
    r"(end\w*|expir\w*|renew\w*|last|next|updat\w*|modif\w*|geandert|ende|letzte\w*|dernier\w*|fin)"
)
#: The words of the day of joining, best first; a heading of an ending is never compared.
JOINING = tuple(
    re.compile(rf"(?!.*\b{_NOT_FIRST}\b)((?=.*\b({words})\b)(?=.*\b{_WHEN}\b).*|({alone}))")
    for words, alone in (
        (r"subscri\w*|sign(ed)? ?up|join\w*|abonn\w*|suscri\w*|(ال)?اشتراك", "joined"),
        (r"opt(ed)? ?in|anmeld\w*|angemeldet|eingetragen|inscri\w*|alta|registr\w*"
        r"|(ال)?تسجيل", "registered"),
        (r"added|created?|creation|creacion|entered|erstellt|hinzugefugt|cree|ajout\w*|creado|anadido"
        r"|(ال)?انشاء",
         "created|entered|added|anmeldedatum|erstellungsdatum"),
    )
)  # fmt: skip

#: Headings of states that have the day of joining where the cells are dates.
SUBSCRIBED_SINCE = re.compile(
    r"subscribed|opt(ed)? ?in|abonniert|angemeldet|inscrite?|abonnee?|suscrit[oa]|(ال)?مشترك"
)

_STATUS = (
    r"((listen|kontakt|newsletter|abo|abonnenten|anmelde|mail|email)?status"
    r"|state|zustand|statut|etat|estado|(ال)?حالة)"
)
# In other languages the words around it are not known, and few states are: a cell that is not
# known stops the import. Chinese and Japanese have no spaces.
_OTHER_STATUS = re.compile(
    r"\b(stato|stan|stav|allapot\w*|stare|durum\w*|tila|tilstand|toestand|situacao|статус"
    r"|состояние|κατασταση|סטטוס)\b|状態|状态|狀態|ステータス"
    rf"|{unicodedata.normalize('NFKD', '상태')}"
)
_OF_MAIL = (
    r"e mails?|emails?|mail|newsletter|subscriptions?|subscribers?|contacts?|members?|membership"
    r"|list[ea]?s?|listen|groups?|global(er|e)?|permission|deliver\w*|stop|home|work|other|(ال)?قايمة|(ال)?عام"
    r"|marketing|user|account|consent|opt in|current|abo\w*|kontakt\w*|empfanger|mitglied\w*"
    r"|anmelde\w*"
    r"|inscri\w*|membre|suscri\w*|contacto|miembro|correo|boletin|(ال)?اشتراك|(ال)?مشترك|(ال)?بريد"
    r"|(ال)?الكتروني|de|du|del|la|l|der|des|the|of|d"
)
_IS_STATUS = re.compile(rf"((({_OF_MAIL}) )*{_STATUS}( ({_OF_MAIL}))*)")
_IS_TYPE = re.compile(r"((subscri\w+|member|contact) )?(type|typ|tipo)")

_SUBSCRIBED = re.compile(
    r"\b(subscribed|active|enabled|opt(ed)? ?in|accepts?|accepted|consent\w*|agreed|newsletters?"
    r"|mailing ?list|e ?mail marketing|permission|permitted"
    r"|mailable|abonniert|angemeldet|aktiv|einwilligung|zustimmung|eingewilligt|inscrite?"
    r"|abonnee?|actif|active"
    r"|consentement|accepte|suscri(p?t)[oa]|activ[oa]|consentimiento|acepta\w*"
    r"|(ال)?مشترك|(ال)?نشط|(ال)?موافقة|يوافق)\b"
)
_CONFIRMED = re.compile(
    r"\b(confirmed|verified|double opt ?in|bestatigt|verifiziert|confirmee?|verifiee?"
    r"|confirmad[oa]|verificad[oa]"
    r"|(ال)?مؤكد)\b"
)
_NOT = re.compile(r"\b(not|non|no|never|nicht|kein|keine|pas|غير|لا|do not|dont)\b")

#: Headings of other channels than mail.
_CHANNEL = re.compile(
    r"\b(sms|phone|calls?|fax|push|whatsapp|telegram|telefon\w*|telephone|landline|mobile|handy"
    r"|portable|movil"
    r"|post|postal|print|comment\w*)\b"
)
_MAIL = re.compile(r"\b(e ?mails?|mails?|mailings?|all|correos?|courriels?|بريد)\b")
#: Headings of measures and of other things.
_THING = re.compile(
    r"\b(soft|rating|score|count|(?!account)\w+count|\w*page|number|num|total|clicks?|clicked|opens?|opened"
    r"|sent|sends?|delivered"
    r"|bounces|e ?mails bounced|visits?|orders?|points|amount|sum|age|percent\w*|rate|gmtoff"
    r"|dstoff|latitude"
    r"|longitude|ids?|uuid|uid|leid|euid|ips?|tiers?|plan|premium|paid|vip|gifts?|comp"
    r"|complimentary|stripe|bestseller|exempt|workflow"
    r"|track\w*|messages?|digests?|html|htmlemail|format|test|country|cc|region|language|lang|locale|sprache|langue"
    r"|idioma|land"
    r"|pays|pais|gender|sex|title|company|tags?|labels?|url|link|token|key|hash|code|password)\b"
    r"|^(active subscription|marketing contact status|optedin"
    r"|did this (user|subscriber) manually confirm)$"
    r"|^(statut|estado) de contacto? (de )?marketing$"
)

#: One such bounce is enough, however it is counted.
_HARD = re.compile(r"\bhard ?bounc")

_ENDINGS = (State.COMPLAINED, State.BOUNCED, State.LEFT)


class Meaning(StrEnum):
    """The meaning of a heading for the cells of its column."""

    #: Words of states; yes is subscribed.
    STATUS = auto()
    #: A yes, a date or any remark means that the person left, bounced, complained, or never
    #: confirmed.
    ENDING = auto()
    #: A yes means that the person is subscribed, a no that they are not.
    SUBSCRIBED = auto()
    #: Perhaps words of states; the cells decide.
    TYPE = auto()
    #: Another channel than mail; its states say nothing about the subscription.
    CHANNEL = auto()
    #: Another thing; a yes or no says nothing about the subscription.
    OTHER = auto()
    #: Nothing that this program knows; the cells decide whether it may be passed over.
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading with its meaning."""

    meaning: Meaning
    #: The state of a yes.
    if_true: State = State.CONFIRMED
    #: The state of a no.
    if_false: State = State.LEFT


def plain(heading: str) -> str:
    """Return a heading in lower case, as words: `HasOptedOut` is `has opted out`."""
    return fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading))


def read_heading(word: str) -> Heading:
    """Return the meaning of a plain heading that is none of `HEADINGS`."""
    if _CHANNEL.search(word) and not _MAIL.search(word):
        return Heading(meaning=Meaning.CHANNEL)
    ending = next((state for state in _ENDINGS if PATTERNS[state].search(word)), None)
    if _THING.search(word) and not _HARD.search(word):
        return Heading(meaning=Meaning.OTHER, if_true=ending or State.CONFIRMED)
    is_confirmed = _CONFIRMED.search(word) is not None
    if ending is None and (is_confirmed or _SUBSCRIBED.search(word)):
        if PATTERNS[State.PENDING].search(word):
            return Heading(meaning=Meaning.ENDING, if_true=State.PENDING)
        if _NOT.search(word):
            ending = State.LEFT
    if ending is not None:
        return Heading(meaning=Meaning.ENDING, if_true=ending)
    if _IS_STATUS.fullmatch(word) or _OTHER_STATUS.search(word):
        return Heading(meaning=Meaning.STATUS)
    if _IS_TYPE.fullmatch(word):
        return Heading(meaning=Meaning.TYPE)
    if is_confirmed or _SUBSCRIBED.search(word):
        refused = State.PENDING if is_confirmed else State.LEFT
        return Heading(meaning=Meaning.SUBSCRIBED, if_false=refused)
    return Heading(meaning=Meaning.UNKNOWN)
