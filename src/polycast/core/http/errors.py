"""Failures that only HTTP knows, in the same family as the others, so that one `spell` words them all."""

from collections.abc import Mapping, Sequence
from typing import Final

from polycast.core.errors import Busy, NotFound, PolycastError, Storage

STATUS: Final[Mapping[str, int]] = {
    "invalid": 400,
    "bad_body": 400,
    "bad_path": 400,
    "not_signed_in": 401,
    "not_allowed": 403,
    "not_found": 404,
    "unknown_path": 404,
    "invalid_page": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "gone": 410,
    "too_large": 413,
    "unsupported_media": 415,
    "range_not_satisfiable": 416,
    "too_many": 429,
    "unexpected": 500,
    "not_built": 501,
    "unavailable": 502,
    "busy": 503,
    "starting": 503,
    "storage": 503,
}


class UnknownPath(NotFound):
    """No route of the dialect has this path."""

    code = "unknown_path"

    def __init__(self) -> None:
        super().__init__("This path")


class MethodNotAllowed(PolycastError):
    """The path exists, not with this method."""

    code = "method_not_allowed"

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        super().__init__(f'Method "{method}" not allowed.')
        self.method = method
        self.allowed = tuple(allowed)


class UnsupportedMedia(PolycastError):
    """The body is of a type that the route does not read. `media_type` is what the client said it is."""

    code = "unsupported_media"

    def __init__(self, media_type: str) -> None:
        super().__init__(f'Unsupported media type "{media_type}" in request.')
        self.media_type = media_type


class BadBody(PolycastError):
    """The body, or the request around it, cannot be read at all. `format` is "json", "form" or "http"."""

    code = "bad_body"

    def __init__(self, reason: str, *, form: str = "json") -> None:
        super().__init__(f"{form.upper()} parse error - {reason}" if form != "http" else reason)
        self.reason = reason
        self.format = form


class BadPath(PolycastError):
    """A path that means different things to different readers: dot segments, encoded slashes, NUL."""

    code = "bad_path"

    def __init__(self) -> None:
        super().__init__("This path cannot be used.")


class Starting(Busy):
    """The server is not ready yet, or about to stop."""

    code = "starting"


class Unexpected(PolycastError):
    """A fault of ours. Says nothing about the inside: the log has it under `request_id`."""

    code = "unexpected"

    def __init__(self, request_id: str = "") -> None:
        super().__init__("Something went wrong on our side.")
        self.request_id = request_id


def status_of(error: PolycastError) -> int:
    """The usual status of `error`; a dialect with other habits keeps its own table."""
    if isinstance(error, Storage) and error.reason == "full":
        return 507
    return STATUS.get(error.code, 500)


def headers_of(error: PolycastError) -> dict[str, str]:
    """The headers a failure brings whatever its body looks like: `Allow`, `Retry-After`."""
    if isinstance(error, MethodNotAllowed):
        return {"allow": ", ".join(error.allowed)}
    retry_after = error.retry_after if isinstance(error, Busy | Storage) else None
    return {} if retry_after is None else {"retry-after": str(retry_after)}
