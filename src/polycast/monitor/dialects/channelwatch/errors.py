"""Failures as ChannelWatch words them: `{"detail": {"code", "message", "remediation", "docs_url"}}`.

Source: specs/monitor.md 3.1.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.core.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PolycastError,
    Problem,
    Storage,
    TooLarge,
    TooMany,
)
from polycast.core.http import BadBody, MethodNotAllowed, UnknownPath, headers_of, status_of
from polycast.core.module import Spelled
from polycast.monitor.servers.targets import BadTarget

AUTH: Final = "/api/v1/auth/"
RATE: Final = "Rate limit exceeded."  # the front's own words; all other TooMany are failed sign-ins
SIGN_IN_FIRST: Final = "Sign in, or send a valid X-API-Key."
IN_QUERY: Final = frozenset(
    [
        "offset",
        "limit",
        "hours",
        "since",
        "until",
        "minimum_minutes",
        "days",
        "start_hour",
        "end_hour",
        "weekdays",
        "lines",
        "step",
        "group_by",
        "metric",
        "from_at",
        "to_at",
        "cursor",
        "is_test",
        "sort",
        "Last-Event-ID",
        "If-Match",
    ]
)
CONFLICTS: Final[Mapping[str, tuple[str, int]]] = {
    "deleted": ("DVR_ALREADY_DELETED", 409),
    "not_deleted": ("DVR_NOT_DELETED", 409),
    "exists": ("AUTH_ADMIN_EXISTS", 409),
    "last_owner": ("AUTH_CREDENTIALS_CONFLICT", 409),
    "revision": ("SETTINGS_CONFLICT", 409),
}
REFUSALS: Final[Mapping[str, str]] = {
    "csrf": "AUTH_CSRF_INVALID",
    "csrf_token": "AUTH_CSRF_INVALID",
    "cross_site": "AUTH_CROSS_SITE_REJECTED",
}


class Refused(PolycastError):
    """A failure that has a code of its own here; `word` without its `ERR_`."""

    code = "refused"

    def __init__(self, word: str, status: int, message: str, *, remediation: str = "") -> None:
        super().__init__(message)
        self.word = word
        self.status = status
        self.remediation = remediation


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """One shape for all, but for validation, which lists what is wrong."""
    route = str(scope.get("state", {}).get("route", ""))
    if not route.startswith("/"):  # the front refuses before there is one
        route = str(scope.get("path", ""))
    status, body = _told(error, route)
    return Spelled(status=status, body=msgspec.json.encode({"detail": body}), headers=headers_of(error))


def _told(error: PolycastError, route: str) -> tuple[int, Any]:
    if isinstance(error, Refused):
        return error.status, _detail(error.word, error.message, error.remediation)
    if isinstance(error, Invalid):
        return 422, [_problem(one) for one in error.problems]
    if isinstance(error, BadBody):
        return 422, [{"loc": ["body"], "msg": error.reason, "type": "json_invalid"}]
    if isinstance(error, BadTarget):
        return 400, _detail("DVR_TEST_TARGET_REJECTED", error.message, "Use the address of a DVR in your own network.")
    if isinstance(error, NotSignedIn | NotAllowed):
        return _refusal(error, route)
    if isinstance(error, MethodNotAllowed):
        return 405, "Method Not Allowed"
    if isinstance(error, NotFound):
        return _missing(error)
    if isinstance(error, TooLarge):
        return _too_large(error, route)
    return _state(error, route)


def _refusal(error: NotSignedIn | NotAllowed, route: str) -> tuple[int, Any]:
    if isinstance(error, NotAllowed):
        word = REFUSALS.get(error.reason, "AUTH_FORBIDDEN")
        return 403, _detail(word, error.message, "")
    if error.reason in ("bad_key", "no_key"):
        return 401, _detail("AUTH_INVALID_KEY", "Invalid or missing API key", SIGN_IN_FIRST)
    if error.reason in ("bad_login", "inactive"):
        return 401, _detail("AUTH_CREDENTIALS_INVALID", "Invalid username or password", "")
    remediation = "Finish the setup first." if error.reason == "setup" else SIGN_IN_FIRST
    return 401, _detail("AUTH_UNAUTHENTICATED", "Authentication required", remediation)


def _missing(error: NotFound) -> tuple[int, Any]:
    if isinstance(error, UnknownPath):
        return 404, "Not Found"
    if error.what.startswith("DVR '"):
        return 404, _detail("DVR_NOT_FOUND", f"{error.what} not found", "GET /api/v1/dvrs lists the configured DVRs.")
    return 404, _detail("NOT_FOUND", error.message, "")


def _too_large(error: TooLarge, route: str) -> tuple[int, Any]:
    if route.startswith("/api/v1/support/"):
        return 413, _detail("SUPPORT_REPORT_REQUEST_TOO_LARGE", error.message, "Send a shorter description.")
    if route.startswith("/api/v1/backup/"):
        return 400, _detail("RESTORE_INVALID_ZIP", error.message, "")
    return 413, _detail("TOO_LARGE", error.message, "")


def _state(error: PolycastError, route: str) -> tuple[int, Any]:
    if isinstance(error, TooMany):
        is_rate = error.message == RATE
        word = "RATE_LIMIT_EXCEEDED" if is_rate or not route.startswith(AUTH) else "AUTH_TOO_MANY_ATTEMPTS"
        return 429, _detail(word, error.message, "Wait as long as Retry-After says.")
    if isinstance(error, Conflict):
        word, status = CONFLICTS.get(error.reason, ("CONFLICT", 409))
        return status, _detail(word, error.message, "")
    if isinstance(error, Storage):
        return _storage(error, route)
    status = status_of(error)
    word = "DVR_CONNECTION_FAILED" if status == 502 else "INTERNAL_ERROR" if status == 500 else error.code.upper()
    return status, _detail(word, error.message, "")


def _storage(error: Storage, route: str) -> tuple[int, Any]:
    if route == "/api/settings":
        return 500, _detail("SETTINGS_SAVE_FAILED", error.message, "")
    if route.startswith(AUTH):
        return 503, _detail("AUTH_DB_UNAVAILABLE", error.message, "")
    if "activity" in route or "history" in route:
        return 503, _detail("ACTIVITY_DB_UNAVAILABLE", error.message, "")
    return status_of(error), _detail("INTERNAL_ERROR", error.message, "")


def _detail(word: str, message: str, remediation: str) -> dict[str, Any]:
    return {"code": f"ERR_{word}", "message": message, "remediation": remediation or None, "docs_url": None}


def _problem(one: Problem) -> dict[str, Any]:
    parts: list[str | int] = [int(part) if part.isdecimal() else part for part in one.path.split(".") if part]
    place = "query" if parts and parts[0] in IN_QUERY else "body"
    return {"loc": [place, *parts], "msg": one.text or one.code.replace("_", " ").capitalize(), "type": one.code}
