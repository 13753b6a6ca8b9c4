"""Where a request comes from: the client's address, this machine or another, one of our pages or a foreign one."""

import ipaddress
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FORWARDED: Final = (b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via")
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443", "ws": ":80", "wss": ":443"}


def header(scope: Mapping[str, Any], name: bytes) -> str | None:
    """The first header of that name."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1").strip()
    return None


def state(scope: Mapping[str, Any], name: str) -> str:
    """What the front found out about the request; empty when there is no front."""
    return str(scope.get("state", {}).get(name) or "")


def address(scope: Mapping[str, Any]) -> str:
    """The client's IP address: as the front judged it, else the peer's."""
    client = scope.get("client")
    return state(scope, "client_ip") or (str(client[0]) if client else "")


def needs_origin(scope: Mapping[str, Any]) -> bool:
    """Whether a cookie alone is not enough: the method changes something, or a socket opens."""
    return scope["type"] == "websocket" or scope["method"] not in SAFE


def is_ours(scope: Mapping[str, Any], public_url: str | None) -> bool | None:
    """Whether a page of ours asks; None when the request does not say: no browser sent it."""
    origin, site = header(scope, b"origin"), header(scope, b"sec-fetch-site")
    if site is not None and site.lower() == "same-origin":
        return True
    if origin is None:
        return None if site is None else False
    ours = state(scope, "origin") or header(scope, b"host") or ""
    return _same(origin, ours) or (bool(public_url) and _same(origin, public_url or ""))


def _same(origin: str, ours: str) -> bool:
    """Compare scheme, host and port; `ours` without a scheme is a Host header, whose scheme a proxy may have ended."""
    try:
        theirs = urlsplit(origin)
        mine = urlsplit(ours if "://" in ours else f"{theirs.scheme}://{ours}")
    except ValueError:
        return False
    if not theirs.scheme or not theirs.netloc or "@" in theirs.netloc:
        return False
    return mine.scheme == theirs.scheme and _host(mine.netloc, mine.scheme) == _host(theirs.netloc, theirs.scheme)


def _host(netloc: str, scheme: str) -> str:
    return netloc.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ":80"))


def is_direct(scope: Mapping[str, Any]) -> bool:
    """Whether somebody at this very machine asks, through no proxy and from no foreign page.

    A page in that person's browser could reach us too: by a form (then `Origin` is foreign) or after its own name was
    pointed at 127.0.0.1 (then `Host` is that name).
    """
    client = scope.get("client")
    if not client or not _is_loopback(str(client[0])) or not _is_loopback(address(scope)):
        return False
    if any(header(scope, name) is not None for name in FORWARDED):
        return False
    host = _hostname(header(scope, b"host") or "")
    return (host == "localhost" or _is_loopback(host)) and is_ours(scope, None) is not False


def _hostname(netloc: str) -> str:
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(text: str) -> bool:
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback
