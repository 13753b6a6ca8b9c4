"""Secrets at rest: authenticated encryption with a key that is kept outside the database."""

import os
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from polycast.core.secrets.keys import Key, Keys

VERSION: Final = b"\x01"
ID_BYTES: Final = 4
NONCE_BYTES: Final = 12
_HEAD: Final = len(VERSION) + ID_BYTES


class Unsealable(Exception):
    """A sealed value that none of our keys opens: damaged, moved to another place, or from another installation."""


class Secrets:
    """Seals what must be stored and read again: provider passwords, tokens of other servers.

    A sealed value is version (1 byte), key id (4), nonce (12), AES-256-GCM text and tag (16). What stands before the
    nonce and `context` are authenticated too.
    """

    def __init__(self, keys: Keys, *, opened: Callable[[str], None] = lambda plain: None) -> None:
        self._keys = keys
        self._opened = opened  # told each secret that is in use from now on: the log hides it

    def seal(self, plain: str, *, context: str = "") -> bytes:
        """Encrypt `plain`. A `context` ("live.account:12") ties the value to its place: it opens only with the same."""
        key = self._keys.seal[0]
        head = VERSION + bytes.fromhex(key.id)
        nonce = os.urandom(NONCE_BYTES)
        return head + nonce + AESGCM(key.secret).encrypt(nonce, plain.encode(), head + context.encode())

    def open(self, sealed: bytes, *, context: str = "") -> str:
        """Decrypt what `seal` made.

        Raises: Unsealable.
        """
        key = self._key_of(sealed)
        nonce, text = sealed[_HEAD : _HEAD + NONCE_BYTES], sealed[_HEAD + NONCE_BYTES :]
        try:
            plain = AESGCM(key.secret).decrypt(nonce, text, sealed[:_HEAD] + context.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Unsealable("A stored secret cannot be opened; it has to be entered again.") from error
        self._opened(plain)
        return plain

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed with the newest key; if not, seal it again when the row is next written."""
        return sealed[1:_HEAD].hex() == self._keys.seal[0].id

    def _key_of(self, sealed: bytes) -> Key:
        if sealed[:1] != VERSION:
            raise Unsealable("A stored secret has a form that this version does not know.")
        wanted = sealed[1:_HEAD].hex()
        for attempt in range(2):
            for key in self._keys.seal:
                if key.id == wanted:
                    return key
            if attempt == 0:
                self._keys.reload()  # another process may have rotated
        raise Unsealable("A stored secret was sealed with a key that is not here.")
