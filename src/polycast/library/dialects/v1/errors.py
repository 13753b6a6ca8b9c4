"""Failures as this API words them: `{"error": ...}`, with `details` where several fields are wrong.

Source: specs/library.md 3.0.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.core.errors import Invalid, NotAllowed, NotSignedIn, PolycastError, Problem, TooMany
from polycast.core.http import BadBody, headers_of, status_of
from polycast.core.module import Spelled
from polycast.library.providers.opensubtitles.client import QuotaUsed
from polycast.library.workflows.service import AlreadyRunning

TEXTS: Final[Mapping[str, str]] = {
    "required": "Required",
    "null": "May not be null",
    "blank": "May not be empty",
    "unknown": "Unknown",
    "max_length": "At most {max} characters",
    "min_length": "At least {min} characters",
    "max_value": "At most {max}",
    "min_value": "At least {min}",
    "not_a_number": "Expected a number",
    "not_an_integer": "Expected an integer",
    "not_a_boolean": "Expected true or false",
    "not_a_string": "Expected text",
    "not_a_choice": "Not one of the allowed values",
    "not_a_list": "Expected a list",
    "not_an_object": "Expected an object",
    "not_a_datetime": "Expected an ISO 8601 time",
    "not_a_date": "Expected a date",
    "max_items": "Too many elements",
    "min_items": "Too few elements",
    "null_characters": "May not hold null characters",
}
BOUNDS: Final = {"limit": ("max", "min"), "max": ("max",), "min": ("min",)}


class BadRequest(PolycastError):
    """A request that this API answers with 400 and a sentence of its own."""

    code = "bad_request"


class ServiceUnavailable(PolycastError):
    """Something that this server was not given: a key, a model. 503, and coming again helps only after set-up."""

    code = "service_unavailable"


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """`error` as clients of this API read it."""
    status = _status(error)
    body: dict[str, Any] = {"error": _words(error)}
    if isinstance(error, Invalid):
        body["details"] = [{"path": one.path, "message": word(one)} for one in error.problems]
    if isinstance(error, AlreadyRunning):
        body["workflowId"] = error.workflow
    if isinstance(error, QuotaUsed):
        body["resetTime"] = error.until.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if reason := getattr(error, "code_for_clients", ""):
        body["code"] = reason
    if request_id := scope.get("state", {}).get("request_id"):
        body["requestId"] = str(request_id)
    headers = headers_of(error)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if status == 503 and "retry-after" not in headers:
        headers["retry-after"] = "30"
    return Spelled(status=status, body=msgspec.json.encode(body), headers=headers)


def _status(error: PolycastError) -> int:
    if isinstance(error, Invalid):
        return 422
    if isinstance(error, BadRequest):
        return 400
    if isinstance(error, ServiceUnavailable) or error.code == "unavailable":
        return 503
    return status_of(error)


def _words(error: PolycastError) -> str:
    if isinstance(error, Invalid):
        return "Validation error"
    if isinstance(error, BadBody):
        return "Invalid JSON" if error.format == "json" else error.reason
    if isinstance(error, NotSignedIn):
        return "Unauthorized"
    if isinstance(error, NotAllowed):
        return error.message if error.reason in {"profile", "fresh", "pin", "screen_time"} else "Forbidden"
    if isinstance(error, TooMany):
        if isinstance(error, QuotaUsed):
            return error.message
        return "Rate limit exceeded"
    words = {"too_large": "Request body too large", "not_found": "Not found", "unknown_path": "Not found"}
    if error.code == "method_not_allowed":
        return "Method not allowed"
    if error.code == "unexpected":
        return "Internal server error"
    return words.get(error.code, error.message)


def word(problem: Problem) -> str:
    """The sentence for one problem."""
    if problem.text:
        return problem.text
    params = dict(problem.params)
    for name, meant in BOUNDS.items():
        if name in params:
            for one in meant:
                params.setdefault(one, params[name])
    try:
        return TEXTS.get(problem.code, "Invalid value").format(**params)
    except KeyError:
        return "Invalid value"
