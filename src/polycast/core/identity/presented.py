"""What a request shows as proof of who asks: read from its headers, cookies and query, judged elsewhere."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl

from msgspec import Struct

from polycast.core.identity.sessions.model import SessionKind

KEY_HEADERS: Final = (b"x-api-key", b"sc-api-key")  # the second is Streaming.Center's
TOKEN_SCHEMES: Final = frozenset({"bearer", "token", "apikey"})
LONGEST: Final = 4096  # characters of a credential; a longer one is a wrong one
_MOST_COOKIES: Final = 64


class Shape(StrEnum):
    """What kind of text it is."""

    TOKEN = "token"  # noqa: S105 # a word, not a secret
    KEY = "key"
    BASIC = "basic"
    COOKIE = "cookie"


class Presented(Struct, frozen=True, kw_only=True):
    """One credential as it stood in the request."""

    shape: Shape
    text: str
    via: str  # "x-api-key", "bearer", "query", or the name of the cookie
    username: str = ""  # of Basic
    kind: SessionKind | None = None  # of a cookie

    def __repr__(self) -> str:
        return f"Presented(via={self.via!r})"


def explicit(scope: Mapping[str, Any], *, in_query: bool, with_basic: bool) -> Presented | None:
    """The credential that the client chose to send: a key header, `Authorization`, a socket's protocol, the query.

    Without `with_basic` a user name and password are not seen: they are meant for a proxy before us.
    """
    authorization: str | None = None
    protocols = ""
    for name, value in scope["headers"]:
        if name in KEY_HEADERS:
            return Presented(shape=Shape.KEY, text=_text(value), via=name.decode())
        if name == b"authorization":
            authorization = _text(value) if authorization is None else "Bearer"  # two of them are a wrong one
        elif name == b"sec-websocket-protocol" and scope["type"] == "websocket":
            protocols = _text(value)
    found = None if authorization is None else _authorization(authorization, with_basic=with_basic)
    return found or _protocol(protocols) or (_query(scope) if in_query else None)


def cookies(scope: Mapping[str, Any], kinds: Sequence[SessionKind]) -> Iterator[Presented]:
    """Session cookies, in the order of `kinds`: a browser sends all that this origin has ever set."""
    sent: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            for pair in _text(value).split(";")[:_MOST_COOKIES]:
                key, _, text = pair.strip().partition("=")
                sent.setdefault(key, text.strip('"'))
    for kind in kinds:
        for prefix in dict.fromkeys((kind.secure_prefix, "")):
            if cookie := sent.get(f"{prefix}{kind.cookie}"):
                yield Presented(shape=Shape.COOKIE, text=cookie, via=kind.cookie, kind=kind)


def _authorization(value: str, *, with_basic: bool) -> Presented | None:
    scheme, _, rest = value.partition(" ")
    word, text = scheme.lower(), rest.strip()
    if word == "basic":
        return _basic(text) if with_basic else None
    if word == "apikey":
        return Presented(shape=Shape.KEY, text=text, via=word)
    if word in TOKEN_SCHEMES:
        return Presented(shape=Shape.TOKEN, text=text, via=word)
    return None  # Digest, Negotiate and the like are somebody else's


def _basic(text: str) -> Presented:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    try:
        pair = raw.decode()
    except UnicodeDecodeError:
        pair = raw.decode("latin-1")  # RFC 7617 leaves the encoding open; older players write this one
    username, _, password = pair.partition(":")
    return Presented(shape=Shape.BASIC, text=password, via="basic", username=username)


def _protocol(value: str) -> Presented | None:
    """`Sec-WebSocket-Protocol: bearer, <token>`: the one header that a page can choose for a socket."""
    words = [word.strip() for word in value.split(",")]
    if len(words) == 2 and words[0].lower() == "bearer":
        return Presented(shape=Shape.TOKEN, text=words[1], via="protocol")
    return None


def _query(scope: Mapping[str, Any]) -> Presented | None:
    query = scope.get("query_string", b"")
    if b"token=" not in query and b"api_key=" not in query:
        return None
    for name, value in parse_qsl(query.decode("latin-1"), max_num_fields=100):
        if name == "token":
            return Presented(shape=Shape.TOKEN, text=value[:LONGEST], via="query")
        if name == "api_key":
            return Presented(shape=Shape.KEY, text=value[:LONGEST], via="query")
    return None


def _text(value: bytes) -> str:
    return value[:LONGEST].decode("latin-1").strip()
