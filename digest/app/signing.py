"""Loads the DKIM keys of the configuration; needs the extra `dkim`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from digest.config import Config, DkimConfig
from digest.errors import ConfigError
from digest.letter.printing.sign import DkimAlgorithm, DkimKey, DkimSigner

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

#: Bits of the smallest RSA key (RFC 8301 section 3.2 advises them).
MIN_RSA_BITS = 2048


def signer_of(config: Config) -> DkimSigner:
    """Return what signs all mails with the configured keys.

    Raises:
        ConfigError: a key cannot be used, or the extra is not installed; lists all faults.
    """
    return signer_of_keys(*config.dkim)


def signer_of_keys(*configured: DkimConfig) -> DkimSigner:
    """Return what signs mails with these keys; see `signer_of`."""
    keys, faults = [], []
    for each in configured:
        try:
            keys.append(_load(each))
        except ImportError as error:
            raise ConfigError(
                ("[[dkim]]: signing needs cryptography: pip install inbox-digest[dkim]",)
            ) from error
        except ValueError as error:
            faults.append(f"[[dkim]] {each.name}: {each.key_place} {error}")
    if faults:
        raise ConfigError(tuple(faults))
    return DkimSigner(tuple(keys))


def _load(each: DkimConfig) -> DkimKey:
    """Return a key; its algorithm is that of the PEM text.

    Raises:
        ImportError: the extra is not installed.
        ValueError: the text is not such a key, or the key is too short.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = each.private_key.get_secret_value().encode()
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("must be a private key in PEM form, without a password") from error
    if isinstance(key, Ed25519PrivateKey):
        algorithm, sign = DkimAlgorithm.ED25519, _ed25519(key)
    elif not isinstance(key, RSAPrivateKey):
        raise ValueError("must be an RSA key or an Ed25519 key")
    elif key.key_size < MIN_RSA_BITS:
        raise ValueError(f"has only {key.key_size} bits; make an RSA key of {MIN_RSA_BITS}")
    else:
        algorithm, sign = DkimAlgorithm.RSA, _rsa(key)
    return DkimKey(domain=each.domain, selector=each.selector, algorithm=algorithm, sign=sign)


def _rsa(key: RSAPrivateKey) -> Callable[[bytes], bytes]:
    """Return RSASSA-PKCS1-v1_5 with SHA-256: the same bytes always give the same signature."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    padding, algorithm = PKCS1v15(), SHA256()
    return lambda signed: key.sign(signed, padding, algorithm)


def _ed25519(key: Ed25519PrivateKey) -> Callable[[bytes], bytes]:
    """Return Ed25519 over the SHA-256 of the bytes (RFC 8463 section 3)."""
    return lambda signed: key.sign(hashlib.sha256(signed).digest())
