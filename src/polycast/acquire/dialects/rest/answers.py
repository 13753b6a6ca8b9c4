"""JSON answers, with a tag that lets a client ask again cheaply."""

from typing import Any

import msgspec

from polycast.core.http import Request, Response, etag_of, not_modified, validators


def json(value: Any, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(value),
        status_code=status,
        headers={"cache-control": "no-store"},
        media_type="application/json",
    )


def tagged(request: Request, value: Any) -> Response:
    """The same for lists: 304 when the client has it."""
    body = msgspec.json.encode(value)
    tag = etag_of(body)
    known = not_modified(request.scope, etag=tag, cache="private, no-cache")
    if known is not None:
        return known
    return Response(body, headers=validators(etag=tag, cache="private, no-cache"), media_type="application/json")
