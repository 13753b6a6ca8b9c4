"""AES in CBC mode, for archives of others. What we seal ourselves is `Secrets`."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def aes_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Decrypt whole blocks; nothing is padded, nothing is authenticated. Raises: ValueError for odd lengths."""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(data) + decryptor.finalize()
