"""The offsets of time zone abbreviations.

From the names in the IANA time zone database since 1995, and those it dropped in 2017 because few
people use them, as in Wikipedia's "List of time zone abbreviations". An abbreviation with several
meanings gives an offset only with evidence: another date of the same document with its offset.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta

#: Hours east of UTC of names with one meaning.
_ONE: dict[float, str] = {
    -11: "NUT",
    -10: "HST HAST CKT TAHT",
    -9.5: "MART",
    -9: "AKST HDT HADT GAMT",
    -8: "PST AKDT",
    -7: "MST PDT",
    -6: "CST MDT GALT",
    -5: "EST CDT COT PET",
    -4: "EDT BOT CLT FKT GYT",
    -3.5: "NST",
    -3: "ADT BRT ART CLST UYT GFT SRT ROTT PYST FKST",
    -2.5: "NDT",
    -2: "BRST FNT UYST PMDT",
    -1: "AZOT CVT EGT",
    0: "Z UT UTC GMT WET AZOST EGST",
    1: "BST WEST CET MEZ MET WAT",
    2: "CEST MEST MESZ EET CAT SAST WAST CEDT",
    3: "EEST EAT MSK FET TRT IDT",
    3.5: "IRST",
    4: "MSD AZT GET SCT MUT RET SAMT",
    4.5: "IRDT AFT",
    5: "PKT UZT TJT TMT MVT AZST",
    5.75: "NPT",
    6: "BTT KGT PKST",
    6.5: "MMT",
    7: "ICT WIB HOVT",
    8: "HKT SGT MYT PHT WITA AWST ULAT BNT",
    8.75: "ACWST",
    9: "JST KST WIT AWDT TLT",
    9.5: "ACST",
    10: "AEST CHST PGT CHUT",
    10.5: "ACDT",
    11: "AEDT SBT VUT NCT PONT",
    12: "NZST FJT TVT WFT GILT MHT",
    12.75: "CHAST",
    13: "NZDT FJST PHOT TOT TKT",
    13.75: "CHADT",
    14: "LINT",
}
#: Hours east of UTC of names with several; those in both tables have the first without evidence.
_SEVERAL: dict[str, tuple[float, ...]] = {
    "IST": (5.5, 2, 1),
    "AST": (-4, 3),
    "CST": (-6, 8, -5),
    "CDT": (-5, 9, -4),
    "EST": (-5, 10),
    "EDT": (-4, 11),
    "BST": (1, 6, 11),
    "PST": (-8, 8),
    "MST": (-7, 8, 6.5),
    "GST": (4, 10, -2),
    "SST": (-11, 8),
    "WST": (8, 13, 1),
    "AMT": (-4, 4),
    "AMST": (-3, 5),
    "ADT": (-3, 4),
    "ECT": (-5, -4, -6),
    "VET": (-4, -4.5),
    "PYT": (-4, -3),
    "BDT": (6, 8),
    "LKT": (5.5, 6),
    "ALMT": (5, 6),
    "MSK": (3, 4),
    "WGT": (-3, -2),
    "WGST": (-2, -1),
    "YEKT": (5, 6),
    "OMST": (6, 7),
    "NOVT": (7, 6),
    "KRAT": (7, 8),
    "IRKT": (8, 9),
    "YAKT": (9, 10),
    "VLAT": (10, 11),
    "MAGT": (11, 10, 12),
    "SAKT": (11, 10),
    "PETT": (12, 11),
    "KST": (9, 8.5),
}
_OFFSETS = {name: timedelta(hours=hours) for hours, names in _ONE.items() for name in names.split()}


def offset_of(name: str, proved: Set[timedelta]) -> timedelta | None:
    """Return the offset east of UTC of an abbreviation; None if it is unknown or ambiguous.

    Args:
        name: in capital letters.
        proved: the offsets that other dates of the same document give as numbers.
    """
    possible = {timedelta(hours=hours) for hours in _SEVERAL.get(name, ())} & proved
    return possible.pop() if len(possible) == 1 else _OFFSETS.get(name)
