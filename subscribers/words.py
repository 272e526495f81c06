"""The words of other programs for the state of a subscription. Pure.

Endings are recognised by stems, so that an unusual form still ends mail; `confirmed` only by whole
words, because a wrong guess would mail a person who left. All patterns are for folded text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from subscribers.preferences import State

_COMPLAINED = r"""complain\w* | abuse\w* | spam\w* | junk | reported | beschwer\w* | plaintes?
    | signale\w*
    | quejas? | denuncia\w* | شكوي | (ال)?مزعج"""
_BOUNCED = r"""\w*bounc\w* | clean(ed)? | errors? | undeliver\w* | unreachable | invalid\w*
    | quarantin\w*
    | malformed | npai
    | unzustellbar\w* | ungultig\w* | unerreichbar\w* | rucklauf\w* | rebond\w* | injoignable\w*
    | non\ (distribu|delivr|remis)\w* | rejet\w* | zuruckgewiesen\w* | rebot\w* | rechazad\w*
    | devuelt\w* | inalcanzable\w* | no\ entregad\w*
    | مرتد\w* | غير\ صالح\w*"""
#: Endings that hardly occur outside lists of subscribers.
_PLAIN_ENDINGS = r"""unsub\w* | un\ (subscri|sub)\w* | (has\ )?opt(ed)?\ ?out\w*
    | (black|block|deny)\ ?list\w*
    | suppress\w* | do\ not\ (e\ ?)?(mail|contact|send|market)\w* | no\ longer\ subscribed
    | (not|non|never)\ ?subscri\w* | no\ ?mail | no\ emails? | exclu[desi]\w*
    | suspend\w* | stopped
    | \w*bounc\w* | complain\w* | undeliver\w* | cleaned
    | abgemeldet\w* | abmeld\w* | ausgetragen\w* | austrag\w* | abbestell\w* | unzustellbar\w*
    | nicht\ (mehr\ )?(abonniert|angemeldet)\w* | widerruf\w*
    | desabonn\w* | desinscri\w* | desinscript\w* | liste\ noire | non\ (abonne|inscrit)\w*
    | rebond\w*
    | (de\ )?baja | desuscri\w* | desapunt\w* | lista\ negra | no\ suscri\w* | rebotad\w*
    | غير\ مشترك\w* | (تم\ )?(ال)?غاء\ (ال)?اشتراك\w* | (ال)?ملغي\w* | مرتد\w*
    | blocked | banned | disabled | deactivated | inactive | deleted | removed
    | gesperrt\w* | sperr\w* | gekundigt\w* | gelo?e?scht\w* | inaktiv\w* | deaktiviert\w*
    | resilie\w* | bloque\w* | supprime\w* | inactif\w* | desactiv\w*
    | eliminad\w* | borrad\w* | inactiv\w*
    | disiscri\w* | descadastrad\w* | desinscri\w* | inativ\w* | uitgeschreven | afgemeld\w*
    | wypisan\w* | отписа\w* | 解除\w* | 解約\w* | 退会\w* | 已退订 | 配信停止\w*
    | (ال)?محظور\w* | (ال)?محذوف\w* | (ال)?معطل\w* | غير\ (نشط|فعال)\w*"""
_LEFT = rf"""{_PLAIN_ENDINGS} | left | departed | cancell?ed | cancellation | expired | revoked
    | withdrawn
    | on\ hold | temp\ hold | not\ sending | ended | exit | quit
    | austritt\w* | ausgetreten | storn\w* | cancellat\w* | date\ de\ sortie
    | declined | archived | not\ (active|enabled|opted\ in) | no\ longer\ \w+
    | kundigung | entfernt\w* | nicht\ (mehr\ )?aktiv\w*
    | resili\w* | supprim\w* | radie\w* | non\ actif\w* | cancelad\w* | no\ activ\w*"""
#: Endings that count within a remark of a few words too.
_CERTAIN = r"""unsub\w+ed | un\ subscribed | opted\ ?out | (black|block)\ ?listed | bounced
    | abgemeldet | abbestellt | ausgetragen | (desabonne|desinscrit)\w* | desuscrit\w* | de\ baja
    | غير\ مشترك\w* | (ال)?غاء\ (ال)?اشتراك"""
_PENDING = r"""pending | un\ ?(confirmed|verified|activated)
    | not\ (yet\ )?(confirmed|verified|activated)
    | await\w* | validating
    | waiting | invited | upcoming | ausstehend\w* | unbestatigt\w* | wartend\w*
    | (noch\ )?nicht\ (bestatigt|verifiziert)\w* | en\ attente | non\ (confirme|verifie|valide)\w*
    | a\ confirmer | pendientes? | (no|sin)\ (confirma|verifica)\w* | قيد\ \w+ | (ال)?معلق\w*
    | غير\ (مؤكد|مفعل)\w* | في\ الانتظار"""
_CONFIRMED = r"""confirmed | (re)?subscribed | active | activated | enabled | verified
    | opt(ed)?\ ?in | mailable | granted | express | explicit | implied
    | agreed | accepted | ok | okay | valid | deliverable
    | aktiv\w* | abonniert | angemeldet | bestatigt | eingetragen | freigeschaltet
    | actifs? | actives? | abonnee?s?(\ e)? | inscrite?s?(\ e)? | confirmee?s? | validee?s?
    | activ[oa]s? | suscri(p?t)[oa]s? | confirmad[oa]s? | (de\ )?alta
    | iscritt[oaie] | attiv[oaie] | confermat[oaie] | inscrit[oa]s? | ativ[oa]s?
    | ingeschreven | aangemeld | actief | bevestigd | подписан[аы]? | активен | 購読中 | 登録済み?
    | (ال)?مشترك\w* | (ال)?نشط\w* | (ال)?مؤكد\w* | (ال)?مفعل\w* | (ال)?فعال\w*"""
#: Kinds of subscribers, which some programs write in the place of `confirmed`.
_KINDS = r"""regular | premium | paid | free | gift(ed)? | comp(ed)? | trial(ed|ing)?
    | past\ due | churning"""
#: Words beside a state that do not change it.
_BESIDE = re.compile(
    r"\b(e ?mail|mail|hard|user|member|contact|subscriber|manual(ly)?|permanent(ly)?"
    r"|global(ly)?|list[ae]?|the|is|by|admin)\b"
)
#: The day that may follow an ending.
_WHEN = re.compile(r"\b(on|at|since|am|seit|le|depuis|el|desde|\d+)\b")

TRUE = frozenset(
    {"true", "t", "yes", "y", "1", "x", "on", "checked", "ja", "wahr", "oui", "vrai", "si"}
    | {"verdadero", "نعم", "صحيح"}
)
FALSE = frozenset(
    {"false", "f", "no", "n", "0", "off", "never", "none", "null", "nil", "nan", "na", "unchecked"}
    | {"nein", "nie", "falsch", "non", "faux", "jamais", "falso", "nunca", "ninguno", "لا", "خطا"}
)
_NOTHING = re.compile(r"n a|0[0 ]*")
_TICKS = {
    "✓": "yes",
    "✔": "yes",
    "☑": "yes",
    "✅": "yes",
    "✗": "no",
    "✘": "no",
    "❌": "no",
    "☐": "no",
}


def _compile(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b({words})(?!\w)", re.VERBOSE)


#: The pattern of each state, in the order in which a cell is compared with them.
PATTERNS = {
    State.COMPLAINED: _compile(_COMPLAINED),
    State.PENDING: _compile(_PENDING),
    State.BOUNCED: _compile(_BOUNCED),
    State.LEFT: _compile(_LEFT),
}
_WHOLE_CONFIRMED = _compile(_CONFIRMED)
_WHOLE_KIND = _compile(_KINDS)
_WHOLE_PLAIN_ENDING = _compile(_PLAIN_ENDINGS)
_CERTAIN_ENDING = _compile(_CERTAIN)


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return text in lower case, without accents, with single spaces between its words."""
    marked = _TICKS.get(text.strip(), text)
    plain = unicodedata.normalize("NFKD", marked.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c) and c != "ـ")
    # Egyptian writers leave out the dots of this letter.
    letters = letters.replace("ى", "ي")
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())


def is_true(word: str) -> bool:
    """Whether a folded cell is a yes."""
    return word in TRUE


def is_false(word: str) -> bool:
    """Whether a folded cell is a no; databases also write a date of zeros."""
    return word in FALSE or _NOTHING.fullmatch(word) is not None


@lru_cache(maxsize=8192)
def state_of(word: str) -> State | None:
    """Return the state that a folded cell names; None if the words are not known."""
    if _is_whole(_WHOLE_CONFIRMED, word) or _is_whole(_WHOLE_KIND, word):
        return State.CONFIRMED
    return next((state for state, pattern in PATTERNS.items() if pattern.search(word)), None)


def is_state_word(word: str) -> bool:
    """Whether a folded cell consists of the words of a state, in a column of any meaning."""
    return any(_is_whole(each, word) for each in (_WHOLE_CONFIRMED, *PATTERNS.values()))


def is_plain_ending(word: str) -> bool:
    """Whether a folded cell says that a person left, in a column of any meaning."""
    is_whole = _is_whole(_WHOLE_PLAIN_ENDING, _WHEN.sub(" ", word))
    return is_whole or _CERTAIN_ENDING.search(word) is not None


def _is_whole(pattern: re.Pattern[str], word: str) -> bool:
    alone = " ".join(_BESIDE.sub(" ", word).split())
    return bool(pattern.fullmatch(word.strip()) or pattern.fullmatch(alone))
