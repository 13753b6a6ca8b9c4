"""Encryption of a backup with a passphrase: scrypt for the key, AES-256-GCM over pieces of 1 MiB.

Each piece has its number and whether it is the last in its nonce, so that pieces cannot be left out, swapped or cut off
(the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizar, 2015). The key is used for one backup only.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from polycast.core.backups.model import BadBackup, Sealing

PIECE: Final = 1024 * 1024
TAG: Final = 16
N, R, P = 2**17, 8, 1  # OWASP's first choice; 128 MiB for half a second
MOST_N, MOST_R, MOST_P = 2**20, 16, 4  # what a foreign backup may make us spend
SALT_BYTES: Final = 16
WRONG: Final = "The passphrase is wrong, or the backup is damaged."


def new_sealing() -> Sealing:
    return Sealing(salt=os.urandom(SALT_BYTES), n=N, r=R, p=P)


def _key(sealing: Sealing, passphrase: str) -> AESGCM:
    if not (2 <= sealing.n <= MOST_N and 1 <= sealing.r <= MOST_R and 1 <= sealing.p <= MOST_P):
        raise BadBackup("The backup is sealed in a way that this version does not know.")
    try:
        made = Scrypt(salt=sealing.salt, length=32, n=sealing.n, r=sealing.r, p=sealing.p)
    except ValueError as error:
        raise BadBackup("The backup is sealed in a way that this version does not know.") from error
    return AESGCM(made.derive(passphrase.encode()))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


class Sealer:
    """Encrypts what is written to it, in order; `close` writes the last piece."""

    def __init__(self, write: Callable[[bytes], object], sealing: Sealing, passphrase: str) -> None:
        self._write = write
        self._key = _key(sealing, passphrase)
        self._waiting = bytearray()
        self._number = 0

    def write(self, plain: bytes) -> None:
        self._waiting += plain
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), is_last=False)
            del self._waiting[:PIECE]

    def close(self) -> None:
        self._put(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _put(self, plain: bytes, *, is_last: bool) -> None:
        self._write(self._key.encrypt(_nonce(self._number, is_last=is_last), plain, None))
        self._number += 1


def unsealed(sealed: Iterable[bytes], sealing: Sealing, passphrase: str) -> Iterator[bytes]:
    """The plain bytes of what a `Sealer` wrote. Raises: BadBackup, for a wrong passphrase or any change."""
    key = _key(sealing, passphrase)
    number = 0
    waiting = bytearray()
    for part in sealed:
        waiting += part
        while len(waiting) > PIECE + TAG:
            yield _opened(key, bytes(waiting[: PIECE + TAG]), _nonce(number, is_last=False))
            del waiting[: PIECE + TAG]
            number += 1
    yield _opened(key, bytes(waiting), _nonce(number, is_last=True))


def _opened(key: AESGCM, piece: bytes, nonce: bytes) -> bytes:
    try:
        return key.decrypt(nonce, piece, None)
    except (InvalidTag, ValueError) as error:
        raise BadBackup(WRONG, code="wrong_passphrase") from error
