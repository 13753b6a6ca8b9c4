"""Bencode of unknown origin: depth, size and spelling bounded, the raw bytes of a value kept findable."""

from typing import Any, Final

from polycast.core.errors import Invalid

DEPTH: Final = 32
BITS: Final = 63
DIGITS: Final = 20


class BadBencode(Invalid):
    """Bytes that are no bencode."""

    def __init__(self, why: str) -> None:
        super().__init__(Invalid.one("torrent", "bencode", f"This is no torrent: {why}.").problems)


class Decoder:
    """Reads one value. `spans` holds where the values of the outermost dictionary lie."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0
        self.spans: dict[bytes, tuple[int, int]] = {}

    def whole(self) -> Any:
        """The one value that `content` is. Raises: BadBencode."""
        found = self._value(0)
        if self._at != len(self._content):
            raise BadBencode("something follows its end")
        return found

    def _value(self, depth: int) -> Any:
        if depth > DEPTH:
            raise BadBencode("it is nested too deeply")
        letter = self._content[self._at : self._at + 1]
        if letter == b"i":
            return self._integer()
        if letter == b"l":
            return self._list(depth)
        if letter == b"d":
            return self._dictionary(depth)
        if letter.isdigit():
            return self._text()
        raise BadBencode("it ends early or is damaged")

    def _integer(self) -> int:
        end = self._content.find(b"e", self._at, self._at + DIGITS + 3)
        digits = self._content[self._at + 1 : end] if end > 0 else b""
        bare = digits.removeprefix(b"-")
        if not bare.isdigit() or (bare[:1] == b"0" and digits != b"0"):
            raise BadBencode("a number is wrong")
        found = int(digits)
        if found.bit_length() > BITS:
            raise BadBencode("a number is too large")
        self._at = end + 1
        return found

    def _text(self) -> bytes:
        colon = self._content.find(b":", self._at, self._at + DIGITS)
        digits = self._content[self._at : colon] if colon > 0 else b""
        if not digits.isdigit() or (digits[:1] == b"0" and digits != b"0"):
            raise BadBencode("a text is damaged")
        start = colon + 1
        self._at = start + int(digits)
        if self._at > len(self._content):
            raise BadBencode("it ends early")
        return self._content[start : self._at]

    def _list(self, depth: int) -> list[Any]:
        self._at += 1
        found = []
        while self._content[self._at : self._at + 1] != b"e":
            found.append(self._value(depth + 1))
        self._at += 1
        return found

    def _dictionary(self, depth: int) -> dict[bytes, Any]:
        self._at += 1
        found: dict[bytes, Any] = {}
        while self._content[self._at : self._at + 1] != b"e":
            if not self._content[self._at : self._at + 1].isdigit():
                raise BadBencode("a key is no text")
            name = self._text()
            if name in found:
                raise BadBencode("a key is there twice")
            start = self._at
            found[name] = self._value(depth + 1)
            if depth == 0:
                self.spans[name] = (start, self._at)
        self._at += 1
        return found
