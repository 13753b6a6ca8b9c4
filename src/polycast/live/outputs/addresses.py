"""Addresses that players are given: always ours, on the origin they asked at."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from polycast.live.outputs.model import Entry

SAFE: Final = "~-._"
_PUBLIC: Final = frozenset({"http", "https"})


def with_query(url: str, pairs: Sequence[tuple[str, str]]) -> str:
    """`url` with those of `pairs` that have a value."""
    query = urlencode([(name, value) for name, value in pairs if value])
    return f"{url}?{query}" if query else url


def segment(text: str) -> str:
    """`text` as one segment of a path."""
    return quote(text, safe=SAFE)


def stream_url(origin: str, entry: Entry) -> str:
    """Where a channel is played without a login."""
    return f"{origin}/proxy/ts/stream/{entry.uuid}"


def logo_url(origin: str, entry: Entry, *, cached: bool = True) -> str:
    """Where its picture is; empty without one. Not `cached`: the address the picture comes from, if that is public."""
    if entry.logo_id is None:
        return ""
    if not cached and is_public(entry.logo_url or ""):
        return entry.logo_url or ""
    return f"{origin}/api/channels/logos/{entry.logo_id}/cache/"


def is_public(url: str) -> bool:
    """Whether this is an address of the web that holds no login."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in _PUBLIC and bool(parts.hostname) and "@" not in parts.netloc


def is_direct(url: str) -> bool:
    """Whether a stream's own address may be handed out: no login in it, nor in its query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    known = parts.scheme in {"http", "https", "rtsp", "rtp", "udp"}
    return known and "***" not in url and (parts.scheme == "udp" or "@" not in parts.netloc)


def query_of(values: Mapping[str, str], names: Sequence[str]) -> list[tuple[str, str]]:
    """Those of `names` that the request gave, in this order."""
    return [(name, values[name]) for name in names if values.get(name)]
