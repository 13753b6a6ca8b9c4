"""Signatures with a secret that somebody else knows too: webhooks."""

import hmac


def signature(secret: str | bytes, data: bytes) -> bytes:
    """HMAC-SHA256, 32 bytes."""
    return hmac.digest(secret.encode() if isinstance(secret, str) else secret, data, "sha256")


def is_signature(secret: str | bytes, data: bytes, given: bytes) -> bool:
    """Whether `given` is the signature; takes as long for a nearly right one as for any other."""
    return hmac.compare_digest(signature(secret, data), given)
