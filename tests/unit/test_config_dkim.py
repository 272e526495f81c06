"""The keys that sign mails, in the configuration."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from pydantic import SecretStr

from digest.app import App
from digest.app.config_file import check
from digest.app.signing import signer_of, signer_of_keys
from digest.config import DkimConfig, load_config
from digest.errors import ConfigError
from digest.letter.note import Note
from tests.support.dkim_keys import ed25519_key, pem_of, rsa_key, verify_rsa
from tests.support.samples import sample_letter

CONFIG = """
[site]
name = "Heritage"
base_url = "https://digest.heritage.example"
postal_address = "1 Hill Road, Anytown"
secret_keys = ["a key that is long enough"]

[[smtp]]
host = "smtp.heritage.example"

[[dkim]]
domain = "Heritage.example"
selector = "s2026"
private_key_file = "dkim.pem"

[[feeds]]
url = "https://heritage.example/security/feed/"
category = "Security"

[[newsletters]]
name = "weekly"
title = "Heritage in your inbox"
from = "Heritage <digest@news.heritage.example>"
categories = ["Security"]
schedule = "Mon 07:00"
"""
SECOND = """
[[newsletters]]
name = "other"
title = "Other"
from = "Other <digest@other.example>"
categories = ["Security"]
schedule = "Mon 07:00"
"""


def write(tmp_path: Path, text: str = CONFIG, *, mode: int = 0o600) -> Path:
    key, config = tmp_path / "dkim.pem", tmp_path / "config.toml"
    key.write_text(pem_of(rsa_key()), "utf-8")
    key.chmod(mode)
    config.write_text(text, "utf-8")
    config.chmod(0o600)
    return config


def problems(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text), {})
    return str(caught.value)


def test_a_key_is_read_from_its_file_beside_the_configuration(tmp_path: Path) -> None:
    config = load_config(write(tmp_path), {})
    (key,) = config.dkim
    assert key.name == "s2026._domainkey.heritage.example"
    assert key.private_key_file == tmp_path / "dkim.pem"
    assert "PRIVATE" not in repr(config)
    assert signer_of(config).has_key_for("news.heritage.example")


def test_a_key_may_come_from_the_environment(tmp_path: Path) -> None:
    text = CONFIG.replace('private_key_file = "dkim.pem"\n', "")
    environment = {"DIGEST_DKIM__PRIVATE_KEY": pem_of(ed25519_key())}
    config = load_config(write(tmp_path, text), environment)
    assert signer_of(config).has_key_for("heritage.example")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('"dkim.pem"', '"none.pem"', "none.pem cannot be read"),
        ('private_key_file = "dkim.pem"', "", "[[dkim]] s2026: needs private_key_file"),
        ('"Heritage.example"', '"other.example"', "no newsletter's `from` is at other.example"),
        ('"Heritage.example"', '"a b.example"', "[[dkim]] s2026: domain: must be a domain"),
        ('"Heritage.example"', '"example"', "[[dkim]] s2026: domain: must be a domain"),
        ('"s2026"', '"a_b;c"', "selector: must be 1 to 63"),
        ("selector", "selektor", "[[dkim]] no. 1: selektor: unknown key"),
        (
            "[[feeds]]",
            '[[dkim]]\ndomain = "heritage.example"\nselector = "s2026"\n'
            'private_key = "x"\n[[feeds]]',
            "[[dkim]] s2026._domainkey.heritage.example: appears twice",
        ),
    ],
)
def test_a_wrong_table_is_reported(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in CONFIG
    assert said in problems(tmp_path, CONFIG.replace(right, wrong, 1))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (rsa_key(1024), "has only 1024 bits; make an RSA key of 2048"),
        (generate_private_key(SECP256R1()), "must be an RSA key or an Ed25519 key"),
        (None, "must be a private key in PEM form, without a password"),
    ],
)
def test_a_key_that_receivers_refuse_is_reported(key: Any, said: str) -> None:
    pem = SecretStr(pem_of(key) if key else "-----BEGIN PUBLIC KEY-----")
    with pytest.raises(ConfigError) as caught:
        signer_of_keys(DkimConfig(domain="a.example", selector="s", private_key=pem))
    assert str(caught.value) == f"[[dkim]] s._domainkey.a.example: private_key: {said}"


def test_config_check_names_keys_that_others_can_read_and_unsigned_newsletters(
    tmp_path: Path,
) -> None:
    found = check(write(tmp_path, CONFIG + SECOND, mode=0o644)).warnings
    assert [line for line in found if "dkim" in line] == [
        f"{tmp_path / 'dkim.pem'}: a private key that other users can read;"
        f" run `chmod 600 {tmp_path / 'dkim.pem'}`",
        "[[newsletters]] other: no key of [[dkim]] is for other.example, so its mails are not"
        " signed here; add one, or let the relay sign them",
    ]
    assert not [line for line in check(write(tmp_path)).warnings if "dkim" in line]


def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path) -> None:
    config = write(tmp_path)
    code = (
        "import sys; from pathlib import Path; sys.modules['cryptography'] = None\n"
        "from digest.app.signing import signer_of\n"
        "from digest.config import load_config\n"
        "try: signer_of(load_config(Path(sys.argv[1]), {}))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code, config], capture_output=True, text=True)
    assert run.stdout == (
        "ConfigError [[dkim]]: signing needs cryptography: pip install inbox-digest[dkim]\n"
    ), run.stderr


def test_samples_notes_and_notices_are_signed_like_editions(tmp_path: Path) -> None:
    app = App(load_config(write(tmp_path, CONFIG.replace("news.heritage", "heritage")), {}))
    newsletter, now = app.newsletter_of(), datetime(2026, 11, 20, tzinfo=UTC)
    pieces = sample_letter().pieces
    note = Note(subject="Hello", heading="Hello", paragraphs=(".",))
    mails = (
        newsletter.note_writer.write(note, "a@example.org", language="en", key="k", date=now),
        app.alerts.notice_writer().write(".\n.late", "a@example.org", key="k", date=now),
        newsletter.writer.sample(pieces, "a@example.org", number="1", now=now),
    )
    for mail in mails:
        assert verify_rsa(mail.content)
        assert b" d=heritage.example;\r\n s=s2026;\r\n" in mail.content
        assert mail.is_dot_free
        assert b"\n." not in mail.content
