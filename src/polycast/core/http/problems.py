"""Failures as RFC 9457 problem details, every field always there: the spelling of our own dialects and of the front."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct

import polycast.core.module as house  # by name, as it is only half there when it is the first to be imported
from polycast.core.errors import Invalid, NotSignedIn, PolycastError
from polycast.core.http.errors import headers_of, status_of


class FieldProblem(Struct, frozen=True, kw_only=True):
    """One field that breaks a rule."""

    path: str
    code: str
    text: str
    params: dict[str, str | int | float]


class ProblemDetails(Struct, frozen=True, kw_only=True):
    """Why a request was refused."""

    type: str  # "polycast:<code>", with "/<reason>" where the code has several
    title: str
    status: int
    detail: str  # for a person
    code: str
    request_id: str
    problems: list[FieldProblem]


def field_problems(error: PolycastError) -> list[FieldProblem]:
    """What is wrong field by field; empty when `error` is not about input."""
    if not isinstance(error, Invalid):
        return []
    return [
        FieldProblem(path=one.path, code=one.code, text=one.text or one.code, params=dict(one.params))
        for one in error.problems
    ]


def problem_details(error: PolycastError, scope: Mapping[str, Any]) -> "house.Spelled":
    """`error` as RFC 9457 words it."""
    status = status_of(error)
    reason = getattr(error, "reason", None)
    body = ProblemDetails(
        type=f"polycast:{error.code}/{reason}" if isinstance(reason, str) else f"polycast:{error.code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=error.message,
        code=error.code,
        request_id=str(scope.get("state", {}).get("request_id", "")),
        problems=field_problems(error),
    )
    headers = headers_of(error) | {"cache-control": "no-store"}
    if isinstance(error, NotSignedIn):
        headers["www-authenticate"] = 'Bearer realm="api"'
    return house.Spelled(
        status=status, body=msgspec.json.encode(body), content_type="application/problem+json", headers=headers
    )
