"""What the edge says, as Icecast 2.4 and SHOUTcast 1 say it. Source: specs/radio.md 4.1 to 4.4, observed on the wire."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from polycast.radio.edge.metadata import cleaned
from polycast.radio.edge.model import MIME, Manner, MountSpec, Refusal

SERVER: Final = "Icecast 2.4.4"
EXPIRES: Final = "Mon, 26 Jul 1997 05:00:00 GMT"
ALLOW: Final = "GET, HEAD, OPTIONS, SOURCE, PUT"
REASONS: Final = {
    200: "OK",
    204: "No Content",
    302: "Found",
    400: "Bad Request",
    401: "Authentication Required",
    403: "Forbidden",
    404: "File Not Found",
    405: "Method Not Allowed",
    413: "Request Entity Too Large",
    501: "Not Implemented",
}
CORS: Final = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Headers", "Origin, Accept, X-Requested-With, Content-Type, Icy-MetaData, Range"),
    ("Access-Control-Expose-Headers", "icy-metaint, icy-name, icy-br"),
)
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n"
SOURCE_OK: Final = b"HTTP/1.0 200 OK\r\n\r\n"
ICY_OK: Final = b"OK2\r\nicy-caps:11\r\n\r\n"
ICY_WRONG: Final = b"invalid password\r\n"
Fields = Sequence[tuple[str, str]]


def stream_fields(spec: MountSpec, *, metaint: int, audio_info: str) -> list[tuple[str, str]]:
    """What an answer with sound says of it; `metaint` 0 when no titles come along."""
    plain = {
        "icy-br": str(spec.bitrate_kbps),
        "icy-description": spec.description,
        "icy-genre": spec.genre,
        "icy-name": spec.name,
        "icy-pub": "1" if spec.is_public else "0",
        "icy-url": spec.url,
    }
    found = [("Content-Type", MIME[spec.format]), ("Cache-Control", "no-cache, no-store"), ("Expires", EXPIRES)]
    found += [("Pragma", "no-cache"), *CORS]
    found += [(name, cleaned(value)) for name, value in plain.items() if value]
    found.append(("icy-audio-info", audio_info or f"ice-bitrate={spec.bitrate_kbps}"))
    if metaint:
        found += [("icy-metadata", "1"), ("icy-metaint", str(metaint))]
    return found


def stream_head(spec: MountSpec, *, manner: Manner, metaint: int, audio_info: str, now: datetime) -> bytes:
    """The head before endless sound: never a length, never chunks, whatever the client speaks."""
    fields = stream_fields(spec, metaint=metaint, audio_info=audio_info)
    if manner is Manner.SHOUTCAST1:
        lines = [
            "ICY 200 OK",
            "icy-notice1:<BR>This stream requires a player that understands SHOUTcast<BR>",
            "icy-notice2:SHOUTcast DNAS/posix v1.9.8<BR>",
        ]
        keep = {name.lower(): value for name, value in fields}
        lines += [
            f"{name}:{keep[name]}"
            for name in ("icy-name", "icy-genre", "icy-url", "content-type", "icy-pub", "icy-metaint", "icy-br")
            if name in keep
        ]
        return _head(lines)
    lines = ["HTTP/1.0 200 OK", f"Server: {SERVER}", "Connection: Close", f"Date: {_date(now)}"]
    lines += [f"{name}:{value}" if name.startswith("icy-") else f"{name}: {value}" for name, value in fields]
    return _head(lines)


def page(
    status: int,
    body: bytes,
    mime: str,
    *,
    now: datetime,
    more: Fields = (),
    keep: bool = False,
    is_head: bool = False,
) -> bytes:
    """A finished answer. `keep` leaves the connection open."""
    lines = [f"HTTP/1.{1 if keep else 0} {status} {REASONS[status]}", f"Server: {SERVER}", f"Date: {_date(now)}"]
    lines += [f"Connection: {'Keep-Alive' if keep else 'Close'}", f"Content-Type: {mime}"]
    lines += [f"Content-Length: {len(body)}", "Cache-Control: no-cache, no-store", "Pragma: no-cache"]
    lines += [f"Expires: {EXPIRES}", "X-Content-Type-Options: nosniff"]
    lines += [f"{name}: {value}" for name, value in (*CORS, *more)]
    return _head(lines) + (b"" if is_head else body)


def options(*, now: datetime, of_server: bool) -> bytes:
    """`OPTIONS *` asks the server, as libshout does before anything else; of a mount it is a browser."""
    if of_server:
        return page(200, b"", "text/plain", now=now, more=[("Allow", f"{ALLOW}, POST")], keep=True)
    lines = ["HTTP/1.1 204 No Content", f"Server: {SERVER}", f"Date: {_date(now)}", f"Allow: {ALLOW}"]
    lines += [f"Access-Control-Allow-Methods: {ALLOW}", "Connection: Keep-Alive"]
    return _head([*lines, *(f"{name}: {value}" for name, value in CORS)])


def refused(refusal: Refusal, *, now: datetime, is_head: bool = False) -> bytes:
    """As Icecast turns somebody away."""
    more = [("WWW-Authenticate", 'Basic realm="Icecast2 Server"')] if refusal.status == 401 else []
    return page(refusal.status, refusal.text.encode(), "text/plain; charset=utf-8", now=now, more=more, is_head=is_head)


def moved(to: str, *, now: datetime) -> bytes:
    """To another server."""
    return page(302, b"", "text/plain", now=now, more=[("Location", to)])


def _date(now: datetime) -> str:
    return format_datetime(now.astimezone(UTC), usegmt=True)


def _head(lines: Sequence[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")
