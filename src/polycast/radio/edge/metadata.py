"""Titles on their way to players, and on their way in from encoders."""

import unicodedata
from typing import Final

from polycast.core.errors import Invalid

LONGEST: Final = 255 * 16  # bytes of a block without its length
LONGEST_TEXT: Final = 1000  # characters that are kept of a title
NOTHING_NEW: Final = b"\0"


def block(text: str, url: str = "") -> bytes:
    """A metadata block with its length byte. A title too long is cut between characters; the address is dropped first.

    Source: SHOUTcast v1; a quote inside the value is legal, the value ends at `';`.
    """
    told = text.replace("';", "' ;")
    value = f"StreamTitle='{told}';".encode()
    if url and len(value) + len(url) + 13 <= LONGEST:
        value += f"StreamUrl='{url}';".encode()
    if len(value) > LONGEST:
        room = LONGEST - len(b"StreamTitle='';")
        cut = told.encode()[:room].decode("utf-8", "ignore")
        value = f"StreamTitle='{cut}';".encode()
    count = -(-len(value) // 16)
    return bytes([count]) + value.ljust(count * 16, b"\0")


def cleaned(text: str) -> str:
    """A title as it may be shown: one line, NFC, bounded."""
    plain = "".join(one if unicodedata.category(one) != "Cc" else " " for one in text)
    return unicodedata.normalize("NFC", " ".join(plain.split()))[:LONGEST_TEXT]


def decoded(raw: bytes, charset: str = "") -> str:
    """Text of an encoder: UTF-8 where it is valid, else the DJ's charset, else windows-1252."""
    for name in ("utf-8", charset, "windows-1252"):
        if name:
            try:
                return raw.decode(name)
            except (UnicodeDecodeError, LookupError):
                continue
    return raw.decode("latin-1")


def in_header(text: str) -> str:
    """Text for the value of a header. Raises: Invalid for what would break out of it."""
    if any(one in text for one in "\r\n\0"):
        raise Invalid.one("header", "control_character")
    return text
