"""Keys made from the password of an archive: slow on purpose, so each is made once for a set of volumes."""

from hashlib import pbkdf2_hmac, sha1, sha256
from typing import Final

from polycast.acquire.archives.model import Unmappable, Why

ROUNDS: Final = 0x4000
LOG_MOST: Final = 24  # 2^24 rounds; RAR and 7z themselves allow little more


class Keys:
    """Of one password, for the length of a mapping."""

    def __init__(self, password: str) -> None:
        self.password = password
        self._rar4: dict[bytes, tuple[bytes, bytes]] = {}
        self._rar5: dict[tuple[bytes, int, bytes], bytes] = {}
        self._seven: dict[tuple[bytes, int], bytes] = {}

    def require(self) -> None:
        """Raises: Unmappable without a password."""
        if not self.password:
            raise Unmappable(Why.ENCRYPTED, "The archive needs a password.")

    def rar4(self, salt: bytes) -> tuple[bytes, bytes]:
        """Key and start value: 262,144 rounds of SHA-1. Raises: Unmappable."""
        self.require()
        if salt not in self._rar4:
            self._rar4[salt] = _rar4(self.password, salt)
        return self._rar4[salt]

    def rar5(self, salt: bytes, log_rounds: int, check: bytes) -> bytes:
        """The key; the password is tried against `check`, when there is one and it is whole. Raises: Unmappable."""
        self.require()
        known = (salt, log_rounds, check)
        if known not in self._rar5:
            self._rar5[known] = _rar5(self.password, salt, log_rounds, check)
        return self._rar5[known]

    def seven_zip(self, salt: bytes, log_rounds: int) -> bytes:
        """SHA-256 over password and counter, 2^n times. Raises: Unmappable."""
        self.require()
        known = (salt, log_rounds)
        if known not in self._seven:
            self._seven[known] = _seven_zip(self.password, salt, log_rounds)
        return self._seven[known]


def _rar4(password: str, salt: bytes) -> tuple[bytes, bytes]:
    seed = password.encode("utf-16-le") + salt
    digest = sha1(usedforsecurity=False)
    iv = bytearray()
    for part in range(16):
        first = part * ROUNDS
        digest.update(seed + first.to_bytes(3, "little"))
        iv.append(digest.digest()[19])
        digest.update(b"".join(seed + count.to_bytes(3, "little") for count in range(first + 1, first + ROUNDS)))
    words = digest.digest()[:16]
    return b"".join(words[at : at + 4][::-1] for at in range(0, 16, 4)), bytes(iv)


def _rar5(password: str, salt: bytes, log_rounds: int, check: bytes) -> bytes:
    _require_rounds(log_rounds)
    secret = password.encode()
    if check and sha256(check[:8]).digest()[:4] == check[8:]:
        folded = bytearray(8)
        for at, byte in enumerate(pbkdf2_hmac("sha256", secret, salt, (1 << log_rounds) + 32)):
            folded[at % 8] ^= byte
        if bytes(folded) != check[:8]:
            raise Unmappable(Why.BAD_PASSWORD, "The password of the archive is wrong.")
    return pbkdf2_hmac("sha256", secret, salt, 1 << log_rounds)


def _seven_zip(password: str, salt: bytes, log_rounds: int) -> bytes:
    seed = salt + password.encode("utf-16-le")
    if log_rounds == 0x3F:  # no rounds at all
        return (seed + bytes(32))[:32]
    _require_rounds(log_rounds)
    digest = sha256()
    for first in range(0, 1 << log_rounds, 4096):
        last = min(first + 4096, 1 << log_rounds)
        digest.update(b"".join(seed + count.to_bytes(8, "little") for count in range(first, last)))
    return digest.digest()


def _require_rounds(log_rounds: int) -> None:
    if log_rounds > LOG_MOST:
        raise Unmappable(Why.DAMAGED, "The archive is damaged.")
