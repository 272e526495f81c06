"""DKIM keys for tests, and the check of a mail's signatures by dkimpy."""

from __future__ import annotations

import base64
from contextlib import suppress
from functools import cache
from typing import Any

import dkim  # type: ignore[import-untyped]  # the library has no types
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pydantic import SecretStr

from digest.app.signing import signer_of_keys
from digest.config import DkimConfig
from digest.letter.printing.sign import DkimSigner

DOMAIN = "lantern-weekly.org"


@cache
def rsa_key(bits: int = 2048) -> RSAPrivateKey:
    """Return an RSA key; it is made once."""
    return generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ed25519_key() -> Ed25519PrivateKey:
    """Return an Ed25519 key; it is made once."""
    return Ed25519PrivateKey.generate()


def pem_of(key: Any) -> str:
    """Return a private key in PEM form."""
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()


def record_of(key: RSAPrivateKey) -> bytes:
    """Return the TXT record of an RSA key."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


class _PublicKey:
    """An Ed25519 key as dkimpy asks it; an error here would need the other library."""

    is_valid = False

    def verify(self, digest: bytes, signature: bytes) -> None:
        """Check a signature."""
        with suppress(InvalidSignature):
            ed25519_key().public_key().verify(signature, digest)
            self.is_valid = True


class _Ed25519Check(dkim.DKIM):  # type: ignore[misc]  # the library has no types
    """dkimpy with the public key from here, because its own way needs another library."""

    def verify_sig(self, sig: Any, include_headers: Any, sig_header: Any, dnsfunc: Any) -> Any:
        """Check one signature."""
        self.pk, self.keysize, self.ktag, self.seqtlsrpt = _PublicKey(), 256, b"ed25519", False
        return self.verify_sig_process(sig, include_headers, sig_header, dnsfunc)


def verify_rsa(content: bytes) -> bool:
    """Return whether dkimpy accepts the first signature as one of `rsa_key()`."""
    return bool(dkim.verify(content, dnsfunc=lambda _name, **_options: record_of(rsa_key())))


def verify_ed25519(content: bytes) -> bool:
    """Return whether the second signature is one of `ed25519_key()` over dkimpy's bytes."""
    check = _Ed25519Check(content)
    try:
        return bool(check.verify(1)) and check.pk.is_valid
    except dkim.DKIMException:
        return False


def sample_signer() -> DkimSigner:
    """Return what signs the sample mails with both keys."""
    signer = signer_of_keys(
        DkimConfig(domain=DOMAIN, selector="ed", private_key=SecretStr(pem_of(ed25519_key()))),
        DkimConfig(domain=DOMAIN, selector="rsa", private_key=SecretStr(pem_of(rsa_key()))),
    )
    assert signer.has_key_for(DOMAIN)
    return signer
