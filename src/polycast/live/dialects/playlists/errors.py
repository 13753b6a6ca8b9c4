"""Failures as the original's output views word them."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.core.errors import NotAllowed, NotFound, PolycastError
from polycast.core.http import headers_of, status_of
from polycast.core.module import Spelled

FORBIDDEN: Final = {"error": "Forbidden"}


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """One key, `error`. Source: `specs/live.md` 3.15."""
    body: Mapping[str, str] = {"error": error.message}
    if isinstance(error, NotAllowed):
        body = FORBIDDEN
    elif isinstance(error, NotFound):
        body = {"error": "Not found"}
    return Spelled(status=status_of(error), body=msgspec.json.encode(body), headers=headers_of(error))
