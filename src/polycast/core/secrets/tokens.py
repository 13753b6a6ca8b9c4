"""Random secrets, their stored form, signatures and comparison: nowhere else are these made."""

import base64
import binascii
import hashlib
import hmac
import secrets
import string
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from polycast.core.clock import Clock
from polycast.core.secrets.keys import Keys

LEEWAY: Final = timedelta(seconds=60)  # clocks of nodes differ, and a clock may be set (security.md 4.2)
_CODE_ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without I, L, O, 0 and 1
_LETTERS: Final = string.ascii_letters + string.digits
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAC_BYTES: Final = 32


class TokenForm(StrEnum):
    """How a new secret is written; clients of some APIs expect a shape."""

    URLSAFE = "urlsafe"  # 43 characters, 256 bit
    HEX = "hex"  # 64 characters, 256 bit
    LETTERS = "letters"  # 32 of A-Za-z0-9, 190 bit: the session token of better-auth
    DOTTED = "dotted"  # 8, a dot, 32 of A-Za-z0-9, 238 bit: the API key of Streaming.Center


class BadSignature(Exception):
    """A signed text that was not made here, not for this purpose, or is too old."""


class Tokens:
    """Makes, stores and judges secrets that are handed out."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._key = keys.sign.secret
        self._clock = clock

    def new(self, form: TokenForm = TokenForm.URLSAFE) -> str:
        """A new random secret."""
        match form:
            case TokenForm.URLSAFE:
                return secrets.token_urlsafe(32)
            case TokenForm.HEX:
                return secrets.token_hex(32)
            case TokenForm.LETTERS:
                return _letters(32)
            case TokenForm.DOTTED:
                return f"{_letters(8)}.{_letters(32)}"

    def hash(self, token: str) -> bytes:
        """What is stored of a random secret: SHA-256. Enough for 190 bits and more, never for a chosen password."""
        return hashlib.sha256(token.encode()).digest()

    def same(self, left: str | bytes, right: str | bytes) -> bool:
        """Compare by value in constant time."""
        return hmac.compare_digest(_bytes(left), _bytes(right))

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, always the same on this installation."""
        return hmac.digest(self._key, b"derive\0" + purpose.encode(), "sha256")

    def mac(self, data: str | bytes, *, purpose: str) -> bytes:
        """The bare signature, 32 bytes, for texts whose shape a client dictates."""
        return hmac.digest(self.derive(purpose), _bytes(data), "sha256")

    def code(self, purpose: str) -> str:
        """A code for people, `XXXX-XXXX-XXXX`, always the same for `purpose` on this installation (59 bit)."""
        digest = int.from_bytes(self.mac("code", purpose=purpose))
        letters = []
        for _ in range(12):
            digest, index = divmod(digest, len(_CODE_ALPHABET))
            letters.append(_CODE_ALPHABET[index])
        text = "".join(letters)
        return f"{text[:4]}-{text[4:8]}-{text[8:]}"

    def sign(self, data: str, *, purpose: str, life: timedelta) -> str:
        """`data` with an end and a signature, in characters that need no escaping in a URL. `data` stays readable."""
        ends = (self._clock.now() + life - _EPOCH) // timedelta(microseconds=1)
        body = ends.to_bytes(8) + data.encode()
        return _encode(body + self.mac(body, purpose=purpose))

    def verify(self, text: str, *, purpose: str) -> str:
        """The `data` that was signed.

        Raises: BadSignature.
        """
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadSignature("not a signed text") from error
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(body) < 8 or not self.same(mac, self.mac(body, purpose=purpose)):
            raise BadSignature("not signed here, or not for this")
        if _encode(raw) != text:  # unused bits of the last character: one token has one spelling
            raise BadSignature("not a signed text")
        if _EPOCH + timedelta(microseconds=int.from_bytes(body[:8])) + LEEWAY <= self._clock.now():
            raise BadSignature("too old")
        return body[8:].decode()


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
