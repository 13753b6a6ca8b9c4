"""Bytes of an XML document, as found in the wild, made ready for a strict parser: UTF-8, legal characters, no bare `&`.

Works on a stream in bounded memory; how the stream is cut into pieces changes nothing.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from html.entities import html5
from typing import Final

HEAD_BYTES: Final = 1024  # where the declaration is looked for
_HOLD: Final = 40  # bytes at the end of a piece that may be the start of something longer
_MARKS: Final = re.compile(rb"[&<\]]")
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']""")
_ILLEGAL: Final = bytes(byte for byte in range(32) if byte not in (9, 10, 13))
_TO_SPACES: Final = bytes.maketrans(_ILLEGAL, b" " * len(_ILLEGAL))
_FROM_CP1252: Final = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(128, 256)}
_NONCHARACTERS: Final = re.compile(b"\xef\xbf[\xbe\xbf]")
# An `&` that the parser would stumble over, or may: not a predefined entity nor a common, certainly legal number.
_SUSPECT: Final = re.compile(
    rb"&(?!amp;|lt;|gt;|quot;|apos;|#(?:3[2-9]|[4-9][0-9]|[1-9][0-9]{2,3});|#x[2-9A-Fa-f][0-9A-Fa-f];)"
    rb"(?:([A-Za-z][A-Za-z0-9]{0,31})|#([0-9]{1,9})|#[xX]([0-9A-Fa-f]{1,8}))?(;?)"
)


def encoding_of(head: bytes) -> str:
    """The encoding of a document that starts with `head`, as Python's name for it.

    A byte order mark, then the declaration, then UTF-8. A declared name that we do not know counts for
    nothing; Latin-1 is read as cp1252, as browsers do. Source: XML 1.0, appendix F; declarations as seen in provider guides.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return name
    if head.startswith(b"<\0"):
        return "utf-16-le"
    if head.startswith(b"\0<"):
        return "utf-16-be"
    declared = _DECLARED.match(head)
    if declared is None:
        return "utf-8"
    try:
        found = codecs.lookup(declared[1].decode("ascii"))
    except LookupError:
        return "utf-8"
    # Codecs such as `zip` or `rot13` are no encodings; UTF-16 would need zero bytes, which are not there.
    if not found._is_text_encoding or found.name.startswith(("utf-16", "utf-32", "idna", "punycode", "unicode", "raw")):
        return "utf-8"
    return {"ascii": "utf-8", "iso8859-1": "cp1252"}.get(found.name, found.name)


class Utf8:
    """Decodes a stream: declared encoding, else UTF-8, and cp1252 for single bytes that are neither."""

    def __init__(self, head: bytes) -> None:
        self.encoding = encoding_of(head)
        self._is_utf8 = self.encoding == "utf-8"
        self._held = b""
        self._decoder = None if self._is_utf8 else codecs.getincrementaldecoder(self.encoding)(errors="replace")

    def feed(self, piece: bytes, *, is_last: bool) -> bytes:
        if self._decoder is not None:
            return self._decoder.decode(piece, is_last).encode("utf-8", "replace")
        data = self._held + piece if self._held else piece
        self._held = b""
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return self._mended(data, is_last=is_last)
        return data

    def _mended(self, data: bytes, *, is_last: bool) -> bytes:
        """Mend `data`, but keep a character cut off at its end for the next piece."""
        cut = len(data)
        if not is_last:
            for back in range(1, min(3, len(data)) + 1):
                byte = data[-back]
                if byte >= 0xC0:
                    if back < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4):
                        cut = len(data) - back
                    break
                if byte < 0x80:
                    break
        data, self._held = data[:cut], data[cut:]
        return _as_utf8(data)


def _as_utf8(data: bytes) -> bytes:
    """UTF-8 with foreign bytes, which are read as cp1252."""
    return data.decode("utf-8", "surrogateescape").translate(_FROM_CP1252).encode("utf-8")


class Cleaner:
    """Turns pieces of a document into pieces a parser takes: legal characters, entities it knows."""

    def __init__(self) -> None:
        self._held = b""
        self._is_in_cdata = False

    def feed(self, piece: bytes, *, is_last: bool) -> bytes:
        data = self._held + piece.translate(_TO_SPACES)
        self._held = b""
        if not is_last:
            mark = _MARKS.search(data, max(0, len(data) - _HOLD))
            start = mark.start() if mark is not None else len(data)
            # half of U+FFFE or U+FFFF
            if data[start - 1 : start] == b"\xef" or data[start - 2 : start] == b"\xef\xbf":
                start -= 1 if data[start - 1 : start] == b"\xef" else 2
            data, self._held = data[:start], data[start:]
        if b"\xef\xbf" in data:
            data = _NONCHARACTERS.sub(b"\xef\xbf\xbd", data)
        if self._is_in_cdata or b"<![CDATA[" in data:
            return b"".join(self._around_cdata(data))
        return _SUSPECT.sub(_entity, data) if b"&" in data else data

    def _around_cdata(self, data: bytes) -> Iterator[bytes]:
        """The same, leaving alone what stands in CDATA sections."""
        start = 0
        while start < len(data):
            mark = b"]]>" if self._is_in_cdata else b"<![CDATA["
            found = data.find(mark, start)
            end = len(data) if found < 0 else found + len(mark)
            yield data[start:end] if self._is_in_cdata else _SUSPECT.sub(_entity, data[start:end])
            start = end
            if found >= 0:
                self._is_in_cdata = not self._is_in_cdata


def _entity(match: re.Match[bytes]) -> bytes:
    """What to put for a suspect `&...`: the character that HTML means by it, or the text itself, made harmless."""
    name, decimal, hexadecimal, end = match.groups()
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        if not end:
            return b"&amp;" + match[0][1:]
        return match[0].replace(b"X", b"x", 1) if _is_legal(code) else "\N{REPLACEMENT CHARACTER}".encode()
    found = html5.get(name.decode("ascii") + ";") if name and end else None
    if found is None:
        return b"&amp;" + match[0][1:]
    return found.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()


def _is_legal(code: int) -> bool:
    """Source: XML 1.0, 2.2."""
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


def cleaned(head: bytes) -> Callable[[bytes, bool], bytes]:
    """A function from pieces (and whether one is the last) to clean UTF-8, for a document that starts with `head`."""
    decode, clean = Utf8(head), Cleaner()
    return lambda piece, is_last: clean.feed(decode.feed(piece, is_last=is_last), is_last=is_last)
