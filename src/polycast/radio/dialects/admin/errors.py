"""Failures as Streaming.Center words them: stable codes by field for bad input, `detail` for the rest.

Source: `specs/radio.md` 3.1, 3.8.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.core.errors import Invalid, NotAllowed, NotFound, NotSignedIn, PolycastError, Problem
from polycast.core.http import headers_of, status_of
from polycast.core.module import Spelled
from polycast.radio.billing.service import Refusal

WORDS: Final[Mapping[str, str]] = {
    "not_an_integer": "invalid",
    "not_a_number": "invalid",
    "not_a_boolean": "invalid",
    "not_a_string": "invalid",
    "not_a_list": "invalid",
    "not_an_object": "invalid",
    "not_a_choice": "invalid_choice",
    "not_a_file": "invalid",
    "null_characters": "invalid",
    "invalid_email": "invalid",
    "reserved": "invalid",
    "pattern": "invalid",
    "password_too_short": "too_short",
    "password_too_long": "too_long",
    "same_as_device": "invalid",
}
SIGNED_OUT: Final[Mapping[str, str]] = {
    "missing": "Authentication credentials were not provided.",
    "bad_token": "Invalid token.",
    "bad_key": "Invalid token.",
    "inactive": "User inactive or deleted.",
}
NOT_ALLOWED: Final = "You do not have permission to perform this action."
TOLD: Final = frozenset({"account_suspended", "feature_disabled", "csrf", "fresh"})
REMOTE: Final = "/api/v1/remote_"


class Plain(PolycastError):
    """An answer whose body and status are part of the contract."""

    code = "plain"

    def __init__(self, body: Mapping[str, Any], *, status: int = 400) -> None:
        super().__init__("refused")
        self.body = dict(body)
        self.status = status


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """A failure in the shapes of this API."""
    headers = headers_of(error)
    if isinstance(error, Plain):
        return Spelled(status=error.status, body=msgspec.json.encode(error.body), headers=headers)
    if isinstance(error, Refusal):
        return Spelled(status=400, body=msgspec.json.encode({"error": error.message}), headers=headers)
    status = status_of(error)
    if status == 401:
        headers["www-authenticate"] = "Token"
    body = _body(error)
    if str(scope.get("path", "")).startswith(REMOTE) and isinstance(error, Invalid):
        body = {"error": "invalid_params"}
    return Spelled(status=status, body=msgspec.json.encode(body), headers=headers)


def _body(error: PolycastError) -> Mapping[str, Any]:
    if isinstance(error, Invalid):
        return by_field(error)
    if isinstance(error, NotSignedIn):
        return {"detail": SIGNED_OUT.get(error.reason, SIGNED_OUT["missing"])}
    if isinstance(error, NotAllowed):
        return {"detail": error.message if error.reason in TOLD else NOT_ALLOWED}
    if isinstance(error, NotFound):
        return {"detail": "Not found."}
    return {"detail": error.message}


def by_field(error: Invalid) -> dict[str, list[str]]:
    """`{"username": ["unique"]}`."""
    fields: dict[str, list[str]] = {}
    for problem in error.problems:
        codes = fields.setdefault(problem.path.partition(".")[0] or "non_field_errors", [])
        if (word := word_of(problem)) not in codes:
            codes.append(word)
    return fields


def word_of(problem: Problem) -> str:
    """The code of one problem as this API's clients know it."""
    return WORDS.get(problem.code, problem.code)
