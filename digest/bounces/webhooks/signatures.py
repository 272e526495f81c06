"""Checks signatures with public keys. `cryptography` is the extra `bounces`, loaded when needed."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from digest.bounces.webhooks.request import HookRefused


def decode_base64(text: str) -> bytes:
    """Return the octets of Base64.

    Raises:
        HookRefused: it is none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise HookRefused("the signature is not Base64") from error


def check_ecdsa(public_key: str, signature: bytes, content: bytes) -> None:
    """Check an ECDSA signature with SHA-256 on the curve P-256.

    Args:
        public_key: the key as the provider shows it: Base64 of its DER form.
        signature: the signature, in DER form.
        content: the signed octets.

    Raises:
        HookRefused: it is not of this key and content.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(decode_base64(public_key))
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise HookRefused("public_key is not a key for ECDSA")
        key.verify(signature, content, ec.ECDSA(SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise HookRefused("the signature is not valid") from error


def check_rsa(
    certificate: bytes, signature: bytes, content: bytes, *, is_sha1: bool, now: datetime
) -> None:
    """Check an RSA signature (PKCS #1 v1.5) with the key of a certificate.

    Args:
        certificate: the certificate in PEM form.
        signature: the signature.
        content: the signed octets.
        is_sha1: whether the hash is SHA-1; else it is SHA-256.
        now: the time, at which the certificate must be valid.

    Raises:
        HookRefused: it is not of this certificate and content.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.x509 import load_pem_x509_certificate

    try:
        loaded = load_pem_x509_certificate(certificate)
        key = loaded.public_key()
        if not loaded.not_valid_before_utc <= now <= loaded.not_valid_after_utc:
            raise HookRefused("the certificate is not valid now")
        if not isinstance(key, rsa.RSAPublicKey):
            raise HookRefused("the certificate has no RSA key")
        # Amazon still signs with SHA-1 unless a topic asks for SignatureVersion 2.
        algorithm = hashes.SHA1() if is_sha1 else hashes.SHA256()  # noqa: S303
        key.verify(signature, content, padding.PKCS1v15(), algorithm)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise HookRefused("the signature is not valid") from error
