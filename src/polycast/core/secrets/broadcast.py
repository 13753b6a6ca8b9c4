"""Clear-key encryption of broadcasts, which hides nothing: the key comes beside the programme."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK_BYTES = 16


def unlocked_cbc(content: bytes, *, key: bytes, iv: bytes) -> bytes | None:
    """An HLS segment of METHOD=AES-128 in plain (RFC 8216, 4.3.2.4); None when the sizes do not fit."""
    if len(key) != BLOCK_BYTES or len(iv) != BLOCK_BYTES or not content or len(content) % BLOCK_BYTES:
        return None
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    plain = decryptor.update(content) + decryptor.finalize()
    return plain[: -plain[-1]] if 1 <= plain[-1] <= BLOCK_BYTES else plain
