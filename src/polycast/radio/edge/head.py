"""The head of a request, from clients that were written before HTTP/1.1 was."""

import base64
import binascii
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from msgspec import Struct

HEAD_MOST: Final = 16 * 1024
FIELDS_MOST: Final = 100
METHODS: Final = (b"GET ", b"PUT ", b"POST ", b"SOURCE ", b"OPTIONS ", b"HEAD ")
ULTRAVOX: Final = 0x5A
LINE_MOST: Final = 255  # of an ICY password line


class Head(Struct, frozen=True, kw_only=True):
    """A request without its body."""

    method: str
    target: str  # path and query, as sent
    path: str  # decoded once
    query: Mapping[str, bytes]  # decoded, names in lower case; the last of each
    raw_query: str
    version: str  # "1.0" or "1.1"
    headers: Mapping[str, str]  # names in lower case

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User and password of Basic."""
        scheme, _, rest = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, colon, password = (
                base64.b64decode(rest.strip(), validate=True).decode("utf-8", "replace").partition(":")
            )
        except (binascii.Error, ValueError):
            return None
        return (user, password) if colon else None

    @property
    def host(self) -> str:
        """What the client called us, if it is a plain host and port."""
        found = self.headers.get("host", "")
        return found if found and all(one.isalnum() or one in ".-:[]_" for one in found) else ""


class BadHead(Exception):
    """Not a request."""


def parse(raw: bytes) -> Head:
    """`raw` up to the empty line, without it. Raises: BadHead."""
    lines = raw.replace(b"\r\n", b"\n").split(b"\n")
    words = lines[0].decode("latin-1").split()
    if len(words) not in (2, 3) or len(lines) > FIELDS_MOST or b"\0" in raw:
        raise BadHead
    version = words[2] if len(words) == 3 else "HTTP/1.0"
    path, _, query = words[1].partition("?")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon:
            raise BadHead
        text = value.strip()
        key = name.strip().decode("latin-1").lower()
        headers[key] = text.decode("utf-8") if _is_utf8(text) else text.decode("latin-1")
    return Head(
        method=words[0].upper(),
        target=words[1],
        path=_path(path),
        query=fields(query),
        raw_query=query,
        version="1.1" if version.endswith("/1.1") else "1.0",
        headers=headers,
    )


def fields(text: str) -> dict[str, bytes]:
    """A query or a form, its values as bytes: whose charset they have is not said here."""
    found: dict[str, bytes] = {}
    for part in text.split("&")[:200]:
        name, _, value = part.partition("=")
        if name:
            found[unquote_to_bytes(name).decode("latin-1").lower()] = unquote_to_bytes(value.replace("+", " "))
    return found


def icy_fields(raw: bytes) -> dict[str, str]:
    """`icy-name:...` lines of a source, names in lower case."""
    found: dict[str, str] = {}
    for line in raw.replace(b"\r\n", b"\n").split(b"\n")[:FIELDS_MOST]:
        name, colon, value = line.partition(b":")
        if colon:
            text = value.strip()
            found[name.strip().decode("latin-1").lower()] = (
                text.decode("utf-8") if _is_utf8(text) else text.decode("windows-1252", "replace")
            )
    return found


def end_of_head(data: bytes | bytearray) -> tuple[int, int] | None:
    """Where the head ends and the body begins; None while it is not whole."""
    crlf, lf = data.find(b"\r\n\r\n"), data.find(b"\n\n")
    if crlf >= 0 and (lf < 0 or crlf < lf):
        return crlf, crlf + 4
    return (lf, lf + 2) if lf >= 0 else None


def _path(raw: str) -> str:
    path = unquote_to_bytes(raw).decode("utf-8", "replace")
    return path if path.startswith("/") or path == "*" else "/" + path


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
