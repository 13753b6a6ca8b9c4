"""Answers that a client may already have: `ETag`, `If-None-Match`, `Last-Modified`, `If-Modified-Since`."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from typing import Any, Final

from starlette.responses import Response

from polycast.core.http.bodies import header

_TAG: Final = re.compile(r'(W/)?"([^"]*)"')


def etag_of(*parts: object) -> str:
    """A strong tag from what the answer depends on (ids, versions, times), or from its bytes."""
    digest = blake2b(digest_size=12)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return f'"{digest.hexdigest()}"'


def http_date(at: datetime) -> str:
    """`at` as HTTP writes it, in whole seconds."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def is_known(scope: Mapping[str, Any], *, etag: str | None = None, modified_at: datetime | None = None) -> bool:
    """Whether the client has this version. `If-None-Match` counts alone when it is there. RFC 9110, 13.1."""
    wanted = header(scope, b"if-none-match")
    if wanted is not None:
        if wanted.strip() == "*":
            return etag is not None
        ours = _TAG.fullmatch(etag or "")
        return ours is not None and any(match[2] == ours[2] for match in _TAG.finditer(wanted))
    since = header(scope, b"if-modified-since")
    if since is None or modified_at is None:
        return False
    try:
        seen = parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
    if seen.tzinfo is None:
        seen = seen.replace(tzinfo=UTC)
    return int(modified_at.timestamp()) <= int(seen.timestamp())


def validators(
    *, etag: str | None = None, modified_at: datetime | None = None, cache: str = "no-cache"
) -> dict[str, str]:
    """The headers that let a client ask again cheaply. `cache` is the `Cache-Control`."""
    told = {"cache-control": cache}
    if etag is not None:
        told["etag"] = etag
    if modified_at is not None:
        told["last-modified"] = http_date(modified_at)
    return told


def not_modified(
    scope: Mapping[str, Any], *, etag: str | None = None, modified_at: datetime | None = None, cache: str = "no-cache"
) -> Response | None:
    """The 304 when the client has this version; None when it must be sent. For GET and HEAD only."""
    if scope["method"] not in ("GET", "HEAD") or not is_known(scope, etag=etag, modified_at=modified_at):
        return None
    return Response(status_code=304, headers=validators(etag=etag, modified_at=modified_at, cache=cache))
