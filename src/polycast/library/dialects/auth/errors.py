"""Failures as better-auth words them, with our own convention's `error` beside."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.core.errors import Invalid, NotAllowed, NotSignedIn, PolycastError
from polycast.core.http import BadBody, headers_of, status_of
from polycast.core.module import Spelled


class Refused(PolycastError):
    """A refusal with better-auth's own code and status."""

    code = "refused"

    def __init__(self, word: str, message: str, *, status: int) -> None:
        super().__init__(message)
        self.word = word
        self.status = status


FIELDS: Final = {
    "password_too_short": ("PASSWORD_TOO_SHORT", "Password too short", 400),
    "min_length": ("PASSWORD_TOO_SHORT", "Password too short", 400),
    "password_too_long": ("PASSWORD_TOO_LONG", "Password too long", 400),
    "unique": ("USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email.", 422),
    "invalid_email": ("INVALID_EMAIL", "Invalid email", 400),
    "password_common": ("PASSWORD_COMPROMISED", "This password is too common", 400),
}


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """`{"code", "message", "error"}`."""
    word, message, status = _told(error)
    headers = headers_of(error)
    if "retry-after" in headers:
        headers["x-retry-after"] = headers["retry-after"]
    body = {"code": word, "message": message, "error": message}
    if isinstance(error, Refused) and word.islower():  # RFC 8628's words stand in `error`
        body = {"code": word, "error": word, "error_description": message, "message": message}
    return Spelled(status=status, body=msgspec.json.encode(body), headers=headers)


def _told(error: PolycastError) -> tuple[str, str, int]:
    if isinstance(error, Refused):
        return error.word, error.message, error.status
    if isinstance(error, Invalid):
        for one in error.problems:
            if one.path in ("password", "email", "newPassword") and one.code in FIELDS:
                return FIELDS[one.code]
        return "VALIDATION_ERROR", f"Invalid {error.problems[0].path or 'body'}", 400
    if isinstance(error, NotSignedIn) and error.reason in ("bad_login", "inactive"):
        return "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password", 401
    if isinstance(error, NotAllowed) and error.reason == "csrf":
        return "INVALID_ORIGIN", "Invalid origin", 403
    if isinstance(error, BadBody):
        return "VALIDATION_ERROR", "Invalid body", 400
    status = status_of(error)
    words = {401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 429: "TOO_MANY_REQUESTS"}
    return words.get(status, error.code.upper()), error.message, status
