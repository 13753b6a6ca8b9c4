"""Makes stored RAR archives in several volumes, as posts hold them: format 4 and 5, plain, enciphered, headers too.

Written from RARLAB's descriptions of both formats; the plain ones are read back by libarchive in the tests.
"""

import os
from binascii import crc32
from collections.abc import Sequence
from hashlib import pbkdf2_hmac, sha1, sha256

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

LOG_ROUNDS = 6  # of key making: as few as may be, tests are in a hurry


def encipher(key: bytes, iv: bytes, data: bytes) -> bytes:
    maker = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    data = data + bytes(-len(data) % 16)
    return maker.update(data) + maker.finalize()


def vint(value: int) -> bytes:
    made = bytearray()
    while True:
        made.append(value & 0x7F | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(made)


def rar5(
    members: Sequence[tuple[str, bytes]],
    *,
    volume_bytes: int = 0,
    password: str = "",
    seals_headers: bool = False,
    method: int = 0,
) -> list[bytes]:
    """The volumes; `volume_bytes` of content each, 0 for one volume."""
    salt, head_salt = os.urandom(16), os.urandom(16)
    key = pbkdf2_hmac("sha256", password.encode(), salt, 1 << LOG_ROUNDS)
    head_key = pbkdf2_hmac("sha256", password.encode(), head_salt, 1 << LOG_ROUNDS)

    def block(body: bytes) -> bytes:
        body = vint(len(body)) + body
        made = crc32(body).to_bytes(4, "little") + body
        if not seals_headers:
            return made
        iv = os.urandom(16)
        return iv + encipher(head_key, iv, made)

    def open_block(body: bytes) -> bytes:
        body = vint(len(body)) + body
        return crc32(body).to_bytes(4, "little") + body

    def check(own_salt: bytes) -> bytes:
        folded = bytearray(8)
        for at, byte in enumerate(pbkdf2_hmac("sha256", password.encode(), own_salt, (1 << LOG_ROUNDS) + 32)):
            folded[at % 8] ^= byte
        return bytes(folded) + sha256(bytes(folded)).digest()[:4]

    def started(number: int, many: bool) -> bytearray:
        made = bytearray(bytes.fromhex("526172211a070100"))
        if seals_headers:
            made += open_block(
                vint(4) + vint(0) + vint(0) + vint(1) + bytes([LOG_ROUNDS]) + head_salt + check(head_salt)
            )
        flags = (1 if many else 0) | (2 if number else 0)
        made += block(vint(1) + vint(0) + vint(flags) + (vint(number) if number else b""))
        return made

    volumes: list[bytes] = []
    total = sum(len(data) for _, data in members)
    many = bool(volume_bytes) and total > volume_bytes
    room = volume_bytes or total + 1
    volume = started(0, many)
    left = room
    for name, data in members:
        iv = os.urandom(16)
        content = encipher(key, iv, data) if password else data
        at = 0
        while True:
            piece = content[at : at + left]
            goes_on = at + len(piece) < len(content)
            extra = b""
            if password:
                record = vint(1) + vint(0) + vint(1) + bytes([LOG_ROUNDS]) + salt + iv + check(salt)
                extra = vint(len(record)) + record
            flags = 2 | (1 if extra else 0) | (8 if at else 0) | (0x10 if goes_on else 0)
            raw = name.encode()
            body = vint(2) + vint(flags) + (vint(len(extra)) if extra else b"") + vint(len(piece))
            body += vint(4) + vint(len(data)) + vint(0o644) + crc32(data).to_bytes(4, "little")
            body += vint(method << 7) + vint(1) + vint(len(raw)) + raw + extra
            volume += block(body) + piece
            at, left = at + len(piece), left - len(piece)
            if not goes_on:
                break
            volumes.append(bytes(volume + block(vint(5) + vint(0) + vint(1))))
            volume, left = started(len(volumes), many), room
        if left <= 0 and (name, data) != members[-1]:
            volumes.append(bytes(volume + block(vint(5) + vint(0) + vint(1))))
            volume, left = started(len(volumes), many), room
    volumes.append(bytes(volume + block(vint(5) + vint(0) + vint(0))))
    return volumes


def rar4(
    members: Sequence[tuple[str, bytes]],
    *,
    volume_bytes: int = 0,
    password: str = "",
    seals_headers: bool = False,
    method: int = 0x30,
) -> list[bytes]:
    """The volumes; `volume_bytes` of content each, 0 for one volume."""
    salt = os.urandom(8)
    key, iv = rar4_key(password, salt) if password else (b"", b"")

    def block(kind: int, flags: int, rest: bytes, *, is_open: bool = False) -> bytes:
        head = bytes([kind]) + flags.to_bytes(2, "little") + (7 + len(rest)).to_bytes(2, "little") + rest
        made = (crc32(head) & 0xFFFF).to_bytes(2, "little") + head
        return made if is_open or not seals_headers else salt + encipher(key, iv, made)

    def started(many: bool, is_first: bool) -> bytearray:
        flags = (1 | 0x10 if many else 0) | (0x100 if many and is_first else 0) | (0x80 if seals_headers else 0)
        return bytearray(bytes.fromhex("526172211a0700") + block(0x73, flags, bytes(6), is_open=True))

    volumes: list[bytes] = []
    total = sum(len(data) for _, data in members)
    many = bool(volume_bytes) and total > volume_bytes
    room = volume_bytes or total + 1
    volume, left = started(many, True), room
    for name, data in members:
        content = encipher(key, iv, data) if password else data
        at = 0
        while True:
            piece = content[at : at + left]
            goes_on = at + len(piece) < len(content)
            flags = 0x8000 | (1 if at else 0) | (2 if goes_on else 0) | (0x404 if password else 0)
            raw = name.encode("cp437")
            rest = len(piece).to_bytes(4, "little") + len(data).to_bytes(4, "little") + b"\x03"
            rest += crc32(data).to_bytes(4, "little") + bytes(4) + b"\x14" + bytes([method])
            rest += (
                len(raw).to_bytes(2, "little") + (0o100644).to_bytes(4, "little") + raw + (salt if password else b"")
            )
            volume += block(0x74, flags, rest) + piece
            at, left = at + len(piece), left - len(piece)
            if not goes_on:
                break
            number = len(volumes)
            volumes.append(bytes(volume + block(0x7B, 0x4009, number.to_bytes(2, "little"))))
            volume, left = started(many, False), room
    number = len(volumes)
    volumes.append(bytes(volume + block(0x7B, 0x4008, number.to_bytes(2, "little"))))
    return volumes


def rar4_key(password: str, salt: bytes) -> tuple[bytes, bytes]:
    """As the description has it: round by round."""
    seed = password.encode("utf-16-le") + salt
    digest, iv = sha1(usedforsecurity=False), bytearray()
    for count in range(0x40000):
        digest.update(seed + count.to_bytes(3, "little"))
        if count % 0x4000 == 0:
            iv.append(digest.digest()[19])
    raw = digest.digest()[:16]
    return b"".join(raw[at : at + 4][::-1] for at in (0, 4, 8, 12)), bytes(iv)
