"""Failures as Xtream players know them. Source: `specs/live.md` 4.4."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.core.errors import NotAllowed, NotFound, NotSignedIn, PolycastError
from polycast.core.http import headers_of, status_of
from polycast.core.module import Spelled

STREAMS: Final = ("/live/", "/movie/", "/series/", "/timeshift/", "/streaming/")


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """One key, `error`; a wrong login has other words on stream paths."""
    path = str(scope.get("path", ""))
    if isinstance(error, NotSignedIn):
        text = "Unauthorized" if path.endswith(".php") and not path.startswith(STREAMS) else "Invalid credentials"
    elif isinstance(error, NotAllowed):
        text = "Forbidden"
    elif isinstance(error, NotFound):
        text = "Not found"
    else:
        text = error.message
    return Spelled(status=status_of(error), body=msgspec.json.encode({"error": text}), headers=headers_of(error))
