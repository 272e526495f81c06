"""A migration that has landed is never edited: databases were upgraded by it as it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import digest.store

_VERSIONS = Path(digest.store.__file__).parent / "migrations" / "versions"
#: The SHA-256 of each landed migration. A new one is added when it is released.
LANDED = {
    "0001_the_first_schema.py": (
        "d2f7c56f97ac2e7495fe966fca5765ba8b2936b17598de51bfcbe9101165836a"
    ),
    "0002_readers_of_any_feed.py": (
        "c5701a1bfb7d218efb55b38eb0168cebe67bf5ebd982a00c3588cd8d1d739c10"
    ),
    "0003_letters_in_every_language.py": (
        "0ffd19b0aa9da5b94c97872e3a6e764566b118a542744df0d333c366454ad9cf"
    ),
    "0004_who_changed_what.py": (
        "5aff2ca5094e60dc0e43206b41ef29fc657561ed31cd876d181669c48382863c"
    ),
    "0005_known_days_of_joining.py": (
        "d67a355da4f9dfd2babcabe9eeffee1b40440b7b50cb20334a4cc726be7abd85"
    ),
    "0006_what_a_relay_refused.py": (
        "183839c76455a9040ff8afe99b8a4b822c40ebf2324c4dedc3d32ffa87efb159"
    ),
    "0007_editions_beside_the_calendar.py": (
        "2d6915d10f8fb9d1fe77efdc8c33da5110a96a230b513668193401a16a71a001"
    ),
    "0008_whose_copy_is_this.py": (
        "4797e04dcaeb62da0f7edf8898091a951f950f2584b0bdcd1348e448d849964f"
    ),
    "0009_late_posts_and_gaps.py": (
        "2d5bccde997addc3c5e261fd1280ca78b29d32abb7748e5676db3f4ce36290d4"
    ),
    "0010_mails_to_one_subscriber.py": (
        "15ee8a84287ef331ddf45ce036c729b96279d5b8d9c62d7f1953f2ca79b92494"
    ),
    "0011_fields_and_sources.py": (
        "e717f63eb924674e116b1d2f86bd7a9152391e22ce4c553154099bb75d01cc23"
    ),
    "0012_answers_to_polls.py": (
        "acb9aa9635dfd20b6e1435ca4f24512d6dcbdf60c12da74c3ea28170011467f0"
    ),
    "0013_sign_ups.py": ("1b2bf35de64c90895943976c2631251a7be90246c49e413fe51588dcd2ad1ca6"),
    "0014_changes_of_address.py": (
        "9a7069deb19e608bbf562862d967ba39bdfbf3880e465fb3308ea5e92dc17aa8"
    ),
    "0015_why_people_left.py": ("d3e1738438afc9f6eabf7151372dd69522ecd513b7807e9b84c0b5e1c9ef01a6"),
    "0016_bounces.py": ("8f46622f778de4dcfba7a57b5fffaf94b91860cf52e326ac45364eddeed97dcf"),
    "0017_open_deliveries_by_hour.py": (
        "3e060bdd25c668d75a37596cd268b87705d521024a847df0372ed48d7145eadf"
    ),
    "0018_workers.py": ("1bdb33d639b3785d5df1470053df50b1465e1561eb001b545cca50e311fb9d60"),
    "0019_frozen_links.py": ("4735efa4e27297bcc23ef7f96cafca5c8ba1fa1361dec898ad878ebe38c3edbc"),
    "0020_bounces_of_notes.py": (
        "df72d780c59fb709fb8fe57169e9a8815ef7634d2724f75f0a62a54ebf78e248"
    ),
    "0021_limits_of_relays.py": (
        "ddf9000faf49428b0f825141642db18d7cf26ebeb77293835b30823693b0a633"
    ),
    "0022_refusals_in_the_session.py": (
        "4ecc684f6b51bf0309ff1fe582c97a5e4b51b47298dba9ea086410ebbce6de6b"
    ),
    "0023_admins.py": ("7c5447b5824e5f1444a964dfb6b9c7bc04dbf690a71bbfd2ed90e9f33608950a"),
    "0024_changes_by_editors.py": (
        "b152cc2e45663f7938207344b67afba8efa93047f15af339d806007d542aaa1a"
    ),
    "0025_examinations.py": ("cc50feb0b804cd7b090fed006aa2a5576a567136a744c2e4dc3899a649ba6e63"),
    "0026_what_was_sent_and_who_is_told.py": (
        "96c49f4a286b68f2b9c8bd894e64646478ab62a8b6469e6f23504fc3ddbd38ed"
    ),
    "0027_counts_and_imports.py": (
        "0fafb2840d83cc133b16dbf10acac5f3f13325527022c25f52ab9975e1535f12"
    ),
    "0028_moderated_comments.py": (
        "192aee774d10be41f14f63fd7f29df3cd8bb62d41a7958cb69e98459f8c02f2c"
    ),
    "0030_api_tokens.py": ("1b08ddefaef6e78d57ad35c39962ed30beb9482130389cbb0529ebe5b7b7b5ee"),
    "0031_conditions_of_deliveries.py": (
        "1acacd6a7826676cee1bd5bd4068392f42f6658ec1aee35bb22db1b6071122c4"
    ),
    "0032_accepted_audiences_and_deferred_mails.py": (
        "062d7455cd2614ce94e552d0f8807a91e2f1da4a5be83aff5adbe54dd897b7a0"
    ),
    "0033_open_deliveries_by_worker.py": (
        "8f0b332b133ace870adca8c07eddf03c5d0325fe221227d5af24c64f109f2df7"
    ),
    "0034_mails_read_over_pop.py": (
        "df8ab4cebaa6461d24ed3e3550f14a54897dd7e6d0abf95a1de3e0a0ae11ea01"
    ),
}


def test_landed_migrations_are_as_they_landed() -> None:
    found = {name: hashlib.sha256((_VERSIONS / name).read_bytes()).hexdigest() for name in LANDED}
    assert found == LANDED


def test_every_migration_before_the_newest_has_landed() -> None:
    names = sorted(path.name for path in _VERSIONS.glob("0*.py"))
    assert names[: len(LANDED)] == sorted(LANDED)
