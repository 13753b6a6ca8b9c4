"""Failures as Django REST framework words them. Clients match on these texts.

Source: `specs/live.md` 3.0.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, PolycastError, Problem
from polycast.core.http import InvalidPage, headers_of, status_of
from polycast.core.module import Spelled

TEXTS: Final[Mapping[str, str]] = {
    "required": "This field is required.",
    "null": "This field may not be null.",
    "blank": "This field may not be blank.",
    "max_length": "Ensure this field has no more than {limit} characters.",
    "min_length": "Ensure this field has at least {limit} characters.",
    "max_value": "Ensure this value is less than or equal to {limit}.",
    "min_value": "Ensure this value is greater than or equal to {limit}.",
    "not_a_number": "A valid number is required.",
    "not_an_integer": "A valid integer is required.",
    "not_a_boolean": "Must be a valid boolean.",
    "not_a_string": "Not a valid string.",
    "not_a_choice": '"{value}" is not a valid choice.',
    "not_a_list": 'Expected a list of items but got type "{type}".',
    "not_an_object": "Invalid data. Expected a dictionary, but got {type}.",
    "not_a_datetime": (
        "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
    ),
    "not_a_date": "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.",
    "not_a_time": "Time has wrong format. Use one of these formats instead: hh:mm[:ss[.uuuuuu]].",
    "not_a_uuid": "Must be a valid UUID.",
    "does_not_exist": 'Invalid pk "{value}" - object does not exist.',
    "unique": "{model} with this {field} already exists.",
    "max_items": "Ensure this field has no more than {limit} elements.",
    "min_items": "Ensure this field has at least {limit} elements.",
    "null_characters": "Null characters are not allowed.",
    "not_a_file": "The submitted data was not a file. Check the encoding type on the form.",
    "invalid_email": "Enter a valid email address.",
    "password_too_short": "Ensure this field has at least {limit} characters.",
    "password_too_long": "Ensure this field has no more than {limit} characters.",
    "password_common": "This password is too common.",
}
LIMITS: Final = ("limit", "max", "min")  # what rooms call the bound of a rule
MODEL_OF_FIELD: Final[Mapping[str, str]] = {"username": "user", "email": "user"}  # unique in another room
SIGNED_OUT: Final[Mapping[str, Mapping[str, Any]]] = {
    "missing": {"detail": "Authentication credentials were not provided."},
    "bad_token": {
        "detail": "Given token not valid for any token type",
        "code": "token_not_valid",
        "messages": [
            {"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"},
        ],
    },
    "bad_refresh": {"detail": "Token is invalid or expired", "code": "token_not_valid"},
    "bad_key": {"detail": "Invalid API key"},
    "bad_login": {"detail": "No active account found with the given credentials"},
    "inactive": {"detail": "No active account found with the given credentials"},
}
NOT_ALLOWED: Final = "You do not have permission to perform this action."
REFRESH: Final = "/api/accounts/token/refresh/"  # its token is another than the one requests carry
WITHOUT_REASON: Final = frozenset({"scope", "kind", "network"})


class Refused(PolycastError):
    """A refusal that the original words as `{"error": ...}`; `status` is part of its contract."""

    code = "refused"

    def __init__(self, message: str, *, status: int = 400, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.extra = dict(extra or {})


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """Messages by field for bad input, `detail` for the rest."""
    status = _status(error)
    headers = headers_of(error)
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="api"'
    return Spelled(status=status, body=msgspec.json.encode(_body(error, scope.get("state", {}))), headers=headers)


def _status(error: PolycastError) -> int:
    if isinstance(error, Refused):
        return error.status
    if isinstance(error, Conflict) and error.reason == "locked":
        return 400
    return status_of(error)


def _body(error: PolycastError, state: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(error, Refused):
        return {"error": error.message, **error.extra}
    if isinstance(error, Invalid):
        return by_field(error)
    if isinstance(error, NotSignedIn):
        reason = "bad_refresh" if state.get("route") == REFRESH else error.reason
        return SIGNED_OUT.get(reason, SIGNED_OUT["missing"])
    if isinstance(error, InvalidPage):
        return {"detail": "Invalid page."}
    if isinstance(error, NotFound):
        return {"detail": "Not found."}
    if isinstance(error, NotAllowed) and error.reason == "code":  # of the first run
        return {"error": error.message, "client_ip": state.get("client_ip", ""), "setup_allowed": False}
    if isinstance(error, NotAllowed):
        return {"detail": NOT_ALLOWED if error.reason in WITHOUT_REASON else error.message}
    return {"detail": error.message}


def by_field(error: Invalid) -> dict[str, Any]:
    """`{"name": ["..."]}`; problems of nested fields stand under their outermost one, those of the whole apart."""
    fields: dict[str, Any] = {}
    for problem in error.problems:
        name = problem.path.partition(".")[0] or "non_field_errors"
        fields.setdefault(name, []).append(word(problem))
    return fields


def word(problem: Problem) -> str:
    """The sentence for one problem: ours when the original has none."""
    text = TEXTS.get(problem.code)
    if text is None:
        return problem.text or "Invalid value."
    try:
        return text.format(**_parameters(problem))
    except KeyError:
        return problem.text or "Invalid value."


def _parameters(problem: Problem) -> dict[str, str | int | float]:
    found: dict[str, str | int | float] = {}
    if (model := MODEL_OF_FIELD.get(problem.path)) is not None:
        found |= {"model": model, "field": problem.path}
    found |= problem.params
    if "pk" in found:
        found["value"] = found["pk"]
    bounds = [problem.params[name] for name in LIMITS if name in problem.params]
    if bounds:
        found["limit"] = bounds[0]
    return found
