"""Failures as a network tuner tells them: a header with a number beside the usual body."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.core.errors import Busy, NotAllowed, NotFound, PolycastError, Unavailable
from polycast.core.http import headers_of, status_of
from polycast.core.module import Spelled

ERROR: Final = "x-hdhomerun-error"


def spell(error: PolycastError, scope: Mapping[str, Any]) -> Spelled:
    """One key, `error`. Source: `specs/live.md` 4.5; numbers as the devices' HTTP documentation has them."""
    headers = headers_of(error)
    text = error.message
    is_tuning = str(scope.get("path", "")).startswith(("/auto/", "/tuner"))
    if isinstance(error, NotAllowed):
        text = "Forbidden"
    elif isinstance(error, NotFound):
        text = "Not found"
        if is_tuning:
            headers[ERROR] = "801 Unknown Channel"
    elif isinstance(error, Busy) and is_tuning:
        headers[ERROR] = "805 All Tuners In Use"
        return Spelled(status=503, body=msgspec.json.encode({"error": text}), headers=headers)
    elif isinstance(error, Unavailable) and is_tuning:
        headers[ERROR] = "807 No Video Data"
    return Spelled(status=status_of(error), body=msgspec.json.encode({"error": text}), headers=headers)
